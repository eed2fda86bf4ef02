"""Which two tickets may turn out to be one conversation, and which of them goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mailproc.core.effects import CancelDeadlines, Outcome, Reason, SendClosure, TellAgents
from mailproc.core.effects_relations import MergeInto
from mailproc.core.facts import Half, Match, MatchedBy
from mailproc.core.joining import joined, lives_on, may_be_one
from mailproc.core.letters import News
from mailproc.core.lifecycle import Status
from mailproc.handling.pipeline import run
from tests.testlib.decisions import CHIEF, CLARA, MALLORY, TICKET, at, decided, facts

OTHER = replace(TICKET, number=8, owner="", status=Status.NEW)


@pytest.mark.parametrize(
    ("changes", "may"),
    [
        ({}, True),
        ({"customer": MALLORY}, False),
        ({"customer": CHIEF, "copied": (CLARA,)}, True),  # the same people: each reads what the other reads
        ({"customer": CHIEF, "copied": (CLARA, MALLORY)}, False),
        ({"copied": ()}, False),  # the chief would read what she wrote without him
        ({"copied": (CHIEF, MALLORY)}, False),  # nobody is told that somebody hears no more of it
        ({"restricted": True}, False),
        ({"team": "second"}, False),
        ({"mailbox": "sales"}, False),
        ({"unconfirmed": True}, False),
        ({"status": Status.CLOSED}, False),
    ],
)
@pytest.mark.row("A4")
def test_only_tickets_of_the_same_people_and_the_same_agents_may(changes: dict[str, Any], *, may: bool) -> None:
    assert may_be_one(TICKET, replace(OTHER, **changes)) is may


def test_the_one_somebody_works_on_goes_on_else_the_oldest() -> None:
    unowned = replace(TICKET, owner="")
    assert lives_on((OTHER, TICKET)) is TICKET
    assert lives_on((replace(OTHER, owner="ben"), unowned)).number == 8
    assert lives_on((OTHER, unowned)) is unowned


def test_what_is_open_does_not_end_in_what_is_done() -> None:
    assert lives_on((OTHER, replace(TICKET, status=Status.RESOLVED))) is OTHER


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.RESOLVED, "Yes, it works now."),
        (Status.RESOLVED, "Thanks!"),
        (Status.CLOSED, "Thanks!"),
        (Status.CLOSED, ""),
    ],
)
def test_an_open_matter_is_not_over_by_thanks_for_another(status: Status, words: str) -> None:
    decision = decided(CLARA, words, ticket=at(status), halves=(Half(OTHER, customer_knows=True),))
    assert decision.ticket == TICKET.number
    assert not decision.more


def test_the_other_half_is_merged_and_those_who_have_them_are_told() -> None:
    half = replace(OTHER, status=Status.RESOLVED, owner="ben")
    known = facts(
        CLARA, "Here it is.", token=None, by=MatchedBy.STORED_MESSAGE_ID, halves=(Half(half, customer_knows=True),)
    )
    (more,) = run(known).decision.more
    assert (more.ticket, more.reason, more.outcome) == (8, Reason.ONE_CONVERSATION, Outcome.MESSAGE)
    kinds = [type(effect) for effect in more.effects]
    assert CancelDeadlines in kinds
    assert MergeInto(TICKET, "mailproc") in more.effects
    assert [effect.merged_into for effect in more.effects if isinstance(effect, SendClosure)] == [7]
    (told,) = [effect for effect in more.effects if isinstance(effect, TellAgents)]
    assert (told.agents, told.news, told.detail, told.on) == (("anna", "ben"), News.MERGED, "8", TICKET)


def test_nothing_is_merged_by_a_mail_that_became_something_else() -> None:
    known = facts(MALLORY, "Let me in.", halves=(Half(OTHER, customer_knows=False),))
    decision = run(known).decision
    assert decision.outcome is not Outcome.MESSAGE or decision.ticket != TICKET.number
    assert not decision.more
    nowhere = replace(known, match=Match())
    assert joined(nowhere, decision) is decision
