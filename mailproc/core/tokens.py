"""Reply tokens: what an address or a Message-ID of ours allows its holder to do.

A token names a ticket, a person, a capability, the round of the ticket's life it belongs to, a day after which it opens
nothing and, in letters to agents, when it was written; a MAC of 104 bits makes it unguessable. It stands in the plus-address of Reply-To and in our
Message-IDs. It is written in base32, because local parts lose their case on the way.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum

MAC_BYTES = 13  # 104 bits
_EPOCH = date(2020, 1, 1)
_SECOND = timedelta(seconds=1)
_LONGEST_LOCAL_PART = 64
_PURPOSE = b"mailproc reply token 1\0"
_TOKEN = re.compile(r"[a-z2-7]{32,56}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_PAIRS = tuple(first + second for first in _LETTERS for second in _LETTERS)


class Capability(IntEnum):
    """What the holder may do. The numbers are written into mails: never change their meaning."""

    CUSTOMER_REPLY = 1
    AGENT_REPLY = 2
    NOTE = 3
    YES = 4
    NO = 5
    SURVEY_REPLY = 6  # answers the survey in own words
    CONFIRM = 7  # once: carries out an agent's mail that was held; `Token.round` is its number in the spool
    SIDE_REPLY = 8  # a third party's answer; `Token.round` is the number of the side conversation
    SIDE_ANSWER = 9  # an agent's words to that third party; `Token.round` as above
    COMMAND = 10  # an agent's own address for lists and preferences: ticket 0; `Token.round` is a digest's number, or 0
    RATE_1 = 11
    RATE_2 = 12
    RATE_3 = 13
    RATE_4 = 14
    RATE_5 = 15

    @property
    def rating(self) -> int | None:
        """1 to 5 for the rating buttons."""
        return self - 10 if self >= Capability.RATE_1 else None


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says, once its MAC was found right."""

    capability: Capability
    ticket: int
    person: int  # whom it was written to
    round: int  # `Ticket.round` when it was written
    expires: date  # last day on which it is good
    written: datetime | None = None  # of letters to agents, who had seen all until then; rounded up to a second


class TokenError(ValueError):
    """Something that looks like a token of ours and is none."""


class KeyRing:
    """Signing keys by number. New tokens take `current`; the others stay valid until they are removed."""

    def __init__(self, keys: Mapping[int, bytes], current: int) -> None:
        if current not in keys:
            raise ValueError(f"no token key number {current}")
        for number, key in keys.items():
            if not 0 <= number <= 255:
                raise ValueError(f"token key number {number} is not between 0 and 255")
            if len(key) < 16:
                raise ValueError(f"token key {number} is shorter than 16 bytes")
        self._begun = {number: hmac.new(key, _PURPOSE, hashlib.sha256) for number, key in keys.items()}
        self._current = current

    def _mac(self, number: int, payload: bytes) -> bytes:
        mac = self._begun[number].copy()  # to begin anew with the key takes twice as long
        mac.update(payload)
        return mac.digest()[:MAC_BYTES]

    def write(self, token: Token) -> str:
        """The token as text: letters a-z and digits 2-7, at most 56 characters."""
        numbers = [token.ticket, token.person, token.round, (token.expires - _EPOCH).days]
        if token.written is not None:  # from then to the end of the last day: four bytes, where a date takes five
            numbers.append((_end(token.expires) - token.written) // _SECOND)
        payload = bytes((token.capability, self._current)) + _packed(numbers)
        return _base32(payload + self._mac(self._current, payload))

    def read(self, text: str, today: date) -> Token:
        """The token `text` stands for. Raises TokenError when it is forged, foreign, broken or expired."""
        try:
            sealed = base64.b32decode(text.upper() + "=" * (-len(text) % 8))
        except ValueError:
            raise TokenError("not base32") from None
        payload, mac = sealed[:-MAC_BYTES], sealed[-MAC_BYTES:]
        if len(payload) < 6 or payload[1] not in self._begun:
            raise TokenError("unknown key")
        if not hmac.compare_digest(mac, self._mac(payload[1], payload)):
            raise TokenError("wrong signature")
        ticket, person, round_, days, *left = _numbers(payload[2:])  # signed by us: the form is ours
        expires = _EPOCH + timedelta(days=days)
        written = _end(expires) - left[0] * _SECOND if left else None
        token = Token(Capability(payload[0]), ticket, person, round_, expires, written)
        if today > token.expires:
            raise TokenError("expired")
        return token

    def find(self, text: str, today: date) -> Token | None:
        """The first good token in a local part, Message-ID, subject or whole text; None when there is none."""
        for match in _TOKEN.finditer(text.lower()):
            try:
                return self.read(match[0], today)
            except TokenError:
                continue
        return None


def _end(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def _packed(numbers: Iterable[int]) -> bytes:
    """Each in little-endian base 128, as short as it allows."""
    out = bytearray()
    for number in numbers:
        rest = number
        while rest >= 0x80:
            out.append(rest & 0x7F | 0x80)
            rest >>= 7
        out.append(rest)
    return bytes(out)


def _base32(data: bytes) -> str:
    """In small letters and without padding (RFC 4648, 6), two at a time: twice as fast as the standard library's."""
    bits = 8 * len(data)
    whole = bits + -bits % 10
    number = int.from_bytes(data, "big") << whole - bits
    pairs = "".join([_PAIRS[number >> at & 0x3FF] for at in range(whole - 10, -1, -10)])
    return pairs[: -(-bits // 5)]


def _numbers(data: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            yield number
            number = shift = 0


def expiry(now: datetime, days: int) -> date:
    """The last day of a token written now that is to be good for `days`."""
    return now.astimezone(UTC).date() + timedelta(days=days)


def plus_address(address: str, token: str) -> str | None:
    """`support@acme.example` with the token: `support+TOKEN@acme.example` (RFC 5233 subaddress).

    None where that is too long to be an address: what stands before the @ has 64 octets at most (RFC 5321, 4.5.3.1.1).
    """
    local, _, domain = address.rpartition("@")
    local = f"{local}+{token}"
    return f"{local}@{domain}" if len(local.encode()) <= _LONGEST_LOCAL_PART else None


def our_message_id(token: str, nonce: str, domain: str) -> str:
    """A Message-ID that carries a token; `nonce` tells apart the mails of one token."""
    return f"<mp.{token}.{nonce}@{domain}>"


def another_message_id(ours: str, nonce: str) -> str:
    """The Message-ID of another mail with the token of this one: what answers the one answers the other."""
    local, _, domain = ours.rpartition("@")
    return f"{local.rpartition('.')[0]}.{nonce}@{domain}"
