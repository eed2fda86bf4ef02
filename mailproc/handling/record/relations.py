"""Tickets and other tickets: what is written about two of them."""

from __future__ import annotations

from dataclasses import replace

from mailproc.core.effects_relations import LinkWith, MergeInto, SplitOff, Unlink
from mailproc.core.facts import TicketView
from mailproc.core.subjects import clean_subject, subject_key
from mailproc.handling.record.work import Work
from mailproc.store import links, tickets
from mailproc.store.history import Entry


def merge_into(work: Work, effect: MergeInto) -> None:
    """Mark where it lives on. Its words, people and Message-IDs stay with it: whoever looks for it is led on."""
    work.changes["merged_into_id"] = effect.ticket.number
    _note_both(work, "merged", effect.actor, effect.ticket.number, "lives on in", "takes in")


async def split_off(work: Work, effect: SplitOff) -> TicketView:
    """The new ticket, with the message it begins with."""
    old, new, mailbox = work.on, effect.ticket, work.cause.mailbox
    row = tickets.NewTicket(
        new.mailbox,
        new.team,
        clean_subject(new.subject, 200, mailbox.prefix),
        subject_key(new.subject, mailbox.prefix),
        new.customer.id,
        new.language,
        work.now,
        None,
        old.number,
        new.thread,
    )
    number = await tickets.open_ticket(row)
    await tickets.save(number, {"priority": new.priority, "restricted": new.restricted})
    await tickets.copy_message(effect.message, number)
    await links.put(old.number, number, work.now)
    _note_both(work, "split", effect.actor, number, "has a part of its own in", "split off")
    return replace(new, number=number, subject=row.subject, begun_at=work.now)


async def link_with(work: Work, effect: LinkWith) -> None:
    await links.put(work.on.number, effect.other, work.now)
    work.linked = None  # known anew, when it is asked for
    _note_both(work, "link", effect.actor, effect.other, "linked with", "linked with")


async def unlink(work: Work, effect: Unlink) -> None:
    for other in effect.others:
        await links.remove(work.on.number, other)
        _note_both(work, "link", effect.actor, other, "no longer linked with", "no longer linked with")


def _note_both(work: Work, kind: str, actor: str, other: int, here: str, there: str) -> None:
    """In the history of both tickets."""
    number, reason, inbound = work.on.number, work.decision.reason.value, work.cause.inbound_id
    work.note(kind, actor, f"{here} #{other}")
    work.entries.append(Entry(work.now, kind, actor, f"{there} #{number}", reason, other, inbound))
