"""Header fields, written by hand: what comes in are values, what goes out can't be anything but one field.

The standard library's policies break long Message-IDs (they encode what may not be encoded) and let an encoded-word
smuggle in a line break on older Pythons. Here every value is one line of printable characters before it is folded.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from email.parser import BytesHeaderParser
from email.policy import compat32
from functools import lru_cache

from mailproc.core.message import Address
from mailproc.mime.one_address import address_or_none
from mailproc.mime.text import clean_line

LONGEST_LINE = 998  # octets without CRLF (RFC 5322, 2.1.1)
_FOLD_AT = 76  # characters; lines with encoded-words may not be longer (RFC 2047, 2)
_ENCODED_ROOM = 33  # octets in an encoded-word: 56 characters with its frame, so that it fits beside a field's name
_LONGEST_WORD = 64  # an ASCII word that could not be folded is encoded instead
_NAME_LIMIT = 100  # characters of a display name
_TEXT_LIMIT = 255  # characters of an unstructured field
_LONGEST_ID = 900  # characters: with the longest field name still one line
_MOST_IDS = 20  # newest references kept, beside the first
_REFERENCES_ROOM = 7_500  # octets of all references: several servers cut at 8 kB

_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_ATEXT = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-"
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_PLAIN_ADDRESS = re.compile(rf"[{_ATEXT}]{{1,64}}@(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Za-z:.]{{2,64}}\])")
_LOCAL_PART = re.compile(rf"(?:[{_ATEXT}]|[^\x00-\x7f])+")
_MESSAGE_ID = re.compile(rf"<[!-;=?-~]{{1,{_LONGEST_ID - 2}}}>")
_FIELD_NAME = re.compile(rb"^([A-Za-z][A-Za-z0-9-]*):", re.MULTILINE)
# Fields of printable characters, folded only before text: `.` would take control characters in.
_HEADER = re.compile(
    rb"[A-Za-z][A-Za-z0-9-]*:(?: [^\x00-\x1f\x7f]*)?(?:\r\n +[^\x00-\x20\x7f][^\x00-\x1f\x7f]*"
    rb"|\r\n[A-Za-z][A-Za-z0-9-]*:(?: [^\x00-\x1f\x7f]*)?)*"
)
_IN_NAMES = str.maketrans({"<": "(", ">": ")"})


class ComposeError(ValueError):
    """A mail that can't be written: the message says which value and why."""


@lru_cache(1024)
def text_field(name: str, text: str) -> str:
    """An unstructured field (RFC 5322, 3.6.5): one line of text, encoded where it must be, folded."""
    line = clean_line(text, _TEXT_LIMIT)
    return _folded(name, line.split(" ") if _stands_for_itself(line) else _encoded_words(line))


def address_field(name: str, addresses: Sequence[Address]) -> str:
    """A list of mailboxes (RFC 5322, 3.4). Raises ComposeError for an address nobody can be reached at."""
    *others, last = map(_mailbox, addresses)
    words = [word for mailbox in others for word in (*mailbox[:-1], mailbox[-1] + ",")]
    return _folded(name, [*words, *last])


def message_id_field(name: str, message_ids: Sequence[str]) -> str:
    """Message-IDs byte for byte as they are, folded only between them; ones that are none are left out."""
    return f"{name}: " + "\r\n ".join(message_ids)


def usable_id(message_id: str) -> bool:
    """Whether this can stand in a header field as it is: `<...>`, printable ASCII, at most 900 characters."""
    return _MESSAGE_ID.fullmatch(message_id) is not None


def kept_references(references: Iterable[str]) -> list[str]:
    """What a References field carries: the first and the newest twenty, less than 8 kB, each once."""
    kept = [each for each in dict.fromkeys(references) if usable_id(each)]
    if len(kept) > _MOST_IDS + 1:
        kept = [kept[0], *kept[-_MOST_IDS:]]
    while len(kept) > 1 and sum(map(len, kept)) + 3 * len(kept) > _REFERENCES_ROOM:
        del kept[1]
    return kept


