"""A mail the safety catch holds waits for its agent: sent, kept as a note, discarded or written again, once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest

from mailproc.demo.people import link_of, text_of
from mailproc.store import tickets
from tests.testlib.by_hand import PROVEN, STRICT, Hand, by_hand

TO_COLLEAGUES = "Internal only: it is the driver."


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    async with by_hand(tmp_path, agents={**STRICT, "trust": "token"}) as hand:
        await hand.write("clara", "It prints two pages.")
        yield hand


async def says(hand: Hand, text: str, name: str = "anna") -> int:
    """Answers the first notification, a minute after whatever was before."""
    hand.clock.advance(timedelta(minutes=1))
    return await hand.reply(name, (await hand.letters(name, "notification"))[0], text)


async def chooses(hand: Hand, text: str, name: str = "anna") -> int:
    hand.clock.advance(timedelta(minutes=1))
    return await hand.reply(name, await hand.last(name, "held"), text)


async def got(hand: Hand, kind: str = "answer") -> list[str]:
    return [text_of(mail) for mail in await hand.letters("clara", kind)]


async def kinds() -> list[str]:
    return [each.kind for each in reversed(await tickets.said(1, 20))]


async def test_nothing_leaves_and_the_letter_says_why(hand: Hand) -> None:
    number = await says(hand, TO_COLLEAGUES)
    assert "internal_words: Internal only" in await hand.reason(number)
    letter = text_of(await hand.last("anna", "held"))
    assert "NOT SENT" in letter
    assert TO_COLLEAGUES in letter
    assert not await got(hand)
    assert not await hand.letters("ben", "held")


@pytest.mark.parametrize("word", ["#send", "#Send", "Yes", "#send\n\nBest regards\nAnna", "#send-as-is"])
async def test_send_sends_it_once(hand: Hand, word: str) -> None:
    await says(hand, TO_COLLEAGUES)
    await chooses(hand, word)
    assert [TO_COLLEAGUES in text for text in await got(hand)] == [True]
    assert "Sent to clara@customer.example" in text_of(await hand.last("anna", "receipt"))
    first = (await hand.letters("anna", "held"))[0]
    await hand.reply("anna", first, word)
    assert len(await got(hand)) == 1
    assert "carried out already" in text_of(await hand.last("anna", "held"))


async def test_the_buttons_do_what_they_say(hand: Hand) -> None:
    await says(hand, TO_COLLEAGUES)
    letter = await hand.last("anna", "held")
    for button, word in (("Send as it stands", "#send"), ("Make it a note", "#note"), ("Discard", "#discard")):
        to, _, rest = link_of(letter, button).removeprefix("mailto:").partition("?")
        assert unquote(to) == letter.header("Reply-To")
        assert f"body={word}" in unquote(rest)


async def test_a_note_stays_inside_and_its_commands_are_not_carried_out(hand: Hand) -> None:
    await says(hand, f"#resolve\n{TO_COLLEAGUES}")
    await chooses(hand, "#note\nFor you, Ben:")
    assert (await kinds())[-1] == "note"
    note = next(each for each in await tickets.said(1, 1))
    assert note.text == f"For you, Ben:\n\n#resolve\n{TO_COLLEAGUES}"
    assert TO_COLLEAGUES in text_of((await hand.letters("ben", "notification"))[-1])
    assert len(await hand.letters("clara")) == 1  # the acknowledgement
    ticket = await tickets.view(1)
    assert ticket is not None
    assert ticket.status == "New"


@pytest.mark.parametrize("word", ["#discard", "\u200fno", "\u200e #discard\u200f"])
async def test_what_is_discarded_is_gone(hand: Hand, word: str) -> None:
    await says(hand, TO_COLLEAGUES)
    await chooses(hand, word)
    assert "discarded" in text_of(await hand.last("anna", "receipt"))
    await hand.reply("anna", (await hand.letters("anna", "held"))[0], "#send")
    assert not await got(hand)


async def test_other_words_take_its_place(hand: Hand) -> None:
    await says(hand, TO_COLLEAGUES)
    await chooses(hand, "Please install driver 4.2.")
    assert ["driver 4.2" in text for text in await got(hand)] == [True]
    await hand.reply("anna", (await hand.letters("anna", "held"))[0], "#send")
    assert len(await got(hand)) == 1


async def test_other_words_are_looked_at_like_the_first(hand: Hand) -> None:
    await says(hand, TO_COLLEAGUES)
    await chooses(hand, "Please find the driver attached.")
    assert len(await hand.letters("anna", "held")) == 2
    assert not await got(hand)
    await chooses(hand, "#send")
    assert ["driver attached" in text for text in await got(hand)] == [True]


async def test_words_below_the_choice_are_not_swallowed(hand: Hand) -> None:
    await says(hand, TO_COLLEAGUES)
    await chooses(hand, "#send\nBut tell her about the paper, too.")
    assert not await got(hand)
    assert "#send" in text_of(await hand.last("anna", "held"))


async def test_it_waits_for_a_day_only(hand: Hand) -> None:
    await says(hand, TO_COLLEAGUES)
    hand.clock.advance(timedelta(hours=25))
    await chooses(hand, "#send")
    assert not await got(hand)
    assert "waited too long" in text_of(await hand.last("anna", "held"))


async def test_nobody_else_decides(hand: Hand) -> None:
    await says(hand, TO_COLLEAGUES)
    letter = await hand.last("anna", "held")
    for name in ("ben", "clara", "mallory"):
        await hand.reply(name, letter, "#send")
    assert not await got(hand)


async def test_a_command_is_carried_out_as_it_was_meant(hand: Hand) -> None:
    await says(hand, "#resovle driver\nInstall driver 4.2.")
    letter = await hand.last("anna", "held")
    assert "body=#send-as-is" in unquote(link_of(letter, "Send as it stands"))
    assert "Send as meant" in text_of(letter)
    await chooses(hand, "#send")
    (resolution,) = await got(hand, "resolution")
    assert "Install driver 4.2." in resolution
    assert "resovle" not in resolution


async def test_or_goes_out_as_words(hand: Hand) -> None:
    await says(hand, "#assign me\n#xyzzy is the left button.\nPress it.")
    assert "Send as meant" not in text_of(await hand.last("anna", "held"))
    await chooses(hand, "#send")
    (answer,) = await got(hand)
    assert "#xyzzy is the left button.\nPress it." in answer
    assert "#assign" not in answer
    ticket = await tickets.view(1)
    assert ticket is not None
    assert ticket.owner == "anna"


async def test_a_held_note_is_never_sent(hand: Hand) -> None:
    note = (await hand.letters("anna", "notification"))[0]
    to = unquote(link_of(note, "Note").removeprefix("mailto:").partition("?")[0])
    await hand.write("anna", "#resovle\nHe is difficult.", to)
    assert "Send" not in text_of(await hand.last("anna", "held")).split("You wrote")[0].replace("NOT SENT", "")
    await chooses(hand, "#send")
    assert not await got(hand)


async def test_the_second_agent_sees_what_the_first_said_and_chooses(hand: Hand) -> None:
    await says(hand, "Please install driver 4.1.", "ben")
    await says(hand, "Please install driver 4.2.")
    letter = text_of(await hand.last("anna", "held"))
    assert "Ben has answered since the mail that you answer." in letter
    assert "driver 4.1" in letter
    assert len(await got(hand)) == 1
    await chooses(hand, "#send")
    assert len(await got(hand)) == 2


async def test_what_the_customer_wrote_since_is_shown(hand: Hand) -> None:
    hand.clock.advance(timedelta(minutes=5))
    await hand.reply("clara", await hand.last("clara", "acknowledgement"), "It works again!")
    await says(hand, "Please install driver 4.2.")
    letter = text_of(await hand.last("anna", "held"))
    assert "Clara Jones has written since" in letter
    assert "It works again!" in letter


@pytest.mark.parametrize("button", ["Resolve", "Note", ""])
async def test_so_is_it_to_who_pressed_a_button_or_wrote_to_its_address(hand: Hand, button: str) -> None:
    old = await hand.last("anna", "notification")
    to = unquote(link_of(old, button).removeprefix("mailto:").partition("?")[0]) if button else old.header("Reply-To")
    hand.clock.advance(timedelta(minutes=5))
    await hand.reply("clara", await hand.last("clara", "acknowledgement"), "It works again!")
    hand.clock.advance(timedelta(minutes=5))
    await hand.write("anna", "Please install driver 4.2.", to)
    held = [text_of(letter) for letter in await hand.letters("anna", "held")]
    noted = button == "Note"  # what stays inside may be late
    assert ["Clara Jones has written since" in letter for letter in held] == [True] * (not noted)
    assert not await got(hand)


async def test_a_button_of_the_newest_mail_holds_nothing(hand: Hand) -> None:
    hand.clock.advance(timedelta(minutes=5))
    await hand.reply("clara", await hand.last("clara", "acknowledgement"), "It works again!")
    hand.clock.advance(timedelta(minutes=1))
    to = link_of(await hand.last("anna", "notification"), "Resolve").removeprefix("mailto:").partition("?")[0]
    await hand.write("anna", "#resolve\nGood to hear.", unquote(to))
    assert len(await got(hand, "resolution")) == 1


async def test_who_writes_again_by_the_button_has_seen_what_the_letter_showed(hand: Hand) -> None:
    hand.clock.advance(timedelta(minutes=5))
    await hand.reply("clara", await hand.last("clara", "acknowledgement"), "It works again!")
    await says(hand, "Please install driver 4.2.")
    hand.clock.advance(timedelta(minutes=1))
    to = (await hand.last("anna", "held")).header("Reply-To")
    await hand.write("anna", "Good to hear.", to)
    assert ["Good to hear." in text for text in await got(hand)] == [True]


async def test_who_answers_the_newest_mail_has_seen_it_all(hand: Hand) -> None:
    hand.clock.advance(timedelta(minutes=5))
    await hand.reply("clara", await hand.last("clara", "acknowledgement"), "It works again!")
    hand.clock.advance(timedelta(minutes=1))
    await hand.reply("anna", (await hand.letters("anna", "notification"))[-1], "Good to hear.")
    assert len(await got(hand)) == 1


async def test_addresses_and_tickets_of_others_are_known_from_the_desk(hand: Hand) -> None:
    await hand.write("dieter", "Mine is broken, too.", subject="Other")  # ticket 2
    await says(hand, "The same as #2.")
    assert "another customer's ticket: #2" in " ".join(text_of(await hand.last("anna", "held")).split())
    await says(hand, "The same as #99: write to dieter@kunde.example.")
    assert "knows nothing of: dieter@kunde.example" in " ".join(text_of(await hand.last("anna", "held")).split())
    await hand.reply("clara", await hand.last("clara", "acknowledgement"), "Dieter@kunde.example is my husband.")
    hand.clock.advance(timedelta(minutes=1))
    await hand.reply("anna", (await hand.letters("anna", "notification"))[-1], "I will ask dieter@kunde.example.")
    assert len(await got(hand)) == 1


NEW = "#new dieter@kunde.example"


async def begins(hand: Hand, text: str, where: str) -> None:
    """A letter that begins a ticket, in a reply on Clara's or in a mail to the desk."""
    if where == "reply":
        await says(hand, f"{NEW}\n{text}")
    else:
        await hand.write("anna", f"{NEW}\n{text}", subject="Your new printer", fields=PROVEN)
    assert await hand.letters("anna", "held")
    assert not await hand.letters("dieter")


