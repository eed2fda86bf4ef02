"""Finding a mail that was forwarded within the words of another.

A line that says so ("Forwarded message") is enough. Many clients write only the header lines they also write above what
they answer; the difference is in the subject then. Without a mark there, header lines that nobody marked as quoted are
taken for a forward, an introduction ("Anna wrote:") is not: what answers is marked as an answer, in every client we know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mailproc.core import subjects
from mailproc.core.forward import Forwarded
from mailproc.core.reply import MOST_READ
from mailproc.mime.forwards.header import Author, Header, read_author, read_glued, read_header, read_introduced
from mailproc.mime.quoting.headers import (
    find_header_blocks,
    glued_headers,
    is_forward_end,
    is_forward_line,
    is_original_line,
)
from mailproc.mime.quoting.introductions import Introduction, find_introductions
from mailproc.mime.quoting.lines import Line, read_lines
from mailproc.mime.quoting.vocabulary import Label

_MOST_BLANK: Final = 4  # empty lines between "Forwarded message" and its header
_SCANDINAVIAN: Final = ("fra", "från")


class Mark(StrEnum):
    """What the subject says of a mail."""

    FORWARDED = "forwarded"
    ANSWERED = "answered"
    EITHER = "either"  # VS: a forward in Norway and Denmark, an answer in Finland
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class _Found:
    """Where a forwarded mail begins, lines `start` up to `end` (excluded) being what a client wrote above it."""

    start: int
    end: int
    author: Author
    date: str
    values: Mapping[Label, str]


def read_forward(text: str, subject: str | None = None) -> Forwarded | None:
    """The mail that is forwarded in a text, or None. `subject`: of the mail that holds it; None where it is not known.

    The boundary must stand in the first `MOST_READ` characters. Never raises; time in proportion to the length.
    """
    lines = read_lines(text[:MOST_READ])
    found = _Search(lines, mark_of(subject)).find()
    if found is None:
        return None
    below = "\n".join(line.raw for line in lines[found.end :]) + text[MOST_READ:]
    depth = max(lines[found.end - 1].depth, lines[found.start].depth)
    body, after = _without_end(_unquoted(below, depth))
    message = "\n\n".join(filter(None, (_words_above(lines[: found.start]), after)))
    return Forwarded(
        address=found.author.address,
        name=found.author.name,
        subject=found.values.get(Label.SUBJECT, "")
        or (_own_subject(subject) if found.values.keys() <= {Label.FROM} else ""),
        date=found.date,
        to=found.values.get(Label.TO, ""),
        body=body,
        message=message,
    )


def mark_of(subject: str | None) -> Mark:
    """What a subject says, by its outermost mark."""
    if not subject:
        return Mark.UNTOLD
    if subjects.is_ambiguous(subject):
        return Mark.EITHER
    if subjects.is_forward(subject):
        return Mark.FORWARDED
    return Mark.ANSWERED if subjects.is_answer(subject) else Mark.UNTOLD


def _own_subject(subject: str | None) -> str:
    """What an introduction does not tell, the forwarding mail's own subject does."""
    return subjects.clean_subject(subject or "", 500)


