"""An answer that does not arrive is told to whoever has the ticket within the hour, once, and again when it is dead."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from mailproc.app import App
from mailproc.clock import ManualClock
from mailproc.handling.undelivered import Undelivered
from mailproc.store import outbox, tickets
from mailproc.store.db import transaction
from mailproc.store.outbox import MailClass, OutboxRow, OutboxState, Settled, Settlement
from tests.testlib import sending
from tests.testlib.idle_desk import InThisProcess, idle_desk
from tests.testlib.store import NOW, raw_mail, spooled

HOUR = timedelta(hours=1)
BUSY = "451 4.3.2 try again later"
Opened = tuple[App, ManualClock]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Opened]:
    """Anna has a ticket; all letters about it have left."""
    async with idle_desk(tmp_path, "", InThisProcess) as (app, clock):
        await spooled(raw_mail(1))
        await app._handler.work_off()
        await tickets.save(1, {"owner": "anna"})
        for each in await outbox.listing():
            await outbox.settle([Settlement(each.id, 0, OutboxState.SENT, "250 OK", NOW)])
        yield app, clock


async def answered(mail_class: MailClass = MailClass.HUMAN) -> int:
    """An answer that the server has put off once."""
    recipient = "clara@customer.example"
    (id_,) = await sending.queue(sending.mail("answer", mail_class=mail_class, recipient=recipient, created_at=NOW))
    await outbox.claim("support", 10, NOW, NOW + HOUR)
    await outbox.settle([Settlement(id_, 1, OutboxState.RETRY, BUSY, NOW, NOW + HOUR)])
    return id_


async def dead(app: App, row: OutboxRow, clock: ManualClock) -> None:
    now = clock.now()
    await Undelivered(app._policy, app._recorder, app._send).follow(
        Settled(row, OutboxState.DEAD, f"given up: {BUSY}", now, now)
    )


async def told() -> list[OutboxRow]:
    return [row for row in await outbox.listing() if row.letter == "notification" and row.state is OutboxState.QUEUED]


async def words_of(row: OutboxRow) -> str:
    written = await outbox.content(row.id)
    assert written is not None
    return written.decode()


async def test_the_owner_is_told_once_what_the_server_said_and_what_to_do(desk: Opened) -> None:
    app, clock = desk
    await answered()
    clock.advance(HOUR - timedelta(seconds=1))
    await app._late.tell()
    assert await told() == []

    clock.advance(timedelta(seconds=1))
    await app._late.tell()
    (letter,) = await told()
    assert letter.recipient == "anna@acme.example"
    written = await words_of(letter)
    assert "NOT YET DELIVERED to clara@customer.example" in written
    assert BUSY in written
    assert "reach them another way" in written

    clock.advance(5 * HOUR)
    await app._late.tell()
    assert len(await told()) == 1


async def test_told_again_when_it_is_dead(desk: Opened) -> None:
    app, clock = desk
    id_ = await answered()
    clock.advance(HOUR)
    await app._late.tell()
    clock.advance(timedelta(days=5))
    row = await outbox.get(id_)
    assert row is not None
    await dead(app, row, clock)
    gone, late = await told()
    assert "NOT YET DELIVERED" in await words_of(late)
    assert "NOT DELIVERED" in await words_of(gone)


async def test_who_sends_is_called_when_the_letter_about_it_is_committed(desk: Opened) -> None:
    app, clock = desk
    row = await outbox.get(await answered())
    assert row is not None
    app._send.clear()
    async with transaction():
        await dead(app, row, clock)
        assert not app._send.is_set()
    assert app._send.is_set()


async def test_one_that_never_was_tried_because_the_account_is_down_is_told_too(desk: Opened) -> None:
    app, clock = desk
    await sending.queue(sending.mail("answer", mail_class=MailClass.HUMAN, created_at=NOW))
    clock.advance(HOUR)
    await app._late.tell()
    assert len(await told()) == 1


async def test_one_that_arrived_and_automatic_letters_are_not_told(desk: Opened) -> None:
    app, clock = desk
    id_ = await answered()
    await outbox.settle([Settlement(id_, 1, OutboxState.SENT, "250 OK", NOW)])
    await sending.queue(sending.mail("robot", mail_class=MailClass.AUTOMATIC, created_at=NOW))
    clock.advance(HOUR)
    await app._late.tell()
    assert await told() == []


async def test_who_looks_second_tells_nothing(desk: Opened) -> None:
    app, clock = desk
    id_ = await answered()
    assert await outbox.late_told(id_)
    clock.advance(HOUR)
    await app._late.tell()
    assert await told() == []
