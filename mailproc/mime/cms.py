"""What an S/MIME part is, and the mail within an opaque signature: as much of CMS (RFC 5652) as that takes.

No keys, no cryptography: of a signed content the signature is not verified, as a clear one is not. BER is read because
Outlook writes it; each byte is looked at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    SIGNED = "signed"
    CERTIFICATES = "certificates"  # signed, with nothing that is signed
    SEALED = "sealed"  # encrypted, with or without authentication, or compressed
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Found:
    kind: Kind
    content: bytes | None = None  # what is signed


_PKCS7: Final = bytes.fromhex("2a864886f70d0107")  # 1.2.840.113549.1.7
_SMIME: Final = bytes.fromhex("2a864886f70d01091001")  # 1.2.840.113549.1.9.16.1
_KINDS: Final = {
    _PKCS7 + b"\x02": Kind.SIGNED,
    _PKCS7 + b"\x03": Kind.SEALED,
    _SMIME + b"\x17": Kind.SEALED,  # authenticated and enveloped (RFC 5083)
    _SMIME + b"\x09": Kind.SEALED,  # compressed (RFC 3274): what it grows to can't be told
}
_INTEGER, _OCTETS, _OID, _SEQUENCE, _SET, _EXPLICIT, _MANY_OCTETS = 0x02, 0x04, 0x06, 0x30, 0x31, 0xA0, 0x24
_LONGEST_LENGTH: Final = 4  # bytes of a length


class _Broken(ValueError):
    """No such structure stands there."""


def read(data: bytes) -> Found:
    """What the bytes are. Never raises; what is damaged is UNKNOWN, or SIGNED without its content."""
    kind = Kind.UNKNOWN
    try:
        at = _enter(data, 0, _SEQUENCE)
        oid, at = _value(data, at, _OID)
        kind = _KINDS.get(oid, Kind.UNKNOWN)
        if kind is not Kind.SIGNED:
            return Found(kind)
        at = _enter(data, _enter(data, at, _EXPLICIT), _SEQUENCE)
        at = _skip(data, _skip(data, at, _INTEGER), _SET)
        _, start, length = _header(data, at)
        _, at = _value(data, _enter(data, at, _SEQUENCE), _OID)
        if at == start + length if length is not None else data[at : at + 2] == b"\0\0":
            return Found(Kind.CERTIFICATES)
        return Found(kind, _octets(data, _enter(data, at, _EXPLICIT)))
    except _Broken:
        return Found(kind)


def _header(data: bytes, at: int) -> tuple[int, int, int | None]:
    """Tag, where the content begins, and its length; None for one that ends with two zero bytes (X.690, 8.1)."""
    if at + 2 > len(data) or data[at] & 0x1F == 0x1F:
        raise _Broken
    tag, length, at = data[at], data[at + 1], at + 2
    if length == 0x80:
        return tag, at, None
    if length > 0x80:
        count = length & 0x7F
        if count > _LONGEST_LENGTH or at + count > len(data):
            raise _Broken
        length, at = int.from_bytes(data[at : at + count]), at + count
    if at + length > len(data):
        raise _Broken
    return tag, at, length


def _enter(data: bytes, at: int, wanted: int) -> int:
    """Where the content of the wanted structure begins."""
    tag, start, _ = _header(data, at)
    if tag != wanted:
        raise _Broken
    return start


def _value(data: bytes, at: int, wanted: int) -> tuple[bytes, int]:
    tag, start, length = _header(data, at)
    if tag != wanted or length is None:
        raise _Broken
    return data[start : start + length], start + length


def _skip(data: bytes, at: int, wanted: int) -> int:
    """Where the structure that begins here ends."""
    if data[at : at + 1] != bytes([wanted]):
        raise _Broken
    depth = 0
    while True:
        tag, at, length = _header(data, at)
        if length is None:
            depth += 1
        elif tag == 0 and length == 0 and depth:
            depth -= 1
        else:
            at += length
        if not depth:
            return at


def _octets(data: bytes, at: int) -> bytes:
    """An octet string, in one piece or in many."""
    tag, start, length = _header(data, at)
    if tag == _OCTETS and length is not None:
        return data[start : start + length]
    if tag != _MANY_OCTETS:
        raise _Broken
    end = None if length is None else start + length
    pieces = []
    while start != end and data[start : start + 2] != b"\0\0":
        piece, start = _value(data, start, _OCTETS)
        pieces.append(piece)
    return b"".join(pieces)
