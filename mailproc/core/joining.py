"""Two tickets that turn out to be one conversation: a mail came that answers the one and is answered by the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mailproc.core import lifecycle
from mailproc.core.effects import CancelDeadlines, Decision, Effect, Move, Outcome, Reason, SendClosure, TellAgents
from mailproc.core.effects_relations import MergeInto
from mailproc.core.facts import Facts, Half, TicketView
from mailproc.core.letters import News
from mailproc.core.lifecycle import Actor, Event, Status, Transition

_ACTOR = "mailproc"


def may_be_one(here: TicketView, other: TicketView) -> bool:
    """Nobody reads more by it, and nobody less, for no agent decides it: see `agents.relations`."""
    people = [{person.id for person in (each.customer, *each.copied)} for each in (here, other)]
    return (
        people[0] == people[1]
        and (here.mailbox, here.team, here.restricted) == (other.mailbox, other.team, other.restricted)
        and not (here.unconfirmed or other.unconfirmed)
        and other.status is not Status.CLOSED
    )


def lives_on(halves: Sequence[TicketView]) -> TicketView:
    """In the one somebody works on, else in the oldest; what still wants work does not end in what is done."""
    return min(halves, key=lambda ticket: (ticket.status not in lifecycle.ACTIVE, not ticket.owner, ticket.number))


def joined(facts: Facts, decision: Decision) -> Decision:
    """The decision about the mail, and with it what becomes of the other halves of its conversation."""
    here = facts.match.ticket
    if here is None or decision.ticket != here.number or decision.outcome is not Outcome.MESSAGE:
        return decision
    if _after(decision, here) not in lifecycle.ACTIVE:
        return decision  # thanks end the one; what the other one asks would be over unread
    merged = [_merged(facts, half, here) for half in facts.halves]
    return replace(decision, more=(*decision.more, *(each for each in merged if each is not None)))


def _after(decision: Decision, here: TicketView) -> Status:
    moves = [effect.transition.after for effect in decision.effects if isinstance(effect, Move)]
    return moves[-1] if moves else here.status


def _merged(facts: Facts, half: Half, here: TicketView) -> Decision | None:
    moved = lifecycle.move(half.ticket.status, Event.MERGED, Actor.RULE)
    if not isinstance(moved, Transition):
        return None
    effects: list[Effect] = [Move(moved, _ACTOR)]
    if half.ticket.status is Status.RESOLVED:
        effects.append(CancelDeadlines(Event.MERGED.value))
    if half.customer_knows:
        effects.append(SendClosure(lifecycle.Outcome.MERGED, facts.now + facts.policy.reopen_window, here.number))
    effects.append(MergeInto(here, _ACTOR))
    owners = {owner for owner in (here.owner, half.ticket.owner) if owner in facts.policy.agents}
    told = TellAgents(tuple(sorted(owners)), News.MERGED, detail=str(half.ticket.number), on=here)
    if owners:
        effects.append(told)
    return Decision(Outcome.MESSAGE, Reason.ONE_CONVERSATION, facts.match.by, half.ticket.number, tuple(effects))
