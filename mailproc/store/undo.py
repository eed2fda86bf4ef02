"""What one mail of an agent changed, and how it is put back.

A snapshot holds the rows of a ticket that commands change, as JSON. What is said and what happened are no part of it:
messages and history are only ever added to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tortoise.expressions import Q
from tortoise.fields import DatetimeField
from tortoise.models import Model

from mailproc.store.models import (
    AgentAction,
    Deadline,
    HistoryEntry,
    OutboxMail,
    Participant,
    Person,
    SideConversation,
    Ticket,
    TicketLink,
    TicketMessage,
)
from mailproc.store.statements import fetched, marks
from mailproc.store.states import OutboxState

Row = Mapping[str, Any]
#: Rows by table and number.
Snapshot = Mapping[str, Mapping[str, Row]]


@dataclass(frozen=True, slots=True)
class _Table:
    model: type[Model]
    of: tuple[str, ...]  # the columns that name a ticket
    left_out: frozenset[str] = frozenset()

    @property
    def columns(self) -> list[str]:
        known = self.model._meta.fields_db_projection  # noqa: SLF001 - where Tortoise keeps what it knows of a model
        return [name for name in known if name not in self.left_out]


#: In an order in which rows can be written; taken away in the other.
_TABLES: Mapping[str, _Table] = {
    "ticket": _Table(Ticket, ("id",), frozenset({"created_at", "updated_at", "archived_at", "rounds_begun"})),
    "deadline": _Table(Deadline, ("ticket_id",)),
    "participant": _Table(Participant, ("ticket_id",)),
    "ticket_link": _Table(TicketLink, ("ticket_id", "other_id")),
    "side_conversation": _Table(SideConversation, ("ticket_id",)),
    "person": _Table(Person, ("id",), frozenset({"written", "name", "language", "time_zone", "created_at"})),
}
#: Of the tickets' customers. They belong to no ticket: where one has another customer now, nobody came or went.
_PEOPLE = "person"
#: What is begun with a letter stays when the letter has left: its answer must find its way.
_BEGUN_BY_LETTER = frozenset({"side_conversation", "ticket"})


async def capture(tickets: Iterable[int]) -> Snapshot:
    """The rows of these tickets as they stand."""
    numbers = sorted(set(tickets))
    found: dict[str, dict[str, Row]] = {}
    for name, table in _TABLES.items():
        if name == _PEOPLE:
            numbers = sorted({row["customer_id"] for row in found["ticket"].values()})
        named: list[Any] = [{f"{column}__in": numbers} for column in table.of]
        rows = await table.model.filter(Q(*(Q(**each) for each in named), join_type=Q.OR)).values(*table.columns)
        found[name] = {str(row["id"]): {key: _written(value) for key, value in row.items()} for row in rows}
    return found


def _written(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not as it was; None: there is none."""

    table: str
    id: str
    before: Row | None
    after: Row | None

    @property
    def columns(self) -> tuple[str, ...]:
        if self.before is None or self.after is None:
            return ()
        return tuple(name for name, value in self.before.items() if self.after.get(name) != value)

    def stands(self, now: Snapshot) -> bool:
        """Whether what was changed is still as it was left."""
        row = now.get(self.table, {}).get(self.id)
        if self.before is None or self.after is None or row is None:
            return row == self.after
        return all(row.get(name) == self.after[name] for name in self.columns)


def differences(before: Snapshot, after: Snapshot) -> Iterator[Difference]:
    """The rows that are not as they were, in an order in which rows can be written."""
    for table in _TABLES:
        old, new = before.get(table, {}), after.get(table, {})
        for id_ in old.keys() & new.keys() if table == _PEOPLE else dict.fromkeys((*old, *new)):
            if old.get(id_) != new.get(id_):
                yield Difference(table, id_, old.get(id_), new.get(id_))


async def restore(changed: Sequence[Difference], *, letters_left: bool = False) -> None:
    """Put rows back as they were before. Call it in a transaction, after `Difference.stands` was asked of each."""
    for each in reversed(changed):
        if each.before is None and not (letters_left and each.table in _BEGUN_BY_LETTER):
            await _TABLES[each.table].model.filter(id=int(each.id)).delete()
    for each in changed:
        if each.before is None:
            continue
        model = _TABLES[each.table].model
        values = {name: _read(model, name, each.before[name]) for name in each.columns or each.before}
        if each.after is None:
            await model.bulk_create([model(**values)])
        else:
            await model.filter(id=int(each.id)).update(**values)


def _read(model: type[Model], name: str, value: Any) -> Any:
    is_moment = isinstance(model._meta.fields_map[name], DatetimeField)  # noqa: SLF001 - as above
    return datetime.fromisoformat(value) if is_moment and value is not None else value


@dataclass(frozen=True, slots=True)
class ActionRow:
    """What one mail of an agent did."""

    id: int
    ticket: int
    agent: str
    inbound_id: int
    at: datetime
    undone_at: datetime | None
    tickets: tuple[int, ...]  # that it touched
    changed: tuple[Difference, ...]


