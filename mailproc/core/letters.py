"""The letters mailproc writes, and the values each is written from.

A letter's template may use the fields of its value class and nothing else; the renderer checks that when it loads.
No sentence stands here: values are names, numbers, moments, addresses and other people's words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailproc.core.done import Change as Change  # noqa: PLC0414 - a value of letters, found with the others
from mailproc.core.done import Done as Done  # noqa: PLC0414 - as above
from mailproc.core.message import Protection


class Letter(StrEnum):
    """Every kind of mail we send; each is a folder of templates by this name."""

    ACKNOWLEDGEMENT = "acknowledgement"
    OVERSIZE = "oversize"
    ANSWER = "answer"
    STATUS = "status"
    RESOLUTION = "resolution"
    REMINDER = "reminder"
    CLOSURE = "closure"
    REOPENED = "reopened"
    SURVEY = "survey"
    NOTIFICATION = "notification"
    RECEIPT = "receipt"
    HELD = "held"
    CONFIRMATION = "confirmation"
    HELP = "help"
    SIDE = "side"  # to a third party
    DIGEST = "digest"
    MISSED = "missed"


# To agents. Somebody's words wait in these: one that never arrives hides a customer's mail, or that an agent's own did
# not leave. What else agents get tells what they did, or answers what they can ask again, but for receipts `IN_VAIN`.
BRINGING_WORDS = frozenset({Letter.NOTIFICATION, Letter.HELD, Letter.CONFIRMATION})
#: A receipt that tells this says that the agent's own words did not leave.
IN_VAIN = frozenset({Change.REFUSED, Change.NOT_SENT, Change.NOT_YOURS})


@dataclass(frozen=True, slots=True)
class Action:
    """Where a `mailto:` button leads. Without plus-addresses the reference goes into the subject."""

    address: str  # support+token@acme.example, or the bare address
    reference: str = ""  # "ref:token", to be kept in the subject; empty when the address carries the token


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """What every letter may say about the ticket."""

    desk: str  # "Acme Support"
    prefix: str  # "Acme": the subject tag is [Acme #1042]
    number: int
    subject: str  # the customer's own subject, cleaned and shortened


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    ticket: TicketFacts
    answer_by: datetime | None  # first answer, on the business calendar; None: no promise is configured


@dataclass(frozen=True, slots=True)
class Oversize:
    """A mail that is too large to be fetched: in place of the acknowledgement, and once a ticket."""

    ticket: TicketFacts
    largest: int  # bytes that a mail may have


@dataclass(frozen=True, slots=True)
class Answer:
    """An agent's words, without any chrome but the reply marker."""

    ticket: TicketFacts
    text: str
    begins: bool = False  # the first mail of the conversation: it answers nothing


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    ticket: TicketFacts
    status: str  # a value of `lifecycle.Status` the customer may know of
    agent: str  # display name, or empty
    eta: datetime | None = None  # when it is expected to be solved


@dataclass(frozen=True, slots=True)
class Resolution:
    ticket: TicketFacts
    text: str  # the agent's own words; may be empty
    agent: str
    yes: Action
    no: Action
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Reminder:
    ticket: TicketFacts
    yes: Action
    no: Action
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Closure:
    ticket: TicketFacts
    outcome: str  # confirmed, unconfirmed (silence), agent (closed by us)
    reopen_until: datetime
    merged_into: int | None = None  # the ticket on which it goes on
    handed_to: str = ""  # the team elsewhere that has it now, where it has a name


@dataclass(frozen=True, slots=True)
class Reopened:
    ticket: TicketFacts
    agent: str  # who has it now, or empty


@dataclass(frozen=True, slots=True)
class Survey:
    ticket: TicketFacts
    agent: str
    ratings: tuple[Action, Action, Action, Action, Action]  # 1 bad .. 5 great


