"""Spam, blocked people and matters of security, as they stand afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mailproc.core.lifecycle import Status
from mailproc.demo.people import text_of
from mailproc.store import blocking, tickets
from tests.handling.test_fields import commanded, ticket
from tests.testlib.by_hand import Hand, by_hand, decoded

_TEAMS: dict[str, object] = {"support": {"members": ["anna", "ben"]}, "security": {"members": ["ben"]}}
_SUPPORT = "support@acme.example"


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    """Clara's ticket 1; Ben alone is in the team for security."""
    async with by_hand(tmp_path, team=_TEAMS, desk={"security_team": "security"}) as hand:
        await hand.write("clara", "It prints two pages.")
        yield hand


async def test_a_blocked_person_is_heard_by_nobody_until_unblocked(hand: Hand) -> None:
    await commanded(hand, "#block")
    assert (await ticket()).status is Status.CLOSED
    assert [each.address for each in await blocking.blocked()] == ["clara@customer.example"]
    letters = len(await hand.letters())
    number = await hand.write("clara", "Buy now!", subject="Offer")
    await hand.reply("clara", await hand.last("clara", "acknowledgement"), "Buy this, too!")
    assert (await hand.reason(number)).startswith("an agent wants no more mail of this person")
    assert len(await hand.letters()) == letters
    assert [each.text for each in await tickets.said(1, 2)] == ["Buy this, too!", "Buy now!"]
    assert await blocking.unblock("Clara@customer.example")
    assert not await blocking.unblock("Clara@customer.example")
    await hand.write("clara", "Please help.", subject="Help")
    assert (await ticket(2)).status is Status.NEW


async def test_a_matter_of_security_is_told_to_its_team_alone(hand: Hand) -> None:
    await commanded(hand, "#assign me")
    await commanded(hand, "#security\nHe sent his password.")
    assert (await ticket()).restricted
    assert (await ticket()).owner == ""
    assert "A MATTER OF SECURITY" in text_of(await hand.last("ben", "notification"))
    before = len(await hand.letters("anna", "notification"))
    await hand.reply("clara", await hand.last("clara", "acknowledgement"), "My password is 1234.")
    assert len(await hand.letters("anna", "notification")) == before
    assert "1234" in text_of(await hand.last("ben", "notification"))
    assert "NOT DONE" in await commanded(hand, "#priority p1")
    assert (await ticket()).priority == "P3"
    await hand.reply("ben", await hand.last("ben", "notification"), "#remind in 1 hour")
    assert "You are told of it" in text_of(await hand.last("ben", "receipt"))


async def test_what_became_a_matter_of_security_is_undone_and_told_by_no_outsider(hand: Hand) -> None:
    await commanded(hand, "#security")
    await hand.reply("ben", await hand.last("ben", "notification"), "#note\nHis password is 1234.")
    await hand.write("clara", "The scanner, too.", subject="Scanner")
    await hand.reply("anna", await hand.last("anna", "notification"), "#undo 1")
    assert (await ticket()).restricted
    told = text_of(await hand.last("anna", "receipt"))
    assert "NOT UNDONE" in told.upper()
    assert "ben" not in told.casefold()


async def test_outsiders_are_not_told_of_it_with_the_customer_s_next_ticket(hand: Hand) -> None:
    await commanded(hand, "#security")
    await hand.write("clara", "The scanner, too.", subject="Scanner")
    told = text_of(await hand.last("anna", "notification"))
    assert "The scanner, too." in told
    assert "Printer stops" not in told


async def test_nor_with_a_ticket_it_is_linked_with(hand: Hand) -> None:
    await hand.write("clara", "The scanner, too.", subject="Scanner")
    first = (await hand.letters("anna", "notification"))[0]
    await hand.reply("anna", first, "#link 2")
    await hand.reply("anna", first, "#security")
    await hand.reply("clara", (await hand.letters("clara", "acknowledgement"))[1], "It beeps.")
    anna, ben = [text_of(await hand.last(name, "notification")) for name in ("anna", "ben")]
    assert "Linked: #1 Printer stops" in ben
    assert "Linked" not in anna


async def test_another_team_gets_the_customer_s_mail_as_it_came(hand: Hand) -> None:
    await commanded(hand, "#handoff mallory@stranger.example\nYours, I think.")
    [mail] = await hand.letters("mallory")
    assert "Yours, I think." in text_of(mail)
    assert "It prints two pages." in decoded(mail)
    closure = text_of(await hand.last("clara", "closure"))
    assert "Another team takes care of this" in closure
    assert "mallory" not in closure
    assert (await ticket()).status is Status.CLOSED


async def test_a_team_with_a_name_is_named_to_the_customer(tmp_path: Path) -> None:
    async with by_hand(tmp_path, desk={"name": "Acme Support", "handoff": {"Sales": "sales@other.example"}}) as hand:
        await hand.write("clara", "What does a new one cost?")
        await hand.reply("anna", await hand.last("anna", "notification"), "#handoff sales\nYours, I think.")
        assert "Another team (Sales) takes care of this" in text_of(await hand.last("clara", "closure"))


async def test_a_matter_is_handed_to_nobody_who_can_t_be_written_to(hand: Hand) -> None:
    news = await hand.last("anna", "notification")
    number = await hand.reply("anna", news, "#handoff a@א1.example\nPlease look.")
    assert (await hand.reason(number)).startswith("a command was not understood")
