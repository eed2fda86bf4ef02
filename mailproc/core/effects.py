"""What a decision does: a closed set of effects, applied in order by `handling.record`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailproc.core.budgets import Author
from mailproc.core.digest import Digest
from mailproc.core.effects_agents import MuteTicket, SendHistory, SetState
from mailproc.core.effects_behalf import BehalfEffect
from mailproc.core.effects_delivery import MarkUndelivered, Suppress, Unsuppress
from mailproc.core.effects_fields import BlockPerson, Noted, RemoveParticipant, SetField
from mailproc.core.effects_relations import LinkWith, MergeInto, SplitOff, Unlink
from mailproc.core.effects_safety import Confirm as Confirm  # noqa: PLC0414 - an effect, found with the others
from mailproc.core.effects_safety import HoldForAgent as HoldForAgent  # noqa: PLC0414 - as above
from mailproc.core.effects_safety import UndoAction
from mailproc.core.effects_sides import SideEffect
from mailproc.core.facts import SideView, TicketView
from mailproc.core.letters import BadLine, Caution, Done, Exchange, HeldBecause, News
from mailproc.core.lifecycle import Outcome as Ending
from mailproc.core.lifecycle import Transition
from mailproc.core.message import Address, Attachment, Protection


class Kind(StrEnum):
    """What a message on a ticket is."""

    CUSTOMER = "customer"
    COPIED = "copied"
    ANSWER = "answer"
    NOTE = "note"
    STRANGER = "stranger"
    AUTOMATIC = "automatic"
    HELD = "held"  # an agent's mail that was not carried out
    ASKED = "asked"  # an agent's words to a third party
    THIRD_PARTY = "third party"  # what they answered


class DeadlineKind(StrEnum):
    REMINDER = "reminder"
    CLOSING = "closing"
    SNOOZE = "snooze"  # the ticket comes back into the queue
    FOLLOW_UP = "follow up"  # an agent wants to be told of it then


#: What belongs to one resolution, and ends with it.
OF_A_RESOLUTION = frozenset({DeadlineKind.REMINDER, DeadlineKind.CLOSING})


@dataclass(frozen=True, slots=True)
class OpenTicket:
    """A new ticket of the sender; the effects after it are about this one."""

    subject: str
    language: str
    copied: tuple[Address, ...]
    previous: int | None
    answer_by: datetime | None
    proven: bool = False  # that the sender wrote it
    customer: Address | None = None  # whose it is; None: the sender's
    thread: tuple[str, ...] | None = None  # Message-IDs of the customer's; None: the mail at hand
    unconfirmed: bool = False  # nothing automatic goes to the customer yet


@dataclass(frozen=True, slots=True)
class AddMessage:
    kind: Kind
    private: bool
    author: str
    author_name: str
    text: str
    side: int | None = None  # the side conversation it belongs to


@dataclass(frozen=True, slots=True)
class Move:
    """Set the status; comes from the lifecycle table and nowhere else."""

    transition: Transition
    actor: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class GiveTo:
    """Make an agent, or with an empty name the team alone, responsible."""

    agent: str
    team: str
    why: str


@dataclass(frozen=True, slots=True)
class SendAcknowledgement:
    answer_by: datetime | None
    author: Author = Author.UNTOLD


@dataclass(frozen=True, slots=True)
class SendOversize:
    """Their mail is too large to be fetched."""

    author: Author = Author.UNTOLD


@dataclass(frozen=True, slots=True)
class SendAnswer:
    """An agent's words to the customer and everyone in copy."""

    agent: str
    text: str
    attachments: tuple[Attachment, ...] = field(repr=False)
    but: tuple[int, ...] = ()  # people in copy who do not get it


@dataclass(frozen=True, slots=True)
class SendResolution:
    agent: str
    text: str
    attachments: tuple[Attachment, ...] = field(repr=False)
    closes_at: datetime
    but: tuple[int, ...] = ()  # as of an answer


@dataclass(frozen=True, slots=True)
class SendStatus:
    agent: str


@dataclass(frozen=True, slots=True)
class SendReminder:
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class SendClosure:
    outcome: Ending
    reopen_until: datetime
    merged_into: int | None = None
    handed_to: str = ""  # the other team's name; empty: it has none that a customer may read


