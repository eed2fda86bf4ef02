"""Notes on an idle desk: every way in which one comes back, and nobody outside who reads it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mailproc.demo.people import text_of
from mailproc.store import tickets
from tests.testlib.by_hand import PROVEN, STRICT, Hand, by_hand, decoded
from tests.testlib.desk import PEOPLE


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    async with by_hand(tmp_path, agents=STRICT) as hand:
        await hand.write("clara", "It prints two pages.")
        yield hand


async def ask(hand: Hand, words: str = "#note @ben is that driver ours?") -> None:
    await hand.reply("anna", await hand.last("anna", "notification"), words, fields=PROVEN)


async def only_notes(hand: Hand, words: str) -> None:
    assert [said.kind for said in await tickets.said(1, 1)] == ["note"]
    assert not [letter for letter in await hand.letters("clara") if words in decoded(letter)]


async def test_who_is_asked_reads_it_and_answers_with_a_note(hand: Hand) -> None:
    await ask(hand)
    question = await hand.last("ben", "notification")
    assert "A QUESTION FOR YOU" in text_of(question)
    assert text_of(question).lstrip("#- abcdefghijklmnopqrstuvwxyzP\n").startswith("Your reply goes to nobody outside.")
    await hand.reply("ben", question, "Yes, ours since May.", fields=PROVEN)
    await only_notes(hand, "since May")
    assert "since May" in text_of(await hand.last("anna", "notification"))


@pytest.mark.row("A21")
async def test_a_note_s_answer_stays_one_over_many_turns(hand: Hand) -> None:
    await ask(hand)
    for turn, (reader, other) in enumerate([("ben", "anna"), ("anna", "ben")] * 2):
        await hand.reply(reader, await hand.last(reader, "notification"), f"#note @{other} turn {turn}", fields=PROVEN)
        await only_notes(hand, f"turn {turn}")


@pytest.mark.row("A21")
async def test_an_answer_to_all_of_a_note_is_a_note_whatever_other_address_stands_there(hand: Hand) -> None:
    news = await hand.last("ben", "notification")
    await ask(hand)
    question = await hand.last("ben", "notification")
    everyone = f"{news.header('Reply-To')}, {question.header('Reply-To')}"
    await hand.write("ben", "Not for Clara.", everyone, "Re: note", cc=PEOPLE["anna"][1], fields=PROVEN)
    await only_notes(hand, "Not for Clara")


@pytest.mark.row("A21")
async def test_a_colleague_in_copy_of_a_note_answers_with_a_note(hand: Hand) -> None:
    await ask(hand)
    question = await hand.last("ben", "notification")
    await hand.write("anna", "Ours, I think.", question.header("Reply-To"), "Re: note", fields=PROVEN)
    await only_notes(hand, "Ours, I think")
