"""Facts by command: what each does, what makes no sense, and who can't give them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mailproc.core.effects import (
    AddMessage,
    AddParticipant,
    HoldForAgent,
    SendAnswer,
    SendHeld,
    SendReceipt,
    SendStatus,
)
from mailproc.core.effects_fields import FieldValue, RemoveParticipant, SetField, TicketField
from mailproc.core.facts import Person
from mailproc.core.letters import Change, HeldBecause
from mailproc.core.lifecycle import Status
from mailproc.core.tokens import Capability
from tests.testlib.decisions import ANNA, CHIEF, CLARA, MALLORY, TICKET, at, decided, of, token

_TAGGED = replace(TICKET, tags=("new", "vpn"), minutes_spent=50)
#: The line, and what it sets.
_SETS = [
    ("#priority p1", TicketField.PRIORITY, "P1"),
    ("#prio: urgent", TicketField.PRIORITY, "P1"),
    ("#category Billing", TicketField.CATEGORY, "Billing"),
    ("#type Outage", TicketField.ISSUE_TYPE, "Outage"),
    ("#produkt Drucker X", TicketField.PRODUCT, "Drucker X"),
    ("#tag +Urgent -vpn", TicketField.TAGS, ("new", "urgent")),
    ("#time 1h20", TicketField.MINUTES_SPENT, 130),
    ("#time 25", TicketField.MINUTES_SPENT, 75),
    ("#cause worn cable", TicketField.CAUSE, "worn cable"),
    ("#resolve worn cable", TicketField.CAUSE, "worn cable"),
    ("#kb", TicketField.ARTICLE_WANTED, True),
    ("#eta tomorrow noon", TicketField.ETA_AT, datetime(2026, 11, 22, 12, 0, tzinfo=UTC)),
    ("#eta off", TicketField.ETA_AT, None),
]


@pytest.mark.parametrize(("line", "field", "value"), _SETS)
def test_a_command_sets_its_field_and_the_receipt_says_so(line: str, field: TicketField, value: FieldValue) -> None:
    decision = decided(ANNA, line, ticket=_TAGGED)
    assert of(decision, SetField) == [SetField(field, value, "anna")]
    assert not of(decision, SendAnswer)
    [receipt] = of(decision, SendReceipt)
    assert {done.change for done in receipt.done} - {Change.STATUS, Change.SENT}


@pytest.mark.parametrize("line", [line for line, _, _ in _SETS])
@pytest.mark.parametrize("sender", [CLARA, CHIEF, MALLORY])
def test_nobody_else_sets_anything(sender: Person, line: str) -> None:
    decision = decided(sender, f"{line}\nPlease help.")
    assert not of(decision, SetField)
    assert not of(decision, SendReceipt)


@pytest.mark.parametrize("line", [line for line, _, _ in _SETS])
def test_quoted_commands_do_nothing(line: str) -> None:
    decision = decided(ANNA, f"> {line}\nPlease restart it.", own_words="Please restart it.")
    assert not of(decision, SetField)


@pytest.mark.parametrize(
    "text",
    [
        "#priority p9",
        "#priority p1\n#priority p2",
        "#category Billing\n#category Sales",
        "#time 3d",
        "#time ages",
        "#time 25m\n#time 1h",
        "#cause cable\n#resolve driver",
        "#eta yesterday",
        "#eta sometime",
        "#eta tomorrow\n#eta off",
        "#tag +a -a",
        "#tag +a\n#tag -a",
        "\n".join(f"#tag +{number}{'x' * 30}" for number in range(20)),
        "#cc support@acme.example",
        "#cc support+t0ken@acme.example",
        "#cc ben@acme.example",
        "#cc clara@x.example",
        "#cc +new@x.example -new@x.example",
        "#cc nobody",
        "#uncc new@x.example",
        "\n".join(f"#cc c{number}@x.example" for number in range(20)),
    ],
)
def test_what_makes_no_sense_does_nothing_at_all(text: str) -> None:
    decision = decided(ANNA, f"{text}\n\nPlease restart it.")
    assert [type(effect) for effect in decision.effects] == [AddMessage, HoldForAgent, SendHeld]
    assert of(decision, SendHeld)[0].because is HeldBecause.UNKNOWN_COMMAND


def test_the_same_line_twice_counts_once() -> None:
    decision = decided(ANNA, "#time 25m\n#priority p2\n\nPlease restart it.\n\n#time 25m\n#priority p2")
    assert [(each.field, each.value) for each in of(decision, SetField)] == [
        (TicketField.MINUTES_SPENT, 25),
        (TicketField.PRIORITY, "P2"),
    ]


def test_several_lines_of_tags_add_up() -> None:
    decision = decided(ANNA, "#tag a\n#tag b -vpn", ticket=_TAGGED)
    assert [each.value for each in of(decision, SetField)] == [("a", "b", "new")]


def test_who_is_taken_in_gets_the_answer_and_who_is_taken_out_does_not() -> None:
    decision = decided(ANNA, "#cc +New@x.example -chief@x.example\nPlease restart it.")
    kinds = [type(effect) for effect in decision.effects]
    assert max(kinds.index(AddParticipant), kinds.index(RemoveParticipant)) < kinds.index(SendAnswer)
    done = [(each.change, each.detail) for each in of(decision, SendReceipt)[0].done]
    assert (Change.SENT, "New@x.example") in done
    assert (Change.SENT, CHIEF.address) not in done
    assert (Change.UNCOPIED, CHIEF.address) in done


def test_a_promise_is_told_to_the_customer_once() -> None:
    assert len(of(decided(ANNA, "#eta tomorrow noon\n#wait vendor"), SendStatus)) == 1
    assert not of(decided(ANNA, "#eta off"), SendStatus)


@pytest.mark.parametrize("text", ["#eta tomorrow\n#resolve", "#eta tomorrow\n#close"])
def test_nothing_is_promised_for_what_is_done(text: str) -> None:
    assert of(decided(ANNA, text), SendReceipt)[0].done[0].change is Change.REFUSED


def test_nothing_is_promised_for_a_closed_ticket() -> None:
    decision = decided(ANNA, "#eta tomorrow", ticket=at(Status.CLOSED))
    assert of(decision, SendReceipt)[0].done[0].change is Change.REFUSED
    assert not of(decision, SetField)


def test_facts_can_be_set_beside_a_note() -> None:
    decision = decided(ANNA, "#priority p1\nHe is right.", token=token(Capability.NOTE, ANNA))
    assert of(decision, SetField)
    assert not of(decision, SendAnswer)
