"""Every row a decision causes, in the caller's one transaction. No network here, no task started."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import assert_never

from mailproc.core import effects as e
from mailproc.core.budgets import HOLDING, Budgets
from mailproc.core.effects import Decision, Effect
from mailproc.core.effects_agents import MuteTicket, SendHistory, SetState
from mailproc.core.effects_behalf import ChangeCustomer, ConfirmCustomer
from mailproc.core.effects_delivery import MarkUndelivered, Suppress, Unsuppress
from mailproc.core.effects_fields import BlockPerson, Noted, RemoveParticipant, SetField
from mailproc.core.effects_relations import LinkWith, MergeInto, SplitOff, Unlink
from mailproc.core.effects_safety import UndoAction
from mailproc.core.effects_sides import AnswerThirdParty, AskThirdParty, HearThirdParty
from mailproc.core.enclosures import with_words
from mailproc.core.facts import TicketView
from mailproc.core.letters import Letter, News
from mailproc.core.policy import Policy
from mailproc.core.tokens import Capability
from mailproc.handling import wording
from mailproc.handling.asking import exchanges
from mailproc.handling.correspondence import Correspondence, Enclosed, Occasion
from mailproc.handling.record import agents, behalf, commanded, sides, undo
from mailproc.handling.record.digest import send_alone, send_digest
from mailproc.handling.record.fields import set_deadline
from mailproc.handling.record.relations import split_off
from mailproc.handling.record.ticket import accept, confirm, give, hold, move, open_, rate, say
from mailproc.handling.record.work import Cause, Work, arrived, inbound_of, queued
from mailproc.handling.restraint import Restraint, remember
from mailproc.render.draft import Draft
from mailproc.store import deadlines, history, links, outbox, suppression, tickets
from mailproc.store.budgets import says_again
from mailproc.store.outbox import MailClass, NewMail

_EARLIER = 3  # exchanges shown at the end of a notification
_MOST_AWAITED = 20  # mails that one refers to, the nearest ones
_BEFORE = 3  # earlier tickets of the customer
_LINKED = 5  # tickets it has to do with


class Recorder:
    """Writes decisions down."""

    def __init__(self, policy: Policy, desk: Correspondence) -> None:
        self._policy, self._desk, self._restraint = policy, desk, Restraint(policy.budgets)

    @property
    def letters(self) -> Correspondence:
        """What writes its letters."""
        return self._desk

    async def apply(self, decision: Decision, cause: Cause, ticket: TicketView | None) -> Work:
        """Write everything the decision causes. Call it inside a transaction."""
        work = await self.begin(decision, cause, ticket)
        await keep_written(work.unwritten)
        return work

    async def begin(self, decision: Decision, cause: Cause, ticket: TicketView | None) -> Work:
        """As `apply`, but for the bytes of letters: the caller keeps what is `unwritten`, in the same transaction."""
        work = Work(cause, decision, ticket if decision.ticket is not None else None)
        if work.ticket is not None:
            arrived(work)
        stood = await undo.before(work)
        for effect in decision.effects:
            await self._carry_out(work, effect)
        if work.ticket is None:
            await send_alone(work)
            return work
        # The mail belongs to the ticket it came to, though the rest of it is about one that it began.
        work.number = number = decision.ticket if work.begun and decision.ticket else work.ticket.number
        if cause.message is not None and cause.message.message_id:
            await tickets.remember_id(number, cause.message.message_id)
        if cause.awaits:
            await tickets.await_ids(number, cause.awaits[:_MOST_AWAITED])
        await _save(work)
        if stood is not None:
            await undo.remember(work, stood)
        for receipt in work.receipts:  # they tell of everything, and what it is undone by
            done, leaves_at = (*receipt.done, *work.done), self._leaves_at(work)
            whole = replace(receipt, done=done, action=work.action, leaves_at=leaves_at)
            if await agents.wants(work, whole):
                self._answer_agent(work, whole)
        await self._send(work)
        await history.append(work.entries)
        return work

    async def _send(self, work: Work) -> None:
        if work.decision.agent:
            work.mails = [_held_back(mail, work.now + self._policy.safety.hold) for mail in work.mails]
        await _queue(work, self._policy.budgets, self._restraint)

    def _leaves_at(self, work: Work) -> datetime | None:
        """When the first letter of an agent's to somebody else leaves; None where there is none, or no hold."""
        until = work.now + self._policy.safety.hold
        waits = work.decision.agent and any(_held_back(mail, until).not_before for mail in work.mails)
        return until if waits else None

    async def _begin(self, work: Work, ticket: TicketView) -> None:
        """What follows is about a ticket that was split off."""
        await _save(work)
        await self._send(work)
        work.begun.add(ticket.number)
        work.ticket, work.changes, work.mails, work.earlier, work.before = ticket, {}, [], None, None
        work.linked = None
        work.staff = None

    async def _carry_out(self, work: Work, effect: Effect) -> None:
        match effect:
            case e.OpenTicket():
                await open_(work, effect)
            case e.AddMessage():
                await say(work, effect)
            case e.Move():
                move(work, effect)
            case e.GiveTo():
                give(work, effect)
                await agents.warn_of_absence(work, effect, self._policy)
            case e.SetDeadline():
                await set_deadline(work, effect)
            case e.CancelDeadlines():
                await deadlines.cancel(work.on.number, work.now, effect.why, effect.kinds, effect.agent)
            case e.Rate():
                await rate(work, effect)
            case e.AddParticipant():
                await accept(work, effect.address)
            case MarkUndelivered() | Suppress() | Unsuppress():
                await _heard_of_an_address(work, effect)
            case ChangeCustomer() | ConfirmCustomer():
                await behalf.carry_out(work, effect)
            case AskThirdParty() | AnswerThirdParty() | HearThirdParty():
                await sides.carry_out(work, self._desk, self._policy, effect)
            case e.HoldForAgent():
                await hold(work, effect)
            case e.Confirm():
                await confirm(work, effect)
            case (
                SetField() | RemoveParticipant() | BlockPerson() | Noted() | MergeInto() | LinkWith() | Unlink()
            ):  # fmt: skip
                await commanded.carry_out(work, effect)
            case SplitOff():
                await self._begin(work, await split_off(work, effect))
            case SetState() | MuteTicket() | SendHistory():
                await agents.carry_out(work, effect, self._desk, self._policy)
            case e.TellAgents():
                await self._tell_of(work, effect)
            case UndoAction():
                await undo.take_back(work, effect)
            case e.SendReceipt():
                work.receipts.append(effect)
            case e.SendHeld() | e.SendConfirmation() | e.SendHelp():
                self._answer_agent(work, effect)
            case e.SendDigest():
                await send_digest(work, effect, self._desk, self._policy)
            case (
                e.SendAcknowledgement() | e.SendOversize() | e.SendAnswer() | e.SendResolution() | e.SendStatus()
                | e.SendReminder() | e.SendClosure() | e.SendReopened() | e.SendSurvey()
            ):  # fmt: skip
                self._write(work, effect)
            case _:
                assert_never(effect)

    def _write(self, work: Work, effect: e.CustomerLetter) -> None:
        """A letter to the customer; an agent's own words go to everyone in copy too, without the customer's buttons."""
        if work.on.unconfirmed and not behalf.confirmed_by(work, effect):
            return
        ticket, occasion = _without(work.on, effect), work.cause.occasion
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

    async def _tell(self, work: Work, effect: e.TellAgents) -> None:
        if work.earlier is None:
            work.earlier = await exchanges(work.on.number, _EARLIER + 1)  # with the one at hand
        if work.before is None:
            work.before = await tickets.earlier(work.on.customer.id, work.on.number, _BEFORE)
        if work.linked is None:
            work.linked = await links.linked(work.on.number, _LINKED)
        # What a notification tells itself is not told as earlier; who is assigned was told nothing yet.
        told = effect.news is not News.ASSIGNED and any(
            isinstance(each, e.AddMessage) for each in work.decision.effects
        )
        inbound, allowed = work.cause.inbound_id or 0, self._policy.enclosures
        passed, withheld = with_words(effect.attachments, effect.whole, effect.as_written, allowed, inbound)
        effect = replace(effect, attachments=passed)
        earlier = tuple(each for each in work.earlier[told : _EARLIER + told] if each.text.strip())
        beside = wording.Beside(earlier, work.before, work.linked, withheld)
        for name in await agents.heard(work, effect, self._policy):
            agent = self._policy.agents[name]
            values = wording.notification(self._desk, self._policy, work.on, agent, effect, beside, work.now)
            cause, answer = _occasion(work, effect), wording.answers_to(effect)
            ticket = wording.answered(work.on, effect)
            mail = self._desk.to_agent(ticket, agent, Letter.NOTIFICATION, values, cause, effect.author, passed, answer)
            work.mails.append(mail)

    async def _tell_of(self, work: Work, effect: e.TellAgents) -> None:
        """News of the ticket at hand, or of another one."""
        if effect.on is None:
            await self._tell(work, effect)
            return
        ticket, earlier, before, linked = work.ticket, work.earlier, work.before, work.linked
        work.ticket, work.earlier, work.before, work.linked, work.staff = effect.on, None, None, None, None
        await self._tell(work, effect)
        work.ticket, work.earlier, work.before, work.linked, work.staff = ticket, earlier, before, linked, None

    def _answer_agent(self, work: Work, effect: e.SendReceipt | e.SendHeld | e.SendConfirmation | e.SendHelp) -> None:
        agent, ticket, answer = self._policy.agents[effect.agent], work.on, wording.answers_to(effect)
        if answer is Capability.CONFIRM:  # where others name the ticket's round, this token names the held mail
            ticket = replace(ticket, round=inbound_of(work))
        letter, values = wording.for_agent(self._desk, self._policy, ticket, agent, effect, work.now)
        ticket = wording.answered(ticket, effect)
        work.mails.append(self._desk.to_agent(ticket, agent, letter, values, work.cause.occasion, answer=answer))


