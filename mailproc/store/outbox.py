"""Mail of ours: queued with what caused it, claimed before it is tried, settled with what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from operator import itemgetter
from typing import Any

from tortoise.expressions import F
from tortoise.queryset import QuerySet

from mailproc.store import history
from mailproc.store.db import transaction
from mailproc.store.history import Entry
from mailproc.store.models import OutboxContent, OutboxMail
from mailproc.store.outbox_rows import NewMail, OutboxRow, QueuedMail, Settled, Settlement, WrittenMail
from mailproc.store.statements import Insert, digest, fetched, known_moment, marks, repeated
from mailproc.store.states import MailClass, OutboxState

__all__ = [
    "MailClass", "NewMail", "OutboxRow", "OutboxState", "QueuedMail", "Settled", "Settlement", "WrittenMail",
    "abandoned", "by_message_id", "claim", "content", "drop", "enqueue", "get", "give_back",
    "handing_over", "held", "is_busy", "keep", "late", "late_told", "listing", "next_due", "release", "retry", "settle", "undelivered",
]  # fmt: skip

_WAITING = (OutboxState.QUEUED, OutboxState.RETRY)
_UNSETTLED = (*_WAITING, OutboxState.SENDING)
_MOST_LATE = 100  # mails told of in one look
#: Bytes claimed at once, at most, but for a single mail that is larger.
MOST_CLAIMED = 32 * 1024 * 1024

_ROW = (
    "id", "ticket_id", "mailbox", "letter", "mail_class", "sender", "recipient", "message_id", "created_at",
    "state", "attempts", "doubts", "handing_over", "next_attempt_at", "reply", "sent_at",
)  # fmt: skip


_queue = Insert(
    OutboxMail,
    (
        "key", "ticket_id", "mailbox", "letter", "mail_class", "sender", "recipient", "message_id", "message_digest",
        "created_at", "not_before", "next_attempt_at", "state",
    ),
    returning=("key", "id"),
    or_ignore=True,
)  # fmt: skip


async def enqueue(mails: Sequence[NewMail]) -> Mapping[str, int]:
    """Queue mails inside the caller's transaction; the ids of those that were new, by key.

    The bytes of a mail that is not written yet are the caller's to `keep`, in the same transaction.
    """
    if not mails:
        return {}
    ids = {row["key"]: row["id"] for row in await _queue(*map(_row_of, mails))}
    await keep(
        {ids[mail.key]: mail.content for mail in reversed(mails) if mail.key in ids and isinstance(mail.content, bytes)}
    )
    return ids


_KEEP = 'INSERT INTO "outbox_content" ("id", "content") VALUES (?, ?)'


async def keep(contents: Mapping[int, bytes]) -> None:
    """The bytes of mails, inside the transaction that queues them."""
    if contents:
        await repeated(_KEEP, contents.items())


def _row_of(mail: NewMail) -> tuple[object, ...]:
    return (
        mail.key, mail.ticket_id, mail.mailbox, mail.letter, mail.mail_class, mail.sender, mail.recipient,
        mail.message_id, digest(mail.message_id), mail.created_at, mail.not_before,
        mail.not_before or mail.created_at, OutboxState.HELD if mail.held else OutboxState.QUEUED,
    )  # fmt: skip


# Order within a conversation: an earlier mail of the same ticket to the same person goes first, or holds up the later.
_DUE = (
    'SELECT "outbox_mail"."id", "next_attempt_at", LENGTH("content") FROM "outbox_mail" '
    'JOIN "outbox_content" ON "outbox_content"."id" = "outbox_mail"."id" '
    'WHERE "mailbox" = ? AND "state" = ? AND "next_attempt_at" <= ? AND NOT '
    'EXISTS (SELECT 1 FROM "outbox_mail" "earlier" WHERE "earlier"."ticket_id" = "outbox_mail"."ticket_id" '
    'AND "earlier"."id" < "outbox_mail"."id" AND "earlier"."recipient" = "outbox_mail"."recipient" '
    "AND \"earlier\".\"state\" IN ('queued', 'retry', 'sending')) "
    'ORDER BY "next_attempt_at", "outbox_mail"."id" LIMIT ?'
)
_CLAIM = (
    'UPDATE "outbox_mail" SET "state" = ?, "attempts" = "attempts" + 1, "next_attempt_at" = ?, "claimed_by" = ?, '
    '"handing_over" = FALSE '
    'WHERE "id" IN ({ids}) '
    'RETURNING "id", "ticket_id", "mailbox", "letter", "sender", "recipient", "message_id", "attempts", "doubts", '
    '"mail_class", (SELECT "content" FROM "outbox_content" WHERE "outbox_content"."id" = "outbox_mail"."id")'
)


async def claim(mailbox: str, limit: int, now: datetime, lease_until: datetime, node: str = "") -> list[QueuedMail]:
    """At most `limit` mails that are due, their attempt written and committed before anyone tries.

    An attempt that is not settled by `lease_until` is found by `abandoned`. Mails to one person about one ticket are
    claimed one after the other, in the order they were queued. May be called from several processes at once.
    """
    async with transaction() as connection:
        # Where several processes may ask, each leaves alone what another is about to claim.
        due = _DUE + (' FOR UPDATE OF "outbox_mail" SKIP LOCKED' if connection.capabilities.support_for_update else "")
        rows = [row for state in _WAITING for row in await fetched(due, mailbox, state, now, limit)]
        ids = _within(rows, limit)
        if not ids:
            return []
        claimed = await fetched(_CLAIM.format(ids=marks(len(ids))), OutboxState.SENDING, lease_until, node, *ids)
        return [QueuedMail(*_final(*row)) for row in sorted(claimed, key=itemgetter(0))]


async def is_busy(mailboxes: Sequence[str], now: datetime) -> bool:
    """Whether a mail is being sent, or one that was never tried may be claimed now.

    All in one look: what settles between two of them may have queued another.
    """
    asked: list[Any] = [OutboxState.SENDING]
    text = 'SELECT 1 FROM "outbox_mail" WHERE "state" = ?'
    for mailbox in mailboxes:
        text += f' UNION ALL SELECT 1 FROM ({_DUE}) "due"'  # noqa: S608 - of constants
        asked += [mailbox, OutboxState.QUEUED, now, 1]
    return bool(await fetched(text, *asked))


def _final(*row: Any) -> tuple[Any, ...]:
    """A claimed row as the database has it, in our types."""
    *others, mail_class, written = row
    return (*others, MailClass(mail_class), bytes(written))


def _within(due: list[tuple[Any, ...]], limit: int) -> list[int]:
    """The first to come due, as many as fit into memory together, and at least one."""
    ids: list[int] = []
    total = 0
    for id_, _, size in sorted(due, key=itemgetter(1, 0))[:limit]:
        total += size
        if ids and total > MOST_CLAIMED:
            break
        ids.append(id_)
    return ids


_HANDING_OVER = 'UPDATE "outbox_mail" SET "handing_over" = TRUE WHERE "state" = ? AND ({attempts}) RETURNING "id"'


async def handing_over(attempts: Mapping[int, int]) -> set[int]:
    """Write that the content of these mails goes out now, by id and attempt; the ids of those that are still ours to send.

    Until this is committed a mail can't have arrived, whoever dies.
    """
    each = " OR ".join(['"id" = ? AND "attempts" = ?'] * len(attempts))
    rows = await fetched(_HANDING_OVER.format(attempts=each), OutboxState.SENDING, *chain(*attempts.items()))
    return {id_ for (id_,) in rows}


async def give_back(mailbox: str, node: str, held: Sequence[int], now: datetime) -> None:
    """What bears this node's name and is not `held`: claimed when the connection broke, or ahead, and never tried."""
    claimed = OutboxMail.filter(mailbox=mailbox, state=OutboxState.SENDING, claimed_by=node)
    for state, those in ((OutboxState.QUEUED, claimed.filter(attempts=1)), (OutboxState.RETRY, claimed)):
        mails = those.exclude(id__in=[0, *held])
        await mails.update(state=state, attempts=F("attempts") - 1, next_attempt_at=now, claimed_by="")


