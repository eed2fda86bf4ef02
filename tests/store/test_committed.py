"""Nobody hears of what is undone, and of what is done they hear when everybody can see it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from mailproc import eventlog
from mailproc.committed import when_committed
from mailproc.store.db import transaction
from tests.testlib.store import fresh_store, raw_mail, spooled


@pytest.fixture(autouse=True)
async def store(tmp_path: Path) -> AsyncIterator[None]:
    async with fresh_store(f"sqlite://{tmp_path}/desk.db"):
        yield


def words(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "mailproc"]


async def test_what_happens_in_a_transaction_is_told_when_others_can_see_it(tmp_path: Path) -> None:
    seen: list[int] = []

    def look() -> None:
        with closing(sqlite3.connect(tmp_path / "desk.db")) as other:
            seen.extend(other.execute("SELECT count(*) FROM inbound_mail").fetchone())

    async with transaction():
        await spooled(raw_mail(1))  # in a savepoint
        when_committed(look)
        assert seen == []
    assert seen == [1]


async def test_what_is_undone_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "mailproc")
    with pytest.raises(RuntimeError):
        async with transaction():
            eventlog.event("test.undone")
            raise RuntimeError
    async with transaction():
        eventlog.event("test.first")
        with pytest.raises(RuntimeError):
            async with transaction():
                eventlog.event("test.undone")
                raise RuntimeError
        async with transaction():
            eventlog.event("test.second")
        eventlog.event("test.third")
    eventlog.event("test.fourth")
    assert words(caplog) == ["test.first", "test.second", "test.third", "test.fourth"]


async def test_what_a_refused_commit_would_have_done_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "mailproc")
    async with transaction() as opened:
        reference = '"of" INT REFERENCES "inbound_mail" ("id") DEFERRABLE INITIALLY DEFERRED'
        await opened.execute_query(f'CREATE TABLE "note" ({reference})')
    with pytest.raises(sqlite3.Error):
        async with transaction() as opened:
            eventlog.event("test.undone")
            await opened.execute_query('INSERT INTO "note" VALUES (1)')
    assert words(caplog) == []


async def test_who_was_begun_in_a_transaction_and_outlives_it_is_heard(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "mailproc")
    go_on = asyncio.Event()

    async def later() -> None:
        await go_on.wait()
        eventlog.event("test.later")

    async with transaction():
        task = asyncio.create_task(later())
    go_on.set()
    await task
    assert words(caplog) == ["test.later"]
