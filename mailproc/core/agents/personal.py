"""Commands about the agent, not a ticket: away and back, muted tickets, the daily list, quiet receipts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, time
from typing import assert_never
from zoneinfo import ZoneInfo

from mailproc.core.commands import AgentText, Command
from mailproc.core.commands.values import Away, Back, Mute, Personal, SetDigest, SetQuiet, TellOnly
from mailproc.core.effects import Decision, Effect, SendDigest, SendReceipt
from mailproc.core.effects_agents import MuteTicket, SetState, State
from mailproc.core.facts import Facts
from mailproc.core.letters import BadLine, Change, Done
from mailproc.core.lifecycle import Refusal
from mailproc.core.moments import moment
from mailproc.core.policy import Agent
from mailproc.core.staff import AwayBy

_CLOCK = re.compile(r"(\d{1,2})(?:[:.](\d{2}))? ?(am|pm|uhr|h)?", re.IGNORECASE)
_NOT_AWAY = ((State.AWAY_SINCE, None), (State.AWAY_UNTIL, None), (State.AWAY_BY, ""))


def nonsense(facts: Facts, agent: Agent, words: AgentText) -> tuple[BadLine, ...]:
    """Moments and times of day that are none."""
    return tuple(
        BadLine(line, "")
        for command, line in zip(words.commands, words.lines, strict=True)
        if not sensible(facts, agent, command)
    )


def sensible(facts: Facts, agent: Agent, command: Command) -> bool:
    match command:
        case Away(until=until):
            return not until or _moment(facts, agent, until) is not None
        case SetDigest(at=at):
            return not at or clock(at) is not None
        case _:
            return True


def refused(facts: Facts, agent: Agent, command: Personal) -> Refusal | None:
    """Why a sensible command can't be done: only of tickets that there are can one hear nothing more."""
    if not isinstance(command, Mute) or command.ticket is None:
        return None
    known = facts.asked.tickets if facts.asked is not None else facts.named.tickets
    ticket = known.get(command.ticket)
    return None if ticket is not None and facts.policy.sees(agent.name, ticket.restricted) else Refusal.UNKNOWN_TICKET


def clock(written: str) -> time | None:
    """A time of day as people write it: `8`, `8:00`, `08.30 Uhr`, `5pm`."""
    match = _CLOCK.fullmatch(written.strip())
    if match is None:
        return None
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").casefold()
    if half in {"am", "pm"}:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * (half == "pm")
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _moment(facts: Facts, agent: Agent, words: str) -> datetime | None:
    return moment(words, facts.now, ZoneInfo(agent.time_zone), facts.mailbox.calendar)


def set_(facts: Facts, agent: Agent, command: Personal) -> tuple[Effect, Done]:
    """What a command sets, and the line of the receipt. `sensible` and `refused` have been asked."""
    match command:
        case Away(until=until):
            return away(agent, facts.now, _moment(facts, agent, until), AwayBy.COMMAND, "said so")
        case Back():
            return SetState(agent.name, _NOT_AWAY, "said so"), Done(Change.BACK)
        case Mute(muted=muted, ticket=ticket):
            at_hand = facts.match.ticket
            number = ticket or (at_hand.number if at_hand is not None else 0)
            told = Done(Change.MUTED if muted else Change.UNMUTED, str(number))
            return MuteTicket(agent.name, number, muted), told
        case TellOnly(mine=mine):
            told = Done(Change.ONLY_MINE if mine else Change.TOLD_ALL)
            return SetState(agent.name, ((State.ONLY_MINE, mine),), "said so"), told
        case SetDigest(at=at):
            return _digest(facts, agent, at)
        case SetQuiet(quiet=quiet):
            told = Done(Change.QUIET if quiet else Change.NOT_QUIET)
            return SetState(agent.name, ((State.QUIET, quiet),), "said so"), told
        case _:
            assert_never(command)


def away(agent: Agent, now: datetime, until: datetime | None, by: AwayBy, why: str) -> tuple[SetState, Done]:
    """Away from now on. Without a date: until they say so, or where their mail client said it, until they write."""
    changes = ((State.AWAY_SINCE, now), (State.AWAY_UNTIL, until), (State.AWAY_BY, by.value))
    return SetState(agent.name, changes, why), Done(Change.AWAY, "", until)


def _digest(facts: Facts, agent: Agent, written: str) -> tuple[Effect, Done]:
    at = clock(written) if written else None
    if at is None:
        return SetState(agent.name, ((State.DIGEST_AT, ""),), "said so"), Done(Change.NO_DIGEST)
    shown = f"{at:%H:%M}"
    changes: list[tuple[State, str | datetime]] = [(State.DIGEST_AT, shown)]
    if facts.now.astimezone(ZoneInfo(agent.time_zone)).time() >= at:
        changes.append((State.DIGEST_SENT_AT, facts.now))  # today's time is over: the first comes with the next day
    return SetState(agent.name, tuple(changes), "said so"), Done(Change.DIGEST_AT, shown)


def back_by_writing(facts: Facts, agent: Agent, decision: Decision) -> Decision:
    """Whom their mail client had called away is back when they write, unless this mail says otherwise."""
    standing = facts.standing
    if standing.away_by != AwayBy.NOTE or not standing.away(facts.now):
        return decision
    if any(isinstance(each, SetState) and each.changes[0][0] is State.AWAY_SINCE for each in decision.effects):
        return decision
    told = Done(Change.BACK)
    effects = [_telling(each, told) for each in decision.effects]
    return replace(decision, effects=(SetState(agent.name, _NOT_AWAY, "wrote"), *effects))


def _telling(effect: Effect, told: Done) -> Effect:
    match effect:
        case SendReceipt(done=done):
            return replace(effect, done=(*done, told))
        case SendDigest(digest=digest):
            return replace(effect, digest=replace(digest, settings=(*digest.settings, told)))
        case _:
            return effect
