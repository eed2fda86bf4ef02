"""What the benches run on: a private Dovecot, a sink in another process, and the daemon in a third."""

from __future__ import annotations

import asyncio
import contextlib
import os
import queue
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.testlib import postgres
from tests.testlib.budgets import WIDE
from tests.testlib.certificate import make_certificate
from tests.testlib.dovecot import PASSWORD, Dovecot

ROOT = Path(__file__).resolve().parents[1]
SUPPORT = "support@acme.example"
AGENT = "anna@acme.example"
_PAUSE = 0.02  # seconds between looks

_CONFIGURATION = """
[desk]
name = "Acme Support"
first_answer = "4h"
time_zone = "Europe/Berlin"
hours = "Mon-Fri 09:00-17:00"
[store]
url = "{url}"
[mailbox.support]
address = "{support}"
team = "support"
start = "{start}"
imap = {{ host = "127.0.0.1", port = {imap_port}, security = "clear", user = "{support}", password = "{password}" }}
smtp = {{ host = "127.0.0.1", port = {smtp_port}, security = "clear" }}
[team.support]
members = ["anna"]
[agent.anna]
name = "Anna"
address = "{agent}"
[agents]
trust = "token"

[safety]
hold = "0s"

[tokens]
key = "a key for measuring only, 32 bytes"
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that the sink accepted."""

    at: float  # monotonic seconds, the same clock in all processes
    recipient: str
    size: int


class SinkProcess:
    """The sink, and what it says."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.sink"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self._lines = self._process.stdout
        self.port = int(self._lines.readline())
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self._lines:
            self._said.put(line)

    def next(self, timeout: float) -> Taken:
        """The next accepted mail. Raises queue.Empty."""
        moment, recipient, size = self._said.get(timeout=timeout).split()
        return Taken(float(moment), recipient, int(size))

    def forget(self) -> None:
        """Drop what was accepted up to now."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._said.get_nowait()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


@dataclass(slots=True)
class Daemon:
    """`mailproc run` in a process of its own."""

    process: subprocess.Popen[bytes]
    log: Path
    peak: int = 0  # bytes of memory, of the daemon
    parser_peak: int = 0  # of its hungriest parser
    processor_seconds: float = 0.0  # of the daemon

    def look(self) -> None:
        """Take note of the memory used; parsers come and go."""
        pid = self.process.pid
        self.peak = max(self.peak, _peak(pid))
        children = Path(f"/proc/{pid}/task/{pid}/children")
        with contextlib.suppress(OSError):
            for child in children.read_text().split():
                self.parser_peak = max(self.parser_peak, _peak(int(child)))
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            self.processor_seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, patience: float = 20.0) -> None:
        """End it as an operator would."""
        self.look()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


def _peak(pid: int) -> int:
    """Bytes of memory a process has held at once."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


class Stand:
    """Servers and folders of one run."""

    def __init__(self, folder: Path, dovecot: Dovecot, sink: SinkProcess, url: str) -> None:
        self.folder, self.dovecot, self.sink, self.url = folder, dovecot, sink, url
        self.database = folder / "mailproc.db"  # where it is SQLite

    @contextlib.contextmanager
    def daemon(
        self, start: str = "all", under: tuple[str, ...] = ("-m", "mailproc"), more: int = 0
    ) -> Iterator[Daemon]:
        """The daemon, from ready to stopped; `under` a profiler or the like, if asked, and `more` nodes beside it."""
        configuration = self.folder / "mailproc.toml"
        configuration.write_text(
            _CONFIGURATION.format(
                url=self.url,
                support=SUPPORT,
                agent=AGENT,
                start=start,
                imap_port=self.dovecot.imap_port,
                smtp_port=self.sink.port,
                password=PASSWORD,
            )
            + WIDE
        )
        command = (*under, "-c", str(configuration), "run")
        with contextlib.ExitStack() as running:
            daemon = running.enter_context(self._started(command, "mailproc.log"))
            self._until_reading(daemon)
            for number in range(more):
                running.enter_context(self._started(command, f"mailproc{number}.log"))
            yield daemon

    @contextlib.contextmanager
    def _started(self, command: tuple[str, ...], log: str) -> Iterator[Daemon]:
        path = self.folder / log
        with path.open("wb") as errors:
            process = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdin=subprocess.DEVNULL, stderr=errors)
        daemon = Daemon(process, path)
        try:
            yield daemon
        finally:
            daemon.stop()

    @staticmethod
    def _until_reading(daemon: Daemon, limit: float = 30.0) -> None:
        end = time.monotonic() + limit
        while "inbox.connected" not in daemon.log.read_text(errors="replace"):
            if daemon.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the daemon does not read:\n{daemon.log.read_text(errors='replace')}")
            time.sleep(_PAUSE)

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """What the database holds, read beside the running daemon."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(query, values).fetchall()


@contextlib.contextmanager
def stand(database: str = "sqlite") -> Iterator[Stand]:
    """All servers up, in a folder that is gone afterwards; `database` is sqlite or postgresql."""
    with tempfile.TemporaryDirectory(prefix="mailproc-bench-") as temporary, contextlib.ExitStack() as stack:
        folder = Path(temporary)
        url = f"sqlite://{folder / 'mailproc.db'}"
        if database == "postgresql":
            url = asyncio.run(stack.enter_context(postgres.server()).empty_database())
        dovecot = Dovecot(make_certificate(folder))
        sink = None
        try:
            dovecot.start()
            sink = SinkProcess()
            yield Stand(folder, dovecot, sink, url)
        finally:
            if sink is not None:
                sink.close()
            dovecot.close()
