"""What an agent did before, and whether it can be put back."""

from __future__ import annotations

from mailproc.core.commands.values import Undo
from mailproc.core.facts import PastAction
from mailproc.core.policy import Agent, Policy
from mailproc.store import history, undo

_MOST_TOLD = 5


async def past_action(policy: Policy, agent: Agent, tickets: tuple[int, ...], wish: Undo) -> PastAction | None:
    """By its number, or their last one on these tickets."""
    action = await undo.find(agent.name, tickets, wish.action)
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
