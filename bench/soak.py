"""Months of a busy desk in one process: what grows, while servers, workers and the database fail every so often?

    python -m bench.soak [--mails 100000] [--per-mail 5] [--minutes 600] [--harm 0.005] [--seed 1]

The real daemon (poller, handler, parser's process, SQLite on disk, scheduler, sender with its SMTP connections) on a
clock that leaps; the mailbox and the SMTP server are this process's own (`bench.soak_world`), and so count in its
memory. Ends with 1 when memory or descriptors grow, the WAL is not bounded, or a mail was lost or sent twice untold.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from statistics import linear_regression
from typing import Any
from unittest.mock import patch

from bench.soak_world import Connection, FastClock, Folder, People, Post, mark_of
from bench.stand import AGENT, SUPPORT
from mailproc import app as app_module
from mailproc import eventlog
from mailproc.app import App
from mailproc.settings import Settings
from mailproc.store import health
from mailproc.store.db import transaction

MOST_GROWTH = 20_000_000  # bytes of memory over the whole run: 200 a mail of 100,000
MOST_DESCRIPTORS = 12  # more than at the first look: connections come and go
MOST_WAL = 64_000_000  # bytes
_READ_FOR = 100  # mails
_IN_HAND = 60  # mails in the mailbox at most: the world waits for the desk
_TABLES = ("inbound_mail", "ticket", "ticket_message", "history_entry", "outbox_mail", "deadline", "person")


@dataclass(frozen=True, slots=True)
class Look:
    """The process at a quiet moment."""

    mails: int
    rss: int  # bytes
    descriptors: int
    objects: int  # that Python's collector knows
    tasks: int
    database: int  # bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    looks: list[Look]
    seconds: float
    processor: float  # seconds, of this process: the daemon's and the world's
    days: float  # of the desk's time
    most_wal: int
    kinds: dict[str, int]
    faults: dict[str, int]
    rows: dict[str, int]
    wrong: list[str]

    @property
    def slope(self) -> float:
        """Bytes of memory a mail, by least squares."""
        return linear_regression([look.mails for look in self.looks], [look.rss for look in self.looks]).slope


class Soak:
    """One run."""

    def __init__(self, folder: Path, count: int, per_mail: timedelta, seed: int, harm: float, limit: float) -> None:
        self.folder, self.count, self.per_mail, self.harm, self.limit = folder, count, per_mail, harm, limit
        self.dice = random.Random(seed)  # of the harm alone: the world's timing does not change it
        self.clock = FastClock()
        self.inbox = Folder(self.clock)
        self.taken = (folder / "taken.txt").open("w")
        self.post = Post(random.Random(seed), self.taken)
        self.people = People(random.Random(seed), self.post, self.clock, count)
        self.database = folder / "mailproc.db"
        self.most_wal = 0
        self.faults: Counter[str] = Counter()
        self.reader: sqlite3.Connection | None = None
        self.read_until = 0

    async def run(self) -> Outcome:
        server = await asyncio.start_server(self.post.converse, "127.0.0.1", 0, limit=64 << 20)
        with patch.object(app_module, "ImapSource", lambda _: Connection(self.inbox)):
            async with App.started(self._settings(server.sockets[0].getsockname()[1]), self.clock) as app:
                stop = asyncio.Event()
                running = asyncio.create_task(app.run(stop))
                living = asyncio.create_task(self._live(app))
                try:
                    await asyncio.wait({running, living}, return_when=asyncio.FIRST_COMPLETED)
                    if not living.done():
                        await running  # it failed: say so
                    outcome = await living
                finally:
                    living.cancel()
                    stop.set()
                    await running
        server.close()
        self.taken.close()
        return outcome

    async def _live(self, app: App) -> Outcome:
        await self._quiet(app)
        began, first = time.monotonic(), self.clock.now()
        looks = []
        for number in range(1, self.count + 1):
            if time.monotonic() - began > self.limit:
                self.count = number - 1
                break
            while len(self.inbox.mails) >= _IN_HAND:
                self.inbox.moved.clear()
                await self.inbox.moved.wait()
            self.inbox.deliver(self.people.next())
            self.clock.leap(self.per_mail)
            if self.dice.random() < self.harm:
                await self._harm()
            self._look_at_wal()
            if number % max(1, self.count // 40) == 0:
                self._end_reading()  # else it would last as long as the quiet takes to come
                await self._quiet(app)
                if number >= min(self.count // 10, 5_000):
                    looks.append(self._look(number))
                    _tell(looks[-1], time.monotonic() - began, self.most_wal)
        self._end_reading()
        seconds, days = time.monotonic() - began, (self.clock.now() - first) / timedelta(days=1)
        for _ in range(5):  # what was deferred comes to its end
            self.clock.leap(timedelta(hours=12))
            await self._quiet(app)
        rows, wrong = self._account()
        faults = dict(self.faults + self.post.faults)
        return Outcome(
            looks, seconds, time.process_time(), days, self.most_wal, dict(self.people.kinds), faults, rows, wrong
        )

    async def _quiet(self, app: App) -> None:
        """Until nothing is left to do; a letter of which it is not known whether it arrived holds up those behind it."""
        quiet = asyncio.create_task(app.quiet())
        while not (await asyncio.wait({quiet}, timeout=0.5))[0]:
            self.clock.leap(timedelta(minutes=15))
        await quiet

    async def _harm(self) -> None:
        harm = self.dice.choice(
            (self._cut_imap, self._kill_parser, self._cancel_store_task, self._hold_lock, self._read_long)
        )
        self.faults[harm.__name__.strip("_").replace("_", " ")] += 1
        await harm()

    async def _cut_imap(self) -> None:
        self.inbox.cut = True

    async def _kill_parser(self) -> None:
        children = Path(f"/proc/self/task/{os.getpid()}/children").read_text()  # noqa: ASYNC240 - no disk
        for child in children.split():
            with suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)

    async def _cancel_store_task(self) -> None:
        """Somebody who writes is ended, wherever they are."""

        async def write() -> None:
            async with transaction():
                await health.well("soak", self.clock.now())
                await health.ill("soak", "cancelled", self.clock.now())

        for _ in range(10):
            task = asyncio.create_task(write())
            for _ in range(self.dice.randrange(8)):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _hold_lock(self) -> None:
        """Another program writes for a moment."""

        def hold() -> None:
            with closing(sqlite3.connect(self.database, timeout=30, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                time.sleep(0.2)
                other.execute("ROLLBACK")

        await asyncio.to_thread(hold)

    async def _read_long(self) -> None:
        """Another program reads, as a backup does: what it sees must stay in the WAL as long."""
        if self.reader is None:
            self.reader = sqlite3.connect(self.database, isolation_level=None)
            self.reader.execute("BEGIN")
            self.reader.execute("SELECT count(*) FROM folder_state").fetchone()
            self.read_until = self.inbox.uidnext + _READ_FOR

    def _end_reading(self) -> None:
        if self.reader is not None:
            self.reader.close()
            self.reader = None

    def _look_at_wal(self) -> None:
        if self.inbox.uidnext >= self.read_until:
            self._end_reading()
        self.most_wal = max(self.most_wal, Path(f"{self.database}-wal").stat().st_size)

    def _look(self, mails: int) -> Look:
        gc.collect()
        rss = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        descriptors = len(list(Path("/proc/self/fd").iterdir()))
        tasks = len(asyncio.all_tasks())
        return Look(mails, rss, descriptors, len(gc.get_objects()), tasks, self.database.stat().st_size)

    def _account(self) -> tuple[dict[str, int], list[str]]:
        """The rows of each table, and what should not be."""
        self.taken.flush()
        with closing(sqlite3.connect(self.database)) as database:

            def one(query: str) -> int:
                return int(database.execute(query).fetchone()[0])

            rows = {table: one(f"SELECT count(*) FROM {table}") for table in _TABLES}
            read = one("SELECT count(*) FROM inbound_mail WHERE state IN ('done', 'quarantined')")
            waiting = one("SELECT count(*) FROM outbox_mail WHERE state IN ('queued', 'sending')")
            twice = one(
                "SELECT count(*) FROM (SELECT 1 FROM outbox_mail WHERE letter = 'acknowledgement' "
                "GROUP BY ticket_id HAVING count(*) > 1)"
            )
            answers = "SELECT message_id, recipient, doubts FROM outbox_mail WHERE mail_class = 'human'"
            doubts = {mark_of(id_.encode(), recipient): times for id_, recipient, times in database.execute(answers)}
            untold = one(
                "SELECT count(*) FROM outbox_mail WHERE state = 'unknown' AND mail_class = 'words' AND "
                "letter <> 'missed' AND NOT EXISTS (SELECT 1 FROM outbox_mail AS other WHERE other.key = 'missed:' || outbox_mail.key)"
            )
            unreadable = one("SELECT count(*) FROM inbound_mail WHERE state = 'quarantined'")
        taken = Counter((self.folder / "taken.txt").read_text().split())
        doubled = sum(times - 1 > doubts.get(mark, 0) for mark, times in taken.items())
        wrong = [
            f"{self.count - rows['inbound_mail']} of {self.count} mails are not stored" * (rows["inbound_mail"] != self.count),
            f"{rows['inbound_mail'] - read} mails wait" * (read != rows["inbound_mail"]),
            f"{len(self.inbox.mails)} mails were not filed" * bool(self.inbox.mails),
            f"{waiting} letters wait" * bool(waiting),
            f"{twice} tickets were acknowledged twice" * bool(twice),
            f"{doubled} letters left twice that are no answers, or were not told" * bool(doubled),
            f"{untold} letters to agents may be lost, and no other letter says so" * bool(untold),
            f"{unreadable} mails in quarantine, {self.people.kinds['unreadable']} were unreadable"
            * (unreadable != self.people.kinds["unreadable"]),
        ]  # fmt: skip
        return rows, [words for words in wrong if words]

    def _settings(self, smtp_port: int) -> Settings:
        server: dict[str, Any] = {"host": "127.0.0.1", "security": "clear"}
        mailbox = {
            "address": SUPPORT,
            "team": "support",
            "imap": {**server, "user": SUPPORT, "password": "unused", "port": 9},
            "smtp": {**server, "port": smtp_port},
        }
        return Settings.model_validate(
            {
                "desk": {"name": "Acme Support", "time_zone": "Europe/Berlin", "first_answer": "4h"},
                "store": {"url": f"sqlite://{self.database}"},
                "mailbox": {"support": mailbox},
                "team": {"support": {"members": ["anna"]}},
                "agent": {"anna": {"name": "Anna", "address": AGENT}},
                "agents": {"trust": "token"},
                "safety": {"hold": "0s"},
                "tokens": {"key": "a key for measuring only, 32 bytes"},
            }
        )


def too_much(outcome: Outcome) -> list[str]:
    """What grew, and what went wrong."""
    growth = outcome.slope * outcome.looks[-1].mails
    descriptors = outcome.looks[-1].descriptors - outcome.looks[0].descriptors
    found = [
        f"memory grew by {growth / 1e6:.1f} MB" * (growth > MOST_GROWTH),
        f"{descriptors} descriptors more than at first" * (descriptors > MOST_DESCRIPTORS),
        f"the WAL had {outcome.most_wal / 1e6:.0f} MB" * (outcome.most_wal > MOST_WAL),
    ]
    return [words for words in found if words] + outcome.wrong


def _tell(look: Look, seconds: float, wal: int) -> None:
    print(
        f"{look.mails:>7} mails {seconds:6.0f} s {look.mails / seconds:6.1f}/s   RSS {look.rss / 1e6:6.1f} MB   "
        f"{look.descriptors:>3} fds {look.tasks:>3} tasks {look.objects:>7} objects   "
        f"database {look.database / 1e6:7.1f} MB, WAL at most {wal / 1e6:.1f} MB",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--mails", type=int, default=100_000)
    parser.add_argument("--per-mail", type=float, default=5, help="minutes of the desk's time between two mails")
    parser.add_argument("--minutes", type=float, default=600, help="write no more mails after that")
    parser.add_argument("--harm", type=float, default=0.005, help="chance of a fault beside a mail; SMTP has its own")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mailproc-soak-") as temporary:
        folder = Path(temporary)
        with (folder / "mailproc.log").open("w") as log:
            eventlog.start("console", logging.INFO, log)
            soak = Soak(
                folder,
                options.mails,
                timedelta(minutes=options.per_mail),
                options.seed,
                options.harm,
                60 * options.minutes,
            )
            outcome = asyncio.run(soak.run())
    wrong = too_much(outcome)
    print(
        f"{soak.count} mails, {soak.count / outcome.seconds:.1f} mails/s, {outcome.days:.0f} days of the desk's time, {outcome.processor / soak.count * 1000:.1f} ms of processor a mail"
    )
    print(f"memory {outcome.slope:+.0f} bytes a mail; WAL at most {outcome.most_wal / 1e6:.1f} MB")
    for name, counts in (("mails", outcome.kinds), ("faults", outcome.faults), ("rows", outcome.rows)):
        print(f"{name}: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
    for words in wrong:
        print(f"WRONG: {words}")
    print(json.dumps({**asdict(outcome), "slope": outcome.slope, "wrong": wrong}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
