"""Transactions on SQLite: whatever interrupts them, the connection is free afterwards."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from mailproc.store import inbound
from mailproc.store.db import TROUBLE, transaction
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
