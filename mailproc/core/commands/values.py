"""What an agent can ask for in a mail: one value a command.

Arguments that need more than the mail to be understood (names, moments, addresses of colleagues) stay as typed: they
are understood where the command is carried out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class WaitFor(StrEnum):
    CUSTOMER = "customer"
    VENDOR = "vendor"


class Field(StrEnum):
    """What a ticket is about, in the operator's own words."""

    CATEGORY = "category"
    TYPE = "type"
    PRODUCT = "product"


# What is done with the words of the mail.


@dataclass(frozen=True, slots=True)
class Note:
    to: tuple[str, ...] = ()  # colleagues asked by name


@dataclass(frozen=True, slots=True)
class Ask:
    """Begin a conversation of its own with a third party: a customer never sees it."""

    addresses: tuple[str, ...]  # empty: the developers' address of the configuration
    bug: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """Pass on to the customer what a third party answered, below the agent's own words."""


@dataclass(frozen=True, slots=True)
class FillIn:
    """Put in a canned answer."""

    template: str  # as typed; a question mark behind the name asks to see it first

    @property
    def name(self) -> str:
        return self.template.rstrip("? ").casefold()

    @property
    def shows(self) -> bool:
        return self.template.endswith("?")


@dataclass(frozen=True, slots=True)
class OpenFor:
    """A new ticket of this customer, begun by the agent."""

    address: str


# What moves the ticket.


@dataclass(frozen=True, slots=True)
class Resolve:
    cause: str  # the agent's word for the solution; may be empty


@dataclass(frozen=True, slots=True)
class Wait:
    who: WaitFor


@dataclass(frozen=True, slots=True)
class Close:
    pass


@dataclass(frozen=True, slots=True)
class HandOff:
    to: str  # a team that is none of ours, or an address


@dataclass(frozen=True, slots=True)
class MarkSpam:
    block: bool  # the sender's further mails too


@dataclass(frozen=True, slots=True)
class Merge:
    into: int


@dataclass(frozen=True, slots=True)
class Split:
    subject: str


@dataclass(frozen=True, slots=True)
class Link:
    other: int
    remove: bool = False


@dataclass(frozen=True, slots=True)
class Assign:
    target: str  # "me", an agent's or a team's name as typed


@dataclass(frozen=True, slots=True)
class Escalate:
    to: str  # a team or an agent as typed; empty: the team that the configuration names


@dataclass(frozen=True, slots=True)
class Restrict:
    """A matter of security: its team has it, and nobody else sees it."""


# What is known of it.


@dataclass(frozen=True, slots=True)
class Prioritise:
    priority: str  # P1 to P4


@dataclass(frozen=True, slots=True)
class Classify:
    field: Field
    value: str


@dataclass(frozen=True, slots=True)
class Retag:
    add: tuple[str, ...]
    remove: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """Who else takes part."""

    add: tuple[str, ...]
    remove: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Accept:
    address: str  # of a stranger who wrote with a valid token


@dataclass(frozen=True, slots=True)
class SetCustomer:
    address: str


@dataclass(frozen=True, slots=True)
class ConfirmCustomer:
    """The address that was understood from a forwarded mail is right."""


@dataclass(frozen=True, slots=True)
class Spend:
    span: str  # "25m", "1h20"


@dataclass(frozen=True, slots=True)
class NoteCause:
    words: str


@dataclass(frozen=True, slots=True)
class WantArticle:
    """The knowledge base should have this."""


# What comes later.


@dataclass(frozen=True, slots=True)
class Promise:
    when: str  # empty: take the promise back


@dataclass(frozen=True, slots=True)
class Snooze:
    when: str  # empty: bring it back


@dataclass(frozen=True, slots=True)
class Remind:
    when: str  # empty: no reminder any more


# What is about the agent, not the ticket.


@dataclass(frozen=True, slots=True)
class Undo:
    action: int | None  # the number in the receipt; None: the last one


@dataclass(frozen=True, slots=True)
class ShowHistory:
    pass


@dataclass(frozen=True, slots=True)
class ShowHelp:
    pass


@dataclass(frozen=True, slots=True)
class Away:
    until: str  # empty: until "#back"


@dataclass(frozen=True, slots=True)
class Back:
    pass


@dataclass(frozen=True, slots=True)
class Mute:
    muted: bool
    ticket: int | None  # None: the one at hand


@dataclass(frozen=True, slots=True)
class TellOnly:
    mine: bool  # False: everything


@dataclass(frozen=True, slots=True)
class SetDigest:
    at: str  # "8:00"; empty: none


@dataclass(frozen=True, slots=True)
class SetQuiet:
    quiet: bool  # receipts only on trouble


#: At most one of these in a mail: each says where the ticket goes.
Moving = Resolve | Wait | Close | HandOff | MarkSpam | Merge
Personal = Away | Back | Mute | TellOnly | SetDigest | SetQuiet
Command = (
    Moving
    | Personal
    | Note
    | Ask
    | Share
    | FillIn
    | OpenFor
    | Split
    | Link
    | Assign
    | Escalate
    | Restrict
    | Prioritise
    | Classify
    | Retag
    | Copy
    | Accept
    | SetCustomer
    | ConfirmCustomer
    | Spend
    | NoteCause
    | WantArticle
    | Promise
    | Snooze
    | Remind
    | Undo
    | ShowHistory
    | ShowHelp
)
