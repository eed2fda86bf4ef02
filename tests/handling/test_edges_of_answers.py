"""Answers of agents that can't go out as they are: they are held whole and their agent is told, or they go out whole."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mailproc.core.effects import Reason
from mailproc.core.reply import MOST_READ
from mailproc.demo.people import text_of, words_of
from mailproc.store.models import Rating
from tests.testlib.by_hand import PROVEN, STRICT, Hand, by_hand

LONG = "\n".join(["These are new words of the agent."] * (MOST_READ // 30))


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    async with by_hand(tmp_path, agents=STRICT) as hand:
        await hand.write("clara", "It prints two pages.")
        yield hand


async def answers(hand: Hand, text: str, attachments: tuple[tuple[str, bytes], ...] = ()) -> str:
    """Anna answers Clara's mail; why it was handled as it was."""
    letter = await hand.last("anna", "notification")
    return await hand.reason(await hand.reply("anna", letter, text, PROVEN, attachments))


async def held_words(hand: Hand) -> str:
    return " ".join(text_of(await hand.last("anna", "held")).split())


@pytest.mark.parametrize("first", ["", "#note\n", "#close\n"])
async def test_an_answer_too_long_to_be_read_whole_is_held_and_its_agent_told(hand: Hand, first: str) -> None:
    assert (await answers(hand, first + LONG)).startswith(Reason.UNSENDABLE)
    assert not await hand.letters("clara", "answer")
    assert not await hand.letters("clara", "closure")
    assert "NOT SENT. Your mail holds more than 100,000 characters of new words." in await held_words(hand)


async def test_a_short_answer_above_a_long_quote_goes_out(hand: Hand) -> None:
    quote = "\n".join(f"> {line}" for line in LONG.splitlines())
    await answers(hand, f"Install driver 4.2.\n\nOn Monday, Clara wrote:\n{quote}\n")
    answer = text_of(await hand.last("clara", "answer"))
    assert "Install driver 4.2." in answer
    assert "new words" not in answer


async def test_a_line_the_agent_marked_as_a_quote_is_not_left_out_behind_their_back(hand: Hand) -> None:
    await answers(hand, "Please run\n\n> ls -l /etc/cups\n\nand tell us.")
    assert not await hand.letters("clara", "answer")
    assert "A line is marked as quoted, and quotes no letter of ours: “> ls -l /etc/cups”." in await held_words(hand)
    await answers(hand, "Please run\n\nls -l /etc/cups\n\nand tell us.")
    assert "ls -l /etc/cups" in text_of(await hand.last("clara", "answer"))


@pytest.mark.row("I13")
@pytest.mark.parametrize("text", ["", "Install the driver I attached.", "#resolve"])
async def test_an_answer_packed_by_outlook_is_held_and_its_agent_told(hand: Hand, text: str) -> None:
    await answers(hand, text, attachments=(("Winmail.dat", b"\x78\x9f\x3e\x22 packed"),))
    assert await hand.letters("clara") == await hand.letters("clara", "acknowledgement")
    words = await held_words(hand)
    assert "NOT SENT. Outlook sent your mail as Rich Text" in words
    assert "Attached, and not sent: Winmail.dat" in words


@pytest.mark.row("I13")
async def test_a_note_packed_by_outlook_is_kept_as_a_note(hand: Hand) -> None:
    reason = await answers(hand, "#note\nLook at the file.", attachments=(("winmail.dat", b"\x78\x9f\x3e\x22"),))
    assert reason.startswith(Reason.AGENT_NOTED)
    assert not await hand.letters("clara", "answer")


@pytest.mark.row("A6")
@pytest.mark.parametrize(
    "text",
    [
        "> #note ask Ben\nInstall driver 4.2.",
        "> #note ask Ben\n> #close\n\nInstall driver 4.2.",
        "Install driver 4.2.\n\n> #note ask Ben",
    ],
)
async def test_a_quoted_command_runs_nothing_so_the_words_beside_it_go_to_the_customer_whole_and_without_it(
    hand: Hand, text: str
) -> None:
    await hand.write("clara", "Please:\n#note ask Ben\n#close")
    assert (await answers(hand, text)).startswith(Reason.AGENT_ANSWERED)
    answer = text_of(await hand.last("clara", "answer"))
    assert answer.split("\n", 1)[1].strip() == "Install driver 4.2."


