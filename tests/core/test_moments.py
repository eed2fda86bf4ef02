"""Moments and lengths of time as agents type them: what is read, what is refused, and what always holds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailproc.core.calendar import Calendar, hours_from_text
from mailproc.core.moments import FARTHEST, moment, span
from mailproc.core.words import times

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
OFFICE = Calendar(BERLIN, hours_from_text("Mon-Thu 08:30-17:30, Fri 08:00-12:00, Fri 13:00-16:00"))
NOW = datetime(2026, 11, 18, 14, 20, tzinfo=BERLIN)  # a Wednesday

MOMENTS = """
    friday 9:00; fri 9am; Friday at 9:00; on friday 9.00 Uhr; freitag 9 uhr; am Freitag um 9 Uhr; Fr. 09:00; FREITAG 9UHR
        -> 2026-11-20 09:00
    fri; friday; next friday; this friday; Freitag; nächsten freitag; am kommenden Freitag; until friday -> 2026-11-20 08:00
    bis Freitag; by friday; friday morning; freitagmorgen; Freitag früh; Friday 20 November; fri 20.11. -> 2026-11-20 08:00
    friday 3pm; friday at 3 pm; fri 15:00; freitag 15 uhr; 3 p.m. friday; freitag um 15 -> 2026-11-20 15:00
    friday eod; friday end of day; freitag feierabend; end of week; eow; Ende der Woche -> 2026-11-20 16:00
    freitagnachmittag; friday afternoon; Freitag Nachmittag -> 2026-11-20 14:00
    wed; mittwoch; wednesday -> 2026-11-25 08:30
    wednesday 9:00; wed 9 -> 2026-11-25 09:00 | wed 9
    monday morning; montag morgen; montagvormittag; mon; mo; next week; nächste Woche; naechste woche -> 2026-11-23 08:30
    in der nächsten Woche; montag nächste woche; monday next week; in 3 werktagen; 3 business days -> 2026-11-23 08:30
    montag mittag; monday noon; mo 12:00; noon on monday -> 2026-11-23 12:00
    friday next week; freitag nächste woche; next week friday -> 2026-11-27 08:00
    end of next week; ende nächster woche -> 2026-11-27 16:00
    tomorrow; morgen; Morgen früh; tomorrow morning; tmrw; bis morgen -> 2026-11-19 08:30
    tomorrow noon; morgen mittag; tomorrow 12:00; tomorrow at 12pm -> 2026-11-19 12:00
    tomorrow 9:30; morgen 9:30; morgen um 9.30 Uhr; morgen 9 Uhr 30; tomorrow at 9:30am; morgen früh 9:30 -> 2026-11-19 09:30
    übermorgen; uebermorgen; day after tomorrow; the day after tomorrow; in 2 working days -> 2026-11-20 08:00
    today; heute; eod; cob; end of day; today eod; heute Feierabend; 18.11. -> 2026-11-18 17:30
    today 17:00; heute 17 uhr; 5pm; 17:00; um 17 Uhr; at 17; today at 5 pm -> 2026-11-18 17:00
    tonight; heute abend; this evening; evening -> 2026-11-18 18:00
    9:00; 9am; 9 uhr; um 9; at 9; 9:00 Uhr; 09:00 -> 2026-11-19 09:00
    noon; mittags; 12pm -> 2026-11-19 12:00
    12am; 0:00; 0 uhr; 00:00 -> 2026-11-19 00:00
    3d; 3 days; in 3 days; in 3 tagen; drei Tage; in three days; 72h; 2d 24h -> 2026-11-21 14:20
    in 3 days 9:00; in 3 tagen um 9 Uhr -> 2026-11-21 09:00
    2 days; in 2 hours and 46 hours; 48h -> 2026-11-20 14:20 | in 2 hours and 46 hours
    in 2 hours; 2h; in 2 stunden; zwei Stunden; 120 min; 120m; in 2 h; 2 hours from now -> 2026-11-18 16:20
    1h20; 1h 20m; 1 std 20; 80 min; in 1 hour 20 minutes; 1 Stunde und 20 Minuten -> 2026-11-18 15:40
    in an hour; in einer stunde; an hour; 60min -> 2026-11-18 15:20
    half an hour; in einer halben stunde; 30m -> 2026-11-18 14:50
    2w; 14d; in two weeks; in 2 wochen; zwei wochen -> 2026-12-02 14:20
    in a month; in 1 monat; 1 month -> 2026-12-18 08:00
    next month; 1.12.; 1 dec; 1. Dezember; dec 1st; first -> 2026-12-01 08:30 | first
    end of month; monatsende -> 2026-11-30 17:30
    24.12.; 24.12; 24.12.2026; 24.12.26; 24. 12.; 24/12; 12/24; 24/12/2026; 12/24/2026; 2026-12-24 -> 2026-12-24 08:30
    24 dec; dec 24; 24. dezember; december 24th 2026; 24th of December; Dec. 24; thursday 24 dec 2026 -> 2026-12-24 08:30
    24.12.2026 9:00; 24.12. 9 uhr; 2026-12-24 09:00; 2026-12-24T09:00; december 24 9am; 24 dec 9:00 -> 2026-12-24 09:00
    24.12.2026 um 9 uhr; 9:00 24.12.; dec 24 at 9am; Dec 24, 2026 9:00 -> 2026-12-24 09:00
    17.11.; 17 nov; 17/11; november 17 -> 2027-11-17 08:30
    29.2. -> 2028-02-29 08:30
