"""Notes: what is among colleagues stays there, and who is asked by name is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailproc.core.effects import (
    AddMessage,
    Decision,
    HoldForAgent,
    Kind,
    Move,
    Outcome,
    SendAnswer,
    SendHeld,
    SendReceipt,
    TellAgents,
)
from mailproc.core.evidence import Evidence, Level
from mailproc.core.letters import Change, Done, News
from mailproc.core.message import Attachment
from mailproc.core.policy import Agent, Trust
from mailproc.core.tokens import Capability
from tests.testlib.decisions import ANNA, BEN, CLARA, POLICY, TICKET, decided, mail, of, token

CARLA = Agent("carla", "Carla Stein", "carla@acme.example", ())
OTHERS = replace(POLICY, agents={**POLICY.agents, "carla": CARLA})
STRICT = replace(POLICY, trust=Trust.AUTHENTICATED)
PROVEN = Evidence(Level.AUTHENTICATED, "dmarc=pass")


def told(decision: Decision) -> dict[str, News]:
    return {name: effect.news for effect in of(decision, TellAgents) for name in effect.agents}


def is_note(decision: Decision) -> bool:
    kinds = [said.kind for said in of(decision, AddMessage)]
    return decision.outcome is Outcome.NOTE and kinds == [Kind.NOTE] and not of(decision, SendAnswer)


@pytest.mark.parametrize("name", ["carla", "Carla", "@carla", "carla@acme.example", "CARLA,"])
def test_who_is_asked_is_told_on_whatever_team_they_are(name: str) -> None:
    decision = decided(ANNA, f"#note @{name} is that driver ours?", policy=OTHERS)
    assert is_note(decision)
    assert told(decision) == {"carla": News.ASKED}
    assert of(decision, TellAgents)[0].text.endswith("is that driver ours?")
    assert Done(Change.ASKED, "Carla Stein") in of(decision, SendReceipt)[0].done


def test_the_owner_is_told_beside_who_is_asked_and_nobody_twice() -> None:
    owned = replace(TICKET, owner="ben")
    assert told(decided(ANNA, "#note @carla Ours?", policy=OTHERS, ticket=owned)) == {
        "carla": News.ASKED, "ben": News.NOTE,
    }  # fmt: skip
    assert told(decided(ANNA, "#note @ben Ours?", policy=OTHERS, ticket=owned)) == {"ben": News.ASKED}


def test_several_are_asked_at_once_a_team_too_and_oneself_not() -> None:
    assert told(decided(ANNA, "#note @ben @carla Ours?", policy=OTHERS)) == {"ben": News.ASKED, "carla": News.ASKED}
    assert told(decided(ANNA, "#note @second Ours?")) == {"ben": News.ASKED}
    assert told(decided(ANNA, "#note @anna Look again.")) == {}


def test_a_question_without_words_still_reaches_them() -> None:
    assert told(decided(ANNA, "#note @ben")) == {"ben": News.ASKED}


@pytest.mark.parametrize(("name", "nearest"), [("benn", "#note @ben"), ("zacharias", "")])
def test_an_unknown_colleague_holds_the_mail(name: str, nearest: str) -> None:
    decision = decided(ANNA, f"#note @ben @{name} Ours?")
    assert [line.nearest for line in of(decision, SendHeld)[0].lines] == [nearest]
    assert not of(decision, TellAgents)


@pytest.mark.row("A21")
def test_nobody_is_asked_about_a_matter_they_may_not_see() -> None:
    policy = replace(POLICY, routes=replace(POLICY.routes, security_team="second"))
    secret = replace(TICKET, restricted=True, team="second", owner="ben")
    decision = decided(BEN, "#note @anna Look.", ticket=secret, policy=policy)
    assert of(decision, SendHeld)[0].lines
    assert not told(decision)
    assert told(decided(BEN, "#note @desk Look.", ticket=secret, policy=policy)) == {}


def test_a_name_below_the_first_words_is_a_word() -> None:
    assert told(decided(ANNA, "#note I asked @zacharias already.")) == {}


@pytest.mark.row("A21")
def test_what_answers_a_note_is_a_note_with_its_files() -> None:
    plan = Attachment("plan.pdf", "application/pdf", b"%PDF")
    decision = decided(
        ANNA, "Ours, yes.", token=token(Capability.NOTE, ANNA), message=mail(ANNA, "Ours, yes.", attachments=(plan,))
    )
    assert is_note(decision)


@pytest.mark.row("A3", "A21")
def test_who_answers_all_to_a_colleague_s_note_writes_a_note_once_proven() -> None:
    theirs = token(Capability.NOTE, ANNA)
    decision = decided(BEN, "Ours, yes.", token=theirs, policy=STRICT, evidence=PROVEN)
    assert is_note(decision)
    assert of(decision, AddMessage)[0].author == "ben"
    assert told(decision) == {"anna": News.NOTE}


@pytest.mark.parametrize("policy", [POLICY, STRICT])
@pytest.mark.row("A3")
def test_a_colleague_s_note_address_alone_proves_nobody(policy: object) -> None:
    decision = decided(BEN, "#close\nOurs, yes.", token=token(Capability.NOTE, ANNA), policy=policy)
    assert of(decision, HoldForAgent)[0].note
    assert not of(decision, Move)


@pytest.mark.row("A3", "A21")
def test_a_customer_who_got_hold_of_a_note_s_address_writes_as_a_customer() -> None:
    decision = decided(CLARA, "#note @ben Ours?", token=token(Capability.NOTE, ANNA))
    assert News.ASKED not in told(decision).values()
    assert [said.kind for said in of(decision, AddMessage)] == [Kind.CUSTOMER]
