"""The letter that answers an agent's mail to their own address: lists, tickets, figures, and what was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailproc.core.letters import Action, BadLine, CommandUsage, Done, Exchange, TicketFacts


@dataclass(frozen=True, slots=True)
class Line:
    """One ticket of a list."""

    place: int  # what it is called in an answer; 0: nothing is said of answers
    ticket: int
    subject: str
    status: str
    priority: str
    owner: str  # display name, or empty
    customer: str  # name, or address
    due: datetime | None  # first answer, as promised; None: answered, or nothing was promised
    minutes: int  # since it began


@dataclass(frozen=True, slots=True)
class Listed:
    view: str  # of queries.View, or "find"
    words: str  # that were looked for
    lines: tuple[Line, ...]
    more: bool  # there are more of them
    searched: int = 0  # the newest tickets looked through for words


@dataclass(frozen=True, slots=True)
class Shown:
    line: Line
    language: str
    copied: tuple[str, ...]
    said: tuple[Exchange, ...]  # newest first


@dataclass(frozen=True, slots=True)
class Happened:
    at: datetime
    actor: str
    text: str


@dataclass(frozen=True, slots=True)
class PastOf:
    """A ticket's history, oldest first."""

    ticket: int
    subject: str
    entries: tuple[Happened, ...]
    more: bool  # earlier ones are left out


@dataclass(frozen=True, slots=True)
class Counted:
    status: str
    count: int


@dataclass(frozen=True, slots=True)
class Report:
    """Figures of the agent's teams, and their own of this week."""

    counts: tuple[Counted, ...]
    breaching: int
    oldest: Line | None
    resolved: int  # by them, since Monday
    rated: int
    score: float  # mean of those ratings; 0 without any


@dataclass(frozen=True, slots=True)
class Acted:
    """What became of one line of a list."""

    place: int  # 0: the ticket was named by its own number
    ticket: int
    subject: str
    done: tuple[Done, ...]
    action: int | None = None  # by which it is undone


@dataclass(frozen=True, slots=True)
class QueryUsage:
    name: str
    usage: str  # "find WORDS"
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Digest:
    """Everything one mail asked for. Where `bad` stands, nothing was done and nothing else stands."""

    ticket: TicketFacts  # of no ticket: its number is 0
    at: datetime
    daily: bool = False  # nobody asked: it comes every day
    unproven: str = ""  # what is missing that proves the agent; then there is nothing else
    bad: tuple[BadLine, ...] = ()
    acted: tuple[Acted, ...] = ()
    settings: tuple[Done, ...] = ()  # what was set, of the agent's own
    lists: tuple[Listed, ...] = ()
    shown: tuple[Shown, ...] = ()
    past: tuple[PastOf, ...] = ()
    report: Report | None = None
    missing: tuple[int, ...] = ()  # tickets asked for that are not theirs to see
    queries: tuple[QueryUsage, ...] = ()
    commands: tuple[CommandUsage, ...] = ()
    undo: Action | None = None  # the reader's own address, where anything can be undone
    own: Action | None = None  # the reader's own address, for this list
