"""Signatures: what stands below "-- " (RFC 3676, 4.3) or its relatives, and what telephones write under a mail.

A closing ("Best regards, Anna") is the writer's own word and stays.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from mailproc.core.closings import like_a_card
from mailproc.mime.quoting import vocabulary
from mailproc.mime.quoting.lines import Line

_DELIMITER: Final = re.compile(r"(?:-- ?|__ ?|\u2014|\u2013\u2013?)$")
_DRAWN: Final = frozenset("-_\u2014\u2013=*~\u2500")  # what any of the two begins with
_DASHES: Final = re.compile(r"[-=*~_\u2014\u2500]{3,}$")
_CONTACT: Final = re.compile(
    r"(?:[^\W\d]{1,12}\.?: ?)?(?:<?[^\s@<>]{1,64}@[^\s@<>]{2,200}>?|(?:https?://|www\.)[^\s]{3,200}|\+?[\d][\d ()/.-]{6,24})$"
)
_LONGEST_SIGNATURE: Final = 20  # lines with something on them; longer, and a writer drew a line through a text
_LONGEST_CARD: Final = 8  # the same below a drawn line that is no signature delimiter
_LONGEST_MOBILE_LINE: Final = 160
_MOBILE_WORDS: Final = 9
_MOTTO_WORDS: Final = 8
_BRACKETED: Final = re.compile(r"<[^<>]{1,150}>|\[[^\[\]]{0,150}\]\([^()]{0,150}\)|\(?https?://[^\s]{1,200}")
_LINK_TEXT: Final = re.compile(r"\[([^\[\]]{1,80})\]\([^()]{0,150}\)")


def signature_start(lines: Sequence[Line]) -> int:
    """Where the signature of these consecutive unquoted lines begins; `len(lines)` if they carry none."""
    filled_after = _filled_after(lines)
    fenced = False
    for at, line in enumerate(lines):
        if line.content.startswith("```"):
            fenced = not fenced
        elif not fenced and _opens_signature(lines, at, filled_after[at]):
            return _without_mobile_lines(lines[:at])
    return _without_mobile_lines(lines)


def _filled_after(lines: Sequence[Line]) -> list[int]:
    counts, count = [0] * len(lines), 0
    for at in range(len(lines) - 1, -1, -1):
        counts[at] = count
        count += 0 if lines[at].is_blank else 1
    return counts


def _opens_signature(lines: Sequence[Line], at: int, filled_after: int) -> bool:
    line, above = lines[at], lines[at - 1] if at else None
    if line.content[:1] not in _DRAWN or not line.is_short:
        return False
    if line.raw == "-- ":
        return True
    if above is not None and above.content.endswith(":"):
        return False  # a heading, underlined
    if _DELIMITER.match(line.content):
        return filled_after <= _LONGEST_SIGNATURE
    if above is None or not _DASHES.match(line.content) or filled_after > _LONGEST_CARD:
        return False
    below = [each for each in lines[at + 1 :] if not each.is_blank]
    if line.content.startswith("_____") and (_is_motto(below) or all(like_a_card(each.content) for each in below)):
        return True
    return any(map(_is_contact, below))


def _is_motto(below: Sequence[Line]) -> bool:
    return len(below) == 1 and len(below[0].content.split()) <= _MOTTO_WORDS


def _is_contact(line: Line) -> bool:
    return 5 <= len(line.content) <= 250 and _CONTACT.match(line.content) is not None


def _without_mobile_lines(lines: Sequence[Line]) -> int:
    end = cut = len(lines)
    while end:
        line = lines[end - 1]
        if is_mobile_signature(line.content):
            cut = end - 1
        elif not (line.is_blank or line.is_rule):
            break
        end -= 1
    return cut


def is_mobile_signature(content: str) -> bool:
    """Whether a device or a program wrote this line ("Sent from my iPhone", "Von meinem iPad gesendet").

    "Sent from my desk, is much easier" is a person's sentence: a known device must be named, or one like a model
    number, and behind it only an excuse for typing errors may follow.
    """
    if not 4 <= len(content) <= _LONGEST_MOBILE_LINE:
        return False
    text = _LINK_TEXT.sub(r"\1", content.strip("<>()*_ "))
    text = " ".join(_BRACKETED.sub(" ", text).casefold().split()).strip("<>()[]*_ .。")
    if vocabulary.SENT_LINES.fullmatch(text):
        return _names_a_device(text)
    opening = vocabulary.SENT_FROM.match(text)
    if opening is None:
        return False
    named, more = _first_clause(text[opening.end() :])
    if more and not (vocabulary.EXCUSES.search(more) or _names_a_device(more)):
        return False
    words = named.split()
    return len(words) <= _MOBILE_WORDS and vocabulary.SENTENCE_WORDS.isdisjoint(words) and _names_a_device(named)


def _first_clause(text: str) -> tuple[str, str]:
    for at, character in enumerate(text):
        if character in ",;" or (character == "." and text[at + 1 : at + 2] == " "):
            return text[:at], text[at + 1 :].strip()
    return text, ""


def _names_a_device(text: str) -> bool:
    words = text.split()
    model = len(words) <= 3 and any("-" in word and any(c.isdigit() for c in word) for word in words)
    return model or vocabulary.DEVICES.search(text) is not None
