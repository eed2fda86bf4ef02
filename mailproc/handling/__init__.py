"""Gather facts, call the core, record what it decided."""
