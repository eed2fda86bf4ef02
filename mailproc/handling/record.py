"""Apply a decision: every row it causes, in the caller's one transaction. No network here, no task started."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, assert_never

from mailproc.core import effects as e
from mailproc.core.budgets import HOLDING, Author, Budgets
from mailproc.core.decide import NOBODY
from mailproc.core.effects import Decision, Effect
from mailproc.core.enclosures import sorted_out
from mailproc.core.facts import Person, TicketView
from mailproc.core.letters import Exchange, Letter, News
from mailproc.core.lifecycle import Event, Outcome, Status
from mailproc.core.message import Address, Message
from mailproc.core.policy import MailboxPolicy, Policy
from mailproc.core.subjects import clean_subject, subject_key
from mailproc.core.tokens import Capability
from mailproc.handling import wording
from mailproc.handling.correspondence import Correspondence, Enclosed, Occasion
from mailproc.handling.restraint import remember, restrain
from mailproc.mime.addresses import address_or_none
from mailproc.mime.compose import valid_address
from mailproc.store import deadlines, held, history, outbox, suppression, tickets
from mailproc.store.history import Entry
from mailproc.store.outbox import NewMail

_EARLIER = 3  # exchanges shown at the end of a notification
_MOST_AWAITED = 20  # mails that one refers to, the nearest ones
_EXCERPT = 1500  # characters of each
#: Moves that count as a new round even when the status stays.
_ALWAYS_RECORDED = frozenset({Event.RESOLVED, Event.REMINDER_DUE})


class Outdated(Exception):
    """What was decided on has changed meanwhile: nothing is written, and it is decided anew."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What brought the decision about: a mail, or a deadline."""

    occasion: Occasion
    mailbox: MailboxPolicy
    message: Message | None = None
    inbound_id: int | None = None
    sender: Person | None = None  # who wrote the mail, when known before
    awaits: tuple[str, ...] = ()  # Message-IDs it refers to that nobody knows: those mails may come later


@dataclass(slots=True)
class _Work:
    """A decision being written down: the ticket as it becomes, and the rows to write at the end."""

    cause: Cause
    decision: Decision
    ticket: TicketView | None
    changes: dict[str, Any] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    mails: list[NewMail] = field(default_factory=list)
    earlier: tuple[Exchange, ...] | None = None
    author: Author = Author.PROVEN  # of the mail that is acknowledged

    @property
    def now(self) -> datetime:
        return self.cause.occasion.now

    @property
    def on(self) -> TicketView:
        """The ticket; a decision with effects always has one."""
        if self.ticket is None:
            raise AssertionError(f"{self.decision.reason}: no ticket to act on")
        return self.ticket

    def note(self, kind: str, actor: str, text: str, outbox_id: int | None = None) -> None:
        reason, inbound = self.decision.reason.value, self.cause.inbound_id
        self.entries.append(Entry(self.now, kind, actor, text, reason, self.on.number, inbound, outbox_id))


