"""An SMTP server that decides at the final dot, whatever becomes of the sender then: the measure of what was sent."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter, deque
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from enum import StrEnum
from typing import Self

from tests.testlib.smtp import is_reserved

REFUSED = "gone@customer.example"  # nobody lives there


class Manner(StrEnum):
    """When a mail counts as taken."""

    TAKES = "takes"  # with its final dot, even if nobody waits for the answer
    LOOKS = "looks"  # when its sender still waits a moment after the final dot


class Mishap(StrEnum):
    """What may become of the next mail instead."""

    LATER = "451 4.3.0 try again later"  # refused for now
    CUT = "cut"  # the connection breaks before its content
    UNANSWERED = "unanswered"  # it is taken, and the connection breaks before the answer


@dataclass(frozen=True, slots=True)
class Taken:
    recipient: str
    message_id: str
    content: bytes = field(repr=False)


class Keeper:
    """`async with Keeper() as keeper:` listens on a free port of 127.0.0.1 and remembers what it took."""

    def __init__(self, manner: Manner = Manner.TAKES) -> None:
        self.port = 0
        self.taken: list[Taken] = []
        self.asked: Counter[str] = Counter()  # how often it asked for the content of a mail, by recipient
        self.mishaps: deque[Mishap] = deque()
        self._manner = manner
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._accept, sock=socket.create_server(("127.0.0.1", 0)), limit=2**24
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._converse(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # killed, as it should be
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 keeper.test ESMTP\r\n")
        recipient = ""
        while line := (await reader.readline()).decode().strip():
            match line.partition(" ")[0].upper():
                case "EHLO":
                    writer.write(b"250-keeper.test\r\n250 SIZE 50000000\r\n")
                case "RCPT":
                    recipient = line.partition("<")[2].partition(">")[0]
                    writer.write(self._judged(recipient) + b"\r\n")
                case "DATA":
                    self.asked[recipient] += 1
                    mishap = self.mishaps.popleft() if self.mishaps else None
                    if mishap is Mishap.CUT:
                        return
                    writer.write(b"354 go on\r\n")
                    await self._take(recipient, await reader.readuntil(b"\r\n.\r\n"), reader)
                    if mishap is Mishap.UNANSWERED:
                        return
                    writer.write(b"250 2.0.0 taken\r\n")
                case "QUIT":
                    return
                case _:
                    writer.write(b"250 2.0.0 OK\r\n")

    def _judged(self, recipient: str) -> bytes:
        if not is_reserved(recipient) or recipient == REFUSED:
            return b"550 5.1.1 no such person"
        if self.mishaps and self.mishaps[0] is Mishap.LATER:
            return self.mishaps.popleft().encode()
        return b"250 2.1.5 OK"

    def hang_up(self) -> None:
        """Every connection ends now; what was not taken never is."""
        for task in self._tasks:
            task.cancel()

    async def _take(self, recipient: str, content: bytes, reader: asyncio.StreamReader) -> None:
        if self._manner is Manner.LOOKS:
            await asyncio.sleep(0.05)
            if reader.at_eof() or reader.exception() is not None:
                raise ConnectionResetError
        identity = str(BytesHeaderParser().parsebytes(content)["Message-ID"])
        self.taken.append(Taken(recipient, identity, content.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")))
