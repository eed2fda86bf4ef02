"""Agents' answers that do not arrive: whoever has the ticket is told once, while there is time to call."""

from __future__ import annotations

import asyncio

from mailproc import eventlog
from mailproc.clock import Clock, sleep
from mailproc.core.due import delayed
from mailproc.core.policy import Policy
from mailproc.handling.correspondence import Occasion
from mailproc.handling.record import Cause, Recorder
from mailproc.store import outbox, tickets
from mailproc.store.db import TROUBLE, deciding
from mailproc.store.outbox import OutboxRow

_EVERY = 60.0  # seconds


class LateLetters:
    """Looks every minute for answers that are under way longer than `Policy.tell_late_after`."""

    def __init__(self, policy: Policy, recorder: Recorder, clock: Clock, queued: asyncio.Event) -> None:
        """`queued` is set when something was written."""
        self._policy, self._recorder, self._clock, self._queued = policy, recorder, clock, queued

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.tell()
            except TROUBLE as failure:
                eventlog.error("late.store_failed", error=repr(failure))
            await sleep(self._clock, _EVERY)

    async def tell(self) -> None:
        """Each of them once, whoever dies meanwhile and however many nodes look."""
        before = self._clock.now() - self._policy.tell_late_after
        for row in await outbox.late(tuple(self._policy.mailboxes), before):
            async with deciding():
                if row.ticket_id is not None and await outbox.late_told(row.id):
                    await self._tell(row, row.ticket_id)
            self._queued.set()

    async def _tell(self, row: OutboxRow, number: int) -> None:
        ticket = await tickets.view(number)
        if ticket is None:
            return
        decision = delayed(ticket, row.recipient, row.reply, self._policy)
        occasion = Occasion(self._clock.now(), f"late{row.id}", answers_mail=False)
        await self._recorder.apply(decision, Cause(occasion, self._policy.mailbox(ticket.mailbox)), ticket)
        eventlog.warning("outbox.late", mail=row.id, ticket=number, to=row.recipient, reply=row.reply)
