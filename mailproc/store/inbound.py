"""The spool: received mail, from its raw bytes to what became of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tortoise.expressions import F, RawSQL

from mailproc.crashpoints import reached
from mailproc.store.db import transaction
from mailproc.store.models import FolderState, InboundMail
from mailproc.store.statements import Insert, repeated
from mailproc.store.states import InboundState

_LEASE = timedelta(minutes=5)  # a claimed mail nobody reported on is claimed again after this
_NOTHING = hashlib.sha256(b"").hexdigest()  # the content's hash where nothing could be fetched
_CLAIM_BYTES = 32_000_000  # of mails handed out together, unless one alone has more
_LONGEST_HEADER = 262_144  # bytes; behind that nobody looks for what tells two mails apart
#: What the sender wrote. Everything else in a header was added, or may have been, on one of the ways here.
_WRITTEN = frozenset({
    b"from", b"sender", b"reply-to", b"to", b"cc", b"subject", b"date", b"message-id", b"in-reply-to", b"references",
    b"resent-from", b"resent-to", b"resent-date", b"resent-message-id", b"auto-submitted", b"mime-version",
    b"content-type", b"content-transfer-encoding", b"content-disposition",
})  # fmt: skip
#: An earlier copy of the same mail (see `content_hash`) in the same mailbox.
_COPY_OF = RawSQL(
    '(SELECT MIN("earlier"."id") FROM "inbound_mail" "earlier" WHERE "earlier"."mailbox" = "inbound_mail"."mailbox" '
    'AND "earlier"."content_hash" = "inbound_mail"."content_hash" AND "earlier"."id" < "inbound_mail"."id")'
)
_FIELD = re.compile(rb"(?m)^([!-9;-~]+)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)\n?")  # RFC 5322, 2.2, line ends made LF


@dataclass(frozen=True, slots=True)
class Folder:
    """What is known of an IMAP folder."""

    uidvalidity: int
    acts_from: datetime  # mail that lay there and had arrived before is left alone
    found_to: int  # the highest UID that lay there when we came: later ones are news, whatever their date
    last_uid: int  # the highest one decided on


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail as fetched."""

    uid: int
    content: bytes
    size: int  # as the server told it
    oversize: bool  # only the header was fetched
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class SpooledMail:
    """A mail to be handled."""

    id: int
    mailbox: str
    content: bytes
    oversize: bool
    arrived_at: datetime
    attempts: int
    copy_of: int | None = None  # an earlier copy of the same mail (see `content_hash`) in the same mailbox


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of a mail."""

    id: int
    outcome: str
    reason: str
    ticket: int | None
    why: str = ""  # the evidence, in words


@dataclass(frozen=True, slots=True)
class Unfiled:
    """A handled mail that still lies in the folder it came to."""

    id: int
    folder: str
    uid: int
    uidvalidity: int
    quarantined: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A received mail in a list, with all that is known of it but its bytes."""

    id: int
    mailbox: str
    uid: int
    size: int
    arrived_at: datetime
    state: str
    outcome: str
    reason: str
    attempts: int
    ticket_id: int | None


def content_hash(raw: bytes) -> str:
    """What two copies of one mail have in common, however they came: SHA-256 of what its sender wrote.

    A mail that reaches a mailbox directly and by an alias, or is brought back after a rebuild, differs in Received,
    Delivered-To, Return-Path, verdicts and marks. Message-IDs alone tell nothing: some senders use one for all their
    mail. A mail without a Message-ID is only the same when every byte is.
    """
    head, _, body = raw[:_LONGEST_HEADER].replace(b"\r\n", b"\n").partition(b"\n\n")
    fields = [(name.lower(), b" ".join(value.split())) for name, value in _FIELD.findall(head)]
    if not any(name == b"message-id" and value for name, value in fields):
        return hashlib.sha256(raw).hexdigest()
    digest = hashlib.sha256()
    for name, value in fields:
        if name in _WRITTEN:
            digest.update(name + b":" + value + b"\n")
    if len(raw) > _LONGEST_HEADER:
        body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2]
    digest.update(b"\n" + body.rstrip(b"\n"))  # some stores end a mail with a line end more, or less
    return digest.hexdigest()


async def folder(mailbox: str, name: str) -> Folder | None:
    """What is known of a folder; None before the first start."""
    row = await FolderState.filter(mailbox=mailbox, folder=name).first()
    return Folder(row.uidvalidity, row.acts_from, row.found_to, row.last_uid) if row else None


