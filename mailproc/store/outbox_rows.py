"""What the outbox is given, gives out, and is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from mailproc.store.history import Entry
from mailproc.store.states import MailClass, OutboxState


class Unwritten(Protocol):
    """What will become a mail's bytes."""

    def written(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class NewMail:
    """A mail to be sent, final but for its bytes, which may still have to be written."""

    key: str  # ticket, letter, cause, recipient: the same key is never queued twice
    ticket_id: int | None
    mailbox: str
    letter: str
    mail_class: MailClass
    sender: str  # MAIL FROM; empty is the null path
    recipient: str
    message_id: str
    content: bytes | Unwritten = field(repr=False)
    created_at: datetime
    not_before: datetime | None = None  # until then it can be taken back
    held: bool = False  # waits for the operator's word


class _OfAClass:  # what a mail's class means
    __slots__ = ()
    mail_class: MailClass

    @property
    def human(self) -> bool:
        return self.mail_class is MailClass.HUMAN

    @property
    def followed(self) -> bool:
        """Whether its reader is told, in another letter, when it is not known whether it arrived."""
        return self.mail_class is MailClass.WORDS


@dataclass(frozen=True, slots=True)
class OutboxRow(_OfAClass):
    """A mail of ours, without its bytes."""

    id: int
    ticket_id: int | None
    mailbox: str
    letter: str
    mail_class: MailClass
    sender: str
    recipient: str
    message_id: str
    created_at: datetime
    state: OutboxState
    attempts: int
    doubts: int  # attempts that were cut after the final dot
    handing_over: bool  # the last attempt came to writing the content: while sending, it may have arrived
    next_attempt_at: datetime  # while sending: when the attempt counts as lost
    reply: str  # the server's last words, with the code
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class QueuedMail(_OfAClass):
    """A mail whose attempt is written down: to be tried now, by whoever claimed it."""

    id: int
    ticket_id: int | None
    mailbox: str
    letter: str
    sender: str
    recipient: str
    message_id: str
    attempts: int  # this one included
    doubts: int
    mail_class: MailClass
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WrittenMail:
    """What we once wrote, found again."""

    id: int
    ticket_id: int | None
    recipient: str
    human: bool
    created_at: datetime
    content: bytes = field(repr=False)
    key: str = ""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of one attempt."""

    id: int
    attempt: int  # which one: a later attempt is not overwritten
    state: OutboxState  # SENT, RETRY, DEAD or UNKNOWN
    reply: str  # the server's words, or ours
    at: datetime
    next_attempt_at: datetime | None = None  # for RETRY; of UNKNOWN, when the letter that says so is to leave
    doubtful: bool = False  # cut after the final dot
    copy_due_at: datetime | None = None  # when to look for it in the Sent folder
    history: Entry | None = None  # for the ticket


@dataclass(frozen=True, slots=True)
class Settled:
    """A mail that ended, or may have ended, without reaching its recipient: somebody should know."""

    mail: QueuedMail | OutboxRow
    state: OutboxState  # DEAD, UNKNOWN, or RETRY after an attempt that may have succeeded
    words: str  # why, in the server's words or ours
    at: datetime
    follow_at: datetime  # not before then is it written to the same people again
