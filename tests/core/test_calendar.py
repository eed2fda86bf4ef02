"""Business time: what a desk's hours say of a moment, against a walk from minute to minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.core.calendar import Calendar, hours_from_text, parse_duration

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
OFFICE = Calendar(BERLIN, hours_from_text("Mon-Fri 09:00-17:30, Sat 10:00-13:00"))


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


class TestAdding:
    """November 2026: the 20th is a Friday."""

    @pytest.mark.parametrize(
        ("start", "business", "due"),
        [
            ("2026-11-20 10:00", "2h", "2026-11-20 12:00"),
            ("2026-11-20 16:30", "1h", "2026-11-20 17:30"),  # the last moment of the day, not the next morning
            ("2026-11-20 16:30", "1h30m", "2026-11-21 10:30"),  # over to Saturday
            ("2026-11-21 12:00", "2h", "2026-11-23 10:00"),  # over Sunday
            ("2026-11-21 14:05", "90m", "2026-11-23 10:30"),  # begins while nobody is there
            ("2026-11-22 12:00", "1m", "2026-11-23 09:01"),
            ("2026-11-20 03:00", "30m", "2026-11-20 09:30"),
            ("2026-11-23 09:00", "45h30m", "2026-11-28 13:00"),  # a whole week is 5 * 8.5 + 3 hours
            ("2026-11-23 09:00", "45h31m", "2026-11-30 09:01"),
        ],
    )
    def test_goes_on_where_the_desk_is_open(self, start: str, business: str, due: str) -> None:
        assert OFFICE.add(berlin(start), parse_duration(business)) == berlin(due)

    def test_no_time_has_passed_at_once(self) -> None:
        assert OFFICE.add(berlin("2026-11-22 12:00"), timedelta()) == berlin("2026-11-22 12:00")

    def test_holidays_are_skipped(self) -> None:
        calendar = Calendar(BERLIN, OFFICE.hours, frozenset({date(2026, 12, 25), date(2026, 12, 26)}))

        assert calendar.add(berlin("2026-12-24 17:00"), HOUR) == berlin("2026-12-28 09:30")

    def test_the_start_may_be_told_in_any_zone(self) -> None:
        tokyo = datetime(2026, 11, 20, 20, 0, tzinfo=ZoneInfo("Asia/Tokyo"))  # 12:00 in Berlin

        due = OFFICE.add(tokyo, HOUR)

        assert due == berlin("2026-11-20 13:00")
        assert due.tzinfo is UTC

    def test_round_the_clock_is_the_clock(self) -> None:
        start = berlin("2026-10-24 12:00")

        assert Calendar.always(BERLIN).add(start, timedelta(days=3)) == start.astimezone(UTC) + timedelta(days=3)


class TestClockChanges:
    """Berlin, 2026: 02:00 to 03:00 is skipped on 29 March and shown twice on 25 October."""

    @pytest.mark.parametrize(
        ("hours", "day", "worked"),
        [
            ("Sun 00:00-24:00", date(2026, 3, 29), 23 * HOUR),
            ("Sun 00:00-24:00", date(2026, 10, 25), 25 * HOUR),
            ("Sun 01:00-04:00", date(2026, 3, 29), 2 * HOUR),
            ("Sun 01:00-04:00", date(2026, 10, 25), 4 * HOUR),
            ("Sun 02:15-02:45", date(2026, 3, 29), timedelta()),  # skipped whole
            ("Sun 02:15-02:45", date(2026, 10, 25), 30 * MINUTE),  # worked once
            ("Sun 02:30-04:00", date(2026, 3, 29), HOUR),
            ("Sun 01:00-02:30", date(2026, 3, 29), HOUR),
            ("Sun 09:00-17:00", date(2026, 3, 29), 8 * HOUR),
        ],
    )
    def test_a_day_is_as_long_as_it_really_is(self, hours: str, day: date, worked: timedelta) -> None:
        calendar = Calendar(BERLIN, hours_from_text(hours))
        noon = datetime.combine(day, time(12), BERLIN)

        assert calendar.between(noon - timedelta(days=1), noon + timedelta(days=1)) == worked

    def test_work_that_begins_in_the_skipped_hour_begins_after_it(self) -> None:
        calendar = Calendar(BERLIN, hours_from_text("Sun 02:30-12:00"))

        due = calendar.add(berlin("2026-03-28 12:00"), HOUR)

        assert due == datetime(2026, 3, 29, 2, 0, tzinfo=UTC)  # 04:00: an hour after the clock went from 02:00 to 03:00

    def test_the_second_showing_of_an_hour_is_told_from_the_first(self) -> None:
        second = berlin("2026-10-25 02:30").replace(fold=1)

        assert Calendar.always(BERLIN).between(berlin("2026-10-25 02:30"), second) == HOUR


ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in (
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "Asia/Kolkata",
            "Australia/Lord_Howe",  # changes by half an hour
            "America/Havana",  # changes at midnight
            "America/Sao_Paulo",  # went back at midnight into the day before, until 2019
            "Pacific/Apia",  # has no 30 December 2011
        )
    ]
)
QUARTERS = st.integers(0, 95).map(lambda quarter: time(quarter // 4, quarter % 4 * 15))


@st.composite
def hours(draw: st.DrawFn) -> dict[int, tuple[tuple[time, time], ...]]:
    found = {}
    for day in range(7):
        edges = [*sorted(draw(st.sets(QUARTERS, max_size=4))), time.max]
        found[day] = tuple(zip(edges[::2], edges[1::2], strict=False))
    return found


#: Around clock changes, where everything that is hard happens, and anywhere else.
STARTS = st.one_of(
    st.sampled_from(
        [
            datetime(2026, 3, 28, 20, tzinfo=UTC),
            datetime(2026, 10, 24, 20, tzinfo=UTC),
            datetime(2026, 3, 7, 20, tzinfo=UTC),
            datetime(2026, 11, 1, 0, tzinfo=UTC),
            datetime(2026, 4, 4, 10, tzinfo=UTC),
            datetime(2026, 10, 3, 10, tzinfo=UTC),
            datetime(2018, 2, 17, 20, tzinfo=UTC),
            datetime(2018, 11, 3, 20, tzinfo=UTC),
            datetime(2011, 12, 29, 20, tzinfo=UTC),
        ]
    ),
    st.integers(0, 20 * 365 * 24 * 60).map(lambda minutes: datetime(2015, 1, 1, tzinfo=UTC) + minutes * MINUTE),
)


def worked_minutes(calendar: Calendar, start: datetime, minutes: int) -> list[bool]:
    """What the calendar means, without its arithmetic: look at the clock every minute.

    A stretch runs from the minute the clock first shows its beginning or later, to the minute it first shows its end or
    later, so what counts is how far the clock has come this day, also while it shows an hour again.
    """
    reached: dict[date, time] = {}
    found = []
    begin = start - timedelta(hours=27)  # so that the first day is known from its beginning
    for number in range(minutes + 27 * 60):
        wall = (begin + number * MINUTE).astimezone(calendar.zone)
        day = wall.date()
        reached[day] = max(reached.get(day, time.min), wall.time())
        stretches = () if day in calendar.holidays else calendar.hours.get(day.weekday(), ())
        found.append(any(opens <= reached[day] < closes for opens, closes in stretches))
    return found[27 * 60 :]


class TestAgainstTheClock:
    @given(zone=ZONES, hours=hours(), start=STARTS, minutes=st.integers(0, 36 * 60), holiday=st.booleans())
    @pytest.mark.slow
    def test_time_between_is_the_minutes_worked(
        self,
        zone: ZoneInfo,
        hours: dict[int, tuple[tuple[time, time], ...]],
        start: datetime,
        minutes: int,
        holiday: bool,
    ) -> None:
        holidays = frozenset({(start + timedelta(days=1)).date()}) if holiday else frozenset()
        calendar = Calendar(zone, {**hours, 0: hours[0] or ((time(9), time(17)),)}, holidays)

        worked = worked_minutes(calendar, start, minutes)

        assert calendar.between(start, start + minutes * MINUTE) == sum(worked) * MINUTE

    @given(zone=ZONES, hours=hours(), start=STARTS, business=st.integers(1, 20 * 60))
    @pytest.mark.slow
    def test_what_is_added_has_passed_and_had_not_a_moment_before(
        self, zone: ZoneInfo, hours: dict[int, tuple[tuple[time, time], ...]], start: datetime, business: int
    ) -> None:
        calendar = Calendar(zone, {**hours, 2: ((time(8), time(16)),)})

        due = calendar.add(start, business * MINUTE)

        assert calendar.between(start, due) == business * MINUTE
        assert calendar.between(start, due - timedelta(microseconds=1)) < business * MINUTE


class TestWhatNoCalendarCanDo:
    @pytest.mark.parametrize("hours", [{}, {0: ()}])
    def test_a_calendar_without_hours(self, hours: dict[int, tuple[tuple[time, time], ...]]) -> None:
        with pytest.raises(ValueError, match="at least one day"):
            Calendar(BERLIN, hours)

    @pytest.mark.parametrize(
        ("hours", "message"),
        [
            ({7: ((time(9), time(17)),)}, "no weekday 7"),
            ({0: ((time(17), time(9)),)}, "ends before it begins"),
            ({0: ((time(9), time(13)), (time(12), time(17)))}, "overlap"),
            ({0: ((time(13), time(17)), (time(9), time(12)))}, "overlap"),
        ],
    )
    def test_hours_that_are_none(self, hours: dict[int, tuple[tuple[time, time], ...]], message: str) -> None:
        with pytest.raises(ValueError, match=message):
            Calendar(BERLIN, hours)

    def test_a_calendar_of_nothing_but_holidays_ends_in_an_error_not_in_a_loop(self) -> None:
        mondays = frozenset(date(2026, 1, 5) + timedelta(weeks=week) for week in range(11 * 53))

        with pytest.raises(ValueError, match="ten years"):
            Calendar(BERLIN, {0: ((time(9), time(17)),)}, mondays).add(berlin("2026-01-01 00:00"), HOUR)

    def test_nothing_is_promised_beyond_ten_years(self) -> None:
        with pytest.raises(ValueError, match="ten years"):
            OFFICE.add(berlin("2026-11-20 10:00"), timedelta(days=9_000))

    def test_the_end_of_days_is_an_error_too(self) -> None:
        with pytest.raises(ValueError, match="ten years"):
            OFFICE.add(datetime(9999, 12, 31, tzinfo=UTC), HOUR)

    def test_a_naive_moment_is_refused(self) -> None:
        naive = datetime(2026, 11, 20, 10, 0)  # noqa: DTZ001 - what must be refused
        with pytest.raises(ValueError, match="no time zone"):
            OFFICE.add(naive, HOUR)
        with pytest.raises(ValueError, match="no time zone"):
            OFFICE.between(naive, berlin("2026-11-20 10:00"))

    def test_time_does_not_run_backwards(self) -> None:
        with pytest.raises(ValueError, match="negative"):
            OFFICE.add(berlin("2026-11-20 10:00"), -MINUTE)
        assert OFFICE.between(berlin("2026-11-20 12:00"), berlin("2026-11-20 10:00")) == timedelta()


class TestHoursAsText:
    def test_days_and_ranges(self) -> None:
        hours = hours_from_text("Mon-Fri 09:00-12:00, Mon-Thu 13:00-17:30, Sat 10:00-13:00")

        assert hours[0] == ((time(9), time(12)), (time(13), time(17, 30)))
        assert hours[4] == ((time(9), time(12)),)
        assert hours[5] == ((time(10), time(13)),)
        assert 6 not in hours

    def test_a_range_may_run_over_the_weekend(self) -> None:
        assert set(hours_from_text("Sat-Mon 10:00-12:00")) == {5, 6, 0}

    def test_case_and_spaces_say_nothing(self) -> None:
        assert hours_from_text("  MON – fri   9:00 - 17:30 ") == hours_from_text("Mon-Fri 09:00-17:30")

    def test_midnight_ends_a_day(self) -> None:
        calendar = Calendar(BERLIN, hours_from_text("Mon 22:00-24:00, Tue 00:00-06:00"))

        assert calendar.between(berlin("2026-11-23 00:00"), berlin("2026-11-25 00:00")) == 8 * HOUR

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "write it as Mon-Fri"),
            ("always", "write it as Mon-Fri"),
            ("Mon-Fri", "write it as Mon-Fri"),
            ("Mon-Fri 09:00-17:30,", "write it as Mon-Fri"),
            ("Mo-Fr 09:00-17:30", "write it as Mon-Fri"),
            ("Foo 09:00-17:30", "'foo' is no weekday"),
            ("Mon 25:00-26:00", "'25:00' is no time of day"),
            ("Mon 09:60-10:00", "'09:60' is no time of day"),
            ("Mon 17:00-09:00", "a night is two parts"),
            ("Mon 09:00-09:00", "ends before it begins"),
            ("Mon-Fri 09:00-12:00, Wed 11:00-13:00", "Wed overlap"),
        ],
    )
    def test_what_is_not_understood_is_told(self, text: str, message: str) -> None:
        with pytest.raises(ValueError, match=message):
            hours_from_text(text)


class TestDurations:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [("90m", 5400), ("4h", 14400), ("2d", 172800), ("1h30m", 5400), ("1h 30m", 5400), ("45s", 45), (" 1D ", 86400)],
    )
    def test_are_written_short(self, text: str, seconds: int) -> None:
        assert parse_duration(text) == timedelta(seconds=seconds)

    @pytest.mark.parametrize(
        "text", ["", "5", "h", "-1h", "1.5h", "1h30", "30m1h", "1h1h", "1 0m", "4 hours", "1w", "٣h"]
    )
    def test_anything_else_is_told(self, text: str) -> None:
        with pytest.raises(ValueError, match="write it as 90m"):
            parse_duration(text)


def test_a_fixed_offset_is_a_zone_too() -> None:
    start = datetime(2026, 11, 20, 10, 0, tzinfo=timezone(timedelta(hours=5)))

    assert OFFICE.add(start, HOUR) == berlin("2026-11-20 10:00")
