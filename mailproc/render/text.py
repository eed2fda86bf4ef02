"""How plain text is laid out: our prose wrapped, everything else as it came."""

from __future__ import annotations

import re
import textwrap

#: Columns of our own prose (RFC 3676, 4.2 asks for less than 78).
COLUMNS = 72

# What a terminal or a header would obey instead of show: controls, but for tab and line feed, and marks that turn the
# direction of everything after them (bidirectional overrides and isolates; plain left and right marks stay).
_OBEYED = dict.fromkeys(
    (*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_BLANK_LINES = re.compile(r"\n{3,}")
_TRAILING = re.compile(r"[^\S\n]+(?=\n|\Z)")
_LINK = re.compile(r"\b(?:https?://|www\.)\S*", re.IGNORECASE)


def wrapped(prose: str) -> str:
    """A paragraph of our own words, at 72 columns, with its line end. A word longer than a line stands alone, whole."""
    flat = " ".join(prose.split())
    return textwrap.fill(flat, COLUMNS, break_long_words=False, break_on_hyphens=False) + "\n" if flat else ""


def line(value: str, most: int = 200) -> str:
    """A name or a file name as one line: no line ends, nothing that a terminal obeys, cut at `most` characters."""
    flat = " ".join(_LINE_ENDS.sub(" ", value).translate(_OBEYED).split())
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"


def headline(subject: str, most: int = 80) -> str:
    """A customer's subject as we repeat it to anyone: one line, without links, cut at `most` characters.

    Without links, so that nobody can use our thanks to send their advertising.
    """
    return line(_LINK.sub("", subject), most)


def beginning(value: str, most: int) -> str:
    """The first `most` characters of a longer text, cut at the end of a line or a word."""
    if len(value) <= most:
        return value
    head = value[:most]
    cut = max(head.rfind("\n"), head.rfind(" "))
    return head[: cut if cut > most // 2 else most].rstrip() + " …"


def quoted(value: str) -> str:
    """Words of an earlier mail, marked as mail clients do."""
    return "\n".join(f"> {each}".rstrip() for each in tidied(value).split("\n"))


def tidied(body: str) -> str:
    """A finished text: line feeds, no trailing spaces, at most one blank line in a row, none at either end."""
    shown = _LINE_ENDS.sub("\n", body).translate(_OBEYED)
    return _BLANK_LINES.sub("\n\n", _TRAILING.sub("", shown)).strip("\n")
