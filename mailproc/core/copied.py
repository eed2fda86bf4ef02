"""Who takes part in a ticket beside its customer."""

from __future__ import annotations

from mailproc.core.facts import Facts
from mailproc.core.message import Address
from mailproc.core.policy import Policy

_ROBOT_LOCAL_PARTS = ("no-reply", "noreply", "donotreply", "do-not-reply", "mailer-daemon", "postmaster", "bounce")


def copied(facts: Facts) -> tuple[Address, ...]:
    """Who stands in To and Cc beside us: kept as participants, without robots, agents and our own addresses."""
    author = facts.message.author
    seen = {author.key} if author else set()
    kept: list[Address] = []
    for address in (*facts.message.to, *facts.message.cc):
        if address.key in seen or not _may_take_part(facts.policy, address):
            continue
        seen.add(address.key)
        kept.append(address)
    return tuple(kept[: facts.policy.most_copied])


def _may_take_part(policy: Policy, address: Address) -> bool:
    local = address.key.rpartition("@")[0]
    robot_like = local.startswith(_ROBOT_LOCAL_PARTS) or local.startswith("owner-") or local.endswith("-request")
    return not robot_like and not policy.is_own(address.address) and policy.agent_by_address(address.address) is None
