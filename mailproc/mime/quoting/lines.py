"""A body as lines, each read once: how deep it is quoted, and what stands behind the quote marks.

Every later step works on these values. Looking at a line costs time in proportion to its length, and no pattern
is ever run over more than `LONGEST_LINE` characters of it: a hostile body costs what an honest one of its size does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

#: Characters of a line that patterns may look at. Longer lines are a person's paragraph, never a client's marker.
LONGEST_LINE: Final = 1000

#: Lines that are looked at one by one. No person writes more, and no client quotes more in one mail.
MOST_LINES: Final = 20_000

_BLANKS: Final = " \t\u00a0\ufeff\u200b\u200e\u200f\u2060\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_BEFORE: Final = frozenset(f">{_BLANKS}")
_PREFIX: Final = re.compile(f"[>{_BLANKS}]*")
_INITIALS: Final = re.compile(r"[ \t]{0,3}([A-Z]{1,3})>(?:[ \t]|$)")
_RULE: Final = re.compile(
    r"[ \t]*(?:[-\u2013\u2014][ \t]*$|([-_=*#~+\u2013\u2014\u2500\u2501])(?:[ \t]?\1){1,}[ \t]*$)"
)
_TRACKER: Final = "\u1427"  # a single mark an add-on leaves at the end of a mail


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a body: `raw` as it came, `depth` quote marks before it, `content` what stands behind them."""

    raw: str
    depth: int
    content: str

    @property
    def is_blank(self) -> bool:
        return not self.content

    @property
    def is_short(self) -> bool:
        return len(self.content) <= LONGEST_LINE

    @property
    def is_rule(self) -> bool:
        """Nothing but a drawn line ("----", "____", "***") or a lone dash."""
        return self.is_short and (_RULE.match(self.content) is not None or self.content == _TRACKER)


_EMPTY: Final = Line("", 0, "")


def read_lines(body: str) -> list[Line]:
    """The body's lines. CRLF and lone CR end a line as LF does (RFC 5322, 2.1; old clients write either).

    Of more than `MOST_LINES`, the rest is one last line: kept or dropped whole.
    """
    raws = body.replace("\r\n", "\n").replace("\r", "\n").split("\n", MOST_LINES)
    lines = [_read_line(raw) for raw in raws]
    if ">" in body:
        _mark_initials(lines)
        _unmark_prompts(lines)
    return lines


def _read_line(raw: str) -> Line:
    if not raw:
        return _EMPTY
    if raw[0] not in _BEFORE:
        return Line(raw, 0, raw.rstrip(_BLANKS))
    if raw.startswith(">From "):
        # An mbox writer put this mark there, not a person quoting: the line is the writer's own.
        return Line(raw, 0, raw[1:].strip(_BLANKS))
    prefix = _PREFIX.match(raw)
    end = prefix.end() if prefix else 0
    return Line(raw, raw.count(">", 0, end), raw[end:].strip(_BLANKS))


def _mark_initials(lines: list[Line]) -> None:
    """Take "AB> text" for a quote where two such lines with the same initials follow each other (Usenet's supercite)."""
    previous = ""
    for index, line in enumerate(lines):
        match = _INITIALS.match(line.raw[:LONGEST_LINE]) if line.depth == 0 else None
        initials = match.group(1) if match else ""
        if match and initials == previous:
            for at in (index - 1, index):
                if lines[at].depth == 0:
                    content = lines[at].raw.partition(">")[2].strip(_BLANKS)
                    lines[at] = Line(lines[at].raw, 1, content)
        previous = initials


def _unmark_prompts(lines: list[Line]) -> None:
    """Leave ">>> print(1)" alone where no shallower quote stands beside it: it is a Python prompt, not a third reply."""
    index = 0
    while index < len(lines):
        if lines[index].depth == 0:
            index += 1
            continue
        end = index
        while end < len(lines) and lines[end].depth > 0:
            end += 1
        if all(line.raw.startswith(">>> ") or line.raw == ">>>" for line in lines[index:end]):
            lines[index:end] = [Line(line.raw, 0, line.raw.strip(_BLANKS)) for line in lines[index:end]]
        index = end
