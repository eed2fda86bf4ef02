"""A poller at work on a mailbox, for tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Literal

from mailproc.clock import Clock, LeapingClock
from mailproc.inbox.imap import ImapSource
from mailproc.inbox.poller import FolderPlan, Poller
from mailproc.inbox.source import ImapAccount
from mailproc.store import inbound
from tests.testlib.imap_script import ScriptedImap

SUPPORT = "support@acme.example"


class Hasty(LeapingClock):
    """The machine's clock, with short pauses between attempts."""

    def pause(self, seconds: float) -> float:
        return min(seconds, 0.05)


def account(port: int, **changes: Any) -> ImapAccount:
    values: dict[str, Any] = {
        "host": "127.0.0.1", "port": port, "security": "clear", "user": SUPPORT, "password": "secret",
        "connect_timeout": 2.0, "read_timeout": 2.0,
    }  # fmt: skip
    return ImapAccount(**values | changes)


def plan(
    start: Literal["now", "all"] | datetime = "all", mailbox: str = "support", largest: int = 1_000_000,
    sent: str = "",
) -> FolderPlan:  # fmt: skip
    return FolderPlan(mailbox, "INBOX", "Processed", "Failed", start, largest, sent)


@asynccontextmanager
async def opened(server: ScriptedImap, **changes: Any) -> AsyncIterator[ImapSource]:
    """A connection, without a poller."""
    source = ImapSource(account(server.port, **changes))
    try:
        await source.open()
        yield source
    finally:
        await source.close()


@asynccontextmanager
async def reading(
    where: ImapAccount, folder: FolderPlan | None = None, clock: Clock | None = None
) -> AsyncIterator[Poller]:
    """A running poller; stopped at the end, which must not take long."""
    poller = Poller(folder or plan(), lambda: ImapSource(where), clock or Hasty(), lambda: None)
    task = asyncio.create_task(poller.run())
    try:
        yield poller
    finally:
        assert not task.done(), "a poller never ends"
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait_for(task, 2)


async def look(poller: Poller) -> None:
    """Until the mailbox was looked at once more, from beginning to end."""
    before = poller.heard_until
    await until(lambda: poller.heard_until is not None and poller.heard_until != before, poller)


async def nothing_to_file(poller: Poller) -> None:
    """Until a look's second half is over as well: a mailbox counts as heard before its handled mails are moved."""
    async with asyncio.timeout(20):
        while await inbound.unfiled(poller.mailbox, 1):
            await poller.look()
            await asyncio.sleep(0.02)


async def until(true: Any, poller: Poller, seconds: float = 20.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await poller.look()
            await asyncio.sleep(0.02)


async def contents() -> list[bytes]:
    """Raw mails in the spool, in order."""
    found = [await inbound.get(line.id) for line in reversed(await inbound.listing("", 1000))]
    return [each[1] for each in found if each is not None]
