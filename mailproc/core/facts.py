"""What is known when a mail or a deadline is decided on: gathered before, never fetched meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailproc.core.automatic import Automatic
from mailproc.core.budgets import Author
from mailproc.core.digest import Digest
from mailproc.core.evidence import Evidence
from mailproc.core.forward import Forwarded
from mailproc.core.lifecycle import Status
from mailproc.core.message import TEXT_CUT, Attachment, Message
from mailproc.core.policy import Agent, MailboxPolicy, Policy
from mailproc.core.queries import QueryText
from mailproc.core.tokens import Token


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who takes part in a ticket."""

    id: int
    address: str
    name: str
    language: str = ""
    time_zone: str = ""
    organisation: str = ""
    vip: bool = False
    blocked: bool = False  # known of senders
    suppressed: bool = False  # ditto: mail there failed for good, now or earlier


@dataclass(frozen=True, slots=True)
class TicketView:
    """A ticket as it stands before the decision."""

    number: int
    mailbox: str
    team: str
    subject: str
    status: Status
    owner: str  # agent's name; empty: nobody has it
    customer: Person
    copied: tuple[Person, ...]
    language: str
    priority: str
    round: int
    closed_at: datetime | None
    promised_at: datetime | None
    resolved_by: str
    thread: tuple[str, ...]  # Message-IDs of the customer's conversation, oldest first
    previous: int | None
    answered: bool  # an agent has answered at least once
    resolvers: tuple[str, ...] = ()  # whose each round is, from the first
    rounds_begun: int = 0  # the highest round there ever was: the number of one that was undone is not given again
    category: str = ""
    issue_type: str = ""
    product: str = ""
    tags: tuple[str, ...] = ()
    cause: str = ""
    minutes_spent: int = 0
    article_wanted: bool = False
    restricted: bool = False  # a matter of security
    eta_at: datetime | None = None
    snoozed_until: datetime | None = None
    merged_into: int | None = None
    unconfirmed: bool = False  # an agent has still to say that the customer's address is right
    begun_at: datetime | None = None

    def resolver(self, round_: int) -> str:
        """Who resolved that round: an answer to an old survey is about them, whoever resolved it since."""
        return self.resolvers[round_ - 1] if 0 < round_ <= len(self.resolvers) else self.resolved_by

    def role_of(self, person: int | None) -> Role:
        if person == self.customer.id:
            return Role.CUSTOMER
        return Role.COPIED if any(copied.id == person for copied in self.copied) else Role.STRANGER


@dataclass(frozen=True, slots=True)
class SideView:
    """A conversation with a third party, about a ticket."""

    id: int
    ticket: int
    person: Person
    agent: str  # who asked
    thread: tuple[str, ...]  # Message-IDs, oldest first


@dataclass(frozen=True, slots=True)
class Half:
    """A ticket that turns out to be the same conversation as the one at hand."""

    ticket: TicketView
    customer_knows: bool  # its number


class Role(StrEnum):
    """What someone is to a ticket."""

    CUSTOMER = "customer"
    COPIED = "copied"
    STRANGER = "stranger"


class MatchedBy(StrEnum):
    """Which key found the ticket; stored with the mail."""

    TOKEN = "token in the address"
    OUR_MESSAGE_ID = "our own Message-ID"
    STORED_MESSAGE_ID = "a Message-ID of the ticket"
    AWAITED = "a mail of the ticket refers to it, or to the same one"
    SUBJECT = "same subject and people"
    NOTHING = "new (no token, no reference)"


@dataclass(frozen=True, slots=True)
class Match:
    """The ticket a mail belongs to, and why we think so."""

    by: MatchedBy = MatchedBy.NOTHING
    ticket: TicketView | None = None
    token: Token | None = None
    was: TicketView | None = None  # the ticket the key names, where that was merged into `ticket`


@dataclass(frozen=True, slots=True)
class Named:
    """What an agent's commands speak of."""

    tickets: Mapping[int, TicketView] = field(default_factory=dict)  # by the numbers typed; merged ones are followed
    customer_knows: bool = False  # the ticket's number, where it is to be merged
    split_off: int | None = None  # the customer's message that is to begin a ticket
    canned: Mapping[str, str] = field(default_factory=dict)  # by the names typed, filled in
    canned_names: tuple[str, ...] = ()  # all there are, where one is named
    mails: tuple[Attachment, ...] = ()  # the customer's, where the matter is handed off


@dataclass(frozen=True, slots=True)
class Standing:
    """What an agent has set by mail."""

    away_since: datetime | None = None
    away_until: datetime | None = None  # None while away: until they say so, or write
    away_by: str = ""  # of staff.AwayBy
    quiet: bool = False  # receipts only on trouble
    only_mine: bool = False  # no news of tickets that nobody has
    digest_at: str = ""  # "08:00" of their zone
    digest_sent_at: datetime | None = None

    def away(self, now: datetime) -> bool:
        return self.away_since is not None and (self.away_until is None or now < self.away_until)


