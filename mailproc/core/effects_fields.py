"""Effects of what agents set about a ticket by command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TicketField(StrEnum):
    """What an agent may set; the values are the names of `facts.TicketView`."""

    PRIORITY = "priority"
    CATEGORY = "category"
    ISSUE_TYPE = "issue_type"
    PRODUCT = "product"
    TAGS = "tags"
    CAUSE = "cause"
    MINUTES_SPENT = "minutes_spent"
    ARTICLE_WANTED = "article_wanted"
    ETA_AT = "eta_at"
    SNOOZED_UNTIL = "snoozed_until"
    RESTRICTED = "restricted"


FieldValue = str | int | bool | tuple[str, ...] | datetime | None


@dataclass(frozen=True, slots=True)
class SetField:
    """Set one field of the ticket."""

    field: TicketField
    value: FieldValue
    actor: str


@dataclass(frozen=True, slots=True)
class RemoveParticipant:
    """Someone in copy takes part no more."""

    person: int
    address: str
    actor: str


@dataclass(frozen=True, slots=True)
class BlockPerson:
    """Nobody wants to hear of this person any more."""

    person: int
    address: str
    actor: str


@dataclass(frozen=True, slots=True)
class Noted:
    """A line of the history, where nothing else tells it."""

    kind: str
    actor: str
    text: str
