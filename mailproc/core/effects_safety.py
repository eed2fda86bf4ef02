"""Effects of undoing, and of mails that wait for their agent's word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class UndoAction:
    """Put back what a mail of this agent changed, and take its letters back as far as they have not left."""

    action: int
    agent: str


@dataclass(frozen=True, slots=True)
class HoldForAgent:
    """Keep the mail at hand until its agent says what becomes of it. `asks`: whether it was theirs, in a letter now."""

    agent: str
    note: bool
    until: datetime
    asks: bool
    side: int | None = None  # it is for a third party
    because: str = ""  # of HeldBecause; empty: nothing proves that it is theirs


@dataclass(frozen=True, slots=True)
class Confirm:
    """The agent has said what becomes of the held mail: it is settled, and never carried out again."""

    inbound_id: int
    agent: str
    word: str = "was theirs"  # what they said about it
