"""What an agent's words and commands do."""

from __future__ import annotations

from dataclasses import replace

from mailproc.core.agents import behalf, routing, sides
from mailproc.core.agents.fields import promise, set_facts
from mailproc.core.agents.follow_ups import follow_up
from mailproc.core.agents.named import named
from mailproc.core.agents.notes import take_note
from mailproc.core.agents.personal import refused, set_
from mailproc.core.agents.plan import Plan, sent, unseen
from mailproc.core.agents.proof import enclosures, own_cards, proof, said_in_vain
from mailproc.core.agents.relations import link, merge, split
from mailproc.core.commands import AgentText
from mailproc.core.commands.values import (
    Accept,
    Assign,
    Away,
    Back,
    Close,
    HandOff,
    Link,
    MarkSpam,
    Merge,
    Mute,
    Resolve,
    SetDigest,
    SetQuiet,
    ShowHelp,
    ShowHistory,
    TellOnly,
    Wait,
    WaitFor,
)
from mailproc.core.decide import closing_letters
from mailproc.core.effects import (
    AddMessage,
    AddParticipant,
    DeadlineKind,
    Decision,
    GiveTo,
    Kind,
    Outcome,
    Reason,
    SendAnswer,
    SendHelp,
    SendReceipt,
    SendResolution,
    SendStatus,
    SetDeadline,
    TellAgents,
)
from mailproc.core.effects_agents import SendHistory
from mailproc.core.facts import Facts, TicketView
from mailproc.core.letters import Change, Done, News
from mailproc.core.lifecycle import Event
from mailproc.core.message import Address, Attachment
from mailproc.core.policy import Agent

_MOVING = Resolve | Wait | Close | Merge | MarkSpam | HandOff


def carry_out(facts: Facts, agent: Agent, ticket: TicketView, words: AgentText, is_note: bool) -> Decision:
    """The decision about words that were understood, and are the agent's."""
    plan = Plan(facts, agent, ticket, ticket.status)
    moving = next((command for command in words.commands if isinstance(command, _MOVING)), None)
    split(plan, words)
    routing.restrict(plan, words)
    outside = sides.reaches_third_party(facts, words) or routing.hands_off(words)
    answer = "" if is_note or outside else sides.with_shared(facts, words)
    enclosed = () if is_note or outside else (*enclosures(facts), *sides.shared_files(facts, words))
    behalf.turn_over(plan, words, speaks=bool(answer or enclosed))
    _write_down(plan, words, is_note and not (routing.stays_inside(words) and not words.body), answer, enclosed)
    takes = bool(answer or enclosed or outside) or isinstance(moving, Resolve | Wait | Close)
    _assign(plan, words, takes=takes)
    if outside:
        sides.write_to_third_party(plan, words)
    set_facts(plan, words)
    _speak(plan, moving, answer, enclosed, outside)
    if isinstance(moving, HandOff):
        routing.hand_off(plan, moving, words.body, enclosures(facts))
    routing.ask_for_help(plan, words)
    promise(plan, words)
    follow_up(plan, words)
    _others(plan, words)
    sides.told_of_files(plan, words)
    if not is_note:
        plan.done += own_cards(facts)
    routing.keeps_to_its_team(plan)
    if plan.refused is not None:
        receipt = SendReceipt(agent.name, (Done(Change.REFUSED, plan.refused.value),))
        said, why = said_in_vain(facts, agent), f"{plan.refused}; {proof(facts)}"
        return Decision(Outcome.NOTE, Reason.COMMAND_IMPOSSIBLE, why, ticket.number, (said, receipt))
    if any(not isinstance(command, ShowHelp | ShowHistory) for command in words.commands) or words.body or enclosed:
        plan.effects.append(_receipt(plan))
    if outside:
        reason, outcome = Reason.AGENT_ASKED, Outcome.MESSAGE
    elif answer or enclosed:
        reason, outcome = Reason.AGENT_ANSWERED, Outcome.MESSAGE
    else:
        reason, outcome = (Reason.AGENT_NOTED, Outcome.NOTE) if is_note else (Reason.AGENT_COMMANDED, Outcome.MESSAGE)
    why = "; ".join((*words.lines, proof(facts)))
    return Decision(outcome, reason, why, ticket.number, tuple(plan.effects), agent.name)


def _write_down(plan: Plan, words: AgentText, is_note: bool, answer: str, enclosed: tuple[Attachment, ...]) -> None:
    if is_note:
        take_note(plan, words)
    elif answer or enclosed:
        plan.effects.append(AddMessage(Kind.ANSWER, False, plan.agent.name, plan.agent.display, answer))


