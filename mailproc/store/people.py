"""What the operator knows of customers: imported, and kept beside what mail tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailproc.core.message import Address
from mailproc.store.models import Person

_BATCH = 200  # people in one statement


@dataclass(frozen=True, slots=True)
class Known:
    """A customer as the operator knows them."""

    address: Address
    organisation: str = ""
    vip: bool = False
    language: str = ""
    time_zone: str = ""


async def learn(people: Sequence[Known], now: datetime) -> int:
    """Write them all; who is there already is brought up to date. Returns how many are new."""
    new = 0
    for start in range(0, len(people), _BATCH):
        batch = {known.address.key[:320]: known for known in people[start : start + _BATCH]}
        there = {row.address: row for row in await Person.filter(address__in=list(batch))}
        rows = [_row(known, there.get(address), now) for address, known in batch.items()]
        await Person.bulk_create([row for row in rows if row.pk is None])
        if there:
            await Person.bulk_update(
                [row for row in rows if row.pk is not None],
                ["name", "organisation", "vip", "language", "time_zone"],
            )
        new += len(batch) - len(there)
    return new


def _row(known: Known, there: Person | None, now: datetime) -> Person:
    row = there or Person(address=known.address.key[:320], written=known.address.address[:320], created_at=now)
    row.name = known.address.name[:200] or row.name
    row.organisation, row.vip = known.organisation[:200], known.vip
    row.language, row.time_zone = known.language or row.language, known.time_zone or row.time_zone
    return row
