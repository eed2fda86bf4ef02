"""The automatic letters that were let go, which budgets count, and those that were stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from tortoise.functions import Count

from mailproc.core.budgets import ANSWERING, Author, Budgets, Scope, Stopped, Window, counted_address, domain_of
from mailproc.store.models import AutomaticLetter, OutboxMail, StoppedLetter, TicketMessage
from mailproc.store.statements import Insert, fetched
from mailproc.store.states import OutboxState


@dataclass(frozen=True, slots=True)
class Spent:
    """What stands against a letter to one address."""

    counts: tuple[int, ...]  # letters let go at most, for each of `Budgets.limits`
    failed: bool  # mail there failed for good, not long ago
    stranger: bool  # nobody proven, nobody an agent has written to


@dataclass(frozen=True, slots=True)
class Letter:
    """An automatic letter to a customer."""

    address: str
    ticket: int
    letter: str
    stranger: bool
    held: bool


@dataclass(frozen=True, slots=True)
class Breaker:
    """What the breaker holds."""

    held: int
    since: datetime | None  # the oldest


_ACKNOWLEDGED = "\"letter\" IN ('acknowledgement', 'oversize')"
_BY_ADDRESS, _BY_ALL = '"address" = ? AND "at" > ?', '"held" = FALSE AND "at" > ?'
_WHERE: Mapping[Scope, str] = {
    Scope.ADDRESS: _BY_ADDRESS,
    Scope.TICKET: '"ticket_id" = ? AND "at" > ?',
    Scope.DOMAIN: f'"domain" = ? AND {_BY_ALL}',
    Scope.UNANSWERED: f'{_BY_ADDRESS} AND {_ACKNOWLEDGED} AND NOT "answered"',
    Scope.UNPROVEN: f'{_BY_ADDRESS} AND {_ACKNOWLEDGED} AND "stranger"',
    Scope.ALL: _BY_ALL,
}
_WIDE = frozenset({Scope.DOMAIN, Scope.ALL})  # over many addresses
_FEW = 100  # letters that are quickly counted
_MOST_REMEMBERED = 2000  # counts
_PERSON = (
    '(SELECT COALESCE(MAX("id"), 0) FROM "automatic_letter")',
    'EXISTS (SELECT 1 FROM "automatic_letter" WHERE "address" = ? AND "answered" = TRUE)',
    '(SELECT COUNT(*) FROM "suppressed_address" WHERE "address" = ? AND "until" > ?)',
)


@lru_cache(maxsize=8)
def _question(scopes: tuple[Scope, ...], *, told: bool) -> str:
    """One statement about an address and for each of its windows, by an index. No window holds more than its limit let go.

    A stranger's acknowledgements are never counted against somebody who is none.
    """
    among = {Scope.UNANSWERED: ' AND "stranger" = ?'} if told else {}
    wheres = (_WHERE[scope] + among.get(scope, "") for scope in scopes)
    parts = (*_PERSON, *(f'(SELECT COUNT(*) FROM "automatic_letter" WHERE {where})' for where in wheres))  # noqa: S608 - of constants
    return "SELECT " + ", ".join(f'{part} AS "n{number}"' for number, part in enumerate(parts))


@dataclass(frozen=True, slots=True)
class _Count:
    """How many letters a window held."""

    letters: int
    newest: int  # the letter that was let go last by then, to whomever
    at: datetime


class Books:
    """What is spent of the budgets, at a cost that does not grow with what is stored.

    A window over many addresses may hold thousands of letters. Once counted, it holds at most those and what was let go
    since, to whomever; as long as that is far from its limit, it is not counted again.
    """

    def __init__(self, budgets: Budgets) -> None:
        self._limits = tuple(budgets.limits())
        self._narrow = tuple(scope for scope, _ in self._limits if scope not in _WIDE)
        self._counted: dict[tuple[str, Window, bool], _Count] = {}
        self._newest = 0  # of the letters let go when last asked

    async def spent(self, address: str, ticket: int, author: Author, now: datetime) -> Spent:
        """All that `core.budgets.judge` needs. Call it where nobody else lets letters go meanwhile."""
        key, told = counted_address(address), author is not Author.UNTOLD
        asked: list[Any] = [key, address.casefold()[:320], now]
        for scope, window in self._limits:
            if scope not in _WIDE:
                asked += [ticket if scope is Scope.TICKET else key, now - window.span]
            if scope is Scope.UNANSWERED and told:
                asked.append(author is Author.UNPROVEN)
        ((newest, answered, failures, *narrow),) = await fetched(_question(self._narrow, told=told), *asked)
        stranger = author is Author.UNPROVEN or (not told and not answered)
        if newest < self._newest:  # a transaction was undone, and its letters' numbers come again
            self._counted.clear()
        self._newest = newest
        counts, rest = [], iter(narrow)
        for scope, window in self._limits:
            domain = domain_of(key) if scope is Scope.DOMAIN else ""
            wide = scope in _WIDE
            counts.append(await self._wide(domain, window, newest, now, stranger=stranger) if wide else next(rest))
        return Spent(tuple(counts), bool(failures), stranger)

    async def _wide(self, domain: str, window: Window, newest: int, now: datetime, *, stranger: bool) -> int:
        """The letters at most that a window over a domain, or over all, holds for strangers or for everybody else."""
        before = self._counted.get((domain, window, stranger))
        if before is not None and before.at <= now:  # a clock set back shows again what had left the window
            letters = before.letters + newest - before.newest
            if letters + _FEW < window.most:
                return letters
        where, values = _WHERE[Scope.ALL], [now - window.span, stranger]
        if domain:
            where, values = _WHERE[Scope.DOMAIN], [domain, *values]
        text = f'SELECT COUNT(*) AS "n" FROM "automatic_letter" WHERE {where} AND "stranger" <= ?'  # noqa: S608 - of constants
        ((letters,),) = await fetched(text, *values)
        if len(self._counted) >= _MOST_REMEMBERED:
            self._counted.clear()
        self._counted[domain, window, stranger] = _Count(letters, newest, now)
        return int(letters)


_let_go = Insert(AutomaticLetter, ("at", "address", "domain", "ticket_id", "letter", "stranger", "held"))
_stopped = Insert(StoppedLetter, ("at", "reason"))


async def let_go(letters: Sequence[Letter], now: datetime) -> None:
    """These leave now, or are held: those count for whom they are to, and not for what leaves in all."""
    await _let_go(*(
        (now, counted_address(each.address), domain_of(each.address), each.ticket, each.letter, each.stranger, each.held)
        for each in letters
    ))  # fmt: skip


_TOLD = f"""(SELECT COUNT(*) FROM "outbox_mail" WHERE "ticket_id" = ? AND "recipient" = ? AND "created_at" > ?
    AND "letter" IN ({", ".join(f"'{letter}'" for letter in sorted(ANSWERING))}))"""  # noqa: S608 - words of ours


async def told(ticket: int, agent: str, windows: Sequence[Window], now: datetime) -> tuple[int, ...]:
    """How many letters on a ticket answered this agent's own mails, in each of the windows."""
    parts = ", ".join(f'{_TOLD} AS "n{at}"' for at in range(len(windows)))
    values = [value for window in windows for value in (ticket, agent, now - window.span)]
    return tuple(map(int, (await fetched(f"SELECT {parts}", *values))[0])) if windows else ()


