"""How the desk is: what was measured, and what of it a person must know.

Words here are for the operator: they stand in `mailproc status` and in alerts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

_DEAF = timedelta(minutes=5)  # without a look at a mailbox
_WAITING = timedelta(minutes=10)  # a mail nobody handled, a deadline nobody kept
_UNSENT = timedelta(minutes=15)  # a letter that should have left
_RENEWED = timedelta(days=14)  # before its end a certificate or a password should have been
_LITTLE_DISK, _NO_DISK = 1_000_000_000, 200_000_000  # bytes


class Level(IntEnum):
    """How much it matters; the numbers are exit codes, as monitoring programs know them."""

    OK = 0
    WARNING = 1
    CRITICAL = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    name: str  # the same name for the same thing each time
    level: Level
    words: str


@dataclass(frozen=True, slots=True)
class Line:
    """A connection to the world: an IMAP or SMTP account."""

    name: str  # "imap support"
    well_at: datetime | None  # when it worked last
    trouble: str = ""  # why it doesn't
    trouble_since: datetime | None = None
    certificate_until: datetime | None = None  # its server's


@dataclass(frozen=True, slots=True)
class Password:
    """A password or token whose end the configuration tells."""

    name: str  # of the connection it opens: "imap support"
    until: datetime


@dataclass(frozen=True, slots=True)
class Condition:
    """Everything measured at one moment."""

    running: bool
    lines: tuple[Line, ...]
    unhandled: int  # mails in the spool that wait
    unhandled_since: datetime | None
    quarantined: int
    unsent: int  # letters that should have left by now
    unsent_since: datetime | None
    dead: int  # letters nobody got, of the last week
    unknown: int  # letters that may not have arrived, of the last week
    overdue_since: datetime | None  # the oldest deadline nobody kept
    disk_free: int | None  # bytes, where the database is a file
    suppressed: int = 0  # addresses that get nothing automatic, because mail there failed
    held: int = 0  # mails in an agent's name that wait for the agent's yes
    held_until: datetime | None = None  # when the first of them lapses
    stranded: int = 0  # letters that wait for a mailbox the configuration has no more
    stranded_of: tuple[str, ...] = ()  # its name
    unreleased: int = 0  # automatic letters that the breaker holds
    unreleased_since: datetime | None = None
    stopped: int = 0  # automatic letters that budgets stopped, of the last day
    uncopied: int = 0  # answers that left long ago and have no copy in the Sent folder
    uncopied_since: datetime | None = None
    passwords: tuple[Password, ...] = ()


def findings(now: Condition, at: datetime) -> tuple[Finding, ...]:
    """What a person should know, in the order of a mail's way."""
    return (
        _daemon(now),
        *_lines(now, at),
        *_endings(now, at),
        *_mail(now, at),
        *_letters(now, at),
        *_copies(now, at),
        *_stranded(now),
        *_suppressed(now),
        *_automatic(now, at),
        *_machine(now),
    )


def worst(found: tuple[Finding, ...]) -> Level:
    return max((finding.level for finding in found), default=Level.OK)


def _daemon(now: Condition) -> Finding:
    if now.running:
        return Finding("daemon", Level.OK, "is running")
    return Finding("daemon", Level.CRITICAL, "is not running: no mail is read and none leaves. Start `mailproc run`")


def _lines(now: Condition, at: datetime) -> Iterator[Finding]:
    for line in now.lines:
        if line.trouble:
            since = f"for {_long(at - line.trouble_since)}" if line.trouble_since else "now"
            yield Finding(line.name, Level.CRITICAL, f"in trouble {since}: {line.trouble}")
        elif line.well_at is None:
            level = Level.OK if line.name.startswith("smtp") else Level.WARNING
            yield Finding(line.name, level, "was not used yet")
        elif line.name.startswith("imap") and at - line.well_at > _DEAF and now.running:
            yield Finding(
                line.name,
                Level.CRITICAL,
                f"was last read {_long(at - line.well_at)} ago; deadlines of its tickets wait",
            )
        else:
            yield Finding(line.name, Level.OK, f"worked {_long(at - line.well_at)} ago")


def _endings(now: Condition, at: datetime) -> Iterator[Finding]:
    """Certificates of servers, and our own passwords and tokens."""
    for line in now.lines:
        if line.certificate_until is not None:
            then = "then no connection is trusted any more"
            yield _ending(f"certificate {line.name}", line.certificate_until, at, then)
    for password in now.passwords:
        then = "then nobody is let in. Set a new one, and password_expires"
        yield _ending(f"password {password.name}", password.until, at, then)


