"""Letters from values: who gets which token, in whose thread, under which name; drafts, ready for the outbox.

Everything a customer gets is composed here from scratch: a whitelist, never a copy of an agent's mail.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

from mailproc.core import letters
from mailproc.core.budgets import ACKNOWLEDGING
from mailproc.core.digest import Digest
from mailproc.core.facts import Person, SideView, TicketView
from mailproc.core.letter_values import LetterValues
from mailproc.core.letters import Action, Done, Letter, Missed, News, TicketFacts
from mailproc.core.message import Address, Attachment
from mailproc.core.policy import Agent, MailboxPolicy, Policy
from mailproc.core.tokens import Capability, KeyRing, Token, another_message_id, expiry, our_message_id, plus_address
from mailproc.mime.compose import Automation, OutgoingMail, fields_of, is_extra, text_of
from mailproc.render.draft import Draft
from mailproc.render.letters import Letters
from mailproc.store.outbox import MailClass, NewMail, WrittenMail

#: Letters to agents whose answers may go to the customer: what was said since counts, and buttons have no In-Reply-To.
_ANSWERED = frozenset({Capability.AGENT_REPLY, Capability.SIDE_ANSWER, Capability.CONFIRM})


@dataclass(frozen=True, slots=True)
class Occasion:
    """Why a letter is written now: its time, and the cause that makes its key unique."""

    now: datetime
    cause: str  # "in17" for inbound mail 17, "due5" for deadline 5
    answers_mail: bool  # a mail caused it: auto-replied; else the clock did: auto-generated


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What goes out beside the rendered words."""

    attachments: tuple[Attachment, ...] = ()
    human: bool = False  # an agent's own words: no robot's headers, and delivered at least once


