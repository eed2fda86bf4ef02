"""An SMTP server in a process of its own that takes everything: `python -m bench.sink`.

Writes its port on the first line, then one line per accepted recipient: monotonic seconds, recipient, bytes. The
moment is taken before the 250 goes out; the lines of some moments are written together. It runs on the processors it
measures, so it does as little as it can: a thread for each connection, and no loop.
"""

from __future__ import annotations

import socketserver
import sys
import threading
import time
from collections import deque
from contextlib import suppress

_TOGETHER = 0.05  # seconds that a line waits for others, at most
_LINE, _MAIL = b"\r\n", b"\r\n.\r\n"  # how they end
_REPLIES = {
    b"EHLO": b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 60000000\r\n",
    b"RCPT": b"250 2.1.5 OK\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 2.0.0 bye\r\n",
}


class Sink(socketserver.ThreadingTCPServer):
    """What it accepted is told to who reads our output."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.taken: deque[str] = deque()  # lines not written yet

    def tell(self) -> None:
        """Until killed, or nobody reads any more."""
        print(self.server_address[1], flush=True)
        while True:
            sys.stdout.write("".join(self.taken.popleft() for _ in range(len(self.taken))))
            sys.stdout.flush()
            time.sleep(_TOGETHER)


class Conversation(socketserver.BaseRequestHandler):
    """One connection, with PIPELINING."""

    server: Sink

    def setup(self) -> None:
        self._unread = bytearray()
        self._end = _LINE  # of what is being read
        self._recipients: list[str] = []

    def handle(self) -> None:
        self.request.sendall(b"220 sink.example ESMTP\r\n")
        with suppress(ConnectionError):
            while data := self.request.recv(1 << 16):
                replies = self._replies(data)
                if replies:
                    self.request.sendall(replies)

    def _replies(self, data: bytes) -> bytes:
        looked = max(0, len(self._unread) - len(_MAIL))
        self._unread += data
        replies = b""
        while (found := self._unread.find(self._end, looked)) >= 0:
            size, looked = found + len(self._end), 0
            replies += self._accept(size) if self._end is _MAIL else self._answer(self._unread[:found])
            del self._unread[:size]
        return replies

    def _accept(self, size: int) -> bytes:
        moment = time.monotonic()
        self.server.taken.extend(f"{moment:.6f} {recipient} {size}\n" for recipient in self._recipients)
        self._recipients, self._end = [], _LINE
        return b"250 2.0.0 taken\r\n"

    def _answer(self, line: bytearray) -> bytes:
        verb = bytes(line[:4]).upper()
        if verb == b"RCPT":
            self._recipients.append(line.partition(b":")[2].split()[0].strip(b"<>").decode("utf-8", "replace"))
        elif verb == b"DATA":
            self._end = _MAIL
        elif verb in {b"RSET", b"MAIL"}:
            self._recipients = []
        return _REPLIES.get(verb, b"250 2.0.0 OK\r\n")


if __name__ == "__main__":
    sink = Sink()
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    with suppress(KeyboardInterrupt, BrokenPipeError):
        sink.tell()
