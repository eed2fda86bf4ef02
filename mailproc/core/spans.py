"""Lengths of time as people type them, in English and German; and what every text of this kind is read through."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from mailproc.core.words import times

LONGEST: Final = 80  # characters of what is read
_ZERO, _DAY = timedelta(), timedelta(days=1)
FARTHEST: Final = timedelta(days=3660)  # nobody plans further; more is a slip of the finger
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def choice(phrases: Iterable[str]) -> str:
    """A pattern that takes the longest of these that fits."""
    return "|".join(re.escape(phrase) for phrase in sorted(phrases, key=len, reverse=True))


COUNT: Final = rf"([0-9]{{1,4}}|{choice(times.NUMBERS)}) ?"
_NUMBER: Final = rf"(?:[0-9]{{1,6}}(?:[.,][0-9]{{1,3}})?|[.,][0-9]{{1,3}}|(?:{choice(times.NUMBERS)})(?= ))"
_AMOUNT: Final = re.compile(rf"({_NUMBER}) ?({choice(times.UNITS)})(?![a-z])\.?(?:,? (?:and|und) |, | |$|(?=[0-9]))")
_MINUTES_BEHIND: Final = re.compile(r"[0-5]?[0-9]$")


def span(words: str) -> timedelta | None:
    """A length of time: `3d`, `1h20`, `1:20` (hours), `1,5h`, `2 days`, `20 min`, `1 std 20`. None if it is none.

    A day is 24 hours, a week seven days. Units come the larger first, each once; nothing, a bare number and what is
    longer than `FARTHEST` is none.
    """
    text = plain(words)
    match = re.fullmatch(r"([0-9]{1,4}):([0-5][0-9])(?: ?(?:h|std|hours|stunden))?", text)
    length = timedelta(hours=int(match[1]), minutes=int(match[2])) if match else sum(length_of(text), timedelta())
    return length if timedelta() < length <= FARTHEST else None


def plain(words: str) -> str:
    """Case, umlauts, spaces and the punctuation at the edges made one; nothing of what is longer than `LONGEST`."""
    if len(words) > LONGEST:
        return ""
    return " ".join(unicodedata.normalize("NFKC", words).casefold().translate(_UMLAUTS).rstrip(" .,!;").split())


def length_of(text: str) -> tuple[timedelta, timedelta]:
    """The length of time that a plain text is as a whole, as whole days and the rest; both are nothing if it is none.

    Hours are no days, however many: a day may have 23 of them.
    """
    if text in times.LENGTHS:
        return _ZERO, times.LENGTHS[text]
    days, rest, at, last = _ZERO, _ZERO, 0, timedelta.max
    while at < len(text):
        amount = _AMOUNT.match(text, at)
        if amount is None:
            behind = _MINUTES_BEHIND.match(text, at) if last == timedelta(hours=1) else None
            return (days, rest + timedelta(minutes=int(behind[0]))) if behind else (_ZERO, _ZERO)
        unit = times.UNITS[amount[2]]
        if unit >= last:
            return _ZERO, _ZERO
        length = number(amount[1]) * unit
        whole = length // _DAY * _DAY if unit >= _DAY else _ZERO
        days, rest, at, last = days + whole, rest + length - whole, amount.end(), unit
    return days, rest


def number(text: str) -> float:
    """A number in digits (with a decimal point or comma) or as a word up to twelve."""
    return times.NUMBERS[text] if text in times.NUMBERS else float("0" + text.replace(",", "."))
