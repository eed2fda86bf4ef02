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
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

import asyncpg

from tests.testlib import postgres
from tests.testlib.budgets import WIDE
from tests.testlib.certificate import make_certificate
from tests.testlib.dovecot import PASSWORD, Dovecot
from tests.testlib.postgres import Postgres
from tests.testlib.smtp import Sink

MAILBOXES = ("support", "sales")
PORTIONS = 20
MAILS_PER_SECOND = 25
_READY = 180.0  # seconds to start in, on a busy machine
_STUCK = 180.0  # seconds in which nothing gets better

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

[safety]
hold = "0s"

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
    return _HEAD.format(url=url) + "".join(boxes) + WIDE


def matter(number: int) -> int:
    """Every fourth mail goes on with the matter of the one before it."""
    return number - (number % 4 == 3)


def mailbox_of(number: int) -> str:
    return MAILBOXES[number // 4 % len(MAILBOXES)]


def mail(number: int) -> bytes:
    first, mailbox = matter(number), mailbox_of(number)
    answers = f"In-Reply-To: <m{first}@customer.example>\r\n" if first != number else ""
    return (
        f"From: Customer {first} <c{first}@customer.example>\r\nTo: {mailbox}@acme.example\r\n"
        f"Subject: {'Re: ' if answers else ''}Matter {first} of mine\r\n{answers}"
        f"Message-ID: <m{number}@customer.example>\r\n\r\nIt is broken, please help.\r\n"
    ).encode()


@dataclass
class Outcome:
    """What a run came to."""

    mails: int
    kills: int = 0  # of nodes, or of the database
    seconds: float = 0.0
    tickets: int = 0
    acknowledged: int = 0  # customers who got their one letter
    withheld: int = 0  # who got none: nobody knew whether it had left, and it was not sent again
    arrived_unknown: int = 0  # who got it though nobody knew
    notified: int = 0  # letters to agents that arrived
    followed: int = 0  # of which nobody knew whether they had left: another letter said so
    readers: int = 0  # how often a node took a mailbox
    wrong: list[str] = field(default_factory=list)  # what breaks a promise


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
        async with asyncio.timeout(_READY):
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
    await _judge(outcome, url, sink)
    await asyncio.to_thread(_judge_folders, outcome, dovecot)
    outcome.readers = herd.log().count("node.owns ")
    _expect(outcome, "Traceback" not in herd.log(), "a traceback in the log")
    return outcome


async def _deliver(mails: int, dovecot: Dovecot) -> None:
    """Twenty portions, a second apart, some to each mailbox."""
    size = max(1, mails // PORTIONS)
    for start in range(0, mails, size):
        for name in MAILBOXES:
            numbers = [number for number in range(start, min(start + size, mails)) if mailbox_of(number) == name]
            await asyncio.to_thread(dovecot.drop, f"{name}@acme.example", [mail(number) for number in numbers])
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


def _expect(outcome: Outcome, holds: bool, words: str) -> None:
    if not holds:
        outcome.wrong.append(words)


def _id(raw: bytes) -> str:
    return str(BytesHeaderParser().parsebytes(raw)["Message-ID"])


_SPOOL = "SELECT content, state, outcome, filed, ticket_id FROM inbound_mail"
_TICKETS = "SELECT person.address FROM ticket JOIN person ON person.id = ticket.customer_id"
_SAID = "SELECT ticket_id, count(*), count(DISTINCT inbound_id) FROM ticket_message GROUP BY ticket_id"


_LETTERS = """SELECT key, recipient, message_id, state, EXISTS (SELECT 1 FROM history_entry
    WHERE history_entry.outbox_id = outbox_mail.id AND history_entry.kind = 'unknown') AS told FROM outbox_mail"""


async def _judge(outcome: Outcome, url: str, sink: Sink) -> None:
    """Every mail handled once, one ticket a matter, each letter at most once, and another after one to an agent in doubt."""
    numbers = range(outcome.mails)
    connection = await asyncpg.connect(url)
    try:
        spool, tickets = await connection.fetch(_SPOOL), await connection.fetch(_TICKETS)
        said = await connection.fetch(_SAID)
        letters = await connection.fetch(_LETTERS)
    finally:
        await connection.close()
    outcome.tickets = len(tickets)
    there, injected = Counter(_id(row["content"]) for row in spool), Counter(map(_message_id, numbers))
    _expect(outcome, there == injected, f"spool: lacks {injected - there}, too many {there - injected}")
    ends = Counter((row["state"], row["outcome"], row["filed"]) for row in spool)
    _expect(outcome, ends == {("done", "message", True): outcome.mails}, f"mails ended as {ends}")
    customers, matters = Counter(row["address"] for row in tickets), Counter(map(_customer, numbers))
    _expect(outcome, set(customers.values()) == {1} and customers.keys() == matters.keys(), f"tickets: {customers}")
    sizes = Counter(row[1] for row in said if row[1] == row[2])
    _expect(outcome, sizes == Counter(matters.values()), f"messages by ticket: {sizes}")
    judge_letters(outcome, letters, Counter((taken.recipient, _id(taken.content)) for taken in sink.taken))


def judge_letters(
    outcome: Outcome, letters: Sequence[Mapping[str, Any]], arrived: Mapping[tuple[str, str], int]
) -> None:
    """Letters leave at most once; where nobody could know, that is told, and to agents by another letter."""
    written = {(row["recipient"], row["message_id"]): row for row in letters}
    keys = {row["key"] for row in letters}
    matters = set(map(_customer, range(outcome.mails)))
    _expect(outcome, arrived.keys() <= written.keys(), f"letters nobody wrote: {arrived.keys() - written.keys()}")
    for (recipient, message_id), row in written.items():
        state, told, count = row["state"], row["told"], arrived.get((recipient, message_id), 0)
        holds = count <= 1 and ((state == "unknown" and told) or (state == "sent" and count == 1))
        if recipient in matters:
            outcome.acknowledged += count
            outcome.withheld += count == 0
            outcome.arrived_unknown += count == 1 and state == "unknown"
        else:
            outcome.notified += count
            followed, follows = f"missed:{row['key']}" in keys, row["key"].startswith("missed:")
            outcome.followed += followed
            holds = holds and followed == (state == "unknown" and not follows)
        words = f"{message_id} to {recipient} is {state}, {'told' if told else 'not told'}, and arrived {count} times"
        _expect(outcome, holds, words)
    recipients = Counter(row["recipient"] for row in letters if not row["key"].startswith("missed:"))
    wanted = Counter(dict.fromkeys(matters, 1) | {"anna@acme.example": outcome.mails})
    _expect(outcome, recipients == wanted, f"letters lack {wanted - recipients}, too many {recipients - wanted}")


def _judge_folders(outcome: Outcome, dovecot: Dovecot) -> None:
    """Nothing is left, and each mail lies among the handled ones once."""
    for name in MAILBOXES:
        user = f"{name}@acme.example"
        _expect(outcome, not dovecot.mails(user), f"mails left in {name}")
        filed = Counter(map(_id, dovecot.mails(user, "Processed")))
        wanted = Counter(_message_id(number) for number in range(outcome.mails) if mailbox_of(number) == name)
        _expect(outcome, filed == wanted, f"filed in {name}: lacks {wanted - filed}, too many {filed - wanted}")


def _message_id(number: int) -> str:
    return f"<m{number}@customer.example>"


def _customer(number: int) -> str:
    return f"c{matter(number)}@customer.example"


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
    sys.exit(bool(outcome.wrong))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--every", type=float, default=3.0)
    asyncio.run(_main(parser.parse_args()))
