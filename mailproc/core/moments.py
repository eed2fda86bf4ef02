"""Moments and lengths of time as an agent types them behind a command, in English and German.

Read by a grammar of our own: the date libraries there are (dateparser, parsedatetime, dateutil) guess at what they do not
know, read no German compounds and know no opening hours; here what is not wholly understood is refused. One walk over
at most `spans.LONGEST` characters; the words stand in `core.words.times`.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import Final

from mailproc.core.agent_clock import DAY, AgentClock
from mailproc.core.calendar import Calendar
from mailproc.core.spans import COUNT, FARTHEST, choice, length_of, number, plain, span
from mailproc.core.words import times
from mailproc.core.words.times import Ahead, Part

__all__ = ["FARTHEST", "moment", "span"]

#: Hours that go together with a part of the day: "morgen früh um 9".
_HOURS: Final = {
    Part.MORNING: range(4, 12),
    Part.NOON: range(11, 15),
    Part.AFTERNOON: range(12, 19),
    Part.EVENING: range(17, 24),
    Part.CLOSE: range(0),
}


def moment(words: str, now: datetime, zone: tzinfo, calendar: Calendar) -> datetime | None:
    """A moment after `now`, in UTC: `friday 9:00`, `tomorrow noon`, `in 2 hours`, `24.12.`, `next week`, `eod`. None if it
    is none, is not understood as a whole, lies in the past, or farther than `FARTHEST` ahead.

    Days and clock times are those of `zone`, the agent's. A weekday is the next such day after today; a time without a
    day the next such time; a date without a year the next such date. A day without a time means the hour at which
    the desk opens on such a day; today's means the hour at which it closes. Whole days ("3d") keep the time of day, months don't.
    A time the clock skips is the first after it; of one shown twice, the first that is still ahead (PEP 495).
    Raises ValueError for a naive `now`.
    """
    if now.utcoffset() is None:
        raise ValueError(f"{now} has no time zone")
    text = plain(words)
    clock = AgentClock(now.astimezone(UTC), zone, calendar)
    try:
        found = _after(text, clock) or _told(text, clock)
    except (OverflowError, ValueError):  # 30.2., or beyond the last year there is
        return None
    return found if found and clock.now < found <= clock.now + FARTHEST else None


# --- so long from now -----------------------------------------------------------------------------

_IN: Final = re.compile(r"(?:in|after|nach|for|fuer) (?!the |der )")
_MONTHS_AHEAD: Final = re.compile(rf"{COUNT}({choice(times.MONTH_UNITS)})")
_WORKING_DAYS_AHEAD: Final = re.compile(rf"{COUNT}({choice(times.WORKING_DAY_UNITS)})")


def _after(text: str, clock: AgentClock) -> datetime | None:
    """So long from now on."""
    opening = _IN.match(text)
    text = text[opening.end() :] if opening else text.removesuffix(" from now")
    days, rest = length_of(text)
    if days or rest:  # whole days keep the clock's time; hours pass as they pass
        return (clock.same_time(clock.today + days) if days else clock.now) + rest
    if months := _MONTHS_AHEAD.fullmatch(text):
        return clock.at(_months_after(clock.today, int(number(months[1]))), Part.MORNING)
    if working := _WORKING_DAYS_AHEAD.fullmatch(text):
        return clock.at(clock.working_day(int(number(working[1]))), Part.MORNING)
    return None


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


# --- days and times -------------------------------------------------------------------------------


@dataclass(slots=True)
class _Told:
    """What has been read so far. Nothing may be told twice."""

    offset: int | None = None
    weekday: int | None = None
    ahead: Ahead | None = None
    day: tuple[int | None, int, int] | None = None  # year, month, day of the month
    hour: time | None = None
    part: Part | None = None

    @property
    def has_day(self) -> bool:
        return any(told is not None for told in (self.offset, self.weekday, self.ahead, self.day))

    def tell(self, **told: object) -> bool:
        if any(getattr(self, name) is not None for name in told):
            return False
        for name, value in told.items():
            setattr(self, name, value)
        return True


def _told(text: str, clock: AgentClock) -> datetime | None:
    told, at = _Told(), 0
    text = _COMPOUND.sub(r"\1 ", text)
    while at < len(text):
        filler = _FILLER.match(text, at)
        if filler:
            at = filler.end()
            continue
        piece = next(((found, read) for pattern, read in _PIECES if (found := pattern.match(text, at))), None)
        if piece is None:
            return None
        match, read = piece
        if not read(match, told):
            return None
        at = match.end()
    return _resolve(told, clock)


_LONG_WEEKDAYS: Final = "montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag"
_COMPOUND: Final = re.compile(rf"\b({_LONG_WEEKDAYS})(?=morgen|frueh|vormittag|mittag|nachmittag|abend)")
_FILLER: Final = re.compile(r"[ ,]+|(?:on|at|the|until|till|til|by|bis|zum|um|am|den|der|gegen|ab)(?= )")
_END: Final = r"(?![a-z0-9])\.?"


def _phrases(table: Mapping[str, object], before: str = "") -> re.Pattern[str]:
    return re.compile(rf"{before}({choice(table)}){_END}")


def _read_offset(match: re.Match[str], told: _Told) -> bool:
    if match[1] == "morgen" and told.has_day:
        return told.tell(part=Part.MORNING)
    return told.tell(offset=times.DAYS[match[1]])


def _read_days_ahead(match: re.Match[str], told: _Told) -> bool:
    length = int(number(match[1])) * times.UNITS[match[2]]
    return length >= DAY and told.tell(offset=length.days)


def _read_iso(match: re.Match[str], told: _Told) -> bool:
    return told.tell(day=(int(match[1]), int(match[2]), int(match[3])))


def _read_dotted(match: re.Match[str], told: _Told) -> bool:
    return told.tell(day=(_year(match[3]), int(match[2]), int(match[1])))


def _read_slashed(match: re.Match[str], told: _Told) -> bool:
    """Only where it can't be both 3 April and 4 March."""
    first, second = int(match[1]), int(match[2])
    if first != second and first <= 12 and second <= 12:
        return False
    return told.tell(day=(_year(match[3]), min(first, second), max(first, second)))


