"""Tickets, what is said on them, and the keys a reply's ticket is found by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from mailproc.core.facts import Person, TicketView
from mailproc.core.letters import EarlierTicket
from mailproc.core.lifecycle import Status
from mailproc.core.message import Address
from mailproc.store.models import KnownMessageId, Participant, Rating, Ticket, TicketMessage
from mailproc.store.models import Person as PersonRow
from mailproc.store.statements import Insert, digest, fetched, known_moment, marks, moment

ONE_MORE = object()  # a value for `save`: count the field up
_MOST_SAID = 100  # messages of a customer
_MOST_FOUND = 5  # tickets of one subject
_MOST_THREAD_IDS = 21  # the first and the last twenty: enough for every client to thread by


@dataclass(frozen=True, slots=True)
class NewTicket:
    mailbox: str
    team: str
    subject: str
    subject_key: str
    customer: int
    language: str
    now: datetime
    promised_at: datetime | None
    previous: int | None
    thread: tuple[str, ...] = ()
    begun_by_answer: bool = False  # to a mail we don't know
    proven: bool = False
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A message as it stands on a ticket."""

    id: int
    kind: str
    private: bool
    author: str
    author_name: str
    text: str
    at: datetime


_PERSON = 'p."id", p."written", p."name", p."language" AS "spoken", p."time_zone", p."organisation", p."vip"'
_VIEW = f"""SELECT t."mailbox", t."team", t."subject", t."status", t."owner", t."language", t."priority", t."round", t."rounds_begun",
    t."closed_at", t."promised_at", t."resolved_by", t."resolvers", t."thread", t."previous_id", t."answered_at", t."category",
    t."issue_type", t."product", t."tags", t."cause", t."minutes_spent", t."article_wanted", t."restricted", t."eta_at",
    t."snoozed_until", t."merged_into_id", t."unconfirmed", t."created_at", {_PERSON}
    FROM "ticket" t JOIN "person" p ON p."id" = t."customer_id" WHERE t."id" = ?"""  # noqa: S608 - nothing but names
_COPIED = f"""SELECT {_PERSON} FROM "participant" c JOIN "person" p ON p."id" = c."person_id"
    WHERE c."ticket_id" = ? ORDER BY c."id" """  # noqa: S608 - as above


async def view(number: int) -> TicketView | None:
    """A ticket with its people; two indexed queries."""
    rows = await fetched(_VIEW, number)
    if not rows:
        return None
    (mailbox, team, subject, status, owner, language, priority, round_, rounds_begun, closed_at, promised_at, resolved_by, resolvers,
        thread, previous, answered_at, category, issue_type, product, tags, cause, minutes_spent, article_wanted, restricted,
        eta_at, snoozed_until, merged_into, unconfirmed, created_at, *customer) = rows[0]  # fmt: skip
    return TicketView(
        number=number,
        mailbox=mailbox,
        team=team,
        subject=subject,
        status=Status(status),
        owner=owner,
        customer=person_of(customer),
        copied=tuple(map(person_of, await fetched(_COPIED, number))),
        language=language,
        priority=priority,
        round=round_,
        rounds_begun=rounds_begun,
        closed_at=moment(closed_at),
        promised_at=moment(promised_at),
        resolved_by=resolved_by,
        resolvers=tuple(resolvers.split("\n")) if resolvers else (),
        thread=tuple(thread.split()),
        previous=previous,
        answered=answered_at is not None,
        category=category,
        issue_type=issue_type,
        product=product,
        tags=tuple(tags.split()),
        cause=cause,
        minutes_spent=minutes_spent,
        article_wanted=bool(article_wanted),
        restricted=bool(restricted),
        eta_at=moment(eta_at),
        snoozed_until=moment(snoozed_until),
        merged_into=merged_into,
        unconfirmed=bool(unconfirmed),
        begun_at=moment(created_at),
    )


