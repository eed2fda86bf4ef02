"""Whose a ticket is: mails that agents forward, tickets they begin for a customer, and corrections."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mailproc.core.budgets import Author
from mailproc.core.effects import (
    AddMessage,
    Decision,
    HoldForAgent,
    Kind,
    Move,
    OpenTicket,
    Reason,
    SendAcknowledgement,
    SendAnswer,
    SendConfirmation,
    SendHeld,
    SendReceipt,
    TellAgents,
)
from mailproc.core.effects_behalf import ChangeCustomer, ConfirmCustomer
from mailproc.core.evidence import Evidence, Level
from mailproc.core.facts import HeldMail, Match, MatchedBy, Person
from mailproc.core.forward import Forwarded
from mailproc.core.letters import Change, HeldBecause, News
from mailproc.core.message import TEXT_CUT, Address, Attachment, Message
from mailproc.core.policy import Trust
from mailproc.core.tokens import Capability
from tests.testlib.decisions import (
    ANNA,
    BEN,
    CHIEF,
    CLARA,
    MALLORY,
    NOW,
    POLICY,
    TICKET,
    decided,
    mail,
    of,
    token,
)

PROVEN = Evidence(Level.AUTHENTICATED, "dmarc=pass")
DIETER = Address("dieter@kunde.example", "Dieter")
WORDS = "Der Drucker druckt nicht mehr, und das Display zeigt einen Fehler."


def passed_on(above: str = "He called, too.", address: str = DIETER.address, **other: Any) -> Forwarded:
    return Forwarded(address, DIETER.name, "Drucker steht", "Sat, 21 Nov", "", WORDS, above, **other)


def forwards(forwarded: Forwarded | None = None, sender: Person = ANNA, **other: Any) -> Decision:
    """What a mail to the bare address does; by default a proven forward of Dieter's mail."""
    found = passed_on() if forwarded is None else forwarded
    text = f"{found.message}\n\nFrom: {found.address}\n\n{found.body}"
    message = replace(mail(sender, text), subject="Fwd: Drucker steht")
    given: dict[str, Any] = {"ticket": None, "evidence": PROVEN, "message": message, "forwarded": found}
    return decided(sender, text, **{**given, **other})


def to_the_desk(text: str, subject: str = "Your new printer", **other: Any) -> Decision:
    """Anna's proven mail to the bare address, without a forward."""
    message = replace(mail(ANNA, text), subject=subject)
    return decided(ANNA, text, **{"ticket": None, "evidence": PROVEN, "message": message, **other})


def automatic(decision: Decision) -> list[object]:
    return of(decision, SendAcknowledgement)


# --- forwarding in ---------------------------------------------------------------------------------


def test_the_ticket_is_the_customer_s_with_subject_and_words_of_the_forwarded_mail() -> None:
    decision = forwards()
    opened = of(decision, OpenTicket)[0]
    assert (opened.customer, opened.subject, opened.language) == (DIETER, "Drucker steht", "de")
    said, note = of(decision, AddMessage)
    assert (said.kind, said.author, said.text, said.private) == (Kind.CUSTOMER, DIETER.address, WORDS, False)
    assert (note.kind, note.author, note.text, note.private) == (Kind.NOTE, "anna", "He called, too.", True)
    news = of(decision, TellAgents)[0]
    assert (news.news, news.author_address, news.text) == (News.NEW, DIETER.address, WORDS)
    assert decision.reason is Reason.FORWARDED_IN


def test_of_one_too_long_to_be_read_the_agents_are_told_that_it_is_cut() -> None:
    whole = replace(mail(ANNA, "Fwd"), subject="Fwd: Drucker steht")
    for message, cut in ((whole, False), (replace(whole, defects=(TEXT_CUT,)), True)):
        (news,) = of(forwards(message=message), TellAgents)
        assert news.cut is cut


