"""From an effect to the letter it sends and the values it is written from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from mailproc.core import effects as e
from mailproc.core import letters
from mailproc.core.decide import NOBODY
from mailproc.core.facts import Person, SideView, TicketView
from mailproc.core.letter_values import LetterValues
from mailproc.core.letters import EarlierTicket, Exchange, Letter, LinkedTicket, News, Withheld
from mailproc.core.lifecycle import Status
from mailproc.core.message import AS_WRITTEN
from mailproc.core.policy import Agent, Policy
from mailproc.core.tokens import Capability
from mailproc.handling.asking import command_usages
from mailproc.handling.correspondence import Correspondence
from mailproc.store.links import Linked

#: News whose plain answer stays among colleagues.
_INSIDE = frozenset({News.NOTE, News.ASKED, News.ESCALATED, News.SECURITY, News.SIDE_STRANGER})


def for_customer(
    desk: Correspondence, policy: Policy, ticket: TicketView, effect: e.CustomerLetter, now: datetime
) -> tuple[Letter, LetterValues]:
    """The letter an effect writes to the customer."""
    facts = desk.facts(ticket)
    match effect:
        case e.SendAcknowledgement():
            return Letter.ACKNOWLEDGEMENT, letters.Acknowledgement(facts, effect.answer_by)
        case e.SendOversize():
            return Letter.OVERSIZE, letters.Oversize(facts, policy.largest_mail)
        case e.SendAnswer():
            return Letter.ANSWER, letters.Answer(facts, effect.text, begins=not ticket.thread)
        case e.SendResolution():
            yes, no = desk.buttons(ticket, now)
            name = policy.agents[effect.agent].display
            return Letter.RESOLUTION, letters.Resolution(facts, effect.text, name, yes, no, effect.closes_at)
        case e.SendStatus():
            name = policy.agents[effect.agent].display
            return Letter.STATUS, letters.StatusUpdate(facts, ticket.status.value, name, _ahead(ticket.eta_at, now))
        case e.SendReminder():
            return Letter.REMINDER, letters.Reminder(facts, *desk.buttons(ticket, now), effect.closes_at)
        case e.SendClosure():
            outcome, until = effect.outcome.value, effect.reopen_until
            return Letter.CLOSURE, letters.Closure(facts, outcome, until, effect.merged_into, effect.handed_to)
        case e.SendReopened():
            return Letter.REOPENED, letters.Reopened(facts, policy.display(ticket.owner))
        case e.SendSurvey():
            return Letter.SURVEY, desk.survey(ticket, now, policy.display(ticket.resolved_by))
        case _:
            assert_never(effect)


def speaks(effect: e.CustomerLetter) -> bool:
    """Whether a letter carries an agent's own words or files: a human's mail, not a robot's."""
    return isinstance(effect, e.SendAnswer | e.SendResolution) and bool(effect.text or effect.attachments)


@dataclass(frozen=True, slots=True)
class Beside:
    """What a notification tells beside the news."""

    earlier: tuple[Exchange, ...]
    before: tuple[EarlierTicket, ...]  # of the same customer
    linked: Sequence[Linked]
    withheld: tuple[Withheld, ...]


def notification(
    desk: Correspondence, policy: Policy, ticket: TicketView, agent: Agent, effect: e.TellAgents, beside: Beside,
    now: datetime,
) -> letters.Notification:  # fmt: skip
    """What an agent is told, with the one-tap answers."""
    reply = desk.agent_action(ticket, agent, Capability.AGENT_REPLY, now)
    moves = reply if ticket.status is not Status.CLOSED else None  # refused otherwise: no button for that
    share = None
    if effect.side is not None:
        share = desk.agent_action(answered(ticket, effect), agent, answers_to(effect), now)
    return letters.Notification(
        ticket=desk.facts(ticket),
        news=effect.news,
        reply_reaches=tuple(person.name or person.address for person in _reached(ticket, effect)),
        author=effect.author,
        author_address=effect.author_address,
        at=now,
        text=effect.text,
        attachments=tuple(attachment.filename for attachment in effect.attachments),
        cleaned=tuple(
            attachment.filename
            for attachment in effect.attachments
            if attachment.is_page and attachment.filename != AS_WRITTEN
        ),
        detail=effect.detail,
        status=ticket.status.value,
        owner=policy.display(ticket.owner),
        priority=ticket.priority,
        language=ticket.language,
        answer_by=None if ticket.answered else ticket.promised_at,
        copied=tuple(person.address for person in ticket.copied),
        previous=ticket.previous,
        earlier=beside.earlier,
        take=moves if ticket.owner != agent.name else None,
        note=desk.agent_action(ticket, agent, Capability.NOTE, now),
        resolve=moves,
        wait=moves,
        close=moves,
        accept=reply if effect.news is News.STRANGER else None,
        share=share,
        ask=reply if effect.news is News.SIDE_STRANGER else None,
        help=reply,
        snooze=moves,
        escalate=reply,
        category=ticket.category,
        product=ticket.product,
        tags=ticket.tags,
        eta_at=ticket.eta_at,
        queue=desk.queue(policy.mailbox(ticket.mailbox), agent, now),
        oversize=effect.oversize,
        folder=policy.mailbox(ticket.mailbox).processed,
        protection=effect.protection,
        cut=effect.cut,
        withheld=beside.withheld,
        customer=_customer(ticket, beside.before),
        linked=_linked(policy, agent, beside.linked),
    )


