"""Letters written in a process of their own: the same bytes, and never missed when it fails."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailproc.core.letter_values import LetterValues
from mailproc.core.letters import Acknowledgement, Help, Letter, TicketFacts
from mailproc.core.message import Address, Attachment
from mailproc.mime import child
from mailproc.mime.compose import OutgoingMail
from mailproc.render import writer as writing
from mailproc.render.draft import Draft, unpacked
from mailproc.render.letters import Letters
from mailproc.render.writer import Writer
from mailproc.resources import templates_folder
from tests.render.reading import WORDS
from tests.testlib.pictures import LANGUAGES, TICKET, ZONE, holds, others, samples

pytestmark = pytest.mark.slow

MAIL = OutgoingMail(
    Address("support@acme.example", "Acme Support"), "support+t@acme.example", (Address("jane@example.org", "Jane"),), (),
    "", "<1@acme.example>", "<0@example.org>", ("<0@example.org>",), datetime(2026, 11, 21, tzinfo=UTC), "",
)  # fmt: skip


def draft(number: int = 1, words: Letters = WORDS, language: str = "en") -> Draft:
    values = Acknowledgement(replace(TICKET, number=number), None)
    return Draft(words, Letter.ACKNOWLEDGEMENT, values, language, ZONE, MAIL)


def drafts(count: int) -> dict[int, Draft]:
    return {number: draft(number) for number in range(1, count + 1)}


def every_letter() -> Iterator[tuple[Letter, LetterValues]]:
    yield from samples().items()
    yield from ((letter, values) for _, letter, values in (*holds(), *others()))


def children() -> list[str]:
    return Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()


async def pid_of(writer: Writer) -> int:
    """The process, once it has written a letter."""
    writer.begin({99: draft(99)})
    await writer.finished()
    (pid,) = children()
    return int(pid)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_letter_is_the_same_there(language: str) -> None:
    letters = {
        number: Draft(WORDS, letter, values, language, ZONE, MAIL)
        for number, (letter, values) in enumerate(every_letter())
    }
    async with Writer(WORDS) as writer:
        writer.begin(letters)
        assert await writer.finished() == {number: letter.written() for number, letter in letters.items()}


@pytest.mark.parametrize("letter", list(samples()))
def test_a_draft_is_the_same_after_its_way(letter: Letter) -> None:
    one = Draft(
        WORDS, letter, samples()[letter], "de", ZONE, replace(MAIL, attachments=(Attachment("a", "b/c", b"d"),))
    )
    assert unpacked(WORDS, one.packed()) == one


def test_hostile_words_are_the_same_there() -> None:
    ticket = TicketFacts("Acme Support", "Acme", 7, "\x00\u202e{{ 7*7 }} \U0001f600 " + "x" * 5000)
    one = replace(draft(), values=Acknowledgement(ticket, None))
    assert unpacked(WORDS, one.packed()).written() == one.written()


async def test_letters_are_those_that_were_checked_whatever_became_of_the_files(tmp_path: Path) -> None:
    own = tmp_path / "de-AT" / "acknowledgement" / "body.txt"
    own.parent.mkdir(parents=True)
    own.write_text("Servus, {{ ticket.number }}.\n", "utf-8")
    words = Letters([tmp_path, templates_folder()], "en")
    own.write_text("{{ nonsense }}", "utf-8")
    (own.parent / "subject.txt").write_text("{{ more }}", "utf-8")
    one = draft(7, words, "de-AT")
    async with Writer(words) as writer:
        writer.begin({1: one})
        assert await writer.finished() == {1: one.written()}
    assert b"Servus, 7." in one.written()
    assert pickle.loads(pickle.dumps(words)).render(one.letter, one.values, "de-AT", ZONE).language == "de-AT"


async def test_a_letter_that_can_t_be_written_is_told_as_if_it_were_written_here() -> None:
    wrong = replace(draft(), values=Help(TICKET, ()))
    async with Writer(WORDS) as writer:
        writer.begin({1: draft(), 2: wrong})
        with pytest.raises(TypeError, match="acknowledgement is not written from Help"):
            await writer.finished()
        writer.forget()
        writer.begin({2: draft(2)})  # its number again: the earlier one's answer is not taken for it
        assert await writer.finished() == {2: draft(2).written()}


async def test_what_was_forgotten_comes_no_more() -> None:
    async with Writer(WORDS) as writer:
        writer.begin(drafts(5))
        writer.forget()
        writer.begin({3: draft(333)})
        assert await writer.finished() == {3: draft(333).written()}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_a_process_that_dies_costs_no_letter(how: signal.Signals) -> None:
    async with Writer(WORDS) as writer:
        pid = await pid_of(writer)
        writer.begin(drafts(50))
        os.kill(pid, how)
        assert await writer.finished() == {number: one.written() for number, one in drafts(50).items()}
        writer.begin(drafts(2))  # and it is left in peace for a while
        assert len(await writer.finished()) == 2
        assert children() == []


async def test_a_process_that_hangs_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_PATIENCE", 0.2)
    async with Writer(WORDS) as writer:
        pid = await pid_of(writer)
        os.kill(pid, signal.SIGSTOP)
        writer.begin(drafts(3))
        assert len(await writer.finished()) == 3
        monkeypatch.setattr(writing, "_PATIENCE", 1_000)
        writer.begin({1: draft(111)})
        assert await writer.finished() == {1: draft(111).written()}


async def test_where_no_process_can_be_had_letters_are_written_here(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: str) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(child, "start", refused)
    async with Writer(WORDS) as writer:
        writer.begin(drafts(3))
        assert await writer.finished() == {number: one.written() for number, one in drafts(3).items()}


async def test_large_files_do_not_go_through_the_pipe() -> None:
    large = replace(draft(), mail=replace(MAIL, attachments=(Attachment("a.bin", "application/x", b"x" * 3_000_000),)))
    async with Writer(WORDS) as writer:
        writer.begin({1: draft(), 2: large})
        assert await writer.finished() == {1: draft().written(), 2: large.written()}


async def test_without_letters_the_process_ends_and_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_IDLE", 0.1)
    async with Writer(WORDS) as writer:
        first = await pid_of(writer)
        async with asyncio.timeout(10):
            while str(first) in children():  # noqa: ASYNC110 - the end of another process is waited for
                await asyncio.sleep(0.05)
        assert await pid_of(writer) != first
