"""Lists that were sent to agents: which ticket stands behind each of their lines, for as long as they are answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from mailproc.store.models import Digest
from mailproc.store.statements import Insert, fetched

_keep = Insert(Digest, ("agent", "sent_at", "tickets"), returning=("id",))


async def keep(agent: str, tickets: Sequence[int], now: datetime) -> int:
    """Remember a list; its number."""
    (row,) = await _keep((agent, now, " ".join(map(str, tickets))))
    return int(row["id"])


async def tickets_of(number: int, agent: str) -> tuple[int, ...]:
    """The tickets behind the lines of an agent's list, the first is line 1; nothing if it is none of theirs."""
    rows = await fetched('SELECT "tickets" FROM "digest" WHERE "id" = ? AND "agent" = ?', number, agent)
    return tuple(int(ticket) for ticket in rows[0][0].split()) if rows else ()