@dataclass(frozen=True, slots=True)
class SendReopened:
    pass


@dataclass(frozen=True, slots=True)
class SendSurvey:
    pass


@dataclass(frozen=True, slots=True)
class TellAgents:
    """A notification to each of these agents."""

    agents: tuple[str, ...]
    news: News
    text: str = ""
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    detail: str = ""
    author: str = ""
    author_address: str = ""
    oversize: bool = False
    protection: Protection = Protection.NONE
    side: SideView | None = None  # a plain reply goes on with this conversation
    on: TicketView | None = None  # another ticket than the one at hand
    cut: bool = False  # `text` is only the beginning
    whole: str = field(default="", repr=False)  # then all of it, where no attachment has it
    as_written: bytes = field(default=b"", repr=False)  # as in Message


@dataclass(frozen=True, slots=True)
class SendReceipt:
    agent: str
    done: tuple[Done, ...]
    closes_at: datetime | None = None
    reminds_at: datetime | None = None
    leaves_at: datetime | None = None  # nothing of it has left before then
    asks: str = ""  # a customer's address the agent is to confirm
    action: int | None = None  # what it is undone by


@dataclass(frozen=True, slots=True)
class SendHeld:
    agent: str
    because: HeldBecause
    lines: tuple[BadLine, ...]
    text: str
    note: bool = False  # it came to the note address: so must what is sent instead
    side: SideView | None = None  # it was for a third party: so must that be
    attachments: tuple[str, ...] = ()  # file names
    again: str = ""  # what the one tap writes
    cautions: tuple[Caution, ...] = ()
    since: tuple[Exchange, ...] = ()
    decide: bool = False  # its answer decides about the held mail
    meant: bool = False


@dataclass(frozen=True, slots=True)
class SendConfirmation:
    """Ask the agent, at the registered address."""

    agent: str
    reason: str
    text: str
    note: bool
    until: datetime
    others: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SendHelp:
    agent: str


@dataclass(frozen=True, slots=True)
class SendDigest:
    """What an agent asked for, at the address of this mailbox. `once`: at most one letter of that name."""

    agent: str
    mailbox: str
    digest: Digest
    once: str = ""


@dataclass(frozen=True, slots=True)
class SetDeadline:
    kind: DeadlineKind
    due_at: datetime
    agent: str = ""  # who asked for it


@dataclass(frozen=True, slots=True)
class CancelDeadlines:
    """`agent`: only what this one asked for."""

    why: str
    kinds: frozenset[DeadlineKind] = OF_A_RESOLUTION
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    score: int
    comment: str
    round: int  # which closing was surveyed


@dataclass(frozen=True, slots=True)
class AddParticipant:
    address: Address


CustomerLetter = (
    SendAcknowledgement
    | SendOversize
    | SendAnswer
    | SendResolution
    | SendStatus
    | SendReminder
    | SendClosure
    | SendReopened
    | SendSurvey
)
AgentLetter = TellAgents | SendReceipt | SendHeld | SendConfirmation | SendHelp | SendDigest
Change = (
    OpenTicket
    | AddMessage
    | Move
    | GiveTo
    | SetDeadline
    | CancelDeadlines
    | Rate
    | AddParticipant
    | MarkUndelivered
    | HoldForAgent
    | Suppress
    | Unsuppress
    | SideEffect
    | BehalfEffect
    | Confirm
    | UndoAction
    | SetField
    | RemoveParticipant
    | BlockPerson
    | Noted
    | MergeInto
    | SplitOff
    | LinkWith
    | Unlink
    | SetState
    | MuteTicket
    | SendHistory
)
Effect = Change | CustomerLetter | AgentLetter


class Outcome(StrEnum):
    """What became of an inbound mail: every mail ends as exactly one of these, or in quarantine."""

    MESSAGE = "message"  # part of a conversation: a customer's, a copied person's or an agent's mail
    NOTE = "note"  # private: a stranger's mail, a note, an agent's mail that was held
    ACTION = "action"  # a button: yes, no, a rating
    COMMAND = "command"  # an agent's mail to their own address: lists, settings, many tickets at once
    AUTOMATIC = "automatic"  # a robot's mail, a report, our own mail come back
    DUPLICATE = "duplicate"  # the same mail once more


