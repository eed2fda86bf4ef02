"""Several daemons on one PostgreSQL, and a PostgreSQL that goes away: nothing is lost, nothing happens twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.several import Outcome, Trouble, killing, restarting, survive
from tests.testlib.dovecot import Dovecot
from tests.testlib.postgres import Postgres
from tests.testlib.smtp import Sink

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

MAILS = 60


@pytest.fixture
async def world(dovecot: Dovecot, sink: Sink, postgresql: Postgres, tmp_path: Path) -> World:
    return World(dovecot, sink, postgresql, tmp_path)


class World:
    def __init__(self, dovecot: Dovecot, sink: Sink, server: Postgres, folder: Path) -> None:
        self.dovecot, self.sink, self.server, self.folder = dovecot, sink, server, folder

    async def survives(self, trouble: Trouble, nodes: int) -> Outcome:
        url = await self.server.empty_database()
        outcome = await survive(MAILS, nodes, trouble, self.dovecot, self.sink, url, self.folder)
        await self.server.drop(url)
        return outcome


async def test_three_nodes_of_which_one_is_killed_again_and_again(world: World) -> None:
    outcome = await world.survives(killing(3, every=0.6), nodes=3)
    assert outcome.kills == 3
    assert outcome.wrong == []


@pytest.mark.row("N23")
async def test_a_database_that_is_restarted_under_load_is_waited_for(world: World) -> None:
    outcome = await world.survives(restarting(world.server, 2, every=1.0), nodes=1)
    assert outcome.kills == 2
    assert outcome.wrong == []
