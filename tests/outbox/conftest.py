"""Every test of the outbox has a store of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mailproc.store import db
from tests.testlib.sending import NOW


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[None]:
    """A fresh database, connected."""
    async with db.connected(f"sqlite:///{tmp_path}/mailproc.db") as connection:
        await db.upgrade(connection, NOW)
        yield
