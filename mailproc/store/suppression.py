"""Addresses whose servers said for good that mail does not arrive: no automatic letter goes there for a while."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from mailproc.store.models import SuppressedAddress
from mailproc.store.statements import fetched, marks

_SUPPRESSED = 'SELECT "address" FROM "suppressed_address" WHERE "address" IN (%s) AND "until" > ?'


async def suppress(address: str, until: datetime, words: str, now: datetime) -> None:
    """From now on, until then; another failure meanwhile makes it longer."""
    values = {"since": now, "until": until, "words": words}
    await SuppressedAddress.update_or_create(address=address.casefold()[:320], defaults=values)


async def lift(address: str, now: datetime) -> bool:
    """Automatic letters go there again; False when they did already."""
    row = SuppressedAddress.filter(address=address.casefold()[:320])
    stood = await row.filter(until__gt=now).exists()
    await row.delete()
    return stood


async def suppressed(addresses: Iterable[str], now: datetime) -> frozenset[str]:
    """Those of these addresses that are, case folded."""
    keys = {address.casefold() for address in addresses}
    if not keys:
        return frozenset()
    return frozenset(address for (address,) in await fetched(_SUPPRESSED % marks(len(keys)), *keys, now))
