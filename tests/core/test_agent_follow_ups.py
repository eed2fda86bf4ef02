"""What comes later: tickets put off, and reminders."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mailproc.core.due import Due, decide_due
from mailproc.core.effects import (
    AddMessage,
    CancelDeadlines,
    DeadlineKind,
    Decision,
    HoldForAgent,
    Reason,
    SendAnswer,
    SendHeld,
    SendReceipt,
    SetDeadline,
    TellAgents,
)
from mailproc.core.effects_fields import SetField, TicketField
from mailproc.core.facts import Person
from mailproc.core.letters import Change, News
from mailproc.core.lifecycle import Status
from tests.testlib.decisions import ANNA, CHIEF, CLARA, MALLORY, NOW, POLICY, TICKET, at, decided, of

_SNOOZED = replace(TICKET, snoozed_until=NOW + timedelta(days=2))
_BACK = SetField(TicketField.SNOOZED_UNTIL, None, CLARA.address)


def _cancelled(decision: Decision) -> set[DeadlineKind]:
    return {kind for each in of(decision, CancelDeadlines) for kind in each.kinds}


def test_a_ticket_is_put_off_and_the_customer_hears_nothing() -> None:
    decision = decided(ANNA, "#snooze in 2 hours")
    assert of(decision, SetField) == [SetField(TicketField.SNOOZED_UNTIL, NOW + timedelta(hours=2), "anna")]
    assert of(decision, SetDeadline) == [SetDeadline(DeadlineKind.SNOOZE, NOW + timedelta(hours=2), "anna")]
    assert not of(decision, SendAnswer)
    assert of(decision, SendReceipt)[0].done[0].change is Change.SNOOZED


def test_a_second_time_takes_the_place_of_the_first() -> None:
    effects = [type(effect) for effect in decided(ANNA, "#snooze 3d", ticket=_SNOOZED).effects]
    assert effects.index(CancelDeadlines) < effects.index(SetDeadline)


def test_it_can_be_brought_back() -> None:
    decision = decided(ANNA, "#snooze off", ticket=_SNOOZED)
    assert of(decision, SetField)[0].value is None
    assert _cancelled(decision) == {DeadlineKind.SNOOZE}
    assert not of(decision, SetDeadline)


def test_several_reminders_may_stand() -> None:
    decision = decided(ANNA, "#remind 3d\n#remind 7d\nPlease restart it.")
    assert [(each.kind, each.agent) for each in of(decision, SetDeadline)] == [(DeadlineKind.FOLLOW_UP, "anna")] * 2
    assert of(decision, SendAnswer)
    assert not of(decision, CancelDeadlines)


def test_reminders_are_called_off_by_who_asked() -> None:
    [off] = of(decided(ANNA, "#remind off"), CancelDeadlines)
    assert (off.kinds, off.agent) == ({DeadlineKind.FOLLOW_UP}, "anna")


@pytest.mark.parametrize("text", ["#snooze yesterday", "#snooze friday\n#snooze monday", "#remind sometime", "#snooze"])
def test_what_makes_no_sense_does_nothing_at_all(text: str) -> None:
    decision = decided(ANNA, f"{text}\n\nPlease restart it.")
    assert [type(effect) for effect in decision.effects] == [AddMessage, HoldForAgent, SendHeld]


@pytest.mark.parametrize("text", ["#resolve\n#snooze 3d", "#close\n#snooze 3d"])
def test_what_is_done_is_not_put_off(text: str) -> None:
    assert of(decided(ANNA, text), SendReceipt)[0].done[0].change is Change.REFUSED


@pytest.mark.parametrize("text", ["#resolve", "#close"])
def test_closing_brings_it_back_and_leaves_reminders(text: str) -> None:
    decision = decided(ANNA, text, ticket=_SNOOZED)
    assert SetField(TicketField.SNOOZED_UNTIL, None, "anna") in decision.effects
    assert DeadlineKind.SNOOZE in _cancelled(decision)
    assert DeadlineKind.FOLLOW_UP not in _cancelled(decision)


@pytest.mark.parametrize("text", ["Any news?", "Thank you!", "It works again."])
def test_the_customer_wakes_it(text: str) -> None:
    decision = decided(CLARA, text, ticket=_SNOOZED)
    assert _BACK in decision.effects
    assert _cancelled(decision) == {DeadlineKind.SNOOZE}


def test_someone_in_copy_wakes_it_and_a_stranger_does_not() -> None:
    assert of(decided(CHIEF, "Any news?", ticket=_SNOOZED), SetField)
    assert not of(decided(MALLORY, "Any news?", ticket=_SNOOZED), SetField)


@pytest.mark.parametrize("sender", [CLARA, CHIEF, MALLORY])
@pytest.mark.parametrize("text", ["#snooze 3d", "#remind 3d"])
def test_nobody_else_puts_anything_off(sender: Person, text: str) -> None:
    assert not of(decided(sender, text), SetDeadline)


def test_quoted_commands_do_nothing() -> None:
    assert not of(decided(ANNA, "> #snooze 3d\nYes.", own_words="Yes."), SetDeadline)


# --- when it is time --------------------------------------------------------------------------------


def test_a_ticket_comes_back_and_its_owner_is_told() -> None:
    decision = decide_due(Due(DeadlineKind.SNOOZE, _SNOOZED, 0, NOW), POLICY, NOW)
    assert of(decision, SetField)[0].value is None
    assert [(each.agents, each.news) for each in of(decision, TellAgents)] == [(("anna",), News.WOKEN)]


def test_a_ticket_that_came_back_already_does_not_again() -> None:
    decision = decide_due(Due(DeadlineKind.SNOOZE, TICKET, 1, NOW), POLICY, NOW)
    assert (decision.reason, decision.effects) == (Reason.NOT_DUE_ANY_MORE, ())


@pytest.mark.parametrize("status", Status)
def test_a_reminder_comes_to_who_asked_whatever_became_of_the_ticket(status: Status) -> None:
    decision = decide_due(Due(DeadlineKind.FOLLOW_UP, at(status), 0, NOW, "ben"), POLICY, NOW)
    assert [(each.agents, each.news) for each in of(decision, TellAgents)] == [(("ben",), News.FOLLOW_UP)]
    assert len(decision.effects) == 1


def test_a_reminder_of_who_is_gone_comes_to_who_has_it() -> None:
    decision = decide_due(Due(DeadlineKind.FOLLOW_UP, TICKET, 0, NOW, "gone"), POLICY, NOW)
    assert of(decision, TellAgents)[0].agents == ("anna",)
