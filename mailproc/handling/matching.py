"""Which ticket a mail belongs to: by a token, by what it answers, or by its subject and its people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice

from mailproc.core.facts import FailedMail, Match, MatchedBy, Person
from mailproc.core.message import Message
from mailproc.core.policy import Policy
from mailproc.core.subjects import is_answer, subject_key
from mailproc.core.tokens import Capability, KeyRing, Token
from mailproc.handling import named
from mailproc.handling.joining import open_to
from mailproc.store import tickets

_MOST_PEOPLE = 20  # recipients among whom a ticket's customer is looked for


async def match(
    policy: Policy,
    keys: KeyRing,
    message: Message,
    sender: Person | None,
    failed: FailedMail | None,
    arrived_at: datetime,
    now: datetime,
    prefix: str,
) -> Match:
    """The ticket a mail belongs to, by the strongest key that finds one."""
    if failed is not None:  # whatever address the report came to: it is about that letter
        return await named.living(Match(MatchedBy.OUR_MESSAGE_ID, await tickets.view(failed.ticket)))
    person = sender.id if sender else None
    for by, token in tokens(policy, keys, message, person, now):
        if token.capability is Capability.COMMAND and token.person == person:
            return Match(by, None, token)
        ticket = await tickets.view(token.ticket)
        if ticket is not None:
            return await named.living(Match(by, ticket, token))
    number = await tickets.by_message_ids(message.refers_to)
    if number is not None:
        return await named.living(Match(MatchedBy.STORED_MESSAGE_ID, await tickets.view(number)))
    if person is None:
        return Match()
    found = await open_to(await tickets.awaiting([message.message_id, *message.refers_to]), message, person)
    if found:
        return Match(MatchedBy.AWAITED, found[0])
    found = await open_to(await _alike(policy, message, arrived_at, now, prefix), message, person)
    return Match(MatchedBy.SUBJECT, found[0]) if found else Match()


def tokens(
    policy: Policy, keys: KeyRing, message: Message, person: int | None, now: datetime
) -> Iterator[tuple[MatchedBy, Token]]:
    """What the mail's address and the mail it answers allow its sender, `person`; the strongest key first."""
    for by, texts in (
        (MatchedBy.TOKEN, addressed(policy, message)),
        (MatchedBy.OUR_MESSAGE_ID, message.refers_to),
    ):
        token = best((keys.find(text, now.date()) for text in texts), person)
        if token is not None:
            yield by, token


def addressed(policy: Policy, message: Message) -> list[str]:
    """Where a token may stand: our own addresses among the recipients, and a `ref:` in the subject."""
    recipients = [*message.delivered_to, *(address.address for address in (*message.to, *message.cc))]
    subject = [part[:80] for part in message.subject.split("ref:")[1:3]]
    return [address for address in recipients if "+" in address and policy.is_own(address)] + subject


def best(tokens: Iterable[Token | None], person: int | None) -> Token | None:
    """The first token that was written to the sender; else the first that is good.

    A mail that names a note's address beside another is a note: nothing gets out by a second address.
    """
    good = [token for token in tokens if token is not None]
    mine = [token for token in good if token.person == person]
    return next((token for token in mine if token.capability is Capability.NOTE), next(iter((*mine, *good)), None))


async def _alike(policy: Policy, message: Message, arrived_at: datetime, now: datetime, prefix: str) -> Sequence[int]:
    """Only an answer is joined by its subject: the same words in a new mail are a new matter.

    But a mail that was written before somebody answered it, and is handled after the answer, is the same matter.
    """
    key = subject_key(message.subject, prefix)
    if not key or message.author is None:
        return ()
    addressed = (each.key for each in (*message.to, *message.cc) if not policy.is_own(each.address))
    people = [message.author.key, *islice(addressed, _MOST_PEOPLE)]
    if message.refers_to or is_answer(message.subject, prefix):
        return await tickets.by_subject(people, key, now - policy.subject_window)
    written = min(message.date or arrived_at, arrived_at)
    return await tickets.begun_by_answers(people, key, max(written, now - policy.subject_window))
