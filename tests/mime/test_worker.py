"""Worker processes: what one mail does to its worker, no other mail notices."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mailproc import child
from mailproc.core.message import Message
from mailproc.core.reply import MOST_READ
from mailproc.mime.forwards import read_forward
from mailproc.mime.parse import parse_mail
from mailproc.mime.pool import ParseFailed, ParserPool, ParserUnavailable, WorkerLimits
from mailproc.mime.prescan import Limits, RefusalReason
from mailproc.mime.quoting import split_reply
from mailproc.mime.wire import ANSWER, FAILED, MESSAGE, READY, REFUSED, FailureReason, encode_message
from tests.testlib.children import all_children

PLAIN = b"From: Jane <jane@example.org>\r\nSubject: Hello\r\n\r\nIt broke.\r\n"
# Passes the pre-scan and keeps the standard library busy for minutes: quadratic in the parameters of each part.
SLOW_PART = b"--mark\r\nContent-Type: multipart/mixed;" + b" a=b;" * 60_000 + b"\r\n\r\nx\r\n"
SLOW = b"Content-Type: multipart/mixed; boundary=mark\r\n\r\n" + SLOW_PART * 100


@pytest.fixture
def children() -> Callable[[], set[int]]:
    """The processes we started since the test began."""
    before = all_children()
    return lambda: all_children() - before


def processor_time(pid: int) -> int:
    """What it has used, in hundredths of a second (proc(5))."""
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11])


def told(pid: int, what: str) -> str:
    return Path(f"/proc/{pid}/{what}").read_text(encoding="ascii")


async def test_a_worker_reads_what_the_parser_reads() -> None:
    async with ParserPool(1) as pool:
        assert await pool.parse(PLAIN) == parse_mail(PLAIN)


async def test_what_is_new_in_a_mail_comes_with_it_unless_it_may_quote_ours() -> None:
    mail = b"Subject: Hello\r\n%b\r\nNew.\r\n\r\n> Old.\r\n"
    async with ParserPool(1) as pool:
        read = replace(parse_mail(mail % b""), language="en")
        assert await pool.read(mail % b"") == (read, split_reply("New.\n\n> Old.\n"))
        answer = mail % b"In-Reply-To: <1@example.org>\r\n"
        assert await pool.read(answer) == (parse_mail(answer), None)


async def test_the_language_of_what_is_new_comes_with_it_unless_it_may_quote_ours() -> None:
    mail = "Subject: Drucker\r\n%s\r\nEr geht nicht mehr und ich brauche ihn heute.\r\n\r\n> It is the printer that you sent.\r\n"
    async with ParserPool(1) as pool:
        assert (await pool.read((mail % "").encode()))[0].language == "de"
        assert (await pool.read((mail % "In-Reply-To: <1@example.org>\r\n").encode()))[0].language == ""
        assert (await pool.read(b"Subject: 4711\r\n\r\n0815\r\n"))[0].language == ""


async def test_a_worker_cuts_as_the_cutter_cuts() -> None:
    body = "It works. \xfc\n\nAnna wrote:\n> Does it?\n"
    long = "new words\n" * (MOST_READ // 9)
    async with ParserPool(1) as pool:
        assert await pool.split(body, ["Does it?"]) == split_reply(body, ["Does it?"])
        page = '<p><a href="x">Take</a> or note or close</p><p>Help</p>'
        assert (await pool.split("New.\n\nTake or note or close Help", [], [page])).text == "New."
        assert (await pool.split(long, [])).unread
        assert not (await pool.split(long.replace("new", "> new"), [])).unread


async def test_a_worker_reads_forwards_as_the_reader_reads_them() -> None:
    text = "See \xfc below.\n\n---------- Forwarded message ---------\nFrom: Jane <jane@example.org>\n\nIt broke.\n"
    async with ParserPool(1) as pool:
        assert await pool.forwarded(text, "Fwd: Lamp") == read_forward(text, "Fwd: Lamp") is not None
        assert await pool.forwarded("It broke.", "Fwd: Lamp") is None


async def test_large_attachments_come_through() -> None:
    content = bytes(range(256)) * 40_000
    raw = b"Content-Type: application/x-thing\r\nContent-Transfer-Encoding: binary\r\n\r\n" + content.replace(
        b"\r", b""
    )
    async with ParserPool(1) as pool:
        (attachment,) = (await pool.parse(raw)).attachments
    assert attachment.size > 10_000_000


@pytest.mark.slow
async def test_many_at_once_each_get_their_own() -> None:
    async with ParserPool(2, WorkerLimits(mails=7)) as pool:
        mails = [PLAIN.replace(b"Hello", b"Mail %d" % number) for number in range(60)]
        messages = await asyncio.gather(*(pool.parse(raw) for raw in mails))
    assert [message.subject for message in messages] == [f"Mail {number}" for number in range(60)]


async def test_small_and_large_ones_are_answered_as_they_were_asked() -> None:
    async with ParserPool(1) as pool:
        mails = [b"Subject: %d\r\n\r\n" % number + b"x" * (number % 3 * 50_000) for number in range(20)]
        refused = b"A: 1\r\n" * 20_000
        answers = await asyncio.gather(*(pool.parse(raw) for raw in (refused, *mails)), return_exceptions=True)
    assert isinstance(answers[0], ParseFailed)
    assert [answer.subject for answer in answers[1:] if isinstance(answer, Message)] == [str(n) for n in range(20)]


async def test_a_long_answer_is_read_while_others_wait_to_be_asked() -> None:
    long = b"Content-Type: application/x-thing\r\n\r\n" + b"x" * 4_000_000
    others = [b"Subject: %d\r\n\r\n" % number + b"x" * 65_000 for number in range(5)]
    async with ParserPool(1, WorkerLimits(wall_seconds=8)) as pool:
        first, *rest = await asyncio.gather(*map(pool.parse, (long, *others)))
    assert first.attachments[0].size == 4_000_000
    assert [message.subject for message in rest] == ["0", "1", "2", "3", "4"]


async def test_a_refused_mail_names_its_cap_and_costs_no_worker(children: Callable[[], set[int]]) -> None:
    async with ParserPool(1, WorkerLimits(scan=Limits(header_fields=2))) as pool:
        await pool.parse(PLAIN)
        before = children()
        with pytest.raises(ParseFailed) as failure:
            await pool.parse(b"A: 1\r\nB: 2\r\nC: 3\r\n\r\n")
        assert failure.value.reason is RefusalReason.TOO_MANY_FIELDS
        await pool.parse(PLAIN)
        assert children() == before


async def test_too_large_a_mail_is_refused_before_it_is_sent_to_a_worker() -> None:
    async with ParserPool(1, WorkerLimits(scan=Limits(message_bytes=1_000))) as pool:
        with pytest.raises(ParseFailed) as failure:
            await pool.parse(b"x" * 1_001)
    assert failure.value.reason is RefusalReason.MESSAGE_TOO_LARGE


@pytest.mark.slow
async def test_wall_clock() -> None:
    async with ParserPool(1, WorkerLimits(wall_seconds=0.3)) as pool:
        with pytest.raises(ParseFailed) as failure:
            await pool.parse(SLOW)
        assert failure.value.reason is FailureReason.TIMED_OUT
        assert (await pool.parse(PLAIN)).subject == "Hello"


@pytest.mark.row("A18")
@pytest.mark.slow
async def test_processor_time() -> None:
    async with ParserPool(1, WorkerLimits(cpu_seconds=1)) as pool:
        slow = asyncio.create_task(pool.parse(SLOW))
        behind = [pool.parse(PLAIN) for _ in range(10)]  # with the same worker, and not begun
        assert [message.subject for message in await asyncio.gather(*behind)] == ["Hello"] * 10
        with pytest.raises(ParseFailed) as failure:
            await slow
        assert failure.value.reason is FailureReason.OUT_OF_PROCESSOR_TIME


@pytest.mark.row("A18")
@pytest.mark.slow
async def test_memory() -> None:
    raw = b"Content-Type: text/plain\r\n\r\n" + b"line\n" * 900_000
    async with ParserPool(1, WorkerLimits(memory=90_000_000)) as pool:
        with pytest.raises(ParseFailed) as failure:
            await pool.parse(raw)
        assert failure.value.reason is FailureReason.OUT_OF_MEMORY
        assert (await pool.parse(PLAIN)).subject == "Hello"


async def killed_at(mail: asyncio.Task[Message], children: Callable[[], set[int]]) -> None:
    """The worker that reads this mail, killed in the middle of it."""
    spent: dict[int, int] = {}
    while not mail.done():
        for pid in children():
            if processor_time(pid) > spent.setdefault(pid, processor_time(pid)) + 50:
                os.kill(pid, signal.SIGKILL)
                return
        await asyncio.sleep(0.05)


@pytest.mark.row("A18")
@pytest.mark.slow
async def test_a_mail_whose_workers_are_killed_is_given_up_and_costs_no_other(children: Callable[[], set[int]]) -> None:
    async with ParserPool(2) as pool:
        await asyncio.gather(*(pool.parse(PLAIN) for _ in range(10)))
        slow = asyncio.create_task(pool.parse(SLOW))
        others = [pool.parse(PLAIN) for _ in range(5)]
        assert [message.subject for message in await asyncio.gather(*others)] == ["Hello"] * 5
        await killed_at(slow, children)
        await killed_at(slow, children)
        with pytest.raises(ParseFailed) as failure:
            await slow
        assert failure.value.reason is FailureReason.CRASHED
        assert "SIGKILL" in failure.value.detail
        assert (await pool.parse(PLAIN)).subject == "Hello"


async def test_a_worker_that_was_killed_idle_costs_no_mail(children: Callable[[], set[int]]) -> None:
    async with ParserPool(1) as pool:
        for _ in range(5):  # before the loop has taken note, or after
            await pool.parse(PLAIN)
            (pid,) = children()
            os.kill(pid, signal.SIGKILL)
            assert (await pool.parse(PLAIN)).subject == "Hello"


async def test_who_stops_waiting_for_a_worker_that_does_not_start_disturbs_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\nsleep 0.2\n", encoding="ascii")
    silent.chmod(0o700)
    async with ParserPool(1) as pool:
        with monkeypatch.context() as broken:
            broken.setattr(sys, "executable", str(silent))
            impatient = asyncio.create_task(pool.parse(PLAIN))
            await asyncio.sleep(0.3)  # the second attempt is under way
            impatient.cancel()
            with pytest.raises(ParserUnavailable):
                await pool.parse(PLAIN)
        assert (await pool.parse(PLAIN)).subject == "Hello"


async def test_a_worn_worker_is_replaced(children: Callable[[], set[int]]) -> None:
    async with ParserPool(1, WorkerLimits(mails=2)) as pool:
        await pool.parse(PLAIN)
        first = children()
        for _ in range(3):
            await pool.parse(PLAIN)
        assert children().isdisjoint(first)


async def test_who_stops_waiting_disturbs_nobody() -> None:
    async with ParserPool(1) as pool:
        assert await pool.warmed()
        for turns in range(8):  # before it is asked, and when others are asked already
            mails = [b"Subject: %d\r\n\r\n" % number for number in range(9)]
            readers = [asyncio.create_task(pool.parse(mail)) for mail in mails]
            for _ in range(turns):
                await asyncio.sleep(0)
            for task in readers[::2]:
                task.cancel()
            results = await asyncio.gather(*readers, return_exceptions=True)
            read = [result.subject if isinstance(result, Message) else type(result) for result in results]
            assert read[1::2] == ["1", "3", "5", "7"]
            assert set(read[::2]) <= {asyncio.CancelledError, "0", "2", "4", "6", "8"}


async def test_after_the_end_no_process_and_no_task_is_left_and_nobody_waits(children: Callable[[], set[int]]) -> None:
    before = children()
    pool = ParserPool(2)
    async with pool:
        await pool.parse(PLAIN)
        waiting = [asyncio.create_task(pool.parse(SLOW)) for _ in range(4)]
        await asyncio.sleep(0.05)
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(result) for result in results] == [ParserUnavailable] * 4
    with pytest.raises(ParserUnavailable):
        await pool.parse(PLAIN)
    assert children() == before
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize("program", ["/nonexistent/python", "/bin/false"])
async def test_when_no_worker_starts_the_mail_may_come_again(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with ParserPool(1) as pool:
        with monkeypatch.context() as broken:
            broken.setattr(sys, "executable", program)
            with pytest.raises(ParserUnavailable):
                await pool.parse(PLAIN)
        assert (await pool.parse(PLAIN)).subject == "Hello"


async def test_a_pool_tells_whether_a_worker_stands_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    async with ParserPool(1) as pool:
        assert await pool.warmed()
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    async with ParserPool(1) as pool:
        assert not await pool.warmed()


@pytest.mark.row("A30")
async def test_a_worker_gets_no_secret(children: Callable[[], set[int]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILPROC_IMAP__PASSWORD", "example-of-a-secret")
    async with ParserPool(1) as pool:
        await pool.parse(PLAIN)
        (pid,) = children()
        environment = told(pid, "environ")
        limits = told(pid, "limits")
    assert "example-of-a-secret" not in environment
    assert "Max file size             0 " in limits
    assert "Max core file size        0 " in limits


@pytest.fixture
def answering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Workers that answer with these bytes whatever they are asked."""
    package = tmp_path / "mailproc" / "mime"
    package.mkdir(parents=True)
    for folder in (package.parent, package):
        (folder / "__init__.py").touch()
    monkeypatch.setattr(child, "__file__", str(package.parent / "child.py"))

    def answers(frames: bytes) -> None:
        (package / "worker.py").write_text(
            "import sys\n"
            "out = sys.stdout.buffer\n"
            f"out.write({ANSWER.pack(0, READY, 0, 0)!r}); out.flush()\n"
            "sys.stdin.buffer.read(8)\n"
            f"out.write({frames!r}); out.flush()\n"
            "sys.stdin.buffer.read()\n",
            encoding="ascii",
        )

    return answers


