"""Where a ticket goes: spam, asked for help, a matter of security.

The words beside these commands stay among colleagues: they are about the customer, not for them.
"""

from __future__ import annotations

import difflib
from dataclasses import replace

from mailproc.core.agents.named import behind, named, nearest
from mailproc.core.agents.plan import Plan
from mailproc.core.commands import AgentText
from mailproc.core.commands.grammar import is_address
from mailproc.core.commands.values import Escalate, HandOff, MarkSpam, Restrict
from mailproc.core.decide import NOBODY
from mailproc.core.effects import GiveTo, SendClosure, TellAgents
from mailproc.core.effects_fields import BlockPerson, Noted, SetField, TicketField
from mailproc.core.effects_sides import AskThirdParty
from mailproc.core.letters import BadLine, Change, Done, News
from mailproc.core.lifecycle import Event, Refusal, Status
from mailproc.core.lifecycle import Outcome as Ending
from mailproc.core.message import Address, Attachment
from mailproc.core.policy import Policy

_INSIDE = (Escalate, MarkSpam, Restrict)


def stays_inside(words: AgentText) -> bool:
    """Whether a command says that the words are for colleagues."""
    return words.has(*_INSIDE)


def nonsense(policy: Policy, words: AgentText) -> tuple[BadLine, ...]:
    """Names nobody bears."""
    bad = []
    for command, line in zip(words.commands, words.lines, strict=True):
        if isinstance(command, Escalate) and command.to and named(policy, command.to) is None:
            near = nearest(policy, command.to)
            bad.append(BadLine(line, f"#escalate {near}" if near else ""))
        if isinstance(command, HandOff) and not _elsewhere(policy, command):
            others = difflib.get_close_matches(command.to.casefold(), policy.routes.others, n=1)
            bad.append(BadLine(line, f"#handoff {others[0]}" if others else ""))
    return tuple(bad)


def _elsewhere(policy: Policy, command: HandOff) -> str:
    """The address of those who take it; empty where it is nobody's, or our own."""
    others = {name.casefold(): address for name, address in policy.routes.others.items()}
    address = others.get(command.to.casefold(), command.to.strip("<>"))
    ours = policy.is_own(address) or policy.agent_by_address(address) is not None
    return "" if ours or not is_address(address) else address


def _name_elsewhere(policy: Policy, command: HandOff) -> str:
    """As the operator wrote it; of a bare address the customer is told nothing."""
    return next((name for name in policy.routes.others if name.casefold() == command.to.casefold()), "")


def hands_off(words: AgentText) -> bool:
    return words.has(HandOff)


def hand_off(plan: Plan, command: HandOff, words: str, enclosed: tuple[Attachment, ...]) -> None:
    """The agent's words and all the customer wrote go there; the customer is told that others have it now."""
    address, mails = _elsewhere(plan.facts.policy, command), plan.facts.named.mails
    if plan.move(Event.HANDED_OFF) is None:
        return
    plan.effects.append(AskThirdParty(plan.agent.name, Address(address), words, (*enclosed, *mails)))
    until, team = plan.facts.now + plan.facts.policy.reopen_window, _name_elsewhere(plan.facts.policy, command)
    plan.effects.append(SendClosure(Ending.HANDED_OFF, until, handed_to=team))
    plan.done.append(Done(Change.ASKED_OUTSIDE, address))


def mark_spam(plan: Plan, command: MarkSpam) -> None:
    """Closed, and nobody outside hears of it."""
    plan.move(Event.MARKED_SPAM)
    if not command.block:
        return
    customer, policy = plan.ticket.customer, plan.facts.policy
    if customer.address == NOBODY.address or policy.agent_by_address(customer.address) is not None:
        plan.refused = plan.refused or Refusal.NOT_A_CUSTOMER
        return
    plan.effects.append(BlockPerson(customer.id, customer.address, plan.agent.name))
    plan.done.append(Done(Change.BLOCKED, customer.address))


def restrict(plan: Plan, words: AgentText) -> None:
    """Before anybody is told anything: from now on only the team for security is."""
    policy, team = plan.facts.policy, plan.facts.policy.routes.security_team
    if not words.has(Restrict):
        return
    if team not in policy.teams:
        plan.refused = plan.refused or Refusal.NO_SECURITY_TEAM
        return
    members = tuple(agent.name for agent in policy.members(team))
    owner = plan.ticket.owner if plan.ticket.owner in members else ""
    if not owner and plan.status is not Status.CLOSED:
        plan.move(Event.RETURNED)
    plan.effects.append(SetField(TicketField.RESTRICTED, True, plan.agent.name))
    plan.effects.append(GiveTo(owner, team, "a matter of security"))
    plan.ticket = replace(plan.ticket, restricted=True, owner=owner, team=team)
    plan.done.append(Done(Change.RESTRICTED, policy.teams[team].display))


def ask_for_help(plan: Plan, words: AgentText) -> None:
    """The team for security is told; others are asked for help, and whoever has the ticket keeps it."""
    if plan.ticket.restricted and words.has(Restrict):
        members = plan.facts.policy.members(plan.ticket.team)
        _tell(plan, tuple(member.name for member in members), News.SECURITY, words.body)
    _escalate(plan, words)


def _escalate(plan: Plan, words: AgentText) -> None:
    command = words.first(Escalate)
    if command is None:
        return
    policy = plan.facts.policy
    wanted = named(policy, command.to) if command.to else policy.routes.escalate_to or plan.ticket.team
    told = _tell(plan, behind(policy, wanted or ""), News.ESCALATED, words.body)
    if not told:
        plan.refused = plan.refused or Refusal.NOBODY_TO_ASK
        return
    shown = ", ".join(policy.agents[name].display for name in told)
    plan.effects.append(Noted("escalated", plan.agent.name, f"to {shown}"))
    plan.done.append(Done(Change.ESCALATED, shown))


def _tell(plan: Plan, names: tuple[str, ...], news: News, words: str) -> tuple[str, ...]:
    """Tell those of them who may know of it, in place of a mere note; returns who they are."""
    policy, agent = plan.facts.policy, plan.agent
    told = tuple(name for name in names if name != agent.name and policy.sees(name, plan.ticket.restricted))
    notes = [effect for effect in plan.effects if isinstance(effect, TellAgents) and effect.news is News.NOTE]
    plan.effects = [effect for effect in plan.effects if effect not in notes]
    for note in notes:
        left = tuple(name for name in note.agents if name not in told)
        plan.effects += [replace(note, agents=left)] if left else []
    if told:
        plan.effects.append(TellAgents(told, news, words, (), "", agent.display, agent.address))
    return told


def keeps_to_its_team(plan: Plan) -> None:
    """A matter of security is given to nobody outside its team."""
    policy = plan.facts.policy
    if not plan.ticket.restricted:
        return
    for effect in plan.effects:
        outside = isinstance(effect, GiveTo) and (
            not policy.sees(effect.agent, True) if effect.agent else effect.team != policy.routes.security_team
        )
        if outside:
            plan.refused = plan.refused or Refusal.RESTRICTED
