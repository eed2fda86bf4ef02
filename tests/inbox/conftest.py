"""Every test of the inbox has a store of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.testlib.store import fresh_store


@pytest.fixture(autouse=True)
async def store(tmp_path: Path) -> AsyncIterator[None]:
    async with fresh_store(tmp_path):
        yield
