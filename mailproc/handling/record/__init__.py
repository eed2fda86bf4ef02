"""Apply a decision: every row it causes, in the caller's one transaction."""

from mailproc.handling.record.recorder import Recorder, keep_written
from mailproc.handling.record.work import Carried, Cause, Outdated

__all__ = ["Carried", "Cause", "Outdated", "Recorder", "keep_written"]
