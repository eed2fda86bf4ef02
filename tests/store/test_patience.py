"""A database that is away is asked again soon at first, then rarer, and soon again once it was there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from mailproc.clock import ManualClock
from mailproc.store.patience import Patience

pytestmark = pytest.mark.row("N23")


class Noting(ManualClock):
    """Notes what it was asked to wait, and waits nothing."""

    def __init__(self) -> None:
        super().__init__(datetime(2026, 11, 21, 12, tzinfo=UTC))
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> float:
        self.pauses.append(seconds)
        return 0.0


async def test_pauses_grow_until_it_answers() -> None:
    clock = Noting()
    patience = Patience(clock, lambda: 1.0)
    for _ in range(7):
        await patience.rest()
    patience.over()
    await patience.rest()
    assert clock.pauses == [1, 2, 4, 8, 16, 30, 30, 1]


async def test_several_that_wait_for_it_do_not_come_back_together() -> None:
    def pause(chance: float) -> float:
        return Patience(Noting(), lambda: chance).longer()

    assert [pause(chance) for chance in (0.0, 0.4, 1.0)] == pytest.approx([0.5, 0.7, 1.0])


async def test_who_is_told_to_stop_tries_at_once() -> None:
    class Endless(Noting):
        def pause(self, seconds: float) -> float:
            super().pause(seconds)
            return 3600.0

    clock = Endless()
    patience = Patience(clock, lambda: 1.0)
    resting = asyncio.create_task(patience.rest())
    await asyncio.sleep(0)
    assert clock.pauses == [1]
    patience.hurry()
    async with asyncio.timeout(5):
        await resting
