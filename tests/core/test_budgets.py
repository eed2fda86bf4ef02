"""How many automatic letters leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mailproc.core.budgets import (
    Asked,
    Author,
    Budgets,
    Scope,
    Stopped,
    Window,
    comes_from_there,
    counted_address,
    judge,
)
from mailproc.core.effects import SendAcknowledgement
from mailproc.core.evidence import Evidence, Level
from mailproc.core.letters import Letter
from mailproc.core.lifecycle import Status
from tests.testlib.decisions import CLARA, POLICY, TICKET, decided, mail, of
from tests.testlib.decisions import at as with_status

HOUR = timedelta(hours=1)
TWO = (Window(2, HOUR),)
BUDGETS = Budgets(TWO, TWO, TWO, TWO, TWO, TWO)
ACKNOWLEDGED, CLOSED = (Asked(letter, Author.UNPROVEN) for letter in (Letter.ACKNOWLEDGEMENT, Letter.CLOSURE))


def counts(**spent: int) -> list[int]:
    """What was let go, by scope."""
    return [spent.get(scope.value, 0) for scope, _ in BUDGETS.limits()]


def test_below_every_limit_a_letter_leaves() -> None:
    spent = {scope.value: 1 for scope in Scope}
    assert judge(BUDGETS, counts(**spent), ACKNOWLEDGED) is None


@pytest.mark.parametrize(
    ("scope", "stopped"),
    [
        ("address", Stopped.ADDRESS),
        ("ticket", Stopped.TICKET),
        ("domain", Stopped.DOMAIN),
        ("unanswered", Stopped.UNANSWERED),
        ("unproven", Stopped.UNPROVEN),
        ("all", Stopped.BREAKER),
    ],
)
def test_at_a_limit_it_is_stopped_and_the_reason_names_which(scope: str, stopped: Stopped) -> None:
    assert judge(BUDGETS, counts(**{scope: 2}), ACKNOWLEDGED) is stopped


def test_what_is_stopped_anyway_is_not_held_by_the_breaker() -> None:
    assert judge(BUDGETS, counts(all=2, address=2), CLOSED) is Stopped.ADDRESS


def test_what_follows_from_an_agents_work_has_none_of_the_budgets_of_acknowledgements() -> None:
    assert judge(BUDGETS, counts(unanswered=2, unproven=2), CLOSED) is None
    proven = Asked(Letter.ACKNOWLEDGEMENT, Author.PROVEN)
    assert judge(BUDGETS, counts(unproven=2), proven) is None


def test_letters_of_the_same_decision_count() -> None:
    assert judge(BUDGETS, counts(address=1), replace(CLOSED, before=1)) is Stopped.ADDRESS


def test_all_windows_of_a_scope_hold_together() -> None:
    budgets = Budgets(address=(Window(5, HOUR), Window(9, 24 * HOUR)))
    rest = [0] * (len(list(budgets.limits())) - 2)
    assert judge(budgets, [4, 8, *rest], CLOSED) is None
    assert judge(budgets, [5, 8, *rest], CLOSED) is Stopped.ADDRESS
    assert judge(budgets, [4, 9, *rest], CLOSED) is Stopped.ADDRESS


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("Desk+1042@X.example", "desk@x.example"),
        ("desk@x.example", "desk@x.example"),
        ("+1042@x.example", "+1042@x.example"),
        ("a+b+c@x.example", "a@x.example"),
    ],
)
def test_a_robot_is_not_another_one_by_the_detail_in_its_address(address: str, counted: str) -> None:
    assert counted_address(address) == counted


@pytest.mark.parametrize(
    ("path", "there"),
    [
        (None, True),
        ("", True),
        ("clara@x.example", True),
        ("bounce+1@mail.X.example", True),
        ("clara@other.example", False),
        ("clara@notx.example", False),
    ],
)
def test_a_return_path_is_of_the_authors_domain_or_not(path: str | None, there: bool) -> None:
    assert comes_from_there("x.example", path) is there


@pytest.mark.row("A11")
@pytest.mark.parametrize(
    ("trusted", "level", "path", "acknowledged"),
    [
        (True, Level.NONE, "spam@other.example", False),
        (True, Level.FAILED, "spam@other.example", False),
        (True, Level.FAILED, "clara@x.example", True),
        (True, Level.AUTHENTICATED, "list@other.example", True),
        (False, Level.NONE, "forwarder@other.example", True),  # nobody could have told: only budgets hold
    ],
)
def test_who_may_not_have_written_is_acknowledged_only_where_the_mail_came_from(
    trusted: bool, level: Level, path: str, acknowledged: bool
) -> None:
    policy = replace(POLICY, trusted_authserv_ids=frozenset({"mx.acme.example"} if trusted else ()))
    message = mail(CLARA, "Help!", return_path=path)
    decision = decided(CLARA, "Help!", ticket=None, message=message, policy=policy, evidence=Evidence(level, "because"))
    sent = of(decision, SendAcknowledgement)
    told = Author.PROVEN if level is Level.AUTHENTICATED else Author.UNPROVEN
    assert [each.author for each in sent] == ([told if trusted else Author.UNTOLD] if acknowledged else [])


@pytest.mark.row("A9")
@pytest.mark.parametrize("machine", [True, False])
def test_an_answer_to_an_automatic_letter_is_never_acknowledged(machine: bool) -> None:
    late = with_status(Status.CLOSED)
    late = replace(late, closed_at=late.closed_at and late.closed_at - timedelta(days=30))
    decision = decided(CLARA, "It still stops.", ticket=late, answers_machine=machine)
    assert bool(of(decision, SendAcknowledgement)) is not machine


def test_a_flood_goes_onto_the_newest_ticket() -> None:
    decision = decided(CLARA, "More!", ticket=None, floods=TICKET)
    assert decision.ticket == TICKET.number
    assert not of(decision, SendAcknowledgement)
