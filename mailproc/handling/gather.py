"""Collect the facts a decision needs: read-only, a handful of indexed queries a mail."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from mailproc.core import automatic, evidence
from mailproc.core.automatic import OwnMail
from mailproc.core.decide import NOBODY
from mailproc.core.facts import (
    Around,
    Asked,
    Facts,
    FailedMail,
    HeldMail,
    Match,
    Person,
    Standing,
    TicketView,
)
from mailproc.core.forward import Forwarded
from mailproc.core.message import TEXT_CUT, Address, Attachment, Message
from mailproc.core.policy import Agent, MailboxPolicy, Policy
from mailproc.core.reply import MOST_READ, Reply
from mailproc.core.tokens import Capability, KeyRing
from mailproc.handling import agent_facts, asking, matching, named, senders
from mailproc.handling.asking import Asking
from mailproc.handling.joining import halves
from mailproc.handling.matching import addressed, best
from mailproc.handling.sharing import NOTHING, Shared, Wish, shared
from mailproc.mime.compose import page_of, text_of
from mailproc.mime.pool import ParseFailed, ParserPool
from mailproc.render.canned import Canned
from mailproc.store import agent_state, held, inbound, outbox, sides, suppression, tickets
from mailproc.store.held import HeldRow
from mailproc.store.inbound import SpooledMail

_MAILS = frozenset({"message/rfc822", "message/global"})
_MOST_SEARCHED = 3 * MOST_READ  # bytes of all files of a mail: whoever writes an agent's address could send hundreds
_LONG_AGO = datetime(1970, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    """What gathering needs to know of the configuration."""

    policy: Policy
    keys: KeyRing
    agent_people: Mapping[str, int]
    canned: Canned = field(default_factory=lambda: Canned((), "en"))

    def own_mail(self, now: datetime) -> OwnMail:
        addresses = frozenset(mailbox.address.casefold() for mailbox in self.policy.mailboxes.values())
        return OwnMail(addresses, lambda message_id: self.keys.find(message_id, now.date()) is not None)


@dataclass(frozen=True, slots=True)
class Words:
    """A mail and what is new in it."""

    message: Message
    reply: Reply
    answers_machine: bool  # the mail it answers is an automatic one of ours
    answers_at: datetime | None  # when the mail of ours was written that it answers


@dataclass(frozen=True, slots=True)
class Waiting:
    """A held mail, read anew."""

    row: HeldRow
    mail: Words
    forwarded: Forwarded | None


@dataclass(frozen=True, slots=True)
class Parsed:
    """A mail, and the held one it speaks of."""

    mail: Words
    held: Waiting | None = None
    forwarded: Forwarded | None = None  # of an agent's mail
    shared: Shared = NOTHING  # what an agent's mail passes on of a third party's


async def read(desk: Desk, parser: ParserPool, content: bytes, now: datetime) -> Parsed:
    """All that needs a parser, which may take its time: before anything is decided. Raises as `ParserPool.parse`."""
    mail = await _words(parser, content)
    held_mail = await _waiting(desk, parser, mail.message, now)
    author = mail.message.author
    agent = desk.policy.agent_by_address(author.address) if author is not None else None
    if agent is None:
        return Parsed(mail, held_mail)
    mails, row = ((mail, held_mail.mail), held_mail.row) if held_mail is not None else ((mail,), None)
    wishes = [Wish(each.reply.unquoted, _had_seen(desk, each, now)) for each in mails]
    found = matching.tokens(desk.policy, desk.keys, mail.message, desk.agent_people.get(agent.name), now)
    _, token = next(found, (None, None))
    passed_on = await shared(parser, desk.policy.enclosures, token, row, wishes)
    return Parsed(mail, held_mail, await _forwarded(parser, mail.message), passed_on)


async def _words(parser: ParserPool, content: bytes) -> Words:
    """The words without quotes, signature, and whatever stands in the mail of ours they answer."""
    message, reply = await parser.read(content)
    parent = await outbox.by_message_id(message.in_reply_to[0]) if message.in_reply_to else None
    sent = ([text_of(parent.content)], [page_of(parent.content)]) if parent is not None else ([], [])
    machine = parent is not None and not parent.human
    written = parent.created_at if parent is not None else None
    if reply is None:
        reply = await parser.split(message.text, *sent)
    return Words(message, reply, machine, written)


async def _forwarded(parser: ParserPool, message: Message) -> Forwarded | None:
    """The mail that a mail passes on: enclosed as it came, else within its words."""
    whole = next(filter(_is_mail, message.attachments), None) if message.delivery_report is None else None
    if whole is not None:
        with contextlib.suppress(ParseFailed):  # what can't be read stays an attachment
            inner = await parser.parse(whole.content)
            if inner.from_:
                return _enclosed(message, inner)
    return await parser.forwarded(message.text, message.subject)


def _is_mail(attachment: Attachment) -> bool:
    return attachment.content_type in _MAILS or attachment.filename.casefold().endswith(".eml")


def _is_words(attachment: Attachment) -> bool:
    return attachment.content_type.startswith(("text/", "message/")) or _is_mail(attachment)


def _enclosed(message: Message, inner: Message) -> Forwarded:
    author = inner.author or Address("")  # of several nobody can tell who asks for help
    to = ", ".join(address.address for address in inner.to)
    words = message.text.strip()
    if words == inner.text.strip():
        words = ""  # of a mail that holds nothing else, the parser shows the enclosed one's words
    return Forwarded(
        author.address,
        author.name,
        inner.subject,
        inner.header("date"),
        to,
        inner.text.strip("\n"),
        words,
        enclosed=inner,
    )


async def _waiting(desk: Desk, parser: ParserPool, message: Message, now: datetime) -> Waiting | None:
    row = await _spoken_of(desk, message, now)
    content = await inbound.content(row.inbound_id) if row is not None else None
    if row is None or content is None:
        return None
    mail = await _words(parser, content)
    return Waiting(row, mail, await _forwarded(parser, mail.message))


async def _spoken_of(desk: Desk, message: Message, now: datetime) -> HeldRow | None:
    """The held mail an agent confirms or may mean to: its bytes are needed before anything can be decided."""
    author = message.author
    if author is None or desk.policy.agent_by_address(author.address) is None:
        return None
    texts = (*addressed(desk.policy, message), *message.refers_to[:1])
    for token in (desk.keys.find(text, now.date()) for text in texts):
        if token is not None and token.capability is Capability.CONFIRM:
            return await held.find(token.round)
    return None


async def gather(desk: Desk, mail: SpooledMail, parsed: Parsed, now: datetime) -> Facts:
    """Everything a decision about this mail may look at."""
    message = parsed.mail.message
    policy, own = desk.policy, desk.own_mail(now)
    mailbox, author = policy.mailbox(mail.mailbox), message.author if message.identifies_sender else None
    agent = policy.agent_by_address(author.address) if author else None
    sender = await tickets.find_person(author.address) if author else None
    found = automatic.recognise(message, own)
    answering = automatic.refusal(message, found)
    failed = await _failed_mail(desk, message, now)
    match = await matching.match(desk.policy, desk.keys, message, sender, failed, mail.arrived_at, now, mailbox.prefix)
    proof = senders.proof(policy, message, author)
    match, other_halves = await halves(match, message, _believed(policy, proof, sender, agent))
    reply = _new_words(parsed.mail, match)
    waiting = await _held(desk, parsed, match, now)
    said = (reply.unquoted.strip(), waiting.own_words if waiting is not None else "")
    words = _new_words(_meant(parsed), match).unquoted.strip()
    return Facts(
        policy=policy,
        mailbox=mailbox,
        message=message,
        text=reply.text.strip(),
        own_words=reply.unquoted.strip(),
        forwards=reply.forwarded,
        stray=reply.stray,
        unread=_unread(parsed.mail),
        halves=other_halves,
        cut=reply.unread or TEXT_CUT in message.defects,
        now=now,
        arrived_at=mail.arrived_at,
        match=match,
        sender=sender,
        agent=agent,
        agent_person=desk.agent_people.get(agent.name) if agent else None,
        evidence=proof,
        automatic=found,
        may_be_answered=answering is None and author is not None,
        unanswerable=str(answering or ""),
        duplicate_of=mail.copy_of,
        oversize=mail.oversize,
        reveals=agent is not None and _reveals(desk.keys, message, reply.unquoted, parsed.shared, now),
        failed_mail=failed,
        named=await named.looked_up(desk.canned, agent, said, match, message),
        suppressed=await _suppressed(match, now) if agent else frozenset(),
        asked_agent_at=await held.last_asked(agent.name) if agent else None,
        unasked=await held.unasked(agent.name, now) if agent else (),
        answers_machine=parsed.mail.answers_machine,
        floods=None if agent and proof.proven else await _flooded(policy, match, sender, message.author, proof, now),
        held=_with_shared(desk.keys, waiting, parsed.shared, now),
        side=await agent_facts.side_of(match.token),
        shareable=parsed.shared.text,
        shareable_files=parsed.shared.files,
        unshareable=parsed.shared.withheld,
        knows_author=await agent_facts.knows(parsed.forwarded, waiting) if agent else False,
        forwarded=parsed.forwarded if agent else None,
        undoable=await agent_facts.undoable(policy, agent, match, words) if agent else None,
        around=await _around(desk, parsed, match, agent, (words, *said[1:]), now) if agent else Around(),
        standing=await agent_state.standing(agent.name) if agent else Standing(),
        asked=await _asked(desk, parsed, match, agent, mailbox, now) if agent and found is None else None,
    )


async def _around(
    desk: Desk, parsed: Parsed, match: Match, agent: Agent, said: tuple[str, ...], now: datetime
) -> Around:
    return await agent_facts.around(desk.policy, agent, match, said, _had_seen(desk, _meant(parsed), now))


def _believed(policy: Policy, proof: evidence.Evidence, sender: Person | None, agent: Agent | None) -> int | None:
    """A customer who may make two tickets one: nobody of whom our border could have proven who they are, and did not."""
    told = proof.proven or not policy.trusted_authserv_ids
    return sender.id if sender is not None and agent is None and told else None


async def _asked(
    desk: Desk, parsed: Parsed, match: Match, agent: Agent, mailbox: MailboxPolicy, now: datetime
) -> Asked | None:
    message, words = parsed.mail.message, parsed.mail.reply.unquoted.strip()
    return await asking.asked(Asking(desk.policy, mailbox, agent, now), match, words, message.subject)


def _reveals(keys: KeyRing, message: Message, words: str, shared: Shared, now: datetime) -> bool:
    """Whether what an agent would send holds a token of ours: a notification their client quoted without any mark.

    Mails and texts are searched first, then the smallest: photos would use up what is searched. Outlook's own files are
    written with two bytes a character.
    """
    texts, left = [words, shared.text], _MOST_SEARCHED
    for each in sorted(
        (*message.attachments, *shared.files), key=lambda file: (not _is_words(file), len(file.content))
    ):
        beginning = each.content[: min(MOST_READ, left)]
        left -= len(beginning)
        texts.append(beginning.replace(b"\0", b"").decode("latin-1"))
    return any(keys.find(text, now.date()) is not None for text in texts)


async def _suppressed(match: Match, now: datetime) -> frozenset[str]:
    ticket = match.ticket
    people = (ticket.customer, *ticket.copied) if ticket is not None else ()
    return await suppression.suppressed((person.address for person in people), now)


def _with_shared(keys: KeyRing, waiting: HeldMail | None, shared: Shared, now: datetime) -> HeldMail | None:
    """What it would pass on of somebody else's words may hold a token, too."""
    if waiting is None or shared == NOTHING:
        return waiting
    return replace(waiting, reveals=waiting.reveals or _reveals(keys, waiting.message, "", shared, now))


