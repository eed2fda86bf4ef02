"""Effects between two tickets: merged, split off, linked."""

from __future__ import annotations

from dataclasses import dataclass

from mailproc.core.facts import TicketView


@dataclass(frozen=True, slots=True)
class MergeInto:
    """The ticket lives on in another: what comes to it goes there."""

    ticket: TicketView
    actor: str


@dataclass(frozen=True, slots=True)
class SplitOff:
    """A message begins a ticket of its own, linked with the old one; the effects after it are about the new one."""

    ticket: TicketView  # as it begins, with no number yet
    message: int  # that is copied to it
    actor: str


@dataclass(frozen=True, slots=True)
class LinkWith:
    other: int
    actor: str


@dataclass(frozen=True, slots=True)
class Unlink:
    others: tuple[int, ...]
    actor: str
