"""What else stands above a quote: blocks of header lines, "-----Original Message-----", forwards, and our own marker."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mailproc.mime.quoting import vocabulary
from mailproc.mime.quoting.lines import Line
from mailproc.mime.quoting.vocabulary import Label

#: The line our letters carry above everything else. Quote marks, emphasis and spaces around and within are tolerated.
_REPLY_MARKER: Final = re.compile(r"[\s>|*_]{0,80}##[ \t]?-[^\n]{0,400}-[ \t]?##[\s*_]{0,80}", re.ASCII)
_MARKER_BEGINS: Final = re.compile(r"[*_ \t]{0,8}##[ \t]?-")
_MARKER_ENDS: Final = re.compile(r".{0,400}-[ \t]?##[*_ \t]{0,8}$")

_MOST_HEADER_LINES: Final = 40
_MOST_CONTINUATIONS: Final = 6  # a list of recipients wraps; a paragraph of text is no header
_LONGEST_LABEL: Final = 24
_LONGEST_GLUED: Final = 4_000  # characters of such a line; it names every recipient
_RULES: Final = frozenset("-_=*\u2013\u2014 ")
_RULED: Final = re.compile(
    r"[*_ ]{0,4}[-_=\u2013\u2014]{2,80} ?([^-_=\u2013\u2014][^\n]{1,80}?) ?[-_=\u2013\u2014]{2,80}[*_ :]{0,4}$"
)
_TIME: Final = re.compile(r"\d{1,2}[:.]\d{2}")
# Yahoo's text form of a forward: the rule, and after it on the same line the headers, glued to each other.
_GLUED: Final = re.compile(r"[*_ ]{0,4}[-_=]{3,40} ?([^-_=\n]{4,80}?) ?[-_=]{3,40}[ *]{0,4}(?=[^\W\d_][^:\n]{0,24}:)")


@dataclass(frozen=True, slots=True)
class HeaderBlock:
    """Header lines of a quoted mail, `start` up to `end` (excluded)."""

    start: int
    end: int


def is_reply_marker(line: str) -> bool:
    """Whether this line is the marker we put into every letter: it begins with `##-` and ends with `-##`."""
    return len(line) <= 600 and _REPLY_MARKER.fullmatch(line) is not None


def reply_marker_at(lines: Sequence[Line], index: int) -> int:
    """How many lines from `index` on are our marker: 1, 2 or 3 where a client wrapped it, 0 if it is none."""
    content = lines[index].content
    if not content.startswith(("#", "*", "_")) or not _MARKER_BEGINS.match(content[:20]):
        return 0
    for count, line in enumerate(lines[index : index + 3], start=1):
        if line.is_blank or len(line.content) > 600:
            return 0
        if _MARKER_ENDS.match(line.content) and (count > 1 or is_reply_marker(content)):
            return count
    return 0


def is_original_line(line: Line) -> bool:
    """Whether a client says here that the mail answered begins: "-----Original Message-----", in any language we know."""
    phrase = _ruled_phrase(line)
    return bool(phrase) and phrase in vocabulary.ORIGINAL


def is_forward_line(line: Line) -> bool:
    """Whether a client says here that a forwarded mail begins."""
    phrase = _ruled_phrase(line) or _glued_phrase(line)
    if not phrase and len(line.content) <= 80 and line.content.rstrip("*_ ").endswith((":", "\uff1a")):
        phrase = _fold(line.content).strip("*_ :\uff1a").replace(",", "")
        return phrase in vocabulary.FORWARDED
    return _begins_with(phrase, vocabulary.FORWARDED)


def is_forward_end(line: Line) -> bool:
    """Whether a client says here that the forwarded mail ends."""
    return _begins_with(_ruled_phrase(line), vocabulary.FORWARD_ENDS)


def glued_headers(line: Line) -> str:
    """The header lines that stand on the line of `is_forward_line` itself, or nothing."""
    match = _GLUED.match(line.content[:_LONGEST_GLUED])
    return line.content[match.end() : _LONGEST_GLUED] if match else ""


def _begins_with(phrase: str, known: Sequence[str]) -> bool:
    return bool(phrase) and any(phrase == each or phrase.startswith(each + " ") for each in known)


def _glued_phrase(line: Line) -> str:
    match = _GLUED.match(line.content[:_LONGEST_GLUED]) if line.content[:1] in _RULES else None
    return _fold(match.group(1)).strip("*_ :") if match else ""


def _ruled_phrase(line: Line) -> str:
    if line.content[:1] not in _RULES or not 5 <= len(line.content) <= 200:
        return ""
    match = _RULED.match(line.content)
    return _fold(match.group(1)).strip("*_ :") if match else ""


def _fold(text: str) -> str:
    # The dot of a Turkish capital stays behind when it is folded.
    return " ".join(unicodedata.normalize("NFC", text).casefold().replace("i\u0307", "i").split())


def find_header_blocks(lines: Sequence[Line]) -> dict[int, HeaderBlock]:
    """Every block of quoted header lines by its first line."""
    labels = [label_of(line) for line in lines]
    blocks: dict[int, HeaderBlock] = {}
    index = 0
    while index < len(lines):
        end = _block_end(lines, labels, index) if labels[index] is not None else 0
        if end:
            blocks[index] = HeaderBlock(index, end)
        index = max(end, index + 1)
    return blocks


def with_divider(lines: Sequence[Line], start: int) -> int:
    """Where a block begins, together with the line that Outlook on the web draws right above it."""
    above = start - 1
    return above if start and lines[above].is_rule and lines[above].depth == lines[start].depth else start


def label_of(line: Line) -> Label | None:
    """What a header line names, or None if it is none we know."""
    name = split_header(line.content)[0]
    return vocabulary.LABELS.get(_fold(name)) if name else None


def split_header(content: str) -> tuple[str, str]:
    """Name and value of a line that looks like a header, emphasis taken away; two empty texts if it does not.

    The colon may be wide and have a space before it; NetEase writes a table ("| From | Anna |") instead.
    """
    head = content[: _LONGEST_LABEL + 8]
    if head.startswith("|"):
        name, bar, value = content[1:].partition("|")
        return (name.strip("*_ \t\u00a0"), value.strip("*| \t")) if bar and len(name) <= _LONGEST_LABEL else ("", "")
    if ":" not in head and "\uff1a" not in head:
        return "", ""
    colon = min((at for at in (head.find(":"), head.find("\uff1a")) if at > 0), default=0)
    name = head[:colon].strip("*_ \t\u00a0")
    return (name, _unemphasised(content[colon + 1 :])) if 0 < len(name) <= _LONGEST_LABEL else ("", "")


def _unemphasised(value: str) -> str:
    """What stands behind the colon: "*Subject:* Lamp", and Apple Mail's "*Subject: **Lamp*"."""
    bare = value.lstrip("*_").strip()
    return bare.strip("*").strip() if bare.startswith("*") and bare.endswith("*") else bare