def _customer(ticket: TicketView, before: tuple[EarlierTicket, ...]) -> letters.Customer | None:
    """Whose ticket it is, and what was before; nothing of a sender whom nobody can write to."""
    person = ticket.customer
    if person.address == NOBODY.address:
        return None
    return letters.Customer(person.name, person.address, person.organisation, person.vip, before)


def _linked(policy: Policy, agent: Agent, others: Iterable[Linked]) -> tuple[LinkedTicket, ...]:
    """What the ticket has to do with, but for matters of security that the reader may not know of."""
    seen = (each for each in others if policy.sees(agent.name, each.restricted))
    return tuple(LinkedTicket(each.number, each.subject, each.status) for each in seen)


def for_agent(
    desk: Correspondence,
    policy: Policy,
    ticket: TicketView,
    agent: Agent,
    effect: e.SendReceipt | e.SendHeld | e.SendConfirmation | e.SendHelp,
    now: datetime,
) -> tuple[Letter, LetterValues]:
    """The letter that answers an agent's own mail."""
    facts = desk.facts(ticket)
    match effect:
        case e.SendReceipt():
            done, status = effect.done, ticket.status.value
            queue = desk.queue(policy.mailbox(ticket.mailbox), agent, now)
            values = letters.Receipt(facts, now, done, status, effect.closes_at, effect.reminds_at, queue=queue)
            if effect.action is not None:
                undo = desk.agent_action(ticket, agent, Capability.AGENT_REPLY, now)
                values = replace(values, undo=undo, action=effect.action, leaves_at=effect.leaves_at)
            if effect.asks:
                confirm = desk.agent_action(ticket, agent, Capability.AGENT_REPLY, now)
                values = replace(values, confirm=confirm, understood=effect.asks)
            return Letter.RECEIPT, values
        case e.SendHeld():
            send = desk.agent_action(answered(ticket, effect), agent, answers_to(effect), now)
            outside = effect.side.person.address if effect.side is not None and not effect.note else ""
            held = letters.Held(
                facts, effect.because, effect.lines, effect.text, send, effect.attachments, outside, effect.again,
                effect.cautions, effect.since, effect.decide, effect.meant, effect.note,
            )  # fmt: skip
            return Letter.HELD, held
        case e.SendConfirmation():
            confirm = desk.agent_action(ticket, agent, Capability.CONFIRM, now)
            return Letter.CONFIRMATION, letters.Confirmation(
                facts, effect.reason, now, effect.text, effect.note, effect.until, confirm, effect.others
            )
        case e.SendHelp():
            queue = desk.queue(policy.mailbox(ticket.mailbox), agent, now)
            return Letter.HELP, letters.Help(facts, command_usages(), queue)
        case _:
            assert_never(effect)


def answers_to(effect: e.AgentLetter) -> Capability:
    """What a plain reply to this letter is.

    To a note, or where a note was held, a note; to a third party's mail, an answer to them: nothing slips outside.
    """
    match effect:
        case e.SendConfirmation() | e.SendHeld(decide=True):
            return Capability.CONFIRM
        case e.TellAgents(news=news) if news in _INSIDE:
            return Capability.NOTE
        case e.SendHeld(note=True):
            return Capability.NOTE
        case e.TellAgents(side=SideView()) | e.SendHeld(side=SideView()):
            return Capability.SIDE_ANSWER
        case _:
            return Capability.AGENT_REPLY


def answered(ticket: TicketView, effect: e.AgentLetter) -> TicketView:
    """The ticket as the letter's token names it: in place of its round, the side conversation a reply goes on with."""
    if answers_to(effect) is Capability.SIDE_ANSWER and isinstance(effect, e.TellAgents | e.SendHeld) and effect.side:
        return replace(ticket, round=effect.side.id)
    return ticket


def _reached(ticket: TicketView, effect: e.TellAgents) -> tuple[Person, ...]:
    """Who outside gets a plain reply."""
    match answers_to(effect):
        case Capability.AGENT_REPLY:
            return (ticket.customer, *ticket.copied)
        case Capability.SIDE_ANSWER if effect.side is not None:
            return (effect.side.person,)
        case _:
            return ()


def _ahead(moment: datetime | None, now: datetime) -> datetime | None:
    """A date that has passed is no promise any more."""
    return moment if moment is not None and moment > now else None
