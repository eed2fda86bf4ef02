"""Transactions on SQLite: whatever interrupts them, the connection is free afterwards."""

from __future__ import annotations

import asyncio
import contextvars
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError

from mailproc.handling.record.work import Work
from mailproc.store import copies, inbound, tickets
from mailproc.store.db import AWAY, CONNECTION, TROUBLE, DatabaseError, connected, transaction
from mailproc.store.models import InboundMail
from tests.testlib.idle_desk import InThisProcess, idle_desk
from tests.testlib.store import NOW, fresh_store, raw_mail, spooled


async def test_one_cancelled_while_it_waits_to_begin_holds_up_nobody(tmp_path: Path) -> None:
    async with fresh_store(f"sqlite://{tmp_path}/desk.db"):
        other = sqlite3.connect(tmp_path / "desk.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(inbound.claim(1, NOW))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        other.execute("COMMIT")
        other.close()
        async with asyncio.timeout(10):
            await spooled(raw_mail(1))
            assert [mail.id for mail in await inbound.claim(1, NOW)] == [1]


async def test_what_is_committed_can_be_read_while_somebody_writes(tmp_path: Path) -> None:
    async def seen() -> int:
        async with asyncio.timeout(10):
            return len(await inbound.listing("", 9))

    async with fresh_store(f"sqlite://{tmp_path}/desk.db"):
        await spooled(raw_mail(1))
        outside = contextvars.copy_context()
        async with transaction():
            await spooled(raw_mail(2), first_uid=2)
            assert await asyncio.create_task(seen(), context=outside) == 1
            assert await seen() == 2
        assert await seen() == 2


async def no_thread_is_left() -> bool:
    """None that would keep the process from ending."""
    async with asyncio.timeout(2):
        while any("connection" in thread.name for thread in threading.enumerate()):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.001)
    return True


async def test_a_file_that_is_no_database_lets_the_process_end(tmp_path: Path) -> None:
    (tmp_path / "desk.db").write_bytes(b"this is not a database, it is a text\n" * 50)
    with pytest.raises(DatabaseError):
        async with connected(f"sqlite://{tmp_path}/desk.db"):
            pass
    assert await no_thread_is_left()


@pytest.mark.parametrize("steps", range(2, 5))  # earlier, Tortoise has not begun to close it
async def test_one_cancelled_while_it_closes_lets_the_process_end(tmp_path: Path, steps: int) -> None:
    ready, end = asyncio.Event(), asyncio.Event()

    async def use() -> None:
        async with connected(f"sqlite://{tmp_path}/desk.db") as connection:
            await connection.execute_query("CREATE TABLE mail (id INT)")
            ready.set()
            await end.wait()

    using = asyncio.create_task(use())
    await ready.wait()
    end.set()
    for _ in range(steps):
        await asyncio.sleep(0)
    using.cancel()
    await asyncio.gather(using, return_exceptions=True)
    assert await no_thread_is_left()


@pytest.mark.parametrize("steps", range(12))
async def test_one_cancelled_at_any_step_leaves_all_or_nothing(tmp_path: Path, steps: int) -> None:
    async with fresh_store(f"sqlite://{tmp_path}/desk.db"):
        work = asyncio.create_task(spooled(raw_mail(1), raw_mail(2)))
        for _ in range(steps):
            await asyncio.sleep(0)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        async with asyncio.timeout(10), transaction():
            assert len(await inbound.listing("", 9)) in {0, 2}


