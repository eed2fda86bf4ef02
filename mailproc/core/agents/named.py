"""Whom an agent names."""

from __future__ import annotations

import difflib

from mailproc.core.policy import Policy


def named(policy: Policy, name: str) -> str | None:
    """The agent's or team's name someone typed: by name, display name, given name or address."""
    wanted = name.casefold().strip("@ ")
    for agent in policy.agents.values():
        given = agent.display.casefold().partition(" ")[0]
        if wanted in {agent.name.casefold(), agent.display.casefold(), given, agent.address.casefold()}:
            return agent.name
    return next(
        (team for team in policy.teams if wanted in {team.casefold(), policy.teams[team].display.casefold()}), None
    )


def behind(policy: Policy, name: str) -> tuple[str, ...]:
    """The agents whom a name of ours stands for: an agent, or everyone of a team; nobody behind any other."""
    return (name,) if name in policy.agents else tuple(member.name for member in policy.members(name))


def nearest(policy: Policy, name: str) -> str:
    """The agent's or team's name that is written most alike; empty where none is."""
    return next(iter(difflib.get_close_matches(name.casefold(), [*policy.agents, *policy.teams], n=1)), "")