class _Search:
    """One walk over the lines to the first thing that begins a mail."""

    def __init__(self, lines: Sequence[Line], mark: Mark) -> None:
        self._lines = lines
        self._mark = mark
        self._blocks = find_header_blocks(lines)
        self._introductions = find_introductions(lines)
        self._above = False  # the forwarder's own words stand above
        unquoted = (at for at in reversed(range(len(lines))) if lines[at].content and not lines[at].depth)
        self._last_unquoted = next(unquoted, -1)
        self._nobodys: _Found | None = None
        self._answered = False  # quoted lines under an introduction stand above

    def find(self) -> _Found | None:
        depth_before = 0
        skip = 0
        for index, line in enumerate(self._lines):
            opens, depth_before = line.depth > depth_before, line.depth
            if line.is_blank or index < skip:
                continue
            if is_forward_line(line):
                found = self._forward_at(index) if self._may_forward(index, opens=opens) else None
            elif index in self._blocks or is_original_line(line):
                found = self._mail_at(index) if self._may_be_headed(index, opens=opens) else None
                if found is None and self._mark is Mark.ANSWERED and not line.depth:
                    return self._nobodys
            elif index in self._introductions and not line.depth:
                introduction = self._introductions[index]
                found = self._introduced(introduction)
                if found is None and self._answers(introduction):
                    if not self._stands_above_quote(introduction.end):
                        return self._nobodys
                    self._answered, skip = True, introduction.end
            else:
                found = None
            if found is not None:
                return found
            self._above = self._above or not (line.depth or line.is_rule or index in self._blocks)
        return self._nobodys

    # --- may it be one? -----------------------------------------------------------------------------

    def _may_forward(self, index: int, *, opens: bool) -> bool:
        """A line that says so is believed, unless an answer quotes it."""
        if not self._lines[index].depth:
            return True
        return opens and self._mark is not Mark.ANSWERED and not self._introduced_above(index)

    def _may_be_headed(self, index: int, *, opens: bool) -> bool:
        """Header lines are believed where nothing says that they stand above the mail answered."""
        if self._mark is Mark.ANSWERED or self._answered:
            return False
        if self._lines[index].depth:
            alone = not self._above and index > self._last_unquoted
            return opens and not self._introduced_above(index) and (self._mark is Mark.FORWARDED or alone)
        return self._mark is not Mark.EITHER or not self._above or self._is_scandinavian(index)

    def _is_scandinavian(self, index: int) -> bool:
        return any(
            line.content.strip("*_ ").casefold().startswith(_SCANDINAVIAN) for line in self._lines[index : index + 4]
        )

    def _introduced_above(self, index: int) -> bool:
        return any(
            one.end <= index and all(line.is_blank for line in self._lines[one.end : index])
            for one in (self._introductions.get(at) for at in range(max(0, index - 8), index))
            if one is not None
        )

    def _answers(self, introduction: Introduction) -> bool:
        """Whether this introduces what is answered: not if a forward follows at once, as somebody's own words to it."""
        if self._mark is not Mark.ANSWERED:
            for line in self._lines[introduction.end : introduction.end + _MOST_BLANK]:
                if not line.is_blank:
                    if not line.depth and is_forward_line(line):
                        return False
                    break
        return introduction.strong or self._stands_above_quote(introduction.end)

    def _stands_above_quote(self, index: int) -> bool:
        following = (line for line in self._lines[index : index + _MOST_BLANK] if not line.is_blank or line.depth)
        return any(line.depth for line in following)

    # --- what it says ---------------------------------------------------------------------------------

    def _forward_at(self, index: int) -> _Found | None:
        line = self._lines[index]
        glued = glued_headers(line)
        if glued:
            values = read_glued(glued)
            return _found(index, Header(values, index + 1)) if Label.FROM in values else None
        start = self._next_filled(index + 1)
        if start in self._introductions and start not in self._blocks:
            return self._by_introduction(index, self._introductions[start])
        header = read_header(self._lines, start, told=True) if start < len(self._lines) else None
        if header is None:  # passed on without its header: the rest is the mail, nobody knows whose
            self._nobodys = self._nobodys or (None if line.depth else _Found(index, index + 1, Author("", ""), "", {}))
            return None
        again = self._next_filled(header.end)
        if again < len(self._lines) and self._lines[again].content == line.content:
            header = Header(header.values, again + 1)  # Zoho draws its line below the header too
        return _found(index, header)

    def _mail_at(self, index: int) -> _Found | None:
        told = is_original_line(self._lines[index])
        start = self._next_filled(index + 1) if told else index
        header = read_header(self._lines, start, told=told) if start < len(self._lines) else None
        return _found(index, header) if header is not None else None

    def _introduced(self, introduction: Introduction) -> _Found | None:
        if self._mark is not Mark.FORWARDED or not self._answers(introduction):
            return None
        return self._by_introduction(introduction.start, introduction)

    def _by_introduction(self, start: int, introduction: Introduction) -> _Found | None:
        text = " ".join(line.content for line in self._lines[introduction.start : introduction.end])
        author, date = read_introduced(text)
        return _Found(start, introduction.end, author, date, {Label.FROM: text}) if author.address else None

    def _next_filled(self, index: int) -> int:
        for at in range(index, min(index + _MOST_BLANK, len(self._lines))):
            if not self._lines[at].is_blank:
                return at
        return index


def _found(start: int, header: Header) -> _Found:
    values = header.values
    return _Found(start, header.end, read_author(values[Label.FROM]), values.get(Label.DATE, ""), values)


# --- the words above and below ------------------------------------------------------------------------


def _words_above(lines: Sequence[Line]) -> str:
    end = len(lines)
    while end and (lines[end - 1].is_blank or lines[end - 1].is_rule):
        end -= 1
    return "\n".join(line.raw for line in lines[:end]).strip()


def _unquoted(text: str, depth: int) -> list[str]:
    """The lines without the forwarder's marks: those before the header, or those before every line; or an indent."""
    lines = [_less_quoted(line, depth) for line in text.split("\n")] if depth else text.split("\n")
    filled = [line for line in lines if line.strip()]
    if not depth and filled and all(line.startswith(">") for line in filled):
        return [_less_quoted(line, 1) for line in lines]
    if filled and all(line.startswith("    ") for line in filled):
        return [line[4:] for line in lines]
    return lines


def _less_quoted(line: str, depth: int) -> str:
    for _ in range(depth):
        bare = line.lstrip(" \t\u00a0")
        if not bare.startswith(">"):
            return line
        line = bare[1:]
    return line.removeprefix(" ")


def _without_end(lines: Sequence[str]) -> tuple[str, str]:
    """The forwarded mail's lines, and what stands below the line that ends it."""
    for index, line in enumerate(lines):
        if line[:1] in {"-", "_", "=", "*"} and is_forward_end(Line(line, 0, line.strip())):
            return "\n".join(lines[:index]).strip("\n"), "\n".join(lines[index + 1 :]).strip()
    return "\n".join(lines).strip("\n"), ""