async def record(ticket: int, agent: str, inbound_id: int, at: datetime, before: Snapshot, after: Snapshot) -> int:
    """Remember what a mail did; the number it is undone by."""
    changed, numbers = list(differences(before, after)), [int(id_) for id_ in after["ticket"]]
    old: dict[str, dict[str, Row]] = {each.table: {} for each in changed}
    new: dict[str, dict[str, Row]] = {each.table: {} for each in changed}
    for each in changed:
        if each.before is not None:
            old[each.table][each.id] = each.before
        if each.after is not None:
            new[each.table][each.id] = each.after
    row = await AgentAction.create(
        ticket_id=ticket, agent=agent, inbound_id=inbound_id, at=at,
        before=json.dumps(old), after=json.dumps({"tickets": numbers, **new}),
    )  # fmt: skip
    return int(row.id)


async def find(agent: str, tickets: Sequence[int], number: int | None) -> ActionRow | None:
    """An agent's action by its number, or the last one on these tickets that was not undone."""
    query = AgentAction.filter(agent=agent)
    query = query.filter(id=number) if number is not None else query.filter(ticket_id__in=tickets, undone_at=None)
    names = ("id", "ticket_id", "agent", "inbound_id", "at", "undone_at", "before", "after")
    rows = await query.order_by("-id").limit(1).values_list(*names)
    if not rows:
        return None
    id_, ticket, whose, inbound_id, at, undone_at, before, after = rows[0]
    new = json.loads(after)
    touched = tuple(new.pop("tickets"))
    changed = tuple(differences(json.loads(before), new))
    return ActionRow(id_, ticket, whose, inbound_id, at, undone_at, touched, changed)


async def said_since(action: ActionRow) -> bool:
    """Whether other mails stand on a ticket that the action began: undone, it would take their words with it."""
    begun = [int(each.id) for each in action.changed if each.table == "ticket" and each.before is None]
    if not begun:
        return False
    return await TicketMessage.filter(ticket_id__in=begun, created_at__gt=action.at).exists()


async def undone(id_: int, now: datetime) -> bool:
    """It is undone now; False when it was already."""
    return bool(await AgentAction.filter(id=id_, undone_at=None).update(undone_at=now))


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that an action caused."""

    letter: str
    recipient: str


#: A state is looked at and set in one statement: a sender that claims the letter now, or is about to hand over its
#: content, is either before it or after it.
_TAKE_BACK = (
    'UPDATE "outbox_mail" SET "state" = ? WHERE "id" IN ({ids}) AND "doubts" = 0 AND "sent_at" IS NULL '
    'AND ("state" IN (?, ?, ?) OR "state" = ? AND NOT "handing_over") '
    'RETURNING "letter", "recipient"'
)
#: What is undone may be done once more: a second closure of the same round is no second copy of the first.
_FREE_KEYS = 'UPDATE "outbox_mail" SET "key" = SUBSTR("key", 1, 180) || ? WHERE "id" IN ({ids})'
_GONE = (OutboxState.SENT, OutboxState.SENDING, OutboxState.UNKNOWN, OutboxState.RETRY)


async def take_back(action: ActionRow, apart: Sequence[str]) -> tuple[list[Letter], list[Letter]]:
    """Cancel an action's letters whose content nobody has begun to hand over: those, and those that have left or may have.

    `apart`: kinds of letters that answered the agent's own mail.
    """
    # One mail to an agent's own address is an action on each of many tickets: the letters of the others stay.
    query = HistoryEntry.filter(inbound_id=action.inbound_id, ticket_id__in=action.tickets, outbox_id__not_isnull=True)
    caused = [id_ for (id_,) in await query.values_list("outbox_id")]
    ids = [id_ for (id_,) in await OutboxMail.filter(id__in=caused).exclude(letter__in=apart).values_list("id")]
    if not ids:
        return [], []
    waiting = (OutboxState.QUEUED, OutboxState.RETRY, OutboxState.HELD, OutboxState.SENDING)
    each = marks(len(ids))
    taken = [Letter(*row) for row in await fetched(_TAKE_BACK.format(ids=each), OutboxState.CANCELLED, *ids, *waiting)]
    gone = OutboxMail.filter(id__in=ids, state__in=_GONE).order_by("id")
    left = [Letter(*row) for row in await gone.values_list("letter", "recipient")]
    await fetched(_FREE_KEYS.format(ids=each), f":undone{action.id}", *ids)
    return taken, left


async def unsaid(action: ActionRow) -> None:
    """Nothing of it has reached anybody: its words stay on the ticket as what they are, an answer that was not given."""
    said = TicketMessage.filter(ticket_id__in=action.tickets, inbound_id=action.inbound_id, private=False)
    await said.update(kind="held", private=True)
