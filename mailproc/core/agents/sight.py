"""Which tickets an agent may see and act on without having been told of them."""

from __future__ import annotations

from mailproc.core.facts import TicketView
from mailproc.core.policy import Agent


def may_see(agent: Agent, ticket: TicketView) -> bool:
    """Those of their teams, and their own; of what is restricted, only its team's."""
    return ticket.team in agent.teams or (ticket.owner == agent.name and not ticket.restricted)
