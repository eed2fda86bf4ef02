"""Canned answers in an agent's mail: below their words, shown before, and never for anyone else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailproc.core.effects import AddMessage, Decision, HoldForAgent, SendAnswer, SendHeld, SendResolution
from mailproc.core.facts import Named, Person
from mailproc.core.letters import HeldBecause
from mailproc.core.tokens import Capability
from tests.testlib.decisions import ANNA, CHIEF, CLARA, MALLORY, decided, of, token

_CANNED = Named(canned={"reset-password": "Choose a new one."}, canned_names=("more-details", "reset-password"))


def told(text: str, **more: object) -> Decision:
    return decided(ANNA, text, named=_CANNED, **more)


def test_it_stands_below_the_agent_s_words() -> None:
    assert of(told("#tpl reset-password\nDear Clara,"), SendAnswer)[0].text == "Dear Clara,\n\nChoose a new one."
    assert of(told("#tpl Reset-Password"), SendAnswer)[0].text == "Choose a new one."
    assert of(told("#vorlage reset-password\n#resolve"), SendResolution)[0].text == "Choose a new one."


def test_in_a_note_it_stays_inside() -> None:
    decision = told("#tpl reset-password", token=token(Capability.NOTE, ANNA))
    assert not of(decision, SendAnswer)
    assert of(decision, AddMessage)[0].text == "Choose a new one."


def test_with_a_question_mark_it_is_shown_and_nothing_is_done() -> None:
    decision = told("#tpl reset-password?\n#resolve\nDear Clara,")
    assert [type(effect) for effect in decision.effects] == [AddMessage, SendHeld]
    [shown] = of(decision, SendHeld)
    assert (shown.because, shown.text) == (HeldBecause.PREVIEW, "Dear Clara,\n\nChoose a new one.")
    assert shown.again == "#tpl reset-password\n#resolve\n\nDear Clara,"
    assert of(told(shown.again), SendResolution)[0].text == shown.text


def test_what_no_link_can_hold_is_not_cut() -> None:
    assert of(told("#tpl reset-password?\n" + "word " * 400), SendHeld)[0].again == ""


@pytest.mark.parametrize(("name", "nearest"), [("reset-pasword", "#tpl reset-password"), ("xyz", ""), ("xyz?", "")])
def test_a_name_of_nothing_does_nothing_at_all(name: str, nearest: str) -> None:
    decision = told(f"#tpl {name}\nDear Clara,")
    assert [type(effect) for effect in decision.effects] == [AddMessage, HoldForAgent, SendHeld]
    assert of(decision, SendHeld)[0].lines[0].nearest == nearest


@pytest.mark.parametrize("sender", [CLARA, CHIEF, MALLORY])
def test_nobody_else_sends_one(sender: Person) -> None:
    assert not of(decided(sender, "#tpl reset-password", named=_CANNED), SendAnswer)


def test_quoted_commands_do_nothing() -> None:
    decision = told("> #tpl reset-password\nYes.", own_words="Yes.")
    assert of(decision, SendAnswer)[0].text == "Yes."


def test_a_ticket_that_only_begins_has_no_number_to_fill_in() -> None:
    named = replace(_CANNED, split_off=3)
    assert of(decided(ANNA, "#split\n#tpl reset-password", named=named), SendHeld)