@pytest.mark.row("I11")
async def test_an_answer_too_large_to_be_fetched_is_held_and_its_agent_told(hand: Hand) -> None:
    letter = await hand.last("anna", "notification")
    head = (
        f"From: anna@acme.example\r\nTo: {letter.header('Reply-To')}\r\nIn-Reply-To: {letter.header('Message-ID')}\r\n"
    )
    proof = "".join(f"{name}: {value}\r\n" for name, value in PROVEN.items())
    assert (await hand.reason(await hand.arrives(f"{proof}{head}\r\n".encode(), oversize=True))).startswith(
        Reason.UNSENDABLE
    )
    assert not await hand.letters("clara", "answer")
    assert "NOT SENT. Your mail is too large to be fetched" in await held_words(hand)


async def test_only_those_who_do_not_have_a_ticket_are_offered_to_take_it(hand: Hand) -> None:
    assert "\nTake <" in text_of(await hand.last("anna", "notification"))
    await answers(hand, "Install driver 4.2.")
    await hand.reply("clara", await hand.last("clara", "answer"), "Which one?")
    news = await hand.last("anna", "notification")
    assert "CUSTOMER WROTE" in text_of(news)
    assert "Take" not in words_of(news)
    assert "Resolve" in words_of(news)


async def test_a_rating_is_booked_on_the_agent_of_the_round_it_was_asked_for(hand: Hand) -> None:
    await answers(hand, "#close\nInstall driver 4.2.")
    survey = await hand.last("clara", "survey")
    await hand.reply("clara", await hand.last("clara", "answer"), "It stops again, the same error.")
    await hand.reply("anna", await hand.last("anna", "notification"), "#assign ben", PROVEN)
    await hand.reply("ben", await hand.last("ben", "notification"), "#resolve\nTake driver 4.3.", PROVEN)
    await hand.reply("clara", survey, "1")
    assert [(rating.agent, rating.round, rating.score) for rating in await Rating.all()] == [("anna", 1, 1)]
    assert "RATED 1 of 5" in text_of(await hand.last("anna", "notification"))


@pytest.mark.row("I11")
async def test_a_mail_too_large_to_fetch_opens_a_ticket_and_its_sender_is_told_once_instead_of_thanked(
    tmp_path: Path,
) -> None:
    async with by_hand(tmp_path, agents=STRICT) as hand:
        head = b"From: clara@customer.example\r\nTo: support@acme.example\r\nSubject: Film\r\n\r\n"
        await hand.arrives(head, oversize=True)
        [told] = await hand.letters("clara")
        assert "larger than 40.0 MB, so nobody has read what it says" in " ".join(text_of(told).split())
        assert "too large to fetch" in text_of(await hand.last("anna", "notification"))
        answer = f"From: clara@customer.example\r\nTo: {told.header('Reply-To')}\r\nSubject: Again\r\n\r\n".encode()
        await hand.arrives(answer, oversize=True)
        assert await hand.letters("clara") == [told]
        assert "CUSTOMER WROTE" in text_of(await hand.last("anna", "notification"))


@pytest.mark.row("I11")
async def test_the_sender_of_a_mail_too_large_to_fetch_is_not_told_where_the_operator_does_not_want_it(
    tmp_path: Path,
) -> None:
    async with by_hand(tmp_path, agents=STRICT, limits={"tell_oversize_sender": False}) as hand:
        await hand.arrives(b"From: clara@customer.example\r\nTo: support@acme.example\r\n\r\n", oversize=True)
        assert [letter.recipient for letter in await hand.letters("clara", "oversize")] == []
        assert len(await hand.letters("clara", "acknowledgement")) == 1


@pytest.mark.row("I11", "A9")
async def test_no_robot_is_told_that_its_mail_is_too_large(tmp_path: Path) -> None:
    async with by_hand(tmp_path, agents=STRICT) as hand:
        head = b"From: clara@customer.example\r\nAuto-Submitted: auto-replied\r\nTo: support@acme.example\r\n\r\n"
        await hand.arrives(head, oversize=True)
        assert not await hand.letters("clara")
