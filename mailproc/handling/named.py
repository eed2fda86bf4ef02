"""What an agent's commands speak of: other tickets, and the message that is to begin one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mailproc.core import commands
from mailproc.core.commands import Command
from mailproc.core.commands.values import FillIn, HandOff, Link, Merge, Mute, Split
from mailproc.core.facts import Match, Named, TicketView
from mailproc.core.message import Attachment, Message
from mailproc.core.policy import Agent
from mailproc.handling.correspondence import inbound_of_key
from mailproc.render.canned import Canned
from mailproc.store import inbound, outbox, tickets
from mailproc.store.outbox import OutboxState

_MOST_BYTES = 10_000_000  # of a customer's mails that are handed to another team
_MOST_LETTERS = 50  # looked at for one that the customer got


async def living(match: Match) -> Match:
    """Whatever reaches a ticket that was merged belongs to the one it lives on in."""
    was = match.ticket
    if was is None or was.merged_into is None:
        return match
    return replace(match, ticket=await tickets.living(was.merged_into), was=was)


async def looked_up(canned: Canned, agent: Agent | None, texts: Iterable[str], match: Match, message: Message) -> Named:
    """Looked up before the decision, by the words it will be about; `message` is the one at hand."""
    ticket = match.ticket
    if ticket is None or match.token is None or agent is None:
        return Named()
    given = [command for words in texts for command in commands.read(words).commands]
    numbers = {number for command in given if (number := _other(command)) is not None}
    merges = any(isinstance(command, Merge) for command in given)
    splits = any(isinstance(command, Split) for command in given)
    return Named(
        {number: found for number in numbers if (found := await tickets.living(number)) is not None},
        merges and await customer_knows(ticket),
        await _split_off(ticket, message) if splits else None,
        *_canned(canned, agent, ticket, tuple(each.name for each in given if isinstance(each, FillIn))),
        await _mails(ticket) if any(isinstance(each, HandOff) for each in given) else (),
    )


def _other(command: Command) -> int | None:
    """The number of another ticket that a command names."""
    match command:
        case Merge(into=number) | Link(other=number) | Mute(ticket=number):
            return number
        case _:
            return None


async def _mails(ticket: TicketView) -> tuple[Attachment, ...]:
    """What the customer wrote, as it came, oldest first; of what is too much the oldest are left out."""
    found: list[Attachment] = []
    left = _MOST_BYTES
    for _, number in await tickets.said_by_customer(ticket.number):
        content = await inbound.content(number) if number is not None else None
        if content is None or (left := left - len(content)) < 0:
            break
        found.insert(0, Attachment(f"{number}.eml", "message/rfc822", content))
    return tuple(found)


def _canned(
    canned: Canned, agent: Agent, ticket: TicketView, names: tuple[str, ...]
) -> tuple[dict[str, str], tuple[str, ...]]:
    filled = {
        name: canned.fill(
            name, ticket.language, customer=ticket.customer.name, number=ticket.number, agent=agent.display
        )
        for name in names
    }
    return {name: found for name, found in filled.items() if found is not None}, canned.names if names else ()


async def customer_knows(ticket: TicketView) -> bool:
    """Whether the customer was ever told the ticket's number."""
    rows = await outbox.listing(ticket=ticket.number, limit=_MOST_LETTERS)
    return any(row.recipient == ticket.customer.address and row.state is not OutboxState.CANCELLED for row in rows)


async def _split_off(ticket: TicketView, message: Message) -> int | None:
    """The customer's message that the agent answers, or their last one; nothing where the ticket has no other."""
    answered = await outbox.by_message_id(message.in_reply_to[0]) if message.in_reply_to else None
    said = await tickets.said_by_customer(ticket.number)
    if len(said) < 2:
        return None
    answers = inbound_of_key(answered.key) if answered is not None else None
    return next((id_ for id_, came_as in said if answers is not None and came_as == answers), said[0][0])
