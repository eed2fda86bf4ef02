"""Authentication-Results fields (RFC 8601) as values, read with authres."""

from __future__ import annotations

from authres import AuthenticationResultsHeader, AuthResError

from mailproc.core.evidence import AuthenticationResults
from mailproc.core.message import Message

_MOST_FIELDS = 20
_LONGEST_FIELD = 4000  # characters; a border server writes a few hundred


def results(message: Message) -> tuple[AuthenticationResults, ...]:
    """The mail's fields, newest first. One that can't be read says so and proves nothing."""
    found: list[AuthenticationResults] = []
    hops = 0
    for name, value in message.headers:
        if name == "received":
            hops += 1
        elif name == "authentication-results" and len(found) < _MOST_FIELDS:
            found.append(_read(value, hops))
    return tuple(found)


def _read(value: str, hops: int) -> AuthenticationResults:
    identity = value.partition(";")[0].split("(")[0].split()
    authserv_id = identity[0].strip('"').casefold() if identity else ""
    if len(value) > _LONGEST_FIELD:
        return AuthenticationResults(authserv_id, hops, (), "too long")
    try:
        field = AuthenticationResultsHeader.parse(f"Authentication-Results: {value}")
    except (AuthResError, SyntaxError, ValueError, IndexError, AttributeError) as error:
        return AuthenticationResults(authserv_id, hops, (), f"{type(error).__name__}")
    dmarc = tuple(
        (str(result.result or "").casefold(), _domain(result))
        for result in field.results
        if str(result.method or "").casefold() == "dmarc"
    )
    return AuthenticationResults(str(field.authserv_id or "").casefold(), hops, dmarc)


def _domain(result: object) -> str:
    for item in getattr(result, "properties", ()):
        if str(item.type).casefold() == "header" and str(item.name).casefold() == "from":
            return str(item.value).rpartition("@")[2].casefold()
    return ""
