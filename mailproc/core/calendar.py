"""Business time: when a desk works, and when so much work has passed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HORIZON = timedelta(days=3660)  # no promise reaches further; a calendar of holidays alone must not loop for ever
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "s": timedelta(seconds=1)}
_WHOLE_DAY = (time.min, time.max)

Hours = Mapping[int, tuple[tuple[time, time], ...]]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working hours by weekday (0 is Monday) on the wall clock of a zone, without holidays."""

    zone: ZoneInfo
    hours: Hours
    holidays: frozenset[date] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        if not any(self.hours.values()):
            raise ValueError("a calendar needs working hours on at least one day")

    @classmethod
    def always(cls, zone: ZoneInfo) -> Calendar:
        """Every hour of every day."""
        return cls(zone, dict.fromkeys(range(7), (_WHOLE_DAY,)))

    def add(self, start: datetime, business: timedelta) -> datetime:
        """The first moment at which `business` working time has passed since `start`; in UTC.

        Raises ValueError when that lies more than ten years ahead.
        """
        left = business
        for begin, end in self._spans(start, start + _HORIZON):
            if end - begin >= left:
                return begin + left
            left -= end - begin
        raise ValueError(f"{business} of working time do not fit into ten years of this calendar")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time between two moments; nothing when `end` is not later."""
        return sum((b - a for a, b in self._spans(start, end)), timedelta())

    def _spans(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working stretches between two moments, in UTC, in order.

        Wall-clock hours become moments day by day, so a day on which clocks change is as long as it really is.
        """
        day = start.astimezone(self.zone).date()
        while True:
            midnight = datetime.combine(day, time.min, self.zone).astimezone(UTC)
            if midnight >= end:
                return
            for opens, closes in () if day in self.holidays else self.hours.get(day.weekday(), ()):
                begin = max(datetime.combine(day, opens, self.zone).astimezone(UTC), start.astimezone(UTC))
                finish = min(self._moment(day, closes), end.astimezone(UTC))
                if begin < finish:
                    yield begin, finish
            day += timedelta(days=1)

    def _moment(self, day: date, closes: time) -> datetime:
        if closes == time.max:  # the end of the day is the beginning of the next
            return datetime.combine(day + timedelta(days=1), time.min, self.zone).astimezone(UTC)
        return datetime.combine(day, closes, self.zone).astimezone(UTC)


_PART = re.compile(r"([a-z]{3})(?:\s*-\s*([a-z]{3}))?\s+(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})")


def hours_from_text(text: str) -> Hours:
    """`Mon-Fri 09:00-17:30, Sat 10:00-13:00`; several stretches a day are several parts. Raises ValueError."""
    hours: dict[int, list[tuple[time, time]]] = {}
    for part in text.lower().split(","):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise ValueError(f"{part.strip()!r} is no working time; write it as Mon-Fri 09:00-17:30")
        opens, closes = _clock(match[3]), _clock(match[4])
        if opens >= closes:
            raise ValueError(f"{part.strip()!r} ends before it begins")
        for day in _days(match[1], match[2] or match[1]):
            hours.setdefault(day, []).append((opens, closes))
    for day, stretches in hours.items():
        stretches.sort()
        if any(after[0] < before[1] for before, after in zip(stretches, stretches[1:], strict=False)):
            raise ValueError(f"working times of {_DAYS[day].capitalize()} overlap")
    return {day: tuple(stretches) for day, stretches in hours.items()}


def _days(first: str, last: str) -> list[int]:
    for name in (first, last):
        if name not in _DAYS:
            raise ValueError(f"{name!r} is no weekday; write Mon, Tue, Wed, Thu, Fri, Sat or Sun")
    start, end = _DAYS.index(first), _DAYS.index(last)
    return [day % 7 for day in range(start, end + 1 if end >= start else end + 8)]


def _clock(text: str) -> time:
    hour, _, minute = text.partition(":")
    if text == "24:00":
        return time.max
    try:
        return time(int(hour), int(minute))
    except ValueError:
        raise ValueError(f"{text!r} is no time of day") from None


def parse_duration(text: str) -> timedelta:
    """`90m`, `4h`, `2d`, `1h30m`, `45s`. A day is 24 hours. Raises ValueError."""
    compact = text.replace(" ", "").lower()
    parts = re.findall(r"(\d{1,6})([smhd])", compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        raise ValueError(f"{text!r} is no duration; write it as 90m, 4h, 2d or 1h30m")
    return sum((int(number) * _UNITS[unit] for number, unit in parts), timedelta())
