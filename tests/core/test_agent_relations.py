"""Merge, split, link: what each does, what is refused in words, and that nobody else can do it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mailproc.core.effects import (
    AddMessage,
    CancelDeadlines,
    Decision,
    GiveTo,
    HoldForAgent,
    SendAnswer,
    SendClosure,
    SendHeld,
    SendReceipt,
    SendSurvey,
    TellAgents,
)
from mailproc.core.effects_relations import LinkWith, MergeInto, SplitOff, Unlink
from mailproc.core.facts import Match, MatchedBy, Named, Person
from mailproc.core.letters import Change, Done, News
from mailproc.core.lifecycle import Outcome, Refusal, Status
from mailproc.core.tokens import Capability
from tests.testlib.decisions import (
    ANNA,
    BEN,
    CHIEF,
    CLARA,
    MALLORY,
    TICKET,
    after,
    at,
    decided,
    of,
    token,
)

OTHER = replace(TICKET, number=12, owner="ben", copied=(), thread=("<b@x.example>",))


def told(text: str, other: Any = OTHER, **more: Any) -> Decision:
    """Anna writes on ticket 7, and 12 is that other ticket."""
    return decided(ANNA, text, named=Named({12: other} if other else {}, True, more.pop("split_off", None)), **more)


def refused(decision: Decision) -> str:
    [receipt] = of(decision, SendReceipt)
    assert [type(effect) for effect in decision.effects] == [AddMessage, SendReceipt]
    assert receipt.done[0].change is Change.REFUSED
    return receipt.done[0].detail  # type: ignore[no-any-return] # effects of any kind


def test_merging_closes_it_tells_the_customer_where_and_whoever_has_the_other() -> None:
    decision = told("#merge 12")
    assert after(decision) is Status.CLOSED
    [closure] = of(decision, SendClosure)
    assert (closure.outcome, closure.merged_into) == (Outcome.MERGED, 12)
    assert not of(decision, SendSurvey)
    assert of(decision, MergeInto) == [MergeInto(OTHER, "anna")]
    assert [(each.agents, each.news, each.detail, each.on) for each in of(decision, TellAgents)] == [
        (("ben",), News.MERGED, "7", OTHER)
    ]


def test_merging_says_who_is_left_out() -> None:
    assert Done(Change.LEFT_OUT, CHIEF.address) in of(told("#merge 12"), SendReceipt)[0].done
    there = replace(OTHER, copied=(CHIEF,))
    assert Done(Change.LEFT_OUT, CHIEF.address) not in of(told("#merge 12", there), SendReceipt)[0].done


def test_who_was_never_told_a_number_is_told_nothing_of_it() -> None:
    assert not of(decided(ANNA, "#merge 12", named=Named({12: OTHER})), SendClosure)
    assert not of(told("#merge 12", ticket=at(Status.CLOSED)), SendClosure)


def test_merging_takes_no_ticket_and_words_still_go_out() -> None:
    decision = told("#merge 12\nWe go on there.", ticket=replace(TICKET, owner=""))
    assert of(decision, SendAnswer)[0].text == "We go on there."
    assert CancelDeadlines not in [type(effect) for effect in decision.effects]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (None, Refusal.UNKNOWN_TICKET),
        (TICKET, Refusal.SAME_TICKET),  # or one that was merged into it
        (replace(OTHER, customer=MALLORY), Refusal.OTHER_CUSTOMER),
        (replace(OTHER, customer=MALLORY, copied=(CLARA,)), Refusal.OTHER_CUSTOMER),
        (replace(OTHER, team="second"), Refusal.OTHER_TEAM),
        (replace(OTHER, status=Status.CLOSED), Refusal.OTHER_CLOSED),
    ],
)
def test_what_can_t_be_merged_is_refused_in_words(other: Any, why: Refusal) -> None:
    assert refused(told("#merge 12\nHello.", other)) == why.value


def test_a_ticket_of_another_team_is_merged_by_who_is_in_both() -> None:
    decision = decided(BEN, "#merge 12", named=Named({12: replace(OTHER, team="second")}))
    assert of(decision, MergeInto)


@pytest.mark.parametrize("text", ["#merge", "#merge twelve", "#merge 12\n#merge 13", "#merge 12\n#close", "#split\n#split",
                                  "#split\n#merge 12", "#link", "#link x"])  # fmt: skip
def test_what_makes_no_sense_does_nothing_at_all(text: str) -> None:
    decision = told(f"{text}\n\nHello.", split_off=3)
    assert [type(effect) for effect in decision.effects] == [AddMessage, HoldForAgent, SendHeld]


# --- split ------------------------------------------------------------------------------------------


def test_splitting_begins_a_ticket_that_the_rest_of_the_mail_is_about() -> None:
    decision = told("#split The invoice\n#priority p2\nHere is the invoice.", split_off=3)
    first = decision.effects[0]
    assert isinstance(first, SplitOff)
    assert (first.message, first.ticket.subject, first.ticket.previous) == (3, "The invoice", 7)
    assert (first.ticket.customer, first.ticket.copied) == (CLARA, ())
    assert of(decision, SendAnswer)[0].text == "Here is the invoice."
    assert after(decision) is Status.IN_PROGRESS
    assert of(decision, GiveTo)[0].agent == "anna"
    assert Done(Change.SENT, CHIEF.address) not in of(decision, SendReceipt)[0].done
    assert decision.ticket == 7


def test_splitting_without_words_sends_nothing() -> None:
    decision = told("#split", split_off=3)
    assert not of(decision, SendAnswer)
    assert after(decision) is Status.ASSIGNED


def test_what_is_split_off_can_be_given_away() -> None:
    assert [each.agent for each in of(told("#split\n#assign ben", split_off=3), GiveTo)] == ["ben"]


def test_a_matter_of_security_stays_one() -> None:
    [split] = of(told("#split", split_off=3, ticket=replace(TICKET, restricted=True)), SplitOff)
    assert split.ticket.restricted


def test_the_only_message_is_not_split_off() -> None:
    assert refused(told("#split")) == Refusal.NOTHING_TO_SPLIT


# --- link -------------------------------------------------------------------------------------------


def test_linking_and_unlinking() -> None:
    assert of(told("#link 12", replace(OTHER, customer=MALLORY)), LinkWith) == [LinkWith(12, "anna")]
    moved = replace(OTHER, number=15)  # 12 was merged into 15 since
    assert of(decided(ANNA, "#link -12", named=Named({12: moved})), Unlink) == [Unlink((12, 15), "anna")]


def test_linking_with_nothing_or_itself_is_refused_in_words() -> None:
    assert refused(told("#link 12", None)) == Refusal.UNKNOWN_TICKET
    assert refused(told("#link 12", TICKET)) == Refusal.SAME_TICKET


# --- who may not ------------------------------------------------------------------------------------


@pytest.mark.parametrize("sender", [CLARA, CHIEF, MALLORY])
@pytest.mark.parametrize("text", ["#merge 12", "#split", "#link 12"])
def test_nobody_else_joins_or_parts_tickets(sender: Person, text: str) -> None:
    decision = decided(sender, text, named=Named({12: OTHER}, split_off=3))
    assert not [effect for effect in decision.effects if isinstance(effect, MergeInto | SplitOff | LinkWith)]


def test_quoted_commands_do_nothing() -> None:
    decision = told("> #merge 12\nYes.", own_words="Yes.")
    assert not of(decision, MergeInto)


# --- the customer's old buttons ---------------------------------------------------------------------


def moved_here(sender: Person, capability: Capability) -> Match:
    """A key of ticket 3, which was merged into 7."""
    was = replace(TICKET, number=3, status=Status.CLOSED, merged_into=7)
    return Match(MatchedBy.TOKEN, at(Status.RESOLVED), replace(token(capability, sender), ticket=3), was)


def test_a_yes_to_the_old_ticket_confirms_nothing_on_the_other() -> None:
    decision = decided(CLARA, "", match=moved_here(CLARA, Capability.YES))
    assert (decision.ticket, after(decision)) == (7, None)


def test_a_rating_of_the_old_ticket_stays_with_it() -> None:
    assert decided(CLARA, "", match=moved_here(CLARA, Capability.RATE_5)).ticket == 3
    assert decided(CLARA, "5", match=moved_here(CLARA, Capability.SURVEY_REPLY)).ticket == 3


def test_words_to_the_old_ticket_are_said_on_the_other() -> None:
    decision = decided(CLARA, "It is still broken.", match=moved_here(CLARA, Capability.CUSTOMER_REPLY))
    assert (decision.ticket, after(decision)) == (7, Status.REOPENED)


def test_who_was_in_copy_of_the_old_one_only_is_a_stranger_to_the_other() -> None:
    decision = decided(MALLORY, "What do they say?", match=moved_here(MALLORY, Capability.CUSTOMER_REPLY))
    assert of(decision, AddMessage)[0].private