@pytest.mark.parametrize("where", ["reply", "desk"])
async def test_a_letter_that_begins_a_ticket_is_sent_once_and_nobody_else_gets_it(hand: Hand, where: str) -> None:
    await begins(hand, "The same as #1.", where)
    assert "another customer's ticket: #1" in " ".join(text_of(await hand.last("anna", "held")).split())
    await chooses(hand, "#send")
    await chooses(hand, "#send")
    (answer,) = await hand.letters("dieter", "answer")
    assert "The same as #1." in text_of(answer)
    assert not await got(hand)
    found = await tickets.view(2)
    assert found is not None
    assert (found.customer.address, found.owner, found.unconfirmed) == ("dieter@kunde.example", "anna", False)
    assert await tickets.view(3) is None


@pytest.mark.parametrize("where", ["reply", "desk"])
@pytest.mark.parametrize("above", ["", f"{NEW}\n"])
async def test_other_words_go_to_the_same_customer(hand: Hand, where: str, above: str) -> None:
    await begins(hand, "Please find the offer attached.", where)
    await chooses(hand, f"{above}Your printer is here.")
    assert ["Your printer is here." in text_of(each) for each in await hand.letters("dieter", "answer")] == [True]
    assert not await got(hand)
    await chooses(hand, "#send")
    assert len(await hand.letters("dieter", "answer")) == 1


