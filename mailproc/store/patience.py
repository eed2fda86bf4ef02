"""What a loop does while the database fails it: it waits, longer each time, and tries again."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress

from mailproc.clock import Clock
from mailproc.core.backoff import store_pause


class Patience:
    """The pauses of one loop."""

    def __init__(self, clock: Clock, jitter: Callable[[], float] = random.random) -> None:
        self._clock, self._jitter = clock, jitter
        self._failures = 0
        self._hurried = asyncio.Event()

    def over(self) -> None:
        """The database answered."""
        self._failures = 0

    def hurry(self) -> None:
        """End a pause now, and begin with short ones again: little time is left."""
        self._failures = 0
        self._hurried.set()

    def longer(self) -> float:
        """The seconds of the next pause, after one more failure."""
        self._failures += 1
        return store_pause(self._failures, self._jitter()).total_seconds()

    async def rest(self) -> None:
        """The next pause."""
        self._hurried.clear()
        # Not asyncio.wait_for: in Python 3.11 it swallows a cancellation that comes together with the event.
        with suppress(TimeoutError):
            async with asyncio.timeout(self._clock.pause(self.longer())):
                await self._hurried.wait()
