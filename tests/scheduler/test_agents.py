"""What time does for agents: the daily list, once a day; and the tickets of those who are away."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mailproc.app import agent_people, keys_of, policy_of
from mailproc.clock import ManualClock
from mailproc.core.calendar import Calendar, hours_from_text
from mailproc.core.facts import Standing
from mailproc.core.message import Address
from mailproc.core.policy import Agent
from mailproc.handling.correspondence import Correspondence
from mailproc.handling.record import Recorder
from mailproc.scheduler.agents import AgentsTime, list_is_due
from mailproc.store import agent_state, history, outbox, tickets
from mailproc.store.db import sqlite_path
from mailproc.store.outbox import OutboxRow
from mailproc.store.tickets import NewTicket
from tests.render.reading import WORDS
from tests.testlib.decisions import MAILBOX
from tests.testlib.idle_desk import nowhere_settings
from tests.testlib.store import NOW, fresh_store

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Opened = tuple[AgentsTime, ManualClock]
AWAY = {"away_since": NOW, "away_by": "command"}


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Opened]:
    """Anna has ticket 1, unanswered."""
    settings, clock = nowhere_settings(tmp_path), ManualClock(NOW)
    async with fresh_store(settings.store.url):
        policy, people = policy_of(settings), await agent_people(policy_of(settings), NOW)
        recorder = Recorder(policy, Correspondence(policy, keys_of(settings), WORDS, people))
        clara = await tickets.learn_person(Address("clara@customer.example"), "", NOW)
        due = NOW + 4 * HOUR
        await tickets.open_ticket(NewTicket("support", "support", "Printer", "k", clara.id, "en", NOW, due, None))
        await tickets.save(1, {"owner": "anna", "status": "Assigned"})
        yield AgentsTime(policy, recorder, clock, asyncio.Event()), clock


async def letters(kind: str) -> list[OutboxRow]:
    return [row for row in await outbox.listing() if row.letter == kind]


async def words_of(row: OutboxRow) -> str:
    written = await outbox.content(row.id)
    assert written is not None
    return written.decode()


async def owner() -> str:
    ticket = await tickets.view(1)
    assert ticket is not None
    return ticket.owner


async def test_the_list_comes_once_a_day_from_its_time_on(desk: Opened) -> None:
    agents, clock = desk
    at = (NOW + HOUR).astimezone(ZoneInfo(agents._policy.agents["anna"].time_zone))
    await agent_state.save("anna", {"digest_at": f"{at:%H:%M}"})
    await agents.look()
    assert await letters("digest") == []
    clock.advance(HOUR)
    await agents.look()
    await agents.look()
    (sent,) = await letters("digest")
    assert sent.recipient == agents._policy.agents["anna"].address
    assert "#digest off ends these" in await words_of(sent)
    clock.advance(DAY)
    await agents.look()
    assert len(await letters("digest")) == 2


async def test_an_empty_list_is_not_sent_and_not_late_either(desk: Opened) -> None:
    agents, clock = desk
    await tickets.save(1, {"status": "Closed"})
    await agent_state.save("anna", {"digest_at": "00:00"})
    await agents.look()
    await tickets.save(1, {"status": "Assigned"})
    clock.advance(HOUR)
    await agents.look()
    assert await letters("digest") == []


async def test_two_nodes_send_one_list(desk: Opened) -> None:
    agents, _ = desk
    await agent_state.save("anna", {"digest_at": "00:00"})
    standing = await agent_state.standing("anna")
    for _node in range(2):
        await agents._send_list(agents._policy.agents["anna"], standing, NOW)
    assert len(await letters("digest")) == 1


ZONE = ZoneInfo("Europe/Berlin")
WEEKDAYS = replace(
    MAILBOX, calendar=Calendar(ZONE, hours_from_text("Mon-Fri 09:00-17:00"), frozenset({date(2026, 11, 25)}))
)
EARLY = Agent("anna", "Anna", "anna@acme.example", ("desk",), time_zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "sent", "due"),
    [
        ("2026-11-23T07:00", None, True),  # Monday, eight in Berlin
        ("2026-11-23T06:59", None, False),
        ("2026-11-23T19:00", None, True),  # late is better than never
        ("2026-11-23T07:00", "2026-11-22T07:00", True),
        ("2026-11-23T19:00", "2026-11-23T07:00", False),
        ("2026-11-22T12:00", None, False),  # Sunday
        ("2026-11-25T12:00", None, False),  # a holiday
    ],
)
def test_a_list_is_due_on_working_days_by_the_agents_clock(now: str, sent: str | None, due: bool) -> None:
    last = datetime.fromisoformat(sent).replace(tzinfo=UTC) if sent else None
    standing = Standing(digest_at="08:00", digest_sent_at=last)
    assert list_is_due(standing, EARLY, WEEKDAYS, datetime.fromisoformat(now).replace(tzinfo=UTC)) is due


async def test_what_is_due_and_its_owner_away_goes_back_to_the_team_once(desk: Opened) -> None:
    agents, clock = desk
    await agent_state.save("anna", AWAY)
    await agents.look()
    assert await owner() == "anna"  # there is time yet
    clock.advance(3 * HOUR)
    before = len(await letters("notification"))
    await agents.look()
    await agents.look()
    assert await owner() == ""
    told = (await letters("notification"))[before:]
    assert [row.recipient for row in await letters("notification")][: len(told)] == [
        agents._policy.agents["ben"].address
    ]
    assert "is away" in await words_of((await letters("notification"))[0])
    assert any("anna is away" in entry.text for entry in await history.of_ticket(1))


async def test_who_sends_is_called_when_the_letter_can_be_seen(
    desk: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agents, clock = desk
    file = sqlite_path(nowhere_settings(tmp_path).store.url)
    seen: list[int] = []

    def look() -> None:
        with closing(sqlite3.connect(file)) as other:
            seen.extend(other.execute("SELECT count(*) FROM outbox_mail").fetchone())

    monkeypatch.setattr(agents._queued, "set", look)
    await agent_state.save("anna", AWAY)
    clock.advance(3 * HOUR)
    await agents.look()
    assert seen == [len(await outbox.listing())] != [0]


async def test_who_is_back_has_what_they_have(desk: Opened) -> None:
    agents, clock = desk
    await agent_state.save("anna", {**AWAY, "away_until": NOW + HOUR})
    clock.advance(5 * HOUR)
    await agents.look()
    assert await owner() == "anna"


async def test_where_nobody_is_there_nothing_moves(desk: Opened) -> None:
    agents, clock = desk
    await agent_state.save("anna", AWAY)
    await agent_state.save("ben", AWAY)
    clock.advance(5 * HOUR)
    await agents.look()
    assert await owner() == "anna"


async def test_a_customer_who_waits_for_somebody_away_gets_somebody_else(desk: Opened) -> None:
    agents, _ = desk
    await agent_state.save("anna", AWAY)
    for last, status, moves in (
        ("answer", "In Progress", False),
        ("customer", "Waiting for Customer", False),
        ("customer", "Resolved", False),
        ("customer", "In Progress", True),
        ("copied", "Reopened", True),
    ):
        await tickets.save(1, {"owner": "anna", "status": status, "answered_at": NOW})
        for kind in ("answer", last, "note"):
            await tickets.add_message(
                1, inbound_id=None, kind=kind, private=kind == "note", author="a", author_name="", text="",
                full_text="", attachments="[]", created_at=NOW,
            )  # fmt: skip
        await agents.look()
        assert (await owner() == "") is moves, (last, status)


async def test_what_is_put_off_stays(desk: Opened) -> None:
    agents, clock = desk
    await tickets.save(1, {"snoozed_until": NOW + DAY})
    await agent_state.save("anna", AWAY)
    clock.advance(5 * HOUR)
    await agents.look()
    assert await owner() == "anna"
