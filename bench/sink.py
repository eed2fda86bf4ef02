"""An SMTP server in a process of its own that takes everything: `python -m bench.sink`.

Writes its port on the first line, then one line per accepted recipient: monotonic seconds, recipient, bytes. The
moment is taken before the 250 goes out.
"""

from __future__ import annotations

import asyncio
import sys
import time

HOST = "127.0.0.1"


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, with PIPELINING."""
    recipients: list[str] = []
    writer.write(b"220 sink.example ESMTP\r\n")
    while line := await reader.readline():
        verb = line[:4].upper()
        if verb == b"EHLO":
            writer.write(b"250-sink.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 60000000\r\n")
        elif verb == b"RCPT":
            recipients.append(line.partition(b":")[2].strip().split()[0].strip(b"<>").decode("utf-8", "replace"))
            writer.write(b"250 2.1.5 OK\r\n")
        elif verb == b"DATA":
            writer.write(b"354 go on\r\n")
            size = len(await reader.readuntil(b"\r\n.\r\n"))
            moment = time.monotonic()
            sys.stdout.write("".join(f"{moment:.6f} {recipient} {size}\n" for recipient in recipients))
            sys.stdout.flush()
            recipients.clear()
            writer.write(b"250 2.0.0 taken\r\n")
        elif verb == b"QUIT":
            writer.write(b"221 2.0.0 bye\r\n")
            break
        else:
            recipients = [] if verb in {b"RSET", b"MAIL"} else recipients
            writer.write(b"250 2.0.0 OK\r\n")
        await writer.drain()
    writer.close()


async def serve() -> None:
    """Until killed."""
    server = await asyncio.start_server(converse, HOST, 0, limit=64 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        asyncio.run(serve())
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(0)
