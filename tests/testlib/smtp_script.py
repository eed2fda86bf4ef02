"""An SMTP server without manners: every reply is what the test says, byte for byte, or no reply at all.

`Sink` (aiosmtpd) behaves; this one cuts, stalls, babbles and lies, at any verb and in the middle of a mail.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self

from tests.testlib import listening

GREETING = b"220 script.test ESMTP\r\n"
EHLO = b"250-script.test\r\n250-SIZE 10000000\r\n250 SMTPUTF8\r\n"
ORDINARY = {
    "CONNECT": GREETING,
    "EHLO": EHLO,
    "HELO": b"250 script.test\r\n",
    "MAIL": b"250 2.1.0 OK\r\n",
    "RCPT": b"250 2.1.5 OK\r\n",
    "DATA": b"354 go on\r\n",
    "DOT": b"250 2.0.0 Ok: queued as 4F1ABC\r\n",
    "QUIT": b"221 2.0.0 Bye\r\n",
}


class Talk:
    """One connection, as a reaction sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, words: bytes) -> None:
        self.writer.write(words)
        await self.writer.drain()

    def cut(self) -> None:
        """A reset: nothing more is sent or read."""
        self.writer.transport.abort()


Reaction = bytes | Callable[[Talk], Awaitable[None]]


async def cut(talk: Talk) -> None:
    """The connection breaks."""
    talk.cut()


async def stay_silent(talk: Talk) -> None:
    """No answer, until the other side gives up."""
    await talk.reader.read()


def cut_after(count: int) -> Reaction:
    """For DATA: ask for the mail, read `count` bytes of it, break the connection."""

    async def react(talk: Talk) -> None:
        await talk.say(ORDINARY["DATA"])
        await talk.reader.readexactly(count)
        talk.cut()

    return react


def drip(words: bytes, pause: float) -> Reaction:
    """A byte at a time."""

    async def react(talk: Talk) -> None:
        for byte in words:
            await talk.say(bytes([byte]))
            await asyncio.sleep(pause)

    return react


def flood(piece: bytes) -> Reaction:
    """The same piece without end."""

    async def react(talk: Talk) -> None:
        while True:
            await talk.say(piece)

    return react


async def _mail(talk: Talk) -> bytes:
    """All of a mail, its final dot included."""
    mail = b""
    while not mail.endswith(b"\r\n.\r\n"):
        piece = await talk.reader.read(65_536)
        if not piece:
            raise ConnectionResetError
        mail += piece
    return mail


class ScriptedServer:
    """`async with ScriptedServer({"RCPT": b"550 no"}) as server:` listens on a free port of 127.0.0.1.

    Verbs are those of SMTP, and CONNECT (the greeting) and DOT (the answer to a mail's last line). What the script
    does not name is answered as by a friendly server. A list of reactions is used up one connection at a time.
    """

    host = "127.0.0.1"

    def __init__(self, *scripts: Mapping[str, Reaction]) -> None:
        """One script for each connection, in order; the last one for all that follow."""
        self.port = 0
        self.heard: list[str] = []  # commands of all connections
        self.taken: list[bytes] = []  # mails whose final dot was read, as they came
        self.connections = 0
        self._scripts = scripts or ({},)
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        listening = socket.create_server((self.host, 0))
        # A small window, so that what was not read here has not left the client either.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
        self._server = await asyncio.start_server(self._accept, sock=listening)
        self.port = listening.getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        await listening.end(self._server, self._tasks)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        script = ORDINARY | dict(self._scripts[min(self.connections, len(self._scripts) - 1)])
        self.connections += 1
        try:
            await self._converse(Talk(reader, writer), script)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the other side left, as many tests want to see, or the test is over
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _converse(self, talk: Talk, script: Mapping[str, Reaction]) -> None:
        await self._react(talk, script["CONNECT"])
        while line := await talk.reader.readline():
            command = line.decode("utf-8", "replace").strip()
            verb = command.partition(" ")[0].upper()
            self.heard.append(command)
            reaction = script.get(verb, b"500 what?\r\n")
            await self._react(talk, reaction)
            if verb == "DATA" and isinstance(reaction, bytes) and reaction.startswith(b"354"):
                self.taken.append(await _mail(talk))
                await self._react(talk, script["DOT"])
            if verb == "QUIT":
                return

    @staticmethod
    async def _react(talk: Talk, reaction: Reaction) -> None:
        if isinstance(reaction, bytes):
            await talk.say(reaction)
        else:
            await reaction(talk)
