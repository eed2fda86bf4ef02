"""The header lines above a forwarded mail: what they say, and where they end."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mailproc.mime.one_address import address_or_none
from mailproc.mime.quoting import vocabulary
from mailproc.mime.quoting.headers import label_of, split_header
from mailproc.mime.quoting.lines import Line
from mailproc.mime.quoting.vocabulary import Label

_MOST_LINES: Final = 40
_LEAST_WITHOUT_COLONS: Final = 3  # such lines, for one alone may be words
_MOST_WRAPPED: Final = 8  # lines a list of recipients takes
_LONGEST_VALUE: Final = 2_000  # characters of a value that are looked at
_LONGEST_NAME: Final = 200

_MAILTO: Final = re.compile(r"(?:<mailto:[^<>\s]{1,320}>|\(mailto:[^()\s]{1,320}\))", re.IGNORECASE)
_OUTLOOK_MAILTO: Final = re.compile(r"\[mailto:([^\[\]\s]{1,320})\]", re.IGNORECASE)
_ATOM: Final = "[^\\s<>()\\[\\]\"',;:@|\u201c\u201d\u201e\u00ab\u00bb]"
_ADDRESS: Final = re.compile(rf"(?<!{_ATOM})({_ATOM}{{1,64}}@{_ATOM}{{1,250}})")
_ANGLE: Final = re.compile(rf"<\s?({_ATOM}{{1,64}}@{_ATOM}{{1,250}})")
_QUOTES: Final = " \t*_\"'\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb<>()[]|,;:"
_QUOTED_NAME: Final = re.compile(
    '["\u201e\u201c\u00ab]([^"\u201d\u201c\u00bb]{1,120})["\u201d\u201c\u00bb][ (<\\[]{0,4}$'
)
_DIRECTIONS: Final = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LAST_SIGN: Final = re.compile(r".*[\d,:]", re.DOTALL)

# Glued header lines: a name that is capitalised, with its colon.
_LONGEST_LABEL: Final = 24
_NO_COLON: Final = re.compile(r"(?:>|(?<=[^\W\d_])|(?<=\d))(?=[A-Z\u00c0-\u00de\u0386-\u042f])")


@dataclass(frozen=True, slots=True)
class Header:
    """What stands above a forwarded mail; `end` is the index of the first line below it."""

    values: Mapping[Label, str]
    end: int


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote it, as far as a client tells."""

    address: str
    name: str


def read_header(lines: Sequence[Line], start: int, *, told: bool) -> Header | None:
    """The header lines from `start` on, or None where no sender is named.

    `told`: a line above says that a mail is forwarded here. A sender in a language we don't know is believed then.
    """
    header = (_without_colons(lines, start) if told else None) or _with_colons(lines, start, told=told)
    if header is not None and told and header.end < len(lines) and lines[header.end].is_rule:
        return Header(header.values, header.end + 1)  # SquirrelMail draws a line below them too
    return header


def _without_colons(lines: Sequence[Line], start: int) -> Header | None:
    """As eM Client writes them: `From "Anna" <a@b.example>`, and "To", "Date" and "Subject" below."""
    values: dict[Label, str] = {}
    index = start
    for line in lines[start : start + len(Label)]:
        name, _, value = line.content[:_LONGEST_VALUE].partition(" ")
        label = vocabulary.LABELS.get(name.casefold()) if label_of(line) is None else None
        if label is None or label in values or line.depth != lines[start].depth:
            break
        values[label] = value.strip()
        index += 1
    told = len(values) >= _LEAST_WITHOUT_COLONS and _ADDRESS.search(values.get(Label.FROM, "")) is not None
    return Header(values, index) if told else None


def _with_colons(lines: Sequence[Line], start: int, *, told: bool) -> Header | None:
    values: dict[Label, str] = {}
    index, last = start, None
    while index < min(len(lines), start + _MOST_LINES) and lines[index].depth == lines[start].depth:
        label = label_of(lines[index])
        if label is None and told and Label.FROM not in values and _names_an_address(lines[index]):
            label = Label.FROM
        if label is None:
            wrapped = _wrapped(lines, index, values, last)
            if not wrapped:
                break
            if last is not None:
                values[last] = " ".join(
                    [values[last], *(line.content for line in lines[index : index + wrapped])]
                ).strip()
            index += wrapped
            continue
        if label in values and label is not Label.OTHER:
            break
        values[label] = split_header(lines[index].content)[1][:_LONGEST_VALUE]
        last = label
        index += 1
    return Header(values, index) if Label.FROM in values else None


def _names_an_address(line: Line) -> bool:
    name, value = split_header(line.content[:_LONGEST_VALUE])
    return bool(name) and _ADDRESS.search(value) is not None