class Reason(StrEnum):
    """Why a decision was taken: stored in the history, shown by `ticket show` and `explain`."""

    SAME_MAIL_AGAIN = "the same mail came once more"
    BLOCKED = "an agent wants no more mail of this person"
    ROBOT = "a robot wrote: recorded, never answered"
    UNDELIVERED = "a mail of ours did not arrive"
    DELAYED = "a mail of ours has not arrived yet"
    MISSED = "an agent may have missed a letter"
    AGENT_ANSWERED = "an agent answered"
    AGENT_NOTED = "an agent left a note"
    AGENT_COMMANDED = "an agent gave commands"
    AGENT_UNDID = "an agent took back what a mail of theirs had done"
    NOT_UNDONE = "what was to be undone can't be"
    AGENT_QUERIED = "an agent asked for a list"
    AGENT_AWAY = "an agent's mail client says that they are away"
    DAILY_LIST = "the list an agent wants every day"
    OWNER_AWAY = "due, and its owner is away: back to the team"
    AGENT_NOT_PROVEN = "nothing proves that the agent wrote this"
    NOT_CONFIRMED = "the agent was asked and did not say yes"
    CONFIRMED_TOO_LATE = "confirmed too late, or once more"
    COMMAND_NOT_UNDERSTOOD = "a command was not understood"
    COMMAND_IMPOSSIBLE = "a command is not possible now"
    PREVIEWED = "an agent looks at a canned answer first"
    NOTHING_TO_SEND = "nothing was left to send"
    CAUTION = "something should be looked at before this leaves"
    DISCARDED = "the agent discarded a mail that was held"
    UNSENDABLE = "not in a form that customers can read"
    AGENT_ASKED = "an agent wrote to a third party"
    THIRD_PARTY_ANSWERED = "a third party answered"
    FORWARDED_IN = "an agent forwarded a customer's mail"
    OPENED_FOR = "an agent began a ticket for a customer"
    NOT_TAKEN_IN = "an agent's mail for a customer was not understood"
    STRANGER_WITH_TOKEN = "a stranger wrote with a valid token: kept private"
    YES_BUTTON = "the customer pressed yes"
    NO_BUTTON = "the customer pressed no"
    OLD_BUTTON = "a button of an earlier round: nothing changed"
    RATING_BUTTON = "the customer pressed a rating"
    RATING_WORDS = "the customer rated in words"
    SAYS_SOLVED = "the customer says it is solved"
    SAYS_BROKEN = "the customer says it is still broken"
    SAYS_THANKS = "the customer only thanks"
    WROTE = "the customer wrote"
    COPIED_WROTE = "someone in copy wrote"
    EMPTY_REPLY = "the reply holds no new words"
    NEW_TICKET = "a new matter"
    LATE_REPLY = "an answer after the reopen window: a new ticket, linked"
    FLOOD = "too many new matters of one sender: added to the newest"
    ONE_CONVERSATION = "the mail between two tickets came: they are one conversation"
    REFERENCE_OF_OTHERS = "refers to a ticket of others: a new ticket"
    REMINDED = "no answer yet: reminded"
    SILENCE = "no answer: closed"
    WOKEN = "put off until now"
    FOLLOWED_UP = "an agent asked to be told of it now"
    NOT_DUE_ANY_MORE = "what was waited for has happened"


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done about a mail or a deadline, and why."""

    outcome: Outcome
    reason: Reason
    why: str = ""  # the evidence, in words: the deciding sentence, the rule, the key
    ticket: int | None = None  # None: none, or the one that the first effect opens
    effects: tuple[Effect, ...] = ()
    agent: str = ""  # whose act it is: letters to others wait for the hold, and it can be undone
    touches: tuple[int, ...] = ()  # other tickets that it changes
    more: tuple[Decision, ...] = ()  # on other tickets, in the same transaction
    carries_out: int | None = None  # the held mail, in the spool, whose words these are; None: the mail at hand
