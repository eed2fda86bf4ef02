"""Which letters to agents another one follows when nobody can know whether they arrived: those that bring somebody's words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mailproc.store import outbox
from tests.testlib.by_hand import PROVEN, STRICT, Hand, by_hand


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    async with by_hand(tmp_path, agents=STRICT) as hand:
        await hand.write("clara", "It prints two pages.")
        yield hand


async def followed() -> tuple[str, bool]:
    """The newest letter, and whether its reader is told."""
    (row,) = await outbox.listing(limit=1)
    return row.letter, row.followed


async def to_the_ticket(hand: Hand, text: str, fields: dict[str, str] | None = None) -> None:
    await hand.reply("anna", await hand.last("anna", "notification"), text, PROVEN if fields is None else fields)


@pytest.mark.row("C10")
async def test_a_receipt_is_not_but_for_one_that_says_that_an_answer_was_not_sent(hand: Hand) -> None:
    await to_the_ticket(hand, "#close")
    assert await followed() == ("receipt", False)
    await to_the_ticket(hand, "#resolve\nInstall driver 4.2.")
    assert not await hand.letters("clara", "resolution")
    assert await followed() == ("receipt", True)


@pytest.mark.row("C10")
async def test_nor_one_to_a_customer_who_has_no_address(hand: Hand) -> None:
    await hand.arrives(b"Subject: Fax\r\n\r\nIt is me.\r\n")
    await to_the_ticket(hand, "Who are you?")
    assert await followed() == ("receipt", True)


@pytest.mark.row("C10")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("list", False),
        ("1 take", False),
        ("#1 note It is the driver.", False),
        ("#99 note It is the driver.", True),
        ("#1 note It is the driver; 1 frobnicate", True),
    ],
)
async def test_a_list_is_not_but_for_one_that_says_that_nothing_was_done(hand: Hand, text: str, expected: bool) -> None:
    await hand.write("anna", "list", subject="list", fields=PROVEN)
    await hand.reply("anna", await hand.last("anna", "digest"), text, PROVEN)
    assert await followed() == ("digest", expected)


@pytest.mark.row("C10")
async def test_nor_one_that_says_that_the_agent_is_not_proven(hand: Hand) -> None:
    await hand.write("anna", "list", subject="list", fields=PROVEN)
    await hand.reply("anna", await hand.last("anna", "digest"), "#1 note It is the driver.")
    assert await followed() == ("digest", True)


@pytest.mark.row("C10")
async def test_what_brings_somebodys_words_is(hand: Hand) -> None:
    assert await followed() == ("notification", True)
    await to_the_ticket(hand, "Install driver 4.2.", {})
    assert await followed() == ("confirmation", True)
    await to_the_ticket(hand, "#frobnicate\nInstall driver 4.2.")
    assert await followed() == ("held", True)
