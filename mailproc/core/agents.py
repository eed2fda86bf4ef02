"""What is done about an agent's mail: the answer, the note, the commands; all of it or nothing."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field, replace

from mailproc.core import commands, lifecycle
from mailproc.core.commands import Accept, AgentText, Assign, Close, Note, Resolve, ShowHelp, Wait, WaitFor
from mailproc.core.decide import NOBODY, audience, closing_letters
from mailproc.core.effects import (
    AddMessage,
    AddParticipant,
    CancelDeadlines,
    DeadlineKind,
    Decision,
    Effect,
    GiveTo,
    HoldForAgent,
    Kind,
    Move,
    Outcome,
    Reason,
    SendAnswer,
    SendConfirmation,
    SendHeld,
    SendHelp,
    SendReceipt,
    SendResolution,
    SendStatus,
    SetDeadline,
    TellAgents,
)
from mailproc.core.evidence import Level
from mailproc.core.facts import Facts, TicketView
from mailproc.core.letters import BadLine, Change, Done, HeldBecause, News
from mailproc.core.lifecycle import Actor, Event, Refusal, Status, Transition
from mailproc.core.message import Address, Attachment
from mailproc.core.policy import Agent, Policy, Trust
from mailproc.core.tokens import Capability, Token

_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})
_SIGNATURE = re.compile(r"application/(?:x-)?(?:pkcs7|pgp)-signature")


def agent_mail(facts: Facts) -> Decision | None:
    """A mail with an agent's token from that agent's registered address."""
    agent, token, ticket = facts.agent, facts.match.token, facts.match.ticket
    if agent is None or token is None or ticket is None or token.person != facts.agent_person:
        return None
    if token.capability not in {Capability.AGENT_REPLY, Capability.NOTE}:
        return None
    note = token.capability is Capability.NOTE
    if not proven(facts):
        return _not_proven(facts, agent, ticket, note)
    words = commands.read(facts.own_words)
    bad = words.bad or _impossible(facts.policy, words)
    if bad:
        held = SendHeld(agent.name, HeldBecause.UNKNOWN_COMMAND, bad, facts.text, note)
        return _held(facts, agent, ticket, held, Reason.COMMAND_NOT_UNDERSTOOD)
    unfit = _unfit(facts, words, _is_note(token, words))
    if unfit is not None:
        because, reason = unfit
        return _held(facts, agent, ticket, SendHeld(agent.name, because, (), facts.text, note), reason)
    return _carry_out(facts, agent, ticket, words, _is_note(token, words))


def _unfit(facts: Facts, words: AgentText, is_note: bool) -> tuple[HeldBecause, Reason] | None:
    """Why words that were understood can't be carried out all the same."""
    if facts.oversize:
        return HeldBecause.OVERSIZE, Reason.UNSENDABLE
    if facts.unread:
        return HeldBecause.TOO_LONG, Reason.UNSENDABLE
    if not is_note and facts.forwards:
        return HeldBecause.FORWARDED, Reason.NOTHING_TO_SEND
    if not is_note and facts.reveals:
        return HeldBecause.REVEALS, Reason.NOTHING_TO_SEND
    if not is_note and any(_rich_text(each) for each in _enclosed(facts)):
        return HeldBecause.RICH_TEXT, Reason.UNSENDABLE
    if not words.commands and not words.body and not _enclosed(facts):
        return HeldBecause.EMPTY, Reason.NOTHING_TO_SEND
    return None


def _rich_text(attachment: Attachment) -> bool:
    """Whether Outlook packed words or files into it in a form of its own (MS-OXTNEF)."""
    return attachment.content_type in _TNEF or attachment.filename.casefold() == "winmail.dat"


def _is_note(token: Token, words: AgentText) -> bool:
    """By the address it was sent to, or by its first line."""
    return token.capability is Capability.NOTE or any(isinstance(command, Note) for command in words.commands)


def proven(facts: Facts) -> bool:
    """Whether the mail proves its author: one clean From, and what the operator demands beside the token."""
    if not facts.message.identifies_sender:
        return False
    return facts.policy.trust is Trust.TOKEN or facts.evidence.level in _ENOUGH


_ENOUGH = frozenset({Level.AUTHENTICATED, Level.SEALED, Level.CONFIRMED})


def proof(facts: Facts) -> str:
    """What an agent's action stands on, for its history."""
    return f"proven by token, {facts.evidence.level}: {facts.evidence.reason}"


def said_in_vain(facts: Facts, agent: Agent) -> AddMessage:
    """The words of a mail that is not carried out, for colleagues to see."""
    return AddMessage(Kind.HELD, private=True, author=agent.name, author_name=agent.display, text=facts.text)


