"""A desk and all that surrounds it, in one process: mail servers, people, the operator, the clock, and a daemon that dies."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mailproc.clock import LeapingClock
from mailproc.demo.servers import Delivered
from mailproc.handling.gather import Desk
from mailproc.settings import Settings
from tests.faults.keeper import Keeper
from tests.faults.machine.daemon import Daemon, Doom
from tests.testlib.by_hand import STRICT
from tests.testlib.desk import PEOPLE, configuration
from tests.testlib.imap_folders import INBOX, ImapFolders

OPERATOR = "operator@watch.example"
LARGEST = 20_000  # bytes of a mail; of larger ones only the header is fetched
PATIENCE = 20.0  # seconds in which all that is due must be done
_SHOWN = "id, state, attempts, next_attempt_at"
_LOOK = 0.01
_LOOKS_A_NUDGE = 5
_STILL = 5  # looks without a change
_MOST_LEAPS = 60  # to things that wait for their time
_MESSAGE_ID = re.compile(rb"(?im)^message-id:[ \t]*(<[^>]*>)")

_UNREST = (
    "SELECT (SELECT count(*) FROM inbound_mail WHERE state = 'stored') AS inbound, "
    "(SELECT count(*) FROM inbound_mail WHERE state <> 'stored' AND NOT filed) AS filing, "
    "(SELECT count(*) FROM outbox_mail WHERE state IN ('queued', 'sending', 'retry')) AS outbox, "
    "(SELECT count(*) FROM deadline WHERE done_at IS NULL AND due_at <= '{now}') AS deadlines"
)
_NEXT = (
    "SELECT (SELECT min(next_attempt_at) FROM inbound_mail WHERE state = 'stored') AS inbound, "
    "(SELECT min(next_attempt_at) FROM outbox_mail WHERE state IN ('queued', 'sending', 'retry') AND NOT EXISTS "
    "(SELECT 1 FROM outbox_mail AS earlier WHERE earlier.ticket_id = outbox_mail.ticket_id AND earlier.id < outbox_mail.id "
    "AND earlier.recipient = outbox_mail.recipient AND earlier.state IN ('queued', 'sending', 'retry'))) AS outbox"
)


class Hasty(LeapingClock):
    """Moved forward and back by the test; pauses are short."""

    def pause(self, seconds: float) -> float:
        return min(seconds * 0.01, 0.3)


@dataclass(frozen=True, slots=True)
class Written:
    """A mail that somebody sent us."""

    kind: str
    author: str  # address
    message_id: str
    raw: bytes = field(repr=False)
    word: str = ""  # what tells its text from all others


class _Faults(logging.Handler):
    """What a living daemon logged with a traceback: a fault of ours, whatever the world did."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[0] is not None:
            self.found.append(f"{record.getMessage()} {logging.Formatter().formatException(record.exc_info)}")


