"""MAIL, RCPT and DATA in one write where a server takes them so (RFC 2920), and every end means what it means without."""

from __future__ import annotations

import asyncio

import pytest

from mailproc.outbox.transport import Deferred, NotOursError, Outcome, Reason, Refused, Sent, Unknown
from tests.testlib.sending import FROM, LARGE, MAIL, TO, send, transport
from tests.testlib.smtp_script import ORDINARY, Reaction, ScriptedServer, Talk, cut, flood, stay_silent

OFFER = {"EHLO": b"250-script.test\r\n250-PIPELINING\r\n250-SIZE 10000000\r\n250 SMTPUTF8\r\n"}
COMMANDS = [f"MAIL FROM:<{FROM}> SIZE={len(MAIL)}", f"RCPT TO:<{TO}>", "DATA"]


def together(replies: bytes) -> dict[str, Reaction]:
    """A script that answers all three commands at once, when the last of them has come, and takes the mail."""

    async def answer(talk: Talk) -> None:
        await talk.say(replies)
        if replies.endswith(b"354 go on\r\n"):
            await talk.reader.readuntil(b"\r\n.\r\n")
            await talk.say(b"250 taken\r\n")

    return {**OFFER, "MAIL": b"", "RCPT": b"", "DATA": answer}


async def test_all_three_go_out_before_the_first_is_answered() -> None:
    assert await send(together(b"250 one\r\n250-two\r\n250 too\r\n354 go on\r\n")) == Sent(250, "taken")


async def test_several_mails_go_over_one_connection() -> None:
    async with ScriptedServer(OFFER) as server, transport(server, connections=1) as smtp:
        outcomes = [await smtp.send(FROM, TO, content) for content in (MAIL, LARGE, MAIL)]

    assert all(isinstance(outcome, Sent) for outcome in outcomes)
    assert server.connections == 1
    assert [len(taken) > 1_000_000 for taken in server.taken] == [False, True, False]


def told(outcome: Outcome) -> tuple[object, ...]:
    """All but the words, where they are ours."""
    match outcome:
        case Sent(code, reply):
            return Sent, code, reply
        case Deferred(reason, code, reply) | Refused(reason, code, reply):
            return type(outcome), reason, code, reply if code else ""
        case Unknown(reason, _):
            return Unknown, reason


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize(
    "reaction",
    [b"451 4.7.1 Greylisted\r\n", b"550-5.1.1 No\r\n550 such user\r\n", b"421 4.3.2 closing\r\n", b"530 5.7.0 login\r\n",
     b"554 no\r\n", b"251 elsewhere\r\n", b"350 what\r\n", b"hello\r\n", b"\r\n", cut, stay_silent, flood(b"250-more\r\n" * 200),
     flood(b"y" * 10_000)],
    ids=["451", "550", "421", "530", "554", "251", "350", "hello", "empty", "cut", "silence", "endless reply", "endless line"],
)  # fmt: skip
@pytest.mark.row("N15", "N16", "N17", "N18")
async def test_an_end_means_what_it_means_one_by_one(verb: str, reaction: Reaction) -> None:
    alone = await send({verb: reaction}, timeout=0.2, final_timeout=0.2)
    async with (
        ScriptedServer(OFFER | {verb: reaction}) as server,
        transport(server, timeout=0.2, final_timeout=0.2) as smtp,
    ):
        outcome = await smtp.send(FROM, TO, MAIL)

    assert told(outcome) == told(alone)
    assert len(server.taken) == (verb == "DOT" or isinstance(outcome, Sent))


@pytest.mark.parametrize("refused", ["MAIL", "RCPT"])
@pytest.mark.parametrize(
    "data", [b"354 go on\r\n", b"554 no valid recipients\r\n", b"503 MAIL first\r\n", b"421 bye\r\n"]
)
@pytest.mark.row("N16")
async def test_after_a_refusal_nothing_is_sent_whatever_is_said_to_data(refused: str, data: bytes) -> None:
    script = OFFER | {refused: b"550 5.1.1 no\r\n", "DATA": data}
    async with ScriptedServer(script, OFFER) as server, transport(server, connections=1) as smtp:
        assert await smtp.send(FROM, TO, MAIL) == Refused(Reason.REFUSED, 550, "5.1.1 no")
        assert await smtp.send(FROM, TO, MAIL) == Sent(250, "2.0.0 Ok: queued as 4F1ABC")

    assert len(server.taken) == 1
    assert server.connections == 2
    assert [each for each in server.heard if not each.startswith(("EHLO", "QUIT"))] == COMMANDS * 2


