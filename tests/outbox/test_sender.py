"""What is due is sent, and whatever becomes of it is written down."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from mailproc.core.backoff import PAUSES
from mailproc.outbox.settlement import GRACE
from mailproc.outbox.smtp import SmtpTransport
from mailproc.outbox.transport import (
    Deferred,
    Outcome,
    Reason,
    Refused,
    Security,
    SmtpAccount,
)
from mailproc.store import history, outbox
from mailproc.store.outbox import MailClass, OutboxRow, OutboxState, QueuedMail, Settled
from tests.testlib.sending import MINUTE, NOW, Scripted, mail, queue, running
from tests.testlib.smtp import Fault, Sink

pytestmark = pytest.mark.usefixtures("store")


class TestSending:
    async def test_what_is_queued_is_sent_and_told_on_the_ticket(self) -> None:
        transport = Scripted()
        async with running({"support": transport}) as desk:
            (id_,) = await desk.queue(mail("a"))
            rows = await desk.settled()

        assert rows[id_].reply == "250 2.0.0 queued as 4F1"
        assert [(entry.kind, entry.outbox) for entry in await history.of_ticket(1)] == [("sent", id_)]
        assert transport.tried == ["a@example.org"]
        assert desk.told == []

    async def test_what_was_queued_before_the_start_is_sent(self) -> None:
        await queue(*(mail(f"m{number}", ticket_id=number) for number in range(30)))
        async with running({"support": Scripted()}, parallel=4) as desk:
            await desk.settled()

    async def test_several_at_a_time_but_no_more_than_allowed(self) -> None:
        transport = Scripted()
        await queue(*(mail(f"m{number}", ticket_id=number) for number in range(40)))
        async with running({"support": transport}, parallel=5) as desk:
            await desk.settled()

        assert 1 < transport.most_at_once <= 5
        assert len(transport.tried) == 40

    async def test_several_are_claimed_at_once_for_each_connection(self, monkeypatch: pytest.MonkeyPatch) -> None:
        original, sizes = outbox.claim, []

        async def counted(*values: Any) -> list[QueuedMail]:
            sizes.append(len(claimed := await original(*values)))
            return claimed

        monkeypatch.setattr(outbox, "claim", counted)
        transport = Scripted()
        await queue(*(mail(f"m{number:02}", ticket_id=number) for number in range(40)))
        async with running({"support": transport}, parallel=2) as desk:
            rows = await desk.settled()

        assert max(sizes) == sizes[0] == 8
        assert len([size for size in sizes if size]) <= 40 / 6 + 1  # two may be under way when more are claimed
        assert transport.tried == [f"m{number:02}@example.org" for number in range(40)]
        assert {row.attempts for row in rows.values()} == {1}

    async def test_claimed_mails_wait_for_a_connection_each_by_itself(self) -> None:
        """A server that is slow with one holds up nothing but that connection."""
        slow, hold = asyncio.Event(), asyncio.Event()

        class SlowOnce(Scripted):
            async def send(self, *values: Any, **more: Any) -> Outcome:
                if not slow.is_set():
                    slow.set()
                    await hold.wait()
                return await super().send(*values, **more)

        transport = SlowOnce()
        async with running({"support": transport}, parallel=2) as desk:
            first, *others = await desk.queue(*(mail(f"m{number}", ticket_id=number) for number in range(20)))
            await desk.until(lambda states: all(states[id_] is OutboxState.SENT for id_ in others))
            row = await outbox.get(first)
            hold.set()
            await desk.settled()

        assert row is not None
        assert row.state is OutboxState.SENDING

    @pytest.mark.row("N15")
    async def test_to_one_person_about_one_ticket_one_after_the_other(self) -> None:
        transport = Scripted(outcomes=[Deferred(Reason.REFUSED, 451, "busy")])
        async with running({"support": transport}) as desk:
            first, second = await desk.queue(mail("a"), mail("b", recipient="a@example.org"))
            await desk.until(lambda states: states[first] is OutboxState.RETRY)
            assert transport.tried == ["a@example.org"]
            desk.clock.advance(MINUTE)
            rows = await desk.settled()

        assert transport.most_at_once == 1
        assert (rows[first].attempts, rows[second].attempts) == (2, 1)

    async def test_what_is_not_due_waits(self) -> None:
        transport = Scripted()
        async with running({"support": transport}) as desk:
            (soon, later) = await desk.queue(mail("a"), mail("b", not_before=NOW + 5 * MINUTE))
            await desk.until(lambda states: states[soon] is OutboxState.SENT)
            assert transport.tried == ["a@example.org"]
            desk.clock.advance(5 * MINUTE)
            await desk.until(lambda states: states[later] is OutboxState.SENT)

    async def test_bytes_of_a_second_attempt_are_those_of_the_first(self) -> None:
        async with Sink() as sink:
            sink.script("DOT", Fault.DROP_AFTER_TAKING)
            smtp = SmtpTransport(SmtpAccount(sink.host, sink.port, Security.CLEAR))
            async with running({"support": smtp}) as desk:
                (id_,) = await desk.queue(mail("a", mail_class=MailClass.HUMAN))
                await desk.until(lambda states: states[id_] is OutboxState.RETRY)
                desk.clock.advance(GRACE)
                await desk.settled()

            assert len(sink.taken) == 2
            assert len({taken.content for taken in sink.taken}) == 1
        assert [entry.kind for entry in await history.of_ticket(1)] == ["unknown", "sent"]
        assert [(settled.mail.id, settled.state) for settled in desk.told] == [(id_, OutboxState.RETRY)]

    async def test_automatic_mail_that_may_have_arrived_is_not_sent_again(self) -> None:
        async with Sink() as sink:
            sink.script("DOT", Fault.DROP_AFTER_TAKING)
            smtp = SmtpTransport(SmtpAccount(sink.host, sink.port, Security.CLEAR))
            async with running({"support": smtp}) as desk:
                await desk.queue(mail("a"))
                await desk.settled(OutboxState.UNKNOWN)
                desk.clock.advance(timedelta(days=6))
                await desk.queue(mail("b"))
                await desk.until(lambda states: OutboxState.SENT in states.values())

            assert len(sink.taken) == 2
        assert [settled.state for settled in desk.told] == [OutboxState.UNKNOWN]


class TestTelling:
    @pytest.mark.row("N16")
    async def test_a_dead_mail_is_told_in_the_transaction_that_settles_it(self) -> None:
        async def tell(settled: Settled) -> None:
            row = await outbox.get(settled.mail.id)
            assert row is not None
            assert row.state is OutboxState.DEAD
            await outbox.enqueue([mail("notice", ticket_id=1, recipient="agent@acme.example")])

        transport = Scripted(outcomes=[Refused(Reason.REFUSED, 550, "no such user")])
        async with running({"support": transport}, on_settled=tell) as desk:
            await desk.queue(mail("a"))
            await desk.until(lambda states: list(states.values()).count(OutboxState.DEAD) == 1 and len(states) == 2)

    async def test_a_listener_that_fails_loses_no_outcome(self) -> None:
        async def fail(settled: Settled) -> None:
            await outbox.enqueue([mail("half")])
            raise RuntimeError(settled.words)

        transport = Scripted(outcomes=[Refused(Reason.REFUSED, 550, "no")])
        async with running({"support": transport}, on_settled=fail) as desk:
            await desk.queue(mail("a"))
            rows = await desk.settled(OutboxState.DEAD)

        assert len(rows) == 1

    async def test_giving_up_is_told(self) -> None:
        transport = Scripted(outcomes=[Deferred(Reason.REFUSED, 451, "busy")] * 100)
        async with running({"support": transport}) as desk:
            (id_,) = await desk.queue(mail("a"))
            for attempt, pause in enumerate(PAUSES, 1):
                await desk.failed(id_, attempt)
                desk.clock.advance(pause)
            await desk.settled(OutboxState.DEAD)

        assert [(settled.mail.id, settled.state) for settled in desk.told] == [(id_, OutboxState.DEAD)]
        assert len(transport.tried) == len(PAUSES) + 1
        assert [entry.kind for entry in await history.of_ticket(1)] == ["retry", "dead"]


class TestLostAttempts:
    """A process that died in the middle: its rows say sending, and nobody is."""

    async def test_what_had_not_come_to_its_content_is_sent_again_and_nothing_is_doubted(self) -> None:
        await queue(mail("h", mail_class=MailClass.HUMAN), mail("a"))
        assert len(await outbox.claim("support", 10, NOW, NOW + timedelta(minutes=30))) == 2
        transport = Scripted()
        async with running({"support": transport}) as desk:
            rows = await desk.settled()

        assert sorted(transport.tried) == ["a@example.org", "h@example.org"]
        assert [row.doubts for row in rows.values()] == [0, 0]
        assert desk.told == []

    async def test_in_its_content_human_mail_is_sent_again_and_automatic_mail_is_not(self) -> None:
        human, automatic = await queue(mail("h", mail_class=MailClass.HUMAN), mail("a"))
        claimed = await outbox.claim("support", 10, NOW, NOW + timedelta(minutes=30))
        assert await outbox.handing_over({each.id: each.attempts for each in claimed}) == {human, automatic}
        transport = Scripted()
        async with running({"support": transport}) as desk:
            rows = await desk.until(lambda states: states[human] is OutboxState.SENT)

        assert transport.tried == ["h@example.org"]
        assert rows[automatic].state is OutboxState.UNKNOWN
        assert rows[automatic].reply == "it may have arrived (stopped: the attempt was never finished)"
        assert [entry.kind for entry in await history.of_ticket(1)] == ["unknown", "unknown", "sent"]
        assert {(settled.mail.id, settled.state) for settled in desk.told} == {
            (human, OutboxState.RETRY),
            (automatic, OutboxState.UNKNOWN),
        }

    async def test_of_another_sender_are_taken_up_when_their_lease_is_over(self) -> None:
        (id_,) = await queue(mail("h", mail_class=MailClass.HUMAN))
        await outbox.claim("support", 10, NOW, NOW + timedelta(minutes=30))
        transport = Scripted()
        async with running({"support": transport}, alone=False) as desk:
            await asyncio.sleep(0.05)
            assert transport.tried == []
            desk.clock.advance(timedelta(minutes=30))
            await desk.until(lambda states: states[id_] is OutboxState.SENT)

    async def test_that_come_back_just_then_go_out_or_are_taken_up_but_not_both(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (id_,) = await queue(mail("a"))
        await outbox.claim("support", 1, NOW, NOW)
        original, found = outbox.abandoned, asyncio.Event()

        async def slow(*values: Any, **more: Any) -> list[OutboxRow]:
            rows = await original(*values, **more)
            found.set()
            await asyncio.sleep(0.05)  # time enough for it to go out, were it let
            return rows

        async def come_back() -> set[int]:
            await found.wait()
            return await outbox.handing_over({id_: 1})

        monkeypatch.setattr(outbox, "abandoned", slow)
        back = asyncio.create_task(come_back())
        async with running({"support": Scripted()}) as desk:
            await desk.settled()

        assert await back == set()

    async def test_of_this_process_are_not_taken_for_lost(self) -> None:
        transport = Scripted(hold=asyncio.Event())
        assert transport.hold is not None
        async with running({"support": transport}) as desk:
            (id_,) = await desk.queue(mail("h", mail_class=MailClass.HUMAN))
            await desk.until(lambda states: states[id_] is OutboxState.SENDING)
            desk.clock.advance(timedelta(minutes=10))
            await asyncio.sleep(0.05)
            transport.hold.set()
            await desk.settled()

        assert transport.tried == ["h@example.org"]
