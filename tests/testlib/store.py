"""A store of a test's own, and mails to put in it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.exceptions import OperationalError

from mailproc.store import db, inbound, schema
from mailproc.store.inbound import NewMail

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


#: The test runs on SQLite, and once more on PostgreSQL; it or its fixtures take `store_url`.
on_both = pytest.mark.parametrize(
    "store_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True
)


@asynccontextmanager
async def fresh_store(url: str) -> AsyncIterator[BaseDBAsyncClient]:
    """A new database, connected and upgraded."""
    async with db.connected(url) as connection:
        await schema.upgrade(connection, NOW)
        yield connection


def raw_mail(number: int, text: str = "It prints two pages.", sender: str = "clara@customer.example") -> bytes:
    """A plain mail, different for each number."""
    return (
        f"From: Clara Jones <{sender}>\r\nTo: support@acme.example\r\nSubject: Printer {number}\r\n"
        f"Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{number}@customer.example>\r\n\r\n{text}\r\n"
    ).encode()


async def spooled(
    *contents: bytes, mailbox: str = "support", first_uid: int = 1, at: datetime = NOW, oversize: bool = False
) -> None:
    """Put mails into the spool, with UIDs from `first_uid` on."""
    mails = [NewMail(uid, content, len(content), oversize, at) for uid, content in enumerate(contents, first_uid)]
    await inbound.spool(mailbox, "INBOX", 1, mails, first_uid + len(contents) - 1, at)


class Away:
    """A statement of the store, failing the first `times` it is asked, as when the database is away."""

    def __init__(self, whole: Callable[..., Awaitable[Any]], times: int) -> None:
        self._whole, self._times, self.calls = whole, times, 0

    async def __call__(self, *arguments: Any) -> Any:
        self.calls += 1
        if self.calls <= self._times:
            raise OperationalError("the database is away")
        return await self._whole(*arguments)


@asynccontextmanager
async def ended(loop: asyncio.Task[None]) -> AsyncIterator[None]:
    """The loop must live for as long as the block lasts; it is cancelled after it."""
    try:
        yield
        assert not loop.done()
    finally:
        loop.cancel()
        await asyncio.wait({loop})
