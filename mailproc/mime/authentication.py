"""Authentication-Results fields (RFC 8601) as values, read with authres.

Runs where the decision runs: fields are few and short by our caps, and authres reads them in one pass.
"""

from __future__ import annotations

import re

from authres import AuthenticationResultsHeader

from mailproc.core.evidence import AuthenticationResults
from mailproc.core.message import Message

_MOST_FIELDS = 20
_LONGEST_FIELD = 4000  # characters; a border server writes a few hundred (RFC 8601, 7.8)
_COMMENT = re.compile(r"\([^()]{0,500}\)")
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")


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
    except Exception as error:  # noqa: BLE001 - a parser of hostile text: what it can't read proves nothing
        return AuthenticationResults(_likely_id(ascii_value), hops, defect=type(error).__name__)
    return AuthenticationResults(str(field.authserv_id or "").lower(), hops, dmarc)


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
