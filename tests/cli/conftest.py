"""A desk that runs from a file, and its operator at a shell."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailproc.clock import LeapingClock
from mailproc.settings import load
from tests.testlib.desk import SUPPORT, Desk, MailWorld, running
from tests.testlib.dovecot import PASSWORD, Dovecot

CONFIGURATION = """\
[desk]
name = "Acme Support"

[store]
url = "sqlite://{folder}/mailproc.db"

[mailbox.support]
address = "{support}"
team = "support"

[mailbox.support.imap]
host = "127.0.0.1"
port = {imap_port}
security = "clear"
user = "{support}"
password = "{password}"
timeout = "5s"

[mailbox.support.smtp]
host = "127.0.0.1"
port = {smtp_port}
security = "clear"
timeout = "5s"

[team.support]
members = ["anna", "ben"]

[agent.anna]
name = "Anna"
address = "anna@acme.example"

[agent.ben]
name = "Ben"
address = "ben@acme.example"

[agents]
trust = "token"

[safety]
hold = "0s"

[tokens]
key = "a key for tests only, 32 bytes long"
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Shell:
    """`await shell("ticket", "list")` runs the real program with the desk's configuration."""

    file: Path

    async def __call__(self, *arguments: str, **variables: str) -> Answer:
        return await asyncio.to_thread(self._run, ["-c", str(self.file), *arguments], variables)

    def _run(self, arguments: list[str], variables: dict[str, str]) -> Answer:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAILPROC_", "COLUMNS"))}
        done = subprocess.run(
            [sys.executable, "-m", "mailproc", *arguments],
            env={**inherited, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
            check=False,
        )
        return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture
async def world(dovecot: Dovecot) -> AsyncIterator[MailWorld]:
    """Where mail goes."""
    world = MailWorld(dovecot, LeapingClock())
    async with world.sink:
        yield world


@pytest.fixture
def shell(world: MailWorld, tmp_path: Path) -> Shell:
    """An operator's, before the daemon's first start."""
    file = tmp_path / "mailproc.toml"
    words = CONFIGURATION.format(
        folder=tmp_path, support=SUPPORT, password=PASSWORD,
        imap_port=world.dovecot.imap_port, smtp_port=world.smtp_port,
    )  # fmt: skip
    file.write_text(words)
    return Shell(file)


@pytest.fixture
async def desk(world: MailWorld, shell: Shell) -> AsyncIterator[Desk]:
    """The daemon, running from the shell's file."""
    async with running(load(shell.file), world) as desk:
        yield desk
