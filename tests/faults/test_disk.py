"""The disk fails, or the power does: what was told as stored is there."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import sqlite3
import sys
from pathlib import Path

import pytest

from tests.faults.blind_sweep import KILL, Blow, strike
from tests.testlib.dovecot import Dovecot
from tests.testlib.programs import require

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

MAILS = 6
#: Spools one mail after the other, and tells each when it is committed.
WRITER = f"""
import asyncio, os, sys
from datetime import UTC, datetime
from mailproc.store import db, inbound, schema
async def main():
    os.write(1, b"%d\\n" % os.getpid())
    now = datetime(2026, 11, 21, tzinfo=UTC)
    async with db.connected("sqlite://" + sys.argv[1]) as connection:
        await schema.upgrade(connection, now)
        await inbound.enter("support", "INBOX", inbound.Folder(1, now, 0, 0))
        for uid in range(1, {MAILS} + 1):
            await inbound.spool("support", "INBOX", 1, [inbound.NewMail(uid, b"mail %d" % uid, 6, False, now)], uid, now)
            os.write(1, b".")
asyncio.run(main())
"""


def stopped(process: int) -> bool:
    """Whether a process stands still, by a signal or a tracer (proc(5))."""
    try:
        states = [(task / "stat").read_text() for task in Path(f"/proc/{process}/task").iterdir()]
    except (FileNotFoundError, ProcessLookupError):  # ended
        return False
    return all(state.rpartition(")")[2].split()[0] in "tT" for state in states)


def alive(process: int) -> bool:
    return Path(f"/proc/{process}").exists()


def rows(folder: Path) -> int:
    """Mails in a copied database, which must be sound."""
    with sqlite3.connect(folder / "mailproc.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        there = database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'inbound_mail'").fetchone()[0]
        return int(database.execute("SELECT count(*) FROM inbound_mail").fetchone()[0]) if there else 0


@pytest.mark.row("C16")
async def test_what_was_told_as_committed_is_in_the_files_of_the_sync_before(tmp_path: Path) -> None:
    """At each fdatasync the writer stands still and its files are copied: the least a power cut leaves behind."""
    (tmp_path / "live").mkdir()
    strace = (require("strace", package="strace"), "-f", "-o", str(tmp_path / "trace"), "-e", "trace=fdatasync")
    process = await asyncio.create_subprocess_exec(
        *strace, "-e", "inject=fdatasync:signal=SIGSTOP", sys.executable, "-c", WRITER, str(tmp_path / "live/mailproc.db"),
        stdout=asyncio.subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    writer, told, copies = int(await process.stdout.readline()), 0, 0
    while alive(writer):
        stops = (tmp_path / "trace").read_text().count("--- SIGSTOP {")
        if stops == copies or not stopped(writer):
            await asyncio.sleep(0.002)
            continue
        told += len(await _said(process.stdout))
        if copies:
            assert rows(tmp_path / f"copy{copies}") >= told
        copies += 1
        shutil.copytree(tmp_path / "live", tmp_path / f"copy{copies}")
        os.kill(writer, signal.SIGCONT)
    assert await process.wait() == 0
    assert rows(tmp_path / f"copy{copies}") == MAILS
    assert copies > MAILS


async def _said(stream: asyncio.StreamReader) -> bytes:
    """What has been written so far."""
    try:
        async with asyncio.timeout(0.02):
            return await stream.read(100)
    except TimeoutError:
        return b""


async def test_killed_at_any_sync_of_the_disk_nothing_is_lost(dovecot: Dovecot, tmp_path: Path) -> None:
    """The short form of `make faults-all`: another one each time."""
    blow = Blow("fdatasync", KILL, random.randint(2, 15))
    verdict, kills = await strike(dovecot, tmp_path, "support@acme.example", blow)
    assert (verdict.wrong, kills) == ([], 1), f"{blow}"
