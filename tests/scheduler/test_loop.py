"""What comes due is carried out once, and silence is only silence when we listened."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mailproc.app import App
from mailproc.clock import ManualClock
from mailproc.core.effects import OF_A_RESOLUTION, DeadlineKind
from mailproc.core.lifecycle import Status
from mailproc.store import deadlines, outbox, tickets
from mailproc.store.nodes import own
from tests.testlib.idle_desk import InThisProcess, idle_desk
from tests.testlib.store import NOW, Away, ended, raw_mail, spooled

DAY = timedelta(days=1)
Opened = tuple[App, ManualClock]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Opened]:
    """Two tickets, resolved for the first time."""
    async with idle_desk(tmp_path, "", InThisProcess) as (app, clock):
        await spooled(raw_mail(1), raw_mail(2, sender="dieter@kunde.example"))
        await app._handler.work_off()
        for number in (1, 2):
            await tickets.save(number, {"status": "Resolved", "round": 1, "owner": "anna", "resolved_at": NOW})
        yield app, clock


async def status(number: int) -> Status:
    ticket = await tickets.view(number)
    assert ticket is not None
    return ticket.status


async def letters() -> list[str]:
    return [row.letter for row in await outbox.listing()]


def listened(app: App, clock: ManualClock) -> None:
    for poller in app._pollers:
        poller.heard_until = clock.now()


async def carry_out(app: App, clock: ManualClock, after: timedelta) -> int:
    clock.advance(after)
    listened(app, clock)
    return await app._scheduler.carry_out_due()


async def test_reminded_once(desk: Opened) -> None:
    app, clock = desk
    await deadlines.put(1, DeadlineKind.REMINDER, 1, NOW + DAY, NOW)
    assert await carry_out(app, clock, DAY - timedelta(seconds=1)) == 0
    before = len(await letters())
    assert await carry_out(app, clock, timedelta(seconds=1)) == 1
    assert len(await letters()) == before + 1
    assert await carry_out(app, clock, DAY) == 0


@pytest.mark.row("N22")
async def test_a_clock_that_leaps_to_and_fro_brings_everything_once(desk: Opened) -> None:
    app, clock = desk
    await deadlines.put(1, DeadlineKind.REMINDER, 1, NOW + DAY, NOW)
    await deadlines.put(1, DeadlineKind.CLOSING, 1, NOW + 2 * DAY, NOW)
    for hours in (25, -1, 1, -25, 25, 72, -1, -72, 73, 1_000, -1_000, 1_001):
        await carry_out(app, clock, timedelta(hours=hours))
    counted = Counter(await letters())
    assert (counted["reminder"], counted["closure"], counted["survey"]) == (1, 1, 1)
    assert await status(1) is Status.CLOSED


async def test_closed_by_silence(desk: Opened) -> None:
    app, clock = desk
    await deadlines.put(1, DeadlineKind.CLOSING, 1, NOW + DAY, NOW)
    assert await carry_out(app, clock, DAY) == 1
    assert await status(1) is Status.CLOSED


@pytest.mark.parametrize("kind", sorted(OF_A_RESOLUTION))
async def test_a_deadline_of_an_earlier_round_does_nothing(desk: Opened, kind: DeadlineKind) -> None:
    app, clock = desk
    await deadlines.put(1, kind, 0, NOW + DAY, NOW)
    before, was = await letters(), await status(1)
    assert await carry_out(app, clock, DAY) == 1
    assert (await letters(), await status(1)) == (before, was)


@pytest.mark.row("C12")
async def test_a_row_that_fails_is_put_off_and_the_others_go_on(desk: Opened) -> None:
    app, clock = desk
    await tickets.save(1, {"status": "no status"})
    for number in (1, 2):
        await deadlines.put(number, DeadlineKind.REMINDER, 1, NOW + DAY, NOW)
    before = len(await letters())
    assert await carry_out(app, clock, DAY) == 2
    assert len(await letters()) == before + 1
    assert await deadlines.due(clock.now(), 10) == []
    (row,) = await deadlines.due(clock.now() + timedelta(minutes=5), 10)
    assert (row.ticket, row.attempts) == (1, 1)
    await tickets.save(1, {"status": "Resolved"})
    assert await carry_out(app, clock, timedelta(minutes=5)) == 1
    assert len(await letters()) == before + 2


async def test_nothing_is_silence_while_a_mailbox_is_not_read(desk: Opened) -> None:
    app, clock = desk
    await deadlines.put(1, DeadlineKind.REMINDER, 1, NOW + DAY, NOW)
    clock.advance(2 * DAY)
    assert await app._scheduler.carry_out_due() == 0  # never read
    app._pollers[0].heard_until = NOW + DAY - timedelta(seconds=1)
    assert await app._scheduler.carry_out_due() == 0  # not read since
    listened(app, clock)
    assert await app._scheduler.carry_out_due() == 1


@asynccontextmanager
async def two_mailboxes(folder: Path, url: str = "") -> AsyncIterator[Opened]:
    """A resolved ticket in each, to be closed now."""
    server = {"host": "127.0.0.1", "port": 9, "security": "clear", "user": "x", "password": "x"}
    sales = {"address": "sales@acme.example", "team": "support", "imap": server, "smtp": server}
    async with idle_desk(folder, url, InThisProcess, mailbox={"sales": sales}) as (app, clock):
        await spooled(raw_mail(1))
        await spooled(raw_mail(2), mailbox="sales")
        await app._handler.work_off()
        for number in (1, 2):
            await tickets.save(number, {"status": "Resolved", "round": 1, "owner": "anna", "resolved_at": NOW})
            await deadlines.put(number, DeadlineKind.CLOSING, 1, NOW + DAY, NOW)
        clock.advance(DAY)
        yield app, clock


@pytest.mark.parametrize("heard", [None, NOW], ids=["never read", "read long ago"])
async def test_a_mailbox_out_of_reach_holds_up_its_own_tickets_only(tmp_path: Path, heard: datetime | None) -> None:
    async with two_mailboxes(tmp_path) as (app, clock):
        app._pollers[0].heard_until, app._pollers[1].heard_until = clock.now(), heard
        assert await app._scheduler.carry_out_due() == 1
        assert (await status(1), await status(2)) == (Status.CLOSED, Status.RESOLVED)
        listened(app, clock)
        assert await app._scheduler.carry_out_due() == 1


async def test_nothing_is_silence_while_a_mail_waits_in_the_spool(desk: Opened) -> None:
    app, clock = desk
    await deadlines.put(1, DeadlineKind.REMINDER, 1, NOW + DAY, NOW)
    await spooled(raw_mail(3), first_uid=3, at=NOW + DAY - timedelta(minutes=1))
    assert await carry_out(app, clock, 2 * DAY) == 0
    await app._handler.work_off()
    assert await carry_out(app, clock, timedelta()) == 1


@pytest.mark.row("N23")
async def test_a_database_that_was_away_is_waited_for(desk: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    app, clock = desk
    await deadlines.put(1, DeadlineKind.CLOSING, 1, NOW + DAY, NOW)
    clock.advance(DAY)
    listened(app, clock)
    away = Away(deadlines.due, times=3)
    monkeypatch.setattr(deadlines, "due", away)
    app._scheduler.done.append(done := asyncio.Event())
    loop = asyncio.create_task(app._scheduler.run())
    async with ended(loop), asyncio.timeout(5):
        await done.wait()
    assert away.calls >= 4
    assert await status(1) is Status.CLOSED


@pytest.mark.slow
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_what_a_dead_node_heard_long_ago_holds_up_no_other_mailbox(tmp_path: Path, store_url: str) -> None:
    async with two_mailboxes(tmp_path, store_url) as (app, clock):
        await own("sales", "a node that is gone", NOW)
        app._pollers[0].heard_until = clock.now()
        assert await app._scheduler.carry_out_due() == 1
        assert (await status(1), await status(2)) == (Status.CLOSED, Status.RESOLVED)
        await own("sales", "another", clock.now())
        assert await app._scheduler.carry_out_due() == 1


@pytest.mark.slow
@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_what_another_node_heard_is_heard(tmp_path: Path, store_url: str) -> None:
    async with two_mailboxes(tmp_path, store_url) as (app, clock):
        for mailbox in ("support", "sales"):
            await own(mailbox, "the reader", clock.now() - timedelta(minutes=1))
        assert await app._scheduler.carry_out_due() == 0
        clock.advance(timedelta(minutes=1))
        for mailbox in ("support", "sales"):
            await own(mailbox, "the reader", clock.now() - timedelta(minutes=1))
        assert await app._scheduler.carry_out_due() == 2
