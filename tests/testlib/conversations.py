"""How mail clients gather letters into conversations, each by the rule its maker documents.

| client | rule |
|---|---|
| Thunderbird, mutt, Apple Mail | letters that name each other in Message-ID, In-Reply-To or References (RFC 5256, 2.2 REFERENCES, without its step that joins by subject) |
| Gmail | the same, and the subjects must match but for Re: and the like ("Managing threads" of the Gmail API) |
| Outlook, Exchange | Thread-Index, or without one the normalized subject: all after a prefix of one to three letters and a colon (MS-OXOMSG 2.2.1.2 and 2.2.1.3, MS-OXCMSG 2.2.1.10) |
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message

_ID = re.compile(r"<[^<>\s]+>")
_PREFIX = re.compile(r"(?i)^\s*(?:(?:re|aw|sv|antw|fwd?|wg)\s*:\s*)+")
_OUTLOOK_PREFIX = re.compile(r"^\s*[^\W\d_]{1,3}:\s")

Conversations = list[set[int]]


def by_reference(letters: Sequence[Message]) -> Conversations:
    """Thunderbird, mutt, Apple Mail."""
    return _joined((number, _ids(letter)) for number, letter in enumerate(letters))


def by_reference_and_subject(letters: Sequence[Message]) -> Conversations:
    """Gmail."""
    return _joined(
        (number, [f"{_PREFIX.sub('', _subject(letter))} {id_}" for id_ in _ids(letter)])
        for number, letter in enumerate(letters)
    )


def by_topic(letters: Sequence[Message]) -> Conversations:
    """Outlook, Exchange."""
    return _joined(
        (number, [str(letter["Thread-Index"] or _OUTLOOK_PREFIX.sub("", _subject(letter)).upper())])
        for number, letter in enumerate(letters)
    )


CLIENTS: dict[str, Callable[[Sequence[Message]], Conversations]] = {
    "Thunderbird, mutt, Apple Mail": by_reference,
    "Gmail": by_reference_and_subject,
    "Outlook": by_topic,
}


def parsed(contents: Iterable[bytes]) -> list[Message]:
    return [message_from_bytes(content) for content in contents]


def _ids(letter: Message) -> list[str]:
    names = ("Message-ID", "In-Reply-To", "References")
    return [id_ for name in names for id_ in _ID.findall(str(letter[name] or ""))]


def _subject(letter: Message) -> str:
    return " ".join(str(make_header(decode_header(str(letter["Subject"])))).split())


def _joined(members: Iterable[tuple[int, Iterable[str]]]) -> Conversations:
    """Those that share a mark, directly or through others."""
    found: list[tuple[set[int], set[str]]] = []
    for number, marks in members:
        near, own = {number}, set(marks)
        apart = []
        for numbers, theirs in found:
            if theirs & own:
                near, own = near | numbers, own | theirs
            else:
                apart.append((numbers, theirs))
        found = [*apart, (near, own)]
    return [numbers for numbers, _ in found]
