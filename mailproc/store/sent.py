"""Answers and the Sent folder: which copies are still to be made, and which answer in doubt is looked for there first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from mailproc.store import history
from mailproc.store.db import transaction
from mailproc.store.history import Entry
from mailproc.store.models import OutboxMail
from mailproc.store.statements import repeated
from mailproc.store.states import OutboxState

#: Providers that keep a copy of what they take (Gmail, Exchange) have theirs by then.
COPY_AFTER = timedelta(seconds=5)
#: How long a mail in doubt waits for a look at the Sent folder; then it is sent again without one.
LOOK = timedelta(minutes=2)
_LONG_AGO = datetime.fromtimestamp(0, UTC)  # finds by index what "is not null" would not

_ROW = (
    "id", "ticket_id", "letter", "recipient", "message_id", "created_at", "sent_at", "next_attempt_at", "doubts",
    "copy_attempts",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Copy:
    """A mail of ours whose copy is to be made, or to be looked for."""

    id: int
    ticket_id: int | None
    letter: str
    recipient: str
    message_id: str
    created_at: datetime
    sent_at: datetime | None
    next_attempt_at: datetime
    doubts: int
    attempts: int  # to make the copy, or to look

    @property
    def taken(self) -> bool:
        """Whether a server took the mail; else it may have."""
        return self.sent_at is not None


def _waiting(mailbox: str) -> QuerySet[OutboxMail]:
    """Those that were taken, and those in doubt that are not under way again."""
    return OutboxMail.filter(Q(sent_at__isnull=False) | Q(state=OutboxState.RETRY), mailbox=mailbox)


async def due(mailbox: str, now: datetime, limit: int) -> list[Copy]:
    """What the Sent folder is to be asked for now, the longest waiting first."""
    query = _waiting(mailbox).filter(copy_due_at__lte=now).order_by("copy_due_at").limit(limit)
    return [Copy(*row) for row in await query.values_list(*_ROW)]


async def next_due(mailbox: str, now: datetime) -> datetime | None:
    """When more will be due."""
    query = _waiting(mailbox).filter(copy_due_at__gt=now).order_by("copy_due_at").limit(1)
    return next((at for (at,) in await query.values_list("copy_due_at")), None)


_BEGUN = 'UPDATE "outbox_mail" SET "copy_due_at" = ?, "copy_attempts" = "copy_attempts" + 1 WHERE "id" = ?'


async def begun(again: Mapping[int, datetime]) -> None:
    """Count an attempt before it is made, and write when the next one is due should nobody hear of this one."""
    async with transaction():
        await repeated(_BEGUN, ((at, id_) for id_, at in again.items()))


async def copied(ids: Sequence[int]) -> None:
    """Their copies lie in the folder, or are given up."""
    await OutboxMail.filter(id__in=list(ids)).update(copy_due_at=None)


async def found(copy: Copy, folder: str, now: datetime) -> bool:
    """A mail in doubt lies in the Sent folder, where only its server can have put it: it was taken. False when it is no more in doubt."""
    words = f"it lies in {folder}: the server had taken it"
    async with transaction():
        doubted = OutboxMail.filter(id=copy.id, state=OutboxState.RETRY, sent_at__isnull=True)
        if not await doubted.update(state=OutboxState.SENT, reply=words, sent_at=now, copy_due_at=None):
            return False
        text = f"{copy.letter} to {copy.recipient}: {words}; it is not sent again"
        await history.append([Entry(now, "sent", "mailproc", text, ticket=copy.ticket_id, outbox=copy.id)])
        return True


async def not_found(copy: Copy, now: datetime) -> bool:
    """A mail in doubt does not lie there: True when it is sent again now, False when there is time for another look."""
    doubted = OutboxMail.filter(id=copy.id, state=OutboxState.RETRY, doubts=copy.doubts)
    last_look = copy.next_attempt_at - LOOK
    if now < last_look:
        await doubted.update(copy_due_at=last_look)
        return False
    return bool(await doubted.update(next_attempt_at=now, copy_due_at=None))


async def uncopied(mailboxes: Sequence[str], before: datetime) -> tuple[int, datetime | None]:
    """How many answers that left before then still have no copy, and when the first of them left."""
    missing = OutboxMail.filter(mailbox__in=list(mailboxes), copy_due_at__gt=_LONG_AGO, sent_at__lt=before)
    first = await missing.order_by("sent_at").limit(1).values_list("sent_at")
    return await missing.count(), next((at for (at,) in first), None)