_SENT = 'UPDATE "outbox_mail" SET "state" = ?, "reply" = ?, "sent_at" = ?, "copy_due_at" = ? WHERE "id" = ?'


async def settle(settlements: Sequence[Settlement]) -> list[Settlement]:
    """Write what became of attempts, and tell the tickets, in one transaction. Returns those that were taken for true.

    What a server took is sent, whatever was thought of the attempt meanwhile; anything else counts only for the
    attempt it belongs to.
    """
    async with transaction():
        sent = [each for each in settlements if each.state is OutboxState.SENT]
        if sent:
            await repeated(_SENT, ((each.state, each.reply, each.at, each.copy_due_at, each.id) for each in sent))
        others = [each for each in settlements if each.state is not OutboxState.SENT]
        valid = sent + [each for each in others if await _settle_unsent(each)]
        entries = [each.history for each in valid if each.history is not None]
        if entries:
            await history.append(entries)
        return valid


async def _settle_unsent(settlement: Settlement) -> int:
    attempt = OutboxMail.filter(id=settlement.id, attempts=settlement.attempt, state=OutboxState.SENDING)
    return await attempt.update(
        state=settlement.state,
        reply=settlement.reply,
        next_attempt_at=settlement.next_attempt_at or settlement.at,
        doubts=F("doubts") + int(settlement.doubtful),
        copy_due_at=settlement.copy_due_at,
    )


async def abandoned(mailboxes: Sequence[str], now: datetime, *, alone: bool = False) -> list[OutboxRow]:
    """Attempts whose outcome nobody will write any more: their lease is over. Locked until the transaction ends.

    `alone`: no other process sends from this database, and this one has nothing under way, so all of them.
    """
    query = OutboxMail.filter(mailbox__in=mailboxes, state=OutboxState.SENDING)
    lost = query if alone else query.filter(next_attempt_at__lte=now)
    await lost.order_by("id").select_for_update().only("id")  # not `values`: Tortoise then leaves FOR UPDATE out
    return await _rows(lost)


