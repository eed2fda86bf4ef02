"""Effects of undoing, and of mails that wait for their agent's word."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UndoAction:
    """Put back what a mail of this agent changed, and take its letters back as far as they have not left."""

    action: int
    agent: str
