"""Two tickets of one customer become one, which is put off and comes back: on a real Dovecot."""

from __future__ import annotations

import pytest

from mailproc.core.lifecycle import Status
from mailproc.demo.people import text_of
from mailproc.store import tickets
from tests.testlib.desk import SUPPORT, Desk

pytestmark = pytest.mark.slow


async def test_both_threads_wake_the_one_ticket_that_was_put_off(desk: Desk) -> None:
    await desk.clara.write(SUPPORT, "Printer stops", "It prints two pages.")
    acknowledged = await desk.clara.receive("[Acme #1]")
    news = await desk.anna.receive("[Acme #1]")
    await desk.clara.write(SUPPORT, "Smoke", "And now it smokes.")
    other = await desk.anna.receive("[Acme #2]")
    await desk.anna.reply(other, "#assign me\n#snooze in 3 hours")
    await desk.anna.receive("Out of sight until")
    await desk.anna.reply(news, "#merge 2")
    assert "your ticket 2" in text_of(await desk.clara.receive("put this together"))
    await desk.quiet()
    await desk.clara.reply(acknowledged, "It stops after page three.")
    assert "[Acme #2]" in (await desk.anna.receive("after page three")).header("Subject")
    await desk.quiet()
    first, second = await tickets.view(1), await tickets.view(2)
    assert first is not None and second is not None
    assert (first.status, first.merged_into) == (Status.CLOSED, 2)
    assert second.snoozed_until is None
    await desk.anna.reply(other, "#snooze in 3 hours")
    await desk.quiet()
    await desk.leap(hours=4)
    await desk.anna.receive("BACK: put off until now")
