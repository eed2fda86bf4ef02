"""Bytes to values and back: hostile mail in, correct mail out."""
