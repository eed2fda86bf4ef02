"""What agents have set by mail: away or there, and what they like to be told of. And who hears of what happens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailproc.core.facts import Standing, TicketView
from mailproc.core.letters import Change, Done, News
from mailproc.core.policy import Policy


class AwayBy(StrEnum):
    """What marked an agent away: which decides what ends it."""

    COMMAND = "command"  # ends with #back, or its date
    NOTE = "note"  # their mail client said so: ends as soon as they write, too


@dataclass(frozen=True, slots=True)
class Staff:
    """All agents, as they stand to the ticket at hand."""

    standings: Mapping[str, Standing] = field(default_factory=dict)
    muted: frozenset[str] = frozenset()  # who wants to hear nothing more of it

    def of(self, agent: str) -> Standing:
        return self.standings.get(agent, Standing())


#: What reaches an agent for whom it was made, whatever they have muted.
_PERSONAL = frozenset({News.ASSIGNED, News.ASKED})


def who_hears(
    told: tuple[str, ...], news: News, ticket: TicketView, staff: Staff, policy: Policy, now: datetime
) -> tuple[str, ...]:
    """Of those who would be told, the ones who are: never nobody.

    Of a ticket nobody has, those are not who are away, or want to hear of their own alone. Of a ticket whose owner is
    away, the team hears too.
    """
    if ticket.owner in told and staff.of(ticket.owner).away(now) and news not in _PERSONAL:
        there = (agent.name for agent in policy.members(ticket.team) if not staff.of(agent.name).away(now))
        told = tuple(dict.fromkeys((*told, *there)))
    kept = tuple(name for name in told if not _spared(name, news, ticket, staff, now))
    return kept or told


def _spared(name: str, news: News, ticket: TicketView, staff: Staff, now: datetime) -> bool:
    if news in _PERSONAL:
        return False
    if name in staff.muted:
        return True
    standing = staff.of(name)
    return not ticket.owner and (standing.only_mine or standing.away(now))


#: What even an agent who wants it quiet reads in a receipt.
_TROUBLE = frozenset({
    Change.REFUSED, Change.NOT_SENT, Change.DOUBTFUL, Change.NOT_UNDONE, Change.NOT_YOURS, Change.UNDONE, Change.DISCARDED,
    Change.NOT_REACHED, Change.LEFT_OUT, Change.NOT_SHARED, Change.UNCONFIRMED, Change.IS_AWAY, Change.NOTHING,
})  # fmt: skip
#: Settings are answered always: it is all that shows that they were understood.
SETTINGS = frozenset({
    Change.AWAY, Change.BACK, Change.MUTED, Change.UNMUTED, Change.ONLY_MINE, Change.TOLD_ALL, Change.DIGEST_AT,
    Change.NO_DIGEST, Change.QUIET, Change.NOT_QUIET,
})  # fmt: skip


def hears_receipt(standing: Standing, done: tuple[Done, ...]) -> bool:
    """Whether a receipt goes out: to those who want it quiet, only on trouble."""
    return not standing.quiet or any(each.change in _TROUBLE | SETTINGS for each in done)
