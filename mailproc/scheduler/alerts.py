"""Tells the operator, by another way than the mail that may be in trouble: at once, daily while it lasts, and at its end.

A finding is told at most once an hour, however often it comes and goes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

from mailproc import eventlog
from mailproc.clock import Clock, sleep
from mailproc.core.condition import Finding, Level
from mailproc.store import health
from mailproc.store.db import TROUBLE
from mailproc.store.health import Told

_PAUSE = 60.0  # seconds between looks
_LEAST = timedelta(hours=1)  # between two alerts of one name
_AGAIN = timedelta(days=1)  # while it lasts

Look = Callable[[], Awaitable[Sequence[Finding]]]
#: Sends an alert; False when it could not be sent, and must be tried again.
Send = Callable[[str, str], Awaitable[bool]]


def news(found: Sequence[Finding], told: Mapping[str, Told], now: datetime) -> tuple[list[Finding], list[Finding]]:
    """What the operator should be told now: of trouble, and of what is well again."""
    trouble, well = [], []
    for finding in found:
        last = told.get(finding.name)
        if last is not None and last.at > now:  # told by a clock that was ahead
            last = Told(now - _AGAIN, last.open)
        if finding.level is Level.OK:
            if last is not None and last.open and now - last.at >= _LEAST:
                well.append(finding)
        elif last is None or now - last.at >= (_AGAIN if last.open else _LEAST):
            trouble.append(finding)
    return trouble, well


def words(trouble: Sequence[Finding], well: Sequence[Finding], desk: str) -> tuple[str, str]:
    """Subject and text of an alert."""
    worst = max((finding.level for finding in trouble), default=Level.OK)
    what = ", ".join(finding.name for finding in (trouble or well))
    lines = [f"{finding.level.name:<8} {finding.name}: {finding.words}" for finding in trouble]
    lines += [f"WELL     {finding.name}: {finding.words}" for finding in well]
    text = "\n".join(lines) + "\n\nWhat there is to see: mailproc status\n"
    return f"mailproc {desk}: {worst.name if trouble else 'well again'}: {what}"[:200], text


class Alerts:
    """Looks every minute."""

    def __init__(self, desk: str, look: Look, send: Send, clock: Clock) -> None:
        self._desk, self._look, self._send, self._clock = desk, look, send, clock

    async def run(self) -> None:
        """Until cancelled. Nothing it meets ends it: it is the last to speak."""
        while True:
            await sleep(self._clock, _PAUSE)
            try:
                await self.once()
            except TROUBLE as failure:
                eventlog.error("alerts.store_failed", error=repr(failure))

    async def once(self) -> None:
        """Look, and tell what is new."""
        now = self._clock.now()
        trouble, well = news(await self._look(), await health.told(), now)
        if not trouble and not well:
            return
        if not await self._send(*words(trouble, well, self._desk)):
            return
        for finding in (*trouble, *well):
            await health.tell(finding.name, now, is_open=finding.level is not Level.OK)