class Recorder:
    """Writes decisions down."""

    def __init__(self, policy: Policy, desk: Correspondence) -> None:
        self._policy, self._desk = policy, desk

    async def apply(self, decision: Decision, cause: Cause, ticket: TicketView | None) -> int | None:
        """Write everything the decision causes; returns the ticket's number. Call it inside a transaction."""
        work = _Work(cause, decision, ticket if decision.ticket is not None else None)
        if work.ticket is not None:
            _arrived(work)
        for effect in decision.effects:
            await self._carry_out(work, effect)
        if work.ticket is None:
            return None
        if cause.message is not None and cause.message.message_id:
            await tickets.remember_id(work.ticket.number, cause.message.message_id)
        if cause.awaits:
            await tickets.await_ids(work.ticket.number, cause.awaits[:_MOST_AWAITED])
        if work.changes:
            await tickets.save(work.ticket.number, {"updated_at": work.now, **work.changes})
        await _queue(work, self._policy.budgets)
        await history.append(work.entries)
        return work.ticket.number

    async def _carry_out(self, work: _Work, effect: Effect) -> None:
        match effect:
            case e.OpenTicket():
                await _open(work, effect)
            case e.AddMessage():
                await _say(work, effect)
            case e.Move():
                _move(work, effect)
            case e.GiveTo():
                work.ticket = replace(work.on, owner=effect.agent, team=effect.team)
                work.changes |= {"owner": effect.agent, "team": effect.team}
                whose = effect.agent or f"team {effect.team}"
                work.note("owner", effect.agent or effect.team, f"{whose}: {effect.why}")
            case e.SetDeadline():
                await deadlines.put(work.on.number, effect.kind.value, work.on.round, effect.due_at, work.now)
            case e.CancelDeadlines():
                await deadlines.cancel(work.on.number, work.now, effect.why)
            case e.Rate():
                await _rate(work, effect)
            case e.AddParticipant():
                await _accept(work, effect.address)
            case e.MarkUndelivered():
                await outbox.undelivered(effect.outbox_id, effect.words)
                work.note("undelivered", "mail server", effect.words, effect.outbox_id)
            case e.Suppress():
                await suppression.suppress(effect.address, effect.until, effect.words, work.now)
                work.note(
                    "suppressed",
                    "mail server",
                    f"no automatic letter to {effect.address} until {effect.until:%d %b %H:%M} UTC",
                )
            case e.HoldForAgent():
                await _hold(work, effect)
            case e.Confirm():
                await _confirm(work, effect)
            case e.TellAgents():
                await self._tell(work, effect)
            case e.SendReceipt() | e.SendHeld() | e.SendConfirmation() | e.SendHelp():
                self._answer_agent(work, effect)
            case (
                e.SendAcknowledgement() | e.SendOversize() | e.SendAnswer() | e.SendResolution() | e.SendStatus()
                | e.SendReminder() | e.SendClosure() | e.SendReopened() | e.SendSurvey()
            ):  # fmt: skip
                self._write(work, effect)
            case _:
                assert_never(effect)

    def _write(self, work: _Work, effect: e.CustomerLetter) -> None:
        """A letter to the customer; an agent's own words go to everyone in copy too, without the customer's buttons."""
        ticket, occasion = work.on, work.cause.occasion
        letter, values = wording.for_customer(self._desk, self._policy, ticket, effect, work.now)
        human = wording.speaks(effect)
        if isinstance(effect, e.SendAcknowledgement | e.SendOversize):
            work.author = effect.author
        agent, enclosed = None, Enclosed()
        if isinstance(effect, e.SendAnswer | e.SendResolution):
            agent, enclosed = self._policy.agents[effect.agent], Enclosed(effect.attachments, human)
        work.mails.append(self._desk.to_customer(ticket, ticket.customer, letter, values, occasion, agent, enclosed))
        if not human or not isinstance(effect, e.SendAnswer | e.SendResolution):
            return
        answer = e.SendAnswer(effect.agent, effect.text, effect.attachments)
        letter, values = wording.for_customer(self._desk, self._policy, ticket, answer, work.now)
        for person in ticket.copied:
            work.mails.append(self._desk.to_customer(ticket, person, letter, values, occasion, agent, enclosed))

    async def _tell(self, work: _Work, effect: e.TellAgents) -> None:
        if work.earlier is None:
            work.earlier = await _exchanges(work.on.number)
        # What a notification tells itself is not told as earlier; who is assigned was told nothing yet.
        told = effect.news is not News.ASSIGNED and any(
            isinstance(each, e.AddMessage) for each in work.decision.effects
        )
        earlier = work.earlier[told : _EARLIER + told]
        passed, withheld = sorted_out(effect.attachments, self._policy.enclosures, work.cause.inbound_id or 0)
        effect = replace(effect, attachments=passed)
        for name in effect.agents:
            agent = self._policy.agents[name]
            values = wording.notification(self._desk, self._policy, work.on, agent, effect, earlier, work.now)
            values = replace(values, withheld=withheld)
            cause, answer = _occasion(work, effect), wording.answers_to(effect)
            mail = self._desk.to_agent(
                work.on, agent, Letter.NOTIFICATION, values, cause, effect.author, passed, answer
            )
            work.mails.append(mail)
            await asyncio.sleep(0)  # a long letter takes its time: others get their turn between two of them

    def _answer_agent(self, work: _Work, effect: e.SendReceipt | e.SendHeld | e.SendConfirmation | e.SendHelp) -> None:
        agent, ticket, answer = self._policy.agents[effect.agent], work.on, wording.answers_to(effect)
        if answer is Capability.CONFIRM:  # where others name the ticket's round, this token names the held mail
            ticket = replace(ticket, round=_inbound(work))
        letter, values = wording.for_agent(self._desk, ticket, agent, effect, work.now)
        work.mails.append(self._desk.to_agent(ticket, agent, letter, values, work.cause.occasion, answer=answer))


