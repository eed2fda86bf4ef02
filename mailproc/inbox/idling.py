"""IDLE on IMAPClient's connection, where its own way is too narrow."""

from __future__ import annotations

import ssl
from typing import Any


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
