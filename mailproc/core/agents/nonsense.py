"""The lines of an agent's mail that make no sense: what each group of commands refuses, asked together."""

from __future__ import annotations

from mailproc.core.agents import behalf, canned, fields, follow_ups, personal, relations, routing, sides
from mailproc.core.agents.named import named, nearest
from mailproc.core.commands import AgentText, Command
from mailproc.core.commands.values import Accept, Assign, Moving, Note
from mailproc.core.facts import Facts, TicketView
from mailproc.core.letters import BadLine
from mailproc.core.policy import Agent, Policy


def impossible(facts: Facts, agent: Agent, ticket: TicketView, words: AgentText) -> tuple[BadLine, ...]:
    """Commands that make no sense here: names nobody bears, and more than one word on the status."""
    policy = facts.policy
    written = tuple(zip(words.commands, words.lines, strict=True))
    bad = [found for command, line in written if (found := _nonsense(policy, command, line)) is not None]
    moving = [line for command, line in written if isinstance(command, Moving)]
    bad += fields.nonsense(facts, agent, ticket, words)
    bad += follow_ups.nonsense(facts, agent, ticket, words)
    bad += sides.nonsense(facts, ticket, words)
    bad += relations.nonsense(words)
    bad += behalf.nonsense(facts, words)
    bad += [BadLine(line, "") for command, line in written if _asks_who_may_not_see(policy, ticket, command)]
    bad += routing.nonsense(policy, words)
    bad += personal.nonsense(facts, agent, words)
    bad += canned.nonsense(facts, words)
    return (*bad, *(BadLine(line, "") for line in moving[1:]))


def _nonsense(policy: Policy, command: Command, line: str) -> BadLine | None:
    if isinstance(command, Assign) and command.target.casefold() != "me" and named(policy, command.target) is None:
        near = nearest(policy, command.target)
        return BadLine(line, f"#assign {near}" if near else "")
    if isinstance(command, Accept) and (policy.is_own(command.address) or policy.agent_by_address(command.address)):
        return BadLine(line, "")  # our letters to them would come back to us
    if isinstance(command, Note) and (unknown := next((to for to in command.to if named(policy, to) is None), "")):
        near = nearest(policy, unknown)
        return BadLine(line, f"#note @{near}" if near else "")
    return None


def _asks_who_may_not_see(policy: Policy, ticket: TicketView, command: Command) -> bool:
    """Of a matter of security nobody else is told by being asked."""
    asked = [named(policy, name) for name in command.to] if isinstance(command, Note) else []
    return any(name in policy.agents and not policy.sees(name, ticket.restricted) for name in asked if name)
