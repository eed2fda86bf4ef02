"""Facts by command: priority, category, tags, people in copy, time, cause, and when it will be solved."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mailproc.core import moments
from mailproc.core.agents.plan import Plan
from mailproc.core.commands import AgentText, Command
from mailproc.core.commands.values import (
    Classify,
    Copy,
    Field,
    NoteCause,
    Prioritise,
    Promise,
    Resolve,
    Retag,
    Spend,
    WantArticle,
)
from mailproc.core.effects import AddParticipant, SendStatus
from mailproc.core.effects_fields import FieldValue, RemoveParticipant, SetField, TicketField
from mailproc.core.facts import Facts, Person, TicketView
from mailproc.core.letters import BadLine, Change, Done
from mailproc.core.lifecycle import Refusal, Status
from mailproc.core.message import Address
from mailproc.core.policy import Agent

_LONGEST_CAUSE = 200  # characters
_LONGEST_TAGS = 500
_MOST_TIME = timedelta(hours=24)  # in one mail; more is a slip of the finger
_CLASSIFIED = {
    Field.CATEGORY: (TicketField.CATEGORY, Change.CATEGORY),
    Field.TYPE: (TicketField.ISSUE_TYPE, Change.TYPE),
    Field.PRODUCT: (TicketField.PRODUCT, Change.PRODUCT),
}


def when(facts: Facts, agent: Agent, ticket: TicketView, words: str) -> datetime | None:
    """A moment as the agent means it: days and clock times of the agent's zone."""
    calendar = facts.policy.mailbox(ticket.mailbox).calendar
    return moments.moment(words, facts.now, ZoneInfo(agent.time_zone), calendar)


# --- what makes no sense --------------------------------------------------------------------------


def nonsense(facts: Facts, agent: Agent, ticket: TicketView, words: AgentText) -> tuple[BadLine, ...]:
    """Lines that can't be meant: values nobody can read, and two values for one thing."""
    written = tuple(zip(words.commands, words.lines, strict=True))
    bad = [found for command, line in written if (found := _bad(facts, agent, ticket, command, line)) is not None]
    tags, copies = _retagged(words.commands), _recopied(words.commands)
    last = {type(command): line for command, line in written}
    if {*tags.add} & {*tags.remove} or len(" ".join(_tags(ticket, tags))) > _LONGEST_TAGS:
        bad.append(BadLine(last[Retag], "#tag +new -old"))
    if copies.add or copies.remove:
        bad += _bad_copies(facts, ticket, copies, last[Copy])
    return (*bad, *_contradictions(written))


def _bad(facts: Facts, agent: Agent, ticket: TicketView, command: Command, line: str) -> BadLine | None:
    match command:
        case Spend(span=span) if _minutes(span) is None:
            return BadLine(line, "#time 1h20")
        case Promise(when=words) if words and when(facts, agent, ticket, words) is None:
            return BadLine(line, "#eta tomorrow noon")
        case _:
            return None


def _retagged(commands: tuple[Command, ...]) -> Retag:
    """What all lines together ask for."""
    lines = [command for command in commands if isinstance(command, Retag)]
    return Retag(tuple(tag for each in lines for tag in each.add), tuple(tag for each in lines for tag in each.remove))


def _recopied(commands: tuple[Command, ...]) -> Copy:
    lines = [command for command in commands if isinstance(command, Copy)]
    return Copy(tuple(who for each in lines for who in each.add), tuple(who for each in lines for who in each.remove))


def _bad_copies(facts: Facts, ticket: TicketView, command: Copy, line: str) -> Iterator[BadLine]:
    """Our letters to ourselves would come back, the customer is no copy, and who takes no part can't be taken out."""
    policy, there = facts.policy, [person.address.casefold() for person in ticket.copied]
    added, removed = [each.casefold() for each in command.add], [each.casefold() for each in command.remove]
    unfit = any(policy.is_own(each) or policy.agent_by_address(each) or _is(ticket.customer, each) for each in added)
    if unfit or {*added} & {*removed} or len({*there, *added} - {*removed}) > max(policy.most_copied, len(there)):
        yield BadLine(line, "")
    for address in removed:
        if address not in there:
            near = difflib.get_close_matches(address, there, n=1)
            yield BadLine(line, f"#uncc {near[0]}" if near else "")


def _is(person: Person, address: str) -> bool:
    return person.address.casefold() == address.casefold()


def _contradictions(written: tuple[tuple[Command, str], ...]) -> Iterator[BadLine]:
    """A second line that says something else about the same thing."""
    said: dict[object, object] = {}
    for command, line in written:
        about, value = _about(command)
        if about is not None and said.setdefault(about, value) != value:
            yield BadLine(line, "")


