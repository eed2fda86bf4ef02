"""Nobody's trouble is another's, and no trouble loses an outcome."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mailproc.clock import ManualClock
from mailproc.outbox.sender import Sender
from mailproc.outbox.smtp import SmtpTransport
from mailproc.outbox.transport import (
    Deferred,
    HandingOver,
    Outcome,
    Reason,
    Security,
    SmtpAccount,
    untold,
)
from mailproc.store import db, outbox
from mailproc.store.outbox import OutboxState, Settled
from tests.testlib.sending import MINUTE, NOW, Scripted, mail, queue, running
from tests.testlib.smtp_script import ScriptedServer, Talk

pytestmark = pytest.mark.usefixtures("store")


class TestAccounts:
    async def test_one_that_fails_never_stops_the_others(self) -> None:
        down, up = Scripted(outcomes=[Deferred(Reason.CONNECT, reply="refused")] * 1000), Scripted()
        await queue(*(mail(f"d{number}", ticket_id=number, mailbox="sales") for number in range(20)))
        async with running({"sales": down, "support": up}) as desk:
            ids = await desk.queue(*(mail(f"u{number}", ticket_id=100 + number) for number in range(20)))
            await desk.until(lambda states: all(states[id_] is OutboxState.SENT for id_ in ids))

    async def test_one_that_hangs_never_stops_the_others(self) -> None:
        stuck, up = Scripted(hold=asyncio.Event()), Scripted()
        await queue(*(mail(f"d{number}", ticket_id=number, mailbox="sales") for number in range(20)))
        async with running({"sales": stuck, "support": up}) as desk:
            ids = await desk.queue(*(mail(f"u{number}", ticket_id=100 + number) for number in range(20)))
            await desk.until(lambda states: all(states[id_] is OutboxState.SENT for id_ in ids))

    @pytest.mark.parametrize("reason", [Reason.LOGIN, Reason.CONNECT, Reason.TLS])
    @pytest.mark.row("N14")
    async def test_one_that_is_down_is_left_alone_then_asked_with_one_mail(self, reason: Reason) -> None:
        trouble = Deferred(reason, 535, "no")
        transport = Scripted(outcomes=[trouble] * 4)
        async with running({"support": transport}, parallel=3) as desk:
            await desk.queue(*(mail(f"m{number}", ticket_id=number) for number in range(20)))
            await desk.until(lambda states: list(states.values()).count(OutboxState.RETRY) == 3)
            await desk.queue(mail("new", ticket_id=50))
            await asyncio.sleep(0.05)
            assert len(transport.tried) == 3
            untried = [row for row in await outbox.listing() if row.recipient not in transport.tried]
            assert {(row.state, row.attempts) for row in untried} == {(OutboxState.QUEUED, 0)}
            desk.clock.advance(MINUTE)
            await desk.until(lambda _: len(transport.tried) == 4)
            await asyncio.sleep(0.05)
            assert len(transport.tried) == 4
            await desk.live_through()

    @pytest.mark.row("N19")
    async def test_a_wrong_password_is_told_loudly(self, caplog: pytest.LogCaptureFixture) -> None:
        transport = Scripted(outcomes=[Deferred(Reason.LOGIN, 535, "5.7.8 bad credentials")])
        with caplog.at_level("INFO", "mailproc"):
            async with running({"support": transport}) as desk:
                await desk.queue(mail("a"))
                await desk.settled(OutboxState.RETRY)

        (paused,) = [record for record in caplog.records if record.getMessage() == "outbox.account_paused"]
        assert paused.levelname == "ERROR"
        assert paused.__dict__["fields"]["reply"] == "535 5.7.8 bad credentials"


class TestStopping:
    async def test_waits_for_what_is_being_sent_and_takes_nothing_new(self) -> None:
        transport = Scripted(hold=asyncio.Event())
        assert transport.hold is not None
        async with running({"support": transport}, parallel=1) as desk:
            first, second = await desk.queue(mail("a"), mail("b"))
            await desk.until(lambda states: states[first] is OutboxState.SENDING)
            stopping = asyncio.create_task(desk.sender.stop(patience=5.0))
            await asyncio.sleep(0.02)
            assert not stopping.done()
            transport.hold.set()
            await stopping
            rows = await desk.until(lambda states: states[first] is OutboxState.SENT)

        assert (rows[second].state, rows[second].attempts) == (OutboxState.QUEUED, 0)

    @pytest.mark.row("C14")
    async def test_cuts_what_takes_too_long_and_writes_down_how_far_it_got(self) -> None:
        reached = asyncio.Event()

        async def stall(talk: Talk) -> None:
            reached.set()
            await talk.reader.read()

        async with ScriptedServer({"RCPT": stall}) as server:
            smtp = SmtpTransport(SmtpAccount(server.host, server.port, Security.CLEAR))
            async with running({"support": smtp}) as desk:
                (id_,) = await desk.queue(mail("a"))
                await reached.wait()
                await desk.sender.stop(patience=0.05)

                row = await outbox.get(id_)

        assert row is not None
        assert (row.state, row.reply, row.next_attempt_at) == (OutboxState.RETRY, "stopped: we stopped", NOW)

    async def test_ends_the_run(self) -> None:
        sender = Sender({"support": Scripted()}, ManualClock(NOW), asyncio.Event(), on_settled=_nobody)
        task = asyncio.create_task(sender.run())
        await asyncio.sleep(0.02)
        await sender.stop()

        await asyncio.wait_for(task, 1)

    async def test_before_the_start_is_fine(self) -> None:
        await Sender({"support": Scripted()}, ManualClock(NOW), asyncio.Event(), on_settled=_nobody).stop()

    @pytest.mark.row("C8", "C11")
    async def test_by_cancel_leaves_attempts_to_the_next_start(self) -> None:
        transport = Scripted(hold=asyncio.Event())
        sender = Sender({"support": transport}, ManualClock(NOW), asyncio.Event(), on_settled=_nobody)
        (id_,) = await queue(mail("a"))
        task = asyncio.create_task(sender.run())
        await transport.first.wait()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

        row = await outbox.get(id_)
        assert row is not None
        assert row.state is OutboxState.SENDING


class TestTroubleOfTheStore:
    @pytest.mark.row("N23")
    async def test_no_outcome_is_lost_while_the_database_is_away(self, monkeypatch: pytest.MonkeyPatch) -> None:
        original, failures = outbox.settle, iter(range(3))

        async def flaky(settlements: Any) -> Any:
            if next(failures, None) is not None:
                raise OSError("disk full")
            return await original(settlements)

        monkeypatch.setattr(outbox, "settle", flaky)
        transport = Scripted()
        async with running({"support": transport}) as desk:
            await desk.queue(mail("a"))
            await desk.settled()

        assert transport.tried == ["a@example.org"]

    async def test_what_was_claimed_and_not_begun_is_not_forgotten(self, monkeypatch: pytest.MonkeyPatch) -> None:
        original, failed, go_on = outbox.settle, asyncio.Event(), asyncio.Event()

        async def once_flaky(settlements: Any) -> Any:
            if settlements and not failed.is_set():
                failed.set()
                raise OSError("no route to host")
            return await original(settlements)

        class SecondWaits(Scripted):
            async def send(self, *values: Any, **more: Any) -> Outcome:
                outcome = await super().send(*values, **more)
                if len(self.tried) == 2:
                    await go_on.wait()
                return outcome

        monkeypatch.setattr(outbox, "settle", once_flaky)
        transport = SecondWaits()
        async with running({"support": transport}, parallel=1) as desk:
            await desk.queue(*(mail(f"m{number}", ticket_id=number) for number in range(4)))
            await failed.wait()
            go_on.set()
            rows = await desk.settled()

        assert sorted(transport.tried) == [f"m{number}@example.org" for number in range(4)]
        assert {row.attempts for row in rows.values()} == {1}

    async def test_what_could_not_be_given_back_is_given_back_later(self, monkeypatch: pytest.MonkeyPatch) -> None:
        original, given, undone = outbox.give_back, list[object](), asyncio.Event()

        @asynccontextmanager
        async def cut_short() -> AsyncIterator[None]:
            async with db.transaction():
                yield
                if given and not undone.is_set():
                    undone.set()
                    raise OSError("disk full")

        async def counted(*values: Any) -> None:
            given.append(values)
            await original(*values)

        monkeypatch.setattr(outbox, "give_back", counted)
        monkeypatch.setattr("mailproc.outbox.sender.transaction", cut_short)
        transport = Scripted(outcomes=[Deferred(Reason.CONNECT, reply="refused")])
        async with running({"support": transport}, parallel=1) as desk:
            await desk.queue(*(mail(f"m{number}", ticket_id=number) for number in range(4)))
            await undone.wait()
            await desk.live_through()
            tried_in_vain, *others = [row.attempts for row in await outbox.listing()][::-1]

        assert (tried_in_vain, others) == (2, [1, 1, 1])

    async def test_a_transport_that_breaks_its_promise_leaves_us_not_knowing(self) -> None:
        class Broken(Scripted):
            async def send(
                self, sender: str, recipient: str, content: bytes, handing_over: HandingOver = untold
            ) -> Outcome:
                raise KeyError(sender, recipient, content, handing_over)

        async with running({"support": Broken()}) as desk:
            await desk.queue(mail("a"))
            await desk.settled(OutboxState.UNKNOWN)


async def _nobody(settled: Settled) -> None:
    raise AssertionError(settled)