async def living(number: int) -> TicketView | None:
    """A ticket, or the one it lives on in where it was merged."""
    found, seen = await view(number), {number}
    while found is not None and found.merged_into is not None and found.merged_into not in seen:
        seen.add(found.merged_into)
        found = await view(found.merged_into)
    return found


async def family(number: int) -> list[int]:
    """A ticket, and those that were merged into the one it lives on in: what was said there, was said here."""
    alive = await living(number)
    found = [alive.number if alive is not None else number]
    for each in found:  # which grows meanwhile
        merged = await fetched('SELECT "id" FROM "ticket" WHERE "merged_into_id" = ?', each)
        found += [id_ for (id_,) in merged if id_ not in found]
    return found


def person_of(row: Sequence[Any]) -> Person:
    """Someone as queries here name the columns: number, address as written, name, language, zone, organisation, VIP."""
    number, address, name, language, zone, organisation, vip = row
    return Person(number, address, name, language, zone, organisation, bool(vip))


_BY_ADDRESS = (
    'SELECT "id", "written", "name", "language", "time_zone", "organisation", "vip", "blocked_by",'
    ' EXISTS (SELECT 1 FROM "suppressed_address" WHERE "suppressed_address"."address" = "person"."address")'
    ' FROM "person" WHERE "address" = ?'
)


async def find_person(address: str) -> Person | None:
    """Someone by address, compared without case."""
    for *known, blocked, suppressed in await fetched(_BY_ADDRESS, address.casefold()):
        return replace(person_of(known), blocked=bool(blocked), suppressed=bool(suppressed))
    return None


_learn = Insert(
    PersonRow, ("address", "written", "name", "language", "created_at"), returning=("id",), or_ignore=True
)  # another process may learn of them at the same time


async def learn_person(address: Address, language: str, now: datetime) -> Person:
    """Someone by address; remembered when new."""
    key, written, name = address.key[:320], address.address[:320], address.name[:200]
    for row in await _learn((key, written, name, language, now)):
        return Person(row["id"], written, name, language, "")
    known = await find_person(key)
    if known is None:
        raise AssertionError("a person that was written is there")
    return known


_open = Insert(
    Ticket,
    (
        "mailbox", "team", "subject", "subject_key", "status", "customer_id", "language", "created_at", "updated_at",
        "promised_at", "previous_id", "thread", "begun_by_answer", "proven", "unconfirmed",
    ),
    returning=("id",),
)  # fmt: skip


async def open_ticket(new: NewTicket) -> int:
    """A new ticket in status New; its number."""
    (row,) = await _open((
        new.mailbox, new.team, new.subject[:255], new.subject_key, Status.NEW.value, new.customer, new.language,
        new.now, new.now, new.promised_at, new.previous, " ".join(new.thread), new.begun_by_answer, new.proven,
        new.unconfirmed,
    ))  # fmt: skip
    return int(row["id"])


async def add_copied(ticket: int, people: Sequence[Person], now: datetime) -> None:
    """Make people participants; those who are already, stay."""
    rows = [Participant(ticket_id=ticket, person_id=person.id, added_at=now) for person in people]
    await Participant.bulk_create(rows, ignore_conflicts=True)


async def remove_copied(ticket: int, person: int) -> None:
    """Someone takes part no more."""
    await Participant.filter(ticket_id=ticket, person_id=person).delete()


async def save(number: int, changes: Mapping[str, Any]) -> None:
    """Write the changed fields of a ticket in one statement; `ONE_MORE` counts a field up."""
    counted = tuple((name, value is ONE_MORE) for name, value in changes.items())
    await fetched(_saving(counted), *(value for value in changes.values() if value is not ONE_MORE), number)


@lru_cache(maxsize=256)
def _saving(fields: tuple[tuple[str, bool], ...]) -> str:
    changes = ", ".join(f'"{name}" = "{name}" + 1' if more else f'"{name}" = ?' for name, more in fields)
    return f'UPDATE "ticket" SET {changes} WHERE "id" = ?'  # noqa: S608 - of names of ours


