"""The real program, killed in the middle of its work and started again: nothing is lost, nothing happens twice."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import sys
from collections import Counter
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Self

import pytest

from tests.testlib.budgets import WIDE
from tests.testlib.dovecot import PASSWORD, Dovecot
from tests.testlib.smtp import Sink, Taken

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

MAILS = 60
KILLS = 5

CONFIGURATION = """
[desk]
name = "Acme Support"
[store]
url = "sqlite://{folder}/mailproc.db"
[mailbox.support]
address = "support@acme.example"
team = "support"
start = "all"
[mailbox.support.imap]
host = "127.0.0.1"
port = {imap}
security = "clear"
user = "support@acme.example"
password = "{password}"
[mailbox.support.smtp]
host = "127.0.0.1"
port = {smtp}
security = "clear"
[team.support]
members = ["anna"]
[agent.anna]
name = "Anna"
address = "anna@acme.example"
[agents]
trust = "token"

[safety]
hold = "0s"

[tokens]
key = "a key for tests only, 32 bytes long"
"""


def mail(number: int) -> bytes:
    return (
        f"From: Customer {number} <c{number}@customer.example>\r\nTo: support@acme.example\r\n"
        f"Subject: Matter {number} of mine\r\nMessage-ID: <m{number}@customer.example>\r\n\r\nIt is broken, please help.\r\n"
    ).encode()


class Daemon:
    """`mailproc run` as a process, for as long as the block lasts."""

    def __init__(self, configuration: Path) -> None:
        self._command = (sys.executable, "-m", "mailproc", "run", "-c", str(configuration))
        self._log = configuration.parent / "log"
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        with self._log.open("ab") as log:
            before = self._times_connected()
            self._process = await asyncio.create_subprocess_exec(*self._command, stdout=log, stderr=log)
        async with asyncio.timeout(60):
            while self._times_connected() == before:  # noqa: ASYNC110 - another process's doings have no event
                await asyncio.sleep(0.02)
        return self

    def _times_connected(self) -> int:
        return self._log.read_bytes().count(b"inbox.connected")

    async def end(self, number: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(number)
        return await self._process.wait()

    async def __aexit__(self, *failure: object) -> None:
        if self._process is not None and self._process.returncode is None:
            await self.end(signal.SIGKILL)


def letters(taken: list[Taken]) -> Counter[tuple[str, str]]:
    """How often each mail of ours arrived: by recipient and Message-ID."""
    headers = ((mail.recipient, BytesHeaderParser().parsebytes(mail.content)["Message-ID"]) for mail in taken)
    return Counter((recipient, str(identity)) for recipient, identity in headers)


async def test_killed_again_and_again_it_loses_nothing_and_doubles_nothing(
    dovecot: Dovecot, sink: Sink, tmp_path: Path
) -> None:
    configuration = tmp_path / "mailproc.toml"
    words = CONFIGURATION.format(folder=tmp_path, imap=dovecot.imap_port, smtp=sink.port, password=PASSWORD) + WIDE
    configuration.write_text(words)
    dovecot.drop("support@acme.example", [mail(number) for number in range(MAILS)])
    chance = random.Random()
    for _ in range(KILLS):
        async with Daemon(configuration):
            await asyncio.sleep(chance.random())
    async with Daemon(configuration) as daemon, asyncio.timeout(90):
        while not done(dovecot, tmp_path / "mailproc.db"):  # noqa: ASYNC110 - another process's doings have no event
            await asyncio.sleep(0.2)
        assert await daemon.end(signal.SIGTERM) == 0

    with sqlite3.connect(tmp_path / "mailproc.db") as database:
        tickets = database.execute("SELECT count(*), count(DISTINCT customer_id) FROM ticket").fetchone()
        states = dict(database.execute("SELECT state, count(*) FROM inbound_mail GROUP BY state"))
        unknown = dict(
            database.execute("SELECT letter, count(*) FROM outbox_mail WHERE state = 'unknown' GROUP BY letter")
        )
        follow = database.execute("SELECT count(*) FROM outbox_mail WHERE letter = 'missed'").fetchone()[0]
        integrity = database.execute("PRAGMA integrity_check").fetchone()[0]
    arrived = letters(sink.taken)
    acknowledgements = {key: times for key, times in arrived.items() if key[0].startswith("c")}
    assert (tickets, states, integrity) == ((MAILS, MAILS), {"done": MAILS}, "ok")
    assert not dovecot.mails("support@acme.example")
    # Letters leave at most once: what was under way at a kill may be missing, and is told as unknown.
    assert max(arrived.values()) == 1
    assert MAILS >= len(acknowledgements) >= MAILS - unknown.get("acknowledgement", 0)
    # Each mail is told to the agent, or another letter says that it may not have been.
    assert follow == unknown.get("notification", 0)
    assert MAILS + follow >= len(arrived) - len(acknowledgements) >= MAILS - unknown.get("missed", 0)
    assert "Traceback" not in (tmp_path / "log").read_text()


def done(dovecot: Dovecot, path: Path) -> bool:
    """Every mail filed, every letter settled. The server is asked last: it has work enough."""
    with sqlite3.connect(path) as database:
        waiting = "SELECT count(*) FROM outbox_mail WHERE state IN ('queued', 'sending', 'retry')"
        filed = "SELECT count(*) FROM inbound_mail WHERE filed"
        if database.execute(waiting).fetchone()[0] or database.execute(filed).fetchone()[0] < MAILS:
            return False
    return len(dovecot.mails("support@acme.example", "Processed")) >= MAILS
