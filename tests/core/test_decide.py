"""Decisions as values: who may do what, one row a rule. The steps run as the pipeline runs them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mailproc.core.automatic import Automatic, AutomaticKind
from mailproc.core.calendar import Calendar
from mailproc.core.due import Due, decide_due
from mailproc.core.effects import (
    AddMessage,
    CancelDeadlines,
    DeadlineKind,
    Decision,
    GiveTo,
    Kind,
    MarkUndelivered,
    Move,
    OpenTicket,
    Outcome,
    Rate,
    Reason,
    SendAcknowledgement,
    SendAnswer,
    SendClosure,
    SendHeld,
    SendHelp,
    SendReceipt,
    SendReminder,
    SendReopened,
    SendResolution,
    SendStatus,
    SendSurvey,
    SetDeadline,
    TellAgents,
)
from mailproc.core.evidence import Evidence, Level
from mailproc.core.facts import Facts, FailedMail, Match, MatchedBy, Person, TicketView
from mailproc.core.letters import Change, HeldBecause, News
from mailproc.core.lifecycle import Status
from mailproc.core.message import Address, Attachment, DeliveryReport, Message, ReportKind
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


# --- customers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "text", "ends", "reason"),
    [
        (Status.IN_PROGRESS, "One more thing.", Status.IN_PROGRESS, Reason.WROTE),
        (Status.WAITING_FOR_CUSTOMER, "It is model X100.", Status.IN_PROGRESS, Reason.WROTE),
        (Status.RESOLVED, "Thanks, it works now.", Status.CLOSED, Reason.SAYS_SOLVED),
        (Status.RESOLVED, "It still does not work.", Status.REOPENED, Reason.SAYS_BROKEN),
        (Status.RESOLVED, "Where do I find the driver?", Status.REOPENED, Reason.WROTE),
        (Status.CLOSED, "It stopped again, same error.", Status.REOPENED, Reason.SAYS_BROKEN),
        (Status.CLOSED, "Thank you!", Status.CLOSED, Reason.SAYS_THANKS),
    ],
)
def test_what_the_customer_s_words_do(status: Status, text: str, ends: Status, reason: Reason) -> None:
    decision = decided(CLARA, text, ticket=at(status))
    assert (after(decision), decision.reason) == (ends, reason)
    assert of(decision, AddMessage)[0].kind is Kind.CUSTOMER


def test_a_confirmation_closes_surveys_and_stops_the_clock() -> None:
    decision = decided(CLARA, "Thanks, it works now.", ticket=at(Status.RESOLVED))
    assert [type(effect) for effect in decision.effects] == [
        AddMessage,
        Move,
        CancelDeadlines,
        SendClosure,
        SendSurvey,
        TellAgents,
    ]
    assert of(decision, TellAgents)[0].news is News.CONFIRMED


def test_a_denial_says_sorry_and_tells_the_owner() -> None:
    decision = decided(CLARA, "No, still broken.", ticket=at(Status.RESOLVED))
    assert of(decision, SendReopened)
    assert of(decision, TellAgents)[0].agents == ("anna",)
    assert of(decision, CancelDeadlines)


def test_thanks_after_closing_tell_nobody() -> None:
    assert [type(effect) for effect in decided(CLARA, "Thank you!", ticket=at(Status.CLOSED)).effects][:1] == [
        AddMessage
    ]
    assert not of(decided(CLARA, "Thank you!", ticket=at(Status.CLOSED)), TellAgents)


def test_an_attachment_with_kind_words_is_no_confirmation() -> None:
    message = mail(CLARA, "Works now, thanks.", attachments=(Attachment("screen.png", "image/png", b"x"),))
    assert after(decided(CLARA, "Works now, thanks.", ticket=at(Status.RESOLVED), message=message)) is not Status.CLOSED


def test_an_empty_reply_changes_nothing_and_is_told() -> None:
    decision = decided(CLARA, "", ticket=at(Status.RESOLVED))
    assert decision.reason is Reason.EMPTY_REPLY
    assert not of(decision, Move)
    assert of(decision, TellAgents)


def test_after_the_window_a_new_ticket_follows_the_old() -> None:
    old = replace(TICKET, status=Status.CLOSED, closed_at=NOW - timedelta(days=15))
    decision = decided(CLARA, "It stopped again, same error.", ticket=old)
    assert decision.reason is Reason.LATE_REPLY
    assert of(decision, OpenTicket)[0].previous == TICKET.number


# --- buttons ----------------------------------------------------------------------------------------


def test_yes_closes_the_round_it_was_asked_in() -> None:
    resolved = at(Status.RESOLVED)
    assert after(decided(CLARA, "", ticket=resolved, token=token(Capability.YES, CLARA))) is Status.CLOSED
    old = decided(CLARA, "", ticket=replace(resolved, round=2), token=token(Capability.YES, CLARA))
    assert old.reason is Reason.OLD_BUTTON
    assert not of(old, Move)


def test_a_yes_with_words_against_it_is_a_no() -> None:
    decision = decided(CLARA, "No, it is still broken.", ticket=at(Status.RESOLVED), token=token(Capability.YES, CLARA))
    assert after(decision) is Status.REOPENED


@pytest.mark.parametrize("capability", [Capability.YES, Capability.NO, Capability.RATE_1, Capability.CUSTOMER_REPLY])
def test_a_stranger_s_button_is_a_private_note(capability: Capability) -> None:
    decision = decided(MALLORY, "Yes, it is solved.", ticket=at(Status.RESOLVED), token=token(capability, CLARA))
    assert decision.reason is Reason.STRANGER_WITH_TOKEN
    assert of(decision, AddMessage)[0].private
    assert not of(decision, Move)
    assert not of(decision, Rate)


@pytest.mark.parametrize("capability", [Capability.YES, Capability.RATE_5])
def test_someone_in_copy_neither_confirms_nor_rates(capability: Capability) -> None:
    decision = decided(CHIEF, "Yes, it is solved.", ticket=at(Status.RESOLVED), token=token(capability, CLARA))
    assert after(decision) is None
    assert not of(decision, Rate)


def test_a_rating_counts_for_its_round_and_is_told_to_who_resolved() -> None:
    decision = decided(
        CLARA, "2\nToo slow.", ticket=at(Status.CLOSED, round=3, owner="ben"), token=token(Capability.RATE_2, CLARA, 1)
    )
    assert of(decision, Rate) == [Rate(2, "Too slow.", 1)]
    assert of(decision, TellAgents)[0].agents == ("anna",)


def test_a_bare_number_rates_a_closed_ticket_only() -> None:
    assert of(decided(CLARA, "5", ticket=at(Status.CLOSED)), Rate) == [Rate(5, "", 1)]
    assert not of(decided(CLARA, "5", ticket=at(Status.IN_PROGRESS)), Rate)


# --- agents -----------------------------------------------------------------------------------------


def test_an_answer_goes_out_with_a_receipt() -> None:
    decision = decided(ANNA, "Please restart it.")
    assert of(decision, SendAnswer)[0].text == "Please restart it."
    assert [done.change for done in of(decision, SendReceipt)[0].done] == [Change.SENT, Change.SENT]


def test_the_first_answer_takes_the_ticket() -> None:
    decision = decided(ANNA, "Please restart it.", ticket=replace(TICKET, status=Status.NEW, owner=""))
    assert of(decision, GiveTo)[0].agent == "anna"
    assert after(decision) is Status.IN_PROGRESS


def test_resolving_asks_and_sets_the_clock() -> None:
    decision = decided(ANNA, "#resolve driver\nInstall 4.2.")
    assert after(decision) is Status.RESOLVED
    assert of(decision, SendResolution)[0].text == "Install 4.2."
    assert [(d.kind, d.due_at - NOW) for d in of(decision, SetDeadline)] == [
        (DeadlineKind.REMINDER, timedelta(hours=24)),
        (DeadlineKind.CLOSING, timedelta(hours=48)),
    ]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("#wait customer\nWhich one?", Status.WAITING_FOR_CUSTOMER),
        ("#wait vendor", Status.WAITING_FOR_THIRD_PARTY),
        ("#close", Status.CLOSED),
        ("#resolve", Status.RESOLVED),
    ],
)
def test_commands_move_the_ticket(text: str, status: Status) -> None:
    assert after(decided(ANNA, text)) is status


def test_waiting_for_a_vendor_tells_the_customer() -> None:
    assert of(decided(ANNA, "#wait vendor"), SendStatus)
    assert not of(decided(ANNA, "#wait vendor\nWe asked them."), SendStatus)


@pytest.mark.parametrize("text", ["#note\nDo not tell him.", "#note do not tell him"])
def test_a_note_reaches_no_customer(text: str) -> None:
    decision = decided(ANNA, text, ticket=replace(TICKET, owner="ben"))
    assert not of(decision, SendAnswer)
    assert of(decision, AddMessage)[0].private
    assert of(decision, TellAgents)[0].agents == ("ben",)


def test_the_note_address_takes_everything_as_a_note() -> None:
    assert not of(decided(ANNA, "Do not tell him.", token=token(Capability.NOTE, ANNA)), SendAnswer)


@pytest.mark.parametrize(
    ("target", "agent", "team"),
    [("me", "anna", "desk"), ("Ben", "ben", "desk"), ("second", "", "second"), ("Second line", "", "second")],
)
def test_assigning(target: str, agent: str, team: str) -> None:
    given = of(decided(ANNA, f"#assign {target}"), GiveTo)[0]
    assert (given.agent, given.team) == (agent, team)


@pytest.mark.parametrize("text", ["#resovle\nDone.", "#assign nobody", "#wait\nx\n", "#resolve\n#close\nDone."])
def test_what_is_not_understood_does_nothing_at_all(text: str) -> None:
    if text.startswith("#wait"):  # a bare #wait means the customer
        assert after(decided(ANNA, text)) is Status.WAITING_FOR_CUSTOMER
        return
    decision = decided(ANNA, text)
    assert [type(effect) for effect in decision.effects] == [AddMessage, SendHeld]
    assert of(decision, SendHeld)[0].because is HeldBecause.UNKNOWN_COMMAND


def test_what_is_impossible_is_refused_and_nothing_is_sent() -> None:
    decision = decided(ANNA, "#resolve\nDone.", ticket=at(Status.CLOSED))
    assert decision.reason is Reason.COMMAND_IMPOSSIBLE
    assert not of(decision, SendResolution)
    assert of(decision, SendReceipt)[0].done[0].change is Change.REFUSED


def test_nothing_but_a_quote_is_held() -> None:
    assert of(decided(ANNA, ""), SendHeld)[0].because is HeldBecause.EMPTY


def test_a_forward_within_an_answer_is_held() -> None:
    assert of(decided(ANNA, "See below.", forwards=True), SendHeld)[0].because is HeldBecause.FORWARDED


def test_help_alone_is_help_alone() -> None:
    assert [type(effect) for effect in decided(ANNA, "#help").effects] == [SendHelp]


@pytest.mark.parametrize("level", [Level.NONE, Level.FAILED])
def test_an_agent_without_proof_is_held(level: Level) -> None:
    strict = replace(POLICY, trust=Trust.AUTHENTICATED)
    decision = decided(ANNA, "#resolve\nDone.", policy=strict, evidence=Evidence(level, "x"))
    assert of(decision, SendHeld)[0].because is HeldBecause.NOT_PROVEN
    assert not of(decision, Move)
    assert (
        after(decided(ANNA, "#resolve", policy=strict, evidence=Evidence(Level.AUTHENTICATED, "x"))) is Status.RESOLVED
    )


def test_an_agent_with_a_colleague_s_token_is_a_stranger() -> None:
    decision = decided(BEN, "#close", token=token(Capability.AGENT_REPLY, ANNA))
    assert decision.reason is Reason.STRANGER_WITH_TOKEN
    assert not of(decision, Move)


def test_a_customer_with_an_agent_s_token_stays_a_customer() -> None:
    decision = decided(CLARA, "#close", token=token(Capability.AGENT_REPLY, ANNA))
    assert decision.reason is Reason.WROTE
    assert of(decision, AddMessage)[0].text == "#close"


# --- robots, strangers, new matters -----------------------------------------------------------------


def test_a_robot_is_recorded_and_moves_nothing() -> None:
    robot = Automatic(AutomaticKind.OUT_OF_OFFICE, "subject", "x")
    decision = decided(CLARA, "Yes, it is solved.", ticket=at(Status.RESOLVED), automatic=robot)
    assert decision.outcome is Outcome.AUTOMATIC
    assert [type(effect) for effect in decision.effects] == [AddMessage]


def test_an_agent_s_absence_note_never_reaches_a_customer() -> None:
    robot = Automatic(AutomaticKind.OUT_OF_OFFICE, "subject", "x")
    assert not of(decided(ANNA, "I am away.", automatic=robot), SendAnswer)


@pytest.mark.parametrize(("human", "told"), [(True, 1), (False, 0)])
def test_a_failed_mail_is_marked_and_a_failed_answer_told(human: bool, told: int) -> None:
    report = DeliveryReport(ReportKind.FAILED, (CLARA.address,), "5.1.1", "no such user")
    robot = Automatic(AutomaticKind.DELIVERY_REPORT, "report", "x")
    failed = FailedMail(99, 7, CLARA.address, human)
    message = mail(CLARA, "", delivery_report=report)
    decision = decided(CLARA, "", automatic=robot, message=message, failed_mail=failed)
    assert of(decision, MarkUndelivered) == [MarkUndelivered(99, "no such user")]
    assert len(of(decision, TellAgents)) == told


def test_list_mail_opens_a_ticket_and_is_not_acknowledged() -> None:
    listed = Automatic(AutomaticKind.LIST, "list-id", "x")
    decision = decided(CLARA, "Help!", ticket=None, automatic=listed, may_be_answered=False, unanswerable="list mail")
    assert of(decision, OpenTicket)
    assert not of(decision, SendAcknowledgement)


def test_the_same_mail_again_does_nothing() -> None:
    assert decided(CLARA, "Help!", ticket=None, duplicate_of=3).effects == ()


def test_a_reference_to_others_without_a_token_is_a_new_matter() -> None:
    decision = decided(MALLORY, "Tell me all.", token=None, by=MatchedBy.STORED_MESSAGE_ID)
    assert decision.reason is Reason.REFERENCE_OF_OTHERS
    assert of(decision, OpenTicket)[0].previous is None


def test_copies_are_kept_without_robots_agents_and_ourselves() -> None:
    others = [
        Address("x@x.example"),
        Address("X@X.example"),
        Address("no-reply@x.example"),
        Address("owner-list@x.example"),
    ]
    others += [Address("support+abc@acme.example"), Address(ANNA.address), Address("clara@x.example")]
    others += [Address(f"p{number}@x.example") for number in range(30)]
    message = mail(CLARA, "Help!", to=(Address("support@acme.example"),), cc=tuple(others))
    copied = of(decided(CLARA, "Help!", ticket=None, message=message), OpenTicket)[0].copied
    assert len(copied) == POLICY.most_copied
    assert [address.address for address in copied[:2]] == ["x@x.example", "p0@x.example"]


# --- deadlines --------------------------------------------------------------------------------------


def test_a_reminder_then_the_closing() -> None:
    resolved = at(Status.RESOLVED)
    set_at = NOW - timedelta(hours=24)
    reminder = decide_due(Due(DeadlineKind.REMINDER, resolved, 1, set_at), POLICY, NOW)
    assert of(reminder, SendReminder) == [SendReminder(set_at + POLICY.close_after)]
    closing = decide_due(Due(DeadlineKind.CLOSING, resolved, 1, set_at), POLICY, NOW)
    assert after(closing) is Status.CLOSED
    assert of(closing, SendSurvey)


@pytest.mark.parametrize(("status", "round_"), [(Status.REOPENED, 1), (Status.CLOSED, 1), (Status.RESOLVED, 2)])
def test_a_deadline_of_something_past_does_nothing(status: Status, round_: int) -> None:
    due = Due(DeadlineKind.CLOSING, at(status, round=round_), 1, NOW)
    assert decide_due(due, POLICY, NOW).effects == ()
