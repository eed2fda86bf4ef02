"""Whose a ticket is."""

from __future__ import annotations

from dataclasses import replace

from mailproc.core import effects as e
from mailproc.core.effects_behalf import BehalfEffect, ChangeCustomer, ConfirmCustomer
from mailproc.core.letters import Change, Done
from mailproc.core.subjects import clean_subject, subject_key
from mailproc.handling.record.work import Work
from mailproc.mime.one_address import address_or_none
from mailproc.store import tickets


async def carry_out(work: Work, effect: BehalfEffect) -> None:
    """What an agent says about it."""
    if isinstance(effect, ChangeCustomer):
        await change_customer(work, effect)
    else:
        confirm_customer(work, effect)


async def change_customer(work: Work, effect: ChangeCustomer) -> None:
    """Letters and tokens are another's from now on; the one before is a stranger."""
    address = address_or_none(effect.address.address) or effect.address
    person = await tickets.learn_person(replace(address, name=effect.address.name), effect.language, work.now)
    old, number = work.on.customer, work.on.number
    await tickets.remove_copied(number, person.id)
    for message_id in effect.thread:
        await tickets.remember_id(number, message_id)
    copied = tuple(other for other in work.on.copied if other.id != person.id)
    work.ticket = replace(work.on, customer=person, copied=copied, thread=effect.thread)
    work.before = None  # others were before this one
    work.changes |= {
        "customer_id": person.id, "thread": " ".join(effect.thread), "proven": False, "unconfirmed": not effect.confirmed,
    }  # fmt: skip
    work.ticket = replace(work.on, unconfirmed=not effect.confirmed)
    if effect.subject != "":
        prefix, subject, before = work.cause.mailbox.prefix, effect.subject or "", work.on.subject
        work.ticket = replace(work.on, subject=clean_subject(subject, 200, prefix))
        work.changes |= {"subject": work.on.subject, "subject_key": subject_key(subject, prefix)}
        work.note("subject", effect.agent, f"“{before}” -> “{work.on.subject}”")
    if effect.language:
        work.ticket = replace(work.on, language=effect.language)
        work.changes["language"] = effect.language
    work.note("customer", effect.agent, f"{old.address} -> {person.address}")


def confirm_customer(work: Work, effect: ConfirmCustomer) -> None:
    """Automatic letters may go to the customer."""
    work.ticket = replace(work.on, unconfirmed=False)
    work.changes["unconfirmed"] = False
    work.note("customer", effect.agent, f"{work.on.customer.address} is the right address")


def confirmed_by(work: Work, effect: e.CustomerLetter) -> bool:
    """Whether a letter may go to an address nobody has confirmed: what an agent writes there themselves confirms it."""
    if isinstance(effect, e.SendAnswer | e.SendResolution):
        confirm_customer(work, ConfirmCustomer(effect.agent))
        return True
    work.done.append(Done(Change.UNCONFIRMED, work.on.customer.address))
    work.note("suppressed", "mailproc", "an automatic letter not sent: the customer's address is not confirmed")
    return False
