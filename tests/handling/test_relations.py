"""Merged, split and linked tickets, as they stand, and where mail goes then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from mailproc.core.lifecycle import Status
from mailproc.demo.people import text_of
from mailproc.store import history, links, tickets, undo
from tests.handling.test_fields import ticket
from tests.testlib.by_hand import Hand, by_hand


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    """Clara's tickets 1 and 2."""
    async with by_hand(tmp_path) as hand:
        await hand.write("clara", "It prints two pages.")
        await hand.write("clara", "And now it smokes.", subject="Smoke")
        yield hand


async def said(number: int) -> list[str]:
    return [each.text for each in reversed(await tickets.said(number, 20))]


async def test_both_threads_go_on_in_one(hand: Hand) -> None:
    acknowledged, other = await hand.letters("clara", "acknowledgement")
    news, _ = await hand.letters("anna", "notification")
    await hand.reply("ben", (await hand.letters("ben", "notification"))[1], "#assign me")
    await hand.reply("anna", news, "#merge 2")
    assert (await ticket()).status is Status.CLOSED
    assert (await ticket()).merged_into == 2
    assert "goes on in ticket 2" in text_of(await hand.last("anna", "receipt"))
    assert "your ticket 2" in text_of(await hand.last("clara", "closure"))
    assert "ticket 1 goes on in this one" in text_of(await hand.last("ben", "notification"))
    await hand.reply("clara", acknowledged, "It stops after page three.")
    await hand.reply("clara", other, "It smokes less.")
    await hand.reply("anna", news, "Please switch it off.")
    assert (await said(2))[1:] == ["It stops after page three.", "It smokes less.", "Please switch it off."]
    assert await said(1) == ["It prints two pages."]
    assert "[Acme #2]" in (await hand.last("clara", "answer")).header("Subject")
    await hand.write(
        "clara", "One more thing.", subject="Re: Printer stops", fields={"References": "<1@customer.example>"}
    )
    assert (await said(2))[-1] == "One more thing."
    assert [each.text for each in await history.of_ticket(2) if each.kind == "merged"] == ["takes in #1"]


async def test_a_chain_is_followed_to_its_end_and_never_round_in_circles(hand: Hand) -> None:
    await hand.write("clara", "And it burns.", subject="Fire")
    one, two, three = await hand.letters("anna", "notification")
    await hand.reply("anna", one, "#merge 2")
    await hand.reply("anna", two, "#merge 3")
    await hand.reply("anna", three, "#merge 1")
    assert "NOT DONE: that is this ticket itself" in text_of(await hand.last("anna", "receipt"))
    assert [(await ticket(number)).merged_into for number in (1, 2, 3)] == [2, 3, None]
    await hand.reply("clara", (await hand.letters("clara", "acknowledgement"))[0], "It stops.")
    assert (await said(3))[-1] == "It stops."
    await tickets.save(3, {"merged_into_id": 1})  # nothing of ours does that
    assert await tickets.living(1) is not None


async def test_tickets_of_two_customers_are_linked_and_not_merged(hand: Hand) -> None:
    await hand.write("dieter", "Er druckt nicht.", subject="Drucker")
    one = (await hand.letters("anna", "notification"))[0]
    letters = len(await hand.letters("dieter"))
    await hand.reply("anna", one, "#merge 3")
    assert "another customer's" in text_of(await hand.last("anna", "receipt"))
    assert (await ticket()).merged_into is None
    await hand.reply("anna", one, "#link 3\n#link 2")
    assert await links.of_ticket(1) == [2, 3]
    assert await links.of_ticket(3) == [1]
    await hand.reply("anna", one, "#link -3")
    assert await links.of_ticket(1) == [2]
    assert len(await hand.letters("dieter")) == letters


async def test_the_message_of_the_notification_that_is_answered_begins_a_ticket(hand: Hand) -> None:
    acknowledged = (await hand.letters("clara", "acknowledgement"))[0]
    await hand.reply("clara", acknowledged, "By the way, where is my invoice?")
    about_invoice = await hand.last("anna", "notification")
    await hand.reply("clara", acknowledged, "It still stops.")
    count = len(await hand.letters("clara", "acknowledgement"))
    await hand.reply("anna", about_invoice, "#split Invoice\nDear Clara,\n\nhere it is.")
    new = await ticket(3)
    assert (new.subject, new.owner, new.status, new.previous) == ("Invoice", "anna", Status.IN_PROGRESS, 1)
    assert await said(3) == ["By the way, where is my invoice?", "Dear Clara,\n\nhere it is."]
    assert await links.of_ticket(1) == [3]
    answer = await hand.last("clara", "answer")
    assert "[Acme #3]" in answer.header("Subject")
    assert len(await hand.letters("clara", "acknowledgement")) == count
    receipt = await hand.last("anna", "receipt")
    assert "Ticket 3 is new, split off ticket 1." in text_of(receipt)
    await hand.reply("clara", answer, "Thank you, found it.")
    await hand.reply("anna", receipt, "#resolve")
    assert (await said(3))[2:] == ["Thank you, found it."]
    assert (await ticket(3)).status is Status.RESOLVED
    assert (await ticket(1)).status is Status.NEW


