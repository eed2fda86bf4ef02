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

    counts: tuple[int, ...]  # letters let go, for each of `Budgets.limits`
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
_STRANGER: Mapping[Author, str] = {
    Author.PROVEN: "(FALSE)",
    Author.UNPROVEN: "(TRUE)",
    Author.UNTOLD: '(NOT EXISTS (SELECT 1 FROM "automatic_letter" WHERE "address" = ? AND "answered" = TRUE))',
}


def _among(scope: Scope, author: Author) -> str:
    """Which letters are counted: a stranger's never against somebody who is none."""
    match scope:
        case Scope.DOMAIN | Scope.ALL:
            return f' AND "stranger" <= {_STRANGER[author]}'
        case Scope.UNANSWERED if author is not Author.UNTOLD:
            return f' AND "stranger" = {_STRANGER[author]}'
        case _:
            return ""


@lru_cache(maxsize=24)
def _question(limits: tuple[tuple[Scope, Window], ...], author: Author) -> str:
    """One statement that counts for every window, each by an index. No window holds more than its limit let go."""
    parts = [_STRANGER[author], '(SELECT COUNT(*) FROM "suppressed_address" WHERE "address" = ? AND "until" > ?)']
    for scope, _ in limits:
        where = _WHERE[scope] + _among(scope, author)
        parts.append(f'(SELECT COUNT(*) FROM "automatic_letter" WHERE {where})')  # noqa: S608 - of constants
    return "SELECT " + ", ".join(f'{part} AS "n{number}"' for number, part in enumerate(parts))


async def spent(address: str, ticket: int, author: Author, budgets: Budgets, now: datetime) -> Spent:
    """All that `core.budgets.judge` needs, in one question whose cost does not grow with what is stored."""
    limits, key = tuple(budgets.limits()), counted_address(address)
    known = [key] if author is Author.UNTOLD else []
    asked: list[Any] = [*known, address.casefold()[:320], now]
    for scope, window in limits:
        match scope:
            case Scope.ADDRESS | Scope.UNANSWERED | Scope.UNPROVEN:
                asked += [key, now - window.span]
            case Scope.TICKET:
                asked += [ticket, now - window.span]
            case Scope.DOMAIN:
                asked += [domain_of(key), now - window.span, *known]
            case Scope.ALL:
                asked += [now - window.span, *known]
    ((stranger, failed, *counts),) = await fetched(_question(limits, author), *asked)
    return Spent(tuple(counts), bool(failed), bool(stranger))


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