async def test_a_worker_that_answers_nonsense_is_not_believed(answering: Callable[[bytes], None]) -> None:
    answering(ANSWER.pack(1, MESSAGE, 2, 0) + b"[]")
    async with ParserPool(1) as pool:
        with pytest.raises(ParseFailed) as failure:
            await pool.parse(PLAIN)
    assert failure.value.reason is FailureReason.CRASHED


@pytest.mark.parametrize("kind", [REFUSED, FAILED])
async def test_what_a_worker_says_of_a_mail_it_can_t_read_can_be_stored(
    kind: bytes, answering: Callable[[bytes], None]
) -> None:
    answering(ANSWER.pack(1, kind, 5, 0) + b"a\0\xed\xa0\x80")
    async with ParserPool(1) as pool:
        with pytest.raises(ParseFailed) as failure:
            await pool.parse(PLAIN)
    assert "\0" not in failure.value.detail
    assert failure.value.detail.encode().startswith(b"a")


async def test_no_mail_gets_an_answer_to_another(answering: Callable[[bytes], None]) -> None:
    document, pieces = encode_message(parse_mail(PLAIN))
    text = b"".join(pieces)
    answering(2 * (ANSWER.pack(1, MESSAGE, len(document), len(text)) + document + text))
    async with ParserPool(1) as pool:
        assert await pool.parse(PLAIN) == parse_mail(PLAIN)
        with pytest.raises(ParseFailed):
            await pool.parse(PLAIN.replace(b"Hello", b"Something else"))
