"""The clock: the only place that reads the time. Everything else is given it."""

from __future__ import annotations

import asyncio
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


class LeapingClock:
    """The machine's clock, moved forward by leaps: the demo's nights and weekends."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def pause(self, seconds: float) -> float:
        return seconds

    def leap(self, by: timedelta) -> None:
        self._ahead += by


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
