"""What the operator decided, as plain values: the settings that decisions read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from mailproc.core.budgets import Budgets
from mailproc.core.calendar import Calendar
from mailproc.core.subaddress import within


@dataclass(frozen=True, slots=True)
class Agent:
    """Someone who answers customers."""

    name: str  # as in the configuration and in commands
    display: str  # shown to customers
    address: str
    teams: tuple[str, ...]
    language: str = "en"
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Team:
    """A group of agents that has tickets."""

    name: str
    display: str
    members: tuple[str, ...]  # agents' names


@dataclass(frozen=True, slots=True)
class MailboxPolicy:
    """One support address and how it speaks."""

    name: str
    address: str
    desk: str  # "Acme Support": the display name in From
    prefix: str  # "Acme": the subject tag [Acme #1042]
    team: str
    plus_addressing: bool
    language: str
    time_zone: str
    calendar: Calendar
    first_answer: timedelta | None  # business time; None: nothing is promised
    processed: str = "Processed"  # the folder in which the mail lies afterwards
    null_sender: bool = True  # machine mail leaves with an empty MAIL FROM; some servers refuse that

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


class Rule(StrEnum):
    """For what an agent's mail to a customer is held, until the agent decides."""

    EMPTY = "empty"
    ONLY_SIGNATURE = "only_signature"
    UNKNOWN_COMMAND = "unknown_command"
    CUSTOMER_WROTE = "customer_wrote"
    COLLEAGUE_ANSWERED = "colleague_answered"
    OTHER_CUSTOMER = "other_customer"
    OTHER_ADDRESS = "other_address"
    OTHER_TICKET = "other_ticket"
    INTERNAL_WORDS = "internal_words"
    MISSING_ATTACHMENT = "missing_attachment"
    STRAY_QUOTE = "stray_quote"


class Trust(StrEnum):
    """What proves that a mail comes from the agent it names."""

    AUTHENTICATED = "authenticated"  # token and a trusted authentication result
    TOKEN = "token"


@dataclass(frozen=True, slots=True)
class EnclosurePolicy:
    """Which files reach an agent by mail. The others stay in the spool and are named."""

    blocked_extensions: frozenset[str] = frozenset()  # lower case, without the dot
    blocked_types: frozenset[str] = frozenset()  # media types, lower case
    most_bytes: int = 10_000_000  # together, in one letter


@dataclass(frozen=True, slots=True)
class SafetyPolicy:
    """What stands between an agent's mail and a letter that can't be unsent."""

    hold: timedelta = timedelta(0)  # how long an agent's letters wait in the outbox
    rules: frozenset[Rule] = frozenset(Rule)


@dataclass(frozen=True, slots=True)
class RoutePolicy:
    """Teams that tickets go to by command."""

    escalate_to: str = ""  # whom a bare #escalate asks; empty: the ticket's own team
    security_team: str = ""  # empty: #security is refused
    others: Mapping[str, str] = field(default_factory=dict)  # teams that work elsewhere, by name: their addresses


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything the core needs to know of the configuration."""

    mailboxes: Mapping[str, MailboxPolicy]
    agents: Mapping[str, Agent]
    teams: Mapping[str, Team]
    trust: Trust = Trust.AUTHENTICATED
    trusted_authserv_ids: frozenset[str] = frozenset()
    trusted_arc_sealers: frozenset[str] = frozenset()  # forwarders whose word on a mail counts (RFC 8617)
    confirm_within: timedelta = timedelta(hours=24)
    confirm_every: timedelta = timedelta(hours=1)  # between two letters that ask an agent whether it was them
    tell_late_after: timedelta = timedelta(hours=1)  # an agent's words that long under way are told to the owner
    suppress_for: timedelta = timedelta(days=7)  # after a permanent failure; then an address is tried again
    enclosures: EnclosurePolicy = EnclosurePolicy()
    border_hops: int = 2  # servers of ours that hand a mail on after the border has judged it
    reminder_after: timedelta = timedelta(hours=24)
    close_after: timedelta = timedelta(hours=48)
    reopen_window: timedelta = timedelta(days=14)
    survey: bool = True
    survey_window: timedelta = timedelta(days=28)
    subject_window: timedelta = timedelta(days=14)
    token_days: int = 365
    most_copied: int = 20
    budgets: Budgets = field(default_factory=Budgets)
    safety: SafetyPolicy = SafetyPolicy()
    routes: RoutePolicy = RoutePolicy()
    list_mail_opens_tickets: bool = True
    largest_mail: int = 40_000_000  # bytes; of a larger one only the header is fetched
    tell_oversize: bool = True  # to its sender, once a ticket
    development: str = ""  # where `#ask engineering` and `#bug` go; empty: nowhere

    def mailbox(self, name: str) -> MailboxPolicy:
        """The mailbox a ticket speaks from: its own; the first where the operator has removed or renamed that."""
        return self.mailboxes.get(name) or next(iter(self.mailboxes.values()))

    def agent_by_address(self, address: str) -> Agent | None:
        """The agent registered under this address; compared without case."""
        wanted = address.casefold()
        return next((agent for agent in self.agents.values() if agent.address.casefold() == wanted), None)

    def display(self, agent: str) -> str:
        """How an agent is shown; empty for nobody, and for one the configuration has no more."""
        return self.agents[agent].display if agent in self.agents else ""

    def members(self, team: str) -> tuple[Agent, ...]:
        """The agents of a team, in the configuration's order."""
        return tuple(self.agents[name] for name in self.teams[team].members) if team in self.teams else ()

    def sees(self, agent: str, restricted: bool) -> bool:
        """Whether this agent may know of a ticket. Where its team is configured no more, somebody must."""
        insiders = self.members(self.routes.security_team)
        return not restricted or not insiders or any(member.name == agent for member in insiders)

    def is_own(self, address: str) -> bool:
        """Whether mail to this address comes back to us: a mailbox's address, with or without a subaddress."""
        return within(address, (mailbox.address.casefold() for mailbox in self.mailboxes.values()))
