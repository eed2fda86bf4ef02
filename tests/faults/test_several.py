"""Several daemons on one PostgreSQL, and a PostgreSQL that goes away: nothing is lost, nothing happens twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.several import Outcome, Trouble, judge_letters, killing, restarting, survive
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


@pytest.mark.parametrize(
    ("recipient", "state", "told", "times", "wrong"),
    [
        ("anna@acme.example", "sent", False, 1, False),
        ("anna@acme.example", "sent", True, 2, True),  # doubled
        ("anna@acme.example", "sent", False, 0, True),
        ("anna@acme.example", "unknown", True, 1, True),  # no other letter says so
        ("c0@customer.example", "unknown", True, 0, False),
        ("c0@customer.example", "unknown", False, 0, True),  # withheld, and nobody was told
        ("c0@customer.example", "sent", True, 2, True),
    ],
)
def test_what_is_doubled_or_withheld_must_be_told(
    recipient: str, state: str, times: int, *, told: bool, wrong: bool
) -> None:
    """Of the judge: it sees what breaks a promise."""
    outcome = Outcome(mails=1)
    people = ("anna@acme.example", "c0@customer.example")
    as_it_should = {"state": "sent", "told": False}
    odd = {"state": state, "told": told}
    letters = [
        {"recipient": each, "message_id": "<x>", "key": each, **(odd if each == recipient else as_it_should)}
        for each in people
    ]
    arrived = {(each, "<x>"): times if each == recipient else 1 for each in people}
    judge_letters(outcome, letters, {key: count for key, count in arrived.items() if count})
    assert bool(outcome.wrong) == wrong


@pytest.mark.parametrize(("times", "state", "wrong"), [(1, "unknown", False), (0, "unknown", False), (1, "sent", True)])
def test_a_letter_that_says_that_another_may_be_lost_follows_that_one_alone(
    times: int, state: str, *, wrong: bool
) -> None:
    outcome, anna = Outcome(mails=1), "anna@acme.example"
    sent = {"state": "sent", "told": False}
    letters = [
        {"recipient": "c0@customer.example", "message_id": "<1>", "key": "a", **sent},
        {"recipient": anna, "message_id": "<2>", "key": "b", "state": state, "told": True},
        {"recipient": anna, "message_id": "<3>", "key": "missed:b", **sent},
    ]
    arrived = {("c0@customer.example", "<1>"): 1, (anna, "<2>"): times, (anna, "<3>"): 1}
    judge_letters(outcome, letters, {key: count for key, count in arrived.items() if count})
    assert (bool(outcome.wrong), outcome.followed) == (wrong, 1)


@pytest.mark.row("N23")
async def test_a_database_that_is_restarted_under_load_is_waited_for(world: World) -> None:
    outcome = await world.survives(restarting(world.server, 2, every=1.0), nodes=1)
    assert outcome.kills == 2
    assert outcome.wrong == []
