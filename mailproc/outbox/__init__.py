"""The door mail goes out by: rows to SMTP."""