def _assign(plan: Plan, words: AgentText, takes: bool) -> None:
    """An explicit `#assign`; else whoever answers a ticket nobody has, takes it."""
    policy, agent = plan.facts.policy, plan.agent
    wish = words.first(Assign)
    if wish is None:
        if takes and not plan.ticket.owner:
            plan.effects.append(GiveTo(agent.name, plan.ticket.team, "answered first"))
            plan.done.append(Done(Change.ASSIGNED, agent.display))
        return
    target = agent.name if wish.target.casefold() == "me" else named(policy, wish.target) or ""
    if target in policy.agents:
        plan.move(Event.ASSIGNED)
        other = policy.agents[target]
        plan.effects.append(GiveTo(other.name, plan.ticket.team, f"assigned by {agent.name}"))
        plan.done.append(Done(Change.ASSIGNED, other.display))
        told: tuple[str, ...] = (other.name,) if other.name != agent.name else ()
    elif target in policy.teams:
        plan.move(Event.RETURNED)
        plan.effects.append(GiveTo("", target, f"assigned by {agent.name}"))
        plan.done.append(Done(Change.ASSIGNED, policy.teams[target].display))
        told = tuple(member.name for member in policy.members(target) if member.name != agent.name)
    else:  # `nonsense.impossible` has held such a mail already
        return
    if told:
        plan.effects.append(TellAgents(told, News.ASSIGNED, "", (), "", agent.display, agent.address))


def _speak(
    plan: Plan,
    moving: Resolve | Wait | Close | Merge | MarkSpam | HandOff | None,
    answer: str,
    enclosed: tuple[Attachment, ...],
    outside: bool,
) -> None:
    """What the customer gets to read, and what it does to the status."""
    sends = bool(answer or enclosed)
    match moving:
        case Resolve():
            _resolve(plan, answer, enclosed)
            return
        case Wait(who=WaitFor.CUSTOMER):
            plan.move(Event.AGENT_ASKED)
        case Wait(who=WaitFor.VENDOR):
            plan.move(Event.AGENT_ASKED_VENDOR)
            if not sends and not outside:
                plan.effects.append(SendStatus(plan.agent.name))
                if not plan.ticket.unconfirmed:  # else the record tells that nothing was sent
                    plan.done.append(Done(Change.SENT, plan.ticket.customer.address))
        case Close() | Merge() | MarkSpam() | HandOff() | None:
            if sends and moving is None:
                plan.move(Event.AGENT_ANSWERED)
        case _:
            raise AssertionError(moving)
    if sends:
        plan.effects.append(SendAnswer(plan.agent.name, answer, enclosed, _left_out(plan)))
        sent(plan)
    if isinstance(moving, Merge):
        merge(plan, moving)
    if isinstance(moving, MarkSpam):
        routing.mark_spam(plan, moving)
    closed = plan.move(Event.AGENT_CLOSED) if isinstance(moving, Close) else None
    if closed is not None:
        plan.effects += closing_letters(plan.facts.policy, plan.facts.now, closed)


def _left_out(plan: Plan) -> tuple[int, ...]:
    return tuple(person.id for person in unseen(plan))


def _resolve(plan: Plan, answer: str, enclosed: tuple[Attachment, ...]) -> None:
    if plan.move(Event.RESOLVED) is None:
        return
    policy, now = plan.facts.policy, plan.facts.now
    reminds_at, closes_at = now + policy.reminder_after, now + policy.close_after
    plan.effects += [
        SendResolution(plan.agent.name, answer, enclosed, closes_at, _left_out(plan)),
        SetDeadline(DeadlineKind.REMINDER, reminds_at),
        SetDeadline(DeadlineKind.CLOSING, closes_at),
    ]
    sent(plan)
    plan.receipt = SendReceipt(plan.agent.name, (), closes_at, reminds_at)


def _others(plan: Plan, words: AgentText) -> None:
    for command in words.commands:
        match command:
            case Accept(address=address):
                plan.effects.append(AddParticipant(Address(address)))
                plan.done.append(Done(Change.ACCEPTED, address))
            case Link():
                link(plan, command)
            case Away() | Back() | Mute() | TellOnly() | SetDigest() | SetQuiet():
                plan.refused = plan.refused or refused(plan.facts, plan.agent, command)
                effect, told = set_(plan.facts, plan.agent, command)
                plan.effects.append(effect)
                plan.done.append(told)
            case ShowHistory():
                plan.effects.append(SendHistory(plan.agent.name))
            case ShowHelp():
                plan.effects.append(SendHelp(plan.agent.name))
            case _:  # carried out above, or held by `nonsense.impossible`
                pass


def _receipt(plan: Plan) -> SendReceipt:
    told = plan.receipt or SendReceipt(plan.agent.name, ())
    return replace(told, done=tuple(plan.done) or (Done(Change.NOTHING),))
