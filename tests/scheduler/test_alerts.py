"""Alerts: told at once, again each day, and when it is over; never more than once an hour, never lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from mailproc.clock import ManualClock
from mailproc.core.condition import Finding, Level
from mailproc.scheduler.alerts import Alerts
from tests.testlib.store import NOW, fresh_store

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DEAF = Finding("imap support", Level.CRITICAL, "in trouble for 5 minutes: no answer")
HEARS = Finding("imap support", Level.OK, "worked 3 seconds ago")


class Watched:
    """A desk whose findings the test sets, and its operator."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOW)
        self.found: Sequence[Finding] = ()
        self.reachable = True
        self.told: list[str] = []
        self._alerts = Alerts("Acme", self._look, self._send, self.clock)

    async def _look(self) -> Sequence[Finding]:
        return self.found

    async def _send(self, subject: str, text: str) -> bool:
        if self.reachable:
            self.told.append(f"{subject}\n{text}")
        return self.reachable

    async def after(self, passed: timedelta, *found: Finding) -> int:
        """How many alerts the operator has got after this time, with these findings at every minute of it."""
        self.found = found
        for _ in range(passed // MINUTE):
            self.clock.advance(MINUTE)
            await self._alerts.once()
        return len(self.told)


@pytest.fixture
async def watched(store_url: str) -> AsyncIterator[Watched]:
    async with fresh_store(store_url):
        yield Watched()


@pytest.mark.row("A31", "N5")
@pytest.mark.slow
async def test_trouble_is_told_within_a_minute_then_daily_and_at_its_end(watched: Watched) -> None:
    assert await watched.after(HOUR, HEARS) == 0
    assert await watched.after(MINUTE, DEAF) == 1
    assert "CRITICAL" in watched.told[0]
    assert "imap support: in trouble for 5 minutes: no answer" in watched.told[0]
    assert await watched.after(23 * HOUR, DEAF) == 1
    assert await watched.after(2 * HOUR, DEAF) == 2
    assert await watched.after(HOUR, HEARS) == 3
    assert "well again: imap support" in watched.told[2]
    assert await watched.after(48 * HOUR, HEARS) == 3


@pytest.mark.row("A31")
async def test_what_comes_and_goes_is_told_once_an_hour(watched: Watched) -> None:
    for _ in range(30):
        await watched.after(MINUTE, DEAF)
        await watched.after(MINUTE, HEARS)
    assert len(watched.told) <= 2


async def test_an_alert_that_could_not_be_sent_is_sent_later(watched: Watched) -> None:
    watched.reachable = False
    assert await watched.after(5 * MINUTE, DEAF) == 0
    watched.reachable = True
    assert await watched.after(MINUTE, DEAF) == 1


@pytest.mark.row("N22")
async def test_what_was_told_by_a_clock_that_was_ahead_is_told_again(watched: Watched) -> None:
    watched.clock.advance(timedelta(days=400))
    assert await watched.after(MINUTE, DEAF) == 1
    watched.clock.advance(-timedelta(days=400))
    assert await watched.after(MINUTE, DEAF) == 2
    assert await watched.after(HOUR, DEAF) == 2
