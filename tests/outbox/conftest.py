"""Every test of the outbox has a store of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from mailproc.store import db, schema
from tests.testlib.sending import NOW


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[None]:
    """A fresh database, connected."""
    async with db.connected(store_url) as connection:
        await schema.upgrade(connection, NOW)
        yield