def _wrapped(lines: Sequence[Line], start: int, seen: Mapping[Label, str], last: Label | None) -> int:
    """How many lines from `start` on belong to the header above: wrapped text, or one empty line between two headers."""
    if last is None:
        return 0
    most = _MOST_WRAPPED if last in {Label.TO, Label.CC} else 2
    for count, line in enumerate(lines[start : start + most + 1]):
        label = label_of(line) if line.depth == lines[start].depth else None
        if label is not None and (label not in seen or label is Label.OTHER):
            return count
        if line.is_blank and count:
            break
    count = 0
    if last in {Label.TO, Label.CC}:
        while start + count < len(lines) and _is_list_of_addresses(lines[start + count].content):
            count += 1
    return count


def _is_list_of_addresses(content: str) -> bool:
    return "@" in content and content.rstrip().endswith((">", ";", ",")) and len(content) <= _LONGEST_VALUE


def read_glued(text: str) -> Mapping[Label, str]:
    """Header lines that stand on one line without a break: "From: Anna <a@b.example>To: ...Sent: ... CETSubject: Lamp"."""
    found: list[tuple[int, int, Label]] = []  # where the name begins, where the value begins, what it names
    for colon in (at for at, letter in enumerate(text) if letter == ":"):
        name, label = _label_before(text, colon)
        if label is not None and all(label is not known for _, _, known in found):
            found.append((name, colon + 1, label))
    if all(label is not Label.SUBJECT for _, _, label in found):
        found.extend(_subject_without_colon(text))
    if not found:
        return {}
    ends = [name for name, _, _ in found[1:]] + [len(text)]
    return {label: text[value:end].strip() for (_, value, label), end in zip(found, ends, strict=True)}


def _label_before(text: str, colon: int) -> tuple[int, Label | None]:
    """The longest name of a header that ends at the colon and begins like one."""
    for start in range(max(0, colon - _LONGEST_LABEL), colon):
        begins = text[start].isalpha() and (start == 0 or not text[start].islower())
        label = vocabulary.LABELS.get(text[start:colon].strip().casefold()) if begins else None
        if label is not None:
            return start, label
    return colon, None


def _subject_without_colon(text: str) -> list[tuple[int, int, Label]]:
    """Some of Yahoo's languages leave the colon out; the name is still glued to what stands before it."""
    for place in _NO_COLON.finditer(text):
        word = text[place.end() : place.end() + _LONGEST_LABEL].partition(" ")[0]
        if vocabulary.LABELS.get(word.casefold()) is Label.SUBJECT:
            return [(place.end(), place.end() + len(word), Label.SUBJECT)]
    return []


def read_author(value: str) -> Author:
    """Name and address of a sender, however a client writes them.

    `Anna <a@b>`, `a@b`, `Anna [mailto:a@b]`, `Anna <a@b<mailto:a@b>>`, `Anna (a@b)`, `Anna`. Of several addresses the
    first in angle brackets: before it stands only what its owner calls themselves.
    """
    plain = _OUTLOOK_MAILTO.sub(r"<\1>", value[:_LONGEST_VALUE])
    bare = _MAILTO.sub("", plain)
    match = _ANGLE.search(bare) or _ADDRESS.search(bare)
    if match is None:
        bare = plain.replace("mailto:", "").replace("MAILTO:", "")
        match = _ANGLE.search(bare) or _ADDRESS.search(bare)
    if match is None:
        return Author("", _name(bare))
    local, _, domain = match[1].partition("@")
    if "/" in local and "." not in domain:
        return Author("", _name(bare.partition("/")[0]))  # "Anna Beer/ACME@ACME": Notes' name of a person
    address = address_or_none(match[1].rstrip(".*_"))
    name = _name(bare[: match.start()])
    return Author(address.address if address else "", "" if address and name == address.address else name)


def read_introduced(text: str) -> tuple[Author, str]:
    """Author and date of an introduction ("On 3 May, 10:00, Anna <a@b> wrote:"): the date is all that is not the author."""
    author = read_author(text)
    at = text.find("@")
    before = text[: max(text.rfind("<", 0, at), text.rfind("(", 0, at), text.rfind("[", 0, at), 0)]
    quoted = _QUOTED_NAME.search(before[-160:])
    name = quoted[1] if quoted else _capitalised(_LAST_SIGN.sub("", before[-160:]))
    return Author(author.address, _name(name)), text.rstrip(" :\uff1a")[:_LONGEST_VALUE]


def _capitalised(text: str) -> str:
    """The words at the end that are a name: those behind the last small one ("heeft Anna Beer")."""
    words = text.strip(_QUOTES).split()
    small = [at for at, word in enumerate(words) if word[:1].islower()]
    return " ".join(words[small[-1] + 1 :] if small else words)


def _name(text: str) -> str:
    return " ".join(_DIRECTIONS.sub("", text).strip(_QUOTES).split())[:_LONGEST_NAME].rstrip(_QUOTES)
