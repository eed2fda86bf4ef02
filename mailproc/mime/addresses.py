"""Who a mail says it is from and to: mail-parser's structural reading, checked against the standard library's.

Rights stand on the From field, so wherever two readers could see two persons in it (CVE-2023-27043 and its
family; RFC 7489, 6.6.1 for several authors) a defect says so: see `Message.identifies_sender`.
"""

from __future__ import annotations

import email.utils
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import Message as Tree

import mailparser

from mailproc.core.message import Address
from mailproc.mime.headers import decode_words
from mailproc.mime.one_address import address_or_none, normal

_PER_ADDRESS = 40  # characters: a field is read as far as its most addresses usually take
# The fields shown to mail-parser, and as what: it reads no Sender as an address, and nothing asks for Bcc.
_FIELDS = {"from": "from", "sender": "bcc", "reply-to": "reply-to", "to": "to", "cc": "cc", "date": "date"}
# What mail-parser mends without doubt about who is meant, as long as the standard library reads the same address.
_HARMLESS = {"invalid-display-name", "structural-recovery", "overlong-encoded-word", "invalid-encoded-word"}
_SALVAGE_READ = 1_000  # characters
_ANGLE = re.compile(r"<([^<>\s@]+@[^<>\s@]+)>")
_BARE = re.compile(r"[^\s<>()\[\]\",;:@]{1,64}@[^\s<>()\[\]\",;:@]{1,255}")


@dataclass(frozen=True, slots=True)
class People:
    """The address fields and the date of a mail, and what is wrong with its From."""

    from_: tuple[Address, ...] = ()
    from_fields: int = 0
    from_defects: tuple[str, ...] = ()
    sender: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    date: datetime | None = None
    defects: tuple[str, ...] = ()


def read_people(fields: Iterable[tuple[str, str]], most: int = 400) -> People:
    """People and date from a header's fields (names in lower case, unfolded), at most so many from each.

    Only the fields it is asked about are shown to mail-parser: reading all Received fields costs it three times
    as much as everything else, and nothing here stands on them.
    """
    head, read = Tree(), most * _PER_ADDRESS
    froms: list[str] = []
    for name, value in fields:
        if name in _FIELDS:
            head[_FIELDS[name]] = value[:read]
        if name == "from":
            froms.append(value)
    parser = mailparser.MailParser(head)
    people = People(
        from_fields=len(froms),
        sender=next(iter(_addresses(parser.bcc)), None),
        reply_to=_addresses(parser.reply_to)[:most],
        to=_addresses(parser.to)[:most],
        cc=_addresses(parser.cc)[:most],
        date=_date(parser.date, head["date"]),
        defects=tuple(sorted({f"{d['header']}: {d['reason']}" for d in parser.date_header_defects})),
    )
    return _with_author(people, parser, froms, read) if froms else replace(people, from_defects=("no-from-field",))


def _with_author(people: People, parser: mailparser.MailParser, froms: list[str], read: int) -> People:
    raw = froms[0]
    found = _addresses(parser.from_)
    told = [d for d in parser.address_header_defects if d["header"] == "from"]
    defects = _from_defects(raw[:read], found, told)
    if len(raw) > read:
        defects.append("too-long")
    if len(froms) > 1:
        defects.append("several-from-fields")
    if not found:
        found = _salvaged(raw)
    if any(field for field in froms[1:] if field != raw):
        found += tuple(a for field in froms[1:10] for a in _salvaged(field) if a.key not in {b.key for b in found})
    if len(found) > 1:
        defects.append("several-mailboxes")
    return replace(people, from_=found, from_defects=tuple(dict.fromkeys(defects)))


def _from_defects(raw: str, found: tuple[Address, ...], diagnostics: list[dict[str, object]]) -> list[str]:
    defects = []
    if any(ord(character) < 32 and character != "\t" for character in raw) or "\x7f" in raw:
        defects.append("control-characters")
    if not found:
        defects.append("no-address")
    if re.match(r'[^"<(@]*:', raw):
        defects.append("group-syntax")
    if found and _second_reading(raw) != {address.address for address in found}:
        defects.append("readers-disagree")
    for diagnostic in diagnostics:
        reasons = str(diagnostic["reason"]).split(",")
        defects.extend(r for r in reasons if r not in _HARMLESS or not diagnostic["recovered"])
    return defects


def _second_reading(raw: str) -> set[str | None]:
    """The addresses the standard library finds."""
    try:
        return {normal(address) for _, address in email.utils.getaddresses([raw]) if "@" in address}
    except RecursionError:  # it descends into comments
        return set()


def _salvaged(raw: str) -> tuple[Address, ...]:
    """What address there is in a field no reader makes sense of: to have someone to show, never to believe."""
    text = decode_words(raw[:_SALVAGE_READ])
    match = _ANGLE.search(text) or _BARE.search(text)
    if match is None:
        return ()
    address = address_or_none(match[match.lastindex or 0], text[: match.start()].strip(' "<'))
    return (address,) if address else ()


def _addresses(pairs: object) -> tuple[Address, ...]:
    if not isinstance(pairs, list):
        return ()
    found: dict[str, Address] = {}
    for name, written in pairs:
        address = address_or_none(written, name)
        if address is not None:
            found.setdefault(address.key, address)
    return tuple(found.values())


def _date(strict: datetime | None, raw: str | None) -> datetime | None:
    """mail-parser's date; where it is too strict for an old client, the standard library's. Always in UTC."""
    if strict is not None or not raw:
        return strict
    try:
        lenient = email.utils.parsedate_to_datetime(raw[:200])
        aware = lenient if lenient.tzinfo else lenient.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
