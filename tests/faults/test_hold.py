"""An answer under hold, and the daemon is killed: it leaves nevertheless, once, and not before its time."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.ledger import Row
from tests.faults.machine.invariants import check
from tests.faults.machine.steps import Step, doings
from tests.faults.machine.world import World, world
from tests.testlib.desk import PEOPLE

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]

HOLD = timedelta(minutes=5)


def arrived(here: World) -> int:
    """How often Anna's words, which were the last that anybody wrote, reached Clara."""
    word = here.written[-1].word.encode()
    return sum(word in taken.content for taken in here.keeper.taken if taken.recipient == PEOPLE["clara"][1])


async def settled(here: World) -> None:
    """Nothing is left that is due now."""
    assert here.daemon.app is not None
    await asyncio.create_task(here.daemon.app.quiet(), context=here.daemon.context)


async def answer(here: World) -> Row:
    rows = await here.daemon.ledger.rows(
        "SELECT state, created_at, next_attempt_at FROM outbox_mail WHERE letter = 'answer'"
    )
    (row,) = rows
    return row


async def killed(here: World) -> None:
    await here.daemon.kill()
    assert await here.daemon.keep_up()


async def test_it_leaves_once_at_its_time(tmp_path: Path) -> None:
    async with world(tmp_path, hold="5m") as here:
        does = doings(here)
        await does["ask"](Step("ask", 0, 0))
        await here.quiet()
        await does["answer"](Step("answer", 0, 0))
        await settled(here)
        held = await answer(here)
        due = datetime.fromisoformat(held["next_attempt_at"])
        assert held["state"] == "queued"
        assert due - datetime.fromisoformat(held["created_at"]) == HOLD
        for _ in range(2):
            await killed(here)
            await settled(here)
            assert await answer(here) == held
        here.clock.leap(due - here.clock.now() - timedelta(seconds=30))
        await settled(here)
        assert not arrived(here)
        here.clock.leap(timedelta(seconds=31))
        await here.quiet()
        await killed(here)
        await here.quiet()
        assert (arrived(here), (await answer(here))["state"]) == (1, "sent")
        await check(here)