@pytest.mark.parametrize("text", ["#merge 2", "#link 2", "#split Invoice\nHere it is."])
async def test_all_of_it_can_be_undone(hand: Hand, text: str) -> None:
    acknowledged = (await hand.letters("clara", "acknowledgement"))[0]
    await hand.reply("clara", acknowledged, "Where is my invoice?")
    before = await undo.capture([1, 2, 3])
    await hand.reply("anna", await hand.last("anna", "notification"), text)
    assert await undo.capture([1, 2, 3]) != before
    await hand.reply("anna", await hand.last("anna", "receipt"), "#undo")
    assert await undo.capture([1, 2, 3]) == before
    await hand.reply("clara", acknowledged, "It still stops.")
    assert (await said(1))[-1] == "It still stops."


async def test_a_ticket_that_was_split_off_stays_once_a_colleague_wrote_on_it(hand: Hand) -> None:
    await hand.reply("clara", (await hand.letters("clara", "acknowledgement"))[0], "Where is my invoice?")
    await hand.reply("anna", await hand.last("anna", "notification"), "#split Invoice\n#assign ben")
    receipt = await hand.last("anna", "receipt")
    hand.clock.advance(timedelta(minutes=1))
    await hand.reply("ben", await hand.last("ben", "notification"), "#note\nIt was never written.")
    await hand.reply("anna", receipt, "#undo 1")
    assert "It was never written." in await said(3)
    assert "NOT UNDONE" in text_of(await hand.last("anna", "receipt")).upper()


async def test_without_an_answered_message_the_last_one_begins_it(hand: Hand) -> None:
    await hand.reply("clara", (await hand.letters("clara", "acknowledgement"))[0], "It still stops.")
    await hand.reply("anna", (await hand.letters("anna", "notification"))[0], "#note\nwait")
    await hand.reply("anna", await hand.last("anna", "receipt"), "#split")
    assert await said(3) == ["It still stops."]
    assert not await hand.letters("clara", "answer")


async def test_an_answer_to_an_old_mail_reaches_who_could_be_seen_there(hand: Hand) -> None:
    """Nobody is written to whom the first line of the mail that is answered did not name."""
    chief, news = "chief@customer.example", (await hand.letters("anna", "notification"))[0]
    await hand.reply("anna", (await hand.letters("anna", "notification"))[1], f"#accept {chief}")
    await hand.reply("anna", news, "#merge 2")
    hand.clock.advance(timedelta(minutes=1))
    await hand.reply("anna", news, "Please switch it off.")
    answer = await hand.last("clara", "answer")
    assert not answer.header("Cc")
    assert not [letter for letter in await hand.letters() if letter.recipient == chief]
    receipt = " ".join(text_of(await hand.last("anna", "receipt")).split())
    assert f"NOT sent to {chief}" in receipt
    assert f"Sent to clara@customer.example, {chief}" not in receipt
    await hand.reply("clara", answer, "Off it is.")
    hand.clock.advance(timedelta(minutes=1))
    await hand.reply("anna", await hand.last("anna", "notification"), "Thank you.")
    assert chief in (await hand.last("clara", "answer")).header("Cc")
    assert len([letter for letter in await hand.letters() if letter.recipient == chief]) == 1


async def test_so_does_one_that_was_held(hand: Hand) -> None:
    chief, news = "chief@customer.example", (await hand.letters("anna", "notification"))[0]
    await hand.reply("anna", (await hand.letters("anna", "notification"))[1], f"#accept {chief}")
    await hand.reply("anna", news, "#merge 2")
    hand.clock.advance(timedelta(minutes=1))
    for choice in ("#send", "Please switch it off."):
        await hand.reply("anna", news, "Internal only: switch it off.")
        await hand.reply("anna", await hand.last("anna", "held"), choice)
        assert f"NOT sent to {chief}" in " ".join(text_of(await hand.last("anna", "receipt")).split())
    assert len(await hand.letters("clara", "answer")) == 2
    assert not [letter for letter in await hand.letters() if letter.recipient == chief]


async def test_linked_tickets_stand_among_the_facts_as_they_are_now(hand: Hand) -> None:
    one, two = await hand.letters("anna", "notification")
    await hand.reply("anna", one, "#link 2")
    await hand.reply("anna", two, "#resolve")
    await hand.reply("clara", (await hand.letters("clara", "acknowledgement"))[0], "It stops after page three.")
    assert "Linked: #2 Smoke: Resolved" in text_of(await hand.last("anna", "notification"))
