"""Decisions as values: who may do what, one row a rule. The steps run as the pipeline runs them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mailproc.core.automatic import Automatic, AutomaticKind
from mailproc.core.due import Due, decide_due
from mailproc.core.effects import (
    AddMessage,
    CancelDeadlines,
    DeadlineKind,
    Kind,
    Move,
    OpenTicket,
    Outcome,
    Rate,
    Reason,
    SendAcknowledgement,
    SendAnswer,
    SendClosure,
    SendReminder,
    SendReopened,
    SendSurvey,
    TellAgents,
)
from mailproc.core.effects_delivery import MarkUndelivered
from mailproc.core.evidence import Evidence, Level
from mailproc.core.facts import FailedMail, MatchedBy
from mailproc.core.letters import News
from mailproc.core.lifecycle import Status
from mailproc.core.message import Address, Attachment, DeliveryReport, ReportKind
from mailproc.core.tokens import Capability
from tests.testlib.decisions import (
    ANNA,
    CHIEF,
    CLARA,
    MALLORY,
    NOW,
    POLICY,
    TICKET,
    after,
    at,
    decided,
    mail,
    of,
    token,
)

PROVEN, UNPROVEN = Evidence(Level.AUTHENTICATED, "dmarc=pass"), Evidence(Level.FAILED, "dmarc=fail")

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
@pytest.mark.row("A7")
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


def test_an_old_yes_with_more_than_a_yes_is_read_by_people() -> None:
    words = "Yes. The reception desk uses a different driver."
    old = decided(CLARA, words, ticket=at(Status.RESOLVED, round=2), token=token(Capability.YES, CLARA))
    assert [news.text for news in of(old, TellAgents)] == [words]


def test_a_yes_with_words_against_it_is_a_no() -> None:
    decision = decided(CLARA, "No, it is still broken.", ticket=at(Status.RESOLVED), token=token(Capability.YES, CLARA))
    assert after(decision) is Status.REOPENED


@pytest.mark.parametrize("capability", [Capability.YES, Capability.NO, Capability.RATE_1, Capability.CUSTOMER_REPLY])
@pytest.mark.row("A19")
def test_a_stranger_s_button_is_a_private_note(capability: Capability) -> None:
    decision = decided(MALLORY, "Yes, it is solved.", ticket=at(Status.RESOLVED), token=token(capability, CLARA))
    assert decision.reason is Reason.STRANGER_WITH_TOKEN
    assert of(decision, AddMessage)[0].private
    assert not of(decision, Move)
    assert not of(decision, Rate)


@pytest.mark.parametrize("capability", [Capability.YES, Capability.RATE_5])
@pytest.mark.row("A19")
def test_someone_in_copy_neither_confirms_nor_rates(capability: Capability) -> None:
    decision = decided(CHIEF, "Yes, it is solved.", ticket=at(Status.RESOLVED), token=token(capability, CLARA))
    assert after(decision) is None
    assert not of(decision, Rate)


@pytest.mark.row("A19")
def test_a_rating_counts_for_its_round_and_is_told_to_who_resolved() -> None:
    decision = decided(
        CLARA, "2\nToo slow.", ticket=at(Status.CLOSED, round=3, owner="ben"), token=token(Capability.RATE_2, CLARA, 1)
    )
    assert of(decision, Rate) == [Rate(2, "Too slow.", 1)]
    assert of(decision, TellAgents)[0].agents == ("anna",)


@pytest.mark.row("A19")
def test_an_old_round_s_rating_is_told_to_who_had_that_round() -> None:
    closed = at(Status.CLOSED, round=2, owner="ben", resolved_by="ben", resolvers=("anna", "ben"))
    for round_, whose in ((1, "anna"), (2, "ben")):
        decision = decided(CLARA, "2", ticket=closed, token=token(Capability.RATE_2, CLARA, round_))
        assert of(decision, TellAgents)[0].agents == (whose,)


@pytest.mark.row("I11")
@pytest.mark.parametrize("capability", [Capability.YES, Capability.NO, Capability.RATE_5])
@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED])
def test_a_mail_too_large_to_be_read_is_no_button_but_told_to_people(capability: Capability, status: Status) -> None:
    decision = decided(CLARA, "", ticket=at(status), token=token(capability, CLARA), oversize=True)
    assert (decision.reason, after(decision)) == (Reason.WROTE, Status.REOPENED)
    assert not of(decision, Rate)
    assert [news.oversize for news in of(decision, TellAgents)] == [True]


def test_a_bare_number_rates_a_closed_ticket_only() -> None:
    assert of(decided(CLARA, "5", ticket=at(Status.CLOSED)), Rate) == [Rate(5, "", 1)]
    assert not of(decided(CLARA, "5", ticket=at(Status.IN_PROGRESS)), Rate)


# --- robots, strangers, new matters -----------------------------------------------------------------


def test_without_the_survey_s_token_a_rating_counts_as_long_as_one_would_last() -> None:
    for days, proof, counts in ((27, PROVEN, 1), (29, PROVEN, 0), (27, UNPROVEN, 0)):
        closed = replace(at(Status.CLOSED), closed_at=NOW - timedelta(days=days))
        decision = decided(CLARA, "1", ticket=closed, token=None, by=MatchedBy.STORED_MESSAGE_ID, evidence=proof)
        assert len(of(decision, Rate)) == counts


@pytest.mark.row("A4", "A7")
@pytest.mark.parametrize("words", ["Yes, it works now.", "Thanks!"])
@pytest.mark.parametrize("by", [MatchedBy.SUBJECT, MatchedBy.STORED_MESSAGE_ID, MatchedBy.OUR_MESSAGE_ID])
def test_who_only_writes_the_customer_s_address_ends_nothing(words: str, by: MatchedBy) -> None:
    resolved = at(Status.RESOLVED)
    of_another = token(Capability.CUSTOMER_REPLY, CHIEF) if by is MatchedBy.OUR_MESSAGE_ID else None
    forged = decided(CLARA, words, ticket=resolved, token=of_another, by=by, evidence=UNPROVEN)
    assert after(forged) is Status.REOPENED, "people read it"
    assert after(decided(CLARA, words, ticket=resolved, token=of_another, by=by, evidence=PROVEN)) is Status.CLOSED
    assert after(decided(CLARA, words, ticket=resolved, evidence=UNPROVEN)) is Status.CLOSED, "with their token"


@pytest.mark.row("A8")
def test_a_robot_is_recorded_and_moves_nothing() -> None:
    robot = Automatic(AutomaticKind.OUT_OF_OFFICE, "subject", "x")
    decision = decided(CLARA, "Yes, it is solved.", ticket=at(Status.RESOLVED), automatic=robot)
    assert decision.outcome is Outcome.AUTOMATIC
    assert [type(effect) for effect in decision.effects] == [AddMessage]


@pytest.mark.row("A8")
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
    assert decision.why.endswith("not acknowledged: list mail")
    assert of(decision, OpenTicket)
    assert not of(decision, SendAcknowledgement)


@pytest.mark.parametrize("by", [MatchedBy.OUR_MESSAGE_ID, MatchedBy.STORED_MESSAGE_ID])
def test_an_answer_by_a_list_that_took_the_token_away_is_heard(by: MatchedBy) -> None:
    listed = Automatic(AutomaticKind.LIST, "list-id", "x")
    decision = decided(CLARA, "And now it smokes.", by=by, token=None, automatic=listed, may_be_answered=False)
    assert [news.news for news in of(decision, TellAgents)] == [News.CUSTOMER_WROTE]


@pytest.mark.parametrize(
    ("found", "words", "language"),
    [("de", "Er geht nicht.", "de"), ("", "Er geht nicht und ich brauche ihn.", "de"), ("", "4711", "en")],
)
def test_a_ticket_is_in_the_language_that_was_found_or_can_be_told(found: str, words: str, language: str) -> None:
    message = replace(mail(CLARA, words), language=found)
    decision = decided(CLARA, words, ticket=None, message=message)
    assert of(decision, OpenTicket)[0].language == language


def test_the_same_mail_again_does_nothing() -> None:
    assert decided(CLARA, "Help!", ticket=None, duplicate_of=3).effects == ()


@pytest.mark.row("A4")
def test_a_reference_to_others_without_a_token_is_a_new_matter() -> None:
    decision = decided(MALLORY, "Tell me all.", token=None, by=MatchedBy.STORED_MESSAGE_ID)
    assert decision.reason is Reason.REFERENCE_OF_OTHERS
    assert of(decision, OpenTicket)[0].previous is None


@pytest.mark.row("A23")
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
