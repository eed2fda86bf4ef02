"""What a mail of an agent changed is remembered, and put back when they ask for it."""

from __future__ import annotations

from mailproc.core.effects_safety import UndoAction
from mailproc.core.letters import Change, Done, Letter
from mailproc.handling.record.work import Outdated, Work, inbound_of
from mailproc.store import tickets, undo
from mailproc.store.undo import Snapshot

#: What answers the agent's own mail is no part of what it did.
_ANSWERS = tuple(letter.value for letter in (Letter.RECEIPT, Letter.HELD, Letter.CONFIRMATION, Letter.HELP))


async def before(work: Work) -> Snapshot | None:
    """How the tickets stand that an agent's mail is about to change."""
    if not work.decision.agent or work.ticket is None:
        return None
    return await undo.capture((work.on.number, *work.decision.touches))


async def remember(work: Work, stood: Snapshot) -> None:
    """Once everything is written: what it changed, where it changed anything or wrote to anybody."""
    stands = await undo.capture({*(int(number) for number in stood["ticket"]), *work.begun})
    if stood == stands and not work.mails:
        return
    agent, number = work.decision.agent, work.on.number
    work.action = await undo.record(number, agent, inbound_of(work), work.now, stood, stands)


async def take_back(work: Work, effect: UndoAction) -> None:
    """Everything it changed is as before; of its letters those are told that have left."""
    action = await undo.find(effect.agent, (), effect.action)
    if action is None or not await undo.undone(action.id, work.now):
        raise Outdated(f"action {effect.action} was undone a moment ago")
    taken, gone = await undo.take_back(action, _ANSWERS)
    await undo.restore(action.changed, letters_left=bool(gone))
    if taken and not gone:
        await undo.unsaid(action)
    for number in action.tickets:
        await tickets.save(number, {"updated_at": work.now})
    # A ticket that it began is gone: what there is to tell is about the one it was split off.
    stands = [found for number in (work.on.number, *action.tickets) if (found := await tickets.view(number))]
    work.ticket = stands[0]
    told = [f"{letter.letter} to {letter.recipient} did not leave" for letter in taken]
    told += [f"{letter.letter} to {letter.recipient} can't be unsent" for letter in gone]
    for number in (*action.tickets, *({work.on.number} - set(action.tickets))):
        work.note(
            "undone", effect.agent, "; ".join((f"what {effect.agent} did {action.at:%d %b %H:%M:%S}", *told)), on=number
        )
    work.done.append(Done(Change.UNDONE, at=action.at))
    work.done += [Done(Change.TAKEN_BACK, address) for address in dict.fromkeys(each.recipient for each in taken)]
    work.done += [Done(Change.GONE, address) for address in dict.fromkeys(each.recipient for each in gone)]