class Correspondence:
    """Writes every letter mailproc sends."""

    def __init__(self, policy: Policy, keys: KeyRing, words: Letters, agent_people: Mapping[str, int]) -> None:
        self._policy, self._keys, self._words, self._agent_people = policy, keys, words, agent_people

    def facts(self, ticket: TicketView) -> TicketFacts:
        mailbox = self._policy.mailbox(ticket.mailbox)
        return TicketFacts(mailbox.desk, mailbox.prefix, ticket.number, ticket.subject)

    def action(self, ticket: TicketView, person: int, capability: Capability, now: datetime, days: int = 0) -> Action:
        """The address behind a button."""
        mailbox = self._policy.mailbox(ticket.mailbox)
        token = self._token(ticket, person, capability, now, days)
        return _own_address(mailbox, token)

    def agent_action(self, ticket: TicketView, agent: Agent, capability: Capability, now: datetime) -> Action:
        return self.action(ticket, self._agent_people[agent.name], capability, now)

    def _token(self, ticket: TicketView, person: int, capability: Capability, now: datetime, days: int = 0) -> str:
        last = expiry(now, days or self._policy.token_days)
        written = now if capability in _ANSWERED else None
        return self._keys.write(Token(capability, ticket.number, person, ticket.round, last, written))

    def to_customer(
        self, ticket: TicketView, person: Person, letter: Letter, values: LetterValues, occasion: Occasion,
        agent: Agent | None = None, enclosed: Enclosed = Enclosed(),
    ) -> NewMail:  # fmt: skip
        """A letter to the customer or someone in copy: one recipient, in the customer's own thread."""
        mailbox = self._policy.mailbox(ticket.mailbox)
        zone = person.time_zone or mailbox.time_zone
        capability = Capability.SURVEY_REPLY if letter is Letter.SURVEY else Capability.CUSTOMER_REPLY
        days = self._policy.survey_window.days if letter is Letter.SURVEY else 0
        token = self._token(ticket, person.id, capability, occasion.now, days)
        key = f"{ticket.number}:{letter}:{self._once(letter, ticket, occasion)}:{person.id}"
        shown = _shown(ticket, person) if enclosed.human else (person,)
        name = f"{agent.display} at {mailbox.desk}" if agent is not None else mailbox.desk
        # An acknowledgement goes to whoever the sender claimed to be: it carries no words of theirs to them.
        to_name = "" if letter in ACKNOWLEDGING else shown[0].name
        mail = OutgoingMail(
            sender=Address(mailbox.address, name),
            reply_to=_own_address(mailbox, token).address,
            to=(Address(shown[0].address, to_name),),
            cc=tuple(Address(other.address, other.name) for other in shown[1:]),
            subject="",
            message_id=our_message_id(token, _nonce(key, occasion.now), mailbox.domain),
            in_reply_to=ticket.thread[-1] if ticket.thread else "",
            references=ticket.thread,
            date=occasion.now,
            text="",
            attachments=enclosed.attachments,
            automatic=_automation(enclosed, occasion),
            extra=(("X-Mailproc-Ticket", str(ticket.number)),),
        )
        kind = MailClass.HUMAN if enclosed.human else MailClass.AUTOMATIC
        draft = Draft(self._words, letter, values, person.language or ticket.language, zone, mail)
        return _queued(draft, key, ticket, kind, person.address, mailbox)

    @staticmethod
    def _once(letter: Letter, ticket: TicketView, occasion: Occasion) -> str:
        """What may not happen twice: one acknowledgement a ticket, one survey a closing."""
        match letter:
            case Letter.ACKNOWLEDGEMENT | Letter.OVERSIZE:
                return "once"
            case Letter.REMINDER | Letter.CLOSURE | Letter.SURVEY:
                return f"round{ticket.round}"
            case _:
                return occasion.cause

    def to_agent(
        self, ticket: TicketView, agent: Agent, letter: Letter, values: LetterValues, occasion: Occasion,
        shown_from: str = "", enclosed: tuple[Attachment, ...] = (), answer: Capability = Capability.AGENT_REPLY,
    ) -> NewMail:  # fmt: skip
        """A letter to an agent: all of a ticket's letters stand in one thread of their client.

        `answer` is what a plain reply will be: the customer's answer, or a note.
        """
        mailbox = self._policy.mailbox(ticket.mailbox)
        token = self._token(ticket, self._agent_people[agent.name], answer, occasion.now)
        # One mail may cause several news for one agent: a note, and that the ticket is theirs now.
        about = f"{letter}:{values.news}" if isinstance(values, letters.Notification) else letter.value
        key = f"{ticket.number}:{about}:{occasion.cause}:{agent.name}"
        root = f"<mp-ticket-{ticket.number}.{_nonce(agent.name, None)}@{mailbox.domain}>"
        name = f"{shown_from} ({mailbox.desk})" if shown_from else mailbox.desk
        mail = OutgoingMail(
            sender=Address(mailbox.address, name),
            reply_to=_own_address(mailbox, token).address,
            to=(Address(agent.address, agent.display),),
            cc=(),
            subject="",
            message_id=our_message_id(token, _nonce(key, occasion.now), mailbox.domain),
            in_reply_to=root,
            references=(root,),
            date=occasion.now,
            text="",
            attachments=enclosed,
            automatic=Automation.GENERATED,
            extra=_filters(ticket, values),
        )
        draft = Draft(self._words, letter, values, agent.language, agent.time_zone, mail)
        return _queued(draft, key, ticket, _class(letter, values), agent.address, mailbox)

    def to_third_party(
        self, ticket: TicketView, side: SideView, text: str, occasion: Occasion, agent: Agent, enclosed: Enclosed,
        *, bug: bool,
    ) -> NewMail:  # fmt: skip
        """An agent's words to a third party: nothing of the customer's is at hand here but the ticket's number."""
        mailbox, person = self._policy.mailbox(ticket.mailbox), side.person
        values = letters.Side(replace(self.facts(ticket), subject=""), text, bug, bool(side.thread))
        zone = person.time_zone or mailbox.time_zone
        last = expiry(occasion.now, self._policy.token_days)
        # The conversation belongs to the ticket it began on, though that one may have been merged since.
        token = self._keys.write(Token(Capability.SIDE_REPLY, side.ticket, person.id, side.id, last))
        key = f"{ticket.number}:{Letter.SIDE}:{occasion.cause}:{side.id}"
        mail = OutgoingMail(
            sender=Address(mailbox.address, f"{agent.display} at {mailbox.desk}"),
            reply_to=_own_address(mailbox, token).address,
            to=(Address(person.address, person.name),),
            cc=(),
            subject="",
            message_id=our_message_id(token, _nonce(key, occasion.now), mailbox.domain),
            in_reply_to=side.thread[-1] if side.thread else "",
            references=side.thread,
            date=occasion.now,
            text="",
            attachments=enclosed.attachments,
            automatic=_automation(enclosed, occasion),
            extra=(),
        )
        draft = Draft(self._words, Letter.SIDE, values, person.language or mailbox.language, zone, mail)
        return _queued(draft, key, ticket, MailClass.HUMAN, person.address, mailbox)

    def to_agent_alone(
        self, mailbox: MailboxPolicy, agent: Agent, digest: Digest, key: str, now: datetime, number: int, answers: str
    ) -> NewMail:
        """A letter to an agent that is about no ticket. A reply to it names the lines of list `number`."""
        token = self._keys.write(self._own(agent, now, number))
        answered = replace(digest, own=_own_address(mailbox, token))
        mail = OutgoingMail(
            sender=Address(mailbox.address, mailbox.desk),
            reply_to=_own_address(mailbox, token).address,
            to=(Address(agent.address, agent.display),),
            cc=(),
            subject="",
            message_id=our_message_id(token, _nonce(key, now), mailbox.domain),
            in_reply_to=answers,
            references=(answers,) if answers else (),
            date=now,
            text="",
            attachments=(),
            automatic=Automation.GENERATED,
            extra=(("X-Mailproc-List", str(number)),),
        )
        draft = Draft(self._words, Letter.DIGEST, answered, agent.language, agent.time_zone, mail)
        return _queued(draft, key, None, _class(Letter.DIGEST, digest), agent.address, mailbox)

    def of_one_missed(self, mailbox: MailboxPolicy, agent: Agent, letter: WrittenMail, now: datetime) -> NewMail:
        """A letter to an agent that an earlier one to them may not have arrived, answered as that one is. In its final bytes."""
        fields = fields_of(letter.content)
        key = f"{Letter.MISSED}:{letter.key}"
        earlier = fields["Message-ID"]
        enclosed = len(letter.content) <= self._policy.enclosures.most_bytes
        ticket = TicketFacts(mailbox.desk, mailbox.prefix, letter.ticket_id or 0, fields["Subject"])
        said = said_in(text_of(letter.content), mailbox.address)
        values = Missed(ticket, letter.created_at, said, enclosed, letter.id)
        mail = OutgoingMail(
            sender=Address(mailbox.address, mailbox.desk),
            reply_to=fields["Reply-To"],
            to=(Address(agent.address, agent.display),),
            cc=(),
            subject="",
            message_id=another_message_id(earlier, _nonce(key, now)),
            in_reply_to=earlier,
            references=(*fields.get("References", "").split(), earlier),
            date=now,
            text="",
            letter=letter.content if enclosed else b"",
            automatic=Automation.GENERATED,
            extra=tuple((name, value) for name, value in fields.items() if is_extra(name)),
        )
        draft = Draft(self._words, Letter.MISSED, values, agent.language, agent.time_zone, mail)
        queued = _queued(draft, key, None, MailClass.WORDS, agent.address, mailbox)
        # Written when the first was: whoever answers it has seen what was said until then, and nothing since.
        return replace(queued, ticket_id=letter.ticket_id, content=draft.written(), created_at=letter.created_at)

    def _own(self, agent: Agent, now: datetime, number: int) -> Token:
        last = expiry(now, self._policy.token_days)
        return Token(Capability.COMMAND, 0, self._agent_people[agent.name], number, last)

    def queue(self, mailbox: MailboxPolicy, agent: Agent, now: datetime) -> Action:
        """The agent's own address, for lists and settings."""
        return _own_address(mailbox, self._keys.write(self._own(agent, now, 0)))

    def buttons(self, ticket: TicketView, now: datetime) -> tuple[Action, Action]:
        """The customer's yes and no to the present resolution."""
        yes = self.action(ticket, ticket.customer.id, Capability.YES, now)
        return yes, self.action(ticket, ticket.customer.id, Capability.NO, now)

    def survey(self, ticket: TicketView, now: datetime, agent: str) -> letters.Survey:
        days = self._policy.survey_window.days
        one, two, three, four, five = (
            self.action(ticket, ticket.customer.id, capability, now, days)
            for capability in Capability
            if capability.rating is not None
        )
        return letters.Survey(self.facts(ticket), agent, (one, two, three, four, five))


