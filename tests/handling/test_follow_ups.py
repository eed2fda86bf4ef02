"""Tickets put off and reminders, as they come due."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from mailproc.demo.people import text_of
from tests.handling.test_fields import commanded, ticket
from tests.testlib.by_hand import Hand, by_hand


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    """Clara's ticket 1, Anna's."""
    async with by_hand(tmp_path) as hand:
        await hand.write("clara", "It prints two pages.")
        await commanded(hand, "#assign me")
        yield hand


async def passes(hand: Hand, **by: float) -> int:
    """Time; what became due meanwhile."""
    hand.clock.advance(timedelta(**by))
    for poller in hand.app._pollers:
        poller.heard_until = hand.clock.now()
    return await hand.app._scheduler.carry_out_due()


async def told(hand: Hand, name: str = "anna") -> list[str]:
    """How the news an agent got begin, but for those of the new ticket."""
    return [text_of(mail) for mail in (await hand.letters(name, "notification"))[1:]]


async def test_a_ticket_put_off_comes_back_when_said_last(hand: Hand) -> None:
    await commanded(hand, "#snooze in 2 hours")
    await commanded(hand, "#snooze in 4 hours")
    assert (await ticket()).snoozed_until == hand.clock.now() + timedelta(hours=4)
    assert await passes(hand, hours=3) == 0
    assert await passes(hand, hours=1) == 1
    assert (await ticket()).snoozed_until is None
    [news] = await told(hand)
    assert "BACK: put off until now" in news


async def test_the_customer_wakes_it_and_then_it_does_not_come_back_again(hand: Hand) -> None:
    await commanded(hand, "#snooze in 2 hours")
    await hand.reply("clara", await hand.last("clara", "acknowledgement"), "Any news?")
    assert (await ticket()).snoozed_until is None
    assert await passes(hand, hours=3) == 0
    assert len(await told(hand)) == 1


async def test_reminders_stand_side_by_side_and_outlive_the_closing(hand: Hand) -> None:
    await commanded(hand, "#remind in 2 hours\n#remind in 4 hours")
    await commanded(hand, "#remind in 2 hours\n#close")
    assert await passes(hand, hours=2) == 2
    assert await passes(hand, hours=2) == 1
    assert [news.count("REMINDER: you asked") for news in await told(hand)] == [1, 1, 1]


async def test_reminders_are_called_off(hand: Hand) -> None:
    await commanded(hand, "#remind in 2 hours")
    await commanded(hand, "#remind off")
    assert await passes(hand, hours=3) == 0