@dataclass
class World:
    """What people do to a desk. `written` is every mail that reached its inbox."""

    imap: ImapFolders
    keeper: Keeper
    clock: Hasty
    daemon: Daemon
    written: list[Written] = field(default_factory=list)
    taken_away: set[str] = field(default_factory=set)  # Message-IDs that a human's hand took out of the inbox
    faults: _Faults = field(default_factory=_Faults)

    @property
    def desk(self) -> Desk:
        assert self.daemon.app is not None
        return self.daemon.app._handler._desk

    # --- mail

    def arrives(self, mail: Written, above: bytes = b"") -> None:
        """`above`: fields that a border server has added."""
        self.written.append(mail)
        self.imap.deliver(above + mail.raw, self.clock.now())

    def letters(self, name: str = "", kind: str = "") -> list[Delivered]:
        """What reached someone, oldest first, each once; a part of its subject tells what it is."""
        seen: set[str] = set()
        found = []
        for taken in self.keeper.taken:
            if taken.message_id in seen or (name and taken.recipient != PEOPLE[name][1]):
                continue
            seen.add(taken.message_id)
            found.append(Delivered(self.clock.now(), "", taken.recipient, taken.content))
        return [each for each in found if not kind or self.kinds.get(each.header("Message-ID")) == kind]

    kinds: dict[str, str] = field(default_factory=dict)  # of our letters, by Message-ID

    def taken(self, uid: int, folder: str) -> None:
        """Somebody is about to take a mail out of a folder: what we never saw of the inbox is not ours."""
        if folder == INBOX:
            self.taken_away.add(message_id(self.imap.folders[folder].mails[uid].content))

    # --- rest

    async def calm(self) -> None:
        """No more troubles; all that was begun comes to its end, and an hour more."""
        self.daemon.doom = None
        self.keeper.mishaps.clear()
        self.imap.behave()
        await self.quiet()
        self.clock.leap(timedelta(minutes=61))
        await self.quiet()
        assert self.daemon.app is not None
        async with asyncio.timeout(PATIENCE):  # and the mailbox is read again, which had nothing for us
            await asyncio.create_task(self.daemon.app.quiet(), context=self.daemon.context)

    async def quiet(self) -> None:
        """Until nothing is left to do; what waits for its time is given it."""
        for _ in range(_MOST_LEAPS):
            due = await self._settled()
            if due is None:
                await self._learn_kinds()
                return
            self.clock.leap(max(due - self.clock.now(), timedelta()) + timedelta(seconds=1))
        raise AssertionError(f"never quiet: {await self._unrest()}")

    async def _settled(self) -> datetime | None:
        """Wait until nothing is left, or all that is left waits; then when the next is due."""
        try:
            async with asyncio.timeout(PATIENCE):
                still: list[object] = []
                for look in count():
                    await self.daemon.keep_up()
                    if self.daemon.app is not None and look % _LOOKS_A_NUDGE == 0:
                        await self.daemon.app.look_again()
                    unrest = await self._unrest()
                    if not any(unrest.values()):
                        return None
                    due = await self._waits_until(unrest)
                    still = [*still, unrest] if due is not None and still[-1:] == [unrest] else [unrest]
                    if due is not None and len(still) > _STILL:  # nothing of it is in somebody's hand
                        return due
                    await asyncio.sleep(_LOOK)
            raise AssertionError("looks have no end")
        except TimeoutError:
            mails = await self.daemon.ledger.rows(f"SELECT {_SHOWN}, reason FROM inbound_mail WHERE NOT filed")
            letters = await self.daemon.ledger.rows(f"SELECT {_SHOWN}, reply FROM outbox_mail WHERE state <> 'sent'")
            left = (await self._unrest(), mails, letters, self.imap.heard[-12:])
            raise AssertionError("\n".join([f"not quiet at {self.clock.now()}:", *map(str, left)])) from None

    async def _unrest(self) -> dict[str, Any]:
        (row,) = await self.daemon.ledger.rows(_UNREST.format(now=self._sql(self.clock.now())))
        return {**row, "inbox": len(self.imap.folders[INBOX].mails)}

    async def _waits_until(self, unrest: dict[str, Any]) -> datetime | None:
        """When the next of what is left is due, if nothing is due now."""
        app, now = self.daemon.app, self.clock.now()
        if app is None or unrest["deadlines"]:
            return None
        (row,) = await self.daemon.ledger.rows(_NEXT)
        moments = []
        if row["outbox"] is not None:  # an account that failed is left alone for a while
            moments.append(max(_moment(row["outbox"]), app._sender._lanes[0]._paused_until or now))
        if row["inbound"] is not None:
            moments.append(_moment(row["inbound"]))
        if unrest["filing"] or (unrest["inbox"] and row["inbound"] is None):
            moments.append(app._pollers[0]._file_from or now)
        return min(moments) if moments and min(moments) > now else None

    def _sql(self, moment: datetime) -> str:
        return moment.isoformat(" ")

    async def _learn_kinds(self) -> None:
        rows = await self.daemon.ledger.rows("SELECT message_id, letter FROM outbox_mail")
        self.kinds = {row["message_id"]: row["letter"] for row in rows}


def _moment(value: str | datetime) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def message_id(raw: bytes) -> str:
    found = _MESSAGE_ID.search(raw[:8000])
    return found[1].decode() if found else ""


def _settings(imap: ImapFolders, keeper: Keeper, folder: Path, hold: str, url: str) -> Settings:
    server: Any = SimpleNamespace(imap_port=imap.port)
    base = configuration(server, keeper.port, folder)
    box = {**base.mailbox["support"].model_dump(), "start": "all"}
    box["imap"] = {**box["imap"], "password": "secret", "timeout": "5s", "sent": ""}  # this server knows no APPEND
    box["smtp"] = {**box["smtp"], "password": "", "timeout": "5s"}
    alerts = {"to": OPERATOR, "sender": "mailproc@watch.example", "host": "127.0.0.1", "port": keeper.port,
              "security": "clear"}  # fmt: skip
    return configuration(
        server, keeper.port, folder, store={"url": url}, agents=STRICT, mailbox={"support": box}, alerts=alerts,
        limits={"message_bytes": LARGEST}, safety={"hold": hold},
    )  # fmt: skip


@contextmanager
def _heard(faults: _Faults) -> Iterator[None]:
    logger = logging.getLogger("mailproc")
    logger.addHandler(faults)
    try:
        yield
    finally:
        logger.removeHandler(faults)


@asynccontextmanager
async def world(folder: Path, url: str = "", *, moves: bool = True, hold: str = "1m") -> AsyncIterator[World]:
    """A running desk, quiet; in the end it is asked to stop, and must. `hold`: how long agents' letters wait."""
    clock = Hasty()
    async with ImapFolders(moves=moves) as imap, Keeper() as keeper:
        daemon = Daemon(url or f"sqlite://{folder}/0.db", lambda url: _settings(imap, keeper, folder, hold, url), clock)

        def cut(doom: Doom) -> None:
            imap.hang_up()
            if doom.cut_smtp:
                keeper.hang_up()

        daemon.at_death.append(cut)
        here = World(imap, keeper, clock, daemon)
        with daemon.at_home(), _heard(here.faults):
            await daemon.start()
            try:
                yield here
                await daemon.stop()
            finally:
                await daemon.kill()
