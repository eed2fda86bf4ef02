"""mailproc: a help desk that lives in the mail client."""

__version__ = "0.1.0"
