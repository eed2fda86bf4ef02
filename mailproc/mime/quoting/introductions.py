"""The line a client writes above a quote: "On Monday, Anna <anna@example.org> wrote:".

No list of sentences: what makes such a line is the same everywhere. It tells a date, a time, an address and a verb of
writing, ends with a colon, and is wrapped over a few lines at most. Each line's features are found once; an
introduction is then a short window of lines whose features together suffice. How much must be there depends on what
follows: above lines marked as quoted little is needed, above unmarked ones much, since all below would be taken for a quote.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from mailproc.mime.quoting import vocabulary
from mailproc.mime.quoting.lines import Line

_LONGEST: Final = 300  # characters of one line of an introduction
_NONE, _WEAK, _STRONG = 0, 1, 2  # no introduction; one if quoted lines follow; one whatever follows
_MOST_LINES: Final = 6  # of one introduction, blank ones included

_DATE: Final = re.compile(
    r"(?<!\d)(?:\d{4}[./-] ?\d{1,2}[./-] ?\d{1,2}|\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}|\d{4}(?!\d)|\d{1,2} ?[\u6708\uc6d4])"
    rf"|(?<!\d)\d{{1,2}}(?:st|nd|rd|th|\.|º)? (?:de )?(?:{vocabulary.MONTHS})|\b(?:{vocabulary.MONTHS})[^\W\d]{{0,8}}\.? \d{{1,2}}\b"
)
_TIME: Final = re.compile(r"(?<![\d.,])\d{1,2}[:.h]\d{2}(?!\d)(?!\.\d)|\d ?[\u6642\u65f6\u70b9\uc2dc]")
_ENCLOSED_ADDRESS: Final = re.compile(
    r"(?:[<(\[]|&lt;|mailto:)[^\s<>@]{1,64}@[^\s<>@]{2,250}|[^\s<>@]{1,64}@[^\s<>@]{2,250}(?:[>)\]]|&gt;)|\w/\w[^\s]{0,60}/\w"
)
_GMAIL_STAMP: Final = re.compile(r"\d{4}-\d{2}-\d{2} \d{1,2}:\d{2} (?:gmt|utc)[+-]\d{1,2}:\d{2} \S")
_STAMP: Final = re.compile(r" \d{1,2}:\d{2}:\d{2}(?: [+-]\d{4}| [a-z]{2,5}| \([a-z ]{2,30}\)){0,2}$")
_SENTENCE_END: Final = re.compile(r"(?:[^\W\d]{4,}|[.!?)])[.!?…]+$|[!?…]$")
_DIRECTIONS: Final = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_WORD: Final = re.compile(r"[^\W\d_]+")
_DIGIT: Final = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class _Features:
    date: bool
    time: bool
    address: bool
    wrote: bool
    colon: bool
    sentence_end: bool
    text: str

    @property
    def only_wrote(self) -> bool:
        return self.wrote and self.colon and not (self.date or self.time or self.address) and len(self.text) <= 40


@dataclass(frozen=True, slots=True)
class Introduction:
    """Lines `start` up to `end` (excluded) that introduce a quote; `strong` enough to stand above unmarked text."""

    start: int
    end: int
    strong: bool


def find_introductions(lines: Sequence[Line]) -> dict[int, Introduction]:
    """Every introduction of the body by its first line, quoted ones (of older replies) too."""
    features: dict[int, _Features] = {}
    found: dict[int, Introduction] = {}
    end_of_last = 0
    for index, line in enumerate(lines):
        if not _may_end(line):
            continue
        introduction = _introduction_ending_at(lines, index, end_of_last, features)
        if introduction is not None:
            found[introduction.start] = introduction
            end_of_last = introduction.end
    return found


def _may_end(line: Line) -> bool:
    if not 1 <= len(line.content) <= _LONGEST:
        return False
    bare = line.content.rstrip(" *_-~")
    return bare.endswith((":", "\uff1a", ">")) or line.content.endswith("--") or line.content[0].isdigit()


def _features_at(lines: Sequence[Line], index: int, features: dict[int, _Features]) -> _Features:
    known = features.get(index)
    if known is None:
        known = features[index] = _read_features(lines[index].content[:_LONGEST])
    return known


def _read_features(content: str) -> _Features:
    plain = unicodedata.normalize("NFC", _DIRECTIONS.sub("", content))
    text = " ".join(plain.casefold().strip("*_-~ ").split())
    bare = text.rstrip(" *_-~")
    words = _WORD.findall(text)
    wrote = any(word in vocabulary.WROTE for word in words) or any(w in text for w in vocabulary.WROTE_WITHOUT_SPACES)
    dashed = content.endswith("--") and bool(words) and words[-1] in vocabulary.WROTE
    return _Features(
        date=_DATE.search(text) is not None,
        time=_TIME.search(text) is not None,
        address=_ENCLOSED_ADDRESS.search(text) is not None,
        wrote=wrote,
        colon=bare.endswith((":", "\uff1a")) or dashed,
        sentence_end=_SENTENCE_END.search(text) is not None,
        text=text,
    )


def _introduction_ending_at(
    lines: Sequence[Line], last: int, floor: int, features: dict[int, _Features]
) -> Introduction | None:
    """The introduction whose last line is `last`: the nearest start that reads like one, else the nearest that suffices."""
    parts = [_features_at(lines, last, features)]
    fallbacks: list[Introduction] = []
    start = last
    while True:
        strength = _NONE if _is_cut_open(parts) else _strength(parts)
        if strength:
            candidate = Introduction(start, last + 1, strength == _STRONG)
            begins = _starts_like_one(parts[0].text)
            if begins and candidate.strong:
                return _with_its_date(lines, candidate, floor)
            fallbacks.append(candidate) if not begins else fallbacks.insert(0, candidate)
        above = _line_above(lines, start, parts, features)
        if above is None or above < floor or last - above >= _MOST_LINES:
            return next((one for one in fallbacks if one.strong), fallbacks[0] if fallbacks else None)
        if lines[start].depth > lines[above].depth:
            parts[0] = replace(parts[0], text=f"> {parts[0].text}")
        start = above
        parts.insert(0, _features_at(lines, start, features))


def _with_its_date(lines: Sequence[Line], found: Introduction, floor: int) -> Introduction:
    """Sylpheed and Claws Mail write "On" and the date, to the second, on a line of its own above the name."""
    above = found.start - 1
    if above < floor or lines[above].depth != lines[found.start].depth or len(lines[above].content) > _LONGEST:
        return found
    text = lines[above].content.casefold()
    stamped = text.split(" ", 1)[0] in vocabulary.LEADS and _STAMP.search(text) is not None
    return replace(found, start=above) if stamped and _DATE.search(text) else found


def _line_above(
    lines: Sequence[Line], start: int, parts: Sequence[_Features], features: dict[int, _Features]
) -> int | None:
    """The line that may belong to the same introduction, or None: another paragraph, another depth, a full sentence."""
    above = start - 1
    if above >= 0 and lines[above].is_blank and _is_cut_open(parts):
        above -= 1  # some clients put an empty line between the name and the address
    if above < 0 or lines[above].is_blank or len(lines[above].content) > _LONGEST:
        return None
    deeper = lines[start].depth - lines[above].depth
    if deeper and not (deeper == 1 and len(parts) == 1 and (parts[0].only_wrote or parts[0].text == ":")):
        return None  # "> wrote:" may be the closing ">" of an address, wrapped to the next line
    before = _features_at(lines, above, features)
    return None if before.colon or before.sentence_end else above


def _is_cut_open(parts: Sequence[_Features]) -> bool:
    """Whether an address bracket closes that was not opened, or opens the first line: the beginning is still missing."""
    text = " ".join(part.text for part in parts)
    opened, closed = text.count("<"), text.count(">")
    return closed > opened or text.startswith("<") or (parts[0].only_wrote and " " not in parts[0].text)


def _starts_like_one(text: str) -> bool:
    first = text.split(" ", 1)[0]
    if first in vocabulary.LEADS or text[:1] in "\"'<" or first.endswith((",", "\u060c")):
        return True
    digit = _DIGIT.search(text)
    return (digit is not None and digit.start() <= 12) or 0 < text.find("<") <= 60 or text[:1] in "\u5728\u4e8e\u65bc"


def _strength(parts: Sequence[_Features]) -> int:
    """Whether these lines are an introduction, and how surely."""
    date, time = any(p.date for p in parts), any(p.time for p in parts)
    address, wrote = any(p.address for p in parts), any(p.wrote for p in parts)
    text = " ".join(part.text for part in parts)
    if not parts[-1].colon:
        return _strength_without_colon(text, date, address, len(parts))
    if wrote and (address or (date and time)):
        return _STRONG if _nobody_speaks(text) and (address or _date_leads(text)) else _WEAK
    if date and (address or wrote or (time and "@" in text)):
        return _STRONG if address and time and _ends_with_address(text) else _WEAK
    return _WEAK if wrote and len(parts) == 1 and text.count(" ") <= 7 and _nobody_speaks(text) else _NONE


def _strength_without_colon(text: str, date: bool, address: bool, count: int) -> int:
    """Old Gmail lines: a numeric date first, then a name, nothing else."""
    if count == 1 and _GMAIL_STAMP.match(text) and text.count(" ") <= 9:
        return _STRONG
    starts_with_date = date and text[:4].isdigit() and text[4:5] in {"/", "-"}
    return _STRONG if starts_with_date and address and text.endswith(">") and text.count(" ") <= 12 else _NONE


def _ends_with_address(text: str) -> bool:
    """Whether a name and its address are the last words, as in lines without a verb; no log writes so."""
    return text.rstrip(" :\uff1a")[-1:] in {">", ")", "]"} and text.count(": ") == 0


def _nobody_speaks(text: str) -> bool:
    """Whether this is no sentence of a person's own ("I wrote to you ...", "Am Montag schrieb ich ...")."""
    words = _WORD.findall(text)
    return (
        bool(words) and words[0] not in vocabulary.PRONOUNS - vocabulary.LEADS and vocabulary.SPEAKER.isdisjoint(words)
    )


def _date_leads(text: str) -> bool:
    """Whether the line begins with its date, the verb after it: "On 3 May 2024, 10:00, Anna wrote"."""
    digit = _DIGIT.search(text)
    return (
        digit is not None
        and digit.start() <= 30
        and not any(word in vocabulary.WROTE for word in _WORD.findall(text[: digit.start()]))
    )
