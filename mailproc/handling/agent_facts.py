"""What an agent did before, when they want it undone."""

from __future__ import annotations

from mailproc.core import commands
from mailproc.core.commands.values import Undo
from mailproc.core.facts import Match, PastAction
from mailproc.core.policy import Agent
from mailproc.store import history, undo

_MOST_TOLD = 5


async def undoable(agent: Agent, match: Match, words: str) -> PastAction | None:
    """The action of theirs they mean: by its number, or their last one on this ticket."""
    wish = next((command for command in commands.read(words).commands if isinstance(command, Undo)), None)
    if wish is None or match.ticket is None or match.token is None:
        return None
    action = await undo.find(agent.name, (match.ticket.number, match.token.ticket), wish.action)
    if action is None or action.undone_at is not None:
        return PastAction(action.id, undone=True, stands=False) if action else None
    now = await undo.capture(action.tickets)
    if all(each.stands(now) for each in action.changed):
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
