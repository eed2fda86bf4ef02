"""An IMAP server without manners: every answer is what the test says, byte for byte, or none at all.

Dovecot behaves; this one cuts, stalls, babbles and lies. Answers are bytes with `{tag}` for the command's tag, or a
coroutine function that is given the talk.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self

from tests.testlib import listening

CAPABILITIES = b"IMAP4rev1 IDLE MOVE UIDPLUS"
MAIL = b"Message-ID: <1@customer.example>\r\nFrom: clara@customer.example\r\nSubject: Printer\r\n\r\nHelp!\r\n"


class Talk:
    """One connection, as an answer sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer, self.tag = reader, writer, b""

    async def say(self, words: bytes) -> None:
        self.writer.write(words.replace(b"{tag}", self.tag))
        await self.writer.drain()

    def cut(self) -> None:
        """The end of the conversation, after all that was said."""
        self.writer.close()


Answer = bytes | Callable[[Talk], Awaitable[None]]


async def stay_silent(talk: Talk) -> None:
    """No answer, until the other side gives up."""
    await talk.reader.read()


async def cut(talk: Talk) -> None:
    """The connection is closed instead of an answer."""
    talk.cut()


def then_cut(words: bytes) -> Answer:
    """These words, and the connection is closed."""

    async def answer(talk: Talk) -> None:
        await talk.say(words)
        talk.cut()

    return answer


async def _idle(talk: Talk) -> None:
    """A well-behaved IDLE without news."""
    await talk.say(b"+ idling\r\n")
    await done(talk)


async def done(talk: Talk) -> None:
    """Wait for DONE and end the IDLE."""
    if (await talk.reader.readline()).strip().upper() == b"DONE":
        await talk.say(b"{tag} OK idled\r\n")


def body(uid: int, content: bytes) -> bytes:
    """An answer to FETCH BODY.PEEK[]."""
    return b"* 1 FETCH (UID %d BODY[] {%d}\r\n%s)\r\n{tag} OK fetched\r\n" % (uid, len(content), content)


def listed(*uids: int, size: int = len(MAIL)) -> bytes:
    """An answer to FETCH RFC822.SIZE INTERNALDATE."""
    line = b'* 1 FETCH (UID %d RFC822.SIZE %d INTERNALDATE "21-Nov-2026 12:00:00 +0000")\r\n'
    return b"".join(line % (uid, size) for uid in uids) + b"{tag} OK fetched\r\n"


ORDINARY: dict[str, Answer] = {
    "CONNECT": b"* OK [CAPABILITY %s] script.test\r\n" % CAPABILITIES,
    "CAPABILITY": b"* CAPABILITY %s\r\n{tag} OK .\r\n" % CAPABILITIES,
    "LOGIN": b"{tag} OK [CAPABILITY %s] in\r\n" % CAPABILITIES,
    "SELECT": b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 1] .\r\n{tag} OK [READ-WRITE] selected\r\n",
    "SEARCH": b"* SEARCH\r\n{tag} OK .\r\n",
    "LIST": b'* LIST () "/" Processed\r\n{tag} OK .\r\n',
    "MOVE": b"{tag} OK .\r\n",
    "SIZE": listed(),
    "BODY": b"{tag} OK .\r\n",
    "NOOP": b"{tag} OK .\r\n",
    "IDLE": _idle,
}


#: A folder with one mail in it.
ONE_MAIL: dict[str, Answer] = {
    "SELECT": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 2] .\r\n{tag} OK selected\r\n",
    "SEARCH": b"* SEARCH 1\r\n{tag} OK .\r\n",
    "SIZE": listed(1),
    "BODY": body(1, MAIL),
}


class ScriptedImap:
    r"""`async with ScriptedImap({"LOGIN": b"{tag} NO no\r\n"}) as server:` listens on a free port of 127.0.0.1.

    Names are those of the commands (SIZE and BODY for the two kinds of FETCH), and CONNECT for the greeting. What the
    script does not name is answered as by a friendly server with an empty folder. One script for each connection, in
    order; the last one for all that follow.
    """

    host = "127.0.0.1"

    def __init__(self, *scripts: Mapping[str, Answer], tls: ssl.SSLContext | None = None) -> None:
        self.port = 0
        self.heard: list[str] = []  # commands of all connections, without their tags
        self.connections = 0
        self.changed = asyncio.Condition()
        self._scripts, self._tls = scripts or ({},), tls
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, self.host, 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        await listening.end(self._server, self._tasks)

    async def until(self, true: Callable[[], bool], seconds: float = 5.0) -> None:
        """Wait until something holds that a command or a connection brings about."""
        async with self.changed:
            await asyncio.wait_for(self.changed.wait_for(true), seconds)

    def count(self, name: str) -> int:
        """How often a command was heard."""
        return sum(_name(line.encode()) == name for line in self.heard)

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

    async def _converse(self, talk: Talk, script: Mapping[str, Answer]) -> None:
        await self._tell()
        await self._react(talk, script["CONNECT"])
        while not talk.writer.is_closing() and (line := await talk.reader.readline()):
            talk.tag, _, command = line.strip().partition(b" ")
            self.heard.append(command.decode("utf-8", "replace"))
            await self._tell()
            await self._react(talk, script.get(_name(command), b"{tag} BAD what?\r\n"))

    async def _tell(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    @staticmethod
    async def _react(talk: Talk, answer: Answer) -> None:
        if isinstance(answer, bytes):
            await talk.say(answer)
        else:
            await answer(talk)


def _name(command: bytes) -> str:
    words = command.decode("utf-8", "replace").upper()
    if "FETCH" in words:
        return "BODY" if "BODY" in words else "SIZE"
    return words.removeprefix("UID ").partition(" ")[0]
