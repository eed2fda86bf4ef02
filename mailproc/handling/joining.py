"""The tickets that a mail belongs to though none of its keys names them: they wait for it, or for what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mailproc.core.facts import Half, Match, MatchedBy, Role, TicketView
from mailproc.core.joining import lives_on, may_be_one
from mailproc.core.lifecycle import Status
from mailproc.core.message import Message
from mailproc.handling.named import customer_knows
from mailproc.store import tickets

_MOST_WAITING = 5  # tickets looked at that wait for the same mail


async def open_to(numbers: Sequence[int], message: Message, person: int) -> list[TicketView]:
    """Of tickets a mail may belong to, though no key of it names one: those that are its sender's.

    That is the customer, and those in copy whose mail went to the customer too: nobody gets into a conversation by
    referring to it.
    """
    found: dict[int, TicketView] = {}
    for number in numbers[:_MOST_WAITING]:
        ticket = await tickets.living(number)
        if ticket is not None and ticket.status is not Status.CLOSED and _takes_part(ticket, message, person):
            found[ticket.number] = ticket
    return list(found.values())


def _takes_part(ticket: TicketView, message: Message, person: int) -> bool:
    role = ticket.role_of(person)
    addressed = {address.key for address in (*message.to, *message.cc)}
    return role is Role.CUSTOMER or (role is Role.COPIED and ticket.customer.address.casefold() in addressed)


async def halves(match: Match, message: Message, person: int | None) -> tuple[Match, tuple[Half, ...]]:
    """The ticket that a mail's conversation lives on in, and the other ones that it turns out to be too."""
    here = match.ticket
    if here is None or person is None or not _takes_part(here, message, person):
        return match, ()
    awaited = (message.message_id, *(message.refers_to if match.by is MatchedBy.AWAITED else ()))
    others = await open_to(await tickets.awaiting(awaited), message, person)
    others = [other for other in others if other.number != here.number and may_be_one(here, other)]
    if not others:
        return match, ()
    # A token of ours names a ticket, whatever else is known.
    lives = here if match.token is not None or here.status is Status.CLOSED else lives_on((here, *others))
    rest = [each for each in (here, *others) if each is not lives]
    return replace(match, ticket=lives), tuple([Half(each, await customer_knows(each)) for each in rest])
