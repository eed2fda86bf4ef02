"""Tickets that an agent begins for a customer: by forwarding a mail of theirs, or by `#new`; and whose a ticket is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from mailproc.core import commands, safety
from mailproc.core.agents.plan import Plan
from mailproc.core.agents.proof import asked_first, enclosures, own_cards, proof, proven, said_in_vain
from mailproc.core.budgets import Author
from mailproc.core.commands import GRAMMAR, AgentText
from mailproc.core.commands.grammar import is_address
from mailproc.core.commands.values import ConfirmCustomer as Confirm
from mailproc.core.commands.values import Note, OpenFor, SetCustomer
from mailproc.core.effects import (
    AddMessage,
    Decision,
    Effect,
    GiveTo,
    HoldForAgent,
    Kind,
    Move,
    OpenTicket,
    Outcome,
    Reason,
    SendAcknowledgement,
    SendAnswer,
    SendHeld,
    SendReceipt,
    TellAgents,
)
from mailproc.core.effects_behalf import ChangeCustomer, ConfirmCustomer
from mailproc.core.effects_fields import RemoveParticipant
from mailproc.core.facts import Facts, MatchedBy, Person, Role, TicketView
from mailproc.core.language import detect
from mailproc.core.letters import BadLine, Caution, Change, Done, HeldBecause, News
from mailproc.core.lifecycle import Actor, Event, Status, Transition, move
from mailproc.core.message import TEXT_CUT, Address
from mailproc.core.policy import Agent
from mailproc.core.safety import Outgoing
from mailproc.core.subjects import clean_subject, is_answer, is_forward
from mailproc.core.tokens import Capability

_LONGEST_SUBJECT = 80


# --- mail to the bare address ----------------------------------------------------------------------


def on_behalf(facts: Facts) -> Decision | None:
    """An agent's mail to the support address itself, with a customer's mail in it or `#new` above it.

    All else that an agent writes there is a matter of their own, as of anybody.
    """
    agent, ticket, token = facts.agent, facts.match.ticket, facts.match.token
    if agent is None:
        return None
    # A forwarded mail may refer to letters of ours to its author; what is addressed to a token is no such mail.
    if token is not None and (facts.match.by is MatchedBy.TOKEN or token.person == facts.agent_person):
        return None
    if ticket is not None and facts.sender is not None and ticket.role_of(facts.sender.id) is not Role.STRANGER:
        return None
    words = _words(facts)
    if not (_passes_on(facts, words) or _opens(words)):
        return None
    if not proven(facts, token=False):
        asked = asked_first(facts, agent, _provisional(facts, agent, None), None)
        return asked if facts.floods is None else None
    return carry_in(facts, agent, None)


def carry_in(facts: Facts, agent: Agent, ticket: TicketView | None) -> Decision:
    """The decision about a mail that is the agent's. `ticket`: opened when it was held, as the agent's own."""
    words = _words(facts)
    because = _unfit(facts, words)
    lines = words.bad or _out_of_place(facts, words)
    if because is None and lines:
        because = HeldBecause.UNKNOWN_COMMAND
    if because is not None:
        return _put_aside(facts, agent, ticket, because, lines)
    if _opens(words):
        seen = cautions(facts, agent, words)
        return _looked_at(facts, agent, ticket, words, seen) if seen else open_for(facts, agent, words, ticket)
    author = _author(facts, words)
    if author is None:
        return _put_aside(facts, agent, ticket, HeldBecause.NO_AUTHOR, ())
    return _take_in(facts, agent, ticket, author, words)


def _words(facts: Facts) -> AgentText:
    """The agent's own words: what stands above the forward."""
    return commands.read(facts.forwarded.message if facts.forwarded is not None else facts.own_words)


def _passes_on(facts: Facts, words: AgentText) -> bool:
    forwarded = facts.forwarded
    if _named(words) is not None:
        return forwarded is not None or is_forward(facts.message.subject)
    if forwarded is None:
        return is_forward(facts.message.subject)
    # A notification of ours, or a colleague's mail: what the agent wants of us with it is their own matter.
    policy, address = facts.policy, forwarded.address
    return not policy.is_own(address) and policy.agent_by_address(address) is None


