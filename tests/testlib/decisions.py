"""Facts and decisions for tests of the core: a small desk, and what someone wrote to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from mailproc.core.calendar import Calendar
from mailproc.core.effects import (
    Decision,
    Move,
)
from mailproc.core.evidence import Evidence, Level
from mailproc.core.facts import Facts, Match, MatchedBy, Person, TicketView
from mailproc.core.lifecycle import Status
from mailproc.core.message import Address, Message
from mailproc.core.policy import Agent, MailboxPolicy, Policy, Team, Trust
from mailproc.core.tokens import Capability, Token
from mailproc.handling.pipeline import run

NOW = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
CLARA, CHIEF, MALLORY = (
    Person(1, "clara@x.example", "Clara"),
    Person(2, "chief@x.example", "Chief"),
    Person(3, "m@s.example", "M"),
)
ANNA, BEN = Person(11, "anna@acme.example", "Anna"), Person(12, "ben@acme.example", "Ben")
PEOPLE = {person.address: person for person in (CLARA, CHIEF, MALLORY, ANNA, BEN)}
MAILBOX = MailboxPolicy(
    "support",
    "support@acme.example",
    "Acme Support",
    "Acme",
    "desk",
    True,
    "en",
    "Europe/Berlin",
    Calendar.always(ZONE),
    None,
)
POLICY = Policy(
    mailboxes={"support": MAILBOX},
    agents={
        "anna": Agent("anna", "Anna Berg", ANNA.address, ("desk",)),
        "ben": Agent("ben", "Ben", BEN.address, ("desk", "second")),
    },
    teams={"desk": Team("desk", "Desk", ("anna", "ben")), "second": Team("second", "Second line", ("ben",))},
    trust=Trust.TOKEN,
)
TICKET = TicketView(
    number=7, mailbox="support", team="desk", subject="Printer", status=Status.IN_PROGRESS, owner="anna", customer=CLARA,
    copied=(CHIEF,), language="en", priority="P3", round=1, closed_at=None, promised_at=None, resolved_by="anna",
    thread=("<a@x.example>",), previous=None, answered=True,
)  # fmt: skip


def mail(sender: Person, text: str, **fields: Any) -> Message:
    author = Address(sender.address, sender.name)
    return Message(
        message_id="<m@x.example>", subject="Re: Printer", from_=(author,), from_fields=1, text=text, **fields
    )


def token(capability: Capability, person: Person, round_: int = 1) -> Token:
    return Token(capability, TICKET.number, person.id, round_, NOW.date())


def facts(sender: Person, text: str, **other: Any) -> Facts:
    """What is known when `sender` answers with `text`; by default with a token of their own."""
    ticket: TicketView | None = other.pop("ticket", TICKET)
    agent = POLICY.agent_by_address(sender.address)
    reply = Capability.AGENT_REPLY if agent else Capability.CUSTOMER_REPLY
    held = other.pop("token", token(reply, sender))
    by = other.pop("by", MatchedBy.TOKEN)
    given = Facts(
        policy=other.pop("policy", POLICY),
        mailbox=MAILBOX,
        message=other.pop("message", mail(sender, text)),
        text=text,
        own_words=text,
        forwards=False,
        unread=False,
        now=NOW,
        arrived_at=NOW,
        match=Match(by, ticket, held) if ticket else Match(),
        sender=sender,
        agent=agent,
        agent_person=sender.id if agent else None,
        evidence=Evidence(Level.NONE, "nothing is trusted"),
        automatic=None,
        may_be_answered=True,
        unanswerable="",
        duplicate_of=None,
        oversize=False,
    )
    return replace(given, **other)


def decided(sender: Person, text: str, **other: Any) -> Decision:
    return run(facts(sender, text, **other)).decision


def of(decision: Decision, kind: type[Any]) -> list[Any]:
    return [effect for effect in decision.effects if isinstance(effect, kind)]


def after(decision: Decision) -> Status | None:
    moves = of(decision, Move)
    return moves[-1].transition.after if moves else None


def at(status: Status, **other: Any) -> TicketView:
    closed = NOW - timedelta(days=1) if status is Status.CLOSED else None
    return replace(TICKET, status=status, closed_at=closed, **other)