def _about(command: Command) -> tuple[object, object]:
    """What a command says one thing about, and the thing."""
    match command:
        case Prioritise() | Spend() | Promise():
            return type(command), command
        case Classify(field=field, value=value):
            return field, value
        case NoteCause() | Resolve() if cause := _cause(command):
            return NoteCause, cause
        case _:
            return None, None


def _cause(command: Command) -> str:
    match command:
        case NoteCause(words=words) | Resolve(cause=words):
            return words[:_LONGEST_CAUSE]
        case _:
            return ""


def _minutes(span: str) -> int | None:
    """Whole minutes; a bare number is minutes, as in RT's TimeWorked."""
    length = timedelta(minutes=int(span)) if span.isascii() and span.isdigit() and len(span) < 5 else moments.span(span)
    return math.ceil(length / timedelta(minutes=1)) if length and length <= _MOST_TIME else None


# --- carrying out ---------------------------------------------------------------------------------


def set_facts(plan: Plan, words: AgentText) -> None:
    """Everything but what goes to the customer: people in copy first, for they get the answer."""
    _copy(plan, _recopied(words.commands))
    for command in dict.fromkeys(words.commands):
        match command:
            case Prioritise(priority=priority):
                set_field(plan, TicketField.PRIORITY, priority, Done(Change.PRIORITY, priority))
            case Classify(field=field, value=value):
                name, change = _CLASSIFIED[field]
                set_field(plan, name, value, Done(change, value))
            case Spend(span=span):
                total = plan.ticket.minutes_spent + (_minutes(span) or 0)
                set_field(plan, TicketField.MINUTES_SPENT, total, Done(Change.TIME, f"{total // 60}:{total % 60:02}"))
            case NoteCause() | Resolve() if cause := _cause(command):
                set_field(plan, TicketField.CAUSE, cause, Done(Change.CAUSE, cause))
            case WantArticle():
                set_field(plan, TicketField.ARTICLE_WANTED, True, Done(Change.ARTICLE))
            case _:
                pass
    _retag(plan, _retagged(words.commands))


def set_field(plan: Plan, field: TicketField, value: FieldValue, done: Done) -> None:
    plan.effects.append(SetField(field, value, plan.agent.name))
    if done not in plan.done:
        plan.done.append(done)


def _tags(ticket: TicketView, command: Retag) -> tuple[str, ...]:
    return tuple(sorted({*ticket.tags, *command.add} - {*command.remove}))


def _retag(plan: Plan, command: Retag) -> None:
    before, after = {*plan.ticket.tags}, _tags(plan.ticket, command)
    if before == {*after}:
        return
    plan.effects.append(SetField(TicketField.TAGS, after, plan.agent.name))
    for change, tags in ((Change.TAGGED, {*after} - before), (Change.UNTAGGED, before - {*after})):
        if tags:
            plan.done.append(Done(change, " ".join(sorted(tags))))


def _copy(plan: Plan, command: Copy) -> None:
    copied = {person.address.casefold(): person for person in plan.ticket.copied}
    for address in command.remove:
        gone = copied.pop(address.casefold(), None)
        if gone is not None:
            plan.effects.append(RemoveParticipant(gone.id, gone.address, plan.agent.name))
            plan.done.append(Done(Change.UNCOPIED, gone.address))
    for address in command.add:
        if address.casefold() not in copied:
            copied[address.casefold()] = Person(0, address, "")
            plan.effects.append(AddParticipant(Address(address)))
            plan.done.append(Done(Change.ACCEPTED, address))
    plan.ticket = replace(plan.ticket, copied=tuple(copied.values()))


def refuses_done(plan: Plan) -> bool:
    """Whether the ticket is, or becomes, resolved or closed: nothing is promised or put off then."""
    if plan.status not in {Status.RESOLVED, Status.CLOSED}:
        return False
    refusal = Refusal.ALREADY_CLOSED if plan.status is Status.CLOSED else Refusal.ALREADY_RESOLVED
    plan.refused = plan.refused or refusal
    return True


def promise(plan: Plan, words: AgentText) -> None:
    """When it will be solved; the customer is told in a letter of its own, once the status is what it becomes."""
    command = words.first(Promise)
    if command is None:
        return
    if refuses_done(plan):
        return
    at = when(plan.facts, plan.agent, plan.ticket, command.when) if command.when else None
    done = Done(Change.PROMISED, "", at) if at else Done(Change.UNPROMISED)
    set_field(plan, TicketField.ETA_AT, at, done)
    if at is not None and at != plan.ticket.eta_at:
        plan.effects = [effect for effect in plan.effects if not isinstance(effect, SendStatus)]
        plan.effects.append(SendStatus(plan.agent.name))
