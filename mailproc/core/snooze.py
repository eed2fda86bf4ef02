"""Tickets that are out of sight until a moment, or until somebody outside writes."""

from __future__ import annotations

from mailproc.core.effects import CancelDeadlines, DeadlineKind, Effect
from mailproc.core.effects_fields import SetField, TicketField
from mailproc.core.facts import TicketView


def woken(ticket: TicketView, actor: str, why: str) -> tuple[Effect, ...]:
    """Back in the queue before its time; nothing where it was not put off."""
    if ticket.snoozed_until is None:
        return ()
    return SetField(TicketField.SNOOZED_UNTIL, None, actor), CancelDeadlines(why, frozenset({DeadlineKind.SNOOZE}))
