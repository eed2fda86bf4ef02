"""That a mail's content goes out is committed before its first byte does: what died earlier can be sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from mailproc.outbox import doors
from mailproc.outbox.doors import Doors
from mailproc.outbox.transport import NotOursError, Reason
from mailproc.store import outbox
from mailproc.store.outbox import OutboxState, QueuedMail, Settlement
from tests.testlib.sending import MINUTE, NOW, mail, queue, running, transport
from tests.testlib.smtp_script import ScriptedServer, Talk

pytestmark = [pytest.mark.usefixtures("store"), pytest.mark.row("C8", "C9")]


async def test_it_is_not_written_while_the_server_has_not_asked_for_the_content() -> None:
    written: list[bool] = []

    async def look(talk: Talk) -> None:
        written.extend([row.handing_over for row in await outbox.listing()])
        await talk.say(b"250 2.1.5 OK\r\n")

    async def look_again(talk: Talk) -> None:
        written.extend([row.handing_over for row in await outbox.listing()])
        await talk.say(b"250 2.0.0 OK\r\n")

    async with (
        ScriptedServer({"RCPT": look, "DOT": look_again}) as server,
        transport(server) as smtp,
        running({"support": smtp}) as desk,
    ):
        await desk.queue(mail("a"))
        await desk.settled()

    assert written == [False, True]


async def test_a_mail_that_another_took_up_meanwhile_is_not_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobodys(_attempts: Mapping[int, int]) -> set[int]:
        return set()

    monkeypatch.setattr(outbox, "handing_over", nobodys)
    async with ScriptedServer({}) as server, transport(server) as smtp, running({"support": smtp}) as desk:
        (id_,) = await desk.queue(mail("a"))
        await desk.failed(id_, 4)  # three at once, then it waits
        row = await outbox.get(id_)

    assert server.taken == []
    assert row is not None
    assert row.reply.startswith(Reason.NOT_OURS)


async def test_a_database_that_fails_then_costs_one_attempt_and_no_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    original, calls = outbox.handing_over, 0

    async def flaky(attempts: Mapping[int, int]) -> set[int]:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError("disk full")
        return await original(attempts)

    monkeypatch.setattr(outbox, "handing_over", flaky)
    async with ScriptedServer({}) as server, transport(server) as smtp, running({"support": smtp}) as desk:
        (id_,) = await desk.queue(mail("a"))
        await desk.settled()
        row = await outbox.get(id_)

    assert len(server.taken) == 1
    assert row is not None
    assert (row.attempts, row.doubts, row.sent_at is not None) == (2, 0, True)


async def test_those_that_come_while_one_is_written_are_written_together(monkeypatch: pytest.MonkeyPatch) -> None:
    original, together = outbox.handing_over, []
    first, waiting, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()
    asked, passed = 0, Doors.passed

    async def counted(at: Doors, each: QueuedMail) -> None:
        nonlocal asked
        asked += 1
        if asked == 4:
            asyncio.get_running_loop().call_soon(waiting.set)
        await passed(at, each)

    async def slow(attempts: Mapping[int, int]) -> set[int]:
        together.append(len(attempts))
        first.set()
        await go_on.wait()
        return await original(attempts)

    monkeypatch.setattr(Doors, "passed", counted)
    monkeypatch.setattr(outbox, "handing_over", slow)
    async with ScriptedServer({}) as server, transport(server) as smtp, running({"support": smtp}) as desk:
        await desk.queue(mail("a"))
        await first.wait()
        await desk.queue(*(mail(name) for name in "bcd"))
        await waiting.wait()
        go_on.set()
        await desk.settled()

    assert together == [1, 3]


async def test_those_that_begin_together_are_written_together(monkeypatch: pytest.MonkeyPatch) -> None:
    original, together = outbox.handing_over, []

    async def counted(attempts: Mapping[int, int]) -> set[int]:
        together.append(len(attempts))
        return await original(attempts)

    monkeypatch.setattr(doors, "_MOMENT", 60.0)  # however slow the machine
    monkeypatch.setattr(outbox, "handing_over", counted)
    async with ScriptedServer({}) as server, transport(server) as smtp, running({"support": smtp}) as desk:
        await desk.queue(*(mail(name) for name in "abcd"))
        await desk.settled()

    assert together == [4]


async def test_of_two_attempts_at_one_mail_that_come_together_the_one_in_force_goes_out() -> None:
    (id_,) = await queue(mail("a"))
    (late,) = await outbox.claim("support", 1, NOW, NOW)
    await outbox.settle([Settlement(id_, 1, OutboxState.RETRY, "its lease was over", NOW, NOW)])
    (again,) = await outbox.claim("support", 1, NOW, NOW + MINUTE)

    together = Doors()
    together.expect(late)
    together.expect(again)
    ends = await asyncio.gather(together.passed(late), together.passed(again), return_exceptions=True)

    assert [type(end) for end in ends] == [NotOursError, type(None)]


@pytest.mark.slow
async def test_nobody_waits_longer_than_a_moment_for_one_that_does_not_come() -> None:
    stuck = asyncio.Event()

    async def first_one_stays(talk: Talk) -> None:
        if not stuck.is_set():
            stuck.set()
            await talk.reader.read()
        await talk.say(b"250 2.1.5 OK\r\n")

    async with (
        ScriptedServer({"RCPT": first_one_stays}) as server,
        transport(server, timeout=60.0) as smtp,
        running({"support": smtp}) as desk,
    ):
        await desk.queue(*(mail(name) for name in "abcd"))
        await desk.until(lambda states: sorted(states.values()) == [OutboxState.SENDING, *[OutboxState.SENT] * 3])
