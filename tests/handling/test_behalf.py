"""Forwarding in on an idle desk: whose the ticket becomes, and which letters leave for whom."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote

import pytest

from mailproc.core.facts import TicketView
from mailproc.demo.people import link_of, text_of
from mailproc.store import history, tickets
from tests.testlib.by_hand import PROVEN, STRICT, Hand, by_hand, decoded
from tests.testlib.desk import PEOPLE, SUPPORT

DIETER = PEOPLE["dieter"][1]
CUSTOMER_PROVEN = {"Authentication-Results": "mx.acme.example; dmarc=pass header.from=kunde.example"}
FORWARD = (
    "He called, too.\n\n---------- Forwarded message ---------\nFrom: Dieter Schmidt <dieter@kunde.example>\n"
    "Date: Sat, Nov 21, 2026 at 1:00 PM\nSubject: Drucker steht\nTo: Anna <anna@acme.example>\n\n"
    "Der Drucker druckt seit heute nicht mehr, was kann ich tun?\n"
)


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    async with by_hand(tmp_path, agents=STRICT) as hand:
        yield hand


async def forwarded(hand: Hand, text: str = FORWARD, fields: dict[str, str] | None = None) -> None:
    await hand.write("anna", text, subject="Fwd: Drucker steht", fields=PROVEN if fields is None else fields)


async def ticket(number: int = 1) -> TicketView:
    found = await tickets.view(number)
    assert found is not None
    return found


async def press(hand: Hand, kind: str, words: str, body: str = "") -> None:
    """One tap in Anna's newest letter of a kind; `body` in place of what the button writes."""
    link = unquote(link_of(await hand.last("anna", kind), words)).removeprefix("mailto:")
    address, _, query = link.partition("?")
    written = body or query.partition("body=")[2]
    await hand.write("anna", written, address, "One tap", fields=PROVEN)


async def test_a_forwarded_mail_is_the_customer_s_ticket_and_the_agent_is_told_what_was_understood(hand: Hand) -> None:
    await forwarded(hand)
    found = await ticket()
    assert (found.customer.address, found.subject, found.language) == (DIETER, "Drucker steht", "de")
    assert [(said.kind, said.private) for said in await tickets.said(1, 5)] == [("note", True), ("customer", False)]
    receipt = text_of(await hand.last("anna", "receipt"))
    assert "Dieter Schmidt <dieter@kunde.example>" in " ".join(receipt.split())
    assert not await hand.letters("dieter")
    assert "seit heute" in text_of(await hand.last("ben", "notification"))
    assert "He called" not in text_of(await hand.last("ben", "notification")).partition("Before")[0]


async def test_one_tap_confirms_and_the_customer_is_acknowledged_once(hand: Hand) -> None:
    await forwarded(hand)
    await press(hand, "receipt", "Yes, it is theirs")
    await hand.reply("anna", await hand.last("anna", "receipt"), "#confirm", fields=PROVEN)
    assert len(await hand.letters("dieter", "acknowledgement")) == 1
    assert not [letter for letter in await hand.letters("dieter") if PEOPLE["anna"][1] in decoded(letter)]


async def test_the_customer_s_answer_to_the_acknowledgement_finds_the_ticket(hand: Hand) -> None:
    await forwarded(hand)
    await press(hand, "receipt", "Yes, it is theirs")
    await hand.reply("dieter", await hand.last("dieter", "acknowledgement"), "Es ist Modell X100.")
    assert (await tickets.said(1, 1))[0].kind == "customer"
    assert "X100" in text_of(await hand.last("anna", "notification"))


async def test_one_tap_corrects(hand: Hand) -> None:
    await forwarded(hand)
    await press(hand, "receipt", "Another customer", "#customer clara@customer.example")
    assert (await ticket()).customer.address == PEOPLE["clara"][1]
    assert await hand.letters("clara", "acknowledgement")
    assert not await hand.letters("dieter")
    told = [entry.text for entry in await history.of_ticket(1) if entry.kind == "customer"]
    assert told[0] == f"{DIETER} -> {PEOPLE['clara'][1]}"


async def test_nothing_automatic_leaves_before_whatever_the_agent_does_on_the_ticket(hand: Hand) -> None:
    await forwarded(hand)
    news = await hand.last("anna", "notification")
    for words in ("#ask victor@vendor.example\nWell?", "#wait vendor", "#eta tomorrow noon", "#close"):
        await hand.reply("anna", news, words, fields=PROVEN)
        told = " ".join(text_of(await hand.last("anna", "receipt")).split())
        assert "before you confirm the address" in told
        assert "Sent to dieter" not in told
    assert not await hand.letters("dieter")


async def test_what_the_agent_writes_to_them_goes_out_and_says_that_the_address_is_right(hand: Hand) -> None:
    await forwarded(hand)
    await hand.reply("anna", await hand.last("anna", "notification"), "Dear Dieter, restart it.", fields=PROVEN)
    assert "restart it" in text_of(await hand.last("dieter", "answer"))
    await hand.reply("anna", await hand.last("anna", "notification"), "#wait vendor", fields=PROVEN)
    assert await hand.letters("dieter", "status")


