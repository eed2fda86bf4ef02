"""Header fields as text: unfolded (RFC 5322, 2.2.3), encoded words read (RFC 2047), eight-bit bytes guessed.

Everything here is linear in the length of a field; the field's length is capped by the pre-scan.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from email.message import Message as Tree
from functools import lru_cache
from types import MappingProxyType

from mailproc.mime.charsets import codec_for, decode, decode_unlabelled
from mailproc.mime.text import clean_line

FIELD_LIMIT = 16_000  # characters of one decoded field that are kept

# No words for humans in them: an encoded word there is not decoded (RFC 2047, 5), so that nothing can be
# smuggled into a field that machines believe.
_STRUCTURED = frozenset({
    "authentication-results", "auto-submitted", "date", "delivered-to", "dkim-signature", "envelope-to", "in-reply-to",
    "message-id", "mime-version", "precedence", "received", "received-spf", "references", "return-path",
    "x-original-to", "x-failed-recipients",
})  # fmt: skip
_STRUCTURED_PREFIXES = ("arc-", "content-", "list-", "resent-message-id", "resent-date")

# An encoded word. Its text ends at "?=" and can't hold the beginning of another one ("=?" and a charset), so that
# a flood of beginnings is read once, not once for each. Blanks in it are illegal and common.
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,64})\?([bBqQ])\?((?:[^?=]|=(?!\?[^=])|\?(?!=))*+)\?=")
_QUOTED_BYTE = re.compile(rb"=([0-9A-Fa-f]{2})")
_FOLD = re.compile(r"[\r\n]+")
_NOT_BASE64 = bytes(byte for byte in range(256) if not (chr(byte).isalnum() and byte < 128) and byte not in b"+/")


def is_structured(name: str) -> bool:
    return name in _STRUCTURED or name.startswith(_STRUCTURED_PREFIXES)


def raw_fields(tree: Tree) -> Iterator[tuple[str, str]]:
    """All fields in order: names in lower case, values unfolded, bytes beyond ASCII as text."""
    for name, value in tree.raw_items():
        yield str(name).lower().strip(), _unfolded(str(value))


def raw_field(tree: Tree, name: str) -> str:
    """The first field of this name (in lower case), or the empty string."""
    for key, value in tree.raw_items():
        if str(key).lower() == name:
            return _unfolded(str(value))
    return ""


def subject(tree: Tree) -> str:
    """The subject, unfolded. Bytes beyond ASCII have no charset there; they are likely in that of the mail's text."""
    value = next((str(value) for key, value in tree.raw_items() if str(key).lower() == "subject"), "")
    return _unfolded(value, "" if value.isascii() else _charset_of_text(tree))


def _charset_of_text(tree: Tree) -> str:
    for part in tree.walk():
        if part.get_content_maintype() == "text":
            label = parameters(raw_field(part, "content-type")).get("charset", "")
            if label:
                return label
    return ""


def _unfolded(value: str, likely: str = "") -> str:
    if "\n" in value or "\r" in value:
        value = _FOLD.sub("", value)
    return eight_bit_text(value.strip(" \t"), likely)


def eight_bit_text(value: str, likely: str = "") -> str:
    """A value as the parser keeps it, bytes beyond ASCII as surrogates, as the text these bytes are.

    `likely`: the charset they have if they can.
    """
    if value.isascii() and "\x1b" not in value:
        return value
    return decode_unlabelled(value.encode("utf-8", "surrogateescape"), likely)


def decode_words(value: str) -> str:
    """A field's text with its encoded words read; blanks between two of them are not text (RFC 2047, 6.2).

    Neighbours in one charset are joined as bytes first: many senders cut a character in two.
    """
    if "=?" not in value:
        return value
    out: list[str] = []
    pending, pending_charset = b"", ""
    end = 0
    for word in _ENCODED_WORD.finditer(value):
        charset = word[1].partition("*")[0].lower()  # without the language of RFC 2231, 5
        between = value[end : word.start()]
        joined = end > 0 and not between.strip()
        if not (joined and charset == pending_charset):
            out.append(decode(pending, pending_charset)[0])
            pending = b""
        if not joined:
            out.append(between)
        pending += _word_bytes(word[2], word[3])
        pending_charset = charset
        end = word.end()
    out.extend((decode(pending, pending_charset)[0], value[end:]))
    return "".join(out)