def _occasion(work: _Work, effect: e.TellAgents) -> Occasion:
    """A flood is told once an hour: its cause, which makes the letter's key, is the hour."""
    occasion = work.cause.occasion
    return replace(occasion, cause=f"flood{work.now:%Y%m%d%H}") if effect.news is News.FLOOD else occasion


def _arrived(work: _Work) -> None:
    message, why = work.cause.message, work.decision.why
    if message is not None:
        author = (message.author or NOBODY).address
        work.note("mail", author, f"{work.decision.outcome} from {author}" + (f": {why}" if why else ""))


async def _open(work: _Work, effect: e.OpenTicket) -> None:
    mailbox, message = work.cause.mailbox, work.cause.message
    author = (message.author if message else None) or NOBODY
    if not valid_address(author.address):
        author = NOBODY  # shown in the notification as they wrote it; a letter to them would fail for ever
    customer = work.cause.sender or await tickets.learn_person(author, effect.language, work.now)
    thread = (message.message_id,) if message is not None and message.message_id else ()
    subject = clean_subject(effect.subject, 200, mailbox.prefix)
    key = subject_key(effect.subject, mailbox.prefix)
    new = tickets.NewTicket(
        mailbox.name,
        mailbox.team,
        subject,
        key,
        customer.id,
        effect.language,
        work.now,
        effect.answer_by,
        effect.previous,
        thread,
        bool(work.cause.awaits),
        effect.proven,
    )
    number = await tickets.open_ticket(new)
    reachable = [address for address in effect.copied if valid_address(address.address)]
    people = [await tickets.learn_person(address, "", work.now) for address in reachable]
    if people:
        await tickets.add_copied(number, people, work.now)
    work.earlier = ()
    work.ticket = TicketView(
        number=number,
        mailbox=mailbox.name,
        team=mailbox.team,
        subject=subject,
        status=Status.NEW,
        owner="",
        customer=customer,
        copied=tuple(people),
        language=effect.language,
        priority="P3",
        round=0,
        closed_at=None,
        promised_at=effect.answer_by,
        resolved_by="",
        thread=thread,
        previous=effect.previous,
        answered=False,
    )
    _arrived(work)


async def _say(work: _Work, effect: e.AddMessage) -> None:
    message = work.cause.message
    enclosed = message.attachments if message else ()
    await tickets.add_message(
        work.on.number,
        inbound_id=work.cause.inbound_id,
        kind=effect.kind.value,
        private=effect.private,
        author=effect.author[:320],
        author_name=effect.author_name[:200],
        text=effect.text,
        full_text=message.text if message else effect.text,
        attachments=json.dumps([{"name": a.filename, "type": a.content_type, "size": a.size} for a in enclosed]),
        created_at=work.now,
    )
    if effect.kind is e.Kind.ANSWER and not work.on.answered:
        work.ticket = replace(work.on, answered=True)
        work.changes["answered_at"] = work.now
    if effect.kind in {e.Kind.CUSTOMER, e.Kind.COPIED} and message is not None and message.message_id:
        thread = tickets.extended(work.on.thread, message.message_id)
        if thread != work.on.thread:  # a ticket that is opened begins with it
            work.ticket = replace(work.on, thread=thread)
            work.changes["thread"] = " ".join(thread)


