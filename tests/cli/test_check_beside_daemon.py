"""`mailproc check` on a mailbox that a daemon reads at the same time."""

from __future__ import annotations

import json

import pytest

from mailproc.core.effects import Outcome
from mailproc.store import inbound, tickets
from tests.cli.conftest import Shell
from tests.testlib.desk import SUPPORT, Desk

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("first", [False, True])
async def test_the_round_trip_comes_back_though_the_daemon_files_it_and_makes_no_ticket_of_it(
    desk: Desk, shell: Shell, first: bool
) -> None:
    if not first:
        await desk.clara.write(SUPPORT, "Printer stops", "It prints two pages.")
        await desk.clara.receive("[Acme #1]")
        await desk.quiet()  # so there is a folder of handled mail
    answer = await shell("check", "--json")
    told = {each["what"]: each for each in json.loads(answer.out)}
    assert told["mailbox.support round trip"]["result"] == "ok", answer
    await desk.quiet()
    probe = (await inbound.listing("", 10))[0]
    assert (probe.outcome, probe.ticket_id) == (Outcome.AUTOMATIC, None)
    assert len(await tickets.listing([], "", 10)) == (0 if first else 1)
