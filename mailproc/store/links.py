"""Tickets that have to do with each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailproc.store.models import TicketLink
from mailproc.store.statements import fetched


async def put(one: int, other: int, now: datetime) -> None:
    """Written once, whichever of the two it is said of."""
    low, high = sorted((one, other))
    await TicketLink.bulk_create([TicketLink(ticket_id=low, other_id=high, linked_at=now)], ignore_conflicts=True)


async def remove(one: int, other: int) -> None:
    low, high = sorted((one, other))
    await TicketLink.filter(ticket_id=low, other_id=high).delete()


async def of_ticket(number: int) -> list[int]:
    """The tickets linked with this one, in order of their numbers."""
    later = await TicketLink.filter(ticket_id=number).values_list("other_id")
    earlier = await TicketLink.filter(other_id=number).values_list("ticket_id")
    return sorted(other for (other,) in (*earlier, *later))


@dataclass(frozen=True, slots=True)
class Linked:
    """A ticket that has to do with another one."""

    number: int
    subject: str
    status: str
    restricted: bool


_LINKED = """SELECT t."id", t."subject", t."status", t."restricted" FROM "ticket_link" l JOIN "ticket" t ON t."id" = l."{}"
    WHERE l."{}" = ?"""
_EITHER_WAY = (_LINKED.format("other_id", "ticket_id"), _LINKED.format("ticket_id", "other_id"))


async def linked(number: int, most: int) -> list[Linked]:
    """Those linked with this one as they stand, newest first."""
    rows = [row for text in _EITHER_WAY for row in await fetched(text, number)]
    found = (Linked(id_, subject, status, bool(restricted)) for id_, subject, status, restricted in rows)
    return sorted(found, key=lambda each: -each.number)[:most]