async def test_where_it_is_not_offered_each_waits_for_the_answer_to_the_one_before() -> None:
    gone = asyncio.Event()

    async def bye(talk: Talk) -> None:
        await talk.say(ORDINARY["QUIT"])
        gone.set()

    async with ScriptedServer({"RCPT": b"550 no\r\n", "QUIT": bye}) as server:
        async with transport(server) as smtp:
            assert isinstance(await smtp.send(FROM, TO, MAIL), Refused)
        async with asyncio.timeout(5):
            await gone.wait()

    assert server.heard[1:] == [*COMMANDS[:2], "QUIT"]


@pytest.mark.parametrize(
    ("replies", "farewell"),
    [(b"250 a\r\n550 b\r\n554 c\r\n", ["QUIT"]), (b"250 a\r\n550 b\r\n354 c\r\n", []), (b"550 a\r\n503 b\r\n503 c\r\n", ["QUIT"])],
)  # fmt: skip
async def test_quit_is_said_only_where_it_is_a_command(replies: bytes, farewell: list[str]) -> None:
    gone = asyncio.Event()

    async def answer(talk: Talk) -> None:
        await talk.say(replies)

    async def bye(talk: Talk) -> None:
        await talk.say(ORDINARY["QUIT"])
        gone.set()

    async with ScriptedServer(OFFER | {"MAIL": b"", "RCPT": b"", "DATA": answer, "QUIT": bye}) as server:
        async with transport(server) as smtp:
            assert isinstance(await smtp.send(FROM, TO, MAIL), Refused)
        if farewell:
            async with asyncio.timeout(5):
                await gone.wait()

    assert server.heard[1:] == COMMANDS + farewell


@pytest.mark.parametrize("end", [b"421 4.4.2 idle too long\r\n", cut], ids=["421", "cut"])
async def test_that_the_server_ended_meanwhile_costs_no_attempt(end: Reaction) -> None:
    second = asyncio.Event()

    async def once_fine(talk: Talk) -> None:
        if not second.is_set():
            await talk.say(b"250 OK\r\n")
        elif isinstance(end, bytes):
            await talk.say(end)
            talk.writer.close()
        else:
            await end(talk)

    async with ScriptedServer(OFFER | {"MAIL": once_fine}, OFFER) as server, transport(server, connections=1) as smtp:
        assert isinstance(await smtp.send(FROM, TO, MAIL), Sent)
        second.set()
        assert isinstance(await smtp.send(FROM, TO, MAIL), Sent)

    assert server.connections == 2
    assert len(server.taken) == 2


async def test_that_it_goes_out_is_written_after_the_server_has_asked_for_it() -> None:
    said: list[str] = []

    async def not_ours() -> None:
        said.append("asked")
        raise NotOursError("another has it")

    async with ScriptedServer(OFFER) as server, transport(server) as smtp:
        assert await smtp.send(FROM, TO, MAIL, not_ours) == Deferred(Reason.NOT_OURS, reply="another has it")
    async with ScriptedServer(OFFER | {"RCPT": b"550 no\r\n"}) as refusing, transport(refusing) as smtp:
        assert isinstance(await smtp.send(FROM, TO, MAIL, not_ours), Refused)

    assert said == ["asked"]
    assert server.taken == refusing.taken == []


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
async def test_stopping_ends_it_unsent(verb: str) -> None:
    reached = asyncio.Event()

    async def stall(talk: Talk) -> None:
        reached.set()
        await talk.reader.read()

    async with ScriptedServer(OFFER | {verb: stall}) as server, transport(server) as smtp:
        sending = asyncio.create_task(smtp.send(FROM, TO, MAIL))
        await reached.wait()
        await smtp.close()

        assert await sending == Deferred(Reason.STOPPED, reply="we stopped")
    assert server.taken == []