def _bare(desk: Desk, row: HeldRow, message: Message, now: datetime) -> bool:
    """Whether a held mail came without any token of the agent's: it was a forward, or began a ticket."""
    texts = (*addressed(desk.policy, message), *message.refers_to)
    found = (desk.keys.find(text, now.date()) for text in texts)
    theirs = desk.agent_people.get(row.agent)
    return not row.note and all(token is None or token.person != theirs for token in found)


async def _held(desk: Desk, parsed: Parsed, match: Match, now: datetime) -> HeldMail | None:
    if parsed.held is None:
        return None
    row, mail = parsed.held.row, parsed.held.mail
    message, words = mail.message, _new_words(mail, match)
    return HeldMail(
        row.inbound_id, row.agent, row.ticket, row.note, row.until, row.settled_at is not None, message,
        words.text.strip(), words.unquoted.strip(), words.forwarded, _reveals(desk.keys, message, words.unquoted, NOTHING, now),
        _unread(mail), await sides.find(row.side) if row.side is not None else None,
        _bare(desk, row, message, now), parsed.held.forwarded, row.because, await _was(desk, message, match, now),
    )  # fmt: skip


async def _failed_mail(desk: Desk, message: Message, now: datetime) -> FailedMail | None:
    """Which of our mails a delivery report speaks of: by our own Message-ID, which nobody can guess.

    Where the report quotes none, by the token in the address it came to, which is the envelope's sender of a person's
    answer: the newest such mail to the recipient the report names.
    """
    report = message.delivery_report
    if report is None:
        return None
    sent = await outbox.by_message_id(report.original_message_id) if report.original_message_id else None
    if sent is not None and sent.ticket_id is not None:
        return FailedMail(sent.id, sent.ticket_id, sent.recipient, sent.human)
    token = best((desk.keys.find(text, now.date()) for text in addressed(desk.policy, message)), None)
    if token is None or report.original_message_id:
        return None
    named = {address.casefold() for address in report.recipients}
    rows = await outbox.listing(ticket=token.ticket, limit=50)
    row = next((row for row in rows if row.human and row.recipient.casefold() in named), None)
    return FailedMail(row.id, token.ticket, row.recipient, row.human) if row is not None else None


