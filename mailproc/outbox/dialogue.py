"""Commands and replies once a connection is ready for mail: several commands may go out before the first is answered."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from contextlib import suppress
from typing import NamedTuple

_LONGEST_LINE = 8192  # bytes; RFC 5321, 4.5.3.1.5, asks for 512
_LONGEST_REPLY = 4 * _LONGEST_LINE
_LINE = re.compile(rb"([0-9]{3})(-|\b)(.*)", re.DOTALL)
_START_INPUT = 354


class Reply(NamedTuple):
    """What a server says to one command (RFC 5321, 4.2)."""

    code: int
    words: str  # of all its lines


class Dialogue(asyncio.Protocol):
    """Takes a transport over. One task at a time talks; what nobody asked for is not listened to."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._owed = 0  # replies that were asked for and have not come
        self._replies: deque[Reply] = deque()  # that nobody has read
        self._line = b""  # one that has not ended
        self._words: list[str] = []  # lines of a reply that has not ended
        self._size = 0  # bytes of it
        self._end: Exception | None = None  # why no more replies will come
        self._news: asyncio.Future[None] | None = None  # somebody waits for a reply
        self._room = asyncio.Event()  # the socket takes more
        self._room.set()
        transport.set_protocol(self)

    @property
    def is_open(self) -> bool:
        return not self._transport.is_closing()

    @property
    def in_step(self) -> bool:
        """Whether the server waits for a command: it has answered all of them, and does not want content instead."""
        return not self._owed and all(reply.code != _START_INPUT for reply in self._replies)

    def write(self, data: bytes, replies: int = 0) -> None:
        """Hand over bytes that the server owes so many replies to. Raises ConnectionResetError."""
        if not self.is_open:
            raise ConnectionResetError("Connection lost")
        self._owed += replies
        self._transport.write(data)

    async def drain(self, limit: float) -> None:
        """Until the socket takes more, `limit` seconds at most. Raises TimeoutError."""
        if not self._room.is_set():
            async with asyncio.timeout(limit):
                await self._room.wait()

    async def reply(self, limit: float) -> Reply:
        """The next of the replies that are owed, within `limit` seconds.

        Raises TimeoutError, ConnectionResetError, and ValueError for what is no reply, or too long for one.
        """
        if not self._replies and self._end is None:
            loop = asyncio.get_running_loop()
            self._news = loop.create_future()
            silence = loop.call_later(limit, self._over, TimeoutError("Timed out waiting for server response"))
            try:
                await self._news
            finally:
                silence.cancel()
                self._news = None
        if self._replies:
            return self._replies.popleft()
        assert self._end is not None
        raise self._end

    def leave(self) -> None:
        """QUIT, without waiting for the farewell."""
        with suppress(ConnectionResetError):
            self.write(b"QUIT\r\n")
        self._transport.close()

    def cut(self) -> None:
        """Nothing more is sent or read."""
        self._transport.abort()

    # --- what the transport tells ---

    def data_received(self, data: bytes) -> None:
        if not self._owed or self._end is not None:
            return  # nobody asked
        *lines, self._line = (self._line + data).split(b"\n")
        try:
            for line in lines:
                self._take(line)
            if not self._owed:
                self._line = b""
            self._measure(self._line)
        except ValueError as error:
            self._over(error)
        if self._replies:
            self._tell()

    def eof_received(self) -> None:
        self._over(ConnectionResetError("Unexpected EOF received"))

    def connection_lost(self, exc: Exception | None) -> None:
        lost = ConnectionResetError("Connection lost")
        lost.__cause__ = exc
        self._over(lost)

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def _take(self, line: bytes) -> None:
        if not self._owed:
            return  # more than was asked for
        self._measure(line)
        read = _LINE.fullmatch(line)
        if read is None:
            raise ValueError(f"Malformed SMTP response line: {line.decode(errors='ignore')}")
        self._size += len(line)
        self._words.append(read[3].strip().decode("utf-8", "surrogateescape"))
        if not read[2]:
            self._replies.append(Reply(int(read[1]), "\n".join(self._words)))
            self._words, self._size = [], 0
            self._owed -= 1

    def _measure(self, line: bytes) -> None:
        if len(line) > _LONGEST_LINE or self._size + len(line) > _LONGEST_REPLY:
            raise ValueError("Response too long")

    def _over(self, why: Exception) -> None:
        """No more replies."""
        self._end = self._end or why
        self._room.set()
        self._tell()

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)
