"""A desk that is opened but not running, without servers: its parts are worked by hand, on a clock that stands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self
from unittest.mock import patch

from mailproc import app as app_module
from mailproc.app import App
from mailproc.clock import ManualClock
from mailproc.core.forward import Forwarded
from mailproc.core.message import Message
from mailproc.core.reply import Reply
from mailproc.mime.forwards import read_forward
from mailproc.mime.parse import parse_mail
from mailproc.mime.pool import ParserPool
from mailproc.mime.quoting import read_reply
from mailproc.settings import Settings
from tests.testlib.desk import configuration, started
from tests.testlib.store import NOW


class InThisProcess:
    """Parses here: starting a worker takes longer than such a test."""

    def __init__(self, *_: object) -> None:
        pass

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def parse(self, content: bytes) -> Message:
        return parse_mail(content)

    async def read(self, content: bytes) -> tuple[Message, Reply | None]:
        message = await self.parse(content)
        return message, None if message.in_reply_to else read_reply(message.text)

    async def split(self, body: str, sent: Sequence[str], pages: Sequence[str] = ()) -> Reply:
        return read_reply(body, sent, pages)

    async def forwarded(self, text: str, subject: str) -> Forwarded | None:
        return read_forward(text, subject)


@asynccontextmanager
async def idle_desk(
    folder: Path, url: str = "", pool: type = ParserPool, **sections: dict[str, object]
) -> AsyncIterator[tuple[App, ManualClock]]:
    clock = ManualClock(NOW)
    nowhere: Any = SimpleNamespace(imap_port=9)  # the discard port: nobody listens
    if url:
        sections["store"] = {"url": url}
    with patch.object(app_module, "ParserPool", pool):
        async with started(configuration(nowhere, 9, folder, **sections), clock) as app:
            yield app, clock


def nowhere_settings(folder: Path, **sections: dict[str, object]) -> Settings:
    """A desk's configuration that leads to no server."""
    nowhere: Any = SimpleNamespace(imap_port=9)
    return configuration(nowhere, 9, folder, **sections)