@lru_cache(4096)
def wire_address(address: str) -> str:
    """The address as servers want it, its domain in A-labels (RFC 5890). Raises ComposeError if there is no such one.

    A local part beyond ASCII stays as it is: only servers with SMTPUTF8 take it (RFC 6531).
    """
    if _PLAIN_ADDRESS.fullmatch(address):
        normal = address
    else:
        local, _, _ = address.rpartition("@")
        readable = _LOCAL_PART.fullmatch(local) and local.isprintable() and clean_line(local) == local
        known = address_or_none(address) if readable else None
        if known is None:
            raise ComposeError(f"no address one can write to: {address[:80]!r}")
        normal = known.address
    local, _, domain = normal.rpartition("@")
    # "=?" makes some readers take a local part for an encoded-word, with another address inside.
    if len(local.encode()) > 64 or len(domain) > 255 or "=?" in local:  # RFC 5321, 4.5.3.1
        raise ComposeError(f"no address one can write to: {address[:80]!r}")
    return normal


def valid_address(address: str) -> bool:
    """Whether mail can be sent there: the one rule for headers and envelopes."""
    try:
        wire_address(address)
    except ComposeError:
        return False
    return True


def check_header(header: bytes, names: Sequence[str]) -> None:
    """Read a written header back. Raises ComposeError unless its fields are exactly `names`, in order.

    All readers see the same lines in printable ASCII between CRLFs. Where an address brings more than that, the
    standard library reads too; always asking it would halve the speed of composing.
    """
    if _HEADER.fullmatch(header) is None or max(map(len, header.split(b"\r\n"))) > LONGEST_LINE:
        raise ComposeError(f"no header: {header[:200]!r}")
    found = _FIELD_NAME.findall(header)
    if found != [name.encode() for name in names]:
        raise ComposeError(f"other fields than meant: {found}")
    if not header.isascii():
        parsed = _SECOND_READER.parsebytes(header + b"\r\n\r\n")
        if parsed.keys() != list(names) or parsed.defects or parsed.get_payload():
            raise ComposeError(f"two readers see other fields: {found} and {parsed.keys()}")


_SECOND_READER = BytesHeaderParser(policy=compat32)


def _stands_for_itself(line: str) -> bool:
    if not line.isascii() or "=?" in line:
        return False
    return len(line) <= _LONGEST_WORD or max(map(len, line.split(" "))) <= _LONGEST_WORD


@lru_cache(4096)
def _mailbox(address: Address) -> tuple[str, ...]:
    """One mailbox as words between which a line may be folded."""
    where = wire_address(address.address)
    name = _shown_name(address.name)
    if not name:
        return (where,)
    if not _stands_for_itself(name):
        return (*_encoded_words(name), f"<{where}>")
    if not _ATOMS.fullmatch(name):
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        name = f'"{escaped}"'
    return (*name.split(" "), f"<{where}>")


def _shown_name(name: str) -> str:
    """A display name nobody can take for an address: sloppy readers look for the first "@" or "<"."""
    return clean_line(name.replace("@", " at ").translate(_IN_NAMES), _NAME_LIMIT)


def _encoded_words(line: str) -> list[str]:
    """The line as encoded-words (RFC 2047), none of which ends within a character (5 (3))."""
    data = line.encode()
    words, start = [], 0
    while start < len(data):
        end = start + _ENCODED_ROOM
        while end < len(data) and data[end] & 0xC0 == 0x80:  # the middle of a character
            end -= 1
        words.append(f"=?utf-8?b?{b64encode(data[start:end]).decode('ascii')}?=")
        start = end
    return words


def _folded(name: str, words: Sequence[str]) -> str:
    """`name: words`, folded before the word that would make a line too long."""
    lines, current = [], name + ":"
    for word in words:
        if len(current) + 1 + len(word) > _FOLD_AT:
            lines.append(current)
            current = ""
        current += " " + word
    return "\r\n".join([*lines, current])
