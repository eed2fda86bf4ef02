"""Text cut into sentences and clauses, with the words of each in the spelling of the tables.

Linear in the length of the text: each line is split at white space once, each piece looked at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

from mailproc.core.words.lexicon import spelled

_WRAPPED = 50  # characters: a line this long without an end goes on in the next (RFC 3676 wraps at 66 to 78)
_MOST_CLAUSES = 100  # of a sentence; no person's has so many
_QUESTION_MARKS = re.compile(r"[?？¿؟⁇⁈⁉]")
_ENDS = re.compile(r"[.!?…。！？؟⁇⁈⁉‽]+[)\"'”“»’\]*_]*$")
#: A full stop that ends no sentence: "z.B.", "e.g.", "Nr.", "3.", an initial.
_ABBREVIATED = re.compile(
    r"^\W*(?:(?:\w\.)+|\d+\.|(?:nr|no|bzw|ca|evtl|inkl|etc|usw|dr|prof|mr|mrs|ms|st|str|tel|approx|vs|dh|zb)\.)$",
    re.IGNORECASE,
)
_RUN_ON = re.compile(r"(?<=[^\W\d_]{2}[.!])(?=[^\W\d_a-z])|(?<=[?])(?=[^\W\d_])")  # "works now.Thanks"
_ELLIPSIS = re.compile(r"\.{2,}|…")
_QUOTED = re.compile('["“”„«»‟]')
_PIECE = re.compile(
    r"[^\W_]+(?:['’`´‘][^\W_]+)*(?:-[^\W_]+(?:['’][^\W_]+)*)*"
    r"|[,;:–—()/|\n-]|[&+]|[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u27bf\u2b00-\u2bff]"
)
_BREAKS = frozenset(",;:–—()/|-")
#: Faces and gestures typed with the keyboard, as the emoji they mean.
_SMILEYS = (
    (re.compile(r"(?<![\w:;=])[:;=]['´]?-?[)D\]P]+(?!\w)"), " 🙂 "),
    (re.compile(r"(?<![\w:;=])[:=]['´]?-?[(\[|/\\]+(?!\w)"), " 🙁 "),
    (re.compile(r"(?<!\S)\(y\)(?!\S)", re.IGNORECASE), " 👍 "),
    (re.compile(r"(?<!\S)\(n\)(?!\S)", re.IGNORECASE), " 👎 "),
    (re.compile(r"(?<![\w+])\+1(?!\w)"), " 👍 "),
    (re.compile(r"(?<!\S)-1(?!\w)"), " 👎 "),
    (re.compile(r"<3"), " ❤ "),
)
_TYPED = re.compile(r"[:;=(<+\-]")  # where none of these stands there is no smiley
_INVISIBLE = re.compile("[\ufe0e\ufe0f\u200b-\u200f\u2060\ufeff\u00ad\U0001f3fb-\U0001f3ff]")
_LINK = re.compile(r"://|@|^www\.", re.IGNORECASE)
#: What stands in a clause for a link, an address or anything else that is no word.
LINK = "<link>"


@dataclass(frozen=True, slots=True)
class Clause:
    """Words between commas. `written` are they as typed, `words` in the tables' spelling, one for one."""

    written: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as written, white space apart, and its clauses."""

    text: str
    clauses: tuple[Clause, ...]
    asks: bool  # holds a question mark
    trails_off: bool  # ...
    quotes: bool  # holds quotation marks
    first_of_line: bool


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of a text in their order. Lines that a mail client wrapped are joined; other line ends end a sentence."""
    for paragraph in _paragraphs(text):
        for number, pieces in enumerate(_split(paragraph)):
            yield _sentence(pieces, first_of_line=number == 0)


def _paragraphs(text: str) -> Iterator[str]:
    lines = [line.strip() for line in text.splitlines()]
    start = 0
    for number, (line, following) in enumerate(pairwise([*lines, ""]), start=1):
        if len(line) < _WRAPPED or _ENDS.search(line[-8:]) or not following:
            joined = " ".join(lines[start:number])
            start = number
            if joined:
                yield joined


def _split(paragraph: str) -> Iterator[list[str]]:
    """Words and marks between white space, up to the end of each sentence."""
    sentence: list[str] = []
    for chunk in paragraph.split():
        pieces = [chunk] if _LINK.search(chunk) else [piece for piece in _RUN_ON.split(chunk) if piece]
        for piece in pieces:
            sentence.append(piece)
            if _ENDS.search(piece[-8:]) and not (len(piece) <= 8 and _ABBREVIATED.match(piece)):
                yield sentence
                sentence = []
    if sentence:
        yield sentence


def _sentence(pieces: list[str], *, first_of_line: bool) -> Sentence:
    words = [LINK if _LINK.search(piece) else piece for piece in pieces]
    plain = _INVISIBLE.sub("", " ".join(words))
    if _TYPED.search(plain):
        for smiley, emoji in _SMILEYS:
            plain = smiley.sub(emoji, plain)
    return Sentence(
        text=" ".join(pieces),
        clauses=tuple(islice(_clauses(plain), _MOST_CLAUSES)),
        asks=_QUESTION_MARKS.search(plain) is not None,
        trails_off=_ELLIPSIS.search(plain) is not None,
        quotes=_QUOTED.search(plain) is not None,
        first_of_line=first_of_line,
    )


def _clauses(plain: str) -> Iterator[Clause]:
    row: list[str] = []
    for part in plain.split(" "):
        if part == LINK:
            row.append(LINK)
            continue
        for piece in _PIECE.findall(part):
            if piece in _BREAKS:
                if row:
                    yield _clause(row)
                row = []
            else:
                row.append(piece)
    if row:
        yield _clause(row)


def _clause(row: list[str]) -> Clause:
    return Clause(tuple(row), tuple(word if word == LINK else spelled(word) for word in row))
