"""What an agent asks for at their own address is looked up before it is decided on: read-only, as all gathering."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from mailproc.core import queries
from mailproc.core.agents.sight import may_see
from mailproc.core.commands import GRAMMAR, RULES
from mailproc.core.commands.values import Mute, Undo
from mailproc.core.digest import Counted, Digest, Happened, Line, Listed, PastOf, QueryUsage, Report, Shown
from mailproc.core.facts import Asked, Match, PastAction, TicketView
from mailproc.core.letters import CommandUsage, Exchange, TicketFacts
from mailproc.core.policy import Agent, MailboxPolicy, Policy
from mailproc.core.queries import Act, Figures, Find, Help, Past, Query, QueryText, Show, View
from mailproc.core.tokens import Capability
from mailproc.handling.past import past_action
from mailproc.store import digests, history, queues, tickets
from mailproc.store.queues import MOST, SEARCHED, Row, Whose

_SOON = timedelta(hours=1)  # a promise for so soon counts as breaching
_MOST_ANSWERS = 10  # questions of one mail
_SAID, _EXCERPT = 5, 1500  # messages of a ticket that is shown, characters of each
_HAPPENED = 60  # lines of a history


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, where and when."""

    policy: Policy
    mailbox: MailboxPolicy
    agent: Agent
    now: datetime

    @property
    def whose(self) -> Whose:
        return Whose(self.agent.name, self.agent.teams, self.policy.sees(self.agent.name, True))

    def sees(self, ticket: TicketView) -> bool:
        return may_see(self.policy, self.agent, ticket)

    def blank(self) -> Digest:
        return Digest(TicketFacts(self.mailbox.desk, self.mailbox.prefix, 0, ""), self.now)


async def asked(asking: Asking, match: Match, words: str, subject: str) -> Asked | None:
    """What a mail asks for, with the answers; None where it is no such mail.

    Without a token, only a mail on no ticket that asks for nothing but lists is one.
    """
    token, text = match.token, QueryText()
    if token is not None and token.capability is Capability.COMMAND:
        text = queries.read(words, await digests.tickets_of(token.round, asking.agent.name) if token.round else ())
    elif token is None and match.ticket is None and queries.nothing_but_questions(words or subject):
        text = queries.read(words or subject)
    else:
        return None
    if text.bad:
        return Asked(text, asking.blank(), {})
    muted = (each.command.ticket for each in text.personal if isinstance(each.command, Mute))
    named = dict.fromkeys((*(act.ticket for act in text.acts), *(number for number in muted if number is not None)))
    views = [view for number in named if (view := await tickets.view(number)) is not None]
    seen = {view.number: view for view in views if asking.sees(view)}
    undoable = await _undoable(asking, [each for each in text.acts if each.ticket in seen])
    nothing = not (text.queries or text.acts or text.personal)
    return Asked(text, await answered(asking, [Help()] if nothing else text.queries), seen, undoable)


async def _undoable(asking: Asking, acts: Sequence[Act]) -> dict[int, PastAction]:
    """By ticket. What two lines name is undone by the first of them."""
    found: dict[int, PastAction] = {}
    taken: set[int] = set()
    for act in acts:
        if isinstance(act.command, Undo):
            past = await past_action(asking.policy, asking.agent, (act.ticket,), act.command)
            if past is not None:
                found[act.ticket] = replace(past, undone=past.undone or past.id in taken)
                taken.add(past.id)
    return found


async def answered(asking: Asking, asked_for: Sequence[Query]) -> Digest:
    """The answers to these questions, as the letter shows them."""
    found, places = asking.blank(), count(1)
    for query in list(dict.fromkeys(asked_for))[:_MOST_ANSWERS]:
        match query:
            case View():
                rows = await queues.listing(query, asking.whose, asking.now, asking.now + _SOON)
                found = replace(found, lists=(*found.lists, _listed(asking, query.value, "", rows, places)))
            case Find(words=words):
                rows = await queues.find(words, asking.whose)
                found = replace(found, lists=(*found.lists, _listed(asking, "find", words, rows, places)))
            case Show(ticket=number) | Past(ticket=number):
                found = await _with_ticket(asking, found, number, shows=isinstance(query, Show))
            case Figures():
                found = replace(found, report=await _report(asking))
            case Help():
                found = replace(found, queries=query_usages(), commands=command_usages(personal=True))
    return found


def _listed(asking: Asking, view: str, words: str, rows: Sequence[Row], places: Iterator[int]) -> Listed:
    lines = tuple(_line(asking, row, next(places)) for row in rows[:MOST])
    return Listed(view, words, lines, len(rows) > MOST, SEARCHED if view == "find" and "@" not in words else 0)


def _line(asking: Asking, row: Row, place: int) -> Line:
    minutes = max(0, int((asking.now - row.began_at).total_seconds() // 60))
    owner = asking.policy.display(row.owner) or row.owner
    return Line(place, row.number, row.subject, row.status, row.priority, owner, row.customer, row.due, minutes)


async def _with_ticket(asking: Asking, found: Digest, number: int, *, shows: bool) -> Digest:
    ticket = await tickets.view(number)
    if ticket is None or not asking.sees(ticket):
        return replace(found, missing=(*found.missing, number))
    if shows:
        return replace(found, shown=(*found.shown, await _shown(asking, ticket)))
    return replace(found, past=(*found.past, await past_of(number, ticket.subject)))


async def past_of(number: int, subject: str) -> PastOf:
    """What happened on a ticket, as the letter shows it."""
    entries = await history.latest(number, _HAPPENED + 1)
    happened = tuple(Happened(entry.at, entry.actor, entry.text) for entry in entries[-_HAPPENED:])
    return PastOf(number, subject, happened, len(entries) > _HAPPENED)


async def _shown(asking: Asking, ticket: TicketView) -> Shown:
    due = None if ticket.answered else ticket.promised_at
    customer = ticket.customer.name or ticket.customer.address
    row = Row(
        ticket.number, ticket.subject, ticket.status.value, ticket.priority, ticket.owner, customer, due,
        ticket.begun_at or asking.now,
    )  # fmt: skip
    copied = tuple(person.address for person in ticket.copied)
    return Shown(_line(asking, row, 0), ticket.language, copied, await exchanges(ticket.number, _SAID))


async def exchanges(number: int, most: int) -> tuple[Exchange, ...]:
    """The latest messages of a ticket, newest first, as letters show them."""
    return tuple(
        Exchange(each.author_name or each.author, each.at, each.text[:_EXCERPT], each.private)
        for each in await tickets.said(number, most)
    )


async def _report(asking: Asking) -> Report:
    now = asking.now.astimezone(ZoneInfo(asking.agent.time_zone))
    monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    found = await queues.figures(asking.whose, monday)
    breaching = await queues.listing(View.BREACHING, asking.whose, asking.now, asking.now + _SOON)
    oldest = _line(asking, found.oldest, 0) if found.oldest else None
    counts = tuple(Counted(status, number) for status, number in found.counts)
    return Report(counts, len(breaching), oldest, found.resolved, found.rated, found.score)


def query_usages() -> tuple[QueryUsage, ...]:
    """Every question there is, for help."""
    return tuple(QueryUsage(name, queries.usage(name), words) for name, words in queries.QUESTIONS.items())


def command_usages(*, personal: bool = False) -> tuple[CommandUsage, ...]:
    """Every command there is, for help; `personal`: those about the agent, not a ticket."""
    names = queries.PERSONAL if personal else set(GRAMMAR)
    return tuple(CommandUsage(rule.name, rule.usage, rule.aliases) for rule in RULES if rule.name in names)
