"""The door mail comes in by: IMAP to spool."""