@pytest.mark.parametrize("where", ["reply", "desk"])
async def test_or_to_nobody(hand: Hand, where: str) -> None:
    await begins(hand, "Please find the offer attached.", where)
    await chooses(hand, "#note\nLater.")
    assert not await hand.letters("dieter")
    assert (await tickets.said(1 if where == "reply" else 2, 1))[0].kind == "note"


@pytest.mark.parametrize("again", ["Dear Dieter, once more.", "#new mallory@stranger.example\nDear Mallory, look."])
async def test_a_ticket_that_was_begun_is_not_turned_over_by_an_answer_to_the_held_letter(
    hand: Hand, again: str
) -> None:
    await begins(hand, "The same as #1.", "desk")
    held = await hand.last("anna", "held")
    await chooses(hand, "#send")
    await hand.reply("dieter", await hand.last("dieter", "answer"), "My secret is 42.")
    before = await tickets.view(2)
    hand.clock.advance(timedelta(minutes=1))
    await hand.reply("anna", held, again, PROVEN)
    found = await tickets.view(2)
    assert found is not None
    assert before is not None
    assert (found.customer, found.subject) == (before.customer, before.subject)
    assert found.thread == before.thread
    name, number = ("mallory", 3) if "mallory" in again else ("dieter", 2)
    assert f"[Acme #{number}]" in (await hand.last(name, "answer")).header("Subject")


