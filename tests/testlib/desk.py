"""A whole desk for end-to-end tests: a real Dovecot, an SMTP sink that delivers into it, the daemon, and people.

The daemon is the real one, on a clock that tests move; nothing in it knows that it is tested.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from unittest.mock import patch

from mailproc import app as app_module
from mailproc.app import App
from mailproc.clock import Clock, LeapingClock
from mailproc.demo.people import Correspondent
from mailproc.demo.servers import Delivered, bare
from mailproc.render.canned import Canned
from mailproc.render.letters import Letters
from mailproc.resources import templates_folder
from mailproc.settings import Settings
from tests.testlib.dovecot import PASSWORD, Dovecot
from tests.testlib.smtp import Sink

SUPPORT = "support@acme.example"
PEOPLE = {
    "anna": ("Anna", "anna@acme.example"),
    "ben": ("Ben", "ben@acme.example"),
    "clara": ("Clara Jones", "clara@customer.example"),
    "dieter": ("Dieter Schmidt", "dieter@kunde.example"),
    "chief": ("The Chief", "chief@customer.example"),
    "mallory": ("Mallory", "mallory@stranger.example"),
    "victor": ("Victor", "victor@vendor.example"),
}


class MailWorld:
    """Where mail goes: support addresses into Dovecot, everyone's into a list that people read."""

    def __init__(self, dovecot: Dovecot, clock: LeapingClock, support: tuple[str, ...] = (SUPPORT,)) -> None:
        self.dovecot, self.clock = dovecot, clock
        self.delivered: list[Delivered] = []
        self.news = asyncio.Condition()
        self.sink = Sink(forward=self._forward)
        self._support = {address.casefold() for address in support}

    @property
    def smtp_port(self) -> int:
        return self.sink.port

    def now(self) -> datetime:
        return self.clock.now()

    async def _forward(self, recipient: str, content: bytes, sender: str) -> None:
        if bare(recipient) in self._support:
            await asyncio.to_thread(self.dovecot.deliver, recipient, content, sender)
        async with self.news:
            self.delivered.append(Delivered(self.now(), sender, recipient, content))
            self.news.notify_all()

    def person(self, name: str) -> Correspondent:
        return Correspondent(self, *PEOPLE[name])


def configuration(dovecot: Dovecot, smtp_port: int, folder: Path, **sections: dict[str, object]) -> Settings:
    """A small desk: Anna and Ben, one mailbox, tokens trusted because nothing here signs authentication results."""
    server = {"host": "127.0.0.1", "security": "clear", "user": SUPPORT, "password": PASSWORD}
    values: dict[str, dict[str, object]] = {
        "desk": {"name": "Acme Support", "language": "en", "time_zone": "Europe/Berlin", "first_answer": "4h"},
        "store": {"url": f"sqlite://{folder}/mailproc.db"},
        "mailbox": {
            "support": {
                "address": SUPPORT,
                "team": "support",
                "imap": {**server, "port": dovecot.imap_port},
                "smtp": {"host": "127.0.0.1", "port": smtp_port, "security": "clear"},
            }
        },
        "team": {"support": {"members": ["anna", "ben"]}},
        "agent": {name: {"name": PEOPLE[name][0], "address": PEOPLE[name][1]} for name in ("anna", "ben")},
        "agents": {"trust": "token"},
        "safety": {"hold": "0s"},
        "tokens": {"key": "a key for tests only, 32 bytes long"},
    }
    for name, section in sections.items():
        values[name] = {**values.get(name, {}), **section}
    return Settings(**values)  # type: ignore[arg-type] # pydantic reads the tables


class Desk:
    """A running daemon in its world."""

    def __init__(self, world: MailWorld, app: App) -> None:
        self.world, self.app = world, app
        self.anna, self.ben, self.clara, self.dieter = (world.person(name) for name in list(PEOPLE)[:4])
        self.chief, self.mallory, self.victor = (world.person(name) for name in list(PEOPLE)[4:])

    async def leap(self, **by: float) -> None:
        """Let time pass, and whatever it makes due be done."""
        await self.quiet()
        self.world.clock.leap(timedelta(**by))
        await self.quiet()

    async def quiet(self) -> None:
        """Wait until the daemon has nothing left to do."""
        await self.app.quiet()


_read, _read_canned = app_module.letters_of, app_module.canned_of


@cache
def delivered_letters(language: str = "en") -> Letters:
    return Letters([templates_folder()], language, proven=True)


def letters_of(settings: Settings) -> Letters:
    """Ours are read and checked once, not for every desk."""
    return _read(settings) if settings.templates.folder else delivered_letters(settings.desk.language)


@cache
def delivered_canned(language: str) -> Canned:
    return Canned([templates_folder()], language)


def canned_of(settings: Settings) -> Canned:
    """As the letters: what we deliver is read once."""
    return _read_canned(settings) if settings.templates.folder else delivered_canned(settings.desk.language)


@asynccontextmanager
async def started(settings: Settings, clock: Clock) -> AsyncIterator[App]:
    """An opened daemon, at which nothing works yet."""
    with patch.multiple(app_module, letters_of=letters_of, canned_of=canned_of):
        async with App.started(settings, clock) as app:
            yield app


@asynccontextmanager
async def running(settings: Settings, world: MailWorld) -> AsyncIterator[Desk]:
    """The daemon, from ready to drained."""
    stop = asyncio.Event()
    async with started(settings, world.clock) as app:
        task = asyncio.create_task(app.run(stop))
        try:
            await app.quiet()  # the first look at the mailbox is over: what comes now is news
            yield Desk(world, app)
        finally:
            stop.set()
            await task
