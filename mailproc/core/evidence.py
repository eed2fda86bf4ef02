"""What proves who wrote a mail: the verdict of our own border server, and nothing else (RFC 8601).

Authentication-Results are believed only under an authserv-id that the operator configured, and only near the top of the
mail: our border writes them above everything that came in, and deletes forged ones of its name (RFC 8601, 5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How well a sender is proven."""

    NONE = "none"  # nobody we trust said anything
    FAILED = "failed"  # our border says it isn't them, or its words are unclear
    AUTHENTICATED = "authenticated"  # dmarc=pass for the domain in From


@dataclass(frozen=True, slots=True)
class AuthenticationResults:
    """One field, taken apart. `dmarc` holds the verdicts with the domain each is about."""

    authserv_id: str  # case folded
    hops: int  # Received fields above it: how many servers of ours have handed the mail on since
    dmarc: tuple[tuple[str, str], ...]  # (result, header.from), both lower case
    defect: str = ""  # why it could not be read


@dataclass(frozen=True, slots=True)
class Evidence:
    level: Level
    reason: str


def evidence(
    results: Sequence[AuthenticationResults], domain: str, trusted: frozenset[str], most_hops: int = 1
) -> Evidence:
    """How well the fields, newest first, prove that `domain` wrote the mail. `trusted` is case folded.

    Only fields with at most `most_hops` Received fields above them are looked at: what stands lower came from outside.
    """
    if not trusted:
        return Evidence(Level.NONE, "no authserv-id is trusted by the configuration")
    ours = [result for result in results if result.authserv_id in trusted and result.hops <= most_hops]
    if not ours:
        return Evidence(Level.NONE, "no trusted server has judged the sender")
    defect = next((result.defect for result in ours if result.defect), "")
    if defect:
        return Evidence(Level.FAILED, f"a trusted field can't be read: {defect}")
    verdicts = {verdict for result in ours for verdict in result.dmarc}
    if len(verdicts) > 1:
        return Evidence(Level.FAILED, "trusted verdicts disagree")
    if verdicts == {("pass", domain.casefold())}:
        return Evidence(Level.AUTHENTICATED, f"dmarc=pass for {domain} by {ours[0].authserv_id}")
    told = ", ".join(f"dmarc={result} for {about or 'nobody'}" for result, about in verdicts) or "no dmarc verdict"
    return Evidence(Level.FAILED, told)