def _read_day_month(match: re.Match[str], told: _Told) -> bool:
    return told.tell(day=(_year(match[3]), times.MONTHS[match[2]], int(match[1])))


def _read_month_day(match: re.Match[str], told: _Told) -> bool:
    return told.tell(day=(_year(match[3]), times.MONTHS[match[1]], int(match[2])))


def _year(text: str | None) -> int | None:
    return None if text is None else int(text) + (2000 if len(text) == 2 else 0)


def _read_twelve(match: re.Match[str], told: _Told) -> bool:
    hour, minute = int(match[1]), int(match[2] or 0)
    return 1 <= hour <= 12 and minute < 60 and told.tell(hour=time(hour % 12 + 12 * (match[3] == "p"), minute))


def _read_clock(match: re.Match[str], told: _Told) -> bool:
    hour, minute = int(match[1]), int(match[2] or 0)
    return hour < 24 and minute < 60 and told.tell(hour=time(hour, minute))


def _read_hour(match: re.Match[str], told: _Told) -> bool:
    hour = int(match[1])
    return 7 <= hour < 24 and told.tell(hour=time(hour))  # "at 5" may be either


_MONTH: Final = choice(times.MONTHS)
#: The first that fits is taken, so what is longer stands before what it begins with.
_PIECES: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], _Told], bool]], ...]] = (
    (re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:t(?=[0-9])|(?![0-9]))"), _read_iso),
    (
        re.compile(r"([0-9]{1,2})\. ?([0-9]{1,2})(?:\. ?((?:20)?[0-9]{2})(?![0-9:.])|\.?(?![0-9:.])(?! ?uhr))"),
        _read_dotted,
    ),
    (re.compile(r"([0-9]{1,2})/([0-9]{1,2})(?:/((?:[0-9]{2})?[0-9]{2}))?(?![0-9/])"), _read_slashed),
    (
        re.compile(rf"([0-9]{{1,2}})(?:\.|st|nd|rd|th)? ?(?:of )?({_MONTH})(?![a-z])\.?(?:,? ([0-9]{{4}})(?![0-9:]))?"),
        _read_day_month,
    ),
    (
        re.compile(
            rf"({_MONTH})\.? ?([0-9]{{1,2}})(?:st|nd|rd|th)?(?:,? ([0-9]{{4}}))?(?![0-9:])(?! ?[ap]\.?m)(?! ?uhr)"
        ),
        _read_month_day,
    ),
    (re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))? ?([ap])\.?m\b\.?"), _read_twelve),
    (re.compile(r"([0-9]{1,2})(?:[:.]([0-9]{2}))? ?uhr(?! ?[0-9])"), _read_clock),
    (re.compile(r"([0-9]{1,2}) ?uhr ?([0-9]{2})(?![0-9:.])"), _read_clock),
    (re.compile(r"([0-9]{1,2}):([0-9]{2})(?::00)?(?![0-9:.])(?: ?h\b)?"), _read_clock),
    (re.compile(r"(?<=at |um |by |ab )([0-9]{1,2})(?![0-9:./a-z])"), _read_hour),
    (re.compile(rf"in {COUNT}({choice(times.UNITS)}){_END}"), _read_days_ahead),
    (_phrases(times.AHEAD), lambda match, told: told.tell(ahead=times.AHEAD[match[1]])),
    (_phrases(times.TODAY), lambda match, told: told.tell(offset=0, part=times.TODAY[match[1]])),
    (_phrases(times.DAYS), _read_offset),
    (_phrases(times.PARTS), lambda match, told: told.tell(part=times.PARTS[match[1]])),
    (
        _phrases(times.WEEKDAYS, before="(?:(?:next|this|coming|naechste[nrs]?|diese[nrs]?|kommende[nrs]?) )?"),
        lambda match, told: told.tell(weekday=times.WEEKDAYS[match[1]]),
    ),
)


