"""The one gate all text from mails goes through before anything stores or shows it.

What passes can be stored by SQLite and PostgreSQL alike (no NUL, no lone surrogate), can't move a terminal's
cursor (no C0 or C1 control but tab and newline) and can't show something else than it says (no bidirectional
override or isolate, Unicode TR36, 2.6).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

# Most text is within Latin-1 (ISO 8859-1), and a table of 256 bytes says all about it: no mark combines there, and
# whatever stands there is in form NFC.
_CONTROLS = bytes([*range(0x09), *range(0x0E, 0x20), *range(0x7F, 0xA0)])
_CONTROLS_IN_TEXT = bytes(set(_CONTROLS) - {0x85})
_LINES_END = bytes.maketrans(b"\r\x0b\x0c\x85", b"\n\n\n\n")
_COMMON = bytes([0x0A, *range(0x20, 0x7F)])
_SPACED = bytes.maketrans(_CONTROLS, b" " * len(_CONTROLS))

# Patterns that begin with one class of characters: these are looked for fastest.
_LINE_ENDS = re.compile("[\r\x0b\x0c\x85\u2028\u2029]")
# C0 and C1 controls; zero-width space, word joiner and byte order mark; embeddings, overrides and isolates;
# non-characters. The joiners U+200C and U+200D stay: Persian, Indic scripts and emoji are written with them.
_RUBBISH = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060\u2066-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_JOINERS = re.compile("[\u200c\u200d][\u200c\u200d]+")
_SURROGATES = re.compile("[\ud800-\udfff]")
_RARE_SCRIPTS = re.compile("[\U00010000-\U0001efff]")  # emoji begin above


@cache
def _mark_flood(last: int) -> re.Pattern[str]:
    """More than thirty combining marks in a row, up to this code. Made when the first is needed: it takes a moment.

    Normalising sorts each run of combining marks by insertion, quadratic in its length. Thirty marks are what
    the Unicode stream-safe text format allows (UAX 15, 13); no language comes near.
    """
    marks = _combining_class(last)
    return re.compile(f"([{marks}][{marks}]{{29}})[{marks}]+")


def _combining_class(last: int) -> str:
    """A character class of the combining marks in use in scripts."""
    marks = [code for code in range(0x300, last + 1) if unicodedata.combining(chr(code))]
    ranges: list[list[int]] = []
    for code in marks:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


def clean_text(text: str) -> str:
    """Text of many lines, safe to store and to show: ends of lines are line feeds, form NFC, no controls."""
    text = text.replace("\r\n", "\n")
    latin = _latin(text)
    if latin is not None:
        return latin.translate(_LINES_END, _CONTROLS_IN_TEXT).decode("latin-1")
    return _normal(_LINE_ENDS.sub("\n", text), "")


def is_printable(text: str) -> bool:
    """Whether nothing but printable characters and line feeds stands in a text: the common ones go in one pass."""
    others = text.encode("utf-8", "surrogatepass").translate(None, _COMMON)
    return others.decode("utf-8", "surrogatepass").isprintable()


def clean_line(text: str, limit: int | None = None) -> str:
    """One line: as `clean_text`, but what is taken out or breaks the line becomes a space, and spaces are single.

    `limit` is in characters; what is longer is cut.
    """
    latin = _latin(text)
    if latin is not None:
        text = latin.translate(_SPACED).decode("latin-1")
    else:
        text = _normal(text.replace("\u200b", "").replace("\ufeff", ""), " ")
    line = " ".join(text.split())
    return line if limit is None else line[:limit].rstrip()


def _latin(text: str) -> bytes | None:
    """The text in Latin-1, if it is all in that."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return None


def _normal(text: str, instead: str) -> str:
    """In form NFC, with something instead of what has no place in a text."""
    text = _RUBBISH.sub(instead, _JOINERS.sub(instead, _SURROGATES.sub("\ufffd", text)))
    # A class of characters from the first plane only is looked up; in one beyond, each character is sought.
    flood = _mark_flood(0x1E94F if _RARE_SCRIPTS.search(text) else 0xFFFF)
    return unicodedata.normalize("NFC", flood.sub(r"\1", text))
