"""While a backlog stands, letters are written beside: each mail still gets its own, and all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any, cast

import pytest

from mailproc.app import App
from mailproc.clock import ManualClock
from mailproc.handling import handler
from mailproc.handling.record import Recorder
from mailproc.handling.record.work import Work
from mailproc.mime.pool import ParseFailed
from mailproc.mime.wire import FailureReason
from mailproc.render import writer as writing
from mailproc.render.draft import Draft
from mailproc.store import inbound, outbox
from mailproc.store.db import TROUBLE
from tests.testlib.idle_desk import InThisProcess, idle_desk
from tests.testlib.store import Away, raw_mail, spooled

BATCH = 4
TEAM: dict[str, dict[str, object]] = {
    "team": {"support": {"members": ["anna"]}},
    "agent": {"anna": {"name": "Anna", "address": "anna@acme.example"}},
}


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "BATCH", BATCH)


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    async with idle_desk(tmp_path, "", InThisProcess, **TEAM) as (app, _):
        await spooled(*(raw_mail(number, sender=f"c{number}@customer.example") for number in range(1, 2 * BATCH + 1)))
        app._handler._writer.wake()
        async with asyncio.timeout(20):
            while not app._handler._writer.ready:  # noqa: ASYNC110 - another process is waited for
                await asyncio.sleep(0.01)
        yield app


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many letters were begun beside, mail by mail."""
    counts: list[int] = []
    begin = writing.Writer.begin

    def counted(self: writing.Writer, drafts: Any) -> None:
        counts.append(len(drafts))
        begin(self, drafts)

    monkeypatch.setattr(writing.Writer, "begin", counted)
    return counts


async def states() -> list[str]:
    return [line.state for line in reversed(await inbound.listing("", 100))]


async def letters_are_right(numbers: set[int]) -> None:
    """Each of these customers has an acknowledgement, and the agent a notification; each with its own words."""
    rows = await outbox.listing(limit=100)
    assert {row.recipient for row in rows if row.letter == "acknowledgement"} == {
        f"c{number}@customer.example" for number in numbers
    }
    assert len([row for row in rows if row.letter == "notification"]) == len(numbers)
    for row in rows:
        content = await outbox.content(row.id)
        assert content
        mail = message_from_bytes(content)
        assert (mail["Message-ID"], row.recipient in mail["To"]) == (row.message_id, True)
        assert mail["X-Mailproc-Ticket"] == str(row.ticket_id)
    assert len(await outbox.claim("support", 100, rows[0].created_at, rows[0].created_at)) > 0


async def test_every_letter_is_its_own(app: App, beside: list[int]) -> None:
    assert [await app._handler.work_off() for _ in range(3)] == [BATCH, BATCH, 0]
    assert beside == [2] * (2 * BATCH)
    await letters_are_right(set(range(1, 2 * BATCH + 1)))


async def test_few_mails_write_theirs_themselves(tmp_path: Path, beside: list[int]) -> None:
    async with idle_desk(tmp_path, "", InThisProcess, **TEAM) as (app, _):
        await spooled(raw_mail(1, sender="c1@customer.example"))
        await app._handler.work_off()
        await letters_are_right({1})
    assert sum(beside) == 0


async def test_a_mail_that_fails_with_its_letters_queued_leaves_none_of_them(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their numbers are given again: to letters of the next mail, which get no others' words."""
    begin = Recorder.begin

    async def failing(self: Recorder, *values: Any) -> Work:
        work = await begin(self, *values)
        if work.cause.inbound_id in {2, 7}:
            raise RuntimeError("a bug of ours")
        return work

    monkeypatch.setattr(Recorder, "begin", failing)
    assert [await app._handler.work_off() for _ in range(2)] == [BATCH, BATCH]
    assert [number for number, state in enumerate(await states(), 1) if state != "done"] == [2, 7]
    await letters_are_right({1, 3, 4, 5, 6, 8})


async def test_what_was_undone_is_not_told_as_done(
    app: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begin = Recorder.begin

    async def failing(self: Recorder, *values: Any) -> Work:
        work = await begin(self, *values)
        if work.cause.inbound_id == BATCH:
            raise RuntimeError("a bug of ours")
        return work

    monkeypatch.setattr(Recorder, "begin", failing)
    with caplog.at_level("INFO", "mailproc"):
        await app._handler.work_off()
    done = [record.__dict__["fields"]["inbound"] for record in caplog.records if record.getMessage() == "handler.done"]
    assert done == list(range(1, BATCH))


async def test_a_mail_put_off_in_a_batch_that_was_undone_is_told_once(
    app: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def crashes(*_: Any) -> None:
        raise ParseFailed(FailureReason.CRASHED, "")

    monkeypatch.setattr(InThisProcess, "read", crashes)
    monkeypatch.setattr(inbound, "finish", Away(inbound.finish, times=2))
    with caplog.at_level("INFO", "mailproc"):
        for _ in range(2):
            with pytest.raises(TROUBLE):
                await app._handler.work_off()
        await app._handler.work_off()
    told = [record.__dict__["fields"]["inbound"] for record in caplog.records if "postponed" in record.getMessage()]
    assert told == list(range(1, BATCH + 1))


async def test_a_letter_that_can_t_be_written_costs_its_mail_and_no_other(
    app: App, monkeypatch: pytest.MonkeyPatch, beside: list[int]
) -> None:
    written = Draft.written

    def unwritable(self: Draft) -> bytes:
        if self.mail.to[0].address == "c3@customer.example":
            raise ValueError("a bug of ours")
        return written(self)

    monkeypatch.setattr(Draft, "written", unwritable)
    monkeypatch.setattr(Draft, "packed", lambda _: b"nonsense")
    assert [await app._handler.work_off() for _ in range(2)] == [BATCH, BATCH]
    assert [number for number, state in enumerate(await states(), 1) if state != "done"] == [3]
    assert beside == [2] * BATCH + [0] * (BATCH - 1) + [2] * BATCH  # one by one in between
    await letters_are_right({1, 2, 4, 5, 6, 7, 8})


async def test_others_are_kept_from_the_database_only_for_so_long(
    app: App, monkeypatch: pytest.MonkeyPatch, beside: list[int]
) -> None:
    begin, clock = Recorder.begin, cast("ManualClock", app._handler._clock)

    async def slow(self: Recorder, *values: Any) -> Work:
        clock.advance(timedelta(seconds=0.6))
        return await begin(self, *values)

    monkeypatch.setattr(Recorder, "begin", slow)
    assert [await app._handler.work_off() for _ in range(4)] == [2, 2, 2, 2]
    assert beside == [2] * (2 * BATCH)  # the second half of a batch is still of a backlog
    await letters_are_right(set(range(1, 2 * BATCH + 1)))


async def test_no_more_letters_than_have_room_are_in_memory_together(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler, "_MOST_LETTERS", 1)
    assert [await app._handler.work_off() for _ in range(BATCH)] == [1] * BATCH
    await letters_are_right(set(range(1, BATCH + 1)))


async def test_letters_with_large_files_are_kept_at_once(
    app: App, monkeypatch: pytest.MonkeyPatch, beside: list[int]
) -> None:
    monkeypatch.setattr(handler, "LARGEST", -1)
    assert await app._handler.work_off() == BATCH
    assert beside == [0] * BATCH
    await letters_are_right(set(range(1, BATCH + 1)))