def _resolve(told: _Told, clock: AgentClock) -> datetime | None:
    if told.part is not None and told.hour is not None and told.hour.hour not in _HOURS[told.part]:
        return None
    time_of_day = told.part if told.hour is None else told.hour  # midnight is false to some
    if not told.has_day:
        return None if time_of_day is None else clock.next(time_of_day)
    day = _day(told, clock)
    if day is None:
        return None
    late = day == clock.today or told.ahead in {Ahead.END_OF_WEEK, Ahead.END_OF_NEXT_WEEK, Ahead.END_OF_MONTH}
    return clock.at(day, (Part.CLOSE if late else Part.MORNING) if time_of_day is None else time_of_day)


def _day(told: _Told, clock: AgentClock) -> date | None:
    """The day told, if what tells it agrees."""
    if told.day is not None:
        if told.offset is not None or told.ahead is not None:
            return None
        day = _dated(*told.day, clock.today)
        return day if told.weekday in {None, day.weekday()} else None
    if told.ahead is not None:
        return _ahead(told, clock) if told.offset is None else None
    if told.offset is not None:
        return clock.today + told.offset * DAY if told.weekday is None else None
    if told.weekday is None:
        return None
    return clock.today + ((told.weekday - clock.today.weekday() - 1) % 7 + 1) * DAY


def _dated(year: int | None, month: int, day: int, today: date) -> date:
    if year is not None:
        return date(year, month, day)
    for ahead in range(9):  # a 29 February comes after eight years at the latest
        try:
            dated = date(today.year + ahead, month, day)
        except ValueError:
            continue
        if dated >= today:
            return dated
    raise ValueError(f"there is no {day}.{month}.")


def _ahead(told: _Told, clock: AgentClock) -> date | None:
    monday = clock.today - clock.today.weekday() * DAY
    if told.weekday is not None:  # "friday next week"
        return monday + (7 + told.weekday) * DAY if told.ahead is Ahead.NEXT_WEEK else None
    match told.ahead:
        case Ahead.NEXT_WEEK:
            return monday + 7 * DAY
        case Ahead.END_OF_WEEK:
            return clock.last_of_week(monday)
        case Ahead.END_OF_NEXT_WEEK:
            return clock.last_of_week(monday + 7 * DAY)
        case Ahead.NEXT_MONTH:
            return _months_after(clock.today.replace(day=1), 1)
        case Ahead.END_OF_MONTH:
            return _months_after(clock.today.replace(day=1), 1) - DAY
        case None:
            return None