async def keep_written(letters: Mapping[int, Draft]) -> None:
    """Write letters, and keep them under their ids."""
    contents = {}
    for id_, letter in letters.items():
        contents[id_] = letter.written()
        await asyncio.sleep(0)  # a long letter takes its time: others get their turn between two of them
    await outbox.keep(contents)


def _without(ticket: TicketView, effect: e.CustomerLetter) -> TicketView:
    """The ticket without people in copy who do not get the letter, nor stand in it."""
    left_out = effect.but if isinstance(effect, e.SendAnswer | e.SendResolution) else ()
    return replace(ticket, copied=tuple(person for person in ticket.copied if person.id not in left_out))


def _occasion(work: Work, effect: e.TellAgents) -> Occasion:
    """A flood is told once an hour: its cause, which makes the letter's key, is the hour."""
    occasion = work.cause.occasion
    return replace(occasion, cause=f"flood{work.now:%Y%m%d%H}") if effect.news is News.FLOOD else occasion


async def _save(work: Work) -> None:
    if work.changes:
        await tickets.save(work.on.number, {"updated_at": work.now, **work.changes})


def _held_back(mail: NewMail, until: datetime) -> NewMail:
    """An agent's letter to anyone but agents leaves only then: meanwhile it can be taken back."""
    if mail.mail_class in {MailClass.AGENT, MailClass.WORDS} or until <= mail.created_at:
        return mail
    return replace(mail, not_before=until)


