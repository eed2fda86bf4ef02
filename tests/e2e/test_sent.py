"""Answers lie in the Sent folder, and one that may have left is looked for there before it leaves again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from mailproc.clock import LeapingClock
from mailproc.outbox.settlement import GRACE
from mailproc.store import db, history, outbox
from mailproc.store.outbox import MailClass, NewMail, OutboxRow, OutboxState
from mailproc.store.sent import COPY_AFTER, LOOK
from tests.e2e.test_life import opened
from tests.testlib.desk import SUPPORT, Desk, MailWorld, configuration, running
from tests.testlib.dovecot import Dovecot
from tests.testlib.smtp_script import Reaction, ScriptedServer, Talk, cut
from tests.testlib.store import on_both

pytestmark = pytest.mark.slow

ANSWER = b"Message-ID: <a.t0ken@acme.example>\r\nSubject: Printer\r\n\r\nInstall driver 4.2.\r\n"


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await holds():  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.02)


@on_both
async def test_the_agent_s_answer_lies_there_and_no_automatic_letter(desk: Desk) -> None:
    news = await opened(desk)
    await desk.anna.reply(news, "Which driver is it?")
    answer = await desk.clara.receive("Which driver is it?")
    await desk.quiet()
    await desk.leap(seconds=COPY_AFTER.total_seconds() + 1)

    async def copied() -> bool:
        return bool(await asyncio.to_thread(desk.world.dovecot.mails, SUPPORT, "Sent"))

    await until(copied)
    await desk.leap(days=1)
    assert await asyncio.to_thread(desk.world.dovecot.mails, SUPPORT, "Sent") == [answer.content]


def keeps(dovecot: Dovecot, folder: str = "Sent") -> None:
    with dovecot.imap(SUPPORT) as imap:
        imap.create(folder)
        imap.append(folder, "", "", ANSWER)


def takes_and_breaks(dovecot: Dovecot) -> Reaction:
    """A provider that keeps a copy of what it takes, and whose answer never arrives."""

    async def react(talk: Talk) -> None:
        await asyncio.to_thread(keeps, dovecot)
        talk.cut()

    return react


@asynccontextmanager
async def in_doubt(
    dovecot: Dovecot, folder: Path, dot: Reaction, sent: str = "Sent"
) -> AsyncIterator[tuple[Desk, ScriptedServer, int]]:
    """A desk with an answer that was cut after its final dot; the next attempt goes well."""
    clock = LeapingClock()
    async with ScriptedServer({"DOT": dot}, {}) as server:
        server_of = {"host": "127.0.0.1", "security": "clear", "user": SUPPORT, "password": dovecot.password}
        mailbox = {
            "address": SUPPORT, "team": "support",
            "imap": {**server_of, "port": dovecot.imap_port, "sent": sent},
            "smtp": {"host": "127.0.0.1", "port": server.port, "security": "clear"},
        }  # fmt: skip
        settings = configuration(dovecot, server.port, folder, mailbox={"support": mailbox})
        async with running(settings, MailWorld(dovecot, clock)) as desk:
            id_ = await _queued(clock)
            await desk.app.look_again()
            await until(lambda: _doubted(id_))
            yield desk, server, id_


async def _queued(clock: LeapingClock) -> int:
    mail = NewMail(
        "key", 7, "support", "answer", MailClass.HUMAN, SUPPORT, "clara@customer.example", "<a.t0ken@acme.example>",
        ANSWER, clock.now(),
    )  # fmt: skip
    async with db.transaction():
        return (await outbox.enqueue([mail]))["key"]


async def row(id_: int) -> OutboxRow:
    found = await outbox.get(id_)
    assert found is not None
    return found


async def _doubted(id_: int) -> bool:
    return (await row(id_)).doubts == 1


async def is_sent(id_: int) -> bool:
    return (await row(id_)).state is OutboxState.SENT


@pytest.mark.row("C11", "N17")
async def test_what_the_provider_had_taken_is_not_sent_again(dovecot: Dovecot, tmp_path: Path) -> None:
    async with in_doubt(dovecot, tmp_path, takes_and_breaks(dovecot)) as (desk, server, id_):
        await until(lambda: is_sent(id_))
        await desk.leap(hours=1)
        assert len(server.taken) == 1
        told = [entry.text for entry in await history.of_ticket(7)]
        assert "the same Message-ID, is sent again, unless the Sent folder has it" in told[-2]
        assert (
            told[-1]
            == "answer to clara@customer.example: it lies in Sent: the server had taken it; it is not sent again"
        )
        assert await asyncio.to_thread(dovecot.mails, SUPPORT, "Sent") == [ANSWER]


async def test_a_provider_that_keeps_it_late_is_believed_too(dovecot: Dovecot, tmp_path: Path) -> None:
    async with in_doubt(dovecot, tmp_path, cut) as (desk, server, id_):
        await desk.leap(minutes=1)
        await asyncio.to_thread(keeps, dovecot)
        await desk.leap(seconds=GRACE.total_seconds())
        await until(lambda: is_sent(id_))
        assert len(server.taken) == 1


@pytest.mark.row("C11", "N17")
async def test_what_is_not_there_is_sent_again_and_copied_once(dovecot: Dovecot, tmp_path: Path) -> None:
    async with in_doubt(dovecot, tmp_path, cut) as (desk, server, id_):
        await desk.leap(minutes=1)
        assert len(server.taken) == 1
        await desk.leap(seconds=GRACE.total_seconds())
        await until(lambda: is_sent(id_))
        assert len(server.taken) == 2
        assert server.taken[0] == server.taken[1]
        await desk.leap(minutes=1)

        async def copied() -> bool:
            return await asyncio.to_thread(dovecot.mails, SUPPORT, "Sent") == [ANSWER]

        await until(copied)


@pytest.mark.parametrize("away", [True, False], ids=["out of reach", "no folder"])
async def test_where_nobody_can_look_it_is_sent_again_after_a_while(
    dovecot: Dovecot, tmp_path: Path, away: bool
) -> None:
    async with in_doubt(dovecot, tmp_path, cut, sent="Sent" if away else "") as (desk, server, id_):
        if away:
            await asyncio.to_thread(dovecot.kill)
        desk.world.clock.leap(GRACE + LOOK if away else GRACE)
        await desk.app.look_again()
        await until(lambda: is_sent(id_))
        assert len(server.taken) == 2