def _opens(words: AgentText) -> bool:
    mistyped = any(bad.nearest == GRAMMAR["new"].usage for bad in words.bad)
    return mistyped or words.has(OpenFor)


def _named(words: AgentText) -> str | None:
    return next((command.address for command in words.commands if isinstance(command, SetCustomer)), None)


def _out_of_place(facts: Facts, words: AgentText) -> tuple[BadLine, ...]:
    """Commands about a ticket that does not exist yet, and customers that can't be."""
    written = zip(words.commands, words.lines, strict=True)
    bad = [BadLine(line, "") for command, line in written if not isinstance(command, OpenFor | SetCustomer | Note)]
    return tuple(bad) or tuple(nonsense(facts, words))


def _unfit(facts: Facts, words: AgentText) -> HeldBecause | None:
    if facts.oversize:
        return HeldBecause.OVERSIZE
    if facts.message.protection:
        return HeldBecause.PROTECTED
    if not _opens(words):
        return None
    if facts.forwarded is not None:
        return HeldBecause.FORWARDED
    if facts.unread:
        return HeldBecause.TOO_LONG
    if facts.reveals:
        return HeldBecause.REVEALS
    return unfit(facts, words)


def _author(facts: Facts, words: AgentText) -> Address | None:
    """Whose mail was passed on; what the agent writes above it counts for more than what was read."""
    forwarded, named = facts.forwarded, _named(words)
    if named is not None:
        same = forwarded is not None and forwarded.address.casefold() == named.casefold()
        return Address(named, forwarded.name if same and forwarded is not None else "")
    if forwarded is None or not is_address(forwarded.address):
        return None
    return Address(forwarded.address, forwarded.name)


def _take_in(facts: Facts, agent: Agent, ticket: TicketView | None, author: Address, words: AgentText) -> Decision:
    """The ticket is the customer's, what the agent wrote above is a note."""
    forwarded = facts.forwarded
    subject = forwarded.subject if forwarded is not None else facts.message.subject
    said = forwarded.body if forwarded is not None else words.body
    enclosed = forwarded.enclosed if forwarded is not None else None
    thread = (enclosed.message_id,) if enclosed is not None and enclosed.message_id else ()
    confirmed = facts.knows_author or _named(words) is not None
    opened = _opened(facts, agent, ticket, author, subject, said, thread, confirmed=confirmed)
    effects: list[Effect] = [opened, AddMessage(Kind.CUSTOMER, False, author.address, author.name, said)]
    if forwarded is not None and words.body:
        effects.append(AddMessage(Kind.NOTE, True, agent.name, agent.display, words.body))
    done = [Done(Change.FORWARDED, f"{author.name} <{author.address}>" if author.name else author.address)]
    if confirmed:
        effects.append(SendAcknowledgement(_answer_by(facts), Author.PROVEN))
        done.append(Done(Change.ACKNOWLEDGED, author.address))
    else:
        done.append(Done(Change.UNCONFIRMED, author.address))
    team = tuple(member.name for member in facts.policy.members(facts.mailbox.team))
    why, cut = "" if confirmed else UNCONFIRMED, TEXT_CUT in (enclosed or facts.message).defects
    who = author.name or author.address
    effects += [
        TellAgents(
            team,
            News.NEW,
            said,
            facts.message.attachments,
            why,
            who,
            author.address,
            cut=cut,
            as_written=facts.message.as_written,
        ),
        SendReceipt(agent.name, tuple(done), asks="" if confirmed else author.address),
    ]
    number = ticket.number if ticket is not None else None
    return Decision(Outcome.MESSAGE, Reason.FORWARDED_IN, proof(facts), number, tuple(effects), agent.name)


#: Why a forwarded mail's author gets no acknowledgement, as notifications tell it.
UNCONFIRMED = "an agent forwarded it, and has not confirmed the address"


