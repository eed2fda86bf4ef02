"""Run the story on the real daemon and tell it as a timeline."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from mailproc.app import App
from mailproc.clock import LeapingClock
from mailproc.demo import promises, story
from mailproc.demo.people import subject_of
from mailproc.demo.servers import HOST, PASSWORD, World
from mailproc.settings import Settings, load
from mailproc.store import history, inbound

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline."""

    at: datetime
    kind: str
    text: str
    reason: str

    def __str__(self) -> str:
        return f"{self.at.astimezone():%a %H:%M}  {self.kind:<11} {self.text:<62} {self.reason}".rstrip()


_CONFIGURATION = """\
# The demo's configuration: an ordinary one, for servers in this process.
[desk]
name = "Acme Support"
time_zone = "Europe/Berlin"
hours = "Mon-Fri 09:00-17:00"
first_answer = "4h"

[store]
url = "sqlite://{folder}/mailproc.db"

[mailbox.support]
address = "{support}"
team = "support"

[mailbox.support.imap]
host = "{host}"
port = {imap_port}
security = "clear"
user = "{support}"
password = "{password}"

[mailbox.support.smtp]
host = "{host}"
port = {smtp_port}
security = "clear"

[team.support]
members = ["anna", "ben"]

[agent.anna]
name = "Anna"
address = "{anna}"

[agent.ben]
name = "Ben"
address = "{ben}"
language = "de"

[agents]
trust = "token"

[safety]
hold = "0s"

[tokens]
key = "the demo's key is known to everyone"
"""


def settings_for(world: World, folder: Path) -> Settings:
    """Write the demo's configuration file, and read it as `mailproc run` does."""
    file = folder / "mailproc.toml"
    words = _CONFIGURATION.format(
        folder=folder, host=HOST, imap_port=world.imap_port, smtp_port=world.smtp_port, password=PASSWORD,
        support=story.SUPPORT, anna=story.ANNA, ben=story.BEN,
    )  # fmt: skip
    file.write_text(words, encoding="utf-8")
    return load(file)


class Timeline:
    """Tells what happens as it happens, from the daemon's own history."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._history = self._inbound = 0

    async def follow(self) -> None:
        """Until cancelled."""
        while True:
            await self.catch_up()
            await asyncio.sleep(0.1)

    async def catch_up(self) -> None:
        for number, entry in await history.after(self._history):
            self._history = number
            ticket = f"#{entry.ticket} " if entry.ticket else ""
            self._say(str(Line(entry.at, entry.kind, f"{ticket}{entry.text}", entry.reason)))
        for line in reversed(await inbound.listing("", 100)):
            if line.id > self._inbound and line.state == "done":
                self._inbound = line.id
                if line.ticket_id is None:
                    self._say(str(Line(line.arrived_at, line.outcome, f"inbound {line.id}", line.reason)))


@asynccontextmanager
async def living(world: World, folder: Path, clock: LeapingClock) -> AsyncIterator[App]:
    """The daemon, running."""
    stop = asyncio.Event()
    async with App.started(settings_for(world, folder), clock) as app:
        daemon = asyncio.create_task(app.run(stop))
        try:
            await app.quiet()
            yield app
        finally:
            stop.set()
            await daemon


async def run(say: Say, keep: Path | None) -> bool:
    """Play the story; True when every promise was kept."""
    clock = LeapingClock()
    if keep is not None:
        _make_room(keep)
    with tempfile.TemporaryDirectory(prefix="mailproc-demo-") as temporary:
        folder = Path(temporary)
        async with World(story.PEOPLE, clock) as world, living(world, folder, clock) as app:
            timeline = Timeline(say)
            follower = asyncio.create_task(timeline.follow())

            async def leap(by: timedelta, words: str) -> None:
                await app.quiet()
                await timeline.catch_up()
                clock.leap(by)
                say(f"\n      … {words} …\n")
                await app.quiet()

            def tell(words: str) -> None:
                say(f"\n  {words}")

            try:
                await story.play(story.Stage(story.Cast.of(world), leap, app.quiet, tell))
                await app.quiet()
            finally:
                follower.cancel()
                with suppress(asyncio.CancelledError):
                    await follower
                await timeline.catch_up()
                if keep is not None:
                    _keep(world, folder, keep)
            kept = await promises.all_of(world)
    say("")
    for promise in kept:
        say(f"  {'kept  ' if promise.kept else 'BROKEN'}  {promise.words}")
    held = sum(promise.kept for promise in kept)
    say(f"\n{held} of {len(kept)} promises kept.")
    if keep is not None:
        say(f"Look: every mail in {keep}/*.eml; ask: mailproc -c {keep}/mailproc.toml ticket list --all")
    return held == len(kept)


def _make_room(keep: Path) -> None:
    """Before the play: what can't be kept is better known now."""
    keep.mkdir(parents=True, exist_ok=True)


def _keep(world: World, folder: Path, keep: Path) -> None:
    """Every mail as a file that any mail client opens, and the database with a configuration to ask it with."""
    settings_for(world, keep.resolve())
    for number, mail in enumerate(world.delivered, 1):
        words = "".join(char if char.isalnum() else "-" for char in subject_of(mail)[:40]).strip("-")
        (keep / f"{number:03d}-{mail.recipient.partition('@')[0].partition('+')[0]}-{words}.eml").write_bytes(
            mail.content
        )
    for file in folder.glob("mailproc.db*"):
        shutil.copy2(file, keep / file.name)


async def serve(say: Say, imap_port: int, smtp_port: int, stop: asyncio.Event) -> None:
    """Keep the world open for a person with a mail client."""
    clock = LeapingClock()
    with tempfile.TemporaryDirectory(prefix="mailproc-demo-") as temporary:
        async with World(story.PEOPLE, clock, smtp_port, imap_port) as world, living(world, Path(temporary), clock):
            say(f"IMAP {HOST}:{world.imap_port}   SMTP {HOST}:{world.smtp_port}   no TLS, password: {PASSWORD}")
            say(f"Write to {story.SUPPORT} as a customer: {story.CLARA}, {story.DIETER}, {story.ERIK}")
            say(f"Answer as an agent: {story.ANNA}, {story.BEN}")
            say(f"Ask what happened: mailproc -c {temporary}/mailproc.toml ticket list --all")
            say("Ctrl-C ends it.\n")
            timeline = Timeline(say)
            follower = asyncio.create_task(timeline.follow())
            await stop.wait()
            follower.cancel()
            await asyncio.gather(follower, return_exceptions=True)
