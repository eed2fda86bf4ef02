"""What agents set by command, as it stands on the ticket afterwards, and what people are told of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mailproc.core.facts import TicketView
from mailproc.demo.people import text_of
from mailproc.store import history, tickets
from tests.testlib.by_hand import Hand, by_hand

_CHIEF = "chief@customer.example"


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    """Clara's ticket 1, which Anna has heard of."""
    async with by_hand(tmp_path) as hand:
        await hand.write("clara", "It prints two pages.", cc="mallory@stranger.example")
        yield hand


async def commanded(hand: Hand, text: str, name: str = "anna") -> str:
    """An agent answers the notification; the receipt."""
    await hand.reply(name, await hand.last(name, "notification"), text)
    return text_of(await hand.last(name, "receipt"))


async def ticket(number: int = 1) -> TicketView:
    found = await tickets.view(number)
    assert found is not None
    return found


async def test_everything_at_once(hand: Hand) -> None:
    commands = f"#prio p1\n#category Hardware\n#tag +printer\n#time 25\n#kb\n#cause worn cable\n#cc +{_CHIEF}"
    receipt = await commanded(hand, f"{commands}\n#uncc mallory@stranger.example\n\nPlease wait.")
    now = await ticket()
    assert (now.priority, now.category, now.tags) == ("P1", "Hardware", ("printer",))
    assert (now.minutes_spent, now.article_wanted, now.cause) == (25, True, "worn cable")
    assert [person.address for person in now.copied] == [_CHIEF]
    assert "Please wait." in text_of(await hand.last("chief", "answer"))
    assert not await hand.letters("mallory", "answer")
    for told in ("Priority: P1.", "Category: Hardware.", "Tagged: printer.", "0:25 h", "knowledge base", "worn cable"):
        assert told in receipt
    noted = [entry.text for entry in await history.of_ticket(1) if entry.kind == "field"]
    assert "priority: P3 -> P1" in noted


async def test_the_customer_is_told_the_date_and_not_that_it_is_taken_back(hand: Hand) -> None:
    await commanded(hand, "#eta 24.12. 12:00")
    [told] = await hand.letters("clara", "status")
    assert "24 December, 12:00 (your" in text_of(told)
    await commanded(hand, "#eta off")
    assert len(await hand.letters("clara", "status")) == 1
    assert (await ticket()).eta_at is None


async def test_whoever_is_taken_out_is_a_stranger(hand: Hand) -> None:
    await commanded(hand, "Please restart it.")
    answer = await hand.last("mallory", "answer")
    await commanded(hand, "#uncc mallory@stranger.example")
    number = await hand.reply("mallory", answer, "What did they say?")
    assert (await hand.reason(number)).startswith("a stranger wrote")


async def test_a_canned_answer_is_shown_first_and_sent_by_one_tap(hand: Hand) -> None:
    await hand.reply("anna", await hand.last("anna", "notification"), "#tpl reset-password?")
    shown = text_of(await hand.last("anna", "held"))
    assert "Hello Clara Jones," in shown
    assert "body=%23tpl%20reset-password>" in shown
    assert not await hand.letters("clara", "answer")
    await hand.reply("anna", await hand.last("anna", "held"), "#tpl reset-password")
    assert "Hello Clara Jones," in text_of(await hand.last("clara", "answer"))
