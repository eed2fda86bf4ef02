"""Decisions as plain functions over plain values: no await, no clock, no log, no database."""
