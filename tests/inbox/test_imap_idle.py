"""Waiting for news in IDLE: whatever is said before, in and after it, and whatever is not."""

from __future__ import annotations

import asyncio

import pytest

from mailproc.clock import SystemClock
from mailproc.inbox.source import Unreachable
from tests.inbox.reading import Hasty, account, contents, look, opened, reading
from tests.testlib.certificate import Certificate
from tests.testlib.imap_script import MAIL, ONE_MAIL, Answer, ScriptedImap, Talk, cut, done


async def begins_idle(server: ScriptedImap) -> None:
    await server.until(lambda: server.count("IDLE") > 0)


@pytest.mark.row("N1")
async def test_a_connection_closed_in_idle_is_seen_at_once() -> None:
    async def idle(talk: Talk) -> None:
        await talk.say(b"+ idling\r\n")
        talk.cut()

    async with ScriptedImap({"IDLE": idle}) as server, opened(server) as source:
        with pytest.raises(Unreachable):
            async with asyncio.timeout(1):
                await source.news(60)


async def refused_and_cut(talk: Talk) -> None:
    await talk.say(b"{tag} NO [LIMIT] too many\r\n")
    talk.cut()


class Noting(Hasty):
    """Of the pauses that are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> float:
        self.pauses.append(seconds)
        return super().pause(seconds)


@pytest.mark.row("N1")
@pytest.mark.parametrize("answer", [cut, refused_and_cut])
async def test_the_pauses_grow_where_each_connection_ends_in_its_idle(answer: Answer) -> None:
    clock = Noting()
    async with ScriptedImap({"IDLE": answer}) as server, reading(account(server.port), clock=clock):
        await server.until(lambda: server.connections >= 6, 20)
    assert max(clock.pauses) > 3


@pytest.mark.row("N1")
async def test_a_server_that_always_hangs_up_in_idle_is_not_hammered() -> None:
    async with ScriptedImap({"IDLE": cut}) as server, reading(account(server.port), clock=SystemClock()):
        await server.until(lambda: server.connections >= 2)
        assert len(server.heard) <= 12  # two sessions of login, select, search, idle: no loop runs wild


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.row("N2")
async def test_a_push_in_the_same_segment_as_the_idle_s_begin_is_heard(secure: bool, certificate: Certificate) -> None:
    async def idle(talk: Talk) -> None:
        await talk.say(b"+ idling\r\n* 2 EXISTS\r\n")
        await done(talk)

    context = certificate.server_context() if secure else None
    async with ScriptedImap({"IDLE": idle}, tls=context) as server:
        trust = {"security": "tls", "ca_file": certificate.certificate} if secure else {}
        async with opened(server, **trust) as source, asyncio.timeout(2):
            await source.news(60)


@pytest.mark.row("N2")
async def test_news_before_the_idle_s_begin_are_news_and_no_trouble() -> None:
    async def idle(talk: Talk) -> None:
        await talk.say(b"* 1 RECENT\r\n* 2 EXISTS\r\n+ idling\r\n")  # as Exchange does
        await done(talk)

    async with ScriptedImap({"IDLE": idle}) as server, opened(server) as source, asyncio.timeout(2):
        await source.news(60)
        assert server.connections == 1


@pytest.mark.parametrize("refusal", [b"{tag} NO [LIMIT] too many\r\n", b"* 2 EXISTS\r\n{tag} BAD not now\r\n"])
async def test_a_server_that_refuses_to_idle_is_asked_every_so_often(refusal: bytes) -> None:
    async with ScriptedImap({**ONE_MAIL, "IDLE": refusal}) as server, reading(account(server.port)) as poller:
        for _ in range(4):
            await look(poller)
        assert (server.connections, server.count("IDLE")) == (1, 1)
        assert await contents() == [MAIL]


async def test_a_mail_announced_while_others_are_moved_is_looked_for_at_once() -> None:
    async with ScriptedImap({"MOVE": b"* 3 EXISTS\r\n{tag} OK .\r\n"}) as server, opened(server) as source:
        await source.after(0, 1)
        await source.move([1], "Processed")
        async with asyncio.timeout(2):
            await source.news(60)


async def test_a_search_that_tells_what_it_found_ends_no_wait() -> None:
    async with ScriptedImap() as server, opened(server) as source:
        await source.after(0, 1)
        waiting = asyncio.create_task(source.news(60))
        await begins_idle(server)
        finished, _ = await asyncio.wait({waiting}, timeout=0.2)
        assert not finished
        await source.hint()
        await asyncio.wait_for(waiting, 2)
