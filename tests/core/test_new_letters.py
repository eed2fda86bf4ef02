"""`#new`: an agent's letter begins a ticket for a customer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailproc.core.effects import (
    AddMessage,
    GiveTo,
    HoldForAgent,
    Kind,
    OpenTicket,
    SendAnswer,
    SendHeld,
)
from mailproc.core.evidence import Evidence, Level
from mailproc.core.facts import Around, SaidSince
from mailproc.core.letters import HeldBecause
from mailproc.core.lifecycle import Status
from mailproc.core.message import Address
from tests.core.test_behalf import automatic, to_the_desk
from tests.testlib.decisions import ANNA, CLARA, NOW, after, decided, mail, of


def test_a_letter_to_a_customer_begins_a_ticket_of_theirs() -> None:
    decision = to_the_desk("#new dieter@kunde.example\nDear Dieter,\nyour printer is here.")
    opened, answer = of(decision, OpenTicket)[0], of(decision, SendAnswer)[0]
    assert (opened.customer, opened.subject, opened.thread) == (
        Address("dieter@kunde.example"), "Your new printer", (),
    )  # fmt: skip
    assert answer.text == "Dear Dieter,\nyour printer is here."
    assert [said.kind for said in of(decision, AddMessage)] == [Kind.ANSWER]
    assert of(decision, GiveTo)[0].agent == "anna"
    assert after(decision) is Status.IN_PROGRESS
    assert not automatic(decision)
    assert not opened.unconfirmed


@pytest.mark.parametrize("subject", ["Re: Printer [Acme #7]", "Re: Printer", "", "Printer", "Re: Pri…"])
def test_in_a_reply_it_begins_another_ticket_under_a_subject_of_its_own(subject: str) -> None:
    text = "#new dieter@kunde.example\nYour printer is here.\nRegards"
    decision = decided(ANNA, text, message=replace(mail(ANNA, text), subject=subject))
    assert decision.ticket is None  # nothing happens to the one at hand
    assert of(decision, OpenTicket)[0].subject == "Your printer is here."
    assert of(decision, SendAnswer)


@pytest.mark.parametrize(
    "text",
    [
        "#new support@acme.example\nWell?",
        "#new ben@acme.example\nWell?",
        "#new dieter@kunde.example\n#close\nWell?",
        "#new dieter@kunde.example",
        "#new nobody\nWell?",
    ],
)
def test_what_can_not_begin_a_ticket_is_held(text: str) -> None:
    for decision in (decided(ANNA, text), to_the_desk(text)):
        assert of(decision, SendHeld)
        assert not of(decision, SendAnswer)


@pytest.mark.parametrize(
    ("text", "around", "rule"),
    [
        ("Internal only: he never pays.", Around(), "internal_words"),
        ("As clara@x.example said.", Around(mentioned=frozenset()), "other_address"),
        ("The same as #7.", Around(others=frozenset({7})), "other_ticket"),
        ("Please find the offer attached.", Around(), "missing_attachment"),
    ],
)
def test_the_letter_passes_the_safety_catch(text: str, around: Around, rule: str) -> None:
    written = f"#new dieter@kunde.example\n{text}"
    for decision in (decided(ANNA, written, around=around), to_the_desk(written, around=around)):
        (held,) = of(decision, SendHeld)
        assert (held.because, [each.rule for each in held.cautions], held.decide) == (HeldBecause.CAUTION, [rule], True)
        assert held.again == "#new dieter@kunde.example"
        assert of(decision, HoldForAgent)[0].because == "caution"
        assert not of(decision, SendAnswer)
    assert of(decision, OpenTicket)[0].customer is None  # until it is decided, the ticket is the agent's own
    released = replace(around, released=True)
    assert of(decided(ANNA, written, around=released), SendAnswer)
    assert of(to_the_desk(written, around=released), SendAnswer)


def test_a_signature_alone_is_no_letter() -> None:
    written = "#new dieter@kunde.example\nBest regards\nAnna Berg"
    assert of(decided(ANNA, written), SendHeld)[0].because is HeldBecause.EMPTY
    assert [each.rule for each in of(to_the_desk(written), SendHeld)[0].cautions] == ["only_signature"]


def test_and_the_history_names_the_rule_that_has_no_more_to_say() -> None:
    assert to_the_desk("#new dieter@kunde.example\n\nBest regards\nAnna").why.startswith("only_signature; proven by ")


def test_what_was_said_on_the_ticket_at_hand_is_no_matter_of_the_letter() -> None:
    said = SaidSince(False, CLARA.address, "Clara", NOW, "It works again!")
    assert of(decided(ANNA, "#new dieter@kunde.example\nHello.", around=Around(since=(said,))), SendHeld) == []


@pytest.mark.row("A3")
def test_nobody_begins_a_ticket_in_an_agent_s_name() -> None:
    text = "#new dieter@kunde.example\nPay here."
    decision = to_the_desk(text, evidence=Evidence(Level.NONE, "nobody said"))
    assert of(decision, HoldForAgent)
    assert not of(decision, SendAnswer)
