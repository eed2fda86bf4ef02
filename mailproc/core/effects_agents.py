"""Effects on agents themselves: away, and how they like to be told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """What an agent can set; the fields of their row."""

    AWAY_SINCE = "away_since"
    AWAY_UNTIL = "away_until"
    AWAY_BY = "away_by"
    QUIET = "quiet"
    ONLY_MINE = "only_mine"
    DIGEST_AT = "digest_at"
    DIGEST_SENT_AT = "digest_sent_at"


@dataclass(frozen=True, slots=True)
class SetState:
    agent: str
    changes: tuple[tuple[State, str | bool | datetime | None], ...]
    why: str


@dataclass(frozen=True, slots=True)
class MuteTicket:
    agent: str
    ticket: int
    muted: bool


@dataclass(frozen=True, slots=True)
class SendHistory:
    """What happened on the ticket at hand, to an agent."""

    agent: str
