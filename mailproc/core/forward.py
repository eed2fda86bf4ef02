"""A mail that somebody passes on, as a plain value."""

from __future__ import annotations

from dataclasses import dataclass

from mailproc.core.message import Message


@dataclass(frozen=True, slots=True)
class Forwarded:
    """The mail that was passed on, and what the forwarder wrote to it.

    All of it is the forwarder's claim, even the enclosed mail's own header: nothing here proves who wrote.
    """

    address: str  # of its author, the domain in lower case A-labels; empty where the client wrote a name only
    name: str
    subject: str
    date: str  # as it stands there, in the forwarder's language
    to: str  # as it stands there
    body: str  # without the forwarder's quote marks
    message: str  # what the forwarder wrote
    enclosed: Message | None = None  # the mail itself, where it came as an attachment (message/rfc822)