async def enter(mailbox: str, name: str, known: Folder) -> None:
    """Begin with a folder, or with its new incarnation.

    Rows of an earlier one that bore the same UIDVALIDITY (a backup was restored) step aside, to a number below zero
    that no server gives: else a new mail with an old UID would be taken for known.
    """
    values = {"uidvalidity": known.uidvalidity, "acts_from": known.acts_from}
    values |= {"found_to": known.found_to, "last_uid": known.last_uid}
    rows = InboundMail.filter(mailbox=mailbox, folder=name)
    async with transaction():
        aside = await rows.filter(uidvalidity__lt=0).order_by("uidvalidity").first().values("uidvalidity")
        below = (aside["uidvalidity"] if aside else 0) - 1
        await rows.filter(uidvalidity=known.uidvalidity).update(uidvalidity=below)
        await FolderState.update_or_create(mailbox=mailbox, folder=name, defaults=values)


_spool = Insert(
    InboundMail,
    (
        "mailbox", "folder", "uidvalidity", "uid", "content", "size", "oversize", "content_hash", "arrived_at",
        "spooled_at", "next_attempt_at",
    ),
    or_ignore=True,
)  # fmt: skip


async def spool(
    mailbox: str, name: str, uidvalidity: int, mails: Sequence[NewMail], last_uid: int, now: datetime
) -> int:
    """Commit raw mails and the new last UID in one transaction; the number of mails that were new.

    A mail known by its UID is left as it is. One known by its content, after the folder was rebuilt, comes in as
    well and is recognised when it is handled.
    """
    rows = [
        (
            mailbox, name, uidvalidity, mail.uid, mail.content, mail.size, mail.oversize, content_hash(mail.content),
            mail.arrived_at, now, now,
        )
        for mail in mails
    ]  # fmt: skip
    async with transaction():
        uids = [mail.uid for mail in mails]
        same = InboundMail.filter(mailbox=mailbox, folder=name, uidvalidity=uidvalidity)
        known = await same.filter(uid__in=uids).count() if uids else 0
        if rows:
            await _spool(*rows)
        state = FolderState.filter(mailbox=mailbox, folder=name, uidvalidity=uidvalidity)
        await state.filter(last_uid__lt=last_uid).update(last_uid=last_uid)
        reached("spooling")
    return len(rows) - known


async def given_up(mailbox: str, name: str, uidvalidity: int, uid: int, reason: str, now: datetime) -> None:
    """A mail the server would not give us: kept in quarantine, without its bytes, so that it is seen."""
    row = InboundMail(
        mailbox=mailbox, folder=name, uidvalidity=uidvalidity, uid=uid, content=b"", size=0, content_hash=_NOTHING,
        arrived_at=now, spooled_at=now, next_attempt_at=now, state=InboundState.QUARANTINED, reason=reason,
    )  # fmt: skip
    await InboundMail.bulk_create([row], ignore_conflicts=True)


async def claim(limit: int, now: datetime, node: str = "") -> list[SpooledMail]:
    """Mails that are due, in the order they came. The attempt is counted and committed before anyone looks at them.

    One that was tried before comes alone: if it brings the process down, it takes no others with it. May be called
    from several processes at once.
    """
    names = ("id", "mailbox", "content", "oversize", "arrived_at", "attempts", "copy_of")
    async with transaction():
        due = InboundMail.filter(state=InboundState.STORED, next_attempt_at__lte=now)
        # Not `values`: Tortoise then leaves FOR UPDATE out without a word.
        query = due.order_by("id").limit(limit).select_for_update(skip_locked=True)
        waiting = await query.only("id", "attempts", "size", "oversize")
        ids = list(_together(waiting))
        claimed = InboundMail.filter(id__in=ids)
        rows = await claimed.annotate(copy_of=_COPY_OF).order_by("id").values(*names) if ids else []
        if rows:
            await claimed.update(attempts=F("attempts") + 1, next_attempt_at=now + _LEASE, claimed_by=node)
    return [SpooledMail(**{**row, "content": bytes(row["content"]), "attempts": row["attempts"] + 1}) for row in rows]


def _together(waiting: Sequence[InboundMail]) -> Iterator[int]:
    """Ids from the front that may be in memory and handled together."""
    size = 0
    for place, row in enumerate(waiting):
        size += 0 if row.oversize else row.size
        if place and (row.attempts or size > _CLAIM_BYTES):
            return
        yield row.id
        if row.attempts:
            return


