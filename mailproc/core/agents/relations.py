"""Tickets and other tickets: merge, split, link.

Nothing of one customer reaches another by it: tickets of two customers are never merged, and whoever was in copy of
the one that is merged takes part in the other only when an agent says so.
"""

from __future__ import annotations

from dataclasses import replace

from mailproc.core.agents.plan import Plan
from mailproc.core.commands import AgentText
from mailproc.core.commands.values import Ask, Assign, Link, Merge, Share, Split
from mailproc.core.effects import GiveTo, SendClosure, TellAgents
from mailproc.core.effects_relations import LinkWith, MergeInto, SplitOff, Unlink
from mailproc.core.facts import TicketView
from mailproc.core.letters import BadLine, Change, Done, News
from mailproc.core.lifecycle import Event, Outcome, Refusal, Status
from mailproc.core.policy import Agent, Policy


def nonsense(words: AgentText) -> tuple[BadLine, ...]:
    """A mail that splits off a ticket is about the new one, which has no past: nobody was asked, nothing to merge."""
    written = tuple(zip(words.commands, words.lines, strict=True))
    splits = [line for command, line in written if isinstance(command, Split)]
    others = [line for command, line in written if isinstance(command, Merge | Ask | Share)]
    return tuple(BadLine(line, "") for line in (*splits[1:], *(others if splits else ())))


def may_join(policy: Policy, agent: Agent, ticket: TicketView, other: TicketView) -> bool:
    """Whether the other ticket is the agent's business: of the same team, or one of the agent's."""
    return other.team == ticket.team or other.team not in policy.teams or agent.name in policy.teams[other.team].members


# --- merge ------------------------------------------------------------------------------------------


def merge(plan: Plan, command: Merge) -> None:
    """Close it as merged; the customer of an acknowledged ticket is told where it goes on."""
    other = plan.facts.named.tickets.get(command.into)
    refused = _unmergeable(plan, other)
    if refused is not None or other is None:
        plan.refused = plan.refused or refused
        return
    was_open = plan.status is not Status.CLOSED
    plan.move(Event.MERGED)
    if was_open and plan.facts.named.customer_knows:
        until = plan.facts.now + plan.facts.policy.reopen_window
        plan.effects.append(SendClosure(Outcome.MERGED, until, other.number))
    plan.done.append(Done(Change.MERGED, str(other.number)))
    plan.effects.append(MergeInto(other, plan.agent.name))
    if other.owner in plan.facts.policy.agents and other.owner != plan.agent.name:
        told = TellAgents((other.owner,), News.MERGED, "", (), str(plan.ticket.number), on=other)
        plan.effects.append(replace(told, author=plan.agent.display, author_address=plan.agent.address))
    there = {person.id for person in (other.customer, *other.copied)}
    plan.done += [Done(Change.LEFT_OUT, person.address) for person in plan.ticket.copied if person.id not in there]


def _unmergeable(plan: Plan, other: TicketView | None) -> Refusal | None:
    if other is None or not plan.facts.policy.sees(plan.agent.name, other.restricted):
        return Refusal.UNKNOWN_TICKET
    if plan.ticket.restricted and not other.restricted:
        return Refusal.RESTRICTED
    if other.number == plan.ticket.number:
        return Refusal.SAME_TICKET
    if not may_join(plan.facts.policy, plan.agent, plan.ticket, other):
        return Refusal.OTHER_TEAM
    if other.customer.id != plan.ticket.customer.id:
        return Refusal.OTHER_CUSTOMER
    if other.status is Status.CLOSED and plan.status is not Status.CLOSED:
        return Refusal.OTHER_CLOSED
    return None


# --- split ------------------------------------------------------------------------------------------


def split(plan: Plan, words: AgentText) -> None:
    """First of all, for the rest of the mail is about the new ticket."""
    command = words.first(Split)
    if command is None:
        return
    if plan.facts.named.split_off is None:
        plan.refused = plan.refused or Refusal.NOTHING_TO_SPLIT
        return
    old = plan.ticket
    plan.ticket = _begun(old, command.subject)
    plan.status = plan.ticket.status
    plan.effects.append(SplitOff(plan.ticket, plan.facts.named.split_off, plan.agent.name))
    plan.done.append(Done(Change.SPLIT, str(old.number)))
    if not words.has(Assign):
        plan.move(Event.ASSIGNED)
        plan.effects.append(GiveTo(plan.agent.name, old.team, "split it off"))
        plan.ticket = replace(plan.ticket, owner=plan.agent.name)


def _begun(old: TicketView, subject: str) -> TicketView:
    """Of the same customer and no one else; what was found out about the old one is to be found out about this one."""
    return TicketView(
        number=0, mailbox=old.mailbox, team=old.team, subject=subject[:200] or old.subject, status=Status.NEW, owner="",
        customer=old.customer, copied=(), language=old.language, priority=old.priority, round=0, closed_at=None,
        promised_at=None, resolved_by="", thread=old.thread[-1:], previous=old.number, answered=False,
        restricted=old.restricted,
    )  # fmt: skip


# --- link -------------------------------------------------------------------------------------------


def link(plan: Plan, command: Link) -> None:
    """Of whatever customers: nobody but agents sees it."""
    other = plan.facts.named.tickets.get(command.other)
    if other is None or not plan.facts.policy.sees(plan.agent.name, other.restricted):
        plan.refused = plan.refused or Refusal.UNKNOWN_TICKET
    elif other.number == plan.ticket.number:
        plan.refused = plan.refused or Refusal.SAME_TICKET
    elif command.remove:
        plan.effects.append(Unlink(tuple(sorted({command.other, other.number})), plan.agent.name))
        plan.done.append(Done(Change.UNLINKED, str(command.other)))
    else:
        plan.effects.append(LinkWith(other.number, plan.agent.name))
        plan.done.append(Done(Change.LINKED, str(other.number)))
