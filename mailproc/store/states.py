"""Where a mail stands, as the tables have it."""

from __future__ import annotations

from enum import StrEnum


class InboundState(StrEnum):
    """Where a received mail stands. Nothing leaves this table."""

    STORED = "stored"  # raw bytes are ours; nothing else has happened
    DONE = "done"  # handled: `outcome` and `reason` say how
    QUARANTINED = "quarantined"  # could not be handled: `reason` says why; replayable


class OutboxState(StrEnum):
    """Where a mail of ours stands."""

    QUEUED = "queued"  # waits for its first attempt
    SENDING = "sending"  # an attempt is written down and under way
    SENT = "sent"  # a server took it
    RETRY = "retry"  # a temporary refusal; `next_attempt_at` says when again
    DEAD = "dead"  # refused for good, or too long in vain
    UNKNOWN = "unknown"  # cut after the final dot: nobody can know
    CANCELLED = "cancelled"  # taken back before it left
    HELD = "held"  # too many automatic letters at once: waits for the operator's word


class MailClass(StrEnum):
    """Whose words a mail is, and to whom."""

    AUTOMATIC = "automatic"  # ours, to customers
    AGENT = "agent"  # ours, to an agent: what they did, or asked for
    WORDS = "words"  # ditto: it brings somebody's words, or tells that the agent's own did not leave, or that one of these may be lost
    HUMAN = "human"  # an agent's, to anyone else
