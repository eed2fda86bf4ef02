"""What a decision changes about a ticket and its people."""

from __future__ import annotations

import json
from dataclasses import replace

from mailproc.core import effects as e
from mailproc.core.decide import NOBODY
from mailproc.core.facts import TicketView
from mailproc.core.lifecycle import Event, Outcome, Status
from mailproc.core.message import Address
from mailproc.core.subjects import clean_subject, subject_key
from mailproc.handling.record.work import Outdated, Work, arrived, inbound_of
from mailproc.mime.compose import valid_address
from mailproc.mime.one_address import address_or_none
from mailproc.store import held, tickets

#: Moves that count as a new round even when the status stays.
_ALWAYS_RECORDED = frozenset({Event.RESOLVED, Event.REMINDER_DUE})


async def open_(work: Work, effect: e.OpenTicket) -> None:
    """A new ticket; what follows is about it."""
    mailbox, message = work.cause.mailbox, work.cause.message
    author = (message.author if message else None) or NOBODY
    if not valid_address(author.address):
        author = NOBODY  # shown in the notification as they wrote it; a letter to them would fail for ever
    known = work.cause.sender if effect.customer is None else None
    customer = known or await tickets.learn_person(effect.customer or author, effect.language, work.now)
    thread = effect.thread
    if thread is None:
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
        effect.unconfirmed,
    )
    number = await tickets.open_ticket(new)
    for message_id in effect.thread or ():
        await tickets.remember_id(number, message_id)
    reachable = [address for address in effect.copied if valid_address(address.address)]
    people = [await tickets.learn_person(address, "", work.now) for address in reachable]
    if people:
        await tickets.add_copied(number, people, work.now)
    work.earlier, work.linked = (), []
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
        unconfirmed=effect.unconfirmed,
    )
    arrived(work)


async def say(work: Work, effect: e.AddMessage) -> None:
    """Something said on the ticket."""
    message = work.cause.message
    enclosed = message.attachments if message else ()
    await tickets.add_message(
        work.on.number,
        inbound_id=work.cause.inbound_id,
        side_id=effect.side,
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
    own = message is not None and message.author is not None and message.author.key == effect.author.casefold()
    if effect.kind in {e.Kind.CUSTOMER, e.Kind.COPIED} and own and message is not None and message.message_id:
        thread = tickets.extended(work.on.thread, message.message_id)
        if thread != work.on.thread:  # a ticket that is opened begins with it
            work.ticket = replace(work.on, thread=thread)
            work.changes["thread"] = " ".join(thread)


def move(work: Work, effect: e.Move) -> None:
    """The status, and what hangs on it."""
    moved, ticket = effect.transition, work.on
    if moved.after is moved.before and moved.event not in _ALWAYS_RECORDED:
        return
    # A round is one solution, or one closing without any: what a "yes" and a rating belong to.
    begins = moved.event is Event.RESOLVED or (moved.closes and moved.before is not Status.RESOLVED)
    ticket = replace(ticket, status=moved.after)
    work.changes["status"] = moved.after.value
    if begins:
        number = max(ticket.round, ticket.rounds_begun) + 1
        ticket = replace(ticket, round=number, rounds_begun=number)
        work.changes |= {"round": number, "rounds_begun": number}
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


def give(work: Work, effect: e.GiveTo) -> None:
    """Whose it is from now on."""
    work.ticket = replace(work.on, owner=effect.agent, team=effect.team)
    work.changes |= {"owner": effect.agent, "team": effect.team}
    whose = effect.agent or f"team {effect.team}"
    work.note("owner", effect.agent or effect.team, f"{whose}: {effect.why}")


async def rate(work: Work, effect: e.Rate) -> None:
    """A customer's answer to a survey."""
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


async def accept(work: Work, address: Address) -> None:
    """Somebody takes part from now on."""
    person = await tickets.learn_person(address_or_none(address.address) or address, "", work.now)
    await tickets.add_copied(work.on.number, [person], work.now)
    if person.id not in {other.id for other in (work.on.customer, *work.on.copied)}:
        work.ticket = replace(work.on, copied=(*work.on.copied, person))
    work.note("participant", person.address, "takes part now")


async def hold(work: Work, effect: e.HoldForAgent) -> None:
    """An agent's mail waits for the agent."""
    number, asked = inbound_of(work), work.now if effect.asks else None
    row = held.HeldRow(
        number, effect.agent, work.on.number, effect.note, effect.until, asked, None, effect.side, effect.because
    )
    await held.keep(row, work.now)
    told = effect.because or ("asked" if effect.asks else "not asked: the last letter is too fresh")
    work.note("held", effect.agent, f"inbound {number} waits until {effect.until:%d %b %H:%M} UTC ({told})")


async def confirm(work: Work, effect: e.Confirm) -> None:
    """A held mail is the agent's; once."""
    if not await held.settle(effect.inbound_id, work.now):
        raise Outdated(f"inbound {effect.inbound_id} was confirmed a moment ago")
    work.note("confirmed", effect.agent, f"inbound {effect.inbound_id} {effect.word}")