async def _flooded(
    policy: Policy, match: Match, sender: Person | None, named: Address | None, proof: evidence.Evidence, now: datetime
) -> TicketView | None:
    """The newest ticket of a sender who opened as many as one may lately, or whom nobody wants to hear; nothing where
    a mail belongs to a ticket.

    What somebody may have forged is counted apart, and joined with nothing that is proven. A From that is not believed
    counts as whom it names, or as nobody's: else it would be the way around.
    """
    if sender is not None and sender.blocked:
        began = [await tickets.opened_since(sender.id, _LONG_AGO, 1, proven=proven) for proven in (True, False)]
        return await tickets.living(max(number for each in began for number in each)) if any(began) else None
    if match.ticket is not None:
        return None
    sender = sender or await tickets.find_person((named or NOBODY).address)
    if sender is None:
        return None
    window = policy.budgets.tickets
    newest = await tickets.opened_since(sender.id, now - window.span, window.most, proven=proof.proven)
    return await tickets.living(newest[0]) if len(newest) == window.most else None


def _new_words(mail: Words, match: Match) -> Reply:
    """What is new in a mail; all of it, where it answers nothing."""
    if match.ticket is not None or match.token is not None:
        return mail.reply
    text = mail.message.text[:MOST_READ]
    return Reply(text, "", "", text, unread=len(mail.message.text) > MOST_READ)


def _meant(parsed: Parsed) -> Words:
    """The mail an agent wants carried out: the one they say was theirs, where this one only says so."""
    return parsed.held.mail if parsed.held is not None and not parsed.held.row.because else parsed.mail


async def _was(desk: Desk, message: Message, match: Match, now: datetime) -> TicketView | None:
    """The ticket that a held mail came to, where that one lives on in another."""
    token = best((desk.keys.find(text, now.date()) for text in addressed(desk.policy, message)), None)
    if token is None or not token.ticket or match.ticket is None or token.ticket == match.ticket.number:
        return None
    return await tickets.view(token.ticket)


def _had_seen(desk: Desk, mail: Words, now: datetime) -> datetime | None:
    """When the letter was written that an agent's mail answers, by its In-Reply-To or by the address it came to.

    What a button opens, or is composed to a letter's address, refers to nothing.
    """
    if mail.answers_at is not None:
        return mail.answers_at
    token = best((desk.keys.find(text, now.date()) for text in addressed(desk.policy, mail.message)), None)
    return token.written if token is not None else None


def _unread(mail: Words) -> bool:
    return mail.reply.unread or TEXT_CUT in mail.message.defects
