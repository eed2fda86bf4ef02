"""What agents ask for by mail: lists and figures. Nothing here takes longer because more closed tickets are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailproc.core.lifecycle import ACTIVE, Status
from mailproc.core.queries import View
from mailproc.store.statements import fetched, marks, moment

MOST = 50  # lines of a list
SEARCHED = 2000  # the newest tickets, looked through for words

_WORK = (Status.NEW, Status.ASSIGNED, Status.IN_PROGRESS, Status.REOPENED)
_OTHERS_TURN = (Status.WAITING_FOR_CUSTOMER, Status.WAITING_FOR_THIRD_PARTY)
_OPEN = tuple(status for status in Status if status is not Status.CLOSED)
_FIELDS = (
    't."id", t."subject", t."status", t."priority", t."owner", p."name", p."written", t."promised_at", t."answered_at",'
    ' t."created_at", t."team", t."restricted"'
)
_FROM = 'FROM "ticket" t JOIN "person" p ON p."id" = t."customer_id"'


@dataclass(frozen=True, slots=True)
class Row:
    """A ticket of a list."""

    number: int
    subject: str
    status: str
    priority: str
    owner: str
    customer: str  # name, or address
    due: datetime | None
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Whose:
    """Who asks, and what they may see."""

    agent: str
    teams: tuple[str, ...]
    insider: bool = False  # sees what is restricted


async def listing(view: View, whose: Whose, now: datetime, soon: datetime) -> list[Row]:
    """The tickets of a list, what is due first, then the most important, then the oldest; one more than `MOST` at most.

    `soon`: promises up to then count as breaching.
    """
    parts: list[_Part] = []
    match view:
        case View.LIST:
            awake = ('AND (t."snoozed_until" IS NULL OR t."snoozed_until" <= ?)', (now,))
            parts = [
                _owned(whose, _WORK, *awake),
                _of_teams(whose, _WORK, f"AND t.\"owner\" = '' {awake[0]}", awake[1]),
            ]
        case View.MINE:
            parts = [_owned(whose, _OPEN)]
        case View.TEAM:
            parts = [_of_teams(whose, tuple(ACTIVE))]
        case View.BREACHING:
            late = ('AND t."promised_at" <= ? AND t."answered_at" IS NULL', (soon,))
            parts = [_owned(whose, _WORK, *late), _of_teams(whose, _WORK, *late)]
        case View.WAITING:
            parts = [_owned(whose, _OTHERS_TURN), _of_teams(whose, _OTHERS_TURN)]
    return await _rows(parts)


_Part = tuple[str, tuple[Any, ...]]


def _owned(whose: Whose, statuses: Sequence[Status], more: str = "", values: tuple[Any, ...] = ()) -> _Part:
    where = f't."owner" = ? AND t."status" IN ({marks(len(statuses))}){_seen(whose)} {more}'
    return where, (whose.agent, *statuses, *values)


def _of_teams(whose: Whose, statuses: Sequence[Status], more: str = "", values: tuple[Any, ...] = ()) -> _Part:
    where = f't."team" IN ({marks(len(whose.teams))}) AND t."status" IN ({marks(len(statuses))}){_seen(whose)} {more}'
    return where, (*whose.teams, *statuses, *values)


def _seen(whose: Whose) -> str:
    return "" if whose.insider else ' AND NOT t."restricted"'


async def _rows(parts: Sequence[_Part]) -> list[Row]:
    asked = [(where, values) for where, values in parts if "IN ()" not in where]
    if not asked:
        return []
    union = " UNION ".join(f"SELECT {_FIELDS} {_FROM} WHERE {where}" for where, _ in asked)
    order = 'CASE WHEN "answered_at" IS NULL THEN "promised_at" END'
    text = f'SELECT * FROM ({union}) q ORDER BY {order} IS NULL, {order}, "priority", "created_at", "id" LIMIT ?'  # noqa: S608 - as below
    return [_row(row) for row in await fetched(text, *(value for _, values in asked for value in values), MOST + 1)]


def _row(row: Sequence[Any]) -> Row:
    number, subject, status, priority, owner, name, address, promised_at, answered_at, created_at, *_ = row
    due = moment(promised_at) if answered_at is None else None
    began = moment(created_at)
    if began is None:
        raise AssertionError("a ticket has begun")
    return Row(number, subject, status, priority, owner, name or address, due, began)


_NEWEST = (
    f'SELECT {_FIELDS} FROM (SELECT * FROM "ticket" ORDER BY "id" DESC LIMIT ?) t'  # noqa: S608 - nothing but names
    ' JOIN "person" p ON p."id" = t."customer_id" ORDER BY t."id" DESC'
)
_OF_CUSTOMER = (
    f'SELECT {_FIELDS} {_FROM} WHERE t."customer_id" = (SELECT "id" FROM "person" WHERE "address" = ?)'  # noqa: S608 - as above
    ' ORDER BY t."created_at" DESC LIMIT ?'
)


async def find(words: str, whose: Whose) -> list[Row]:
    """Tickets of a customer by the whole address, else those among the newest with all words in subject, name or address."""
    wanted = words.casefold().split()
    if len(wanted) == 1 and "@" in wanted[0].strip("@"):
        rows = await fetched(_OF_CUSTOMER, wanted[0], MOST + 1)
    else:
        rows = [row for row in await fetched(_NEWEST, SEARCHED) if _has(row, wanted)]
    theirs = [row for row in rows if row[10] in whose.teams or row[4] == whose.agent]
    seen = [row for row in theirs if whose.insider or not row[11]]
    return [_row(row) for row in seen[: MOST + 1]]


def _has(row: Sequence[Any], wanted: Sequence[str]) -> bool:
    text = f"{row[1]} {row[5]} {row[6]}".casefold()  # by Python: SQLite folds ASCII alone
    return all(word in text for word in wanted)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of open tickets, and of one agent's since a moment."""

    counts: tuple[tuple[str, int], ...]
    oldest: Row | None
    resolved: int
    rated: int
    score: float