async def test_what_the_customer_wrote_before_a_merge_is_told_too(hand: Hand) -> None:
    hand.clock.advance(timedelta(minutes=1))
    await hand.write("clara", "It beeps.", subject="Beeping")  # ticket 2
    news = await hand.last("anna", "notification")
    hand.clock.advance(timedelta(minutes=1))
    await hand.write("clara", "It stopped. Do not send anybody!", subject="Re: Beeping")
    await hand.reply("ben", await hand.last("ben", "notification"), "#merge 1", PROVEN)
    assert (await tickets.living(2)) == (await tickets.view(1))
    hand.clock.advance(timedelta(minutes=1))
    await hand.reply("anna", news, "I will send somebody.", PROVEN)
    assert "Do not send anybody!" in text_of(await hand.last("anna", "held"))
    assert not await got(hand)


async def test_what_the_customer_wrote_while_it_waited_is_shown_before_it_is_sent(hand: Hand) -> None:
    await says(hand, TO_COLLEAGUES)
    hand.clock.advance(timedelta(minutes=1))
    await hand.reply("clara", await hand.last("clara", "acknowledgement"), "It works again!")
    await chooses(hand, "#send")
    assert not await got(hand)
    assert "Clara Jones has written since" in text_of(await hand.last("anna", "held"))
    await chooses(hand, "#send")
    assert len(await got(hand)) == 1


@pytest.mark.parametrize("held", [TO_COLLEAGUES, "#asign me\nPlease install driver 4.2."])
async def test_so_is_what_a_colleague_answered_whatever_it_is_held_for(hand: Hand, held: str) -> None:
    await says(hand, "Please install driver 4.1.", "ben")
    await says(hand, held)
    assert "Ben has answered since" in text_of(await hand.last("anna", "held"))
    hand.clock.advance(timedelta(minutes=1))
    await hand.reply("ben", (await hand.letters("ben", "notification"))[-1], "Restart it, too.")
    await chooses(hand, "#send")
    assert len(await got(hand)) == 2
    await chooses(hand, "#send")
    assert len(await got(hand)) == 3


async def test_an_answer_written_for_one_customer_does_not_go_to_another_unseen(hand: Hand) -> None:
    await says(hand, TO_COLLEAGUES)
    await says(hand, "#customer dieter@kunde.example", "ben")
    await chooses(hand, "#send")
    assert "The ticket was of clara@customer.example" in " ".join(text_of(await hand.last("anna", "held")).split())
    await says(hand, "Dear Clara, install driver 4.2.")
    assert "The ticket was of clara@customer.example" in " ".join(text_of(await hand.last("anna", "held")).split())
    assert not await hand.letters("dieter", "answer")
    await says(hand, "This is for you, Dieter.", "ben")  # who turned it over knows
    assert len(await hand.letters("dieter", "answer")) == 1


async def test_who_may_not_see_the_ticket_any_more_decides_nothing(tmp_path: Path) -> None:
    teams: dict[str, object] = {"support": {"members": ["anna", "ben"]}, "security": {"members": ["ben"]}}
    async with by_hand(tmp_path, team=teams, desk={"security_team": "security"}) as hand:
        await hand.write("clara", "It prints two pages.")
        await says(hand, TO_COLLEAGUES)
        await tickets.save(1, {"restricted": True})
        for word in ("#note\nFor you, Ben:", "#send", "#discard"):
            await chooses(hand, word)
            assert set(await kinds()) == {"customer", "held"}
            assert not await got(hand)


@pytest.mark.parametrize("word", ["No", "Nein.", "No!"])
async def test_no_sends_nothing(hand: Hand, word: str) -> None:
    await says(hand, TO_COLLEAGUES)
    await chooses(hand, word)
    assert not await got(hand)
    assert "discarded" in text_of(await hand.last("anna", "receipt"))
