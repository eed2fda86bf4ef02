"""Side conversations: threads with third parties, about a ticket."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailproc.core.effects import Kind
from mailproc.core.facts import Person, SideView
from mailproc.store.models import SideConversation
from mailproc.store.statements import fetched, marks
from mailproc.store.tickets import extended, person_of

_FIND = """SELECT s."id" AS "number", s."ticket_id", s."agent", s."thread", p."id", p."written", p."name", p."language",
    p."time_zone", p."organisation", p."vip"
    FROM "side_conversation" s JOIN "person" p ON p."id" = s."person_id" WHERE s."id" = ?"""


async def find(number: int) -> SideView | None:
    """A side conversation by its number."""
    for id_, ticket, agent, thread, *person in await fetched(_FIND, number):
        return SideView(id_, ticket, person_of(person), agent, tuple(thread.split()))
    return None


async def begin(ticket: int, person: Person, agent: str, now: datetime) -> SideView:
    """A new one."""
    row = await SideConversation.create(ticket_id=ticket, person_id=person.id, agent=agent, asked_at=now)
    return SideView(row.id, ticket, person, agent, ())


async def extend(number: int, thread: Sequence[str], message_id: str, answered_at: datetime | None = None) -> None:
    """One more mail in the thread; `answered_at` when it is the third party's."""
    changes: dict[str, object] = {"thread": " ".join(extended(thread, message_id) if message_id else thread)}
    if answered_at is not None:
        changes["answered_at"] = answered_at
    await SideConversation.filter(id=number).update(**changes)


@dataclass(frozen=True, slots=True)
class Last:
    """What a third party said last."""

    text: str
    inbound: int | None  # the mail it came as
    names: tuple[str, ...]  # of its files


_LAST = 'SELECT "text", "inbound_id", "attachments" FROM "ticket_message" WHERE "ticket_id" IN ({marks}) AND "kind" = ?'


async def last_said(numbers: Sequence[int], side: int | None, until: datetime | None = None) -> Last | None:
    """What a third party said last on one of these tickets, or in one side conversation; `until` then."""
    text, values = _LAST.format(marks=marks(len(numbers))), [*numbers, Kind.THIRD_PARTY.value]
    if side is not None:
        text, values = f'{text} AND "side_id" = ?', [*values, side]
    if until is not None:
        text, values = f'{text} AND "created_at" <= ?', [*values, until]
    for said, mail, files in await fetched(f'{text} ORDER BY "id" DESC LIMIT 1', *values):
        stored = json.loads(files) if isinstance(files, str) else files
        return Last(said, mail, tuple(str(each["name"]) for each in stored))
    return None
