"""Whether a mail is from whom it says."""

from __future__ import annotations

from mailproc.core import evidence
from mailproc.core.evidence import Evidence
from mailproc.core.message import Address, Message
from mailproc.core.policy import Policy
from mailproc.mime import authentication


def proof(policy: Policy, message: Message, author: Address | None) -> Evidence:
    """What the operator's own servers, and the forwarders the operator trusts, say about the author."""
    return evidence.evidence(
        authentication.results(message),
        author.domain if author else "",
        policy.trusted_authserv_ids,
        policy.border_hops,
        authentication.seals(message),
        policy.trusted_arc_sealers,
    )
