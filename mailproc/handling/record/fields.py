"""What agents set about a ticket by command."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from mailproc.core.effects import OF_A_RESOLUTION, SetDeadline
from mailproc.core.effects_fields import FieldValue, RemoveParticipant, SetField
from mailproc.handling.record.work import Work
from mailproc.store import deadlines, tickets


def set_field(work: Work, effect: SetField) -> None:
    """One field of the ticket; the history keeps what stood there."""
    name = effect.field.value
    before = getattr(work.on, name)
    if before == effect.value:
        return
    changed: dict[str, Any] = {name: effect.value}
    work.ticket = replace(work.on, **changed)
    work.changes[name] = " ".join(effect.value) if isinstance(effect.value, tuple) else effect.value
    work.note("field", effect.actor, f"{name}: {_told(before)} -> {_told(effect.value)}")


def _told(value: FieldValue) -> str:
    match value:
        case datetime():
            return f"{value:%d %b %Y %H:%M} UTC"
        case tuple():
            return " ".join(value) or "none"
        case None | "":
            return "none"
        case _:
            return str(value)


async def remove_participant(work: Work, effect: RemoveParticipant) -> None:
    """Their tokens open nothing more: they are a stranger from now on."""
    await tickets.remove_copied(work.on.number, effect.person)
    work.ticket = replace(work.on, copied=tuple(other for other in work.on.copied if other.id != effect.person))
    work.note("participant", effect.actor, f"{effect.address} takes part no more")


async def set_deadline(work: Work, effect: SetDeadline) -> None:
    """Of a resolution there is one of each kind; what agents ask for stands beside what they asked for before."""
    once = "" if effect.kind in OF_A_RESOLUTION else f"{work.cause.occasion.cause}:{effect.due_at:%Y%m%d%H%M}"
    ticket = work.on
    await deadlines.put(
        ticket.number, effect.kind.value, ticket.round, effect.due_at, work.now, agent=effect.agent, once=once
    )
