"""How commands write: tables that align, colours only on a terminal, hostile text made harmless."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import IO

_MARKS = {"Mn", "Me"}  # Unicode categories: marks that take no room
_PIPE = 160  # columns where there is no terminal
_NARROW, _NARROWEST = 12, 5
_LARGEST = 2**63 - 1  # SQLite's integers
_LONG_AGO = timedelta(days=182)
RED, YELLOW, GREEN, GREY, BOLD = "31", "33", "32", "90", "1"


def paint(text: str, colour: str, stream: IO[str] | None = None) -> str:
    """`text` in a colour, where the stream is a terminal and NO_COLOR (no-color.org) is not set."""
    target = stream or sys.stdout
    if not target.isatty() or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{colour}m{text}\x1b[0m"


def harmless(text: str) -> str:
    """One line without control characters: what a mail says can't move the cursor."""
    return "".join(" " if unicodedata.category(char)[0] in "CZ" else char for char in text).strip()


def harmless_lines(text: str) -> str:
    """Several lines, each of them harmless; the indentation stays."""
    lines = text.split("\n")
    return "\n".join(" " * (len(line) - len(line.lstrip(" "))) + harmless(line) for line in lines)


def width_of(text: str) -> int:
    """Columns a text takes: wide East Asian characters take two, marks on other characters none."""
    return sum(
        0 if unicodedata.category(c) in _MARKS else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def shortened(text: str, width: int) -> str:
    """At most `width` columns, an ellipsis where something was cut."""
    if width_of(text) <= width:
        return text
    out, used = "", 0
    for char in text:
        used += width_of(char)
        if used > width - 1:
            break
        out += char
    return out + "…"


def columns() -> int:
    """The width to write for: the terminal's; into a pipe there is room."""
    return shutil.get_terminal_size((_PIPE, 40)).columns


def table(head: Sequence[str], rows: Sequence[Sequence[object]], stretch: int) -> str:
    """Aligned columns that fit the terminal: column `stretch` is cut first, then whichever is widest, never the first."""
    cells = [[harmless(str(cell)) for cell in row] for row in rows]
    widths = [max(width_of(line[i]) for line in [list(head), *cells]) for i in range(len(head))]
    excess = sum(widths) + 2 * (len(head) - 1) - columns()
    if excess > 0:
        narrow = max(min(widths[stretch], _NARROW), widths[stretch] - excess)
        excess -= widths[stretch] - narrow
        widths[stretch] = narrow
    while excess > 0 and max(widths[1:]) > _NARROWEST:
        widths[widths.index(max(widths[1:]), 1)] -= 1
        excess -= 1
    lines = [
        "  ".join(_padded(cell, width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [head, *cells]
    ]
    return "\n".join([paint(lines[0], BOLD), *lines[1:]])


def _padded(text: str, width: int) -> str:
    short = shortened(text, width)
    return short + " " * (width - width_of(short))


def beside(label: str, text: str, indent: int) -> str:
    """A label and, from column `indent` on, a text in lines as long as the terminal is wide."""
    room = max(columns() - indent, _NARROW)
    lines = textwrap.wrap(harmless(text), room, break_long_words=False, break_on_hyphens=False) or [""]
    first = label + " " * max(indent - width_of(label), 1) + lines[0]
    return "\n".join([first, *(" " * indent + line for line in lines[1:])]).rstrip()


def as_json(value: object) -> str:
    """JSON in ASCII: what a mail says can't reach a terminal, nor fail in another encoding."""
    return json.dumps(value, ensure_ascii=True, indent=1).replace("\x7f", "\\u007f")  # DEL is ASCII too


def moment(at: datetime | None) -> str:
    """A time in this machine's zone: `Sat 21 Nov 2026 14:05:12`."""
    return at.astimezone().strftime("%a %d %b %Y %H:%M:%S") if at else "-"


def short_moment(at: datetime, now: datetime) -> str:
    """The same for a line of a list, as `ls` has it: `21 Nov 14:05`, and `21 Nov  2025` from half a year on."""
    return at.astimezone().strftime("%d %b %H:%M" if abs(now - at) < _LONG_AGO else "%d %b  %Y")


def count(text: str) -> int:
    """A number on the command line, from one up to what a database can hold."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:20]) <= _LARGEST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 up")
    return int(text)


def ticket_number(text: str) -> int:
    """A ticket as people write it: 12 or #12."""
    return count(text.removeprefix("#"))


def fail(message: str) -> int:
    """Tell an error on standard error; the exit code to leave with."""
    print(paint(message, RED, sys.stderr), file=sys.stderr)
    return 1