def _not_proven(facts: Facts, agent: Agent, ticket: TicketView, note: bool) -> Decision:
    """Nothing is done and nothing is passed on: the agent is asked where nobody else reads, but not all the time."""
    policy, last = facts.policy, facts.asked_agent_at
    until, asks = facts.now + policy.confirm_within, last is None or facts.now - last >= policy.confirm_every
    effects: list[Effect] = [said_in_vain(facts, agent), HoldForAgent(agent.name, note, until, asks)]
    reason = facts.evidence.reason
    if asks:
        effects.append(SendConfirmation(agent.name, reason, facts.text, note, until, facts.unasked))
    return Decision(Outcome.NOTE, Reason.AGENT_NOT_PROVEN, reason, ticket.number, tuple(effects))


def _held(facts: Facts, agent: Agent, ticket: TicketView, held: SendHeld, reason: Reason) -> Decision:
    said = said_in_vain(facts, agent)
    why = "; ".join([*(line.line for line in held.lines), proof(facts)])
    held = replace(held, attachments=tuple(each.filename for each in _enclosed(facts)))
    return Decision(Outcome.NOTE, reason, why, ticket.number, (said, held))


def _enclosed(facts: Facts) -> tuple[Attachment, ...]:
    """What the agent attached; pictures inside the text and certificates are their client's, not an answer."""
    if facts.message.protection:
        return ()  # what only we could have opened is no answer for the customer
    attached = facts.message.attachments
    return tuple(each for each in attached if not each.inline and not _SIGNATURE.fullmatch(each.content_type))


def _impossible(policy: Policy, words: AgentText) -> tuple[BadLine, ...]:
    """Commands that make no sense here: names nobody bears, and more than one word on the status."""
    bad = []
    for command in words.commands:
        if isinstance(command, Assign) and _target(policy, command.target) is None and command.target != "me":
            names = [*policy.agents, *policy.teams]
            near = difflib.get_close_matches(command.target.casefold(), names, n=1)
            bad.append(BadLine(f"#assign {command.target}", f"#assign {near[0]}" if near else ""))
        if isinstance(command, Accept) and (policy.is_own(command.address) or policy.agent_by_address(command.address)):
            bad.append(BadLine(f"#accept {command.address}", ""))  # our letters to them would come back to us
    moving = [command for command in words.commands if isinstance(command, Resolve | Wait | Close)]
    bad += [BadLine(f"#{type(command).__name__.lower()}", "") for command in moving[1:]]
    return tuple(bad)


def _target(policy: Policy, name: str) -> str | None:
    """The agent's or team's name someone typed: by name, display name, given name or address."""
    wanted = name.casefold().strip("@ ")
    for agent in policy.agents.values():
        given = agent.display.casefold().partition(" ")[0]
        if wanted in {agent.name.casefold(), agent.display.casefold(), given, agent.address.casefold()}:
            return agent.name
    return next(
        (team for team in policy.teams if wanted in {team.casefold(), policy.teams[team].display.casefold()}), None
    )


@dataclass(slots=True)
class _Plan:
    """The effects collected so far, and the status they lead to."""

    facts: Facts
    agent: Agent
    ticket: TicketView
    status: Status
    effects: list[Effect] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    refused: Refusal | None = None
    receipt: SendReceipt | None = None

    def move(self, event: Event) -> Transition | None:
        moved = lifecycle.move(self.status, event, Actor.AGENT)
        if isinstance(moved, Refusal):
            self.refused = self.refused or moved
            return None
        self.effects.append(Move(moved, self.agent.name))
        if (self.status is Status.RESOLVED and moved.after is not Status.RESOLVED) or event is Event.RESOLVED:
            self.effects.append(CancelDeadlines(event.value))
        if moved.after is not self.status:
            self.done = [done for done in self.done if done.change is not Change.STATUS]
            self.done.append(Done(Change.STATUS, moved.after.value))
        self.status = moved.after
        return moved


def _carry_out(facts: Facts, agent: Agent, ticket: TicketView, words: AgentText, is_note: bool) -> Decision:
    plan = _Plan(facts, agent, ticket, ticket.status)
    moving = next((command for command in words.commands if isinstance(command, Resolve | Wait | Close)), None)
    answer = "" if is_note else words.body
    enclosed = () if is_note else _enclosed(facts)
    _write_down(plan, words.body, is_note, bool(answer or enclosed))
    _assign(plan, words, takes=bool(answer or enclosed or moving))
    _speak(plan, moving, answer, enclosed)
    _others(plan, words)
    if plan.refused is not None:
        receipt = SendReceipt(agent.name, (Done(Change.REFUSED, plan.refused.value),))
        said, why = said_in_vain(facts, agent), f"{plan.refused}; {proof(facts)}"
        return Decision(Outcome.NOTE, Reason.COMMAND_IMPOSSIBLE, why, ticket.number, (said, receipt))
    if any(not isinstance(command, ShowHelp) for command in words.commands) or words.body or enclosed:
        plan.effects.append(_receipt(plan))
    if answer or enclosed:
        reason, outcome = Reason.AGENT_ANSWERED, Outcome.MESSAGE
    else:
        reason, outcome = (Reason.AGENT_NOTED, Outcome.NOTE) if is_note else (Reason.AGENT_COMMANDED, Outcome.MESSAGE)
    told = ", ".join(f"#{type(command).__name__.lower()}" for command in words.commands)
    why = "; ".join(filter(None, (told, proof(facts))))
    return Decision(outcome, reason, why, ticket.number, tuple(plan.effects))