def _queued(
    draft: Draft, key: str, ticket: TicketView | None, kind: MailClass, recipient: str, mailbox: MailboxPolicy
) -> NewMail:
    """Machine mail leaves with the null path (RFC 3834, 3.3) where the server lets it: nothing can answer it."""
    mail = draft.mail
    return NewMail(
        key=key,
        ticket_id=ticket.number if ticket is not None else None,
        mailbox=mailbox.name,
        letter=draft.letter.value,
        mail_class=kind,
        sender=mail.reply_to if kind is MailClass.HUMAN or not mailbox.null_sender else "",
        recipient=recipient,
        message_id=mail.message_id,
        content=draft,
        created_at=mail.date,
    )


def _class(letter: Letter, values: LetterValues) -> MailClass:
    """Of a letter to an agent. A receipt or list that says that words of theirs did not leave must arrive as those do."""
    words = letter in letters.BRINGING_WORDS
    if isinstance(values, letters.Notification) and values.news is News.MISSED:
        words = False  # the last of three: if it is lost too, `status` and the alerts tell of all three
    if isinstance(values, letters.Receipt):
        words = _in_vain(values.done)
    elif isinstance(values, Digest):
        words = bool(values.bad or values.unproven) or any(_in_vain(each.done) for each in values.acted)
    return MailClass.WORDS if words else MailClass.AGENT


