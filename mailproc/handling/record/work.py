"""A decision being written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mailproc.core.budgets import Author
from mailproc.core.decide import NOBODY
from mailproc.core.effects import Decision, SendReceipt
from mailproc.core.facts import Person, TicketView
from mailproc.core.letters import Done, EarlierTicket, Exchange
from mailproc.core.message import Message
from mailproc.core.policy import MailboxPolicy
from mailproc.core.staff import Staff
from mailproc.handling.correspondence import Occasion
from mailproc.render.draft import Draft
from mailproc.store.history import Entry
from mailproc.store.links import Linked
from mailproc.store.outbox import NewMail


class Outdated(Exception):
    """What was decided on has changed meanwhile: nothing is written, and it is decided anew."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of one ticket, of many that an agent's mail is about."""

    action: int | None  # by which it is undone
    done: tuple[Done, ...]  # known only once it is written


@dataclass(frozen=True, slots=True)
class Cause:
    """What brought the decision about: a mail, or a deadline."""

    occasion: Occasion
    mailbox: MailboxPolicy
    message: Message | None = None
    inbound_id: int | None = None
    sender: Person | None = None  # who wrote the mail, when known before
    awaits: tuple[str, ...] = ()  # Message-IDs it refers to that nobody knows: those mails may come later
    carried: Mapping[int, Carried] = field(default_factory=dict)  # by ticket: written down already


@dataclass(slots=True)
class Work:
    """A decision being written down: the ticket as it becomes, and the rows to write at the end."""

    cause: Cause
    decision: Decision
    ticket: TicketView | None
    changes: dict[str, Any] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    mails: list[NewMail] = field(default_factory=list)
    unwritten: dict[int, Draft] = field(default_factory=dict)  # letters that are queued, by their ids
    earlier: tuple[Exchange, ...] | None = None
    before: tuple[EarlierTicket, ...] | None = None  # the customer's other tickets
    linked: list[Linked] | None = None  # what it has to do with
    staff: Staff | None = None  # all agents, once somebody has to be told
    author: Author = Author.PROVEN  # of the mail that is acknowledged
    receipts: list[SendReceipt] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)  # what is known only now, for the receipts
    begun: set[int] = field(default_factory=set)  # tickets that an agent's mail began
    action: int | None = None  # by which all this is undone
    number: int | None = None  # of the ticket, once all is written

    @property
    def now(self) -> datetime:
        return self.cause.occasion.now

    @property
    def on(self) -> TicketView:
        """The ticket; a decision with effects always has one."""
        if self.ticket is None:
            raise AssertionError(f"{self.decision.reason}: no ticket to act on")
        return self.ticket

    def note(self, kind: str, actor: str, text: str, outbox_id: int | None = None, on: int | None = None) -> None:
        """A line of the history; `on` another ticket."""
        reason, inbound = self.decision.reason.value, self.cause.inbound_id
        number = on or (self.ticket.number if self.ticket is not None else None)
        self.entries.append(Entry(self.now, kind, actor, text, reason, number, inbound, outbox_id))


def queued(work: Work, mails: Sequence[NewMail], ids: Mapping[str, int]) -> None:
    """What of the mails that were queued is still to be written; of several with one key the first was queued."""
    work.unwritten |= {
        ids[mail.key]: mail.content for mail in reversed(mails) if mail.key in ids and isinstance(mail.content, Draft)
    }


def inbound_of(work: Work) -> int:
    """The mail at hand, by its number in the spool."""
    if work.cause.inbound_id is None:
        raise AssertionError(f"{work.decision.reason}: no mail to hold")
    return work.cause.inbound_id


def arrived(work: Work) -> None:
    """Note that a mail came."""
    message, why = work.cause.message, work.decision.why
    if message is not None:
        author = (message.author or NOBODY).address
        work.note("mail", author, f"{work.decision.outcome} from {author}" + (f": {why}" if why else ""))
