"""The demo: the real daemon on servers that exist only while it runs, and people who write to it."""
