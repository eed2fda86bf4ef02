"""One bad mail never stops the rest, and none is lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tortoise.exceptions import DBConnectionError, OperationalError

from mailproc.app import App
from mailproc.clock import ManualClock
from mailproc.core.message import Message
from mailproc.core.reply import Reply
from mailproc.handling import gather as gathering
from mailproc.handling import handler
from mailproc.handling.handler import MOST_DEATHS
from mailproc.mime.pool import ParserUnavailable
from mailproc.store import inbound, tickets
from mailproc.store.inbound import SpooledMail
from tests.testlib.idle_desk import InThisProcess, idle_desk
from tests.testlib.store import Away, ended, raw_mail, spooled

Opened = tuple[App, ManualClock]
BATCH = 25


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "BATCH", BATCH)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Opened]:
    async with idle_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
def bad(monkeypatch: pytest.MonkeyPatch) -> set[int]:
    """Numbers of mails whose handling fails."""
    numbers: set[int] = set()
    whole = gathering.gather

    async def gather(desk: Any, mail: SpooledMail, *rest: Any) -> Any:
        facts = await whole(desk, mail, *rest)
        if mail.id in numbers:
            await tickets.save(1, {"subject": "half done"})
            raise RuntimeError("a bug of ours")
        return facts

    monkeypatch.setattr(handler, "gather", gather)
    return numbers


async def lines() -> list[tuple[str, int]]:
    return [(line.state, line.attempts) for line in reversed(await inbound.listing("", 100))]


async def test_mails_become_tickets_in_the_order_they_came(desk: Opened) -> None:
    app, _ = desk
    await spooled(*(raw_mail(number, sender=f"c{number}@customer.example") for number in range(1, 31)))
    assert (await app._handler.work_off(), await app._handler.work_off(), await app._handler.work_off()) == (25, 5, 0)
    for number in (1, 25, 26, 30):
        ticket = await tickets.view(number)
        assert ticket is not None
        assert ticket.subject == f"Printer {number}"


async def test_a_mail_that_fails_leaves_no_trace_and_stops_no_other(desk: Opened, bad: set[int]) -> None:
    app, _ = desk
    bad.add(2)
    await spooled(raw_mail(1), raw_mail(2), raw_mail(3))
    await app._handler.work_off()
    assert await lines() == [("done", 1), ("stored", 1), ("done", 1)]
    ticket = await tickets.view(1)
    assert ticket is not None
    assert ticket.subject == "Printer 1"


async def test_after_three_failures_a_mail_is_kept_aside_with_the_reason_and_can_be_replayed(
    desk: Opened, bad: set[int]
) -> None:
    app, clock = desk
    bad.add(1)
    await spooled(raw_mail(1))
    for attempt in (1, 2, 3):
        assert await app._handler.work_off() == 1
        assert await app._handler.work_off() == 0  # not before its time
        assert (await lines())[0][1] == attempt
        clock.advance(timedelta(minutes=5))
    found = await inbound.get(1)
    assert found is not None
    assert (found[0].state, found[0].reason) == ("quarantined", "RuntimeError: a bug of ours")
    bad.clear()
    assert await inbound.replay(1, clock.now())
    await app._handler.work_off()
    assert await lines() == [("done", 1)]


async def test_a_mail_that_takes_the_process_with_it_is_kept_aside_and_its_neighbours_are_not(desk: Opened) -> None:
    app, clock = desk
    await spooled(raw_mail(1), raw_mail(2))
    for _ in range(MOST_DEATHS):
        assert (await inbound.claim(25, clock.now()))[0].id == 1  # and the power goes off
        await inbound.release_claims(clock.now())
    while await app._handler.work_off():
        pass
    assert [state for state, _ in await lines()] == ["quarantined", "done"]


async def test_a_missing_parser_is_not_the_mail_s_fault(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    app, clock = desk
    await spooled(raw_mail(1))

    async def read(_: bytes) -> Any:
        raise ParserUnavailable("no memory for a worker")

    for _ in range(5):
        with monkeypatch.context() as without:
            without.setattr(app._handler._parser, "read", read)
            await app._handler.work_off()
        assert await lines() == [("stored", 0)]
        clock.advance(timedelta(minutes=5))
    await app._handler.work_off()
    assert await lines() == [("done", 1)]


async def test_the_same_mail_by_two_ways_opens_one_ticket(desk: Opened) -> None:
    app, _ = desk
    await spooled(raw_mail(1), b"Delivered-To: help@acme.example\r\n" + raw_mail(1))
    await app._handler.work_off()
    await app._handler.work_off()
    assert await tickets.view(1) is not None
    assert await tickets.view(2) is None


@pytest.mark.row("N23")
async def test_a_database_that_was_away_is_waited_for(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    app, _ = desk
    await spooled(raw_mail(1))
    away = Away(inbound.finish, times=3)
    monkeypatch.setattr(inbound, "finish", away)
    app._handler.handled.append(handled := asyncio.Event())
    loop = asyncio.create_task(app._handler.run())
    async with ended(loop), asyncio.timeout(20):
        await handled.wait()
    assert away.calls == 4
    assert await lines() == [("done", 1)]  # the mails stay in hand: one claim, one attempt, one ticket
    assert await tickets.view(1) is not None
    assert await tickets.view(2) is None


class Slow(InThisProcess):
    """Reads when it is let."""

    def __init__(self, *_: object) -> None:
        self.asked, self.a_batch, self.go_on = 0, asyncio.Event(), asyncio.Event()
        self.go_on.set()

    async def warmed(self) -> bool:
        return True

    async def read(self, content: bytes) -> tuple[Message, Reply | None]:
        self.asked += 1
        if self.asked % BATCH == 0:
            self.a_batch.set()
        await self.go_on.wait()
        return await super().read(content)


class TestWhileABacklogStands:
    @pytest.fixture
    async def app(self, tmp_path: Path) -> AsyncIterator[App]:
        async with idle_desk(tmp_path, pool=Slow) as (app, _):
            await spooled(*(raw_mail(number, sender=f"c{number}@customer.example") for number in range(60)))
            yield app

    async def test_the_next_mails_are_read_while_these_are_decided_on(self, app: App) -> None:
        parser: Any = app._handler._parser
        asked = [(await app._handler.work_off(), parser.asked) for _ in range(4)]
        assert asked == [(25, 50), (25, 60), (10, 60), (0, 60)]
        assert set(await lines()) == {("done", 1)}

    async def test_what_comes_after_the_last_full_batch_is_read_too(self, app: App) -> None:
        assert [await app._handler.work_off() for _ in range(3)] == [25, 25, 10]
        await spooled(*(raw_mail(number) for number in range(100, 100 + BATCH)), first_uid=100)
        assert await app._handler.work_off() == BATCH  # and nothing was there to be read ahead
        await spooled(raw_mail(200), first_uid=200)
        assert await app._handler.work_off() == 1

    async def test_a_handler_that_is_stopped_leaves_no_reading_behind(self, app: App) -> None:
        parser: Any = app._handler._parser
        working = asyncio.create_task(app._handler.run())
        await parser.a_batch.wait()
        parser.go_on.clear()
        parser.a_batch.clear()
        await parser.a_batch.wait()  # the second one, which will not be read
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)  # and no task outlives its test

    async def test_mails_are_still_the_next_where_the_database_went_away_meanwhile(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(handler, "read", failing_once(DBConnectionError("the server is gone")))
        with pytest.raises(DBConnectionError):
            await app._handler.work_off()
        assert [await app._handler.work_off() for _ in range(4)] == [25, 25, 10, 0]
        assert set(await lines()) == {("done", 1)}

    async def test_trouble_that_may_be_one_mail_s_doing_counts_and_they_come_back_alone(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(handler, "read", failing_once(OperationalError("a value it can't take")))
        with pytest.raises(OperationalError):
            await app._handler.work_off()
        assert [await app._handler.work_off() for _ in range(3)] == [25, 10, 0]
        app._handler._clock.advance(timedelta(minutes=6))  # type: ignore[attr-defined] # the test's own clock
        assert [await app._handler.work_off() for _ in range(26)] == [1] * 25 + [0]
        assert sorted(await lines()) == [("done", 1)] * 35 + [("done", 2)] * 25

    async def test_a_mistake_of_ours_in_reading_one_mail_stops_no_other(
        self, app: App, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(handler, "read", failing_once(KeyError("a bug of ours")))
        while await app._handler.work_off():
            pass
        assert Counter(await lines()) == {("done", 1): 59, ("stored", 1): 1}


def failing_once(failure: Exception) -> Callable[..., Awaitable[Any]]:
    """What reads mails, with one failure first."""
    left = [failure]

    async def read(*values: Any) -> Any:
        if left:
            raise left.pop()
        return await gathering.read(*values)

    return read
