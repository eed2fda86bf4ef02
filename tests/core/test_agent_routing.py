"""Spam, help, security: what each does, what stays inside, and that nobody else can do it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mailproc.core.decide import audience
from mailproc.core.effects import (
    AddMessage,
    CustomerLetter,
    Decision,
    GiveTo,
    Move,
    Outcome,
    Reason,
    SendAnswer,
    SendClosure,
    SendHeld,
    SendReceipt,
    TellAgents,
)
from mailproc.core.effects_fields import BlockPerson, Noted, SetField, TicketField
from mailproc.core.effects_sides import AskThirdParty
from mailproc.core.facts import Named, Person
from mailproc.core.letters import News
from mailproc.core.lifecycle import Outcome as Ending
from mailproc.core.lifecycle import Refusal, Status
from mailproc.core.message import Attachment
from mailproc.core.policy import RoutePolicy
from mailproc.handling.pipeline import run
from tests.testlib.decisions import ANNA, BEN, CHIEF, CLARA, MALLORY, POLICY, TICKET, after, at, decided, facts, of

_SECURED = replace(POLICY, routes=RoutePolicy("second", "second"))  # Ben is in it, Anna is not
_SECRET = replace(TICKET, restricted=True, team="second", owner="ben")


def outside(decision: Decision) -> list[Any]:
    """Letters that leave the house."""
    return [effect for effect in decision.effects if isinstance(effect, CustomerLetter)]


def refused(decision: Decision) -> str:
    assert [type(effect) for effect in decision.effects] == [AddMessage, SendReceipt]
    [receipt] = of(decision, SendReceipt)
    return str(receipt.done[0].detail)


@pytest.mark.parametrize("status", Status)
def test_spam_is_closed_and_nobody_outside_hears_of_it(status: Status) -> None:
    decision = decided(ANNA, "#spam\nAgain this one.", ticket=at(status))
    assert after(decision) is Status.CLOSED
    assert status is Status.CLOSED or of(decision, Move)[-1].transition.outcome is Ending.SPAM
    assert outside(decision) == []
    assert of(decision, AddMessage)[0].private
    assert not of(decision, BlockPerson)


def test_blocking_is_spam_for_good() -> None:
    decision = decided(ANNA, "#block")
    assert after(decision) is Status.CLOSED
    assert of(decision, BlockPerson) == [BlockPerson(CLARA.id, CLARA.address, "anna")]
    assert outside(decision) == []


def test_no_agent_is_blocked() -> None:
    assert refused(decided(ANNA, "#block", ticket=replace(TICKET, customer=BEN))) == Refusal.NOT_A_CUSTOMER


@pytest.mark.parametrize("ticket", [TICKET, None])
def test_mail_of_a_blocked_person_is_recorded_and_told_to_nobody(ticket: Any) -> None:
    decision = run(
        replace(facts(CLARA, "Hello?", ticket=ticket, floods=at(Status.CLOSED)), sender=replace(CLARA, blocked=True))
    ).decision
    assert (decision.outcome, decision.reason, decision.ticket) == (Outcome.AUTOMATIC, Reason.BLOCKED, 7)
    assert [type(effect) for effect in decision.effects] == [AddMessage]
    assert of(decision, AddMessage)[0].private


def test_a_blocked_person_without_a_ticket_leaves_no_trace_on_any() -> None:
    decision = run(replace(facts(CLARA, "Hello?", ticket=None), sender=replace(CLARA, blocked=True))).decision
    assert (decision.reason, decision.ticket, decision.effects) == (Reason.BLOCKED, None, ())


# --- help -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["#escalate ben", "#escalate second", "#escalate"])
def test_others_are_asked_and_the_ticket_keeps_its_owner(text: str) -> None:
    decision = decided(ANNA, f"{text}\nI am at a loss.")
    assert [(each.agents, each.news, each.text) for each in of(decision, TellAgents)] == [
        (("ben",), News.ESCALATED, "I am at a loss.")
    ]
    assert not of(decision, GiveTo)
    assert of(decision, Noted)[0].kind == "escalated"
    assert outside(decision) == []
    assert of(decision, AddMessage)[0].private


def test_whom_a_bare_one_asks_is_configured() -> None:
    three = replace(POLICY, routes=RoutePolicy(escalate_to="second"))
    assert of(decided(ANNA, "#escalate", policy=three), TellAgents)[0].agents == ("ben",)
    assert refused(decided(BEN, "#escalate", policy=three)) == Refusal.NOBODY_TO_ASK


def test_nobody_is_told_twice() -> None:
    told = [name for each in of(decided(ANNA, "#escalate ben\nHelp.", ticket=replace(TICKET, owner="ben")), TellAgents)
            for name in each.agents]  # fmt: skip
    assert told == ["ben"]


def test_a_name_nobody_bears_does_nothing_at_all() -> None:
    decision = decided(ANNA, "#escalate bem\nHelp.")
    assert of(decision, SendHeld)[0].lines[0].nearest == "#escalate ben"


# --- security ---------------------------------------------------------------------------------------


def test_a_matter_of_security_goes_to_its_team_only() -> None:
    decision = decided(ANNA, "#security\nHe sent his password.", policy=_SECURED)
    assert of(decision, SetField) == [SetField(TicketField.RESTRICTED, True, "anna")]
    assert [(each.agent, each.team) for each in of(decision, GiveTo)] == [("", "second")]
    assert [name for each in of(decision, TellAgents) for name in each.agents] == ["ben"]
    assert of(decision, TellAgents)[-1].news is News.SECURITY
    assert outside(decision) == []


def test_without_a_team_for_it_nothing_is_done() -> None:
    assert refused(decided(ANNA, "#security\nHe sent his password.")) == Refusal.NO_SECURITY_TEAM


def test_only_its_team_is_told() -> None:
    assert audience(_SECURED, _SECRET) == ("ben",)
    assert audience(_SECURED, replace(_SECRET, owner="anna")) == ("ben",)
    assert audience(POLICY, replace(_SECRET, team="gone", owner="")) == ("anna", "ben")  # somebody must hear of it


def test_others_can_do_nothing_on_it() -> None:
    assert refused(decided(ANNA, "#priority p1\nHello.", policy=_SECURED, ticket=_SECRET)) == Refusal.RESTRICTED
    assert of(decided(BEN, "Hello.", policy=_SECURED, ticket=_SECRET), SendAnswer)


@pytest.mark.parametrize("text", ["#assign anna", "#assign desk"])
def test_it_is_given_to_nobody_else(text: str) -> None:
    assert refused(decided(BEN, text, policy=_SECURED, ticket=_SECRET)) == Refusal.RESTRICTED


def test_nobody_else_is_asked_for_help_with_it() -> None:
    assert refused(decided(BEN, "#escalate anna", policy=_SECURED, ticket=_SECRET)) == Refusal.NOBODY_TO_ASK


# --- who may not ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sender", [CLARA, CHIEF, MALLORY])
@pytest.mark.parametrize("text", ["#spam", "#block", "#escalate", "#security"])
def test_nobody_else_routes_anything(sender: Person, text: str) -> None:
    decision = decided(sender, text, policy=_SECURED)
    assert not [each for each in decision.effects if isinstance(each, SetField | BlockPerson | GiveTo | Noted)]
    assert after(decision) is not Status.CLOSED


@pytest.mark.parametrize("text", ["#spam", "#block", "#escalate", "#security"])
def test_quoted_commands_do_nothing(text: str) -> None:
    decision = decided(ANNA, f"> {text}\nYes.", own_words="Yes.", policy=_SECURED)
    assert outside(decision)
    assert not [each for each in decision.effects if isinstance(each, SetField | BlockPerson | Noted)]


# --- another team's ---------------------------------------------------------------------------------

_ELSEWHERE = replace(POLICY, routes=RoutePolicy(others={"sales": "sales@acme.test"}))


@pytest.mark.parametrize("to", ["sales", "Sales", "sales@acme.test"])
def test_another_team_gets_the_words_and_the_mails_and_the_customer_hears_who_goes_on(to: str) -> None:
    mail = Attachment("1.eml", "message/rfc822", b"Subject: x")
    decision = decided(ANNA, f"#handoff {to}\nYours, I think.", policy=_ELSEWHERE, named=Named(mails=(mail,)))
    [asked] = of(decision, AskThirdParty)
    assert (asked.address.address, asked.text, asked.attachments) == ("sales@acme.test", "Yours, I think.", (mail,))
    assert [type(letter) for letter in outside(decision)] == [SendClosure]
    closure = of(decision, SendClosure)[0]
    assert closure.outcome is Ending.HANDED_OFF
    assert closure.handed_to == ("" if "@" in to else "sales")  # the operator's word for it; an address is none
    assert after(decision) is Status.CLOSED


@pytest.mark.parametrize("to", ["saless", "desk", "ben@acme.example", "support@acme.example"])
def test_what_is_no_other_team_does_nothing_at_all(to: str) -> None:
    assert of(decided(ANNA, f"#handoff {to}\nYours.", policy=_ELSEWHERE), SendHeld)


def test_a_customer_hands_nothing_off() -> None:
    assert not of(decided(CLARA, "#handoff sales", policy=_ELSEWHERE), AskThirdParty)