async def figures(whose: Whose, since: datetime) -> Figures:
    """Counts of the teams' open tickets by status, the oldest of them, and what the agent did since."""
    teams, statuses = whose.teams, tuple(status.value for status in _OPEN)
    counts: list[tuple[Any, ...]] = []
    oldest: list[tuple[Any, ...]] = []
    if teams:
        where = f'"team" IN ({marks(len(teams))}) AND "status" IN ({marks(len(statuses))})'
        counts = await fetched(
            f'SELECT "status", COUNT(*) FROM "ticket" WHERE {where} GROUP BY "status"',  # noqa: S608 - as above
            *teams,
            *statuses,
        )
        active = tuple(status.value for status in ACTIVE)
        where = f't."team" IN ({marks(len(teams))}) AND t."status" IN ({marks(len(active))})'
        oldest = await fetched(
            f'SELECT {_FIELDS} {_FROM} WHERE {where} ORDER BY t."created_at" LIMIT 1', *teams, *active
        )
    resolved = await fetched(
        'SELECT COUNT(*) FROM "ticket" WHERE "resolved_by" = ? AND "resolved_at" >= ?', whose.agent, since
    )
    rated = await fetched(
        'SELECT COUNT(*), AVG("score") FROM "rating" WHERE "agent" = ? AND "rated_at" >= ?', whose.agent, since
    )
    by_status = {str(status): int(count) for status, count in counts}
    ordered = tuple((status.value, by_status[status]) for status in _OPEN if status in by_status)
    (count, score), row = rated[0], _row(oldest[0]) if oldest else None
    return Figures(ordered, row, int(resolved[0][0]), int(count), float(score or 0))


_DUE = f"""SELECT t."id" FROM "ticket" t WHERE t."owner" = ? AND t."status" IN ({marks(3)})
    AND (t."snoozed_until" IS NULL OR t."snoozed_until" <= ?)
    AND CASE WHEN t."answered_at" IS NULL THEN t."promised_at" IS NULL OR t."promised_at" <= ? ELSE (
        SELECT m."kind" FROM "ticket_message" m WHERE m."ticket_id" = t."id" AND m."kind" IN ('customer', 'copied', 'answer')
        ORDER BY m."id" DESC LIMIT 1) <> 'answer' END
    ORDER BY t."id" LIMIT ?"""  # noqa: S608 - nothing but marks


async def due_of(agent: str, now: datetime, soon: datetime) -> list[int]:
    """Tickets an agent should see to: the first answer promised for `soon` or never promised, or a customer who waits."""
    statuses = (Status.ASSIGNED.value, Status.IN_PROGRESS.value, Status.REOPENED.value)
    return [int(number) for (number,) in await fetched(_DUE, agent, *statuses, now, soon, MOST)]
