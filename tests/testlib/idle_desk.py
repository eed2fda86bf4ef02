"""A desk that is opened but not running, without servers: its parts are worked by hand, on a clock that stands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mailproc.app import App
from mailproc.clock import ManualClock
from mailproc.settings import Settings
from tests.testlib.desk import configuration, started
from tests.testlib.store import NOW


@asynccontextmanager
async def idle_desk(
    folder: Path, url: str = "", **sections: dict[str, object]
) -> AsyncIterator[tuple[App, ManualClock]]:
    clock = ManualClock(NOW)
    nowhere: Any = SimpleNamespace(imap_port=9)  # the discard port: nobody listens
    if url:
        sections["store"] = {"url": url}
    async with started(configuration(nowhere, 9, folder, **sections), clock) as app:
        yield app, clock


def nowhere_settings(folder: Path, **sections: dict[str, object]) -> Settings:
    """A desk's configuration that leads to no server."""
    nowhere: Any = SimpleNamespace(imap_port=9)
    return configuration(nowhere, 9, folder, **sections)
