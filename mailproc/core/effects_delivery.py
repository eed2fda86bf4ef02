"""Effects of what is heard of an address: that mail does not arrive there, or that somebody is there after all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MarkUndelivered:
    """A report said for good that this mail of ours did not arrive."""

    outbox_id: int
    words: str


@dataclass(frozen=True, slots=True)
class Suppress:
    """Nobody is reached at this address: no automatic letter goes there for a while."""

    address: str
    until: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Unsuppress:
    """Somebody is there: they have written, and it is proven."""

    address: str