def _write_down(plan: _Plan, body: str, is_note: bool, answers: bool) -> None:
    agent = plan.agent
    if is_note:
        plan.effects.append(AddMessage(Kind.NOTE, True, agent.name, agent.display, body))
        plan.done.append(Done(Change.NOTED))
        others = tuple(name for name in audience(plan.facts.policy, plan.ticket) if name != agent.name)
        if others and body:
            told = TellAgents(others, News.NOTE, body, (), "", agent.display, agent.address)
            plan.effects.append(told)
    elif answers:
        plan.effects.append(AddMessage(Kind.ANSWER, False, agent.name, agent.display, body))


def _assign(plan: _Plan, words: AgentText, takes: bool) -> None:
    """An explicit `#assign`; else whoever answers a ticket nobody has, takes it."""
    policy, agent = plan.facts.policy, plan.agent
    wish = next((command for command in words.commands if isinstance(command, Assign)), None)
    if wish is None:
        if takes and not plan.ticket.owner:
            plan.effects.append(GiveTo(agent.name, plan.ticket.team, "answered first"))
            plan.done.append(Done(Change.ASSIGNED, agent.display))
        return
    target = agent.name if wish.target == "me" else _target(policy, wish.target) or ""
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
    else:  # `_impossible` has held such a mail already
        return
    if told:
        plan.effects.append(TellAgents(told, News.ASSIGNED, "", (), "", agent.display, agent.address))


def _speak(plan: _Plan, moving: Resolve | Wait | Close | None, answer: str, enclosed: tuple[Attachment, ...]) -> None:
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
            if not sends:
                plan.effects.append(SendStatus(plan.agent.name))
                plan.done.append(Done(Change.SENT, plan.ticket.customer.address))
        case Close() | None:
            if sends and moving is None:
                plan.move(Event.AGENT_ANSWERED)
        case _:
            raise AssertionError(moving)
    if sends:
        plan.effects.append(SendAnswer(plan.agent.name, answer, enclosed))
        _sent(plan)
    closed = plan.move(Event.AGENT_CLOSED) if isinstance(moving, Close) else None
    if closed is not None:
        plan.effects += closing_letters(plan.facts.policy, plan.facts.now, closed)


def _resolve(plan: _Plan, answer: str, enclosed: tuple[Attachment, ...]) -> None:
    if plan.move(Event.RESOLVED) is None:
        return
    policy, now = plan.facts.policy, plan.facts.now
    reminds_at, closes_at = now + policy.reminder_after, now + policy.close_after
    plan.effects += [
        SendResolution(plan.agent.name, answer, enclosed, closes_at),
        SetDeadline(DeadlineKind.REMINDER, reminds_at),
        SetDeadline(DeadlineKind.CLOSING, closes_at),
    ]
    _sent(plan)
    plan.receipt = SendReceipt(plan.agent.name, (), closes_at, reminds_at)


def _sent(plan: _Plan) -> None:
    people = (plan.ticket.customer, *plan.ticket.copied)
    doubtful = [person.address for person in people if person.address.casefold() in plan.facts.suppressed]
    plan.done += [Done(Change.DOUBTFUL, address) for address in doubtful]
    sent = [Done(Change.SENT, person.address) for person in people if person.address != NOBODY.address]
    plan.done = [*sent, *plan.done] if len(sent) == len(people) else [Done(Change.NOT_SENT), *sent, *plan.done]


def _others(plan: _Plan, words: AgentText) -> None:
    for command in words.commands:
        match command:
            case Accept(address=address):
                plan.effects.append(AddParticipant(Address(address)))
                plan.done.append(Done(Change.ACCEPTED, address))
            case ShowHelp():
                plan.effects.append(SendHelp(plan.agent.name))
            case Resolve() | Note() | Wait() | Assign() | Close():
                pass


def _receipt(plan: _Plan) -> SendReceipt:
    done = tuple(plan.done) or (Done(Change.NOTHING),)
    if plan.receipt is None:
        return SendReceipt(plan.agent.name, done)
    return SendReceipt(plan.agent.name, done, plan.receipt.closes_at, plan.receipt.reminds_at)