_NEXT = 'SELECT MIN("next_attempt_at") FROM "outbox_mail" WHERE "mailbox" = ? AND "state" = ? AND "next_attempt_at" > ?'


async def next_due(mailbox: str, now: datetime) -> datetime | None:
    """When the next mail that is not due yet becomes due."""
    times = [at for state in _WAITING for (at,) in await fetched(_NEXT, mailbox, state, now) if at is not None]
    return min(map(known_moment, times), default=None)


async def late(mailboxes: Sequence[str], before: datetime) -> list[OutboxRow]:
    """An agent's words that were written before then, have not arrived, and of which nobody was told so; some at a time."""
    waiting = OutboxMail.filter(mailbox__in=mailboxes, state__in=_UNSETTLED, late_told=False)
    return await _rows(waiting.filter(mail_class=MailClass.HUMAN, created_at__lte=before).limit(_MOST_LATE))


async def late_told(id_: int) -> bool:
    """Note that it is told now; False when it was, or has arrived meanwhile. Call it in the transaction that tells."""
    return bool(await OutboxMail.filter(id=id_, state__in=_UNSETTLED, late_told=False).update(late_told=True))


async def get(id_: int) -> OutboxRow | None:
    return next(iter(await _rows(OutboxMail.filter(id=id_))), None)


async def content(id_: int) -> bytes | None:
    """A mail's bytes."""
    found = await OutboxContent.filter(id=id_).values_list("content")
    return bytes(found[0][0]) if found else None


_WRITTEN = """SELECT "outbox_mail"."id", "ticket_id", "recipient", "mail_class", "created_at", "content", "key"
    FROM "outbox_mail" JOIN "outbox_content" ON "outbox_content"."id" = "outbox_mail"."id"
    WHERE "message_digest" = ? AND "message_id" = ? ORDER BY "outbox_mail"."id" DESC LIMIT 1"""


async def by_message_id(message_id: str) -> WrittenMail | None:
    """The mail of ours with this Message-ID (`<...>`)."""
    for id_, ticket, recipient, mail_class, at, written, key in await fetched(_WRITTEN, digest(message_id), message_id):
        human = mail_class == MailClass.HUMAN
        return WrittenMail(id_, ticket, recipient, human, known_moment(at), bytes(written), key)
    return None


async def listing(*, states: Iterable[OutboxState] = (), ticket: int | None = None, limit: int = 50) -> list[OutboxRow]:
    """Mails of ours, newest first; empty conditions mean all."""
    query = OutboxMail.all()
    wanted = tuple(states)
    if wanted:
        query = query.filter(state__in=wanted)
    if ticket is not None:
        query = query.filter(ticket_id=ticket)
    return await _rows(query.limit(limit), "-id")


async def held(limit: int) -> list[int]:
    """Letters that the breaker holds, the newest first: who wrote just now waits for an answer."""
    rows = OutboxMail.filter(state=OutboxState.HELD).order_by("-id").limit(limit)
    return [int(id_) for (id_,) in await rows.values_list("id")]


async def release(id_: int, at: datetime, now: datetime) -> bool:
    """Let a held letter leave at that time; False when it is not held."""
    return await _unheld(id_, now, "released", state=OutboxState.QUEUED, next_attempt_at=at)


async def drop(id_: int, now: datetime) -> bool:
    """Never send a held letter; False when it is not held."""
    return await _unheld(id_, now, "dropped", state=OutboxState.CANCELLED)


async def _unheld(id_: int, now: datetime, what: str, **values: Any) -> bool:
    """The operator's word on a held letter, and its entry in the ticket's history."""
    async with transaction():
        if not await OutboxMail.filter(id=id_, state=OutboxState.HELD).update(**values):
            return False
        for ticket, *told in await OutboxMail.filter(id=id_).values_list("ticket_id", "letter", "recipient"):
            text = " to ".join(told)
            await history.append([Entry(now, what, "operator", text, ticket=ticket, outbox=id_)])
        return True


async def retry(id_: int, now: datetime) -> bool:
    """Try a mail again now, with all its attempts before it; False when it was sent, is under way or not there.

    That it may have arrived before stays true of it. One that was taken back keeps the count of its attempts: a sender
    may have it in hand still, and must not take the next attempt for its own.
    """
    stopped = OutboxMail.filter(id=id_, state__in=(OutboxState.RETRY, OutboxState.DEAD, OutboxState.UNKNOWN))
    taken_back = OutboxMail.filter(id=id_, state=OutboxState.CANCELLED)
    values = {"state": OutboxState.RETRY, "next_attempt_at": now}
    return bool(await stopped.update(**values, attempts=0) or await taken_back.update(**values))


async def undelivered(id_: int, words: str) -> bool:
    """A delivery report says that nobody will get it."""
    reported = OutboxMail.filter(id=id_, state__in=(OutboxState.SENT, OutboxState.UNKNOWN, OutboxState.RETRY))
    return bool(await reported.update(state=OutboxState.DEAD, reply=words))


async def _rows(query: QuerySet[OutboxMail], order: str = "id") -> list[OutboxRow]:
    return [OutboxRow(*row) for row in await query.order_by(order).values_list(*_ROW)]