"""

REFUSED = """
    | friday friday | friday saturday | thursday 27.11. | tomorrow friday | 9:00 10:00 | friday 25:00 | 9:60 | 24:00 | 13pm
    | 0am | at 5 | 5 | friday 9 | morgen 9 | 3/4 | 3/4/2027 | 31.2. | 30.2.2027 | 1.13. | 32.12. | 2026-13-01 | 24.12.2020
    | 2025-01-01 | yesterday | gestern | last friday | now | asap | soon | bald | midnight | friday midnight | mitternacht
    | today 9:00 | heute mittag | this morning | 18.11. 9:00 | next year | someday | 99999w | 20 years | 0m | 0d | -3d | in -2 hours
    | friday or monday | friday-monday | 9:00-10:00 | 9:00 utc | 2026-12-24T09:00Z | 2026-12-24 09:00+01:00 | a week ago | vor 3 tagen
    | morning 15:00 | friday evening 9am | 2d 3w | 1h 1h | 1h90 | week | in | in der | am um | the | at | friday 9:00 sharp
    | when anna is back | 24 | 2026 | december | dec 2026 | q1 | 1.2.3.4 | 10.0.0.1 | 2026-12-24-25 | 9:00:30 | ½ | 五
"""

SPANS = """
    1h20; 1h 20m; 1:20; 01:20; 80m; 80 min; 1 std 20; 1 std. 20 min.; 1 Stunde 20 Minuten; 1h20min; 1 hour and 20 minutes -> 80
    1,5h; 1.5h; 1.5 hours; 90m; anderthalb Stunden; 1:30; eineinhalb stunden; 90 minutes -> 90
    half an hour; halbe Stunde; .5h; 0,5 std; 30 min; 0:30 -> 30
    20 min; 20m; 20min; 20 minutes; zwanzig minuten -> 20 | zwanzig minuten
    3d; 3 days; 3 tage; drei tage; 72h; 72:00 -> 4320
    2w; two weeks; 2 wochen; 14 days -> 20160
    1d 4h; 1 day, 4 hours; 1 tag und 4 stunden -> 1680
    viertelstunde; 15m -> 15
