"""A held answer put right in every client's manner, on a whole desk: all of its words go out, and none of the letter's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from mailproc.demo.people import text_of
from tests.testlib.by_hand import STRICT, Hand, by_hand
from tests.testlib.clients import CLIENTS, Draft, Posting
from tests.testlib.quoted_mail import QuotedMail

WORDS = (
    "Dear Clara,\n\nplease install driver 4.2 from our page and print a test page; it then prints all pages again.\n\n"
    "It helps to restart:\n\n1. switch it off,\n2. wait ten seconds,\n3. switch it on again.\n\nBest regards\nAnna"
)
RIGHT = f"#resolve driver 4.2\n\n{WORDS}"
INTRODUCTION = "On Sat, Nov 21, 2026 at 2:30 PM Acme Support <support@acme.example> wrote:\n"
HEADERS = "From: Acme Support <support@acme.example>\nSent: Saturday, 21 November 2026\nTo: Anna\nSubject: Printer\n\n"


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    async with by_hand(tmp_path, agents={**STRICT, "trust": "token"}) as hand:
        await hand.write("clara", "It prints two pages.")
        hand.clock.advance(timedelta(minutes=1))
        await hand.reply("anna", await hand.last("anna", "notification"), f"#resovle driver 4.2\n\n{WORDS}")
        hand.clock.advance(timedelta(minutes=1))
        yield hand


async def held(hand: Hand) -> QuotedMail:
    return QuotedMail.of((await hand.last("anna", "held")).content)


async def all_went_out(hand: Hand) -> bool:
    (resolution,) = await hand.letters("clara", "resolution")
    words = text_of(resolution)
    return (
        words.split().count("Dear") == 1
        and " ".join(WORDS.split()) in " ".join(words.split())
        and "NOT SENT" not in words
    )


@pytest.mark.parametrize(
    ("client", "posting"),
    [(name, posting) for name, client in CLIENTS.items() for posting in sorted(client.postings - {Posting.BETWEEN})],
)
async def test_it_goes_out_whole(hand: Hand, client: str, posting: Posting) -> None:
    draft = Draft(RIGHT, posting, "en")
    await hand.arrives(CLIENTS[client].reply(await held(hand), draft, "Anna <anna@acme.example>", hand.clock.now()))
    assert await all_went_out(hand)


@pytest.mark.parametrize("above", ["", INTRODUCTION, HEADERS])
@pytest.mark.parametrize("link", ["{text}", "{text} <{url}>"])
async def test_so_it_does_below_a_quote_without_marks(hand: Hand, above: str, link: str) -> None:
    quote = (await held(hand)).page_text(link=link)
    await hand.reply("anna", await hand.last("anna", "held"), f"{above}{quote}\n\n{RIGHT}")
    assert await all_went_out(hand)


@pytest.mark.parametrize(
    "around", ["{}\n\n" + HEADERS, INTRODUCTION + "\n{}", INTRODUCTION + "> You wrote:\n{}", "{}\n\n> NOT SENT."]
)
async def test_so_it_does_beside_what_is_left_of_a_quote(hand: Hand, around: str) -> None:
    await hand.reply("anna", await hand.last("anna", "held"), around.format(RIGHT))
    assert await all_went_out(hand)


async def test_lines_that_the_agent_marked_go_out_too(hand: Hand) -> None:
    letter = await hand.last("anna", "notification")
    quote = "\n".join(f"> {line}" for line in text_of(letter).splitlines())
    await hand.reply("anna", letter, f"Please run\n\n> lpstat -t\n\nand tell us.\n\nAnna\n\n{INTRODUCTION}{quote}")
    assert "run\n\n> lpstat -t\n\nand" in text_of(await hand.last("clara", "answer"))


async def test_a_colleague_s_note_never_does_though_nothing_tells_the_quote_but_its_words(tmp_path: Path) -> None:
    """The client quotes without marks, and the agent has deleted its header lines and how the letter begins."""
    async with by_hand(tmp_path, agents={**STRICT, "trust": "token"}) as hand:
        await hand.write("clara", "It prints two pages.")
        hand.clock.advance(timedelta(minutes=1))
        await hand.reply(
            "ben",
            await hand.last("ben", "notification"),
            "#note\nShe always asks for refunds and never pays her bills.",
        )
        hand.clock.advance(timedelta(minutes=1))
        await hand.reply("clara", await hand.last("clara", "acknowledgement"), "It still prints two pages only.")
        hand.clock.advance(timedelta(minutes=1))
        letter = await hand.last("anna", "notification")
        quote = QuotedMail.of(letter.content).page_text(link="{text}")
        assert "refunds" in quote
        await hand.reply("anna", letter, f"Try driver 4.2.\n\n{quote[quote.index('It still') :]}")
        assert all("refunds" not in text_of(each) for each in await hand.letters("clara"))
        assert ["Try driver 4.2." in text_of(each) for each in await hand.letters("clara", "answer")] == [True]