async def says_again(ticket: int, agent: str, words: str, since: datetime) -> bool:
    """Whether the agent's mail that is held now says what one said that was held since then."""
    said = TicketMessage.filter(ticket_id=ticket, kind="held", author=agent, text=words, created_at__gt=since)
    return await said.limit(2).count() > 1


async def stopped(reasons: Sequence[Stopped], now: datetime) -> None:
    """Letters did not leave; why each of them."""
    await _stopped(*((now, reason.value) for reason in reasons))


async def answered(addresses: Sequence[str]) -> None:
    """An agent writes to them: somebody is there."""
    keys = [counted_address(address) for address in addresses]
    await AutomaticLetter.filter(address__in=keys, answered=False).update(answered=True)


async def stopped_since(moment: datetime) -> Mapping[str, int]:
    """How many automatic letters were stopped since then, by reason."""
    rows = StoppedLetter.filter(at__gt=moment).annotate(count=Count("id")).group_by("reason")
    return dict(await rows.values_list("reason", "count"))


async def breaker(mailboxes: Sequence[str]) -> Breaker:
    """What the breaker holds now."""
    count, oldest = 0, None
    for mailbox in mailboxes:  # one by one: only so the index answers
        held = OutboxMail.filter(mailbox=mailbox, state=OutboxState.HELD)
        first = await held.order_by("next_attempt_at").first().values("created_at")
        if first is not None:
            count += await held.count()
            oldest = min(oldest or first["created_at"], first["created_at"])
    return Breaker(count, oldest)
