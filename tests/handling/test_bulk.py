"""Many tickets by one mail: what is told of them, and how it is taken back, one by one or all at once."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest

from mailproc.core.lifecycle import Status
from mailproc.demo.people import link_of, text_of
from mailproc.store import tickets
from tests.testlib.by_hand import Hand, by_hand


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    """Two tickets, and what agents send waits for five minutes."""
    async with by_hand(tmp_path, safety={"hold": "5m"}) as hand:
        await hand.write("clara", "It prints two pages.")
        await hand.write("dieter", "Mine, too.", subject="Other printer")
        yield hand


async def tells(hand: Hand, words: str, link: str = "") -> str:
    """Anna writes to her own address; what comes back."""
    hand.clock.advance(timedelta(seconds=30))
    link = link or link_of(await hand.last("anna", "notification"), "My queue")
    await hand.write("anna", words, unquote(link.removeprefix("mailto:").partition("?")[0]))
    return text_of(await hand.last("anna", "digest"))


async def stands() -> list[tuple[Status, str]]:
    return [(found.status, found.owner) for number in (1, 2) if (found := await tickets.view(number)) is not None]


async def test_each_line_says_how_it_is_undone(hand: Hand) -> None:
    told = await tells(hand, "#1,#2 assign ben; #99 close")
    lines = re.findall(r"(?m)^    (#\d+ undo \d+)$", told)
    assert [line.partition(" ")[0] for line in lines] == ["#1", "#2"]
    assert await stands() == [(Status.ASSIGNED, "ben")] * 2
    told = await tells(hand, lines[1])
    assert "Undone: everything is as it was" in " ".join(told.split())
    assert not re.search(r"undo \d", told)  # there is nothing to undo about that
    assert await stands() == [(Status.ASSIGNED, "ben"), (Status.NEW, "")]
    assert "NOT UNDONE: it was undone already" in await tells(hand, lines[1])


async def test_one_tap_undoes_it_all(hand: Hand) -> None:
    await tells(hand, "#1,#2 done")
    assert {status for status, _ in await stands()} == {Status.RESOLVED}
    link = link_of(await hand.last("anna", "digest"), "Undo it all")
    await tells(hand, unquote(link.partition("body=")[2]), link)
    assert await stands() == [(Status.NEW, "")] * 2
    assert not [letter for letter in await hand.letters() if "resolution" in letter.header("Subject")]
    assert not await hand.letters("clara", "resolution")
    assert not await hand.letters("dieter", "resolution")


async def test_one_action_named_twice_is_undone_once(hand: Hand) -> None:
    told = await tells(hand, "#1 assign ben")
    (number,) = re.findall(r"#1 undo (\d+)", told)
    told = await tells(hand, f"#1 undo {number}\n#2 undo {number}")
    assert "Undone: everything is as it was" in " ".join(told.split())
    assert "NOT UNDONE" in told
    assert await stands() == [(Status.NEW, "")] * 2


async def test_what_others_did_since_is_not_undone(hand: Hand) -> None:
    told = await tells(hand, "#1,#2 assign anna")
    await hand.reply("ben", (await hand.letters("ben", "notification"))[0], "#assign ben")
    link = link_of(await hand.last("anna", "digest"), "Undo it all")
    told = await tells(hand, unquote(link.partition("body=")[2]), link)
    assert "Ben" in told or "ben" in told
    assert await stands() == [(Status.ASSIGNED, "ben"), (Status.NEW, "")]


async def test_beside_another_command_for_the_ticket_it_is_not_understood(hand: Hand) -> None:
    await tells(hand, "#1 assign ben")
    assert "NOT DONE" in await tells(hand, "#1 undo; #1 close")
    assert (await stands())[0] == (Status.ASSIGNED, "ben")


async def test_a_ticket_given_to_somebody_who_is_away_is_given_and_the_receipt_says_so(hand: Hand) -> None:
    news = await hand.last("ben", "notification")
    await hand.reply("ben", news, "#away until monday 9:00")
    first = (await hand.letters("anna", "notification"))[0]
    await hand.reply("anna", first, "#assign ben")
    receipt = " ".join(text_of(await hand.last("anna", "receipt")).split())
    assert re.search(r"Ben is away until Mon 2\d Nov 0?9:00", receipt)
    assert (await stands())[0] == (Status.ASSIGNED, "ben")
    assert "Ben is away until" in " ".join((await tells(hand, "#2 assign ben")).split())
    await hand.reply("ben", news, "#back")
    hand.clock.advance(timedelta(minutes=1))
    await hand.reply("anna", first, "#assign anna")
    await hand.reply("anna", first, "#assign ben")
    assert "is away" not in text_of(await hand.last("anna", "receipt"))


@pytest.mark.parametrize("number", [99, 1])
async def test_only_a_ticket_that_there_is_can_be_muted(hand: Hand, number: int) -> None:
    refused = number == 99
    told = await tells(hand, f"mute {number}")
    assert ("NOT DONE: there is no such ticket" in told) == refused
    await hand.reply("anna", await hand.last("anna", "notification"), f"#mute {number}")
    receipt = text_of(await hand.last("anna", "receipt"))
    assert ("NOT DONE: there is no such ticket" in receipt) == refused
    assert ("hear nothing more" in receipt) != refused
