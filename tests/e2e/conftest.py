"""A desk on a real Dovecot for every test here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mailproc.clock import LeapingClock
from tests.testlib.desk import Desk, MailWorld, configuration, running
from tests.testlib.dovecot import Dovecot


@pytest.fixture
async def world(dovecot: Dovecot) -> AsyncIterator[MailWorld]:
    """Where mail goes."""
    world = MailWorld(dovecot, LeapingClock())
    async with world.sink:
        yield world


@pytest.fixture
async def desk(world: MailWorld, tmp_path: Path, store_url: str) -> AsyncIterator[Desk]:
    """A running daemon with people around it."""
    settings = configuration(world.dovecot, world.smtp_port, tmp_path, store={"url": store_url})
    async with running(settings, world) as desk:
        yield desk