"""
NO_SPANS = (
    " |90|1h60|1:60|h|m|1 month|2 months|20s|-1h|0m|0:00|1h 2h|20m 1h|4000d|99999:00|friday|9am|1h20m30|1..5h|1,5|١h20x"
)


def rows(table: str) -> list[tuple[str, str]]:
    """Every phrase of a table with what it means. Phrases behind `|` only show what is refused."""
    found = []
    for row in table.replace("\n        ->", " ->").strip().splitlines():
        phrases, _, meaning = row.partition(" -> ")
        value, _, refused = meaning.partition(" | ")
        outside = {phrase.strip() for phrase in refused.split("|")}
        found += [(p.strip(), value.strip()) for p in phrases.split("; ") if p.strip() not in outside]
    return found


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(("words", "meant"), rows(MOMENTS))
def test_moments_are_read(words: str, meant: str) -> None:
    found = moment(words, NOW, BERLIN, OFFICE)
    assert found == berlin(meant)
    assert found.tzinfo is UTC
    assert moment(f"  {words.upper()} . ", NOW, BERLIN, OFFICE) == found


@pytest.mark.parametrize("words", [words.strip() for words in REFUSED.replace("\n", " ").split("|")])
def test_what_has_no_meaning_or_two_is_refused(words: str) -> None:
    assert moment(words, NOW, BERLIN, OFFICE) is None


@pytest.mark.parametrize(("words", "minutes"), rows(SPANS))
def test_lengths_are_read(words: str, minutes: str) -> None:
    assert span(words) == timedelta(minutes=int(minutes))


@pytest.mark.parametrize("words", NO_SPANS.split("|"))
def test_what_is_no_length_is_refused(words: str) -> None:
    assert span(words) is None


class TestClocks:
    def test_days_and_times_are_the_agent_s(self) -> None:
        """It is Thursday already in Berlin, and Wednesday evening in New York."""
        now = datetime(2026, 11, 19, 1, 0, tzinfo=BERLIN)

        assert moment("tomorrow 9:00", now, BERLIN, OFFICE) == berlin("2026-11-20 09:00")
        assert moment("tomorrow 9:00", now, NEW_YORK, OFFICE) == datetime(2026, 11, 19, 9, 0, tzinfo=NEW_YORK)

    def test_a_time_the_clock_skips_is_the_first_after_it(self) -> None:
        before = berlin("2026-03-28 12:00")

        assert moment("tomorrow 2:30", before, BERLIN, OFFICE) == berlin("2026-03-29 03:00")

    def test_of_a_time_shown_twice_the_first_that_is_ahead(self) -> None:
        first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))  # 2:30 both

        assert moment("2:30", berlin("2026-10-25 01:00"), BERLIN, OFFICE) == first
        assert moment("2:30", first.replace(minute=40), BERLIN, OFFICE) == second
        assert moment("2:30", second.replace(minute=40), BERLIN, OFFICE) == berlin("2026-10-26 02:30")

    def test_days_keep_the_time_of_day_where_clocks_change_and_hours_pass(self) -> None:
        saturday = berlin("2026-10-24 12:00")

        assert moment("1d", saturday, BERLIN, OFFICE) == berlin("2026-10-25 12:00")
        assert moment("24h", saturday, BERLIN, OFFICE) == berlin("2026-10-25 11:00")
        assert moment("25h", saturday, BERLIN, OFFICE) == berlin("2026-10-25 12:00")
        assert moment("1d 1h", saturday, BERLIN, OFFICE) == berlin("2026-10-25 13:00")

    def test_a_naive_now_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="no time zone"):
            moment("friday", NOW.replace(tzinfo=None), BERLIN, OFFICE)


class TestHours:
    HOLIDAYS = Calendar(BERLIN, OFFICE.hours, frozenset({date(2026, 11, 19), date(2026, 11, 20)}))

    def test_a_day_off_that_was_named_is_meant(self) -> None:
        assert moment("friday", NOW, BERLIN, self.HOLIDAYS) == berlin("2026-11-20 08:00")
        assert moment("sunday", NOW, BERLIN, OFFICE) == berlin("2026-11-22 08:30")

    def test_the_desk_s_own_times_are_those_of_working_days(self) -> None:
        evening = NOW.replace(hour=20)

        assert moment("eod", evening, BERLIN, self.HOLIDAYS) == berlin("2026-11-23 17:30")
        assert moment("end of week", NOW, BERLIN, self.HOLIDAYS) == berlin("2026-11-18 17:30")
        assert moment("2 business days", NOW, BERLIN, self.HOLIDAYS) == berlin("2026-11-24 08:30")

    def test_a_week_that_is_over_has_no_end_ahead(self) -> None:
        assert moment("end of week", berlin("2026-11-21 10:00"), BERLIN, OFFICE) is None

    def test_a_desk_that_never_sleeps_keeps_office_hours(self) -> None:
        assert moment("friday", NOW, BERLIN, Calendar.always(BERLIN)) == berlin("2026-11-20 09:00")
        assert moment("eod", NOW, BERLIN, Calendar.always(BERLIN)) == berlin("2026-11-18 17:00")


ZONES = [BERLIN, NEW_YORK, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Apia"), timezone(timedelta(hours=5.75))]
MOMENT_WORDS = [words for words, _ in rows(MOMENTS)]
nows = st.integers(0, 4 * 10**9).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
TABLES = (times.WEEKDAYS, times.MONTHS, times.DAYS, times.PARTS, times.AHEAD, times.UNITS, times.NUMBERS, times.LENGTHS)
PIECES = ["in", "at", "um", "9:00", "17 uhr", "24.12.", "2030-01-31", "5pm", "3", "20", ",", ":", ".", "/", "-", "uhr"]
vocabulary = st.sampled_from([*PIECES, *(word for table in TABLES for word in table)])
phrases = st.lists(vocabulary, max_size=6).map(" ".join) | st.sampled_from(MOMENT_WORDS) | st.text(max_size=90)


class TestAlways:
    @given(words=phrases, now=nows, zone=st.sampled_from(ZONES))
    @example(words="morgen früh", now=datetime(2026, 10, 25, 0, 30, tzinfo=UTC), zone=BERLIN)
    def test_what_is_read_lies_ahead_and_not_too_far(self, words: str, now: datetime, zone: ZoneInfo) -> None:
        found = moment(words, now, zone, OFFICE)
        assert found is None or now < found <= now + FARTHEST

    @given(day=st.dates(date(2026, 11, 20), date(2034, 1, 1)), minute=st.integers(0, 1439), zone=st.sampled_from(ZONES))
    def test_a_moment_written_out_is_read_back(self, day: date, minute: int, zone: ZoneInfo) -> None:
        meant = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
        forms = ["%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%d %B %Y %I:%M %p", "%B %d, %Y %H:%M", "%a %d.%m.%Y, %H:%M Uhr"]
        exists = meant.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == meant.replace(tzinfo=None)
        for form in forms if exists else ():
            assert moment(meant.strftime(form), NOW, zone, OFFICE) == meant.astimezone(UTC)

    @given(words=st.sampled_from(MOMENT_WORDS), now=nows, later=st.integers(1, 10**7), zone=st.sampled_from(ZONES))
    def test_who_says_it_later_never_means_an_earlier_moment(
        self, words: str, now: datetime, later: int, zone: ZoneInfo
    ) -> None:
        """Save within the hour that a clock shows twice, where "1d" keeps a time that is not in order either."""
        then = now + timedelta(seconds=later)
        first, second = (moment(words, at, zone, OFFICE) for at in (now, then))
        if first and second and not any(at.astimezone(zone).fold for at in (now, then)):
            assert first <= second

    @given(minutes=st.integers(1, 60 * 24 * 60))
    def test_a_length_written_out_is_read_back(self, minutes: int) -> None:
        days, hours, rest = minutes // 1440, minutes // 60, minutes % 60
        forms = [f"{minutes}m", f"{minutes} Min.", f"{hours}:{rest:02}", f"{hours}h {rest}m", f"{hours} Std {rest}"]
        forms.append(f"{days} days {hours % 24} hours and {rest} minutes")
        for form in forms:
            assert span(form) == timedelta(minutes=minutes), form

    @given(words=phrases)
    def test_a_length_is_positive(self, words: str) -> None:
        found = span(words)
        assert found is None or timedelta() < found <= FARTHEST


@pytest.mark.timeout(5)
@pytest.mark.parametrize("piece", ["1", "1 h ", "a ", "friday ", "24.12. ", "9:", ",", "in ", "ı", "end of "])
def test_a_book_is_refused_and_costs_no_more_than_a_line(piece: str) -> None:
    for length in [80, 10**6] * 50:
        text = (piece * length)[:length]
        assert moment(text, NOW, BERLIN, OFFICE) is None
        assert span(text) is None