async def _heard_of_an_address(work: Work, effect: MarkUndelivered | Suppress | Unsuppress) -> None:
    match effect:
        case MarkUndelivered():
            await outbox.undelivered(effect.outbox_id, effect.words)
            work.note("undelivered", "mail server", effect.words, effect.outbox_id)
        case Suppress():
            await suppression.suppress(effect.address, effect.until, effect.words, work.now)
            told = f"no automatic letter to {effect.address} until {effect.until:%d %b %H:%M} UTC"
            work.note("suppressed", "mail server", told)
        case Unsuppress():
            if await suppression.lift(effect.address, work.now):
                told = f"automatic letters to {effect.address} again: they wrote, proven"
                work.note("unsuppressed", "mailproc", told)
        case _:
            assert_never(effect)


async def _says_something_new(work: Work, budgets: Budgets) -> bool:
    """Whether an agent's mail is held that is not what was held lately."""
    said = next((each for each in work.decision.effects if isinstance(each, e.AddMessage)), None)
    if said is None or said.kind is not e.Kind.HELD or not budgets.agent:
        return False
    since = work.now - max(window.span for window in budgets.agent)
    return not await says_again(work.on.number, said.author, said.text, since)


async def _queue(work: Work, budgets: Budgets, restraint: Restraint) -> None:
    """Into the outbox, once per key, but for people nobody can write to; what budgets stop is told."""
    mails = [mail for mail in work.mails if not mail.recipient.endswith(".invalid")]
    if not mails:
        return
    number = work.on.number
    people = frozenset(person.address.casefold() for person in (work.on.customer, *work.on.copied))
    new_words = await _says_something_new(work, budgets)
    judged = await restraint.restrain(mails, people, number, work.now, work.author, new_words=new_words)
    ids = await outbox.enqueue(judged.mails)
    queued(work, judged.mails, ids)
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
