"""What IMAP servers say, in our types, and the socket they say it on."""

from __future__ import annotations

import re
import socket
import ssl
from datetime import UTC, datetime
from typing import Any

from mailproc.no_connection import why

#: Codes of a refusal that is not about the password (RFC 5530, 3).
_PASSING = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "THROTTLED", "OVERQUOTA"})
_CODE = re.compile(r"\[([A-Za-z]+)")


def in_words(error: Exception) -> str:
    """One line, of bounded length: it may hold the server's answer."""
    kind, told = type(error).__name__, " ".join(str(error).split())[:300].rstrip(".")
    return why(error) or (told if kind == "error" else f"{kind}: {told}")  # imaplib's name for a refusal says nothing


def passes(refusal: str) -> bool:
    """Whether a login was refused for now only, as the server's code tells."""
    return bool(_PASSING.intersection(code.upper() for code in _CODE.findall(refusal)))


def aware(moment: datetime | None) -> datetime:
    """INTERNALDATE; a server that tells none, or without a zone, is taken to mean UTC."""
    if moment is None:
        return datetime.fromtimestamp(0, UTC)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def literal(data: dict[bytes, Any], name: bytes) -> bytes:
    """What was asked for with `name`, whether the answer says from where on (RFC 9051, 7.5.2) or not; may be empty."""
    found = next((value for key, value in data.items() if key == name or key.startswith(name + b"<")), b"")
    return found if isinstance(found, bytes) else b""


def identity_of(data: dict[bytes, Any]) -> tuple[bytes, int] | None:
    """None for a mail without a Message-ID: it can't be told from others."""
    header = next((value for key, value in data.items() if key.startswith(b"BODY[HEADER")), None)
    if not isinstance(header, bytes) or not header.strip():
        return None
    return header.strip(), int(data.get(b"RFC822.SIZE", 0))


def keep_alive(channel: socket.socket) -> None:
    """A dead peer is noticed by the kernel too, and commands leave without Nagle's pause."""
    channel.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_KEEPIDLE"):
        channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 60)


def idle_begun(client: Any) -> bool:
    """IDLE, entered; False when the server refuses. News may come first, which IMAPClient's own `idle` takes for a refusal."""
    imap = client._imap  # noqa: SLF001 - see above
    client._idle_tag = tag = imap._command("IDLE")  # noqa: SLF001 - what IMAPClient ends the IDLE by
    while imap._get_response() is not None:  # noqa: SLF001 - see above
        if imap.tagged_commands[tag]:
            del imap.tagged_commands[tag]
            return False
    return True


def buffered(client: Any) -> int:
    """Bytes that were read together with the "+ idling" and will never wake the event loop.

    Looks at imaplib's own buffer, for want of a public way; without it a mail could wait for one idle cycle.
    """
    channel = client.socket()
    channel.setblocking(False)
    try:
        return len(client._imap._file.peek(1))  # noqa: SLF001 - see above
    except (BlockingIOError, ssl.SSLWantReadError, AttributeError):
        return 0
    finally:
        client._set_read_timeout()  # noqa: SLF001 - puts back the timeout setblocking took away