def _in_vain(done: Iterable[Done]) -> bool:
    return any(each.change in letters.IN_VAIN for each in done)


def _own_address(mailbox: MailboxPolicy, token: str) -> Action:
    """Where an answer goes: the token in the address, or beside it where there is no room for it."""
    address = plus_address(mailbox.address, token) if mailbox.plus_addressing else None
    return Action(address) if address is not None else Action(mailbox.address, f"ref:{token}")


def said_in(text: str, mailbox: str) -> str:
    """What a letter to an agent said, without the marker above it and the buttons: those are the letter's own."""
    local, _, domain = mailbox.rpartition("@")
    own = f"<mailto:{quote(local, safe='')}"
    button = re.compile(rf"{re.escape(own)}(%2B[^@>]*)?@{re.escape(quote(domain, safe=''))}\?subject=[^>]*>$")
    _, _, words = text.partition("\n\n")
    return "\n".join(line for line in words.split("\n") if not button.search(line))


def _filters(ticket: TicketView, values: LetterValues) -> tuple[tuple[str, str], ...]:
    """What an agent's mail client can sort and colour by."""
    fields = {
        "Ticket": str(ticket.number),
        "Status": ticket.status.value,
        "Priority": ticket.priority,
        "Owner": ticket.owner,
        "Category": ticket.category,
        "Due": values.answer_by.isoformat(timespec="minutes")
        if isinstance(values, letters.Notification) and values.answer_by
        else "",
        "News": values.news.value if isinstance(values, letters.Notification) else "",
    }
    return tuple((f"X-Mailproc-{name}", value) for name, value in fields.items() if value)


def cause_of_key(key: str) -> str:
    """What caused a letter to an agent, by the letter's key; empty where it is about no ticket."""
    parts = key.rsplit(":", 2)
    return parts[1] if len(parts) == 3 else ""


def inbound_of_key(key: str) -> int | None:
    """The mail that caused a letter to an agent, by the letter's key."""
    cause = cause_of_key(key)
    return int(cause[2:]) if cause.startswith("in") and cause[2:].isdecimal() else None


def _shown(ticket: TicketView, person: Person) -> tuple[Person, ...]:
    """Who stands in To and Cc. An address beyond ASCII would make the mail one that many servers refuse (RFC 6531)."""
    everyone = (ticket.customer, *ticket.copied)
    return tuple(each for each in everyone if each == person or each.address.isascii())


def _automation(enclosed: Enclosed, occasion: Occasion) -> Automation:
    if enclosed.human:
        return Automation.HUMAN
    return Automation.REPLIED if occasion.answers_mail else Automation.GENERATED


def _nonce(key: str, now: datetime | None) -> str:
    return hashlib.sha256(f"{key} {now.isoformat() if now else ''}".encode()).hexdigest()[:12]
