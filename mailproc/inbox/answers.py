"""What IMAP servers say, in our types, and the socket they say it on."""

from __future__ import annotations

import re
import socket
from datetime import UTC, datetime
from typing import Any

from mailproc.inbox.source import Refused
from mailproc.no_connection import why

#: Codes of a refusal that is not about the password (RFC 5530, 3).
_PASSING = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "THROTTLED", "OVERQUOTA"})
_CODE = re.compile(r"\[([A-Za-z]+)")
_TOO_MANY = re.compile(r"(?i)too many [a-z ]{0,40}connections")  # Gmail's words, under no code but ALERT


def in_words(error: Exception) -> str:
    """One line, of bounded length: it may hold the server's answer."""
    kind, told = type(error).__name__, " ".join(str(error).split())[:300].rstrip(".")
    return why(error) or (told if kind == "error" else f"{kind}: {told}")  # imaplib's name for a refusal says nothing


def passes(refusal: str) -> bool:
    """Whether a login was refused for now only, as the server's code tells, or its words."""
    codes = {code.upper() for code in _CODE.findall(refusal)}
    return bool(_PASSING & codes) or _TOO_MANY.search(refusal) is not None


def searched(client: Any, uids: str) -> list[int]:
    """Which of these UIDs there are. Some servers tell that in several lines, and IMAPClient's own `search` reads but one."""
    told, lines = client._imap.uid("SEARCH", "UID", uids)  # noqa: SLF001 - see above
    if told != "OK":
        raise Refused(f"SEARCH: {told} {lines}"[:300])
    return [int(uid) for line in lines for uid in (line or b"").partition(b"(")[0].split()]  # (MODSEQ ...)


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
