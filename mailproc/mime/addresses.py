"""Who a mail says it is from and to: mail-parser's structural reading, checked against the standard library's.

Rights stand on the From field, so wherever two readers could see two persons in it (CVE-2023-27043 and its
family; RFC 7489, 6.6.1 for several authors) a defect says so: see `Message.identifies_sender`.
"""

from __future__ import annotations

import email.utils
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from mailparser.dates import parse_mail_date
from mailparser.utils import get_addresses

from mailproc.core.message import Address
from mailproc.mime.headers import decode_words
from mailproc.mime.one_address import address_or_none, normal

# The standard library's lenient reading, as all Pythons have it: the strict one of newer ones refuses "a@x.example <a@x.example>".
_LENIENT = {"strict": False} if getattr(email.utils, "supports_strict_parsing", False) else {}
_PER_ADDRESS = 40  # characters: a field is read as far as its most addresses usually take
_FIELDS = frozenset({"from", "sender", "reply-to", "to", "cc", "date"})
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

    mail-parser's own readers of an address field and of a date are asked, not its `MailParser`: that reads every field
    twice, and more for a sender's ease than for anything that stands here.
    """
    values: dict[str, list[str]] = {}
    for name, value in fields:
        if name in _FIELDS:
            values.setdefault(name, []).append(value)
    read = most * _PER_ADDRESS

    def first(name: str) -> tuple[Address, ...]:
        return _read(values[name][0][:read])[0] if name in values else ()

    authors, doubts = _authors(values.get("from", ()), read)
    date, wrong = _date([value[:read] for value in values.get("date", ())])
    return People(
        from_=authors,
        from_fields=len(values.get("from", ())),
        from_defects=doubts,
        sender=next(iter(first("sender")), None),
        reply_to=first("reply-to")[:most],
        to=first("to")[:most],
        cc=first("cc")[:most],
        date=date,
        defects=wrong,
    )


@lru_cache(64)
def _read(raw: str) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    """The addresses of a field, each once, and what is wrong with it. Kept: a desk's mails are all to the same few."""
    wrong: list[dict[str, Any]] = []
    pairs = get_addresses(raw, defects=wrong, decode_names=True)
    found: dict[str, Address] = {}
    for name, written in pairs:
        address = address_or_none(written, "" if name == written else name)
        if address is not None:
            found.setdefault(address.key, address)
    reasons = ((reason, each["recovered"]) for each in wrong for reason in str(each["reason"]).split(","))
    return tuple(found.values()), tuple(reason for reason, mended in reasons if reason not in _HARMLESS or not mended)


def _authors(froms: Sequence[str], read: int) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    """Whom the From fields name, and why that is not to be believed."""
    if not froms:
        return (), ("no-from-field",)
    raw = froms[0]
    found = _read(raw[:read])[0]
    defects = _from_defects(raw[:read], found)
    defects.extend(wrong for field in froms for wrong in _read(field[:read])[1])
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
    return found, tuple(dict.fromkeys(defects))


def _from_defects(raw: str, found: tuple[Address, ...]) -> list[str]:
    defects = []
    if any(ord(character) < 32 and character != "\t" for character in raw) or "\x7f" in raw:
        defects.append("control-characters")
    if not found:
        defects.append("no-address")
    if re.match(r'[^"<(@]*:', raw):
        defects.append("group-syntax")
    if found and _second_reading(raw) != {address.address for address in found}:
        defects.append("readers-disagree")
    return defects


def _second_reading(raw: str) -> set[str | None]:
    """The addresses the standard library finds."""
    try:
        return {normal(address) for _, address in email.utils.getaddresses([raw], **_LENIENT) if "@" in address}
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


def _date(raws: Sequence[str]) -> tuple[datetime | None, tuple[str, ...]]:
    """mail-parser's date; where it is too strict for an old client, the standard library's. Always in UTC.

    Of several fields the first counts; what is wrong is told of all.
    """
    read = [parse_mail_date(raw) for raw in raws]
    wrong = tuple(sorted({f"date: {reason}" for each in read for reason in each.reasons}))
    if not read:
        return None, wrong
    return read[0].value or _lenient_date(raws[0]), wrong


def _lenient_date(raw: str) -> datetime | None:
    try:
        lenient = email.utils.parsedate_to_datetime(raw[:200])
        aware = lenient if lenient.tzinfo else lenient.replace(tzinfo=UTC)
        return aware.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
