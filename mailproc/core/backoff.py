"""When what failed is tried again: soon at first, then rarer. A mail for five days (RFC 5321, 4.5.4.1), a server for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

_FIRST = (1, 5, 15, 60, 120, 240)  # minutes after the attempts so far
_LATER = timedelta(hours=6)
_GIVE_UP_AFTER = timedelta(days=5)
_JITTER = 0.1  # of the pause: mails that failed together don't come back together


def _pauses() -> tuple[timedelta, ...]:
    pauses = [timedelta(minutes=minutes) for minutes in _FIRST]
    while sum(pauses, _LATER) <= _GIVE_UP_AFTER:
        pauses.append(_LATER)
    return tuple(pauses)


PAUSES = _pauses()


def next_attempt(attempts: int, now: datetime, jitter: float) -> datetime | None:
    """When to try again after `attempts` in vain (at least 1), or None to give up.

    `jitter` in 0..1 makes the pause up to a tenth longer.
    """
    if attempts > len(PAUSES):
        return None
    return now + PAUSES[max(attempts, 1) - 1] * (1 + _JITTER * jitter)


def account_pause(failures: int, jitter: float) -> timedelta:
    """How long to leave a server alone that failed `failures` times in a row (at least 1): 5 seconds to 5 minutes."""
    return _doubled(timedelta(seconds=5), failures, timedelta(minutes=5)) * (1 + _JITTER * jitter)


def login_pause(failures: int, jitter: float) -> timedelta:
    """How long to wait after a refused password: 1 minute to half an hour, so that no account gets locked."""
    return _doubled(timedelta(minutes=1), failures, timedelta(minutes=30)) * (1 + _JITTER * jitter)


def mailbox_pause(failures: int, jitter: float) -> timedelta:
    """How long to wait before the next connection to a mailbox that failed `failures` times in a row: 1 s to 5 minutes."""
    return _spread(_doubled(timedelta(seconds=1), failures, timedelta(minutes=5)), jitter)


def store_pause(failures: int, jitter: float) -> timedelta:
    """How long to leave a database alone that failed `failures` times in a row (at least 1): 1 to 30 seconds."""
    return _spread(_doubled(timedelta(seconds=1), failures, timedelta(seconds=30)), jitter)


def copy_pause(attempts: int, jitter: float) -> timedelta:
    """When to try again to lay a copy of a mail into a folder, after `attempts` in vain (at least 1): 5 seconds to an hour."""
    return _doubled(timedelta(seconds=5), attempts, timedelta(hours=1)) * (1 + _JITTER * jitter)


def _spread(pause: timedelta, jitter: float) -> timedelta:
    """From half of it to all: those who lost a server at the same moment don't come back to it at the same moment."""
    return pause * (0.5 + 0.5 * jitter)


def _doubled(first: timedelta, failures: int, longest: timedelta) -> timedelta:
    return min(first * float(2 ** min(failures - 1, 10)), longest)
