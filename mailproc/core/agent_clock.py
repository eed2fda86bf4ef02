"""An agent's clock and the desk's hours: which moment a day and a time of day are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from mailproc.core.calendar import Calendar, first_shown
from mailproc.core.words.times import Part

DAY: Final = timedelta(days=1)
_MORNING, _NOON, _AFTERNOON, _EVENING, _CLOSE = time(9), time(12), time(14), time(18), time(17)
_MOST_DAYS: Final = 3660  # looked through for working days


@dataclass(frozen=True, slots=True)
class AgentClock:
    """Now, the agent's clock, and the hours of the desk."""

    now: datetime
    zone: tzinfo
    calendar: Calendar

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def at(self, day: date, clock: time | Part) -> datetime:
        """When the agent's clock shows this time of this day: the second of two where the first has passed."""
        shown = self._clock(day, clock) if isinstance(clock, Part) else clock
        first = first_shown(self.zone, day, shown)
        again = datetime.combine(day, min(shown, time(23, 59, 59)), self.zone).replace(fold=1).astimezone(UTC)
        return again if first <= self.now < again and shown != time.max else first

    def same_time(self, day: date) -> datetime:
        return first_shown(self.zone, day, self.now.astimezone(self.zone).time())

    def next(self, clock: time | Part) -> datetime | None:
        """The next such time: on a working day, if it is the desk that tells it."""
        days = (self.today + ahead * DAY for ahead in range(370))
        for day in days:
            if clock in {Part.MORNING, Part.CLOSE} and not self._works(day):
                continue
            found = self.at(day, clock)
            if found > self.now:
                return found
        return None

    def working_day(self, number: int) -> date:
        day, left = self.today, number
        while left > 0:
            day += DAY
            left -= self._works(day)
            if (day - self.today).days > _MOST_DAYS:
                raise OverflowError("so many working days are too far ahead")
        return day

    def last_of_week(self, monday: date) -> date:
        """Its last working day, Friday at the latest if the desk works before the weekend at all."""
        days = [monday + at * DAY for at in range(7)]
        working = [day for day in days[:5] if self._works(day)] or [day for day in days if self._works(day)]
        return working[-1] if working else days[4]

    def _works(self, day: date) -> bool:
        return day not in self.calendar.holidays and bool(self.calendar.hours.get(day.weekday()))

    def _clock(self, day: date, part: Part) -> time:
        match part:
            case Part.MORNING:
                return self._edge(day, opening=True)
            case Part.NOON:
                return _NOON
            case Part.AFTERNOON:
                return _AFTERNOON
            case Part.EVENING:
                return _EVENING
            case Part.CLOSE:
                return self._edge(day, opening=False)

    def _edge(self, day: date, *, opening: bool) -> time:
        """When the desk opens or closes on such a day: on a day off, the usual hour. Desks that never sleep keep office hours."""
        hours = self.calendar.hours
        weekday = hours.get(day.weekday()) or next(stretches for stretches in hours.values() if stretches)
        usual = [stretch for stretch in weekday if stretch != (time.min, time.max)]
        if not usual:
            return _MORNING if opening else _CLOSE
        return usual[0][0] if opening else usual[-1][1]
