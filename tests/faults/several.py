"""Several daemons over the same mailboxes and one PostgreSQL, one of them killed every few seconds.

python -m tests.faults.several [--mails 2000] [--nodes 3] [--kills 25] [--every 3]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from email.parser import BytesHeaderParser
from pathlib import Path

import asyncpg

from tests.testlib import postgres
from tests.testlib.certificate import make_certificate
from tests.testlib.dovecot import PASSWORD, Dovecot
from tests.testlib.postgres import Postgres
from tests.testlib.smtp import Sink

MAILBOXES = ("support", "sales")
PORTIONS = 20
MAILS_PER_SECOND = 25
_STUCK = 120.0  # seconds in which nothing gets better

_HEAD = """
[desk]
name = "Acme"
[store]
url = "{url}"
[team.support]
members = ["anna"]
[agent.anna]
name = "Anna"
address = "anna@acme.example"
[agents]
trust = "token"
[tokens]
key = "a key for tests only, 32 bytes long"
"""
_MAILBOX = """
[mailbox.{name}]
address = "{name}@acme.example"
team = "support"
start = "all"
imap = {{ host = "127.0.0.1", port = {imap}, security = "clear", user = "{name}@acme.example", password = "{password}" }}
smtp = {{ host = "127.0.0.1", port = {smtp}, security = "clear" }}
"""


def configuration(url: str, imap: int, smtp: int) -> str:
    boxes = (_MAILBOX.format(name=name, imap=imap, smtp=smtp, password=PASSWORD) for name in MAILBOXES)
    return _HEAD.format(url=url) + "".join(boxes)


def mail(number: int, mailbox: str) -> bytes:
    return (
        f"From: Customer {number} <c{number}@customer.example>\r\nTo: {mailbox}@acme.example\r\n"
        f"Subject: Matter {number} of mine\r\nMessage-ID: <m{number}@customer.example>\r\n\r\nIt is broken, please help.\r\n"
    ).encode()


@dataclass
class Outcome:
    """What a run came to."""

    mails: int
    kills: int = 0  # of nodes, or of the database
    seconds: float = 0.0
    states: dict[str, int] = field(default_factory=dict)  # of received mails
    tickets: int = 0
    customers: int = 0  # with a ticket
    outbox: dict[str, int] = field(default_factory=dict)  # letters by state
    letters: int = 0  # different ones that arrived
    doubled: int = 0  # that arrived more than once
    left: int = 0  # mails not filed
    readers: int = 0  # different nodes that owned a mailbox
    tracebacks: int = 0


class Nodes:
    """Daemons that end by a kill and are replaced."""

    def __init__(self, folder: Path, words: str, count: int) -> None:
        self._configuration, self._log = folder / "mailproc.toml", folder / "log"
        self._configuration.write_text(words)
        self._count = count
        self.started = 0
        self.running: list[asyncio.subprocess.Process] = []

    async def start(self) -> None:
        while len(self.running) < self._count:
            command = (sys.executable, "-m", "mailproc", "run", "-c", str(self._configuration))
            with self._log.open("ab") as log:
                self.started += 1
                self.running.append(await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log))

    async def end(self, number: signal.Signals, process: asyncio.subprocess.Process) -> int:
        self.running.remove(process)
        if process.returncode is None:
            process.send_signal(number)
        return await process.wait()

    async def all_ready(self) -> None:
        """None is still starting, when a signal would end it unasked."""
        async with asyncio.timeout(30):
            while self.log().count("daemon.ready") < self.started:
                if any(process.returncode is not None for process in self.running):
                    raise RuntimeError(self.log()[-6000:])
                await asyncio.sleep(0.05)

    async def close(self) -> None:
        for process in list(self.running):
            await self.end(signal.SIGKILL, process)

    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""


Trouble = Callable[["Nodes", Outcome], Awaitable[None]]


async def survive(
    mails: int, nodes: int, trouble: Trouble, dovecot: Dovecot, sink: Sink, url: str, folder: Path
) -> Outcome:
    """Mails come in while `trouble` is made, and all are worked off; then the nodes end in order, and traces are counted."""
    outcome, began = Outcome(mails), time.monotonic()
    herd = Nodes(folder, configuration(url, dovecot.imap_port, sink.port), nodes)
    try:
        await herd.start()
        await asyncio.gather(_deliver(mails, dovecot), trouble(herd, outcome))
        await _until_done(url, mails, herd)
        await herd.all_ready()
        codes = [await herd.end(signal.SIGTERM, process) for process in list(herd.running)]
        assert not any(codes), (codes, herd.log()[-6000:])
    finally:
        await herd.close()
    outcome.seconds = round(time.monotonic() - began, 1)
    await _count(outcome, url, sink)
    for name in MAILBOXES:
        outcome.left += len(await asyncio.to_thread(dovecot.mails, f"{name}@acme.example"))
    log = herd.log()
    outcome.readers, outcome.tracebacks = log.count("node.owns "), log.count("Traceback")
    return outcome


async def _deliver(mails: int, dovecot: Dovecot) -> None:
    """Twenty portions, a second apart, some to each mailbox."""
    size = max(1, mails // PORTIONS)
    for start in range(0, mails, size):
        for place, name in enumerate(MAILBOXES):
            numbers = [number for number in range(start, min(start + size, mails)) if number % len(MAILBOXES) == place]
            await asyncio.to_thread(dovecot.drop, f"{name}@acme.example", [mail(number, name) for number in numbers])
        await asyncio.sleep(size / MAILS_PER_SECOND)


def killing(times: int, every: float) -> Trouble:
    """One node after the other, by chance, and another in its place."""
    chance = random.Random()

    async def kill(herd: Nodes, outcome: Outcome) -> None:
        for _ in range(times):
            await herd.all_ready()
            await asyncio.sleep(every * (0.5 + chance.random()))
            await herd.end(signal.SIGKILL, chance.choice(herd.running))
            outcome.kills += 1
            await herd.start()

    return kill


def restarting(server: Postgres, times: int, every: float) -> Trouble:
    """The database: connections cut at once, away for a moment, and back after its recovery."""

    async def restart(herd: Nodes, outcome: Outcome) -> None:
        await herd.all_ready()
        for _ in range(times):
            await asyncio.sleep(every)
            await asyncio.to_thread(server.stop_at_once)
            await asyncio.sleep(every / 2)
            await asyncio.to_thread(server.start)
            outcome.kills += 1

    return restart


_STATE = """SELECT (SELECT count(*) FROM inbound_mail WHERE state = 'done' AND filed)
    - (SELECT count(*) FROM outbox_mail WHERE state IN ('queued', 'sending', 'retry'))"""


async def _until_done(url: str, mails: int, herd: Nodes) -> None:
    """Every mail handled and filed, every letter settled. Raises TimeoutError when nothing gets better any more."""
    best, since = -(10**9), time.monotonic()
    connection = await asyncpg.connect(url)
    try:
        while True:
            there = await connection.fetchval("SELECT to_regclass('mailbox_lease') IS NOT NULL")
            now = await connection.fetchval(_STATE) if there else -(10**9)
            if now >= mails:
                return
            if now > best:
                best, since = now, time.monotonic()
            if time.monotonic() - since > _STUCK:
                raise TimeoutError(f"stuck at {best} of {mails}:\n{herd.log()[-4000:]}")
            await asyncio.sleep(0.1)
    finally:
        await connection.close()


async def _count(outcome: Outcome, url: str, sink: Sink) -> None:
    connection = await asyncpg.connect(url)
    try:
        outcome.states = dict(await connection.fetch("SELECT state, count(*) FROM inbound_mail GROUP BY state"))
        outcome.outbox = dict(await connection.fetch("SELECT state, count(*) FROM outbox_mail GROUP BY state"))
        row = await connection.fetchrow("SELECT count(*), count(DISTINCT customer_id) FROM ticket")
        outcome.tickets, outcome.customers = row
    finally:
        await connection.close()
    arrived = Counter(
        (taken.recipient, str(BytesHeaderParser().parsebytes(taken.content)["Message-ID"])) for taken in sink.taken
    )
    outcome.letters, outcome.doubled = len(arrived), sum(count > 1 for count in arrived.values())


async def _main(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="mailproc-several-") as temporary, postgres.server() as server:
        folder = Path(temporary)
        dovecot = Dovecot(make_certificate(folder))
        try:
            dovecot.start()
            async with Sink() as sink:
                url = await server.empty_database()
                trouble = killing(options.kills, options.every)
                outcome = await survive(options.mails, options.nodes, trouble, dovecot, sink, url, folder)
        finally:
            dovecot.close()
    print(json.dumps(asdict(outcome), indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--every", type=float, default=3.0)
    asyncio.run(_main(parser.parse_args()))
