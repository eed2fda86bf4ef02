"""The one gate all text from mails goes through before anything stores or shows it.

What passes can be stored by SQLite and PostgreSQL alike (no NUL, no lone surrogate), can't move a terminal's
cursor (no C0 or C1 control but tab and newline) and can't show something else than it says (no bidirectional
override or isolate, Unicode TR36, 2.6).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_ASCII_RUBBISH = re.compile("[\x00-\x08\x0e-\x1f\x7f]+")
# C0 and C1 controls; zero-width space, word joiner and byte order mark; embeddings, overrides and isolates;
# non-characters. The joiners U+200C and U+200D stay: Persian, Indic scripts and emoji are written with them.
_RUBBISH = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060\u2066-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]+"
    "|[\u200c\u200d]{2,}"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_BLANKS = re.compile(r"\s+")


@cache
def _mark_flood() -> re.Pattern[str]:
    """More than thirty combining marks in a row. Made when the first text beyond ASCII comes: it takes a moment.

    Normalising sorts each run of combining marks by insertion, quadratic in its length. Thirty marks are what
    the Unicode stream-safe text format allows (UAX 15, 13); no language comes near.
    """
    marks = _combining_class()
    return re.compile(f"([{marks}]{{30}})[{marks}]+")


def _combining_class() -> str:
    """A character class of all combining marks in use in scripts."""
    marks = [code for code in range(0x300, 0x1E950) if unicodedata.combining(chr(code))]
    ranges: list[list[int]] = []
    for code in marks:
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


def clean_text(text: str) -> str:
    """Text of many lines, safe to store and to show: ends of lines are line feeds, form NFC, no controls."""
    if "\r" in text or "\x0b" in text or "\x0c" in text or not text.isascii():
        text = _LINE_ENDS.sub("\n", text)
    if text.isascii():
        return _ASCII_RUBBISH.sub("", text)
    text = _SURROGATES.sub("\ufffd", text)
    text = _RUBBISH.sub("", text)
    return unicodedata.normalize("NFC", _mark_flood().sub(r"\1", text))


def clean_line(text: str, limit: int | None = None) -> str:
    """One line: as `clean_text`, but what is taken out or breaks the line becomes a space, and spaces are single.

    `limit` is in characters; what is longer is cut.
    """
    if text.isascii():
        line = _BLANKS.sub(" ", _ASCII_RUBBISH.sub(" ", text)).strip()
    else:
        text = _RUBBISH.sub(" ", _SURROGATES.sub("\ufffd", text.replace("\u200b", "").replace("\ufeff", "")))
        text = unicodedata.normalize("NFC", _mark_flood().sub(r"\1", text))
        line = _BLANKS.sub(" ", text).strip()
    return line if limit is None else line[:limit].rstrip()
