"""What the poller needs of a mail server, and the kinds of trouble it may have with one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class ImapAccount:
    """Where and how mail is fetched."""

    host: str
    port: int
    security: Literal["tls", "starttls", "clear"]
    user: str
    password: str
    folder: str = "INBOX"
    ca_file: Path | None = None
    connect_timeout: float = 10.0  # seconds
    read_timeout: float = 60.0  # seconds of silence within a command

    def __repr__(self) -> str:
        return f"ImapAccount({self.user!r} at {self.host}:{self.port}, {self.security})"


class Unreachable(Exception):
    """Temporary: the network, the server, or its mood. Try again soon."""


class Refused(Unreachable):
    """The server said no, or something nobody can read, to one request; the next one may go well."""


class WrongPassword(Exception):
    """The server knows us and says no. Trying again soon would only lock the account."""


@dataclass(frozen=True, slots=True)
class Selected:
    """A folder as the server shows it."""

    uidvalidity: int
    uidnext: int
    exists: int  # mails in it
    uidnext_told: bool = True  # by the server; else it is reckoned from the mails that are there
    certificate_until: datetime | None = None  # when the server's certificate ends, where there is one


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail in the folder, before it is fetched."""

    uid: int
    size: int  # bytes, as the server tells
    arrived_at: datetime


class Shelf(StrEnum):
    """What would become of mail that is moved to a folder."""

    READY = "ready"
    MISSING = "missing"  # made with the first mail; nothing seen speaks against it
    READ_ONLY = "read-only"
    FORBIDDEN = "forbidden"  # missing, and the account may not make it
    OUTSIDE = "outside"  # missing, and in none of the server's namespaces
    MISNAMED = "misnamed"  # missing, and a part of its name is empty


@dataclass(frozen=True, slots=True)
class FolderLook:
    """A folder that was looked at, and the text the account's own folders begin with; often empty."""

    shelf: Shelf
    prefix: str = ""


class Source(Protocol):
    """One connection to one folder.

    Every method raises Unreachable or WrongPassword; after that only `close`. After Refused one may go on.
    """

    async def open(self) -> Selected: ...

    async def after(self, uid: int, uidnext: int) -> Sequence[int]:
        """UIDs above `uid`, ascending, whatever their flags."""
        ...

    async def listed(self, uids: Sequence[int]) -> Sequence[Listed]: ...

    async def present(self, uids: Sequence[int]) -> Sequence[int]:
        """Those of these UIDs that are still in the folder, ascending."""
        ...

    async def fetch(self, mails: Sequence[Listed], largest: int) -> dict[int, bytes]:
        """Raw mails by UID, in one command: the caller keeps their sizes together within bounds.

        One that vanished, or of which nothing came, is not there. One that turns out longer than `largest` bytes,
        whatever the server told, is cut one byte behind it.
        """
        ...

    async def fetch_header(self, uid: int) -> bytes | None:
        """A mail's header, cut after a megabyte."""
        ...

    async def move(self, uids: Sequence[int], target: str) -> None:
        """Move mails to a folder, which is made when missing. Repeating it is harmless."""
        ...

    async def in_sent(self, name: str, message_ids: Sequence[str], since: date) -> frozenset[str]:
        """Those of these mails (`<...>`) that lie in the Sent folder since then: the server's own, or `name`."""
        ...

    async def put_in_sent(self, name: str, content: bytes, at: datetime) -> None:
        """Lay a mail there, as read, and dated `at`. The folder is made when missing."""
        ...

    async def news(self, seconds: float) -> None:
        """Wait until the server hints at something new, or for `seconds`. It may be wrong both ways."""
        ...

    async def hint(self) -> None:
        """End a wait of `news` now."""
        ...

    async def close(self) -> None: ...