def test_nothing_automatic_goes_to_the_address_before_the_agent_confirms() -> None:
    decision = forwards()
    assert of(decision, OpenTicket)[0].unconfirmed
    assert not automatic(decision)
    receipt = of(decision, SendReceipt)[0]
    assert receipt.asks == DIETER.address
    assert [done.change for done in receipt.done] == [Change.FORWARDED, Change.UNCONFIRMED]


def test_a_known_customer_is_acknowledged_at_once() -> None:
    decision = forwards(knows_author=True)
    assert not of(decision, OpenTicket)[0].unconfirmed
    assert automatic(decision) == [SendAcknowledgement(None, Author.PROVEN)]
    assert not of(decision, SendReceipt)[0].asks


def test_so_is_one_the_agent_names() -> None:
    decision = forwards(passed_on("#customer eva@kunde.example\nShe called."))
    assert of(decision, OpenTicket)[0].customer == Address("eva@kunde.example")
    assert not of(decision, OpenTicket)[0].unconfirmed
    assert automatic(decision)
    assert of(decision, AddMessage)[1].text == "She called."


def test_an_enclosed_mail_s_thread_is_the_customer_s() -> None:
    inner = Message(message_id="<d@kunde.example>", from_=(DIETER,), from_fields=1)
    assert of(forwards(passed_on(enclosed=inner)), OpenTicket)[0].thread == ("<d@kunde.example>",)
    assert of(forwards(), OpenTicket)[0].thread == ()


def test_files_are_kept() -> None:
    photo = Attachment("photo.jpg", "image/jpeg", b"x")
    message = replace(mail(ANNA, "", attachments=(photo,)), subject="Fwd: Drucker")
    assert of(forwards(message=message), TellAgents)[0].attachments == (photo,)


def test_a_forward_without_words_leaves_no_note() -> None:
    assert [said.kind for said in of(forwards(passed_on("")), AddMessage)] == [Kind.CUSTOMER]


@pytest.mark.parametrize("address", ["", "Dieter", "dieter@localhost", "a b@kunde.example"])
def test_of_nobody_it_is_held_and_asks_whose_it_is(address: str) -> None:
    decision = forwards(passed_on(address=address))
    assert of(decision, SendHeld)[0].because is HeldBecause.NO_AUTHOR
    opened = of(decision, OpenTicket)[0]
    assert (opened.customer, opened.unconfirmed) == (None, True)
    assert [said.kind for said in of(decision, AddMessage)] == [Kind.HELD]
    assert of(decision, TellAgents)[0].agents == ("ben",)
    assert not automatic(decision)


def test_a_forward_nobody_can_read_is_held_too() -> None:
    decision = to_the_desk("See below.", "Fwd: Drucker steht")
    assert of(decision, SendHeld)[0].because is HeldBecause.NO_AUTHOR
    named = to_the_desk("#customer dieter@kunde.example\nSee below.", "Fwd: Drucker steht")
    assert of(named, OpenTicket)[0].customer == Address("dieter@kunde.example")


@pytest.mark.parametrize("above", ["#close", "#resolve\nDone.", "#csutomer eva@kunde.example", "#assign ben"])
def test_other_commands_above_are_not_swallowed(above: str) -> None:
    decision = forwards(passed_on(above))
    assert of(decision, SendHeld)[0].because is HeldBecause.UNKNOWN_COMMAND
    assert of(decision, SendHeld)[0].lines
    assert not automatic(decision)


@pytest.mark.row("A3")
@pytest.mark.parametrize("policy", [POLICY, replace(POLICY, trust=Trust.AUTHENTICATED)])
@pytest.mark.parametrize("level", [Level.NONE, Level.FAILED])
def test_without_proof_the_agent_is_asked_first(policy: object, level: Level) -> None:
    decision = forwards(policy=policy, evidence=Evidence(level, "nobody said"))
    assert of(decision, SendConfirmation)
    assert of(decision, HoldForAgent)
    assert of(decision, OpenTicket)[0].customer is None
    assert [said.kind for said in of(decision, AddMessage)] == [Kind.HELD]
    assert not automatic(decision)


