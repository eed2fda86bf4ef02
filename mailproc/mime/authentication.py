"""Authentication-Results fields (RFC 8601) as values, read with authres.

Runs where the decision runs: fields are few and short by our caps, and authres reads them in one pass.
"""

from __future__ import annotations

import re

from authres import AuthenticationResultsHeader

from mailproc.core.evidence import AuthenticationResults, Seal
from mailproc.core.message import Message

_MOST_FIELDS = 20
_LONGEST_FIELD = 4000  # characters; a border server writes a few hundred (RFC 8601, 7.8)
_COMMENT = re.compile(r"\([^()]{0,500}\)")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")
_INSTANCE = re.compile(r"\s*i\s*=\s*([1-9][0-9]?)\s*;(.*)", re.DOTALL)
_MOST_SEALS = 50  # RFC 8617, 5.1.1.1


def results(message: Message) -> tuple[AuthenticationResults, ...]:
    """The mail's fields, topmost first. One that can't be read says so and proves nothing.

    Fields of enclosed mails are not among them (RFC 8601, 7.10), nor are those of ARC or with X- names.
    """
    found: list[AuthenticationResults] = []
    hops = 0
    for name, value in message.headers:
        if name == "received":
            hops += 1
        elif name == "authentication-results" and len(found) < _MOST_FIELDS:
            found.append(_read(value, hops))
    return tuple(found)


def seals(message: Message) -> tuple[Seal, ...]:
    """The chain of ARC seals, the first forwarder's first; empty where it is not whole and each link there once.

    Whether the seals are good is not looked at here: our border says that, as `arc=pass` (RFC 8617, 7.1).
    """
    sealers = _by_instance(message.header_all("arc-seal"))
    seen = _by_instance(message.header_all("arc-authentication-results"))
    whole = set(range(1, len(message.header_all("arc-seal")) + 1))
    if len(whole) > _MOST_SEALS or set(sealers) != whole or set(seen) != whole:
        return ()
    return tuple(Seal(_signer(sealers[number]), _read(seen[number], 0).dmarc) for number in sorted(whole))


def _by_instance(values: tuple[str, ...]) -> dict[int, str]:
    """Fields by their i= tag, without it; nothing where one has none or two have the same."""
    found = [_INSTANCE.fullmatch(value[:_LONGEST_FIELD]) for value in values[: _MOST_SEALS + 1]]
    numbered = {int(match[1]): match[2] for match in found if match is not None}
    return numbered if len(numbered) == len(values) else {}


def _signer(value: str) -> str:
    """The d= tag of a seal (RFC 6376, 3.2); empty unless there is exactly one."""
    tags = [tag.partition("=") for tag in _BEYOND_ASCII.sub("_", value).split(";")]
    named = [text.strip().lower() for name, _, text in tags if name.strip() == "d"]
    return named[0] if len(named) == 1 else ""


def _read(value: str, hops: int) -> AuthenticationResults:
    if len(value) > _LONGEST_FIELD:
        return AuthenticationResults(
            _likely_id(_BEYOND_ASCII.sub("_", value[:_LONGEST_FIELD])), hops, defect="too long"
        )
    # authres makes lower case by Unicode's rules, where other alphabets have letters that end as one of ours.
    ascii_value = _BEYOND_ASCII.sub("_", value)
    try:
        field = AuthenticationResultsHeader.parse(f"Authentication-Results: {ascii_value}")
        dmarc = tuple(
            (str(result.result or "").lower(), domain)
            for result in field.results
            if str(result.method or "").lower() == "dmarc"
            for domain in _domains(result)
        )
        arc = tuple(
            str(result.result or "").lower() for result in field.results if str(result.method or "").lower() == "arc"
        )
    except Exception as error:  # noqa: BLE001 - a parser of hostile text: what it can't read proves nothing
        return AuthenticationResults(_likely_id(ascii_value), hops, defect=type(error).__name__)
    return AuthenticationResults(str(field.authserv_id or "").lower(), hops, dmarc, arc=arc)


def _likely_id(value: str) -> str:
    """Whose field it claims to be, when it can't be read: enough to refuse, never to believe."""
    words = _COMMENT.sub(" ", value).partition(";")[0].split()
    return words[0].strip('"').lower() if words else ""


def _domains(result: object) -> list[str]:
    """The domains a dmarc verdict is about: one, else it is unclear; `[""]` where it names none."""
    named = [
        str(item.value)
        for item in getattr(result, "properties", ())
        if str(item.type).lower() == "header" and str(item.name).lower() == "from"
    ]
    return [name.rpartition("@")[2].lower() for name in named] or [""]