class News(StrEnum):
    """Why an agent is written to."""

    NEW = "new"  # a new ticket
    CUSTOMER_WROTE = "customer_wrote"
    COPIED_WROTE = "copied_wrote"  # someone in copy wrote
    REOPENED = "reopened"  # the customer says it is still broken, or came back
    CONFIRMED = "confirmed"  # the customer says it is solved
    CLOSED = "closed"  # closed, by silence or a colleague
    STRANGER = "stranger"  # a valid token from an address that takes no part: kept private
    ASSIGNED = "assigned"  # a colleague or a rule gave it to you
    NOTE = "note"  # a colleague left a note
    RATED = "rated"
    UNDELIVERED = "undelivered"  # a mail of ours did not arrive
    DELAYED = "delayed"  # it has not arrived yet, and is tried on
    OWNER_AWAY = "owner_away"  # due, and whoever had it is away: back with the team
    FLOOD = "flood"  # a sender's further mails go onto their newest ticket; told once an hour
    ASKED = "asked"  # a colleague asks the reader in a note
    WOKEN = "woken"  # it was put off until now
    MERGED = "merged"  # another ticket was merged into this one; detail: its number
    ESCALATED = "escalated"  # a colleague asks for help with it
    SECURITY = "security"  # a colleague says that it is a matter of security
    FOLLOW_UP = "follow_up"  # the agent asked to be told of it now
    VENDOR_ANSWERED = "vendor_answered"  # a third party answered
    MISSED = "missed"  # a colleague may have missed a letter about it; author: who
    SIDE_STRANGER = "side_stranger"  # somebody else answered in a third party's place; detail: who was asked


@dataclass(frozen=True, slots=True)
class Exchange:
    """One earlier message, for the tail of a notification."""

    author: str
    at: datetime
    text: str
    private: bool


@dataclass(frozen=True, slots=True)
class EarlierTicket:
    """Another ticket of the customer."""

    number: int
    subject: str
    status: str
    outcome: str  # how it ended; empty while it is open
    score: int | None  # 1 to 5, as they rated it last


@dataclass(frozen=True, slots=True)
class LinkedTicket:
    """A ticket of whatever customer that has to do with this one."""

    number: int
    subject: str
    status: str


@dataclass(frozen=True, slots=True)
class Customer:
    """Whose ticket it is."""

    name: str
    address: str
    organisation: str
    vip: bool
    before: tuple[EarlierTicket, ...]  # newest first, at most three


class WithheldBecause(StrEnum):
    KIND = "kind"  # files of this kind are not passed on
    HTML = "html"  # of which no harmless page could be made
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class Withheld:
    """A file that was not passed on."""

    name: str
    size: int  # bytes
    because: WithheldBecause
    inbound: int  # the mail's number in the spool
    place: int  # of the file in that mail, from 1


@dataclass(frozen=True, slots=True)
class Notification:
    ticket: TicketFacts
    news: News
    reply_reaches: tuple[str, ...]  # names or addresses a plain reply goes to; empty: it reaches nobody outside
    author: str  # who wrote, as shown
    author_address: str
    at: datetime
    text: str  # the new words
    attachments: tuple[str, ...]  # file names, as they came
    detail: str  # for RATED "2", for UNDELIVERED and DELAYED the server's words, for CONFIRMED/REOPENED the deciding sentence
    status: str
    owner: str  # display name, or empty: nobody has it
    priority: str
    language: str  # of the customer, as a code: "de"
    answer_by: datetime | None
    copied: tuple[str, ...]  # addresses in copy, answered along
    previous: int | None  # the ticket this one follows
    earlier: tuple[Exchange, ...]  # newest first, at most three
    take: Action | None  # None: the reader has it; this and those that end or move a ticket: or it is closed
    note: Action
    resolve: Action | None
    wait: Action | None
    close: Action | None
    accept: Action | None  # STRANGER only: makes them a participant
    help: Action
    customer: Customer | None = None  # None: nobody that could be written to
    snooze: Action | None = None
    escalate: Action | None = None
    category: str = ""
    product: str = ""
    tags: tuple[str, ...] = ()
    eta_at: datetime | None = None
    oversize: bool = False  # too large to fetch: only its header was read
    share: Action | None = None  # VENDOR_ANSWERED only: passes their words on to the customer
    ask: Action | None = None  # SIDE_STRANGER only: begins a conversation with them
    withheld: tuple[Withheld, ...] = ()
    folder: str = ""  # of the mailbox, in which the whole mail lies
    protection: Protection = Protection.NONE  # why words of it can't be read here; they are attached as they came
    cut: bool = False  # `text` is only the beginning; all of it is attached, or else in the folder
    cleaned: tuple[str, ...] = ()  # names of those of the files that are harmless copies of HTML files
    queue: Action | None = None  # the reader's own address, for lists
    linked: tuple[LinkedTicket, ...] = ()  # newest first


