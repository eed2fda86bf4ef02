"""What is done when a deadline comes: of a resolved ticket, of one that was put off, and of what an agent asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from mailproc.core import lifecycle
from mailproc.core.decide import audience, closing_letters
from mailproc.core.effects import (
    DeadlineKind,
    Decision,
    Effect,
    GiveTo,
    Move,
    Outcome,
    Reason,
    SendReminder,
    TellAgents,
)
from mailproc.core.effects_delivery import Suppress
from mailproc.core.effects_fields import SetField, TicketField
from mailproc.core.facts import TicketView
from mailproc.core.letters import News
from mailproc.core.lifecycle import Actor, Event, Transition
from mailproc.core.policy import Policy
from mailproc.core.refusals import nobody_there
from mailproc.core.staff import Staff


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline that has come."""

    kind: DeadlineKind
    ticket: TicketView
    round: int  # of the resolution it belongs to
    set_at: datetime  # when the resolution was sent
    agent: str = ""  # who asked for it


def decide_due(due: Due, policy: Policy, now: datetime) -> Decision:
    """The decision a deadline causes; nothing when the ticket has moved on."""
    match due.kind:
        case DeadlineKind.SNOOZE:
            return _woken(due.ticket, policy)
        case DeadlineKind.FOLLOW_UP:
            agents = (due.agent,) if due.agent in policy.agents else audience(policy, due.ticket)
            told = TellAgents(agents, News.FOLLOW_UP)
            return Decision(Outcome.ACTION, Reason.FOLLOWED_UP, due.agent, due.ticket.number, (told,))
        case DeadlineKind.REMINDER | DeadlineKind.CLOSING:
            return _silent(due, policy, now)
        case _:
            assert_never(due.kind)


def _woken(ticket: TicketView, policy: Policy) -> Decision:
    if ticket.snoozed_until is None:
        return Decision(Outcome.ACTION, Reason.NOT_DUE_ANY_MORE, "not put off any more", ticket.number)
    effects = (SetField(TicketField.SNOOZED_UNTIL, None, "clock"), TellAgents(audience(policy, ticket), News.WOKEN))
    return Decision(Outcome.ACTION, Reason.WOKEN, "", ticket.number, effects)


def _silent(due: Due, policy: Policy, now: datetime) -> Decision:
    """The customer of a resolved ticket has said nothing."""
    ticket = due.ticket
    event = Event.REMINDER_DUE if due.kind is DeadlineKind.REMINDER else Event.SILENCE
    moved = lifecycle.move(ticket.status, event, Actor.CLOCK)
    if not isinstance(moved, Transition) or due.round != ticket.round:
        return Decision(Outcome.ACTION, Reason.NOT_DUE_ANY_MORE, str(moved), ticket.number)
    if event is Event.REMINDER_DUE:
        reminder = SendReminder(max(now, due.set_at + policy.close_after))
        return Decision(Outcome.ACTION, Reason.REMINDED, "", ticket.number, (Move(moved, "clock"), reminder))
    letters = closing_letters(policy, now, moved)
    told = TellAgents(audience(policy, ticket), News.CLOSED)
    return Decision(Outcome.ACTION, Reason.SILENCE, "", ticket.number, (Move(moved, "clock"), *letters, told))


def delayed(ticket: TicketView, recipient: str, words: str, policy: Policy) -> Decision:
    """An agent's words are still under way after `tell_late_after`: whoever has the ticket may want to call."""
    told = TellAgents(audience(policy, ticket), News.DELAYED, detail=words, author=recipient)
    return Decision(Outcome.ACTION, Reason.DELAYED, words, ticket.number, (told,))


def missed(ticket: TicketView, recipient: str, policy: Policy) -> Decision:
    """A letter to an agent may be lost, and nobody can tell them so, or that may be lost as well: colleagues see to it."""
    agent = policy.agent_by_address(recipient)
    team = audience(policy, replace(ticket, owner=""))
    others = tuple(
        name for name in dict.fromkeys((*audience(policy, ticket), *team)) if agent is None or name != agent.name
    )
    told = TellAgents(others, News.MISSED, author=agent.display if agent is not None else recipient)
    return Decision(Outcome.ACTION, Reason.MISSED, recipient, ticket.number, (told,) if others else ())


def returned(ticket: TicketView, policy: Policy, staff: Staff, now: datetime) -> Decision | None:
    """What is due and its owner away goes back to the team; None where nobody there could take it."""
    moved = lifecycle.move(ticket.status, Event.RETURNED, Actor.CLOCK)
    there = tuple(agent.name for agent in policy.members(ticket.team) if not staff.of(agent.name).away(now))
    if not isinstance(moved, Transition) or not there or not staff.of(ticket.owner).away(now):
        return None
    owner = policy.display(ticket.owner) or ticket.owner
    effects = (
        Move(moved, "clock"),
        GiveTo("", ticket.team, f"{ticket.owner} is away"),
        TellAgents(there, News.OWNER_AWAY, author=owner),
    )
    return Decision(Outcome.ACTION, Reason.OWNER_AWAY, ticket.owner, ticket.number, effects)


_REFUSED = re.compile(r"5\d\d\b")  # by the server, and for good


def undelivered(ticket: TicketView, recipient: str, words: str, policy: Policy, now: datetime) -> Decision:
    """An agent's words did not arrive, or nobody knows: whoever has the ticket must know.

    It says something about the address only where `words` are a server's no to it, and no trouble of the mail or our own.
    """
    told = TellAgents(audience(policy, ticket), News.UNDELIVERED, detail=words, author=recipient)
    effects: list[Effect] = [told]
    if _REFUSED.match(words) and nobody_there(words):
        effects.append(Suppress(recipient, now + policy.suppress_for, words))
    return Decision(Outcome.ACTION, Reason.UNDELIVERED, words, ticket.number, tuple(effects))
