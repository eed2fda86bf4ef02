"""The ticket's life: the table is total, and no walk through it breaks what it promises."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.core.lifecycle import (
    ACTIVE,
    ENDS_AS,
    MAY_CAUSE,
    TABLE,
    Actor,
    Event,
    Outcome,
    Refusal,
    Status,
    Transition,
    document,
    move,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "lifecycle.md"


def test_every_status_and_event_has_a_cell() -> None:
    assert set(TABLE) == set(Event)
    for event, row in TABLE.items():
        assert set(row) == set(Status), event


def test_every_event_names_who_may_cause_it() -> None:
    assert set(MAY_CAUSE) == set(Event)
    assert all(MAY_CAUSE.values())


@pytest.mark.parametrize("event", list(Event))
@pytest.mark.parametrize("actor", list(Actor))
@pytest.mark.parametrize("status", list(Status))
def test_a_move_is_allowed_or_refused_by_name(status: Status, event: Event, actor: Actor) -> None:
    moved = move(status, event, actor)
    if actor not in MAY_CAUSE[event]:
        assert moved is Refusal.NOT_ALLOWED
    else:
        cell = TABLE[event][status]
        assert moved == cell if isinstance(cell, Refusal) else isinstance(moved, Transition) and moved.after is cell


@pytest.mark.parametrize(
    ("status", "event", "actor", "after"),
    [
        (Status.NEW, Event.ASSIGNED, Actor.AGENT, Status.ASSIGNED),
        (Status.NEW, Event.AGENT_ANSWERED, Actor.AGENT, Status.IN_PROGRESS),
        (Status.IN_PROGRESS, Event.AGENT_ASKED, Actor.AGENT, Status.WAITING_FOR_CUSTOMER),
        (Status.WAITING_FOR_CUSTOMER, Event.CUSTOMER_WROTE, Actor.CUSTOMER, Status.IN_PROGRESS),
        (Status.IN_PROGRESS, Event.AGENT_ASKED_VENDOR, Actor.AGENT, Status.WAITING_FOR_THIRD_PARTY),
        (Status.WAITING_FOR_THIRD_PARTY, Event.THIRD_PARTY_ANSWERED, Actor.THIRD_PARTY, Status.IN_PROGRESS),
        (Status.IN_PROGRESS, Event.RESOLVED, Actor.AGENT, Status.RESOLVED),
        (Status.RESOLVED, Event.CUSTOMER_CONFIRMED, Actor.CUSTOMER, Status.CLOSED),
        (Status.RESOLVED, Event.CUSTOMER_THANKED, Actor.CUSTOMER, Status.CLOSED),
        (Status.RESOLVED, Event.CUSTOMER_DENIED, Actor.CUSTOMER, Status.REOPENED),
        (Status.RESOLVED, Event.CUSTOMER_WROTE, Actor.CUSTOMER, Status.REOPENED),
        (Status.RESOLVED, Event.SILENCE, Actor.CLOCK, Status.CLOSED),
        (Status.CLOSED, Event.CUSTOMER_WROTE, Actor.CUSTOMER, Status.REOPENED),
        (Status.CLOSED, Event.CUSTOMER_THANKED, Actor.CUSTOMER, Status.CLOSED),
        (Status.REOPENED, Event.RESOLVED, Actor.AGENT, Status.RESOLVED),
    ],
)
def test_the_life_of_the_product_page(status: Status, event: Event, actor: Actor, after: Status) -> None:
    moved = move(status, event, actor)
    assert isinstance(moved, Transition)
    assert moved.after is after


def test_robots_move_nothing() -> None:
    for status in Status:
        moved = move(status, Event.ROBOT_WROTE, Actor.ROBOT)
        assert isinstance(moved, Transition)
        assert moved.after is status
    assert all(
        move(status, event, Actor.ROBOT) is Refusal.NOT_ALLOWED
        for status in Status
        for event in set(Event) - {Event.ROBOT_WROTE}
    )


def test_people_in_copy_neither_confirm_nor_close() -> None:
    for status in ACTIVE | {Status.RESOLVED}:
        for event in Event:
            moved = move(status, event, Actor.COPIED)
            assert moved is Refusal.NOT_ALLOWED or (isinstance(moved, Transition) and not moved.closes)


@given(st.lists(st.tuples(st.sampled_from(list(Event)), st.sampled_from(list(Actor))), max_size=60))
def test_no_walk_breaks_the_promises(steps: list[tuple[Event, Actor]]) -> None:
    """Only a resolution is confirmed or closed by silence; every closing has an ending; thanks open nothing."""
    status = Status.NEW
    for event, actor in steps:
        moved = move(status, event, actor)
        if isinstance(moved, Refusal):
            continue
        assert (moved.outcome is not None) == moved.closes
        if moved.closes and moved.outcome in {Outcome.CONFIRMED, Outcome.UNCONFIRMED}:
            assert status is Status.RESOLVED
        if event is Event.CUSTOMER_THANKED:
            assert moved.after in {status, Status.CLOSED}
        if moved.after is Status.NEW and status is not Status.NEW:
            assert event is Event.RETURNED
        status = moved.after


def test_every_outcome_can_be_reached() -> None:
    assert set(ENDS_AS.values()) == set(Outcome)


def test_the_document_shows_the_table() -> None:
    assert document() == DOCUMENT.read_text(encoding="utf-8"), "run: mailproc lifecycle --markdown > docs/lifecycle.md"