def _opened(
    facts: Facts, agent: Agent, ticket: TicketView | None, customer: Address, subject: str, said: str,
    thread: tuple[str, ...] = (), *, confirmed: bool,
) -> OpenTicket | ChangeCustomer:  # fmt: skip
    language = detect(f"{subject}\n{said}") or facts.mailbox.language
    if ticket is not None:
        return ChangeCustomer(customer, agent.name, subject, language, thread, confirmed)
    old = facts.match.ticket
    same = old is not None and old.customer.address.casefold() == customer.key
    previous = old.number if old is not None and same else None
    return OpenTicket(
        subject, language, (), previous, _answer_by(facts), customer=customer, thread=thread, unconfirmed=not confirmed
    )


def _answer_by(facts: Facts) -> datetime | None:
    mailbox = facts.mailbox
    return None if mailbox.first_answer is None else mailbox.calendar.add(facts.now, mailbox.first_answer)


def _provisional(facts: Facts, agent: Agent, ticket: TicketView | None) -> list[Effect]:
    """A ticket of the agent's own, until it is known whose it is; nobody gets anything automatic about it."""
    said = said_in_vain(facts, agent)
    if ticket is not None:
        return [said]
    language = detect(f"{facts.message.subject}\n{facts.text}") or facts.mailbox.language
    team = tuple(member.name for member in facts.policy.members(facts.mailbox.team) if member.name != agent.name)
    return [
        OpenTicket(facts.message.subject, language, (), None, _answer_by(facts), unconfirmed=True),
        said,
        TellAgents(
            team,
            News.NEW,
            facts.text,
            facts.message.attachments,
            UNCONFIRMED,
            agent.display,
            agent.address,
            cut=facts.cut,
            whole=facts.whole,
            as_written=facts.message.as_written,
        ),
    ]


def _put_aside(
    facts: Facts, agent: Agent, ticket: TicketView | None, because: HeldBecause, lines: tuple[BadLine, ...]
) -> Decision:
    """It can't be told what is meant: kept, told, and the agent says more."""
    names = tuple(each.filename for each in enclosures(facts))
    held = SendHeld(agent.name, because, lines, facts.text, attachments=names)
    effects = (*_provisional(facts, agent, ticket), held)
    number = ticket.number if ticket is not None else None
    return Decision(Outcome.NOTE, Reason.NOT_TAKEN_IN, because, number, effects)


def _looked_at(
    facts: Facts, agent: Agent, ticket: TicketView | None, words: AgentText, seen: tuple[Caution, ...]
) -> Decision:
    """The letter waits for the agent, on a ticket of their own."""
    names = tuple(each.filename for each in enclosures(facts))
    held = SendHeld(
        agent.name, HeldBecause.CAUTION, (), facts.text, attachments=names, again=first_line(words), cautions=seen,
        decide=True,
    )  # fmt: skip
    waits = HoldForAgent(agent.name, False, facts.now + facts.policy.confirm_within, False, None, held.because.value)
    why = "; ".join([*safety.told(seen), proof(facts)])
    number = ticket.number if ticket is not None else None
    effects = (*_provisional(facts, agent, ticket), waits, held)
    return Decision(Outcome.NOTE, Reason.CAUTION, why, number, effects)


# --- a ticket for a customer -----------------------------------------------------------------------


def opens(words: AgentText) -> bool:
    """Whether the words begin another ticket."""
    return addressee(words) is not None


def addressee(words: AgentText) -> str | None:
    """The customer whose ticket the words begin."""
    return next((command.address for command in words.commands if isinstance(command, OpenFor)), None)


def cautions(facts: Facts, agent: Agent, words: AgentText) -> tuple[Caution, ...]:
    """What should be looked at before the letter goes to the customer."""
    customer = addressee(words)
    if customer is None:
        return ()
    # Whatever was said on the ticket at hand, and whose that is now.
    fresh = replace(facts, around=replace(facts.around, since=(), turned_over=""))
    return safety.found(Outgoing(fresh, agent, (customer,), words.body, bool(enclosures(facts))))


def first_line(words: AgentText) -> str:
    """The line that says whose ticket they begin; empty where they begin none."""
    customer = addressee(words)
    return f"#{GRAMMAR['new'].name} {customer}" if customer is not None else ""


def unfit(facts: Facts, words: AgentText) -> HeldBecause | None:
    """Why `#new` can't be done, although it was understood."""
    return HeldBecause.EMPTY if opens(words) and not words.body and not enclosures(facts) else None


