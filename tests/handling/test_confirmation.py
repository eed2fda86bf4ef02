"""A mail in an agent's name without proof: nothing happens until the agent says yes at the registered address, once."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from mailproc.demo.people import link_of, text_of
from mailproc.store import history, tickets
from tests.testlib.by_hand import OURS, PROVEN, STRICT, Hand, by_hand
from tests.testlib.desk import SUPPORT

pytestmark = [pytest.mark.row("A1")]


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    async with by_hand(tmp_path, agents=STRICT) as hand:
        yield hand


async def held(hand: Hand, text: str = "#resolve\nInstall driver 4.2.", fields: dict[str, str] | None = None) -> int:
    """Clara has written, and somebody answers in Anna's name, with Anna's token."""
    await hand.write("clara", "It prints two pages.")
    return await hand.reply("anna", await hand.last("anna", "notification"), text, fields)


async def status() -> str:
    ticket = await tickets.view(1)
    assert ticket is not None
    return ticket.status.value


async def kinds(hand: Hand, name: str) -> list[str]:
    return [str(mail.header("Subject")) for mail in await hand.letters(name)]


FORGED = {
    "nothing": {},
    "a stranger's server": {"Authentication-Results": "mx.evil.example; dmarc=pass header.from=acme.example"},
    "our server's name with more": {"Authentication-Results": f"{OURS}.evil.example; dmarc=pass header.from=acme.example"},
    "in a comment": {"Authentication-Results": f"x.example ({OURS}; dmarc=pass header.from=acme.example); none"},
    "folded": {"Authentication-Results": f"x.example;\r\n {OURS}; dmarc=pass header.from=acme.example"},
    "failed": {"Authentication-Results": f"{OURS}; dmarc=fail header.from=acme.example"},
    "not aligned": {"Authentication-Results": f"{OURS}; dmarc=pass header.from=evil.example"},
    "only SPF and DKIM": {"Authentication-Results": f"{OURS}; spf=pass; dkim=pass header.d=acme.example"},
    "seals of nobody we know": {
        "Authentication-Results": f"{OURS}; arc=pass; dmarc=fail header.from=acme.example",
        "ARC-Seal": "i=1; a=rsa-sha256; d=evil.example; s=s; cv=none; b=aGk=",
        "ARC-Authentication-Results": "i=1; mx.evil.example; dmarc=pass header.from=acme.example",
    },
}  # fmt: skip


@pytest.mark.parametrize("fields", FORGED.values(), ids=FORGED)
async def test_without_proof_nothing_is_done_and_the_agent_is_asked(hand: Hand, fields: dict[str, str]) -> None:
    number = await held(hand, fields=fields)
    assert (await hand.reason(number)).startswith("nothing proves that the agent wrote this")
    assert await status() == "New"
    assert len(await hand.letters("clara")) == 1  # the acknowledgement
    (letter,) = await hand.letters("anna", "confirmation")
    assert "Install driver 4.2." in text_of(letter)
    assert not await hand.letters("ben", "confirmation")
    assert "driver" not in "".join(text_of(mail) for mail in await hand.letters("ben"))


@pytest.mark.parametrize("fields", ["", "#confirm\n", "Yes.\n", "Ja\n"])
async def test_a_yes_carries_out_what_the_held_mail_said_and_only_once(hand: Hand, fields: str) -> None:
    await held(hand)
    letter = await hand.last("anna", "confirmation")
    text = fields or "#confirm\n"
    first = await hand.reply("anna", letter, text)
    assert "proven by token, confirmed" in await hand.reason(first)
    assert await status() == "Resolved"
    assert "Install driver 4.2." in text_of(await hand.last("clara", "resolution"))
    again = await hand.reply("anna", letter, text)
    assert (await hand.reason(again)).startswith("confirmed too late, or once more")
    assert len(await hand.letters("clara", "resolution")) == 1
    assert "carried out already" in text_of(await hand.last("anna", "held"))
    told = [(entry.kind, entry.text) for entry in await history.of_ticket(1)]
    assert ("confirmed", "inbound 2 was theirs") in told
    assert any("proven by token, confirmed: " in text for kind, text in told if kind == "mail")


async def test_the_button_in_the_letter_confirms(hand: Hand) -> None:
    await held(hand)
    link = link_of(await hand.last("anna", "confirmation"), "Yes, that was me")
    address = link.removeprefix("mailto:").partition("?")[0].replace("%2B", "+").replace("%40", "@")
    assert link.endswith("body=%23confirm")
    await hand.write("anna", "#confirm", address, "[Acme #1] Yes, that was me")
    assert await status() == "Resolved"


async def test_what_was_attached_to_the_held_mail_goes_out_with_it(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.")
    to = (await hand.last("anna", "notification")).header("Reply-To")
    await hand.write("anna", "Here it is.", to, "Re: Printer", attachments=(("driver.txt", b"version 4.2"),))
    await hand.reply("anna", await hand.last("anna", "confirmation"), "yes")
    assert b"driver.txt" in (await hand.last("clara", "answer")).content


async def test_a_held_note_stays_a_note(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.")
    link = link_of(await hand.last("anna", "notification"), "Note")
    address = link.removeprefix("mailto:").partition("?")[0].replace("%2B", "+").replace("%40", "@")
    await hand.write("anna", "She is our largest customer.", address, "[Acme #1] Note")
    await hand.reply("anna", await hand.last("anna", "confirmation"), "yes")
    assert len(await hand.letters("clara")) == 1
    assert "largest customer" in text_of(await hand.last("ben", "notification"))


@pytest.mark.parametrize("words", ["No, that was not me!", "What is this?", "I did not write this", "Nein", "thanks"])
async def test_anything_but_a_yes_does_nothing(hand: Hand, words: str) -> None:
    await held(hand)
    number = await hand.reply("anna", await hand.last("anna", "confirmation"), words)
    assert (await hand.reason(number)).startswith("the agent was asked and did not say yes")
    assert await status() == "New"
    assert len(await hand.letters("clara")) == 1


@pytest.mark.row("A8")
async def test_a_robot_at_the_agent_s_address_confirms_nothing(hand: Hand) -> None:
    await held(hand)
    letter = await hand.last("anna", "confirmation")
    await hand.reply("anna", letter, "Yes", {"Auto-Submitted": "auto-replied"})
    assert await status() == "New"


@pytest.mark.row("A3")
@pytest.mark.parametrize("name", ["ben", "clara", "mallory"])
async def test_the_one_time_token_is_good_from_the_registered_address_only(hand: Hand, name: str) -> None:
    await held(hand)
    await hand.reply(name, await hand.last("anna", "confirmation"), "Yes", PROVEN)
    assert await status() == "New"
    assert not await hand.letters("clara", "resolution")


async def test_a_held_mail_waits_a_day_and_no_longer(hand: Hand) -> None:
    await held(hand)
    hand.clock.advance(timedelta(hours=24, seconds=1))
    number = await hand.reply("anna", await hand.last("anna", "confirmation"), "yes")
    assert (await hand.reason(number)).startswith("confirmed too late")
    assert await status() == "New"


async def test_an_agent_is_asked_once_an_hour_and_told_of_the_rest(hand: Hand) -> None:
    await held(hand)
    news = await hand.last("anna", "notification")
    for minutes in (1, 30):
        hand.clock.advance(timedelta(minutes=minutes))
        await hand.reply("anna", news, f"Try {minutes}.")
    assert len(await hand.letters("anna", "confirmation")) == 1
    hand.clock.advance(timedelta(minutes=30))
    await hand.reply("anna", news, "Once more.")
    letter = text_of(await hand.last("anna", "confirmation"))
    assert len(await hand.letters("anna", "confirmation")) == 2
    assert re.search(r"More mails in your name are held: on #1\.", letter)
    entries = [entry.text for entry in await history.of_ticket(1) if entry.kind == "held"]
    assert [("not asked" in text) for text in entries] == [False, True, True, False]
    assert [message.kind for message in await tickets.said(1, 10)] == ["held", "held", "held", "held", "customer"]


async def test_where_addresses_carry_no_token_the_letter_s_own_id_does(tmp_path: Path) -> None:
    server: dict[str, object] = {"host": "127.0.0.1", "security": "clear", "port": 9}
    box = {"address": SUPPORT, "team": "support", "plus_addressing": False, "imap": server, "smtp": server}
    async with by_hand(tmp_path, agents=STRICT, mailbox={"support": box}) as hand:
        await held(hand)
        letter = await hand.last("anna", "confirmation")
        assert letter.header("Reply-To") == SUPPORT
        assert "ref%3A" in link_of(letter, "Yes, that was me")
        await hand.reply("anna", letter, "yes")
        assert await status() == "Resolved"


async def test_proof_is_told_with_the_action(hand: Hand) -> None:
    number = await held(hand, fields=PROVEN)
    assert f"proven by token, authenticated: dmarc=pass for acme.example by {OURS}" in await hand.reason(number)
    assert await status() == "Resolved"


@pytest.mark.row("A2")
async def test_an_agent_who_writes_afresh_opens_a_ticket_and_reaches_no_customer(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.")
    await hand.write("anna", "#resolve\nInstall driver 4.2.", SUPPORT, "[Acme #1] Printer stops", fields=PROVEN)
    assert await status() == "New"
    assert len(await hand.letters("clara")) == 1
    assert await tickets.view(2) is not None


async def test_a_forwarder_whose_seals_are_trusted_may_vouch(tmp_path: Path) -> None:
    async with by_hand(tmp_path, agents={**STRICT, "trusted_arc_sealers": ["lists.example"]}) as hand:
        number = await held(
            hand,
            fields={
                "Authentication-Results": f"{OURS}; arc=pass; dmarc=fail header.from=acme.example",
                "ARC-Seal": "i=1; a=rsa-sha256; d=lists.example; s=s; cv=none; b=aGk=",
                "ARC-Authentication-Results": "i=1; mx.lists.example; dmarc=pass header.from=acme.example",
            },
        )
        assert "proven by token, sealed: arc=pass" in await hand.reason(number)
        assert await status() == "Resolved"


async def test_two_confirmations_at_once_are_one_and_no_fault_of_anybody(
    hand: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    await held(hand)
    asked = await hand.last("anna", "confirmation")
    with patch.object(hand.app._handler, "work_off"):  # both lie in the spool before either is looked at
        numbers = [await hand.reply("anna", asked, "#confirm") for _ in range(2)]
    for _ in range(3):
        await hand.app._handler.work_off()
    assert len(await hand.letters("clara", "resolution")) == 1
    assert (await hand.reason(numbers[1])).startswith("confirmed too late, or once more")
    assert not [record for record in caplog.records if record.exc_info]
