"""What of a desk's condition a person must know."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailproc.core.condition import Condition, Level, Line, Password, findings, worst

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WELL = Condition(
    running=True,
    lines=(Line("imap support", NOW - MINUTE), Line("smtp support", NOW - HOUR)),
    unhandled=0,
    unhandled_since=None,
    quarantined=0,
    unsent=0,
    unsent_since=None,
    dead=0,
    unknown=0,
    stopped=7,
    overdue_since=None,
    disk_free=50_000_000_000,
)


def told(condition: Condition) -> dict[str, tuple[Level, str]]:
    """What is not well."""
    return {each.name: (each.level, each.words) for each in findings(condition, NOW) if each.level is not Level.OK}


def test_a_desk_at_work_is_well() -> None:
    assert not told(WELL)
    assert worst(findings(WELL, NOW)) is Level.OK


@pytest.mark.parametrize(
    ("changes", "name", "level", "words"),
    [
        (
            {"unreleased": 1, "unreleased_since": NOW - HOUR}, "breaker", Level.WARNING,
            "1 automatic letter held, too many came at once, the oldest for 1 hour: mailproc outbox release --all",
        ),
        ({"running": False}, "daemon", Level.CRITICAL, "is not running: no mail is read and none leaves."),
        (
            {"lines": (Line("imap support", NOW - HOUR, "wrong user or password", NOW - 2 * HOUR),)},
            "imap support", Level.CRITICAL, "in trouble for 2 hours: wrong user or password",
        ),
        ({"lines": (Line("imap support", NOW - 6 * MINUTE),)}, "imap support", Level.CRITICAL, "last read 6 minutes"),
        ({"lines": (Line("imap support", None),)}, "imap support", Level.WARNING, "was not used yet"),
        (
            {"unhandled": 3, "unhandled_since": NOW - 11 * MINUTE},
            "received mail", Level.CRITICAL, "3 wait, the oldest for 11 minutes",
        ),
        (
            {"uncopied": 1, "uncopied_since": NOW - 2 * HOUR}, "copies of answers", Level.WARNING,
            "1 answer is not in the Sent folder, the oldest for 2 hours: inbox.not_copied in the log says why",
        ),
        ({"quarantined": 1}, "quarantine", Level.WARNING, "1 mail could not be handled"),
        ({"overdue_since": NOW - HOUR}, "deadlines", Level.CRITICAL, "the oldest is 1 hour late"),
        (
            {"unsent": 2, "unsent_since": NOW - 3 * HOUR},
            "letters", Level.CRITICAL, "2 wait, the oldest for 3 hours",
        ),
        ({"dead": 4}, "dead letters", Level.WARNING, "4 letters of the last week did not arrive"),
        (
            {"stranded": 2, "stranded_of": ("old",)},
            "stranded letters", Level.WARNING, "2 letters can't leave: the configuration has no mailbox old any more.",
        ),
        ({"unknown": 1}, "unknown letters", Level.WARNING, "1 letter of the last week may not have arrived"),
        (
            {"lines": (Line("smtp support", NOW, certificate_until=NOW + timedelta(days=3)),)},
            "certificate smtp support", Level.WARNING, "ends in 3 days, on 2026-11-24: then no connection is trusted",
        ),
        (
            {"passwords": (Password("imap support", NOW + timedelta(days=13, hours=23)),)},
            "password imap support", Level.WARNING, "ends in 13 days, on 2026-12-05: then nobody is let in.",
        ),
        ({"passwords": (Password("alerts", NOW),)}, "password alerts", Level.WARNING, "ended on 2026-11-21: "),
        ({"disk_free": 900_000_000}, "disk", Level.WARNING, "0.9 GB free"),
        ({"disk_free": 100_000_000}, "disk", Level.CRITICAL, "0.1 GB free"),
    ],
)  # fmt: skip
@pytest.mark.row("N5", "N14")
def test_each_trouble_is_told_by_its_name(changes: dict[str, object], name: str, level: Level, words: str) -> None:
    condition = replace(WELL, **changes)  # type: ignore[arg-type]  # each set of changes fits
    assert list(told(condition)) == [name]
    assert told(condition)[name][0] is level
    assert words in told(condition)[name][1]


def test_what_has_just_come_is_no_trouble() -> None:
    busy = replace(WELL, unhandled=50, unhandled_since=NOW - MINUTE, unsent=9, unsent_since=NOW - MINUTE)
    assert not told(replace(busy, overdue_since=NOW - MINUTE))


def test_a_mailbox_nobody_reads_while_nothing_runs_is_told_once_by_the_daemon() -> None:
    assert list(told(replace(WELL, running=False, lines=(Line("imap support", NOW - HOUR),)))) == ["daemon"]


def words_of(condition: Condition, name: str) -> str:
    return next(each.words for each in findings(condition, NOW) if each.name == name)


def test_what_ends_by_itself_is_told_and_needs_nobody() -> None:
    condition = replace(
        WELL, suppressed=2, held=1, held_until=NOW + HOUR,
        lines=(Line("imap support", NOW, certificate_until=NOW + timedelta(days=60)),),
        passwords=(Password("smtp support", NOW + timedelta(days=14)),),
    )  # fmt: skip
    assert not told(condition)
    assert words_of(condition, "suppressed").startswith("mail to 2 recipients failed for good")
    assert words_of(condition, "held mail").endswith("the first until 2026-11-21 13:00 UTC")
    assert words_of(condition, "certificate imap support") == "good until 2027-01-20"
    assert words_of(condition, "password smtp support") == "good until 2026-12-05"
