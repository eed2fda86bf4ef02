"""INV1 to INV10 over walks of everything that may happen, in any order, to the whole program (`make machine`: longer).

Mails of every kind, agents' answers and commands, deaths at every point, cut connections, rebuilt folders, leaps of the
clock, hands in the mailbox; then quiet, and everything that is left is compared.
"""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailproc.core.tokens import Capability
from mailproc.handling import pipeline, wording
from mailproc.handling.record import behalf
from mailproc.outbox import sender
from mailproc.outbox.transport import Sent
from tests.faults.machine import steps
from tests.faults.machine.invariants import check, left_by
from tests.faults.machine.steps import LIKELY, Step, doings
from tests.faults.machine.world import world
from tests.testlib.postgres import Postgres

EXAMPLES = int(os.environ.get("MACHINE_EXAMPLES", "3"))
STEPS = st.lists(
    st.builds(Step, st.sampled_from(LIKELY), st.integers(0, 5), st.integers(0, 60)), min_size=8, max_size=40
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120 + 30 * EXAMPLES),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),  # the killed close nothing; here no kernel does it
]
#: Somebody has written, and the agents know.
BEGINNING = (Step("ask", 0, 0), Step("ask", 1, 0), Step("rest", 0, 0))
#: In memory, where there is such a place: a kill in this process loses nothing that was written, synced or not.
FOLDER = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


async def walk(walked: list[Step], *, moves: bool = True, url: str = "") -> None:
    """One life of a desk."""
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        async with world(Path(folder), url, moves=moves) as here:
            does = doings(here)
            for step in (*BEGINNING, *walked):
                await does[step.name](step)
            await here.calm()
            await check(here)
    gc.collect()  # what the dead had open, while nobody minds


@settings(max_examples=EXAMPLES)
@given(STEPS, st.booleans())
def test_whatever_happens_the_invariants_hold(walked: list[Step], moves: bool) -> None:
    asyncio.run(walk(walked, moves=moves))


@settings(max_examples=max(2, EXAMPLES // 4))
@given(walked=STEPS)
def test_whatever_happens_the_invariants_hold_on_postgresql(postgresql: Postgres, walked: list[Step]) -> None:
    async def run() -> None:
        url = await postgresql.database()
        await walk(walked, url=url)
        await postgresql.drop(url)

    asyncio.run(run())


IN_DATA = Step("doom", 0, steps.DEATHS.index("in data"))
REST = Step("rest", 0, 0)
#: A third party was asked, and has answered; a customer's mail was forwarded, and nobody has said that it is theirs.
ASKED = (Step("consult", 0, 0), REST, Step("vendor", 0, 0), REST)
TAKEN_IN = (Step("forward in", 0, 1), REST)
FAULTS = {
    "INV2": (pipeline, "INBOUND_STEPS", pipeline.INBOUND_STEPS[1:], [Step("copy", 0, 0)]),  # no copy is known
    "INV4": (sender, "_NEVER_FINISHED", Sent(250, "surely"), [IN_DATA, Step("ask", 0, 0)]),  # a letter cut is sent
    "INV5": (behalf, "confirmed_by", lambda *_: True, [*TAKEN_IN, Step("close", 0, 0)]),  # whoever a forward names
    "INV6": (wording, "answers_to", lambda _: Capability.AGENT_REPLY, [*ASKED, Step("answer", 0, 0)]),  # a slip outside
    "INV8": (steps, "UNPROVEN", frozenset[str](), [Step("forge", 0, 1)]),  # a forger whom our own server vouches for
}


async def test_third_parties_and_those_an_agent_writes_for_are_part_of_the_walks(tmp_path: Path) -> None:
    """What the steps are meant to do, they do; and all holds."""
    walked = (
        *BEGINNING, *ASKED, Step("answer", 0, 0), REST, Step("stranger", 2, 0), REST, Step("answer", 0, 0), REST,
        *TAKEN_IN, Step("understood", 0, 0), Step("forge in", 1, 1), Step("begin", 1, 0), REST, Step("confirm", 1, 0),
    )  # fmt: skip
    async with world(tmp_path) as here:
        does = doings(here)
        for step in walked:
            await does[step.name](step)
        await here.calm()
        await check(here)
        left = await left_by(here)
    reasons = {reason.partition(":")[0] for reason in (row["reason"] for row in left.inbound)}
    assert {
        "an agent wrote to a third party", "a third party answered", "a stranger wrote with a valid token",
        "an agent forwarded a customer's mail", "an agent began a ticket for a customer", "an agent left a note",
    } <= reasons  # fmt: skip
    assert len([row for row in left.outbox if row["letter"] == "side"]) == 2
    unconfirmed = [row["unconfirmed"] for row in left.tickets]
    assert sorted(map(bool, unconfirmed)) == [False, False, False, False, True]


@pytest.mark.parametrize("invariant", FAULTS)
async def test_a_fault_is_seen(invariant: str) -> None:
    module, name, value, walked = FAULTS[invariant]
    with patch.object(module, name, value), pytest.raises(AssertionError, match=f"(?m)^{invariant}: "):
        await walk([*walked, Step("rest", 0, 0)])