def test_asked_lately_the_agent_is_not_asked_again_and_nothing_is_lost() -> None:
    decision = forwards(evidence=Evidence(Level.NONE, "nobody said"), asked_agent_at=NOW)
    assert not of(decision, SendConfirmation)
    assert of(decision, TellAgents)[0].agents == ("ben",)


def test_confirmed_it_is_taken_in_on_the_ticket_that_waited() -> None:
    text = f"He called.\n\n{WORDS}"
    waiting = HeldMail(
        5, "anna", TICKET.number, False, NOW, False, replace(mail(ANNA, text), subject="Fwd: Drucker"), text, text, False,
        False, False, bare=True, forwarded=passed_on("He called."),
    )  # fmt: skip
    provisional = replace(TICKET, customer=ANNA, copied=(), unconfirmed=True)
    decision = decided(
        ANNA, "#confirm", ticket=provisional, token=token(Capability.CONFIRM, ANNA, 5), held=waiting,
        evidence=Evidence(Level.NONE, "nobody said"),
    )  # fmt: skip
    changed = of(decision, ChangeCustomer)[0]
    assert (changed.address, changed.subject, changed.confirmed) == (DIETER, "Drucker steht", False)
    assert [said.kind for said in of(decision, AddMessage)] == [Kind.CUSTOMER, Kind.NOTE]
    assert (decision.ticket, decision.carries_out) == (TICKET.number, 5)
    assert not of(decision, OpenTicket)
    assert not automatic(decision)


# --- what is no such mail --------------------------------------------------------------------------


def is_own_matter(decision: Decision) -> bool:
    opened = of(decision, OpenTicket)
    return decision.reason is Reason.NEW_TICKET and len(opened) == 1 and opened[0].customer is None


@pytest.mark.row("A7")
@pytest.mark.parametrize("address", ["support@acme.example", "support+abc@acme.example", BEN.address, ANNA.address])
def test_our_own_mail_passed_on_is_the_agent_s_own_matter(address: str) -> None:
    assert is_own_matter(forwards(passed_on(address=address)))


def test_an_agent_s_own_matter_is_a_customer_s() -> None:
    decision = to_the_desk("My own printer is broken.")
    assert is_own_matter(decision)
    assert automatic(decision)


@pytest.mark.row("A7")
@pytest.mark.parametrize("sender", [CLARA, MALLORY])
def test_a_customer_s_forward_is_theirs_alone(sender: Person) -> None:
    decision = forwards(sender=sender, forwarded=passed_on("#customer eva@kunde.example\n#new eva@kunde.example"))
    assert is_own_matter(decision)
    assert not of(decision, ChangeCustomer)


def test_an_agent_writes_on_in_a_ticket_of_their_own() -> None:
    own = replace(TICKET, customer=ANNA, copied=())
    decision = decided(ANNA, "It works.", ticket=own, token=None, by=MatchedBy.SUBJECT, forwarded=passed_on())
    assert decision.reason is Reason.WROTE


def test_a_mail_that_refers_to_somebody_s_ticket_begins_another() -> None:
    known = Match(MatchedBy.STORED_MESSAGE_ID, TICKET, None)
    assert of(forwards(match=known), OpenTicket)[0].customer == DIETER


def test_a_forwarded_answer_to_our_letter_begins_a_ticket_that_follows_its_author_s() -> None:
    theirs = Match(MatchedBy.OUR_MESSAGE_ID, TICKET, token(Capability.CUSTOMER_REPLY, CLARA))
    of_clara = forwards(passed_on(address=CLARA.address), match=theirs)
    assert of(of_clara, OpenTicket)[0].previous == TICKET.number
    assert of(forwards(match=theirs), OpenTicket)[0].previous is None


