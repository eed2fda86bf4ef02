"""Words for days, times of day and lengths of time: English and German, case folded, without umlauts (ä is ae).

Only words with one meaning stand here: what could be two moments ("midnight of Friday", "3/4", "at 5") is asked back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final, TypeVar

Value = TypeVar("Value")


class Part(StrEnum):
    """A time of day by name."""

    MORNING = "morning"  # when the desk opens
    NOON = "noon"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    CLOSE = "close"  # when the desk closes


class Ahead(StrEnum):
    """A day told by the week or month it lies in."""

    NEXT_WEEK = "next week"
    END_OF_WEEK = "end of week"
    END_OF_NEXT_WEEK = "end of next week"
    NEXT_MONTH = "next month"
    END_OF_MONTH = "end of month"


def _table(rows: Mapping[Value, str]) -> dict[str, Value]:
    return {phrase.strip(): value for value, phrases in rows.items() for phrase in phrases.split(",")}


#: Days from today. "morgen" behind a day is a part of it ("montag morgen"); the reader sees to that.
DAYS: Final = _table({
    0: "today, heute",
    1: "tomorrow, tomorow, tommorow, tommorrow, tmrw, tmr, morgen",
    2: "day after tomorrow, the day after tomorrow, uebermorgen",
})  # fmt: skip

#: Parts of this very day.
TODAY: Final = _table({
    Part.MORNING: "this morning",
    Part.AFTERNOON: "this afternoon",
    Part.EVENING: "this evening, tonight",
})  # fmt: skip

PARTS: Final = _table({
    Part.MORNING: "in the morning, morning, frueh, in der frueh, morgens, vormittag, vormittags, am vormittag",
    Part.NOON: "noon, midday, lunch, mittag, mittags, am mittag",
    Part.AFTERNOON: "in the afternoon, afternoon, nachmittag, nachmittags, am nachmittag",
    Part.EVENING: "in the evening, evening, abend, abends, am abend",
    Part.CLOSE: "eod, cob, end of day, end of the day, end of business, close of business, feierabend, ende des tages, tagesende, "
    "dienstschluss, geschaeftsschluss",
})  # fmt: skip

#: 0 is Monday.
WEEKDAYS: Final = _table({
    0: "mon, monday, mo, montag",
    1: "tue, tues, tuesday, di, dienstag",
    2: "wed, weds, wednesday, mi, mittwoch",
    3: "thu, thur, thurs, thursday, do, donnerstag",
    4: "fri, friday, fr, freitag",
    5: "sat, saturday, sa, samstag, sonnabend",
    6: "sun, sunday, so, sonntag",
})  # fmt: skip

MONTHS: Final = _table({
    1: "jan, january, januar, jaenner, jaen",
    2: "feb, february, februar, feber",
    3: "mar, march, maerz, mrz, maer",
    4: "apr, april",
    5: "may, mai",
    6: "jun, june, juni",
    7: "jul, july, juli",
    8: "aug, august",
    9: "sep, sept, september",
    10: "oct, october, okt, oktober",
    11: "nov, november",
    12: "dec, december, dez, dezember",
})  # fmt: skip

AHEAD: Final = _table({
    Ahead.NEXT_WEEK: "next week, naechste woche, naechster woche, in der naechsten woche, kommende woche, anfang naechster woche, "
    "start of next week, beginning of next week, early next week",
    Ahead.END_OF_WEEK: "eow, end of week, end of the week, end of this week, ende der woche, ende dieser woche",
    Ahead.END_OF_NEXT_WEEK: "end of next week, ende naechster woche, ende der naechsten woche, ende kommender woche",
    Ahead.NEXT_MONTH: "next month, naechsten monat, im naechsten monat, anfang naechsten monats, naechster monat, start of next month, "
    "beginning of next month",
    Ahead.END_OF_MONTH: "eom, end of month, end of the month, end of this month, monatsende, ende des monats, ende dieses monats",
})  # fmt: skip

NUMBERS: Final = _table({
    1: "one, a, an, ein, eine, einem, einen, einer",
    2: "two, zwei",
    3: "three, drei",
    4: "four, vier",
    5: "five, fuenf",
    6: "six, sechs",
    7: "seven, sieben",
    8: "eight, acht",
    9: "nine, neun",
    10: "ten, zehn",
    11: "eleven, elf",
    12: "twelve, zwoelf",
})  # fmt: skip

#: Units of a length of time. A month has no length of its own; see the reader.
UNITS: Final = _table({
    timedelta(weeks=1): "w, wk, wks, week, weeks, woche, wochen",
    timedelta(days=1): "d, day, days, tag, tage, tagen, t",
    timedelta(hours=1): "h, hr, hrs, hour, hours, std, stunde, stunden",
    timedelta(minutes=1): "m, min, mins, minute, minutes, minuten",
})  # fmt: skip
MONTH_UNITS: Final = frozenset({"month", "months", "monat", "monate", "monaten", "mo"})
WORKING_DAY_UNITS: Final = frozenset({
    "business day", "business days", "working day", "working days", "workday", "workdays", "bd", "werktag", "werktage",
    "werktagen", "arbeitstag", "arbeitstage", "arbeitstagen",
})  # fmt: skip

#: Lengths with a name.
LENGTHS: Final = _table({
    timedelta(minutes=15): "quarter of an hour, a quarter of an hour, quarter hour, viertelstunde, eine viertelstunde, einer viertelstunde",
    timedelta(minutes=30): "half an hour, half hour, a half hour, a half an hour, halbe stunde, eine halbe stunde, einer halben stunde",
    timedelta(minutes=45): "dreiviertelstunde, eine dreiviertelstunde, einer dreiviertelstunde",
    timedelta(minutes=90): "an hour and a half, one and a half hours, anderthalb stunden, eineinhalb stunden, eineinhalb std",
    timedelta(minutes=150): "two and a half hours, zweieinhalb stunden",
})  # fmt: skip