async def test_a_known_customer_is_acknowledged_at_once(hand: Hand) -> None:
    await hand.write("dieter", "Guten Tag, eine andere Frage.", subject="Frage", fields=CUSTOMER_PROVEN)
    await forwarded(hand)
    assert len(await hand.letters("dieter", "acknowledgement")) == 2


async def test_somebody_who_wrote_unproven_is_not_known(hand: Hand) -> None:
    await hand.write("dieter", "Guten Tag, eine andere Frage.", subject="Frage")
    await forwarded(hand)
    assert len(await hand.letters("dieter", "acknowledgement")) == 1


async def enclosed(hand: Hand, author: str) -> None:
    """Anna passes a mail on as an attachment."""
    inner = EmailMessage()
    inner["From"], inner["To"], inner["Subject"] = author, PEOPLE["anna"][1], "Drucker steht"
    inner["Message-ID"] = "<d1@kunde.example>"
    inner.set_content("Der Drucker druckt seit heute nicht mehr.")
    inner.add_attachment(b"E-42", maintype="text", subtype="plain", filename="drucker.log")
    outer = EmailMessage()
    outer["From"], outer["To"], outer["Subject"] = PEOPLE["anna"][1], SUPPORT, "Fwd: Drucker steht"
    outer["Message-ID"] = "<outer@acme.example>"
    outer.set_content("He called.")
    outer.add_attachment(inner)
    above = f"Authentication-Results: {PROVEN['Authentication-Results']}\r\n".encode()
    await hand.arrives(above + outer.as_bytes())


async def test_of_an_enclosed_mail_with_two_authors_nobody_is_taken_for_the_customer(hand: Hand) -> None:
    await hand.write("dieter", "Guten Tag, eine andere Frage.", subject="Frage", fields=CUSTOMER_PROVEN)
    await enclosed(hand, f"{DIETER}, mallory@evil.example")
    assert len(await hand.letters("dieter", "acknowledgement")) == 1
    assert "it can't be told whose it is" in " ".join(text_of(await hand.last("anna", "held")).split())


async def test_an_enclosed_mail_is_threaded_where_the_customer_has_it_with_its_files(hand: Hand) -> None:
    await enclosed(hand, f"Dieter <{DIETER}>")
    await hand.reply("anna", await hand.last("anna", "notification"), "Restart it.", fields=PROVEN)
    answer = await hand.last("dieter", "answer")
    assert answer.header("References") == "<d1@kunde.example>"
    assert "drucker.log" in decoded(await hand.last("ben", "notification"))
    assert "outer@acme.example" not in decoded(answer)


@pytest.mark.row("A3")
async def test_without_proof_the_agent_is_asked_and_a_yes_takes_it_in(hand: Hand) -> None:
    await forwarded(hand, fields={})
    assert (await ticket()).customer.address == PEOPLE["anna"][1]
    assert not await hand.letters("dieter")
    assert not await hand.letters("anna", "acknowledgement")
    await hand.reply("anna", await hand.last("anna", "confirmation"), "#confirm")
    found = await ticket()
    assert (found.customer.address, found.subject, found.unconfirmed) == (DIETER, "Drucker steht", True)
    await press(hand, "receipt", "Yes, it is theirs")
    assert await hand.letters("dieter", "acknowledgement")


@pytest.mark.row("A3")
async def test_so_is_a_forwarded_answer_to_a_letter_of_ours(hand: Hand) -> None:
    await hand.write("dieter", "Der Drucker druckt nicht.", subject="Drucker steht")
    letter = await hand.last("dieter", "acknowledgement")
    await forwarded(hand, fields={"References": letter.header("Message-ID")})
    await hand.reply("anna", await hand.last("anna", "confirmation"), "#confirm")
    assert (await ticket(2)).customer.address == DIETER
    assert [said.kind for said in await tickets.said(1, 5)] == ["customer"]


async def test_a_forward_of_nobody_waits_for_whose_it_is(hand: Hand) -> None:
    await forwarded(hand, FORWARD.replace("<dieter@kunde.example>", ""))
    held = await hand.last("anna", "held")
    assert "it can't be told whose it is" in " ".join(text_of(held).split())
    await hand.reply("anna", held, f"#customer {DIETER}", fields=PROVEN)
    assert (await ticket()).customer.address == DIETER
    assert await hand.letters("dieter", "acknowledgement")


