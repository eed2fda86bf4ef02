"""What agents have set by mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mailproc.core.facts import Standing
from mailproc.core.staff import Staff
from mailproc.store.models import AgentState, MutedTicket
from mailproc.store.statements import Insert, fetched, moment

_STANDING = 's."away_since", s."away_until", s."away_by", s."quiet", s."only_mine", s."digest_at", s."digest_sent_at"'
_ALL = (
    f'SELECT s."agent", m."id", {_STANDING} FROM "agent_state" s'  # noqa: S608 - nothing but names
    ' LEFT JOIN "muted_ticket" m ON m."agent" = s."agent" AND m."ticket_id" = ?'
)


async def staff(ticket: int) -> Staff:
    """All agents who have ever set anything, as they stand to a ticket: one query, a row an agent."""
    rows = await fetched(_ALL, ticket)
    return Staff({row[0]: _standing(row[2:]) for row in rows}, frozenset(row[0] for row in rows if row[1] is not None))


async def standing(agent: str) -> Standing:
    """What one agent has set."""
    rows = await fetched(f'SELECT {_STANDING} FROM "agent_state" s WHERE s."agent" = ?', agent)  # noqa: S608 - as above
    return _standing(rows[0]) if rows else Standing()


def _standing(row: tuple[Any, ...]) -> Standing:
    since, until, by, quiet, only_mine, digest_at, sent_at = row
    return Standing(moment(since), moment(until), by, bool(quiet), bool(only_mine), digest_at, moment(sent_at))


_create = Insert(AgentState, ("agent",), or_ignore=True)
_mute = Insert(MutedTicket, ("agent", "ticket_id"), or_ignore=True)


async def save(agent: str, changes: Mapping[str, Any]) -> None:
    """Set some of it."""
    await _create((agent,))
    await AgentState.filter(agent=agent).update(**changes)


async def mute(agent: str, ticket: int, *, muted: bool) -> None:
    """Whether an agent hears of a ticket; of one that does not exist, nothing is kept."""
    await _create((agent,))
    if not muted:
        await MutedTicket.filter(agent=agent, ticket_id=ticket).delete()
    elif await fetched('SELECT 1 FROM "ticket" WHERE "id" = ?', ticket):
        await _mute((agent, ticket))


async def send_digest_once(agent: str, last: datetime | None, now: datetime) -> bool:
    """Take on today's list of an agent; False when another node has."""
    return bool(await AgentState.filter(agent=agent, digest_sent_at=last).update(digest_sent_at=now))
