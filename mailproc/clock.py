"""The clock: the only place that reads the time. Everything else is given it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Where aware datetimes and pauses come from, so that a test can live through days."""

    def now(self) -> datetime: ...

    def pause(self, seconds: float) -> float:
        """Real seconds to wait for `seconds` of this clock's time."""
        ...


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def pause(self, seconds: float) -> float:
        return seconds


class SpedUpClock:
    """Time that runs `factor` times as fast from `start`: the demo's three days in a minute."""

    def __init__(self, start: datetime, factor: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._start, self._factor, self._monotonic = start, factor, monotonic
        self._began = monotonic()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=(self._monotonic() - self._began) * self._factor)

    def pause(self, seconds: float) -> float:
        return seconds / self._factor


class ManualClock:
    """Time that stands until it is moved: for tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def pause(self, seconds: float) -> float:
        return min(seconds, 0.01)

    def advance(self, by: timedelta) -> None:
        self._now += by


async def sleep(clock: Clock, seconds: float) -> None:
    """Wait `seconds` of the clock's time."""
    await asyncio.sleep(clock.pause(seconds))
