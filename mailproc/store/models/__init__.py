"""The tables, as Tortoise models. Private to `mailproc.store`: everything else goes through its functions.

Datetimes are aware and in UTC. Long identifiers (Message-IDs may have any length) are looked up by their SHA-256.
The SQL that creates these tables is written by hand in `migrations/`; a test compares the two.
"""

from mailproc.store.models.desk import (
    AgentAction,
    AgentState,
    Alert,
    Digest,
    Health,
    MailboxLease,
    MutedTicket,
    Node,
)
from mailproc.store.models.mail import (
    AutomaticLetter,
    FolderState,
    HeldMail,
    InboundMail,
    OutboxContent,
    OutboxMail,
    StoppedLetter,
    SuppressedAddress,
)
from mailproc.store.models.ticket import (
    Deadline,
    HistoryEntry,
    KnownMessageId,
    Participant,
    Person,
    Rating,
    SideConversation,
    Ticket,
    TicketLink,
    TicketMessage,
)

__all__ = [
    "AgentAction",
    "AgentState",
    "Alert",
    "AutomaticLetter",
    "Deadline",
    "Digest",
    "FolderState",
    "Health",
    "HeldMail",
    "HistoryEntry",
    "InboundMail",
    "KnownMessageId",
    "MailboxLease",
    "MutedTicket",
    "Node",
    "OutboxContent",
    "OutboxMail",
    "Participant",
    "Person",
    "Rating",
    "SideConversation",
    "StoppedLetter",
    "SuppressedAddress",
    "Ticket",
    "TicketLink",
    "TicketMessage",
]
