"""Every test of the inbox has a store of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.testlib.store import fresh_store


@pytest.fixture(autouse=True)
async def store(store_url: str) -> AsyncIterator[None]:
    async with fresh_store(store_url):
        yield