def _ending(name: str, until: datetime, at: datetime, then: str) -> Finding:
    left, day = until - at, f"{until:%Y-%m-%d}"
    if left >= _RENEWED:
        return Finding(name, Level.OK, f"good until {day}")
    ends = f"ends in {_long(left)}, on {day}" if left > timedelta(0) else f"ended on {day}"
    return Finding(name, Level.WARNING, f"{ends}: {then}")


def _mail(now: Condition, at: datetime) -> Iterator[Finding]:
    waits = at - now.unhandled_since if now.unhandled_since else timedelta(0)
    words = f"{now.unhandled} wait" + (f", the oldest for {_long(waits)}" if now.unhandled else "")
    yield Finding("received mail", Level.CRITICAL if waits > _WAITING else Level.OK, words)
    if now.quarantined:
        words = f"{_many(now.quarantined, 'mail')} could not be handled: mailproc inbound list --state quarantined"
        yield Finding("quarantine", Level.WARNING, words)
    else:
        yield Finding("quarantine", Level.OK, "empty")
    if now.held:
        lapses = f", the first until {now.held_until:%Y-%m-%d %H:%M} UTC" if now.held_until else ""
        words = f"{_many(now.held, 'mail')} in an agent's name without the agent's yes{lapses}"
        yield Finding("held mail", Level.OK, words)
    if now.overdue_since and at - now.overdue_since > _WAITING:
        yield Finding("deadlines", Level.CRITICAL, f"the oldest is {_long(at - now.overdue_since)} late")
    else:
        yield Finding("deadlines", Level.OK, "kept")


def _letters(now: Condition, at: datetime) -> Iterator[Finding]:
    waits = at - now.unsent_since if now.unsent_since else timedelta(0)
    words = f"{now.unsent} wait" + (f", the oldest for {_long(waits)}" if now.unsent else "")
    yield Finding("letters", Level.CRITICAL if waits > _UNSENT else Level.OK, words)
    for name, count, told in (
        ("dead letters", now.dead, "did not arrive"),
        ("unknown letters", now.unknown, "may not have arrived"),
    ):
        if count:
            state = name.partition(" ")[0]
            words = f"{_many(count, 'letter')} of the last week {told}: mailproc outbox list --state {state}"
            yield Finding(name, Level.WARNING, words)
        else:
            yield Finding(name, Level.OK, "none in the last week")


def _copies(now: Condition, at: datetime) -> Iterator[Finding]:
    if now.uncopied and now.uncopied_since:
        words = (
            f"{_many(now.uncopied, 'answer')} {'is' if now.uncopied == 1 else 'are'} not in the Sent folder, the oldest"
        )
        words += f" for {_long(at - now.uncopied_since)}: inbox.not_copied in the log says why"
        yield Finding("copies of answers", Level.WARNING, words)
    else:
        yield Finding("copies of answers", Level.OK, "none is missing")


def _stranded(now: Condition) -> Iterator[Finding]:
    if now.stranded:
        names = ", ".join(now.stranded_of)
        words = f"{_many(now.stranded, 'letter')} can't leave: the configuration has no mailbox {names} any more"
        yield Finding("stranded letters", Level.WARNING, f"{words}. They leave when it is back: mailproc outbox list")
    else:
        yield Finding("stranded letters", Level.OK, "none")


def _suppressed(now: Condition) -> Iterator[Finding]:
    words = "nobody"
    if now.suppressed:
        words = f"mail to {_many(now.suppressed, 'recipient')} failed for good: nothing automatic goes there for now"
    yield Finding("suppressed", Level.OK, words)


def _automatic(now: Condition, at: datetime) -> Iterator[Finding]:
    if now.unreleased:
        since = f", the oldest for {_long(at - now.unreleased_since)}" if now.unreleased_since else ""
        words = f"{_many(now.unreleased, 'automatic letter')} held, too many came at once{since}: "
        yield Finding("breaker", Level.WARNING, words + "mailproc outbox release --all, or drop --all")
    else:
        yield Finding("breaker", Level.OK, "holds nothing")
    stopped = _many(now.stopped, "automatic letter") if now.stopped else "none"
    yield Finding("budgets", Level.OK, f"{stopped} stopped in the last day")


def _machine(now: Condition) -> Iterator[Finding]:
    if now.disk_free is not None:
        level = Level.CRITICAL if now.disk_free < _NO_DISK else Level.WARNING
        level = level if now.disk_free < _LITTLE_DISK else Level.OK
        yield Finding("disk", level, f"{now.disk_free / 1e9:.1f} GB free")


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _long(span: timedelta) -> str:
    """A length of time as people say it."""
    seconds = max(0, int(span.total_seconds()))
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            return _many(seconds // size, name)
    return _many(seconds, "second")