@dataclass(frozen=True, slots=True)
class Receipt:
    ticket: TicketFacts
    at: datetime
    done: tuple[Done, ...]
    status: str
    closes_at: datetime | None  # when Resolved: until then the customer may object
    reminds_at: datetime | None
    undo: Action | None = None  # None: there is nothing that could be undone
    action: int = 0  # its number
    leaves_at: datetime | None = None  # nothing has left before then
    queue: Action | None = None
    confirm: Action | None = None  # the customer's address is right
    understood: str = ""  # that address


@dataclass(frozen=True, slots=True)
class Missed:
    """A letter to an agent, and the connection ended before anybody could know whether it arrives. It is not sent again."""

    ticket: TicketFacts  # its subject is that of the letter; its number 0 where that was about no ticket
    at: datetime  # when it was written
    text: str  # what it said, without its buttons
    enclosed: bool  # it is attached; otherwise it is too large
    number: int  # of that letter, for whoever runs the desk


class HeldBecause(StrEnum):
    UNKNOWN_COMMAND = "unknown_command"
    EMPTY = "empty"  # nothing was left to send after cutting the quote
    FORWARDED = "forwarded"  # a forwarded mail stands in it: whose words would be sent?
    TOO_LONG = "too_long"  # more words than are read
    OVERSIZE = "oversize"  # too large to fetch: nobody has read it
    RICH_TEXT = "rich_text"  # Outlook packed them into winmail.dat, which nobody else can open
    PROTECTED = "protected"  # encrypted: nobody here can read it
    PREVIEW = "preview"  # the agent wants to see a canned answer first
    REVEALS = "reveals"  # an address of ours stands in it that only an agent may write to
    NOT_CONFIRMED = "not_confirmed"  # asked whether a mail was theirs, the agent did not say yes
    NO_AUTHOR = "no_author"  # of a forwarded mail it can't be told whose it is
    NO_DEVELOPERS = "no_developers"  # no address of theirs is configured
    CAUTION = "caution"  # the safety catch saw something: the letter says what
    TOO_LATE = "too_late"  # the yes came when the mail was carried out already, or had waited too long


@dataclass(frozen=True, slots=True)
class BadLine:
    line: str
    nearest: str  # "#resolve", or empty


@dataclass(frozen=True, slots=True)
class Caution:
    """Something the agent should look at before a mail leaves."""

    rule: str  # a value of `policy.Rule`
    detail: str = ""  # the phrase, address, number or name


@dataclass(frozen=True, slots=True)
class Held:
    ticket: TicketFacts
    because: HeldBecause
    lines: tuple[BadLine, ...]
    text: str  # what the agent wrote
    send: Action  # a reply address that takes the mail anew
    attachments: tuple[str, ...] = ()  # names of files that were enclosed and not sent
    outside: str = ""  # the third party's address it was for; empty: the customer
    again: str = ""  # what the one tap writes
    cautions: tuple[Caution, ...] = ()
    since: tuple[Exchange, ...] = ()  # what the agent had not seen, oldest first
    decide: bool = False  # `send` takes #send, #note and #discard for the held mail, once
    meant: bool = False  # #send does what the nearest commands do; #send-as-is sends the lines as words
    inside: bool = False  # it would have gone to colleagues only


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A mail in the agent's name that nothing proves to be theirs. The token in it works once."""

    ticket: TicketFacts
    reason: str  # what is missing, for whoever runs the mail
    at: datetime  # when the mail came
    text: str  # what it says
    note: bool
    until: datetime
    confirm: Action
    others: tuple[int, ...]  # tickets on which further such mails are held that no letter told of


@dataclass(frozen=True, slots=True)
class CommandUsage:
    """One command, as it is written."""

    name: str
    usage: str  # "#wait [customer|vendor]"
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Help:
    ticket: TicketFacts
    commands: tuple[CommandUsage, ...]
    queue: Action | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """An agent's words to a third party. Its subject says nothing of the customer: `ticket.subject` is empty."""

    ticket: TicketFacts
    text: str
    bug: bool  # a report to the developers
    follows: bool  # not the first in its thread
