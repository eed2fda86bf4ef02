"""A mail server that breaks off after every final dot: nothing leaves twice, and every agent hears of what may be lost."""

from __future__ import annotations

import asyncio
from collections import Counter
from email import message_from_bytes

import pytest

from mailproc.outbox.settlement import FOLLOW
from mailproc.store import outbox
from tests.e2e.test_sent import until
from tests.testlib.desk import SUPPORT, Desk
from tests.testlib.smtp import Fault
from tests.testlib.store import on_both

pytestmark = [pytest.mark.slow, pytest.mark.row("C10", "C11", "N17")]


async def matter_in_doubt(desk: Desk, breaks: Fault) -> None:
    """Clara writes; the acknowledgement and what Anna and Ben are told may be lost."""
    desk.world.sink.script("DOT", *[breaks] * 3)
    sender, words = (
        "clara@customer.example",
        "Subject: Printer stops\r\n\r\nOur printer prints two pages and stops.\r\n",
    )
    mail = f"From: {sender}\r\nTo: {SUPPORT}\r\nMessage-ID: <1@customer.example>\r\n{words}".encode()
    await asyncio.to_thread(desk.world.dovecot.deliver, SUPPORT, mail, sender)
    await until(taken_in)
    await desk.quiet()


async def taken_in() -> bool:
    return bool(await outbox.listing())


def arrivals(desk: Desk) -> Counter[str]:
    """How often each letter of ours arrived, by its Message-ID."""
    found = (str(message_from_bytes(taken.content)["Message-ID"]) for taken in desk.world.sink.taken)
    return Counter(identity for identity in found if identity.startswith("<mp."))


@on_both
@pytest.mark.parametrize("breaks", [Fault.DROP, Fault.DROP_AFTER_TAKING])
async def test_each_letter_leaves_once_and_another_says_that_it_may_be_lost(desk: Desk, breaks: Fault) -> None:
    await matter_in_doubt(desk, breaks)
    await desk.leap(seconds=FOLLOW.total_seconds() + 1)
    for agent in (desk.anna, desk.ben):
        letter = await agent.receive("YOU MAY HAVE MISSED A MAIL")
        await agent.reply(letter, f"#note {agent.name} has it.")
    await desk.leap(days=1)
    assert max(arrivals(desk).values()) == 1
    assert len(arrivals(desk)) == len(await outbox.listing(limit=100)) - (0 if breaks is Fault.DROP_AFTER_TAKING else 3)


@on_both
async def test_if_that_may_be_lost_too_the_colleagues_hear(desk: Desk) -> None:
    await matter_in_doubt(desk, Fault.DROP)
    desk.world.sink.script("DOT", Fault.DROP, Fault.DROP)
    await desk.leap(seconds=FOLLOW.total_seconds() + 1)
    for agent in (desk.anna, desk.ben):
        letter = await agent.receive("PERHAPS MISSED by")
        assert "Our printer prints two pages and stops." in letter.content.decode()
    await desk.leap(days=1)
    assert max(arrivals(desk).values()) == 1