def test_what_is_addressed_to_somebody_s_token_is_kept_private() -> None:
    addressed = Match(MatchedBy.TOKEN, TICKET, token(Capability.CUSTOMER_REPLY, CLARA))
    assert forwards(match=addressed).reason is Reason.STRANGER_WITH_TOKEN


# --- #customer and #confirm ------------------------------------------------------------------------

UNSURE = replace(TICKET, unconfirmed=True, answered=False)


def test_confirming_sends_the_acknowledgement() -> None:
    decision = decided(ANNA, "#confirm", ticket=UNSURE)
    assert of(decision, ConfirmCustomer)
    assert automatic(decision)
    assert not of(decided(ANNA, "#confirm"), ConfirmCustomer)  # nothing to confirm there


def test_correcting_confirms_too() -> None:
    decision = decided(ANNA, "#customer dieter@kunde.example", ticket=UNSURE)
    assert of(decision, ChangeCustomer)[0].address == Address("dieter@kunde.example")
    assert automatic(decision)


def test_a_ticket_s_customer_is_corrected_without_a_letter() -> None:
    decision = decided(ANNA, "#customer dieter@kunde.example")
    assert of(decision, ChangeCustomer)
    assert not automatic(decision)
    assert not of(decision, SendAnswer)
    assert not of(decision, Move)
    assert [done.change for done in of(decision, SendReceipt)[0].done] == [
        Change.CUSTOMER, Change.SUBJECT, Change.UNCOPIED,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("unconfirmed", "written", "subject"),
    [
        (False, "Re: Printer [Acme #7]", None),  # the first sender's words
        (False, "Printer", None),
        (False, "[Acme #7] Another customer", None),  # a button's
        (False, "The printer in room 4", "The printer in room 4"),  # the agent's
        (True, "Re: Printer [Acme #7]", ""),  # that of the mail they forwarded
    ],
)
def test_the_first_sender_s_subject_is_not_the_new_customer_s(
    unconfirmed: bool, written: str, subject: str | None
) -> None:
    text = "#customer dieter@kunde.example"
    message = replace(mail(ANNA, text), subject=written)
    decision = decided(ANNA, text, ticket=replace(TICKET, unconfirmed=unconfirmed), message=message)
    assert of(decision, ChangeCustomer)[0].subject == subject
    told = [done.detail for done in of(decision, SendReceipt)[0].done if done.change is Change.SUBJECT]
    assert told == ([] if unconfirmed else [subject or ""])


def test_words_beside_it_go_to_the_new_customer_alone() -> None:
    decision = decided(ANNA, "#customer dieter@kunde.example\nDear Dieter,\nlook.")
    order = [type(effect) for effect in decision.effects]
    assert order.index(ChangeCustomer) < order.index(SendAnswer)
    sent = [done.detail for done in of(decision, SendReceipt)[0].done if done.change is Change.SENT]
    assert sent == ["dieter@kunde.example"]


def test_somebody_in_copy_can_become_the_customer() -> None:
    decision = decided(ANNA, f"#customer {CHIEF.address}\nDear Chief, look.")
    sent = [done.detail for done in of(decision, SendReceipt)[0].done if done.change is Change.SENT]
    assert sent == [CHIEF.address]


def test_the_same_customer_again_changes_nothing() -> None:
    assert not of(decided(ANNA, f"#customer {CLARA.address.upper()}"), ChangeCustomer)


@pytest.mark.row("A3", "A7")
@pytest.mark.parametrize("sender", [CLARA, CHIEF, MALLORY])
def test_nobody_else_says_whose_a_ticket_is(sender: Person) -> None:
    for text in ("#customer dieter@kunde.example", "#confirm"):
        decision = decided(sender, text, ticket=UNSURE)
        assert not of(decision, ChangeCustomer)
        assert not of(decision, ConfirmCustomer)


def test_ourselves_are_no_customer() -> None:
    assert of(decided(ANNA, "#customer support@acme.example"), SendHeld)
