"""Letters written in a process of their own: the same bytes, and never missed when it fails."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailproc import child
from mailproc.core.letter_values import LetterValues
from mailproc.core.letters import Acknowledgement, Help, Letter, TicketFacts
from mailproc.core.message import Address, Attachment
from mailproc.mime.compose import OutgoingMail
from mailproc.mime.pool import WorkerLimits
from mailproc.mime.wire import ANSWER, MESSAGE, REQUEST
from mailproc.render import writer as writing
from mailproc.render.draft import FRAME, Draft, unpacked
from mailproc.render.letters import Letters
from mailproc.render.writer import Writer
from mailproc.resources import templates_folder
from tests.render.reading import WORDS
from tests.testlib.children import all_children
from tests.testlib.pictures import LANGUAGES, TICKET, ZONE, holds, others, samples

pytestmark = pytest.mark.slow

OTHERS: set[int] = set()  # processes that are no test's here

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


@pytest.fixture(autouse=True)
def before() -> Iterator[None]:
    """Every test ends without a process of its own."""
    OTHERS.clear()
    OTHERS.update(all_children())
    yield
    assert children() == set()


def children() -> set[int]:
    return all_children() - OTHERS


class Odd(str):
    """Words that can't be passed on."""

    __slots__ = ()

    def __reduce_ex__(self, _: object) -> str:
        raise TypeError("not to be taken apart")


@contextmanager
def never_here() -> Iterator[None]:
    """No letter is written in this process meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Draft, "written", None)
        yield


async def awake(writer: Writer) -> int:
    """The process, once it is ready."""
    return await _woken(writer, lambda: writer.ready)


async def starting(writer: Writer) -> int:
    """The process, before it is ready."""
    return await _woken(writer, lambda: writer.takes_letters)


async def _woken(writer: Writer, far_enough: Callable[[], bool]) -> int:
    writer.wake()
    async with asyncio.timeout(20):
        while not far_enough():  # noqa: ASYNC110 - another process is waited for
            await asyncio.sleep(0.001)
    (pid,) = children()
    return pid


async def gone(pid: int) -> None:
    async with asyncio.timeout(20):
        while pid in children():  # noqa: ASYNC110 - the end of another process is waited for
            await asyncio.sleep(0.01)


async def written(writer: Writer, letters: Mapping[int, Draft]) -> Mapping[int, bytes]:
    writer.begin(letters)
    return await writer.finished()


def here(letters: Mapping[int, Draft]) -> Mapping[int, bytes]:
    return {number: letter.written() for number, letter in letters.items()}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_letter_is_the_same_there(language: str) -> None:
    letters = {
        number: Draft(WORDS, letter, values, language, ZONE, MAIL)
        for number, (letter, values) in enumerate(every_letter())
    }
    async with Writer(WORDS) as writer:
        await awake(writer)
        with never_here():
            there = await written(writer, letters)
        assert there == here(letters)


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
        await awake(writer)
        with never_here():
            there = await written(writer, {1: one})
        assert there == here({1: one})
    assert b"Servus, 7." in one.written()
    assert pickle.loads(pickle.dumps(words)).render(one.letter, one.values, "de-AT", ZONE).language == "de-AT"


async def test_a_letter_that_can_t_be_written_is_told_as_if_it_were_written_here() -> None:
    wrong = replace(draft(), values=Help(TICKET, ()))
    async with Writer(WORDS) as writer:
        await awake(writer)
        with pytest.raises(TypeError, match="acknowledgement is not written from Help"):
            await written(writer, {1: draft(), 2: wrong})
        writer.forget()
        # Its number again: the earlier one's answer is not taken for it.
        assert await written(writer, {2: draft(2)}) == here({2: draft(2)})


async def test_a_draft_that_can_t_be_passed_on_is_written_here() -> None:
    odd = replace(draft(), time_zone=Odd(ZONE))
    async with Writer(WORDS) as writer:
        await awake(writer)
        assert await written(writer, {1: odd, 2: draft(2)}) == here({1: odd, 2: draft(2)})


async def test_what_was_forgotten_comes_no_more() -> None:
    async with Writer(WORDS) as writer:
        await awake(writer)
        writer.begin(drafts(5))
        assert writer.size > 1_000
        writer.forget()
        assert writer.size == 0
        assert await written(writer, {3: draft(333)}) == here({3: draft(333)})


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_a_process_that_dies_costs_no_letter(how: signal.Signals) -> None:
    async with Writer(WORDS) as writer:
        pid = await awake(writer)
        writer.begin(drafts(50))
        os.kill(pid, how)
        assert await writer.finished() == here(drafts(50))
        await gone(pid)
        writer.wake()  # and it is left in peace for a while
        assert not writer.ready
        assert await written(writer, drafts(2)) == here(drafts(2))
        assert children() == set()


async def test_a_process_that_hangs_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_PATIENCE", 0.2)
    async with Writer(WORDS) as writer:
        pid = await awake(writer)
        os.kill(pid, signal.SIGSTOP)
        assert await written(writer, drafts(3)) == here(drafts(3))
        assert not writer.ready
        monkeypatch.setattr(writing, "_PATIENCE", 1_000)
        assert await written(writer, {1: draft(111)}) == here({1: draft(111)})


@contextmanager
def answering(folder: Path, answers: Sequence[tuple[int, bytes]], pause: float = 0) -> Iterator[None]:
    """Processes that answer so, once they are asked, with a pause before each answer."""
    frames = [FRAME.pack(number, len(words)) + words for number, words in answers]
    program = folder / "mailproc" / "render" / "worker.py"
    program.parent.mkdir(parents=True)
    for each in (program.parent, program.parent.parent):
        (each / "__init__.py").touch()
    program.write_text(
        "import sys, time\n"
        f"sys.stdout.buffer.write({FRAME.pack(0, 0)!r}); sys.stdout.buffer.flush()\n"
        f"sys.stdin.buffer.read({len(pickle.dumps(WORDS, pickle.HIGHEST_PROTOCOL)) + FRAME.size + 1})\n"
        f"for frame in {frames!r}:\n"
        f"    time.sleep({pause}); sys.stdout.buffer.write(frame); sys.stdout.buffer.flush()\n"
        "time.sleep(60)\n",
        encoding="ascii",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(child, "__file__", str(folder / "mailproc" / "child.py"))
        yield


@pytest.mark.parametrize("answers", [[(0, b"a")], [(7, b"a")], [(2, b"a"), (1, b"b")]])
async def test_what_was_not_asked_is_not_believed(answers: list[tuple[int, bytes]], tmp_path: Path) -> None:
    with answering(tmp_path, answers):
        async with Writer(WORDS) as writer:
            await awake(writer)
            assert await written(writer, drafts(2)) == here(drafts(2))
            assert not writer.ready
    assert children() == set()


async def test_one_that_writes_slowly_is_not_waited_for_at_each_letter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "_PATIENCE", 0.3)
    answers = [(number, b"there") for number in range(1, 51)]
    with answering(tmp_path, answers, pause=0.1):
        async with Writer(WORDS) as writer:
            await awake(writer)
            async with asyncio.timeout(2):
                letters = await written(writer, drafts(50))
            assert not writer.ready
    assert letters[1] == b"there"
    assert letters[50] == draft(50).written()


async def test_one_that_takes_long_to_start_is_not_waited_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Writer(WORDS) as writer:
        pid = await starting(writer)
        os.kill(pid, signal.SIGSTOP)
        assert not writer.ready
        monkeypatch.setattr(writing, "_PATIENCE", 0.1)
        assert await written(writer, drafts(3)) == here(drafts(3))
        monkeypatch.setattr(writing, "_PATIENCE", 1_000)
        assert not writer.takes_letters
        assert await written(writer, drafts(4)) == here(drafts(4))
        os.kill(pid, signal.SIGCONT)
        assert await awake(writer) == pid
        with never_here():
            there = await written(writer, drafts(5))
        assert there == here(drafts(5))


async def test_one_that_never_gets_ready_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_START", 2.0)
    monkeypatch.setattr(writing, "_PATIENCE", 0.1)
    async with Writer(WORDS) as writer:
        pid = await starting(writer)
        os.kill(pid, signal.SIGSTOP)
        assert await written(writer, drafts(3)) == here(drafts(3))
        await gone(pid)


async def test_one_that_is_ready_has_all_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_START", 3.0)
    async with Writer(WORDS) as writer:
        pid = await awake(writer)
        await asyncio.sleep(3.5)
        assert children() == {pid}


async def test_letters_wait_for_one_that_starts() -> None:
    async with Writer(WORDS) as writer:
        await starting(writer)
        with never_here(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(writing, "_PATIENCE", 60)
            there = await written(writer, drafts(2))
        assert there == here(drafts(2))


async def test_where_no_process_can_be_had_letters_are_written_here(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: str) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(child, "start", refused)
    async with Writer(WORDS) as writer:
        writer.wake()
        assert await written(writer, drafts(3)) == here(drafts(3))
        assert not writer.ready


async def test_whoever_stops_while_it_starts_leaves_nothing_behind() -> None:
    async with Writer(WORDS) as writer:
        writer.wake()
        await asyncio.sleep(0.05)
    assert children() == set()


async def test_without_letters_the_process_ends_and_comes_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Writer(WORDS) as writer:
        first = await awake(writer)
        with monkeypatch.context() as impatient:
            impatient.setattr(writing, "_IDLE", 0.1)
            writer.wake()
        await gone(first)
        assert await awake(writer) != first


@contextmanager
def alone(module: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours whose daemon we are."""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-m", module, *arguments], stdin=pipe, stdout=pipe, stderr=pipe) as process:
        yield process
        assert process.stdin is not None
        assert process.stderr is not None
        with suppress(BrokenPipeError):
            process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(20) == 0


