"""Rows that become due. Each is carried out at most once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import RawSQL

from mailproc.store.models import Deadline

#: Not a join: PostgreSQL would read through all tickets for it.
_MAILBOX = RawSQL('(SELECT "of"."mailbox" FROM "ticket" "of" WHERE "of"."id" = "deadline"."ticket_id")')


@dataclass(frozen=True, slots=True)
class DueRow:
    id: int
    ticket: int
    kind: str
    round: int
    due_at: datetime
    set_at: datetime
    attempts: int
    agent: str  # who asked for it; empty: nobody


async def put(
    ticket: int, kind: str, round_: int, due_at: datetime, now: datetime, *, agent: str = "", once: str = ""
) -> None:
    """A deadline of one round of a ticket, or with `once` one of its own; a second one of the same name changes nothing."""
    key = f"{ticket}:{kind}:{once or round_}"
    row = Deadline(key=key, ticket_id=ticket, kind=kind, round=round_, due_at=due_at, set_at=now, agent=agent)
    await Deadline.bulk_create([row], ignore_conflicts=True)


async def due(now: datetime, limit: int, deaf: Collection[str] = ()) -> list[DueRow]:
    """What has come due, oldest first; nothing on tickets of `deaf` mailboxes."""
    names = ("id", "ticket_id", "kind", "round", "due_at", "set_at", "attempts", "agent")
    query = Deadline.filter(done_at__isnull=True, due_at__lte=now)
    if deaf:
        query = query.annotate(mailbox=_MAILBOX).filter(mailbox__not_in=list(deaf))
    return [DueRow(*row) for row in await query.order_by("due_at").limit(limit).values_list(*names)]


async def next_due() -> datetime | None:
    """When the next one comes; None when there is none."""
    row = await Deadline.filter(done_at__isnull=True).order_by("due_at").first().values("due_at")
    return row["due_at"] if row else None


async def still_waits(id_: int) -> bool:
    """Whether nobody carried it out or cancelled it meanwhile."""
    return await Deadline.filter(id=id_, done_at__isnull=True).exists()


async def done(id_: int, now: datetime, note: str) -> None:
    await Deadline.filter(id=id_).update(done_at=now, note=note)


async def put_off(id_: int, until: datetime, note: str) -> None:
    """Try again later; counted."""
    row = await Deadline.filter(id=id_).first().values("attempts")
    if row is not None:
        await Deadline.filter(id=id_).update(due_at=until, note=note, attempts=row["attempts"] + 1)


async def cancel(ticket: int, now: datetime, why: str, kinds: Collection[str], agent: str = "") -> None:
    """What the ticket still waits for, it waits no more: of these kinds, and of this agent where one is named."""
    query = Deadline.filter(ticket_id=ticket, kind__in=list(kinds), done_at__isnull=True)
    if agent:
        query = query.filter(agent=agent)
    await query.update(done_at=now, note=f"cancelled: {why}")
