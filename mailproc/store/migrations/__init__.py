"""Forward-only SQL, per dialect."""
