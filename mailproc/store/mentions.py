"""What a conversation holds already: what was said since a moment, which addresses were named, whose tickets there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from mailproc.core.facts import SaidSince
from mailproc.store.models import HistoryEntry, Ticket, TicketMessage

_HEARD = ("customer", "copied", "answer")
_MOST = 5
_EXCERPT = 1500  # characters of each


async def said_after(tickets: Sequence[int], moment: datetime, but: str) -> tuple[SaidSince, ...]:
    """What customers and agents said on these tickets after that, but for one agent; oldest first."""
    query = TicketMessage.filter(ticket_id__in=tickets, created_at__gt=moment, kind__in=_HEARD, private=False)
    names = ("kind", "author", "author_name", "created_at", "text")
    rows = await query.exclude(author=but).order_by("-id").limit(_MOST).values_list(*names)
    return tuple(
        SaidSince(kind == "answer", author, name or author, at, text[:_EXCERPT])
        for kind, author, name, at, text in reversed(rows)
    )


async def turned_over(tickets: Sequence[int], moment: datetime, but: str) -> str:
    """Whose these tickets were before somebody, but for one agent, gave them to another customer after that."""
    query = HistoryEntry.filter(ticket_id__in=tickets, at__gt=moment, kind="customer", text__contains=" -> ")
    texts = await query.exclude(actor=but).order_by("id").limit(1).values_list("text")
    return texts[0][0].partition(" -> ")[0] if texts else ""


async def named(ticket: int, addresses: Iterable[str]) -> frozenset[str]:
    """Those of the addresses that somebody has named on the ticket, where the customer reads it."""
    said = TicketMessage.filter(ticket_id=ticket, private=False)
    return frozenset([each for each in addresses if await said.filter(full_text__icontains=each).exists()])


async def of_others(numbers: Sequence[int], customer: int) -> frozenset[int]:
    """Those of the tickets that there are, and that are not this customer's."""
    if not numbers:
        return frozenset()
    return frozenset(
        [id_ for (id_,) in await Ticket.filter(id__in=numbers).exclude(customer_id=customer).values_list("id")]
    )
