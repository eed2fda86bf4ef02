"""What a notification tells beside the customer's words: whose ticket it is, what was before, what clients can sort by."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mailproc.core.message import Address
from mailproc.demo.people import text_of
from mailproc.store import people
from tests.testlib.by_hand import Hand, by_hand
from tests.testlib.desk import PEOPLE


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    async with by_hand(tmp_path) as hand:
        yield hand


async def words(hand: Hand) -> str:
    return " ".join(text_of(await hand.last("anna", "notification")).split())


async def test_the_first_one_tells_of_no_other_ticket(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.")
    assert "Customer: Clara" in await words(hand)
    assert "Before:" not in await words(hand)


async def test_earlier_tickets_stand_there_with_their_outcome_and_rating(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.")
    await hand.reply("anna", await hand.last("anna", "notification"), "#resolve driver\nInstall it.")
    await hand.reply("clara", await hand.last("clara", "resolution"), "Yes, it is solved.")
    await hand.reply("clara", await hand.last("clara", "survey"), "4")
    await hand.write("clara", "Now it is the scanner.", subject="Scanner")
    assert "Before: #1 Printer stops: solved, they said, rated 4" in await words(hand)


async def test_what_the_operator_knows_of_a_customer_stands_there(hand: Hand) -> None:
    customer = people.Known(Address(PEOPLE["clara"][1], "Clara Jones"), "Customer & Sons", vip=True)
    await people.learn([customer], hand.clock.now())
    await hand.write("clara", "It prints two pages.")
    assert "Customer: Clara Jones, Customer & Sons (VIP), English" in await words(hand)


async def test_mail_clients_can_sort_by_its_header(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.")
    letter = await hand.last("anna", "notification")
    fields = {name: letter.header(f"X-Mailproc-{name}") for name in ("Ticket", "Status", "Priority", "News")}
    assert fields == {"Ticket": "1", "Status": "New", "Priority": "P3", "News": "new"}
