"""The sender: claims what is due, hands it to the transports, writes down what became of it.

Each mailbox has a lane of its own, so that a server that is slow, down or angry holds up nobody else's mail.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Container, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from mailproc import eventlog
from mailproc.clock import Clock
from mailproc.core.backoff import account_pause, login_pause
from mailproc.crashpoints import reached
from mailproc.outbox.doors import Doors
from mailproc.outbox.settlement import settlement, told
from mailproc.outbox.transport import (
    OF_ACCOUNT,
    Deferred,
    Outcome,
    Reason,
    Sent,
    Transport,
    Unknown,
)
from mailproc.store import health, outbox
from mailproc.store.db import AWAY, deciding, transaction
from mailproc.store.outbox import OutboxRow, OutboxState, QueuedMail, Settled, Settlement
from mailproc.store.patience import Patience

LEASE = timedelta(minutes=30)  # longer than any attempt can take
_LONGEST_WAIT = 60.0  # seconds between looks, whatever the rows say
_WELL_EVERY = timedelta(minutes=1)  # between two notes that an account works
_AHEAD = 4  # mails claimed for each connection: those that wait for it are in nobody's way, and a commit is dear
_WHILE = 0.02  # seconds that one outcome waits for others while every connection has work; who dies then sends it twice
_MOMENT = 0.005  # ditto, while one has none
_LAST_WORDS = 2.0  # seconds for writing down the last outcomes
_NEVER_FINISHED = Unknown(Reason.STOPPED, "the attempt was never finished")
_NEVER_BEGUN = Deferred(Reason.LOST, reply="the program ended before it came to this mail")


OnSettled = Callable[[Settled], Awaitable[None]]


class Sender:
    """Sends what the outbox holds, until stopped."""

    def __init__(
        self,
        transports: Mapping[str, Transport],
        clock: Clock,
        wake: asyncio.Event,
        on_settled: OnSettled,
        parallel: int = 8,
        *,
        alone: bool = True,
        node: str = "",
        copying: Container[str] = (),
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`transports` by mailbox; `wake` is set when something was queued.

        `on_settled` is awaited inside the transaction that settles a mail which did not, or may not have, reached its
        recipient: what it writes is written exactly once; it must not touch the network.
        `copying`: mailboxes that have a Sent folder.
        `node`: the name mails are claimed under. `alone`: no other process sends from this database, so attempts found under way at the start are lost ones.
        """
        self._clock, self._wake, self._alone = clock, wake, alone
        self._ledger, self._patience = _Ledger(clock, on_settled, copying, jitter), Patience(clock, jitter)
        self.answered: list[asyncio.Event] = []  # set by us: the Sent folder has something to do
        self._lanes = [
            _Lane(name, each, clock, self._ledger, parallel, jitter, node, self.answered)
            for name, each in transports.items()
        ]
        self._mailboxes, self._transports = tuple(transports), tuple(transports.values())
        self.lost = asyncio.Event()  # set by others: attempts were lost with a process
        self._ended = asyncio.Event()
        self._ended.set()

    async def run(self) -> None:
        """Until `stop`, or cancelled; a cancelled attempt is taken up at the next start."""
        self._ended.clear()
        try:
            await self._take_up_lost_attempts(alone=self._alone)  # before there are any of our own
            await self._run_lanes()
        finally:
            await self._close()
            self._ended.set()

    async def _run_lanes(self) -> None:
        others = [asyncio.create_task(self._pass_on_wake()), asyncio.create_task(self._watch_leases())]
        try:
            async with asyncio.TaskGroup() as lanes:
                for lane in self._lanes:
                    lanes.create_task(lane.run())
        finally:
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

    async def stop(self, patience: float = 7.0) -> None:
        """Claim nothing more; give running attempts `patience` seconds, then cut them; write down how they ended."""
        for lane in self._lanes:
            lane.drain()
        # Not asyncio.wait_for, here and below: in Python 3.11 it swallows a cancellation that comes with the event.
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._ended.wait()
        await self._close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORDS):
                await self._ended.wait()

    async def _close(self) -> None:
        for transport in self._transports:
            await transport.close()

    async def _pass_on_wake(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            for lane in self._lanes:
                lane.news.set()

    async def _watch_leases(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._clock.pause(_LONGEST_WAIT)):
                    await self.lost.wait()
            self.lost.clear()
            await self._take_up_lost_attempts(alone=False)

    async def _take_up_lost_attempts(self, *, alone: bool) -> None:
        """Attempts nobody settled: at the start those of the process before us, later those whose lease is over."""
        while True:
            try:
                async with deciding():  # what has not begun does not begin before that is written
                    lost = await outbox.abandoned(self._mailboxes, self._clock.now(), alone=alone)
                    ends = [(row, _NEVER_FINISHED if row.handing_over else _NEVER_BEGUN) for row in lost]
                    await self._ledger.write(ends)
                if lost:
                    for event in (self._wake, *self.answered):
                        event.set()
                self._patience.over()
                return
            except Exception as failure:  # noqa: BLE001 - the database may be away: nothing is sent before it is back
                _store_failed(failure)
                await self._patience.rest()


class _Ledger:
    """Writes outcomes down."""

    def __init__(
        self, clock: Clock, on_settled: OnSettled, copying: Container[str], jitter: Callable[[], float]
    ) -> None:
        self._clock, self._on_settled, self._copying, self._jitter = clock, on_settled, copying, jitter

    async def write(self, outcomes: Sequence[tuple[QueuedMail | OutboxRow, Outcome]]) -> None:
        """All of them in one transaction, with what follows from those that went wrong."""
        if not outcomes:
            return
        now = self._clock.now()
        mails = {mail.id: mail for mail, _ in outcomes}
        settlements = [
            settlement(mail, outcome, now, self._jitter(), copies=mail.mailbox in self._copying)
            for mail, outcome in outcomes
        ]
        if any(map(_matters, settlements)):
            async with deciding():
                valid = await outbox.settle(settlements)
                for each in filter(_matters, valid):
                    await self._tell(Settled(mails[each.id], each.state, each.reply, now, each.next_attempt_at or now))
        else:
            valid = await outbox.settle(settlements)
        for each in valid:
            _log(mails[each.id], each)

    async def _tell(self, settled: Settled) -> None:
        try:
            async with transaction():
                await self._on_settled(settled)
        except AWAY:
            raise  # the outcome is written later, and then told
        except Exception as failure:  # noqa: BLE001 - whatever it was: the outcome itself must be kept
            eventlog.error("outbox.not_told", mail=settled.mail.id, error=repr(failure), exc_info=failure)


def _store_failed(failure: Exception, **where: str) -> None:
    known = isinstance(failure, AWAY)  # and no fault of ours
    eventlog.error("outbox.store_failed", **where, error=repr(failure), exc_info=None if known else failure)


def _matters(each: Settlement) -> bool:
    return each.doubtful or each.state in {OutboxState.DEAD, OutboxState.UNKNOWN}


def _log(mail: QueuedMail | OutboxRow, each: Settlement) -> None:
    tell = eventlog.event if each.state is OutboxState.SENT else eventlog.warning
    tell(
        f"outbox.{each.state}",
        mail=mail.id, ticket=mail.ticket_id or "", letter=mail.letter, to=mail.recipient,
        attempt=mail.attempts, reply=each.reply,
    )  # fmt: skip


class _Lane:
    """One mailbox's mail: claimed as connections come free, settled as attempts end, several in one transaction."""

    def __init__(
        self,
        mailbox: str,
        transport: Transport,
        clock: Clock,
        ledger: _Ledger,
        parallel: int,
        jitter: Callable[[], float],
        node: str,
        answered: Sequence[asyncio.Event],
    ) -> None:
        self._node, self._answered = node, answered
        self._mailbox, self._transport, self._clock, self._ledger = mailbox, transport, clock, ledger
        self._parallel, self._jitter = parallel, jitter
        self._doors, self._patience = Doors(), Patience(clock, jitter)
        self._running: list[int] = []  # mails under way, and one twice whose earlier attempt came too late
        self._ahead: deque[QueuedMail] = deque()  # claimed, and not begun
        # There may be claims of ours that nobody will begin: the database went away, or the account fails.
        self._unsure = False
        self._finished: list[tuple[QueuedMail, Outcome]] = []
        self._draining = False
        self._failures = 0  # of the account, in a row
        self._paused_until: datetime | None = None
        self._well_at: datetime | None = None  # when it was told that the account works
        self.news = asyncio.Event()  # something was queued, or an attempt ended

    def drain(self) -> None:
        self._draining = True
        self._give_back()
        self._patience.hurry()
        self.news.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as attempts:
            while not self._draining or self._running or self._finished or self._unsure:
                self.news.clear()
                try:
                    self._ahead.extend(await self._settle_and_claim())
                    if self._draining:
                        self._give_back()
                    while self._ahead and len(self._running) < self._parallel:
                        attempts.create_task(self._work_off(self._begun()))
                    seconds = await self._seconds_to_rest()
                except Exception as failure:  # noqa: BLE001 - the database may be away: outcomes are kept until it is back
                    _store_failed(failure, mailbox=self._mailbox)
                    self._give_back()
                    self._unsure = self._unsure or bool(self._node)
                    await self._patience.rest()
                    continue
                self._patience.over()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._clock.pause(seconds)):
                        await self.news.wait()
                await self._more_ends()

    async def _more_ends(self) -> None:
        """Wait for more outcomes to write with the first."""
        for seconds, going_on in ((_WHILE, self._ahead), (_MOMENT, self._running)):
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    while self._finished and going_on and not self._draining:
                        self.news.clear()
                        await self.news.wait()

    def _begun(self) -> QueuedMail:
        mail = self._ahead.popleft()
        self._running.append(mail.id)
        self._doors.expect(mail)
        return mail

    async def _work_off(self, mail: QueuedMail) -> None:
        """One mail, then those ahead, one after the other."""
        await self._send(mail)
        while self._ahead:
            await self._send(self._begun())

    async def _send(self, mail: QueuedMail) -> None:
        reached("sending")
        try:
            outcome = await self._transport.send(
                mail.sender, mail.recipient, mail.content, lambda: self._doors.passed(mail)
            )
        except Exception as failure:  # noqa: BLE001 - a transport that breaks its promise leaves us not knowing
            eventlog.error("outbox.transport_failed", mail=mail.id, error=repr(failure), exc_info=failure)
            outcome = Unknown(Reason.CUT, repr(failure))
        if isinstance(outcome, Deferred) and outcome.reason in OF_ACCOUNT:
            self._give_back()
        self._doors.forget(mail)
        self._running.remove(mail.id)
        self._finished.append((mail, outcome))
        self.news.set()

    def _give_back(self) -> None:
        """Begin none of those ahead: with the next transaction they are as if they had never been claimed."""
        self._unsure = self._unsure or bool(self._ahead)
        self._ahead.clear()

    async def _settle_and_claim(self) -> list[QueuedMail]:
        """In one transaction: a commit is the dearest part of both."""
        settling, unsure = tuple(self._finished), self._unsure
        async with transaction():
            await self._ledger.write(settling)
            claimed = await self._claim(settling)
        if unsure:  # nothing was ahead that could have made us so again
            self._unsure = False
        if settling:
            reached("settled")
        if any(mail.human for mail, _ in settling):
            for event in self._answered:
                event.set()
        del self._finished[: len(settling)]
        return claimed

    async def _claim(self, settling: Sequence[tuple[QueuedMail, Outcome]]) -> list[QueuedMail]:
        for _, outcome in settling:
            await self._judge_account(outcome)
        now = self._clock.now()
        if self._unsure:
            held = [*self._running, *(mail.id for mail in self._ahead), *(mail.id for mail, _ in self._finished)]
            await outbox.give_back(self._mailbox, self._node, held, now)
        if self._draining or self._ahead or self._is_paused(now):
            return []
        # A server that failed is tried with a single mail first.
        free = (1 if self._failures else self._parallel * _AHEAD) - len(self._running)
        return await outbox.claim(self._mailbox, free, now, now + LEASE, self._node) if free > 0 else []

    async def _judge_account(self, outcome: Outcome) -> None:
        """Leave a server alone that is down or will not let us in: no other mail would fare better."""
        now = self._clock.now()
        if not isinstance(outcome, Deferred) or outcome.reason not in OF_ACCOUNT:
            if not isinstance(outcome, Deferred) or outcome.reason is not Reason.STOPPED:
                self._failures, self._paused_until = 0, None
                if self._well_at is None or now - self._well_at > _WELL_EVERY:
                    self._well_at = now
                    certificate = outcome.certificate_until if isinstance(outcome, Sent) else None
                    await health.well(f"smtp {self._mailbox}", now, certificate)
            return
        if self._is_paused(now):
            return  # one of several attempts that failed together
        self._failures += 1
        self._well_at = None
        await health.ill(f"smtp {self._mailbox}", told(outcome.reason, outcome.code, outcome.reply), now)
        pause = login_pause if outcome.reason is Reason.LOGIN else account_pause
        self._paused_until = now + pause(self._failures, self._jitter())
        tell = eventlog.warning if outcome.reason is Reason.CONNECT else eventlog.error
        tell(
            "outbox.account_paused",
            mailbox=self._mailbox, reason=outcome.reason, reply=told(outcome.reason, outcome.code, outcome.reply),
            until=self._paused_until.isoformat(timespec="seconds"),
        )  # fmt: skip

    async def _seconds_to_rest(self) -> float:
        """Until something comes due; an attempt that ends and a mail that is queued ring."""
        if self._running:
            return _LONGEST_WAIT
        if self._draining:
            return 0.0
        now = self._clock.now()
        if self._is_paused(now):
            due = self._paused_until
        else:
            due = await outbox.next_due(self._mailbox, now)
        return min(_LONGEST_WAIT, max(0.0, (due - now).total_seconds())) if due is not None else _LONGEST_WAIT

    def _is_paused(self, now: datetime) -> bool:
        return self._paused_until is not None and now < self._paused_until
