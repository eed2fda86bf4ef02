"""What proves who wrote a mail: the verdict of our own border server, and nothing else (RFC 8601).

Authentication-Results are believed only under an authserv-id that the operator configured (RFC 8601, 7.1: the list is
empty until somebody fills it) and only near the top of the mail, where our border writes them. It also deletes what
came in under its own name (RFC 8601, 5); should it not, a forged verdict stands below the true one, disagrees with
it, and the sender counts as not proven.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How well a sender is proven."""

    NONE = "none"  # nobody we trust said anything
    FAILED = "failed"  # our border says it isn't them, or its words are unclear
    CONFIRMED = "confirmed"  # answered with the one-time token that went to the registered address
    SEALED = "sealed"  # a forwarder we trust saw dmarc=pass, and its seals are whole (ARC, RFC 8617)
    AUTHENTICATED = "authenticated"  # dmarc=pass for the domain in From


@dataclass(frozen=True, slots=True)
class AuthenticationResults:
    """One field, taken apart. `dmarc` holds the verdicts with the domain each is about, ASCII and lower case."""

    authserv_id: str  # lower case; empty where none could be read
    hops: int  # Received fields above it: how many servers have handed the mail on since
    dmarc: tuple[tuple[str, str], ...] = ()  # (result, header.from); the domain is empty where the field names none
    defect: str = ""  # why it could not be read
    arc: tuple[str, ...] = ()  # what it says of the chain of seals


@dataclass(frozen=True, slots=True)
class Seal:
    """One forwarder's link in a chain (RFC 8617, 4): who sealed, and what they had seen of the mail when it came."""

    sealer: str  # d= of the ARC-Seal, ASCII and lower case
    dmarc: tuple[tuple[str, str], ...]  # of their ARC-Authentication-Results


@dataclass(frozen=True, slots=True)
class Evidence:
    level: Level
    reason: str

    @property
    def proven(self) -> bool:
        """Whether it shows that the author wrote the mail."""
        return self.level not in {Level.NONE, Level.FAILED}


def evidence(
    results: Sequence[AuthenticationResults],
    domain: str,
    trusted: frozenset[str],
    most_hops: int = 2,
    chain: Sequence[Seal] = (),
    sealers: frozenset[str] = frozenset(),
) -> Evidence:
    """How well the fields, topmost first, prove that somebody of `domain` (of the one author in From) wrote the mail.

    `trusted` holds authserv-ids in lower case. Only fields with at most `most_hops` Received fields above them are
    looked at: what stands lower came from outside. Only `dmarc=pass` for exactly `domain` proves anything: SPF and
    DKIM alone speak of other addresses than the one that is shown (RFC 7489, 3.1). A forwarder breaks it; where our
    border found the chain of seals whole and every sealer is one of `sealers`, what the first of them saw counts.
    """
    if not trusted:
        return Evidence(Level.NONE, "no authserv-id is trusted by the configuration")
    ours = [result for result in results if result.authserv_id in trusted and result.hops <= most_hops]
    if not ours:
        return Evidence(Level.NONE, "no trusted server has judged the sender")
    defect = next((result.defect for result in ours if result.defect), "")
    if defect:
        return Evidence(Level.FAILED, f"a trusted field can't be read: {defect}")
    verdicts = sorted({verdict for result in ours for verdict in result.dmarc})
    told = ", ".join(f"dmarc={result} for {about or 'nobody'}" for result, about in verdicts)
    if len(verdicts) > 1:
        return Evidence(Level.FAILED, f"trusted verdicts disagree: {told}")
    # An empty domain is a From that names nobody: it must not match a verdict about nobody.
    if domain and verdicts == [("pass", domain.lower())]:
        return Evidence(Level.AUTHENTICATED, f"dmarc=pass for {domain} by {ours[0].authserv_id}")
    if domain and _sealed(ours, domain.lower(), chain, sealers):
        return Evidence(
            Level.SEALED, f"arc=pass by {ours[0].authserv_id}, dmarc=pass for {domain} by {chain[0].sealer}"
        )
    return Evidence(Level.FAILED, told or "no dmarc verdict")


def _sealed(ours: Sequence[AuthenticationResults], domain: str, chain: Sequence[Seal], sealers: frozenset[str]) -> bool:
    """Whether all who handed the mail on are trusted, and the first of them saw it proven."""
    if {verdict for result in ours for verdict in result.arc} != {"pass"}:
        return False
    known = bool(chain) and all(seal.sealer in sealers for seal in chain)
    return known and set(chain[0].dmarc) == {("pass", domain)}
