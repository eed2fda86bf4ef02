"""How commands write: tables that align, colours only on a terminal, hostile text made harmless."""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import IO

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
    """Columns a text takes: wide East Asian characters take two, combining ones none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


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


def table(head: Sequence[str], rows: Sequence[Sequence[object]], stretch: int) -> str:
    """Aligned columns; column `stretch` is cut to what the terminal's width leaves."""
    cells = [[harmless(str(cell)) for cell in row] for row in rows]
    widths = [max(width_of(line[i]) for line in [list(head), *cells]) for i in range(len(head))]
    room = shutil.get_terminal_size((100, 40)).columns - sum(widths) + widths[stretch] - 2 * (len(head) - 1)
    widths[stretch] = max(12, min(widths[stretch], room))
    lines = ["  ".join(_padded(cell, width) for cell, width in zip(head, widths, strict=True)).rstrip()]
    lines += [
        "  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    ]
    return "\n".join([paint(lines[0], BOLD), *lines[1:]])


def _padded(text: str, width: int) -> str:
    short = shortened(text, width)
    return short + " " * (width - width_of(short))


def moment(at: datetime | None) -> str:
    """A time of day in this machine's zone, with the day: `Sat 21 Nov 14:05:12`."""
    return at.astimezone().strftime("%a %d %b %H:%M:%S") if at else "-"


def fail(message: str) -> int:
    """Tell an error on standard error; the exit code to leave with."""
    print(paint(message, RED, sys.stderr), file=sys.stderr)
    return 1
