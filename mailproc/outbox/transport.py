"""The seam between sending and the network: what became of one mail for one recipient, told once and for all."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum, auto
from typing import Protocol


class Reason(StrEnum):
    """Why a mail was not taken."""

    REFUSED = "refused"  # the server said so: see code and reply
    ADDRESS = "address"  # nobody can be reached there
    TOO_LARGE = "too large"  # for this server (RFC 1870)
    UNICODE_ADDRESS = "unicode address"  # the server can't (RFC 6531)
    CONNECT = "connect"  # no connection, or none that is any use
    TLS = "tls"  # no protected connection
    LOGIN = "login"  # the password, or that one is needed
    TIMEOUT = "timeout"  # silence
    CUT = "cut"  # the connection ended
    STOPPED = "stopped"  # we ended
    LOST = "lost"  # the process died before it came to the content
    NOT_OURS = "not ours"  # that it goes out could not be written down


class Phase(IntEnum):
    """How far an attempt got."""

    CONNECT = auto()
    TLS = auto()
    LOGIN = auto()
    MAIL = auto()
    RECIPIENT = auto()  # the server has begun with this mail
    CONTENT = auto()
    DOT = auto()  # the end of the mail may have arrived


#: Trouble of the account, not of the mail: no other mail fares better.
OF_ACCOUNT = frozenset({Reason.CONNECT, Reason.TLS, Reason.LOGIN})


@dataclass(frozen=True, slots=True)
class Sent:
    """A server answers for the mail now."""

    code: int
    reply: str
    certificate_until: datetime | None = None  # when the server's certificate ends, where there is one


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not taken, for now: worth another attempt."""

    reason: Reason
    code: int = 0  # 0: not the server's words
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """Not taken, and never will be as it is."""

    reason: Reason
    code: int = 0
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The whole mail was handed over and no answer came: taken or not, nobody can know (RFC 1047)."""

    reason: Reason
    reply: str = ""


Outcome = Sent | Deferred | Refused | Unknown


class NotOursError(Exception):
    """The mail must not go out: it could not be written down that it does, or another has it in hand."""


#: Awaited when the server wants the content, before the first byte of it. Raises NotOursError.
HandingOver = Callable[[], Awaitable[None]]


async def untold() -> None:
    """Nobody keeps account of this mail."""


class Transport(Protocol):
    """Hands over mails, several at a time."""

    async def send(self, sender: str, recipient: str, content: bytes, handing_over: HandingOver = untold) -> Outcome:
        """One mail to one recipient; an empty sender is the null path. Raises nothing but cancellation."""
        ...

    async def close(self) -> None:
        """End all connections. What is being sent ends at once, with the outcome it has reached."""
        ...


class Security(StrEnum):
    """How a connection is protected."""

    TLS = "tls"  # from the first byte
    STARTTLS = "starttls"  # demanded, never optional
    CLEAR = "clear"  # not at all


@dataclass(frozen=True, slots=True)
class SmtpAccount:
    """Where one mailbox's mail goes out. Raises ValueError for clear text over a network that was not asked for."""

    host: str
    port: int
    security: Security
    user: str = ""  # empty: no login
    password: str = field(default="", repr=False)
    allow_clear: bool = False
    ca_file: str = ""  # certificates to trust instead of the system's
    timeout: float = 60.0  # seconds: longest silence of the server
    final_timeout: float = 300.0  # ditto, after the final dot: giving up early makes doubles (RFC 5321, 4.5.3.2.6)
    helo: str = "localhost"  # our name in EHLO
    connections: int = 4  # at once
    mails_per_connection: int = 100
    idle: float = 20.0  # seconds a connection is kept without work

    def __post_init__(self) -> None:
        if self.security is Security.CLEAR and not self.allow_clear and not is_loopback(self.host):
            raise ValueError(f"clear text to {self.host} was not allowed")


def is_loopback(host: str) -> bool:
    """Whether nothing leaves this machine on the way there."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
