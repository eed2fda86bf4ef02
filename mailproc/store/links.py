"""Tickets that have to do with each other."""

from __future__ import annotations

from datetime import datetime

from mailproc.store.models import TicketLink


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
