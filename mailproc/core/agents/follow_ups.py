"""What comes later: a ticket out of sight until a moment, and reminders of the agent's own."""

from __future__ import annotations

from mailproc.core.agents.fields import refuses_done, set_field, when
from mailproc.core.agents.plan import Plan
from mailproc.core.commands import AgentText
from mailproc.core.commands.values import Remind, Snooze
from mailproc.core.effects import CancelDeadlines, DeadlineKind, SetDeadline
from mailproc.core.effects_fields import TicketField
from mailproc.core.facts import Facts, TicketView
from mailproc.core.letters import BadLine, Change, Done
from mailproc.core.lifecycle import Status
from mailproc.core.policy import Agent
from mailproc.core.snooze import woken

_SNOOZE, _FOLLOW_UP = frozenset({DeadlineKind.SNOOZE}), frozenset({DeadlineKind.FOLLOW_UP})


def nonsense(facts: Facts, agent: Agent, ticket: TicketView, words: AgentText) -> tuple[BadLine, ...]:
    """Moments nobody can read or that are over, and a ticket put off twice."""
    written = [
        (command, line)
        for command, line in zip(words.commands, words.lines, strict=True)
        if isinstance(command, Snooze | Remind)
    ]
    unread = [
        BadLine(line, "#snooze friday 9:00" if isinstance(command, Snooze) else "#remind 3d")
        for command, line in written
        if command.when and when(facts, agent, ticket, command.when) is None
    ]
    snoozes = [(command, line) for command, line in written if isinstance(command, Snooze)]
    return (*unread, *(BadLine(line, "") for command, line in snoozes[1:] if command != snoozes[0][0]))


def follow_up(plan: Plan, words: AgentText) -> None:
    """After everything else: what is closed or resolved by now is put off no more.

    An agent's own reminder stays, whatever becomes of the ticket: to ask whether it holds is a reason to set one.
    """
    if plan.status in {Status.RESOLVED, Status.CLOSED}:
        plan.effects += woken(plan.ticket, plan.agent.name, plan.status.value)
    for command in dict.fromkeys(words.commands):
        match command:
            case Snooze():
                _snooze(plan, command)
            case Remind():
                _remind(plan, command)
            case _:
                pass


def _snooze(plan: Plan, command: Snooze) -> None:
    """A second one takes the place of the first."""
    if refuses_done(plan):
        return
    until = when(plan.facts, plan.agent, plan.ticket, command.when) if command.when else None
    plan.effects.append(CancelDeadlines("put off anew" if until else "brought back", _SNOOZE))
    done = Done(Change.SNOOZED, "", until) if until else Done(Change.WOKEN)
    set_field(plan, TicketField.SNOOZED_UNTIL, until, done)
    if until is not None:
        plan.effects.append(SetDeadline(DeadlineKind.SNOOZE, until, plan.agent.name))


def _remind(plan: Plan, command: Remind) -> None:
    at = when(plan.facts, plan.agent, plan.ticket, command.when) if command.when else None
    if at is None:
        plan.effects.append(CancelDeadlines("not wanted any more", _FOLLOW_UP, plan.agent.name))
        plan.done.append(Done(Change.NOT_REMINDING))
        return
    plan.effects.append(SetDeadline(DeadlineKind.FOLLOW_UP, at, plan.agent.name))
    plan.done.append(Done(Change.REMINDING, "", at))
