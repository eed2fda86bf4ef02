"""Business time: when a desk works, and when so much work has passed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HORIZON = timedelta(days=3660)  # no promise reaches further; a calendar of holidays alone must not loop for ever
_END_OF_DAY = time.max  # stands for 24:00, which `time` can't say
_WHOLE_DAY = (time.min, _END_OF_DAY)

Hours = Mapping[int, tuple[tuple[time, time], ...]]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working hours by weekday (0 is Monday) on the wall clock of a zone, without holidays.

    A stretch begins at the moment the clock first shows its first time or a later one, and ends at the moment it first
    shows its last: so an hour the clock skips is not worked, and one it shows twice is worked twice only by those who
    are at work all through it. `time.max` as an end means midnight.

    Raises ValueError without any hours, for a weekday there is not, and for stretches that are empty, overlap or stand
    out of order.
    """

    zone: ZoneInfo
    hours: Hours
    holidays: frozenset[date] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        if not any(self.hours.values()):
            raise ValueError("a calendar needs working hours on at least one day")
        for day, stretches in self.hours.items():
            _check_day(day, stretches)

    @classmethod
    def always(cls, zone: ZoneInfo) -> Calendar:
        """Every hour of every day."""
        return cls(zone, dict.fromkeys(range(7), (_WHOLE_DAY,)))

    def add(self, start: datetime, business: timedelta) -> datetime:
        """The first moment at which `business` working time has passed since `start`; in UTC.

        Raises ValueError when that lies more than ten years ahead, for a negative time, and for a naive `start`.
        """
        begin = _aware(start)
        if business < timedelta():
            raise ValueError(f"{business} is negative; working time only passes")
        if not business:
            return begin
        left = business
        for opens, closes in self._spans(begin, _not_beyond(begin, _HORIZON)):
            if closes - opens >= left:
                return opens + left
            left -= closes - opens
        raise ValueError(f"{business} of working time do not fit into ten years of this calendar")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two moments; nothing when `end` is not later. Takes time in proportion to the days.

        Raises ValueError for naive moments.
        """
        return sum((closes - opens for opens, closes in self._spans(_aware(start), _aware(end))), timedelta())

    def _spans(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working stretches between two moments, in UTC, in order.

        Wall-clock hours become moments day by day, so a day on which clocks change is as long as it really is.
        """
        if start >= end:
            return
        first, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        for number in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(number)
            for opens, closes in () if day in self.holidays else self.hours.get(day.weekday(), ()):
                begin = max(first_shown(self.zone, day, opens), start)
                finish = min(first_shown(self.zone, day, closes), end)
                if begin < finish:
                    yield begin, finish


def first_shown(zone: tzinfo, day: date, clock: time) -> datetime:
    """When a zone's clock first shows a time of a day, or a later one where it skips that; in UTC.

    `time.max` means the midnight at which the day ends. Raises OverflowError at the ends of the calendar.
    """
    if clock == _END_OF_DAY:
        if day == date.max:
            return datetime.max.replace(tzinfo=UTC)
        day, clock = day + timedelta(days=1), time.min
    before = datetime.combine(day, clock, zone)  # fold 0: the first of two, or reckoned as before the change
    after = before.replace(fold=1)
    earlier, later = after.astimezone(UTC), before.astimezone(UTC)
    # Only in a gap does reckoning with the new offset give an earlier moment than with the old (PEP 495).
    return later if later <= earlier else _change(zone, earlier, later)


def _change(zone: tzinfo, before: datetime, after: datetime) -> datetime:
    """The moment between two at which the zone's offset changes; to the second."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _aware(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC)


def _not_beyond(start: datetime, horizon: timedelta) -> datetime:
    latest = datetime.max.replace(tzinfo=UTC) - timedelta(days=2)  # room for every zone's offset
    return start + horizon if start < latest - horizon else latest


def _check_day(day: int, stretches: tuple[tuple[time, time], ...]) -> None:
    if day not in range(len(_DAYS)):
        raise ValueError(f"there is no weekday {day}; 0 is Monday, 6 is Sunday")
    if any(opens >= closes for opens, closes in stretches):
        raise ValueError(f"a working time of {_DAYS[day].capitalize()} ends before it begins")
    if any(later[0] < earlier[1] for earlier, later in pairwise(stretches)):
        raise ValueError(f"working times of {_DAYS[day].capitalize()} overlap")


_PART = re.compile(r"([a-z]{3})(?:\s*[-–]\s*([a-z]{3}))?\s+([0-9]{1,2}:[0-9]{2})\s*[-–]\s*([0-9]{1,2}:[0-9]{2})")


def hours_from_text(text: str) -> Hours:
    """`Mon-Fri 09:00-17:30, Sat 10:00-13:00`; several stretches a day are several parts. Raises ValueError."""
    hours: dict[int, list[tuple[time, time]]] = {}
    for part in " ".join(text.lower().split()).split(","):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise ValueError(f"{part.strip()!r} is no working time; write it as Mon-Fri 09:00-17:30")
        opens, closes = _clock(match[3]), _clock(match[4])
        if opens >= closes:
            raise ValueError(
                f"{part.strip()!r} ends before it begins; a night is two parts, as Mon 22:00-24:00, Tue 00:00-06:00"
            )
        for day in _days(match[1], match[2] or match[1]):
            hours.setdefault(day, []).append((opens, closes))
    sorted_hours = {day: tuple(sorted(stretches)) for day, stretches in hours.items()}
    for day, stretches in sorted_hours.items():
        _check_day(day, stretches)
    return sorted_hours


def _days(first: str, last: str) -> list[int]:
    for name in (first, last):
        if name not in _DAYS:
            raise ValueError(f"{name!r} is no weekday; write Mon, Tue, Wed, Thu, Fri, Sat or Sun")
    start, end = _DAYS.index(first), _DAYS.index(last)
    return [day % 7 for day in range(start, end + 1 if end >= start else end + 8)]


def _clock(text: str) -> time:
    hour, _, minute = text.partition(":")
    if text == "24:00":
        return _END_OF_DAY
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise ValueError(f"{text!r} is no time of day") from None


_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}
_DURATION = re.compile(r"(?:([0-9]{1,6})d)? ?(?:([0-9]{1,6})h)? ?(?:([0-9]{1,6})m)? ?(?:([0-9]{1,6})s)?")


def parse_duration(text: str) -> timedelta:
    """`90m`, `4h`, `2d`, `1h30m`, `45s`: the larger unit first, each once. A day is 24 hours. Raises ValueError."""
    match = _DURATION.fullmatch(text.strip().lower())
    if match is None or not any(match.groups()):
        raise ValueError(f"{text!r} is no duration; write it as 90m, 4h, 2d or 1h30m")
    numbers = zip(_UNITS.values(), match.groups(), strict=True)
    return sum((int(number) * unit for unit, number in numbers if number), timedelta())
