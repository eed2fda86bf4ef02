"""A stop stops every loop."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from mailproc.supervisor import Notifier, supervise


async def test_a_loop_that_lost_its_cancellation_is_cancelled_again() -> None:
    """As Python 3.11 loses one that comes just as a connection is made."""
    stop = asyncio.Event()

    async def loses_one() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    async def nothing_to_drain() -> None:
        pass

    stop.set()
    async with asyncio.timeout(5):
        await supervise({"loses one": loses_one}, nothing_to_drain, stop, Notifier({}))
