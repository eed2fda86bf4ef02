"""Second thoughts, by mail, on a real Dovecot: what has not left is taken back, what has is named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mailproc.core.lifecycle import Status
from mailproc.demo.people import text_of
from mailproc.store import tickets
from tests.testlib.desk import SUPPORT, Desk, MailWorld, configuration, running

pytestmark = [pytest.mark.slow]
_DRIVER = "Please install driver 4.2: it prints all pages again."


@pytest.fixture
async def waiting(world: MailWorld, tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk whose agents have five minutes for second thoughts."""
    settings = configuration(world.dovecot, world.smtp_port, tmp_path, safety={"hold": "5m"})
    async with running(settings, world) as desk:
        yield desk


async def test_an_agent_thinks_twice(waiting: Desk) -> None:
    desk, clara, anna = waiting, waiting.clara, waiting.anna
    await clara.write(SUPPORT, "Printer stops", "It prints two pages.")
    news = await anna.receive("[Acme #1]")
    await desk.quiet()

    await anna.reply(news, f"#resolve driver\n{_DRIVER}")
    receipt = await anna.receive("nothing has left")
    await desk.leap(minutes=4)
    assert len(clara.inbox()) == 1  # the acknowledgement
    await anna.press(receipt, "Undo")
    await anna.receive("Undone")
    await desk.leap(minutes=10)
    assert len(clara.inbox()) == 1
    ticket = await tickets.view(1)
    assert ticket is not None
    assert ticket.status is Status.NEW

    await anna.reply(news, _DRIVER)
    await desk.leap(minutes=6)
    assert _DRIVER in text_of(await clara.receive(_DRIVER))
    await anna.reply(news, "#undo")
    told = " ".join(text_of(await anna.receive("CANNOT BE UNSENT")).split())
    assert "the mail to clara@customer.example had left already" in told
    ticket = await tickets.view(1)
    assert ticket is not None
    assert ticket.status is Status.NEW


async def test_what_should_be_looked_at_waits_for_one_tap(waiting: Desk) -> None:
    desk, clara, anna = waiting, waiting.clara, waiting.anna
    await clara.write(SUPPORT, "Printer stops", "It prints two pages.")
    news = await anna.receive("[Acme #1]")
    await anna.reply(news, "Please find the driver attached.")
    held = await anna.receive("NOT SENT")
    await desk.leap(minutes=10)
    assert len(clara.inbox()) == 1
    await anna.press(held, "Send as it stands")
    await anna.receive("Sent to")
    await desk.leap(minutes=6)
    assert "driver attached" in text_of(await clara.receive("driver attached"))