async def test_one_refused_at_its_beginning_holds_up_nobody(tmp_path: Path) -> None:
    async with fresh_store(f"sqlite://{tmp_path}/desk.db") as connection:
        await connection.execute_query("PRAGMA busy_timeout=10")
        other = sqlite3.connect(tmp_path / "desk.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(TROUBLE):
            await inbound.claim(1, NOW)
        other.execute("COMMIT")
        other.close()
        async with asyncio.timeout(10):
            assert await inbound.claim(1, NOW) == []


async def test_one_whose_commit_is_refused_comes_to_nothing_and_holds_up_nobody(tmp_path: Path) -> None:
    async with fresh_store(f"sqlite://{tmp_path}/desk.db") as connection:
        reference = '"of" INT REFERENCES "inbound_mail" ("id") DEFERRABLE INITIALLY DEFERRED'
        await connection.execute_script(f'CREATE TABLE "note" ({reference})')
        with pytest.raises(TROUBLE):
            async with transaction():
                await get_connection(CONNECTION).execute_query('INSERT INTO "note" VALUES (1)')
        await spooled(raw_mail(1))
        assert await connection.execute_query_dict('SELECT * FROM "note"') == []
        assert len(await inbound.listing("", 9)) == 1


@pytest.mark.row("N24")
class TestUndoneBySqliteItself:
    """As after an I/O error or on a full disk, whichever statement meets it."""

    @staticmethod
    async def _undone() -> None:
        connection = get_connection(CONNECTION)
        await connection.execute_query("INSERT OR ROLLBACK INTO schema_version SELECT * FROM schema_version")

    async def test_nothing_more_is_written_in_it(self, tmp_path: Path) -> None:
        async with fresh_store(f"sqlite://{tmp_path}/desk.db"):
            with pytest.raises(AWAY):
                async with transaction():
                    await spooled(raw_mail(1))
                    with pytest.raises(AWAY):
                        async with transaction():
                            await self._undone()
                    await spooled(raw_mail(2))
            assert await inbound.listing("", 9) == []

    async def test_it_is_not_taken_for_committed(self, tmp_path: Path) -> None:
        async with fresh_store(f"sqlite://{tmp_path}/desk.db"):
            with pytest.raises(AWAY):
                async with transaction():
                    await spooled(raw_mail(1))
                    with pytest.raises(IntegrityError):
                        await self._undone()
            await spooled(raw_mail(3))
            assert len(await inbound.listing("", 9)) == 1

    async def test_the_mails_of_the_batch_are_all_handled_again(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with idle_desk(tmp_path) as (app, _):
            await spooled(*(raw_mail(number) for number in (1, 2, 3)))
            original, calls = app._recorder.begin, 0

            async def begin(*arguments: Any) -> Work:
                nonlocal calls
                calls += 1
                if calls == 2:
                    await self._undone()
                return await original(*arguments)

            monkeypatch.setattr(app._recorder, "begin", begin)
            assert await app._handler.work_off() == 3
            assert [each is not None for each in [await tickets.view(number) for number in (1, 2, 3)]] == [True] * 3


@pytest.mark.row("N24")
async def test_a_full_disk_is_no_mail_s_fault(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with idle_desk(tmp_path, "", InThisProcess) as (app, _):
        await spooled(*(raw_mail(number, "words " * 2000) for number in range(1, 4)))
        connection = get_connection(CONNECTION)
        (pages,) = await connection.execute_query_dict("PRAGMA page_count")
        await connection.execute_query(f"PRAGMA max_page_count = {pages['page_count'] + 2}")
        for _ in range(4):
            with pytest.raises(AWAY):
                await app._handler.work_off()
        await connection.execute_query("PRAGMA max_page_count = 100000")
        assert await app._handler.work_off() == 3
        assert [(line.state, line.attempts) for line in await inbound.listing("", 9)] == [("done", 1)] * 3
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.row("N23")
async def test_one_who_holds_it_for_long_is_waited_for(tmp_path: Path) -> None:
    async with fresh_store(f"sqlite://{tmp_path}/desk.db") as connection:
        await connection.execute_query("PRAGMA busy_timeout = 1")
        with closing(sqlite3.connect(tmp_path / "desk.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(AWAY, match="locked"):
                await spooled(raw_mail(1))
            with pytest.raises(AWAY, match="locked"):
                await connection.execute_query("UPDATE inbound_mail SET id = id")


@pytest.mark.parametrize("put_there", [None, "backup.db"])
async def test_nothing_is_written_in_a_file_that_nobody_will_find_again(tmp_path: Path, put_there: str | None) -> None:
    """It was deleted while we run, or a backup was put in its place: mail that is stored there now would be lost."""
    file = tmp_path / "desk.db"
    async with fresh_store(f"sqlite://{file}"):
        await spooled(raw_mail(1))
        await copies.backup(f"sqlite://{file}", tmp_path / "backup.db")
        file.rename(tmp_path / "elsewhere.db")
        if put_there:
            (tmp_path / put_there).rename(file)
        for write in (spooled(raw_mail(2), first_uid=2), inbound.claim(1, NOW)):
            with pytest.raises(AWAY, match="deleted or replaced"):
                await write
        (tmp_path / "elsewhere.db").rename(file)
        await spooled(raw_mail(2), first_uid=2)
        assert len(await inbound.listing("", 9)) == 2


async def test_the_log_is_short_again_when_a_long_reader_ended(tmp_path: Path) -> None:
    log = tmp_path / "desk.db-wal"
    async with fresh_store(f"sqlite://{tmp_path}/desk.db"):
        await spooled(raw_mail(1))
        other = sqlite3.connect(tmp_path / "desk.db", isolation_level=None)
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM inbound_mail").fetchone()
        await spooled(*(raw_mail(number, "x" * 6_000_000) for number in range(2, 6)), first_uid=2)
        assert log.stat().st_size > 20_000_000
        other.close()
        for number in range(6, 9):
            await spooled(raw_mail(number), first_uid=number)
        assert log.stat().st_size <= 16_000_000


def open_files() -> set[str]:
    here = Path("/proc/self/fd")
    return {str(each.readlink()) for each in here.iterdir() if each.is_symlink()}


async def test_peoples_mail_is_written_to_no_file_but_the_database_s_own(tmp_path: Path) -> None:
    """What a savepoint would restore needs a journal: SQLite's own way is a file in the system's temporary folder."""
    async with fresh_store(f"sqlite://{tmp_path}/desk.db"):
        await spooled(*(raw_mail(number, text="words " * 2000) for number in range(20)))
        async with transaction():
            everything = InboundMail.filter(id__gt=0)
            await everything.update(reason="a")
            async with transaction():
                await everything.update(content=b"other words " * 2000)
                here = open_files()
    assert [each for each in here if "etilqs" in each] == []
