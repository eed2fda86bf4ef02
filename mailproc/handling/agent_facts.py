"""What only an agent's mail needs: what they did before, what of others they pass on, what the safety catch looks at."""

from __future__ import annotations

from datetime import datetime

from mailproc.core import commands, safety
from mailproc.core.commands.values import Share, Undo
from mailproc.core.facts import Around, HeldMail, Match, PastAction, SideView
from mailproc.core.forward import Forwarded
from mailproc.core.policy import Agent, Policy
from mailproc.core.tokens import Capability, Token
from mailproc.store import history, mentions, sides, tickets, undo

_MOST_TOLD = 5


async def undoable(policy: Policy, agent: Agent, match: Match, words: str) -> PastAction | None:
    """The action of theirs they mean: by its number, or their last one on this ticket."""
    wish = next((command for command in commands.read(words).commands if isinstance(command, Undo)), None)
    if wish is None or match.ticket is None or match.token is None:
        return None
    action = await undo.find(agent.name, (match.ticket.number, match.token.ticket), wish.action)
    if action is None or action.undone_at is not None:
        return PastAction(action.id, undone=True, stands=False) if action else None
    now = await undo.capture(action.tickets)
    if not all(policy.sees(agent.name, bool(row["restricted"])) for row in now["ticket"].values()):
        return PastAction(action.id, undone=False, stands=False)  # nor are they told what happened since
    if all(each.stands(now) for each in action.changed) and not await undo.said_since(action):
        return PastAction(action.id, undone=False, stands=True)
    return PastAction(action.id, undone=False, stands=False, meanwhile=await _since(action))


async def _since(action: undo.ActionRow) -> tuple[str, ...]:
    """What changed the ticket after the action, or with it in another mail, oldest first."""
    told = [
        f"{entry.actor}: {entry.text}"
        for number in action.tickets
        for entry in await history.of_ticket(number)
        if entry.at >= action.at and entry.inbound != action.inbound_id and entry.outbox is None
    ]
    return tuple(told[-_MOST_TOLD:])


async def side_of(token: Token | None) -> SideView | None:
    """The conversation with a third party that a mail belongs to."""
    if token is None or token.capability not in {Capability.SIDE_REPLY, Capability.SIDE_ANSWER}:
        return None
    return await sides.find(token.round)


async def shareable(match: Match, side: SideView | None, waiting: HeldMail | None, words: str) -> str:
    """A third party's last words, where the agent wants them passed on, now or in a mail that waits."""
    said = (words, waiting.own_words if waiting is not None else "")
    if match.ticket is None or not any(_wants_to_share(each) for each in said):
        return ""
    side = side or (waiting.side if waiting is not None else None)
    return await sides.last_words(match.ticket.number, side.id if side is not None else None)


def _wants_to_share(words: str) -> bool:
    return any(isinstance(command, Share) for command in commands.read(words.strip()).commands)


async def knows(forwarded: Forwarded | None, waiting: HeldMail | None) -> bool:
    """Whether the author of a mail the agent passes on has written to us before, proven."""
    passed_on = (forwarded, waiting.forwarded if waiting is not None else None)
    return any([await tickets.wrote_proven(each.address) for each in passed_on if each is not None and each.address])


async def around(policy: Policy, agent: Agent, match: Match, words: str, answered: datetime | None) -> Around:
    """`answered`: when the letter of ours was written that the agent answers; None: it answers none."""
    ticket = match.ticket
    if ticket is None:
        return Around()
    since = await mentions.said_after(ticket.number, answered, agent.name) if answered else ()
    unknown = safety.strange(policy, ticket, words)
    others = [number for number in safety.numbers(words) if number != ticket.number]
    return Around(
        since,
        await mentions.named(ticket.number, unknown),
        await mentions.of_others(others, ticket.customer.id),
    )