@dataclass(frozen=True, slots=True)
class SaidSince:
    """What was said after the letter that an agent answers."""

    by_agent: bool
    author: str  # address, or agent's name
    name: str  # as shown
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Around:
    """What the safety catch looks at beside an agent's words."""

    since: tuple[SaidSince, ...] = ()  # oldest first
    turned_over: str = ""  # whose the ticket was when the letter was written that the agent answers; empty: it still is
    mentioned: frozenset[str] = frozenset()  # addresses in the words that stand in earlier messages too
    others: frozenset[int] = frozenset()  # tickets in the words that are another customer's
    released: bool = False  # the agent has looked at it once more: it is sent
    as_it_stands: bool = False  # lines that are no commands are words


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a decision about one mail may look at."""

    policy: Policy
    mailbox: MailboxPolicy
    message: Message
    text: str  # the new words, with the quoted lines they answer in place: for people to read
    own_words: str  # the new words alone: for commands, for judging, for passing on
    forwards: bool  # a forwarded mail stands in the text
    unread: bool  # the text goes on, longer than is looked at, and not all of that is quoted
    now: datetime
    arrived_at: datetime
    match: Match
    sender: Person | None  # known person of that address
    agent: Agent | None  # registered under the sender's address
    agent_person: int | None
    evidence: Evidence
    automatic: Automatic | None
    may_be_answered: bool
    unanswerable: str  # why not; empty when it may be
    duplicate_of: int | None  # an earlier inbound mail with the same content in this mailbox
    oversize: bool
    reveals: bool = False  # a reply token of ours stands in an agent's words, or in a mail or text they enclose
    failed_mail: FailedMail | None = None  # which of our mails a delivery report speaks of
    suppressed: frozenset[str] = frozenset()  # of the ticket's people, who did not get our last mail; case folded
    asked_agent_at: datetime | None = None  # when the agent was last asked whether a mail was theirs
    unasked: tuple[int, ...] = ()  # tickets on which mails in the agent's name are held that no letter told of
    answers_machine: bool = False  # the mail it answers is an automatic one of ours
    side: SideView | None = None  # the conversation with a third party that the token belongs to
    knows_author: bool = False  # of a forwarded mail: they have written to us, proven
    shareable: str = ""  # what a third party said last, where the agent wants to pass it on
    shareable_files: tuple[Attachment, ...] = ()  # what they attached to it
    unshareable: tuple[str, ...] = ()  # names of files of theirs that are passed on to nobody
    stray: str = ""  # a line marked as quoted that quotes no letter of ours, and is not in `own_words`
    floods: TicketView | None = None  # the sender's newest ticket, where they opened too many in a short time
    named: Named = Named()
    held: HeldMail | None = None  # what the agent confirms with this mail
    undoable: PastAction | None = None  # what the agent wants undone
    around: Around = Around()
    forwarded: Forwarded | None = None  # what an agent's mail passes on, as far as it can be told
    standing: Standing = Standing()  # what the agent has set
    asked: Asked | None = None  # what an agent asks for at their own address
    halves: tuple[Half, ...] = ()  # what else this mail's conversation has become
    cut: bool = False  # the text goes on, longer than is looked at

    @property
    def whole(self) -> str:
        """Where the text is cut, all of it; of one too long to be read the parser has made a file already."""
        return self.message.text if self.cut and TEXT_CUT not in self.message.defects else ""

    @property
    def said(self) -> str:
        """What is kept of the mail among a ticket's words: never nothing, where there is anything."""
        names = ", ".join(attachment.filename for attachment in self.message.attachments)
        return self.text or (f"[{names}]" if names else "")

    @property
    def author(self) -> Author:
        """Whether our own border proves, or could have proven, that the mail is its author's."""
        if not self.policy.trusted_authserv_ids:
            return Author.UNTOLD
        return Author.PROVEN if self.evidence.proven else Author.UNPROVEN

    @property
    def theirs(self) -> bool:
        """Whether more than an address and a subject, which anybody can write, says whose mail this is."""
        token = self.match.token
        written_to = token is not None and self.sender is not None and token.person == self.sender.id
        return written_to or self.evidence.proven


@dataclass(frozen=True, slots=True)
class HeldMail:
    """A mail in an agent's name that waits for the agent's word: nothing proves it theirs, or the safety catch holds it."""

    inbound_id: int
    agent: str
    ticket: int
    note: bool  # it came to the note address
    waits_until: datetime
    settled: bool  # carried out already, or discarded
    message: Message
    text: str  # these five as in Facts
    own_words: str
    forwards: bool
    reveals: bool
    unread: bool
    side: SideView | None = None  # it is for a third party
    bare: bool = False  # it came without a token of ours
    forwarded: Forwarded | None = None
    because: str = ""  # of letters.HeldBecause; empty: nothing proved the agent
    was: TicketView | None = None  # as in Match


@dataclass(frozen=True, slots=True)
class PastAction:
    """What an earlier mail of the agent did, and whether it can be put back."""

    id: int
    undone: bool  # already
    stands: bool  # everything it changed is as it left it
    meanwhile: tuple[str, ...] = ()  # what happened since, in the words of the history


@dataclass(frozen=True, slots=True)
class Asked:
    """A mail to an agent's own address, or one that asks for nothing but lists."""

    text: QueryText
    found: Digest  # the answers to its questions
    tickets: Mapping[int, TicketView]  # those it acts on, as far as they are the agent's to see
    undoable: Mapping[int, PastAction] = field(default_factory=dict)  # what is to be undone, by ticket


@dataclass(frozen=True, slots=True)
class FailedMail:
    """A mail of ours that was reported as not delivered."""

    outbox_id: int
    ticket: int
    recipient: str
    human: bool
