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
async def desk(world: MailWorld, tmp_path: Path) -> AsyncIterator[Desk]:
    """A running daemon with people around it."""
    async with running(configuration(world.dovecot, world.smtp_port, tmp_path), world) as desk:
        yield desk