_SAID = (
    "inbound_id", "kind", "private", "author", "author_name", "text", "full_text", "attachments", "created_at",
)  # fmt: skip
_say = Insert(TicketMessage, ("ticket_id", "side_id", *_SAID))


async def add_message(ticket: int, *, side_id: int | None = None, **fields: Any) -> None:
    """Something said; `fields` as in the model."""
    await _say((ticket, side_id, *(fields[name] for name in _SAID)))


_remember = Insert(KnownMessageId, ("digest", "ticket_id"))


async def remember_id(ticket: int, message_id: str) -> None:
    """So that answers to this mail find the ticket."""
    await _remember((digest(message_id), ticket))


def extended(thread: Sequence[str], message_id: str) -> tuple[str, ...]:
    """The conversation's Message-IDs with one more, capped in the middle (first and last ones matter)."""
    whole = (*(known for known in thread if known != message_id), message_id)
    return whole if len(whole) <= _MOST_THREAD_IDS else (whole[0], *whole[-(_MOST_THREAD_IDS - 1) :])


_KNOWN = 'SELECT "digest", "ticket_id" FROM "known_message_id"'


async def by_message_ids(message_ids: Sequence[str]) -> int | None:
    """The ticket of the first of these Message-IDs that is known; given newest first."""
    keys = [digest(message_id) for message_id in message_ids]
    if not keys:
        return None
    rows = await fetched(f'{_KNOWN} WHERE "digest" IN ({marks(len(keys))}) AND NOT "awaited" ORDER BY "id"', *keys)
    found: dict[str, int] = {}
    for key, ticket in rows:
        found.setdefault(key, ticket)  # whoever writes under another's Message-ID later takes nothing of theirs
    return next((found[key] for key in keys if key in found), None)


async def await_ids(ticket: int, message_ids: Sequence[str]) -> None:
    """Mails that one of the ticket refers to and that may come after it; those of them it waited for already, too."""
    keys = dict.fromkeys(map(digest, message_ids))
    found = await KnownMessageId.filter(digest__in=list(keys), ticket_id=ticket).values("digest")
    known = {row["digest"] for row in found}
    rows = [KnownMessageId(ticket_id=ticket, digest=key, awaited=True) for key in keys if key not in known]
    await KnownMessageId.bulk_create(rows)


async def awaiting(message_ids: Sequence[str]) -> list[int]:
    """The tickets that wait for one of these mails, newest first."""
    keys = [digest(message_id) for message_id in message_ids if message_id]
    if not keys:
        return []
    rows = await fetched(f'{_KNOWN} WHERE "digest" IN ({marks(len(keys))}) AND "awaited" ORDER BY "id" DESC', *keys)
    return list(dict.fromkeys(ticket for _, ticket in rows))


_BY_SUBJECT = (
    'SELECT t."id" FROM "ticket" t JOIN "person" p ON p."id" = t."customer_id" WHERE p."address" IN ({people})'
    ' AND t."subject_key" = ? AND t."status" <> ? AND t."updated_at" >= ?{more} ORDER BY t."updated_at" DESC LIMIT ?'
)


async def by_subject(customers: Sequence[str], subject_key: str, since: datetime) -> list[int]:
    """Tickets of one of these addresses that are not closed, with this base subject, touched since; newest first."""
    return await _by_subject(customers, subject_key, since)


async def begun_by_answers(customers: Sequence[str], subject_key: str, since: datetime) -> list[int]:
    """Those of them that began, since then, with an answer to a mail we don't know."""
    return await _by_subject(customers, subject_key, since, ' AND t."begun_by_answer" AND t."created_at" >= ?', since)


async def _by_subject(
    customers: Sequence[str], subject_key: str, since: datetime, more: str = "", *values: object
) -> list[int]:
    if not customers:
        return []
    text = _BY_SUBJECT.format(people=marks(len(customers)), more=more)
    rows = await fetched(text, *customers, subject_key, Status.CLOSED.value, since, *values, _MOST_FOUND)
    return [int(id_) for (id_,) in rows]


