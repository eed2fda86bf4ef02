"""Soon at first, then rarer, for five days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.core.backoff import (
    PAUSES,
    account_pause,
    copy_pause,
    login_pause,
    mailbox_pause,
    next_attempt,
    store_pause,
)

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 60), (5, 120), (6, 240), (7, 360), (8, 360)]
)
def test_pauses_grow(attempts: int, minutes: int) -> None:
    assert next_attempt(attempts, NOW, 0.0) == NOW + timedelta(minutes=minutes)


def test_gives_up_after_five_days() -> None:
    now, attempts = NOW, 1
    while (again := next_attempt(attempts, now, 0.0)) is not None:
        now, attempts = again, attempts + 1

    assert timedelta(days=4, hours=18) < now - NOW <= timedelta(days=5)
    assert attempts == len(PAUSES) + 1
    assert next_attempt(10_000, NOW, 0.0) is None


@given(st.integers(1, len(PAUSES)), st.floats(0, 1))
def test_jitter_lengthens_by_a_tenth_at_most(attempts: int, jitter: float) -> None:
    plain, moved = next_attempt(attempts, NOW, 0.0), next_attempt(attempts, NOW, jitter)

    assert plain is not None
    assert moved is not None
    assert plain <= moved <= NOW + (plain - NOW) * 1.1


def test_an_attempt_that_was_not_counted_is_the_first() -> None:
    assert next_attempt(0, NOW, 0.0) == next_attempt(1, NOW, 0.0)


def test_a_server_that_is_down_is_left_alone_for_minutes() -> None:
    pauses = [account_pause(failures, 0.0).total_seconds() for failures in range(1, 9)]

    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300]
    assert account_pause(10_000, 1.0) == timedelta(minutes=5.5)


def test_a_refused_password_is_tried_ever_rarer() -> None:
    pauses = [login_pause(failures, 0.0).total_seconds() / 60 for failures in range(1, 8)]

    assert pauses == [1, 2, 4, 8, 16, 30, 30]


def test_a_database_that_is_away_is_asked_again_within_half_a_minute() -> None:
    pauses = [store_pause(failures, 1.0).total_seconds() for failures in range(1, 9)]

    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_mailbox_that_is_away_is_asked_again_within_five_minutes() -> None:
    pauses = [mailbox_pause(failures, 1.0).total_seconds() for failures in (1, 2, 3, 8, 9, 10, 10_000)]

    assert pauses == [1, 2, 4, 128, 256, 300, 300]


@pytest.mark.parametrize("pause", [mailbox_pause, store_pause])
@given(failures=st.integers(1, 1000), jitter=st.floats(0, 1))
def test_those_who_lost_a_server_together_come_back_apart(
    pause: Callable[[int, float], timedelta], failures: int, jitter: float
) -> None:
    assert pause(failures, 0.0) * 2 == pause(failures, 1.0)
    assert pause(failures, 0.0) <= pause(failures, jitter) <= pause(failures, 1.0)


def test_a_folder_that_takes_no_copy_is_asked_ever_rarer() -> None:
    pauses = [copy_pause(attempts, 0.0).total_seconds() for attempts in (1, 2, 3, 10, 11, 1000)]

    assert pauses == [5, 10, 20, 2560, 3600, 3600]