def _move(work: _Work, effect: e.Move) -> None:
    moved, ticket = effect.transition, work.on
    if moved.after is moved.before and moved.event not in _ALWAYS_RECORDED:
        return
    # A round is one solution, or one closing without any: what a "yes" and a rating belong to.
    begins = moved.event is Event.RESOLVED or (moved.closes and moved.before is not Status.RESOLVED)
    ticket = replace(ticket, status=moved.after, round=ticket.round + begins)
    work.changes |= {"status": moved.after.value, "round": ticket.round}
    if moved.event is Event.RESOLVED:
        ticket = replace(ticket, resolved_by=ticket.owner)
        work.changes |= {"resolved_at": work.now, "resolved_by": ticket.owner}
    if moved.closes:
        ticket = replace(ticket, closed_at=work.now, resolved_by=ticket.resolved_by or ticket.owner)
        outcome = (moved.outcome or Outcome.CONFIRMED).value
        work.changes |= {"closed_at": work.now, "outcome": outcome, "resolved_by": ticket.resolved_by}
    if begins or moved.closes:
        earlier = ticket.resolvers[: max(ticket.round - 1, 0)]
        unknown = ("",) * (ticket.round - 1 - len(earlier))
        ticket = replace(ticket, resolvers=(*earlier, *unknown, ticket.resolved_by))
        work.changes["resolvers"] = "\n".join(ticket.resolvers)
    if moved.reopens:
        work.changes |= {"closed_at": None, "outcome": "", "reopened": tickets.ONE_MORE}
    work.ticket = ticket
    why = f": {effect.why}" if effect.why else ""
    work.note("status", effect.actor, f"{moved.before} -> {moved.after} ({moved.event}){why}")


async def _rate(work: _Work, effect: e.Rate) -> None:
    ticket = work.on
    first = await tickets.rate(
        ticket.number,
        ticket.customer.id,
        effect.round,
        agent=ticket.resolver(effect.round),
        team=ticket.team,
        score=effect.score,
        comment=effect.comment,
        rated_at=work.now,
    )
    work.note(
        "rated", ticket.customer.address, f"{effect.score} of 5" + ("" if first else ", in place of the first answer")
    )


async def _accept(work: _Work, address: Address) -> None:
    person = await tickets.learn_person(address_or_none(address.address) or address, "", work.now)
    await tickets.add_copied(work.on.number, [person], work.now)
    if person.id not in {other.id for other in (work.on.customer, *work.on.copied)}:
        work.ticket = replace(work.on, copied=(*work.on.copied, person))
    work.note("participant", person.address, "takes part now")


def _inbound(work: _Work) -> int:
    if work.cause.inbound_id is None:
        raise AssertionError(f"{work.decision.reason}: no mail to hold")
    return work.cause.inbound_id


async def _hold(work: _Work, effect: e.HoldForAgent) -> None:
    number, asked = _inbound(work), work.now if effect.asks else None
    row = held.HeldRow(number, effect.agent, work.on.number, effect.note, effect.until, asked, None)
    await held.keep(row, work.now)
    told = "asked" if effect.asks else "not asked: the last letter is too fresh"
    work.note("held", effect.agent, f"inbound {number} waits until {effect.until:%d %b %H:%M} UTC ({told})")


async def _confirm(work: _Work, effect: e.Confirm) -> None:
    if not await held.settle(effect.inbound_id, work.now):
        raise Outdated(f"inbound {effect.inbound_id} was confirmed a moment ago")
    work.note("confirmed", effect.agent, f"inbound {effect.inbound_id} was theirs")


async def _exchanges(number: int) -> tuple[Exchange, ...]:
    """The latest messages, newest first: those a notification may show, and the one at hand."""
    return tuple(
        Exchange(message.author_name or message.author, message.at, message.text[:_EXCERPT], message.private)
        for message in await tickets.said(number, _EARLIER + 1)
    )


async def _queue(work: _Work, budgets: Budgets) -> None:
    """Into the outbox, once per key, but for people nobody can write to; what budgets stop is told."""
    mails = [mail for mail in work.mails if not mail.recipient.endswith(".invalid")]
    if not mails:
        return
    number = work.on.number
    people = frozenset(person.address.casefold() for person in (work.on.customer, *work.on.copied))
    judged = await restrain(mails, people, number, budgets, work.now, work.author)
    ids = await outbox.enqueue(judged.mails)
    await remember(judged, frozenset(ids), number, work.now)
    for mail, why in judged.stopped:
        if why not in HOLDING:
            work.note("suppressed", "mailproc", f"{mail.letter} to {mail.recipient} not sent: {why}")
    reasons = {mail.key: f" {why}" for mail, why in judged.stopped}
    for mail in judged.mails:
        if mail.key in ids:
            told = reasons.get(mail.key, "")
            kind = "held" if mail.held else "queued"
            work.note(kind, "mailproc", f"{mail.letter} to {mail.recipient}{told}", ids[mail.key])