def _word_bytes(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return _QUOTED_BYTE.sub(lambda m: bytes((int(m[1], 16),)), data.replace(b"_", b" "))
    return base64_bytes(data)


def base64_bytes(data: bytes) -> bytes:
    """Base64 as far as it goes: other characters are left out, missing padding is supplied, a rest too short dropped."""
    blocks = data.split(b"=") if b"=" in data.rstrip(b"=\r\n \t") else [data]
    return b"".join(_base64_block(block.translate(None, _NOT_BASE64)) for block in blocks if block)


def _base64_block(block: bytes) -> bytes:
    if len(block) % 4 == 1:
        block = block[:-1]
    return binascii.a2b_base64(block + b"=" * (-len(block) % 4))


def display_text(value: str, limit: int = FIELD_LIMIT) -> str:
    """A field's value as one clean, readable line of at most `limit` characters."""
    return clean_line(decode_words(value[: 4 * FIELD_LIMIT]), limit)


def readable_fields(fields: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """All fields of `raw_fields`, in order, readable and safe. Address fields are for showing: who it is, `addresses` says."""
    return tuple(
        (clean_line(name, 200), clean_line(value, FIELD_LIMIT) if is_structured(name) else display_text(value))
        for name, value in fields
    )


# --- parameters (RFC 2045, 5.1; RFC 2231) ----------------------------------------------------------

# A name begins behind a separator or a value's closing quote and is never given back: a flood of letters or blanks
# without "=" is read once, not once from each of its characters.
_PARAMETER = re.compile(r"""(?<![^;\s"])([^=;\s"]++)\s*+=\s*+(?:"((?:[^"\\]|\\.)*)(?:"|\Z)|([^;]*))""", re.DOTALL)
_SEPARATOR = re.compile(r"[;\s]")  # a semicolon; senders that forget it leave a blank
_PIECE = re.compile(r"^([^*]+)(?:\*(\d{1,3}))?(\*)?$")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")
_PARAMETERS_READ = 200
_MOST_KEPT = 64  # values whose reading is kept: most parts of most mails have the same few


@lru_cache(_MOST_KEPT)
def main_value(value: str) -> str:
    """A structured field's value without parameters, in lower case."""
    return _SEPARATOR.split(value.strip(), maxsplit=1)[0].lower()


@lru_cache(_MOST_KEPT)
def parameters(value: str) -> Mapping[str, str]:
    """Parameters of a Content-Type or Content-Disposition field: names in lower case, values decoded.

    Continuations and charsets of RFC 2231 are put together; encoded words, forbidden there and common, are read.
    The first of two parameters of one name counts.
    """
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for count, match in enumerate(_PARAMETER.finditer(value.strip()[len(main_value(value)) :])):
        if count >= _PARAMETERS_READ:
            break
        name = match[1].lower()
        text = re.sub(r'\\(["\\])', r"\1", match[2]) if match[2] is not None else match[3].strip()
        piece = _PIECE.match(name)
        if piece and (piece[2] or piece[3]):
            pieces.setdefault(piece[1], {}).setdefault(int(piece[2] or 0), (bool(piece[3]), text))
        else:
            plain.setdefault(name, text)
    decoded = {name: decode_words(text) if "=?" in text else text for name, text in plain.items()}
    return MappingProxyType(decoded | {name: _extended(found) for name, found in pieces.items()})


def _extended(pieces: dict[int, tuple[bool, str]]) -> str:
    """A value in the pieces and with the charset of RFC 2231, 3 and 4."""
    charset = ""
    data = b""
    for index, number in enumerate(sorted(pieces)):
        encoded, text = pieces[number]
        if encoded and index == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        octets = text.encode("utf-8", "surrogateescape")
        data += _PERCENT.sub(lambda m: bytes((int(m[1], 16),)), octets) if encoded else octets
    text = decode(data, charset if codec_for(charset) else "")[0]
    return decode_words(text) if "=?" in text else text
