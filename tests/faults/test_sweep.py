"""The short form of the crash sweep (`make faults` is the whole): one life, ended at one point after the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailproc.crashpoints import POINTS, VARIABLE, Point, armed
from tests.faults.keeper import Keeper
from tests.faults.life import life_of
from tests.faults.oracle import judge
from tests.testlib.dovecot import Dovecot

#: In the order in which a mail meets them: each daemon comes a step further than the one before.
ON_THE_WAY: tuple[Point, ...] = (
    "fetched", "spooled", "claimed", "recording", "committed", "moved", "sending", "dotted", "appended",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(300)  # ten starts, each of which may take many seconds on a busy machine
@pytest.mark.row("C1", "C2", "C3", "C4", "C5", "C6", "C8", "C10")
async def test_killed_at_each_step_in_turn_nothing_is_lost_and_nothing_doubled(
    dovecot: Dovecot, tmp_path: Path
) -> None:
    async with Keeper() as keeper:
        life = life_of(tmp_path, dovecot, keeper, f"sqlite://{tmp_path}/mailproc.db", "support@acme.example")
        try:
            await life.killed_at_each(ON_THE_WAY)
            verdict = await judge(life)
        finally:
            await life.program.kill()
    assert not verdict.wrong
    assert life.program.kills == len(ON_THE_WAY)


def test_the_points_of_the_short_form_stand_in_the_order_of_the_way() -> None:
    assert sorted(ON_THE_WAY, key=POINTS.index) == list(ON_THE_WAY)


def test_a_point_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=f"{VARIABLE}=comitted:1: the points are fetched, "):
        armed("comitted:1")