def _block_end(lines: Sequence[Line], labels: Sequence[Label | None], start: int) -> int:
    """Where the header block that begins at `start` ends, or 0 if none begins there."""
    seen: dict[Label, int] = {}
    end = index = start
    loose = 0  # lines since the last label: continuations, or one empty line between two headers
    while index < min(len(lines), start + _MOST_HEADER_LINES) and lines[index].depth == lines[start].depth:
        label = labels[index]
        if label is not None:
            if label in seen and label is not Label.OTHER:
                break
            seen[label] = index
            end, loose = index + 1, 0
        else:
            loose += 1
            if loose > _MOST_CONTINUATIONS or (lines[index].is_blank and lines[index - 1].is_blank):
                break
            if lines[index - 1].is_blank:
                break  # text after an empty line: the quoted mail itself
        index += 1
    return _with_continuations(lines, end) if _proves_a_mail(lines, seen, start, end) else 0


def _with_continuations(lines: Sequence[Line], end: int) -> int:
    """Take the wrapped rest of the last header along, if it looks like addresses; a body may follow at once."""
    while end < len(lines) and "@" in lines[end].content and lines[end].content.rstrip().endswith((">", ";", ",")):
        end += 1
    return end


def _proves_a_mail(lines: Sequence[Line], seen: dict[Label, int], start: int, end: int) -> bool:
    """Whether the labels are those of a mail, not of a form ("From: Berlin, To: Hamburg, Date: 3 May").

    A sender must be there, and two more of the headers a client writes; a subject or an address among them.
    """
    if Label.FROM not in seen or end - start > _MOST_HEADER_LINES:
        return False
    telling = set(seen) - {Label.OTHER, Label.REPLY_TO}
    addressed = any("@" in line.content for line in lines[start:end])
    if len(telling) >= 3:
        return Label.SUBJECT in seen or addressed
    sent = seen.get(Label.DATE)
    return addressed and sent is not None and _TIME.search(lines[sent].content[:200]) is not None
