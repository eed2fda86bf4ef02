"""What is done when a deadline comes: the reminder and the closing of a resolved ticket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailproc.core import lifecycle
from mailproc.core.decide import about_the_address, audience, closing_letters
from mailproc.core.effects import (
    DeadlineKind,
    Decision,
    Effect,
    Move,
    Outcome,
    Reason,
    SendReminder,
    Suppress,
    TellAgents,
)
from mailproc.core.facts import TicketView
from mailproc.core.letters import News
from mailproc.core.lifecycle import Actor, Event, Transition
from mailproc.core.policy import Policy


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline that has come."""

    kind: DeadlineKind
    ticket: TicketView
    round: int  # of the resolution it belongs to
    set_at: datetime  # when the resolution was sent


def decide_due(due: Due, policy: Policy, now: datetime) -> Decision:
    """The decision a deadline causes; nothing when the ticket has moved on."""
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


def undelivered(ticket: TicketView, recipient: str, words: str, policy: Policy, now: datetime) -> Decision:
    """A mail server refused an agent's words for good: whoever has the ticket must know."""
    told = TellAgents(audience(policy, ticket), News.UNDELIVERED, detail=words, author=recipient)
    effects: list[Effect] = [told]
    if about_the_address(words):
        effects.append(Suppress(recipient, now + policy.suppress_for, words))
    return Decision(Outcome.ACTION, Reason.UNDELIVERED, words, ticket.number, tuple(effects))
