"""Mails in an agent's name that wait for the agent's word: whether they were theirs, or are to leave as they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailproc.store.models import HeldMail


@dataclass(frozen=True, slots=True)
class HeldRow:
    """One of them."""

    inbound_id: int
    agent: str
    ticket: int
    note: bool  # it came to the note address
    until: datetime
    asked_at: datetime | None  # when a letter went out about it
    settled_at: datetime | None  # when it was carried out, or discarded
    side: int | None = None  # the side conversation it is for
    because: str = ""  # of letters.HeldBecause; empty: nothing proved that it is the agent's


_ROW = ("inbound_id", "agent", "ticket_id", "note", "until", "asked_at", "settled_at", "side_id", "because")


async def keep(row: HeldRow, now: datetime) -> None:
    """Hold a mail of the spool; one that is held once more waits anew."""
    values = {
        "agent": row.agent, "ticket_id": row.ticket, "note": row.note, "held_at": now, "until": row.until,
        "asked_at": row.asked_at, "settled_at": None, "side_id": row.side, "because": row.because,
    }  # fmt: skip
    await HeldMail.update_or_create(inbound_id=row.inbound_id, defaults=values)


async def find(inbound_id: int) -> HeldRow | None:
    """A held mail by its number in the spool."""
    rows = await HeldMail.filter(inbound_id=inbound_id).limit(1).values_list(*_ROW)
    return HeldRow(*rows[0]) if rows else None


async def settle(inbound_id: int, now: datetime) -> bool:
    """The agent has said what becomes of it; False when they had already."""
    return bool(await HeldMail.filter(inbound_id=inbound_id, settled_at=None).update(settled_at=now))


async def last_asked(agent: str) -> datetime | None:
    """When the agent was last asked whether a mail was theirs."""
    query = HeldMail.filter(agent=agent, because="", asked_at__not_isnull=True).order_by("-asked_at").limit(1)
    return next((at for (at,) in await query.values_list("asked_at")), None)


async def unasked(agent: str, now: datetime) -> tuple[int, ...]:
    """The tickets of mails that still wait and that no letter told the agent of."""
    query = HeldMail.filter(agent=agent, because="", asked_at=None, until__gte=now).order_by("id").limit(50)
    return tuple(dict.fromkeys([number for (number,) in await query.values_list("ticket_id")]))
