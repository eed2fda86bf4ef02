"""Side conversations on an idle desk: threads of their own, tokens of their own, nothing of the customer in them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote

import pytest

from mailproc.core.lifecycle import Status
from mailproc.core.tokens import Capability
from mailproc.demo.people import link_of, text_of
from mailproc.demo.servers import Delivered
from mailproc.mime import body
from mailproc.store import history, outbox, tickets
from mailproc.store.states import MailClass
from tests.testlib.by_hand import PROVEN, STRICT, Hand, by_hand, decoded, read
from tests.testlib.desk import PEOPLE
from tests.testlib.protected import PGP_MIME

VICTOR = PEOPLE["victor"][1]


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    async with by_hand(tmp_path, agents=STRICT) as hand:
        await hand.write("clara", "My printer's secret name is Gutenberg.", subject="Gutenberg stops")
        yield hand


async def ask(hand: Hand, words: str = "Does 4.2 print?", who: str = VICTOR) -> Delivered:
    news = (await hand.letters("anna", "notification"))[0]
    await hand.reply("anna", news, f"#ask {who}\n{words}", fields=PROVEN)
    return await hand.last("victor", "side")


async def status() -> Status:
    ticket = await tickets.view(1)
    assert ticket is not None
    return ticket.status


def first_line(letter: Delivered) -> str:
    return text_of(letter).split("\n\n")[1].replace("\n", " ")


async def test_the_letter_is_the_agent_s_and_says_nothing_of_the_customer(hand: Hand) -> None:
    letter = await ask(hand)
    assert letter.header("From").startswith("Anna at Acme Support <support@acme.example>")
    assert letter.header("Subject") == "Question from Acme Support [Acme #1]"
    assert not letter.header("Auto-Submitted")
    assert not letter.header("In-Reply-To")
    whole = decoded(letter)
    assert "Does 4.2 print?" in whole
    for private in ("Gutenberg", "clara", "Clara", "customer.example", PEOPLE["anna"][1]):
        assert private not in whole
    (row,) = [row for row in await outbox.listing(limit=50) if row.letter == "side"]
    assert row.mail_class is MailClass.HUMAN
    assert row.sender.startswith("support+")  # bounces come back with the token


async def test_its_token_is_the_third_party_s_alone(hand: Hand) -> None:
    letter = await ask(hand)
    keys, today = hand.app._handler._desk.keys, hand.clock.now().date()
    token = keys.find(letter.header("Reply-To"), today)
    person = await tickets.find_person(VICTOR)
    assert token is not None
    assert person is not None
    assert (token.capability, token.person, token.ticket) == (Capability.SIDE_REPLY, person.id, 1)


async def test_the_customer_hears_that_we_wait_and_not_of_whom(hand: Hand) -> None:
    await ask(hand)
    assert await status() is Status.WAITING_FOR_THIRD_PARTY
    told = await hand.last("clara", "status")
    assert "someone outside" in text_of(told)
    assert "victor" not in decoded(told).casefold()


async def test_their_answer_comes_back_and_a_plain_reply_goes_to_them(hand: Hand) -> None:
    await hand.reply("victor", await ask(hand), "4.2 prints both sides.")
    assert await status() is Status.IN_PROGRESS
    news = await hand.last("anna", "notification")
    assert first_line(news).startswith(f"Your reply goes to {VICTOR}, not to the customer.")
    assert "4.2 prints both sides." in text_of(news)
    await hand.reply("anna", news, "Which build?", fields=PROVEN)
    second = await hand.last("victor", "side")
    assert "Which build?" in text_of(second)
    assert not [letter for letter in await hand.letters("clara") if "build" in decoded(letter)]
    first = (await hand.letters("victor", "side"))[0]
    chain = second.header("References").split()
    assert chain[0] == first.header("Message-ID")
    assert second.header("In-Reply-To") == chain[-1] != first.header("Message-ID")  # Victor's own mail
    assert second.header("Subject") == "Re: Question from Acme Support [Acme #1]"
    said = [message.kind for message in await tickets.said(1, 9)]
    assert said == ["asked", "third party", "asked", "customer"]
    assert all(message.private for message in (await tickets.said(1, 9))[:3])


async def test_one_tap_shares_their_words_and_nothing_else_does(hand: Hand) -> None:
    letter = await ask(hand)
    await hand.reply("victor", letter, f"> Does 4.2 print?\n\n4.2 prints both sides.\n\n{text_of(letter)}")
    assert "both sides" not in "".join(decoded(each) for each in await hand.letters("clara"))
    news = await hand.last("anna", "notification")
    address, _, query = unquote(link_of(news, "Pass on to the customer")).removeprefix("mailto:").partition("?")
    assert "#share" in query
    await hand.write("anna", "#share\nDear Clara, this is what we know.", address, "Share", fields=PROVEN)
    answer = await hand.last("clara", "answer")
    assert text_of(answer).rstrip().endswith("Dear Clara, this is what we know.\n\n> 4.2 prints both sides.")
    assert "victor" not in decoded(answer).casefold()
    assert "Does 4.2" not in text_of(answer)


def files_of(letter: Delivered) -> list[str | None]:
    return [part.get_filename() for part in read(letter).iter_attachments()]


async def test_their_files_are_shared_too(hand: Hand) -> None:
    files = (("driver.pdf", b"%PDF 4.2"), ("setup.exe", b"MZ"))
    await hand.reply("victor", await ask(hand), "Look at page 2.", attachments=files)
    await hand.reply("anna", await hand.last("anna", "notification"), "#share\nPlease see the attached page.", PROVEN)
    answer = await hand.last("clara", "answer")
    assert files_of(answer) == ["driver.pdf"]
    assert "%PDF 4.2" in decoded(answer)
    receipt = " ".join(text_of(await hand.last("anna", "receipt")).split())
    assert "driver.pdf of theirs goes along." in receipt
    assert "setup.exe of theirs does not go along" in receipt  # no agent has got it either


async def test_so_is_a_file_without_a_word(hand: Hand) -> None:
    await hand.reply("victor", await ask(hand), "", attachments=(("driver.pdf", b"%PDF 4.2"),))
    await hand.reply("anna", await hand.last("anna", "notification"), "#share", PROVEN)
    assert files_of(await hand.last("clara", "answer")) == ["driver.pdf"]


async def test_a_file_with_an_address_of_ours_in_it_is_not(hand: Hand) -> None:
    letter = await ask(hand)
    quoted = EmailMessage()
    quoted["From"], quoted["Subject"] = "support@acme.example", "Question"
    quoted.set_content(f"Write to {letter.header('Reply-To')}")
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = VICTOR, letter.header("Reply-To"), "Re: Question"
    mail["Message-ID"] = "<answer@vendor.example>"
    mail.set_content("4.2 prints both sides.")
    mail.add_attachment(quoted)
    await hand.arrives(mail.as_bytes())
    await hand.reply("anna", await hand.last("anna", "notification"), "#share", PROVEN)
    assert "for you alone" in text_of(await hand.last("anna", "held"))
    assert not await hand.letters("clara", "answer")


@pytest.mark.parametrize("answers", ["the notification", "the ticket it lives on in"])
async def test_what_was_said_before_a_merge_is_found_after_it(hand: Hand, answers: str) -> None:
    await hand.reply("victor", await ask(hand), "4.2 prints both sides.", attachments=(("driver.pdf", b"%PDF"),))
    old = await hand.last("anna", "notification")
    await hand.write("clara", "And it beeps.", subject="Beeping")  # ticket 2
    other = await hand.last("anna", "notification")
    await hand.reply("anna", (await hand.letters("anna", "notification"))[0], "#merge 2", PROVEN)
    hand.clock.advance(timedelta(minutes=1))
    await hand.reply("anna", old if answers == "the notification" else other, "#share", PROVEN)
    answer = await hand.last("clara", "answer")
    assert "[Acme #2]" in answer.header("Subject")
    assert text_of(answer).rstrip().endswith("> 4.2 prints both sides.")
    assert files_of(answer) == ["driver.pdf"]


async def test_somebody_else_in_their_place_is_kept_apart_and_can_be_asked(hand: Hand) -> None:
    await hand.reply("mallory", await ask(hand), "I answer for Victor.")
    assert await status() is Status.WAITING_FOR_THIRD_PARTY
    news = await hand.last("anna", "notification")
    assert "SOMEONE ELSE ANSWERED" in text_of(news)
    assert first_line(news) == "Your reply goes to nobody outside."
    address, _, query = unquote(link_of(news, "Ask them")).removeprefix("mailto:").partition("?")
    assert f"#ask {PEOPLE['mallory'][1]}" in query
    await hand.write("anna", f"#ask {PEOPLE['mallory'][1]}\nThen you?", address, "Ask", fields=PROVEN)
    assert "Then you?" in text_of(await hand.last("mallory", "side"))
    assert len(await hand.letters("clara", "status")) == 1  # once for each wait
    await hand.reply("mallory", await hand.last("mallory", "side"), "Me, yes.")
    assert await status() is Status.IN_PROGRESS


@pytest.mark.row("A8")
async def test_their_absence_wakes_nothing_and_gets_no_answer(hand: Hand) -> None:
    letter = await ask(hand)
    before = len(await hand.letters())
    away = {"Auto-Submitted": "auto-replied"}
    for _ in range(3):
        await hand.reply("victor", letter, "I am away until Monday.", fields=away)
    assert len(await hand.letters()) == before
    assert await status() is Status.WAITING_FOR_THIRD_PARTY
    assert (await tickets.said(1, 1))[0].kind == "automatic"


async def test_a_robot_nobody_marked_gets_no_letter_of_ours_either(hand: Hand) -> None:
    letter = await ask(hand)
    for turn in range(5):
        number = await hand.reply("victor", letter, f"Your request {turn} has been received.")
        assert "third party answered" in await hand.reason(number)
    assert len(await hand.letters("victor")) == 1


async def test_what_was_held_for_a_third_party_goes_to_nobody_else_once_confirmed(hand: Hand) -> None:
    await hand.reply("victor", await ask(hand), "4.2 prints.")
    await hand.reply("anna", await hand.last("anna", "notification"), "Which build?")  # unproven
    await hand.reply("anna", await hand.last("anna", "confirmation"), "#confirm")
    assert "Which build?" in text_of(await hand.last("victor", "side"))
    assert not [letter for letter in await hand.letters("clara") if "build" in decoded(letter)]


async def test_a_slip_towards_a_third_party_is_mended_towards_them(hand: Hand) -> None:
    await hand.reply("victor", await ask(hand), "4.2 prints.")
    await hand.reply("anna", await hand.last("anna", "notification"), "#shaer\nWhich build?", fields=PROVEN)
    held = await hand.last("anna", "held")
    assert f"goes to {VICTOR}" in " ".join(text_of(held).split())
    await hand.reply("anna", held, "Which build?", fields=PROVEN)
    assert "Which build?" in text_of(await hand.last("victor", "side"))
    assert not [letter for letter in await hand.letters("clara") if "build" in decoded(letter)]


async def test_a_letter_to_them_that_never_arrives_is_told_to_the_owner(hand: Hand) -> None:
    letter = await ask(hand)
    report = (
        f"From: MAILER-DAEMON@vendor.example\r\nTo: {letter.sender}\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n\r\nSorry.\r\n--b\r\n'
        f"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; {VICTOR}\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {letter.header('Message-ID')}\r\n\r\n--b--\r\n"
    )
    await hand.arrives(report.encode())
    assert "NOT DELIVERED" in text_of(await hand.last("anna", "notification"))
    assert await status() is Status.WAITING_FOR_THIRD_PARTY


async def test_developers_are_asked_where_the_configuration_says(tmp_path: Path) -> None:
    async with by_hand(tmp_path, agents=STRICT, desk={"development": VICTOR}) as hand:
        await hand.write("clara", "It prints two pages.")
        await hand.reply("anna", await hand.last("anna", "notification"), "#bug\nIt leaks.", fields=PROVEN)
        letter = await hand.last("victor", "side")
        assert letter.header("Subject") == "Bug report from Acme Support [Acme #1]"
        assert [entry.text for entry in await history.of_ticket(1) if entry.kind == "asked"]


async def test_the_conversation_goes_on_when_its_ticket_is_merged(hand: Hand) -> None:
    await hand.write("clara", "The scanner, too.", subject="Scanner")
    letter = await ask(hand)
    await hand.reply("anna", (await hand.letters("anna", "notification"))[0], "#merge 2", fields=PROVEN)
    for words in ("It does.", "Very sure."):
        await hand.reply("victor", letter, words)
        news = await hand.last("anna", "notification")
        assert words in text_of(news)
        assert first_line(news).startswith(f"Your reply goes to {VICTOR}")
        await hand.reply("anna", news, "Are you sure?", fields=PROVEN)
        letter = await hand.last("victor", "side")


@pytest.mark.parametrize("by", ["button", "reply"])
async def test_what_the_agent_has_not_seen_is_not_shared(hand: Hand, by: str) -> None:
    letter = await ask(hand)
    await hand.reply("victor", letter, "4.2 prints both sides.")
    news = await hand.last("anna", "notification")
    hand.clock.advance(timedelta(minutes=1))
    await hand.reply("victor", letter, "Between us: she never paid.", attachments=(("unpaid.pdf", b"%PDF"),))
    if by == "reply":
        await hand.reply("anna", news, "#share", PROVEN)
    else:
        address = unquote(link_of(news, "Pass on to the customer")).removeprefix("mailto:").partition("?")[0]
        await hand.write("anna", "#share", address, "Share", fields=PROVEN)
    answer = await hand.last("clara", "answer")
    assert "4.2 prints both sides." in text_of(answer)
    assert "never paid" not in decoded(answer)
    assert not files_of(answer)


async def test_what_was_said_on_another_ticket_is_not_shared(hand: Hand) -> None:
    await hand.reply("victor", await ask(hand), "Gutenberg prints both sides.")
    colleague = (await hand.letters("ben", "notification"))[0].header("Reply-To")
    await hand.write("dieter", "Mine beeps.", subject="Beeping")  # ticket 2
    news = await hand.last("anna", "notification")
    both = f"{colleague}, {news.header('Reply-To')}"
    await hand.write("anna", "#share\nDear Dieter, look.", both, "Re: Beeping", fields=PROVEN)
    assert "Gutenberg" not in "".join(decoded(each) for each in await hand.letters("dieter"))


async def test_what_a_text_too_long_to_be_read_quotes_is_not_shared(
    hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "TEXT_LIMIT", 2000)
    letter = await ask(hand, "Between us: she never paid.")
    text = "4.2 prints both sides.\n" + "It does.\n" * 200
    await hand.reply("victor", letter, f"{text}\n\n> Between us: she never paid.\n" + "> And more.\n" * 100)
    await hand.reply("anna", await hand.last("anna", "notification"), "#share", PROVEN)
    answer = await hand.last("clara", "answer")
    assert "both sides" in text_of(answer)
    assert "never paid" not in decoded(answer)
    assert "whole-text.txt of theirs does not go along" in " ".join(text_of(await hand.last("anna", "receipt")).split())


async def test_what_they_encrypted_is_not_shared(hand: Hand) -> None:
    letter = await ask(hand)
    header = f"From: {VICTOR}\r\nTo: {letter.header('Reply-To')}\r\n".encode()
    theirs = PGP_MIME[PGP_MIME.index(b"MIME-Version") :].replace(b": inline", b": attachment")
    await hand.arrives(header + theirs)
    news = await hand.last("anna", "notification")
    assert "ENCRYPTED" in text_of(news)
    await hand.reply("anna", news, "#share\nThis is what they say.", PROVEN)
    assert not await hand.letters("clara", "answer")
