"""The daemon in this process, killed as by a power cut: at that moment nothing of it counts any more but its commits.

What it has written and not committed is gone, its connections are cut or left with what they hold, its tasks are ended,
and the next one starts on the database as it stood. That is what SIGKILL leaves (`sweep` does it to the real process);
here it takes milliseconds.
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass
from pathlib import Path
from threading import current_thread, main_thread
from typing import Any
from unittest.mock import patch

from tortoise.connection import get_connection

from mailproc import app as app_module
from mailproc import crashpoints
from mailproc.app import App
from mailproc.clock import Clock
from mailproc.core.message import Message
from mailproc.crashpoints import Point
from mailproc.mime.parse import parse_mail
from mailproc.mime.pool import ParseFailed
from mailproc.mime.prescan import Limits, prescan
from mailproc.settings import Settings
from mailproc.store import db
from tests.faults.ledger import Ledger
from tests.testlib.desk import canned_of, delivered_letters
from tests.testlib.idle_desk import InThisProcess

_OURS: ContextVar[bool] = ContextVar("a task of the daemon", default=False)
_PATIENCE = 15.0  # seconds for an end
_LEASE_OVER = 'UPDATE "node" SET "until" = now() - interval \'1 minute\''


class Killed(asyncio.CancelledError):
    """The process is no more: nothing may catch this, or do more than clean up."""


class ParsesHere(InThisProcess):
    """As a worker would, with its look at the bare bytes."""

    async def warmed(self) -> bool:
        return True

    async def parse(self, content: bytes) -> Message:
        refusal = prescan(content, Limits())
        if refusal is not None:
            raise ParseFailed(refusal.reason, refusal.detail)
        return parse_mail(content)


@dataclass(slots=True)
class Doom:
    """Where the daemon dies: at a point's so-manieth passing from now on."""

    point: Point
    passings: int
    cut_smtp: bool  # else the SMTP server goes on with what it has been sent


class Daemon:
    """One daemon after the other, over one database."""

    def __init__(self, url: str, settings: Callable[[str], Settings], clock: Clock) -> None:
        """`settings` makes a configuration for a database; `at_death` cuts the connections."""
        self.url, self._settings, self._clock = url, settings, clock
        self.at_death: list[Callable[[Doom], None]] = []
        self.doom: Doom | None = None
        self.app: App | None = None
        self.kills: list[Point | str] = []
        self._tasks: set[asyncio.Task[Any]] = set()
        self._task: asyncio.Task[None] | None = None
        self._stop = asyncio.Event()
        self._dead = False
        self.context = copy_context()  # in which its database is known
        self._connection: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.url)

    # --- life

    async def start(self) -> None:
        """Until it is ready, or died on the way."""
        self._dead, self._stop, ready = False, asyncio.Event(), asyncio.Event()
        token = _OURS.set(True)
        try:
            self._task = asyncio.create_task(self._live(ready), name="daemon")
        finally:
            _OURS.reset(token)
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait({self._task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()

    async def _live(self, ready: asyncio.Event) -> None:
        async with App.started(self._settings(self.url), self._clock) as self.app:
            self.context, self._connection = copy_context(), get_connection(db.CONNECTION)
            ready.set()
            await self.app.run(self._stop)

    async def stop(self) -> None:
        """Ask it to end, in order."""
        self._stop.set()
        await self._buried()

    async def kill(self, *, cut_smtp: bool = True) -> None:
        """Now."""
        if not self._dead and self._task is not None and not self._task.done():
            self._die(Doom("fetched", 0, cut_smtp), "killed")
        await self._buried()

    async def keep_up(self) -> bool:
        """Start it again if it has died; whether it had. Raises what it died of by itself."""
        assert self._task is not None
        if not self._dead and not self._task.done():
            return False
        await self._buried()
        await self.start()
        return True

    async def _buried(self) -> None:
        assert self._task is not None
        tasks = {task for task in self._tasks if not task.done()}
        if tasks:
            _, left = await asyncio.wait(tasks, timeout=_PATIENCE)
            assert not left, f"they would not end: {left}"
        if not self._dead:
            await self._task  # raises what a loop died of
        elif db.dialect_of(self.url) == "postgresql":
            await _lease_over(self.url)
        self._tasks.clear()
        self.app = None

    # --- death

    def reached(self, point: Point, /) -> None:
        """In place of `crashpoints.reached`; may be called in the thread of an IMAP connection."""
        if self._dead or self.doom is None or self.doom.point != point:
            return
        self.doom.passings -= 1
        if self.doom.passings > 0:
            return
        doom, self.doom = self.doom, None
        if current_thread() is main_thread():
            self._die(doom, point)
        else:  # everything else must stand still before anything goes on
            assert self._loop is not None
            asyncio.run_coroutine_threadsafe(self._die_soon(doom, point), self._loop).result(_PATIENCE)
        raise Killed

    async def _die_soon(self, doom: Doom, how: str) -> None:
        self._die(doom, how)

    def _die(self, doom: Doom, how: str) -> None:
        """In one turn of the loop: from here on no task of it takes another step but to end."""
        if self._dead:
            return
        self._dead = True
        self.kills.append(how)
        if db.dialect_of(self.url) == "sqlite":
            self.url = _as_it_stands(self.url, len(self.kills))
        else:
            self._connection._pool.terminate()
        for cut in self.at_death:
            cut(doom)
        for task in self._tasks:
            task.cancel()

    # --- its tasks

    @contextmanager
    def at_home(self) -> Iterator[None]:
        """Its tasks are known as its own, and its crash points are ours, on the running loop."""
        self._loop = loop = asyncio.get_running_loop()
        places = [
            module for name, module in sys.modules.items()
            if name.startswith("mailproc.") and getattr(module, "reached", None) is crashpoints.reached
        ]  # fmt: skip
        with ExitStack() as stack:
            for module in places:
                stack.enter_context(patch.object(module, "reached", self.reached))
            stack.enter_context(patch.object(app_module, "ParserPool", ParsesHere))
            stack.enter_context(patch.object(app_module, "letters_of", lambda _: delivered_letters()))
            stack.enter_context(patch.object(app_module, "canned_of", canned_of))
            loop.set_task_factory(self._make)
            try:
                yield
            finally:
                loop.set_task_factory(None)

    def _make(self, loop: asyncio.AbstractEventLoop, work: Any, **named: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(work, loop=loop, **named)
        if _OURS.get():
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return task


def _as_it_stands(url: str, number: int) -> str:
    """What is committed, in a file of its own: whatever the dead one's thread still writes goes nowhere."""
    old = db.sqlite_path(url)
    new = Path(old.parent, f"{number}.db")
    with closing(sqlite3.connect(old, timeout=10)) as whole, closing(sqlite3.connect(new)) as copy:
        whole.backup(copy)
    return f"sqlite://{new}"


async def _lease_over(url: str) -> None:
    """What a dead node held is free after some seconds; nobody waits for them here."""
    connection = await db.postgresql_connection(url)
    try:
        await connection.execute(_LEASE_OVER)
    finally:
        await connection.close()