def open_for(facts: Facts, agent: Agent, words: AgentText, ticket: TicketView | None = None) -> Decision:
    """The agent's own letter to a customer begins a ticket of theirs. `ticket` as for `carry_in`."""
    customer = Address(addressee(words) or "")
    moved = move(Status.NEW, Event.AGENT_ANSWERED, Actor.AGENT)
    assert isinstance(moved, Transition)
    subject = _subject(facts, words, ticket)
    effects: tuple[Effect, ...] = (
        _opened(facts, agent, ticket, customer, subject, words.body, confirmed=True),
        GiveTo(agent.name, facts.mailbox.team, "begun by them"),
        AddMessage(Kind.ANSWER, False, agent.name, agent.display, words.body),
        Move(moved, agent.name),
        SendAnswer(agent.name, words.body, enclosures(facts)),
        SendReceipt(
            agent.name,
            (Done(Change.SENT, customer.address), Done(Change.OPENED, customer.address), *own_cards(facts)),
        ),
    )
    why = "; ".join((*words.lines, proof(facts)))
    number = ticket.number if ticket is not None else None
    return Decision(Outcome.MESSAGE, Reason.OPENED_FOR, why, number, effects, agent.name)


def _subject(facts: Facts, words: AgentText, ticket: TicketView | None) -> str:
    """The mail's; of an answer on another's ticket the words' first line: that one's subject is not for this customer."""
    own = _written_subject(facts, facts.match.ticket if ticket is None else None)
    return own or words.body.partition("\n")[0][:_LONGEST_SUBJECT]


def _written_subject(facts: Facts, other: TicketView | None) -> str:
    """The agent's own; empty where the mail only answers one on the other ticket, which is its customer's."""
    prefix, written = facts.mailbox.prefix, facts.message.subject
    own = clean_subject(written, 200, prefix)
    if other is None:
        return own
    same = own == clean_subject(other.subject, 200, prefix)
    return "" if same or is_answer(written, prefix) else own  # of a long subject our letters show the beginning


# --- whose a ticket is -----------------------------------------------------------------------------


def nonsense(facts: Facts, words: AgentText) -> Iterator[BadLine]:
    """Customers who are ourselves, and other commands beside `#new`."""
    token, policy = facts.match.token, facts.policy
    note = token is not None and token.capability is Capability.NOTE
    for command, line in zip(words.commands, words.lines, strict=True):
        match command:
            case SetCustomer(address=address) if policy.is_own(address):
                yield BadLine(line, "")
            case OpenFor(address=address):
                ours = policy.is_own(address) or policy.agent_by_address(address) is not None
                if ours or note or len(words.commands) > 1:
                    yield BadLine(line, "")
            case _:
                pass


def turn_over(plan: Plan, words: AgentText, *, speaks: bool) -> None:
    """`#customer` and `#confirm`; no acknowledgement goes out where the mail itself `speaks` to the customer."""
    ticket, agent = plan.ticket, plan.agent
    address = _named(words)
    if address is not None and address.casefold() != ticket.customer.address.casefold():
        plan.done.append(Done(Change.CUSTOMER, address))
        subject: str | None = ""
        if not ticket.unconfirmed:  # else it is that of the mail an agent forwarded, or the agent's own
            subject = _written_subject(plan.facts, ticket) or None
            plan.done.append(Done(Change.SUBJECT, subject or ""))
        plan.effects.append(ChangeCustomer(Address(address), agent.name, subject))
        # They were in copy of another's conversation: of this one they hear only when the agent says so.
        for other in ticket.copied:
            if other.address.casefold() != address.casefold():
                plan.effects.append(RemoveParticipant(other.id, other.address, agent.name))
                plan.done.append(Done(Change.UNCOPIED, other.address))
        plan.ticket = replace(ticket, customer=Person(0, address, ""), copied=())
    asked = address is not None or words.has(Confirm)
    if not (asked and ticket.unconfirmed):
        return
    plan.effects.append(ConfirmCustomer(agent.name))
    if not speaks and not ticket.answered:
        plan.effects.append(SendAcknowledgement(ticket.promised_at, Author.PROVEN))
        plan.done.append(Done(Change.ACKNOWLEDGED, plan.ticket.customer.address))
