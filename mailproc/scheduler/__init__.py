"""The door time comes in by: due rows to decisions."""
