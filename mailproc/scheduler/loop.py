"""The scheduler: rows that have come due, through the same decide and record as a mail."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailproc import eventlog
from mailproc.clock import Clock
from mailproc.core.due import Due, decide_due
from mailproc.core.effects import DeadlineKind
from mailproc.core.policy import Policy
from mailproc.crashpoints import reached
from mailproc.handling.correspondence import Occasion
from mailproc.handling.record import Cause, Recorder
from mailproc.store import deadlines, tickets
from mailproc.store.db import AWAY, TROUBLE, deciding
from mailproc.store.deadlines import DueRow
from mailproc.store.patience import Patience

_LONGEST_WAIT = 60.0  # seconds between looks, whatever the next row says
_BATCH = 100


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of what people said."""

    until: datetime  # everything that came by then was handled, but for
    deaf: frozenset[str]  # mailboxes that can't be read at the moment


class Scheduler:
    """Carries out what is due, once.

    `heard` tells which mailboxes were read and worked off, and until when: silence is only silence when we listened.
    """

    def __init__(self, policy: Policy, recorder: Recorder, clock: Clock, heard: Callable[[], Awaitable[Heard]]) -> None:
        self._policy, self._recorder, self._clock, self._heard = policy, recorder, clock, heard
        self._patience = Patience(clock)
        self.wake = asyncio.Event()
        self.done: list[asyncio.Event] = []  # set when something was carried out

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self.wake.clear()
            try:
                worked = await self.carry_out_due()
                seconds = 0.0 if worked else await self._wait_seconds()
            except TROUBLE as failure:
                eventlog.error("scheduler.store_failed", error=repr(failure))
                await self._patience.rest()
                continue
            self._patience.over()
            if worked:
                continue
            try:
                # Not asyncio.wait_for: in Python 3.11 it swallows a cancellation that comes together with the event.
                async with asyncio.timeout(self._clock.pause(seconds)):
                    await self.wake.wait()
            except TimeoutError:
                continue

    async def _wait_seconds(self) -> float:
        due_at = await deadlines.next_due()
        if due_at is None:
            return _LONGEST_WAIT
        return max(1.0, min(_LONGEST_WAIT, (due_at - self._clock.now()).total_seconds()))

    async def carry_out_due(self) -> int:
        """Everything due now and heard out; the number of rows settled."""
        now = self._clock.now()
        heard = await self._heard()
        count = 0
        for row in await deadlines.due(min(now, heard.until), _BATCH, heard.deaf):
            await self._one(row, now)
            count += 1
        if count:
            for event in self.done:
                event.set()
        return count

    async def _one(self, row: DueRow, now: datetime) -> None:
        try:
            async with deciding():
                if await deadlines.still_waits(row.id):
                    await self._carry_out(row, now)
                reached("due")
            reached("carried out")
        except AWAY:
            raise
        except Exception as failure:  # noqa: BLE001 - one bad row never stops the rest: it is told and tried again
            eventlog.error(
                "scheduler.failed", deadline=row.id, ticket=row.ticket, error=repr(failure), exc_info=failure
            )
            await deadlines.put_off(row.id, now + timedelta(minutes=5 * (row.attempts + 1)), repr(failure))

    async def _carry_out(self, row: DueRow, now: datetime) -> None:
        ticket = await tickets.view(row.ticket)
        if ticket is None:
            await deadlines.done(row.id, now, "the ticket is gone")
            return
        due = Due(DeadlineKind(row.kind), ticket, row.round, row.set_at, row.agent)
        decision = decide_due(due, self._policy, now)
        cause = Cause(Occasion(now, f"due{row.id}", answers_mail=False), self._policy.mailbox(ticket.mailbox))
        await self._recorder.apply(decision, cause, ticket)
        await deadlines.done(row.id, now, decision.reason.value)
        eventlog.event("scheduler.done", deadline=row.id, kind=row.kind, ticket=row.ticket, reason=decision.reason)
