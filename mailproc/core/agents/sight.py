"""Which tickets an agent may see and act on without having been told of them."""

from __future__ import annotations

from mailproc.core.facts import TicketView
from mailproc.core.policy import Agent, Policy


def may_see(policy: Policy, agent: Agent, ticket: TicketView) -> bool:
    """Those of their teams, and their own; of what is restricted, only who belongs to security."""
    theirs = ticket.team in agent.teams or ticket.owner == agent.name
    return theirs and policy.sees(agent.name, ticket.restricted)
