"""What happened, in order, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailproc.store.models import HistoryEntry
from mailproc.store.statements import listed, marks, repeated


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a ticket's history, or of a mail that has no ticket."""

    at: datetime
    kind: str  # mail, status, owner, sent, rated, ...
    actor: str
    text: str
    reason: str = ""
    ticket: int | None = None
    inbound: int | None = None
    outbox: int | None = None


_FIELDS = ("at", "kind", "actor", "text", "reason", "ticket_id", "inbound_id", "outbox_id")  # in the order of Entry's
_APPEND = f'INSERT INTO "history_entry" ({listed(_FIELDS)}) VALUES ({marks(len(_FIELDS))})'  # noqa: S608 - nothing but names


async def append(entries: Sequence[Entry]) -> None:
    """Write entries, inside the caller's transaction."""
    rows = (
        (each.at, each.kind, each.actor[:320], each.text, each.reason[:64], each.ticket, each.inbound, each.outbox)
        for each in entries
    )
    if entries:
        await repeated(_APPEND, rows)


async def of_ticket(number: int) -> list[Entry]:
    """A ticket's history, oldest first."""
    rows = await HistoryEntry.filter(ticket_id=number).order_by("id").values_list(*_FIELDS)
    return [Entry(*row) for row in rows]


async def of_inbound(id_: int) -> list[Entry]:
    """All that a received mail caused, oldest first."""
    rows = await HistoryEntry.filter(inbound_id=id_).order_by("id").values_list(*_FIELDS)
    return [Entry(*row) for row in rows]


async def after(id_: int) -> list[tuple[int, Entry]]:
    """All entries since one, oldest first, with their numbers."""
    rows = await HistoryEntry.filter(id__gt=id_).order_by("id").values_list("id", *_FIELDS)
    return [(row[0], Entry(*row[1:])) for row in rows]


async def latest(number: int, limit: int) -> list[Entry]:
    """The end of a ticket's history, oldest first."""
    rows = await HistoryEntry.filter(ticket_id=number).order_by("-id").limit(limit).values_list(*_FIELDS)
    return [Entry(*row) for row in reversed(rows)]