def test_a_daemon_that_dies_leaves_no_complaint_behind() -> None:
    words = pickle.dumps(WORDS, pickle.HIGHEST_PROTOCOL)
    packed = draft().packed()
    with alone("mailproc.render.worker") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(FRAME.pack(0, len(words)) + words)
        process.stdin.flush()
        assert process.stdout.read(FRAME.size) == FRAME.pack(0, 0)
        process.stdout.close()
        with suppress(BrokenPipeError):
            process.stdin.write((FRAME.pack(1, len(packed)) + packed) * 50)
            process.stdin.flush()


@pytest.mark.parametrize("size", [0, 5, 500])
def test_a_daemon_that_dies_in_the_middle_of_a_word_leaves_no_complaint_behind(size: int) -> None:
    words = pickle.dumps(WORDS, pickle.HIGHEST_PROTOCOL)
    with alone("mailproc.render.worker") as process:
        assert process.stdin is not None
        process.stdin.write((FRAME.pack(0, len(words)) + words)[:size])


def test_a_daemon_that_dies_while_its_mail_is_read_leaves_no_complaint_behind() -> None:
    limits = WorkerLimits()
    caps = [str(number) for number in (limits.memory, limits.cpu_seconds, *astuple(limits.scan))]
    mail = b"From: a@example.org\r\n\r\nwords\r\n"
    with alone("mailproc.mime.worker", *caps) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.read(ANSWER.size)
        process.stdout.close()
        with suppress(BrokenPipeError):
            process.stdin.write((REQUEST.pack(1, MESSAGE, len(mail)) + mail) * 5)
            process.stdin.flush()