async def still_held(mails: Sequence[SpooledMail]) -> set[int]:
    """Which of these claims are still ours, locked until the transaction ends.

    A claim is lost to another process when its lease is over, or when we were taken for dead.
    """
    claimed = InboundMail.filter(id__in=[mail.id for mail in mails], state=InboundState.STORED)
    rows = await claimed.order_by("id").select_for_update().only("id", "attempts")
    ours = {(mail.id, mail.attempts) for mail in mails}
    return {row.id for row in rows if (row.id, row.attempts) in ours}


async def give_back(node: str, held: Sequence[int], now: datetime) -> None:
    """What bears this node's name and is not `held`: claimed when the connection broke, so that nobody heard of it."""
    claimed = InboundMail.filter(state=InboundState.STORED, claimed_by=node, next_attempt_at__gt=now, attempts__gt=0)
    await claimed.exclude(id__in=[0, *held]).update(attempts=F("attempts") - 1, next_attempt_at=now, claimed_by="")


_FINISH = 'UPDATE "inbound_mail" SET "state" = ?, "outcome" = ?, "reason" = ?, "ticket_id" = ? WHERE "id" = ?'


async def finish(mails: Sequence[Finished]) -> None:
    """These mails are handled; call it in the transaction that holds what they caused."""
    rows = [
        (InboundState.DONE, mail.outcome, mail.reason + (f": {mail.why}" if mail.why else ""), mail.ticket, mail.id)
        for mail in mails
    ]
    if rows:
        await repeated(_FINISH, rows)


async def postpone(id_: int, until: datetime, reason: str, *, counts: bool = True) -> None:
    """Try again later; an attempt that could not even begin does not count."""
    await InboundMail.filter(id=id_).update(next_attempt_at=until, reason=reason, claimed_by="")
    if not counts:
        await InboundMail.filter(id=id_, attempts__gt=0).update(attempts=F("attempts") - 1)


async def quarantine(id_: int, reason: str) -> None:
    """Give up on a mail, and keep it."""
    await InboundMail.filter(id=id_).update(state=InboundState.QUARANTINED, reason=reason)


async def replay(id_: int, now: datetime) -> bool:
    """Handle a quarantined mail anew; False when it isn't quarantined, or there is nothing of it."""
    held = InboundMail.filter(id=id_, state=InboundState.QUARANTINED).exclude(content_hash=_NOTHING)
    return bool(await held.update(state=InboundState.STORED, attempts=0, next_attempt_at=now, reason=""))


async def release_claims(now: datetime) -> None:
    """At start: what a former process had claimed is due at once."""
    await InboundMail.filter(state=InboundState.STORED, next_attempt_at__gt=now).update(next_attempt_at=now)


async def unfiled(mailbox: str, limit: int) -> list[Unfiled]:
    """Handled mails that wait to be moved out of the inbox, oldest first."""
    names = ("id", "folder", "uid", "uidvalidity", "state")
    waiting = InboundMail.filter(mailbox=mailbox, filed=False).exclude(state=InboundState.STORED)
    rows = await waiting.order_by("id").limit(limit).values_list(*names)
    failed = InboundState.QUARANTINED
    return [Unfiled(id_, folder, uid, validity, state == failed) for id_, folder, uid, validity, state in rows]


async def mark_filed(ids: Sequence[int]) -> None:
    await InboundMail.filter(id__in=list(ids)).update(filed=True)


async def oldest_waiting() -> datetime | None:
    """When the oldest mail that is not handled yet arrived; None when all are."""
    row = await InboundMail.filter(state=InboundState.STORED).order_by("id").first().values("arrived_at")
    return row["arrived_at"] if row else None


_LINE = ("id", "mailbox", "uid", "size", "arrived_at", "state", "outcome", "reason", "attempts", "ticket_id")


async def listing(state: str, limit: int) -> list[Line]:
    """Received mails, newest first; an empty state means all."""
    query = InboundMail.filter(state=InboundState(state)) if state else InboundMail.all()
    return [Line(*row) for row in await query.order_by("-id").limit(limit).values_list(*_LINE)]


async def get(id_: int) -> tuple[Line, bytes] | None:
    """One mail and its bytes."""
    row = await InboundMail.filter(id=id_).first().values_list(*_LINE, "content")
    return (Line(*row[:-1]), bytes(row[-1])) if row else None


async def content(id_: int) -> bytes | None:
    """A mail's bytes."""
    found = await InboundMail.filter(id=id_).values_list("content")
    return bytes(found[0][0]) if found else None
