"""How plain text is laid out: our prose wrapped, everything else as it came."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mailproc.mime.text import is_printable

#: Columns of our own prose (RFC 3676, 4.2 asks for less than 78).
COLUMNS = 72

#: A space at which no line is broken, until the text is finished. A noncharacter (Unicode, 23.7): no words contain it.
TIE = "\ufdd0"

# What a terminal or a header would obey instead of show: controls, but for tab and line feed, and marks that turn the
# direction of everything after them (bidirectional overrides and isolates; plain left and right marks stay).
# An expression, not str.translate: on a page with an umlaut that is eight times slower.
_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# What nobody sees in a name or a subject: zero-width spaces and the byte order mark; joiners stay, scripts need them.
_UNSEEN = re.compile(r"[\u200b\u2060\ufeff]")
_LINE_ENDS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# The scheme is bounded, so that a long word costs no more than its length.
_LINK = re.compile(r"(?:[a-z][a-z0-9+.-]{0,15}://|(?<![a-z0-9])www\.)\S*", re.IGNORECASE)


def wrapped(prose: str, first: str = "", rest: str = "") -> str:
    """A paragraph of our own words, at 72 columns, with its line end. A word longer than a line stands alone, whole.

    The first line begins with `first`, all others with `rest`.
    """
    flat = " ".join(prose.split())
    lines, indent, start = [], first, 0
    while len(flat) - start > (room := max(COLUMNS - len(indent), 0)):
        end = flat.rfind(" ", start, start + room + 1)
        if end < 0:  # that word is longer
            end = flat.find(" ", start)
        if end < 0:
            break
        lines.append(indent + flat[start:end])
        indent, start = rest, end + 1
    return "\n".join([*lines, indent + flat[start:], ""]) if flat else ""


def line(value: str, most: int = 200) -> str:
    """A name or a file name as one line: no line ends, nothing unseen or obeyed, cut at `most` characters."""
    if not value.isprintable():  # most are, and that is quickly seen
        value = _UNSEEN.sub("", _OBEYED.sub("", _LINE_ENDS.sub(" ", value)))
    flat = " ".join(value.split())
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"


def joined(values: Iterable[str], most: int = 200) -> str:
    """Names, each as one line, with commas between them."""
    return ", ".join([line(value, most) for value in values])


def headline(subject: str, most: int = 80) -> str:
    """A customer's subject as we repeat it to anyone: one line, without links, cut at `most` characters.

    Without links, so that nobody can use our thanks to send their advertising.
    """
    return line(_LINK.sub("", subject) if "." in subject or "://" in subject else subject, most)


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
    shown = body
    if not is_printable(body):  # of all spaces only the plain one is
        shown = _OBEYED.sub("", _LINE_ENDS.sub("\n", body))
    if shown is not body or " \n" in f"{body}\n":
        # Line by line: an expression for trailing spaces looks at each space of a long run again and again.
        shown = "\n".join(map(str.rstrip, shown.split("\n")))
    while "\n\n\n" in shown:  # each time a third less of them; an expression takes twenty times as long
        shown = shown.replace("\n\n\n", "\n\n")
    return shown.strip("\n")