_EARLIER = """SELECT t."id", t."subject", t."status", t."outcome", r."score" FROM "ticket" t
    LEFT JOIN "rating" r ON r."ticket_id" = t."id" AND r."round" = t."round" AND r."person_id" = t."customer_id"
    WHERE t."customer_id" = ? AND NOT t."restricted" ORDER BY t."created_at" DESC, t."id" DESC LIMIT ?"""


async def earlier(customer: int, but: int, limit: int) -> tuple[EarlierTicket, ...]:
    """The customer's other tickets, newest first, but for matters of security: whoever reads this may not know of those."""
    rows = await fetched(_EARLIER, customer, limit + 1)
    return tuple(EarlierTicket(*row) for row in rows if row[0] != but)[:limit]


_OPENED = (
    'SELECT "id" FROM "ticket" WHERE "customer_id" = ? AND "created_at" > ? AND "proven" = ?'
    ' ORDER BY "created_at" DESC, "id" DESC LIMIT ?'
)


async def opened_since(customer: int, moment: datetime, limit: int, *, proven: bool) -> list[int]:
    """The customer's tickets opened after that by mails that are proven theirs, or by others; newest first."""
    return [int(id_) for (id_,) in await fetched(_OPENED, customer, moment, proven, limit)]


_PROVEN = 'SELECT "id" FROM "ticket" WHERE "customer_id" = ? AND "proven" = ? LIMIT 1'


async def wrote_proven(address: str) -> bool:
    """Whether somebody of this address has a ticket that is proven theirs."""
    person, proven = await find_person(address), True
    return person is not None and bool(await fetched(_PROVEN, person.id, proven))


_LAST_SAID = """SELECT "id", "kind", "private", "author", "author_name", "text", "created_at" FROM "ticket_message"
    WHERE "ticket_id" = ? ORDER BY "id" DESC LIMIT ?"""


async def said(ticket: int, limit: int) -> list[Said]:
    """The last messages of a ticket, newest first."""
    return [
        Said(id_, kind, bool(private), author, name, text, known_moment(at))
        for id_, kind, private, author, name, text, at in await fetched(_LAST_SAID, ticket, limit)
    ]


async def said_by_customer(ticket: int) -> list[tuple[int, int | None]]:
    """The customer's messages, newest first, with the mails they came as."""
    query = TicketMessage.filter(ticket_id=ticket, kind="customer").order_by("-id").limit(_MOST_SAID)
    return [(id_, inbound) for id_, inbound in await query.values_list("id", "inbound_id")]


async def copy_message(id_: int, ticket: int) -> None:
    """The same words on another ticket."""
    row = await TicketMessage.get(id=id_)
    await _say((ticket, None, *(getattr(row, name) for name in _SAID)))


async def rate(ticket: int, person: int, round_: int, **fields: Any) -> bool:
    """A survey's answer; a later one replaces it. True when it is the first."""
    _, created = await Rating.update_or_create(ticket_id=ticket, person_id=person, round=round_, defaults=fields)
    return created


@dataclass(frozen=True, slots=True)
class Line:
    """A ticket in a list."""

    number: int
    subject: str
    status: str
    outcome: str
    priority: str
    owner: str
    customer: str
    updated_at: datetime


async def listing(statuses: Sequence[str], owner: str, limit: int) -> list[Line]:
    """Tickets, most recently touched first; no statuses means all."""
    query = Ticket.all()
    if statuses:
        query = query.filter(status__in=list(statuses))
    if owner:
        query = query.filter(owner=owner)
    names = ("id", "subject", "status", "outcome", "priority", "owner", "customer__written", "updated_at")
    rows = await query.order_by("-updated_at").limit(limit).values_list(*names)
    return [Line(*row) for row in rows]
