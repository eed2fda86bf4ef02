"""`mailproc` as processes: the daemon, started again whenever it was killed, and commands beside it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path

from mailproc.crashpoints import VARIABLE
from tests.testlib.dovecot import PASSWORD, Dovecot

CONFIGURATION = """
[desk]
name = "Acme Support"
[store]
url = "{url}"
[mailbox.support]
address = "{address}"
team = "support"
start = "all"
[mailbox.support.imap]
host = "127.0.0.1"
port = {imap}
security = "clear"
user = "{address}"
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

[verification]
reminder_after = "{reminder_after}"
close_after = "{close_after}"
[limits]
parser_workers = 1
[tokens]
key = "a key for tests only, 32 bytes long"
"""

KILLED = frozenset({-signal.SIGKILL, 128 + signal.SIGKILL})  # as we see it, and as a shell would tell it


def configure(folder: Path, dovecot: Dovecot, smtp_port: int, url: str, address: str) -> Path:
    """The configuration of a small desk, in which what was resolved is closed after seconds."""
    file = folder / "mailproc.toml"
    words = CONFIGURATION.format(
        url=url, address=address, imap=dovecot.imap_port, smtp=smtp_port, password=PASSWORD,
        reminder_after="1s", close_after="2s",
    )  # fmt: skip
    file.write_text(words)
    return file


class Program:
    """The daemon and its operator."""

    def __init__(self, configuration: Path) -> None:
        self._configuration = configuration
        self._process: asyncio.subprocess.Process | None = None
        self._log = configuration.parent / "log"
        self._began = 0  # where its log has its latest life
        self.kills = 0
        self.odd_ends: list[int] = []

    async def start(self, crashpoint: str = "", before: tuple[str, ...] = ()) -> None:
        """`before`: what starts it, as strace with its options."""
        self._count_kill()
        command = (*before, sys.executable, "-m", "mailproc", "run", "-c", str(self._configuration))
        with self._log.open("ab") as log:
            self._began = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                *command, stdout=log, stderr=log, env=_environment(crashpoint), start_new_session=True
            )

    async def keep_up(self) -> None:
        """Start the daemon again if it has ended."""
        if self._process is None or self._process.returncode is None:
            return
        if self._process.returncode not in {0, *KILLED}:
            self.odd_ends.append(self._process.returncode)
            assert len(self.odd_ends) < 4, f"it ends again and again: {self.odd_ends}\n{self.log()[-3000:]}"
        await self.start()

    async def is_up(self) -> bool:
        """Whether it can hear that it shall end; started again if it has ended."""
        await self.keep_up()
        return b"daemon.ready" in self._log.read_bytes()[self._began :]

    def _count_kill(self) -> None:
        self.kills += self._process is not None and self._process.returncode in KILLED

    async def has_ended(self) -> bool:
        return self._process is not None and self._process.returncode is not None

    async def terminate(self) -> int:
        """Ask it to end; its exit code, at most ten seconds and a little later."""
        assert self._process is not None
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(15):
                return await self._process.wait()
        except TimeoutError:
            await self.kill()
            return -1

    async def kill(self) -> None:
        """Nothing of it is left."""
        if self._process is not None:
            self._signal(signal.SIGKILL)
            await self._process.wait()

    def _signal(self, what: signal.Signals) -> None:
        """To all of its group, as a service manager does, and past a tracer; it may have just ended, unheard yet."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, what)

    async def command(self, *words: str, crashpoint: str = "") -> tuple[int, str]:
        """Run one command beside the daemon: its exit code and what it said."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "mailproc", *words, "-c", str(self._configuration),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=_environment(crashpoint),
        )  # fmt: skip
        told, _ = await process.communicate()
        assert process.returncode is not None
        self.kills += process.returncode == -signal.SIGKILL
        return process.returncode, told.decode(errors="replace")

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def points(self) -> Counter[str]:
        """How often each crash point was reached, as a traced daemon told."""
        prefix = "crashpoint "
        return Counter(line.removeprefix(prefix) for line in self.log().splitlines() if line.startswith(prefix))


def _environment(crashpoint: str) -> dict[str, str]:
    rest = {name: value for name, value in os.environ.items() if name != VARIABLE}
    return rest | ({VARIABLE: crashpoint} if crashpoint else {})
