"""What decisions do about whose a ticket is."""

from __future__ import annotations

from dataclasses import dataclass

from mailproc.core.message import Address


@dataclass(frozen=True, slots=True)
class ChangeCustomer:
    """The ticket is somebody else's: letters and tokens go to them from now on, and nothing sent is sent again."""

    address: Address
    agent: str
    subject: str | None = ""  # a better one; empty: it stays; None: it was another's, and there is none
    language: str = ""  # as above
    thread: tuple[str, ...] = ()  # Message-IDs of theirs
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class ConfirmCustomer:
    """The agent says that the address is right: automatic letters may go there."""

    agent: str


BehalfEffect = ChangeCustomer | ConfirmCustomer
