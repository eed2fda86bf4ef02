"""Notes: words among colleagues, and colleagues who are asked by name."""

from __future__ import annotations

from mailproc.core.agents.named import behind, named
from mailproc.core.agents.plan import Plan
from mailproc.core.commands import AgentText
from mailproc.core.commands.values import Note
from mailproc.core.decide import audience
from mailproc.core.effects import AddMessage, Kind, TellAgents
from mailproc.core.letters import Change, Done, News
from mailproc.core.policy import Policy


def take_note(plan: Plan, words: AgentText) -> None:
    """Keep the words among colleagues, and tell those who have the ticket, and those who are asked."""
    agent, policy = plan.agent, plan.facts.policy
    plan.effects.append(AddMessage(Kind.NOTE, True, agent.name, agent.display, words.body))
    asked = [name for name in _asked(policy, words) if name != agent.name and policy.sees(name, plan.ticket.restricted)]
    if asked:
        told = TellAgents(tuple(asked), News.ASKED, words.body, (), "", agent.display, agent.address)
        plan.effects.append(told)
    plan.done.append(Done(Change.NOTED))
    plan.done += [Done(Change.ASKED, policy.agents[name].display) for name in asked]
    others = tuple(name for name in audience(policy, plan.ticket) if name != agent.name and name not in asked)
    if others and words.body:
        plan.effects.append(TellAgents(others, News.NOTE, words.body, (), "", agent.display, agent.address))


def _asked(policy: Policy, words: AgentText) -> tuple[str, ...]:
    """The agents named, once each; of a team, everyone."""
    typed = [name for command in words.commands if isinstance(command, Note) for name in command.to]
    return tuple(dict.fromkeys(each for name in typed for each in behind(policy, named(policy, name) or "")))