async def test_a_letter_begins_a_ticket_and_its_answer_comes_back(hand: Hand) -> None:
    words = f"#new {DIETER}\nDear Dieter,\n\nyour printer is here."
    await hand.write("anna", words, subject="Your new printer", fields=PROVEN)
    letter = await hand.last("dieter", "answer")
    assert letter.header("Subject") == "Your new printer [Acme #1]"
    assert not letter.header("In-Reply-To")
    assert [each.header("Subject") for each in await hand.letters("dieter")] == ["Your new printer [Acme #1]"]
    await hand.reply("dieter", letter, "Danke, ich hole ihn.")
    found = await ticket()
    assert (found.owner, found.customer.address) == ("anna", DIETER)
    assert "ich hole ihn" in text_of(await hand.last("anna", "notification"))


async def test_a_corrected_customer_s_tokens_open_nothing_more(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.")
    await hand.reply("anna", await hand.last("anna", "notification"), f"#customer {DIETER}", fields=PROVEN)
    before = len(await hand.letters("clara"))
    await hand.reply("clara", await hand.last("clara", "acknowledgement"), "Any news?")
    assert (await tickets.said(1, 1))[0].kind == "stranger"
    await hand.reply("anna", (await hand.letters("anna", "notification"))[0], "Dear Dieter, look.", fields=PROVEN)
    answer = await hand.last("dieter", "answer")
    assert "clara" not in decoded(answer).casefold()
    assert len(await hand.letters("clara")) == before
    assert not await hand.letters("dieter", "acknowledgement")


async def test_nor_does_their_subject_reach_the_right_one(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.", subject="My divorce")
    news = await hand.last("anna", "notification")
    await hand.reply("anna", news, f"#customer {DIETER}\nDear Dieter, is it yours?", fields=PROVEN)
    await hand.reply("dieter", await hand.last("dieter", "answer"), "Ja.")
    await hand.reply("anna", news, "#resolve\nDone.", fields=PROVEN)
    subjects = [each.header("Subject") for each in await hand.letters("dieter")]
    assert subjects
    assert not [each for each in await hand.letters("dieter") if "divorce" in decoded(each)]
    receipt = " ".join(text_of((await hand.letters("anna", "receipt"))[0]).split())
    assert "Letters to them have the subject “Your message” from now on" in receipt
    assert [entry.text for entry in await history.of_ticket(1) if entry.kind == "subject"] == ["“My divorce” -> “”"]


async def test_people_in_copy_of_the_one_before_hear_nothing_of_the_new_customer(hand: Hand) -> None:
    chief = PEOPLE["chief"][1]
    await hand.write("clara", "It prints two pages.", cc=chief)
    await hand.reply("anna", await hand.last("anna", "notification"), f"#customer {DIETER}", fields=PROVEN)
    assert chief in text_of(await hand.last("anna", "receipt"))
    await hand.reply("anna", (await hand.letters("anna", "notification"))[0], "Dear Dieter, look.", fields=PROVEN)
    answer = await hand.last("dieter", "answer")
    assert chief not in decoded(answer)
    assert not await hand.letters("chief", "answer")


async def test_a_correction_can_be_undone(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.", cc=DIETER)
    stood = await ticket()
    await hand.reply("anna", await hand.last("anna", "notification"), f"#customer {DIETER}", fields=PROVEN)
    assert ((await ticket()).customer.address, (await ticket()).copied) == (DIETER, ())
    await hand.reply("anna", await hand.last("anna", "receipt"), "#undo", fields=PROVEN)
    assert await ticket() == stood


@pytest.mark.row("A7")
async def test_a_customer_s_forward_is_their_own(hand: Hand) -> None:
    await hand.write("clara", FORWARD, subject="Fwd: Drucker steht")
    assert (await ticket()).customer.address == PEOPLE["clara"][1]
    assert not await hand.letters("dieter")


@pytest.mark.row("A7")
async def test_a_notification_passed_on_to_another_address_makes_nobody_an_agent(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.")
    news = text_of(await hand.last("anna", "notification"))
    text = f"---------- Forwarded message ---------\nFrom: Clara (Acme Support) <{SUPPORT}>\nSubject: x\n\n{news}"
    await hand.write("mallory", text, subject="Fwd: [Acme #1] Printer stops")
    assert (await ticket(2)).customer.address == PEOPLE["mallory"][1]
    await hand.write("ben", f"See.\n\n{text}", subject="Fwd: [Acme #1] Printer stops", fields=PROVEN)
    assert (await ticket(3)).customer.address == PEOPLE["ben"][1]


async def test_a_token_in_the_subject_reaches_nobody(hand: Hand) -> None:
    """It stands there where there is no room for it in the address."""
    await hand.write("clara", "It prints two pages.")
    token = (await hand.last("anna", "notification")).header("Reply-To").partition("+")[2].partition("@")[0]
    words = f"#new {DIETER}\nDear Dieter,\n\nyour printer is here."
    await hand.write("anna", words, subject=f"Your new printer ref:{token}", fields=PROVEN)
    letter = await hand.last("dieter", "answer")
    assert letter.header("Subject") == "Your new printer [Acme #2]"
    assert token not in decoded(letter)
