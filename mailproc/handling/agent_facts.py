"""What only an agent's mail needs: what they did before, what of others they pass on, what the safety catch looks at."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from mailproc.core import commands, safety
from mailproc.core.agents import behalf
from mailproc.core.commands.values import Undo
from mailproc.core.facts import Around, HeldMail, Match, PastAction, SideView
from mailproc.core.forward import Forwarded
from mailproc.core.policy import Agent, Policy
from mailproc.core.tokens import Capability, Token
from mailproc.handling.past import past_action
from mailproc.store import mentions, sides, tickets


async def undoable(policy: Policy, agent: Agent, match: Match, words: str) -> PastAction | None:
    """The action of theirs they mean: by its number, or their last one on this ticket."""
    wish = commands.read(words).first(Undo)
    if wish is None or match.ticket is None or match.token is None:
        return None
    return await past_action(policy, agent, (match.ticket.number, match.token.ticket), wish)


async def side_of(token: Token | None) -> SideView | None:
    """The conversation with a third party that a mail belongs to."""
    if token is None or token.capability not in {Capability.SIDE_REPLY, Capability.SIDE_ANSWER}:
        return None
    return await sides.find(token.round)


async def knows(forwarded: Forwarded | None, waiting: HeldMail | None) -> bool:
    """Whether the author of a mail the agent passes on has written to us before, proven."""
    passed_on = (forwarded, waiting.forwarded if waiting is not None else None)
    return any([await tickets.wrote_proven(each.address) for each in passed_on if each is not None and each.address])


async def around(policy: Policy, agent: Agent, match: Match, said: Iterable[str], answered: datetime | None) -> Around:
    """`said`: the mail's words, and those of one that waits. `answered`: when the letter of ours was written that the
    agent answers; None: nobody knows.
    """
    words, *waiting = said
    customer = next((found for text in (words, *waiting) if (found := behalf.addressee(commands.read(text)))), None)
    if customer is not None:
        return await _new(customer, words)
    ticket = match.ticket
    if ticket is None:
        return Around()
    # What was said on a ticket before it was merged into this one was said here, too.
    family = await tickets.family(ticket.number) if answered else ()
    since = await mentions.said_after(family, answered, agent.name) if answered else ()
    before = await mentions.turned_over(family, answered, agent.name) if answered else ""
    unknown = safety.strange(policy, safety.readers(ticket), words)
    others = [number for number in safety.numbers(words) if number != ticket.number]
    return Around(
        since,
        before if before.casefold() != ticket.customer.address.casefold() else "",
        await mentions.named(ticket.number, unknown),
        await mentions.of_others(others, ticket.customer.id),
    )


async def _new(customer: str, words: str) -> Around:
    """Of a letter that begins a ticket: nothing was said before, and all tickets are others' but that customer's."""
    person = await tickets.find_person(customer)
    return Around(others=await mentions.of_others(safety.numbers(words), person.id if person is not None else 0))
