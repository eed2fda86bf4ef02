"""One mail as a server hears it: its commands and its content."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mailproc.outbox.transport import Reason, Refused

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def needs_utf8(sender: str, recipient: str, content: bytes) -> bool:
    """Addresses beyond ASCII, in the envelope or shown (RFC 6531, 3.4)."""
    header = content[: content.find(b"\r\n\r\n")]
    return not (sender.isascii() and recipient.isascii() and header.isascii())


def unfit(size: int, extensions: Mapping[str, str], *, utf8: bool) -> Refused | None:
    """What a server with these extensions can't take, known before it is asked."""
    limit = extensions.get("size", "").strip()
    if limit.isdigit() and 0 < int(limit) < size:
        return Refused(Reason.TOO_LARGE, reply=f"the mail has {size} bytes, the server takes {limit}")
    if utf8 and "smtputf8" not in extensions:
        return Refused(Reason.UNICODE_ADDRESS, reply="the server takes no addresses beyond ASCII (no SMTPUTF8)")
    return None


def commands(
    sender: str, recipient: str, size: int, extensions: Mapping[str, str], *, utf8: bool
) -> tuple[bytes, bytes, bytes]:
    """MAIL, RCPT and DATA. Raises ValueError for an address that would be more than one."""
    parameters = (f" SIZE={size}" if "size" in extensions else "") + (" SMTPUTF8" if utf8 else "")
    if _CONTROL.search(sender + recipient):
        raise ValueError("an address with control characters")
    return f"MAIL FROM:<{sender}>{parameters}\r\n".encode(), f"RCPT TO:<{recipient}>\r\n".encode(), b"DATA\r\n"


def on_the_wire(content: bytes) -> bytes:
    """Lines end in CRLF and in nothing else, leading dots are doubled, the final dot ends it (RFC 5321, 4.5.2)."""
    lines = content.splitlines()  # of bytes: at CRLF, CR and LF, and nowhere else
    return b"\r\n".join((b"", *lines)).replace(b"\r\n.", b"\r\n..")[2:] + b"\r\n.\r\n"
