"""What lists hold, for whom, and that no question of theirs walks through a table."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from mailproc.core.message import Address
from mailproc.core.queries import View
from mailproc.store import digests, history, queues, tickets
from mailproc.store.models import Rating
from mailproc.store.queues import MOST, Whose
from mailproc.store.tickets import NewTicket
from tests.store.test_db import filled
from tests.testlib.plans import asked, plan
from tests.testlib.store import NOW, fresh_store, on_both

ANNA = Whose("anna", ("desk", "second"))
BEN = Whose("ben", ("second",))
HOUR = timedelta(hours=1)


async def ticket(subject: str, *, team: str = "desk", promised: datetime | None = None, **fields: Any) -> int:
    who = fields.pop("customer", Address("clara@customer.example", "Clara Jones"))
    person = await tickets.learn_person(who, "", NOW)
    number = await tickets.open_ticket(
        NewTicket("support", team, subject, "k", person.id, "en", NOW - timedelta(days=1), promised, None)
    )
    await tickets.save(number, {"team": team, **fields})
    return number


async def lists(view: View, whose: Whose = ANNA) -> list[str]:
    return [row.subject for row in await queues.listing(view, whose, NOW, NOW + HOUR)]


@on_both
async def test_each_list_holds_what_it_says_and_nothing_of_other_teams(store_url: str) -> None:
    async with fresh_store(store_url):
        await ticket("new")
        await ticket("mine", owner="anna", status="In Progress")
        await ticket("ben's", owner="ben", status="Assigned")
        await ticket("waits", owner="anna", status="Waiting for Customer")
        await ticket("vendor", status="Waiting for Third-Party", team="second")
        await ticket("solved", owner="anna", status="Resolved")
        await ticket("closed", owner="anna", status="Closed")
        await ticket("asleep", owner="anna", status="Assigned", snoozed_until=NOW + HOUR)
        await ticket("foreign", team="other")
        await ticket("theirs, hers", team="other", owner="anna", status="Assigned")
        await ticket("secret", team="other", owner="anna", status="Assigned", restricted=True)
        assert set(await lists(View.LIST)) == {"new", "mine", "theirs, hers"}
        assert set(await lists(View.MINE)) == {"mine", "waits", "solved", "asleep", "theirs, hers"}
        assert set(await lists(View.TEAM)) == {"new", "mine", "ben's", "waits", "vendor", "asleep"}
        assert set(await lists(View.WAITING)) == {"waits", "vendor"}
        assert await lists(View.TEAM, BEN) == ["vendor"]
        assert "secret" in await lists(View.MINE, Whose("anna", ("desk",), insider=True))
        assert await lists(View.TEAM, Whose("nobody", ())) == []
        assert set(await lists(View.MINE, Whose("anna", ()))) == {"mine", "waits", "solved", "asleep", "theirs, hers"}


@on_both
async def test_breaching_is_promised_within_the_hour_and_unanswered(store_url: str) -> None:
    async with fresh_store(store_url):
        await ticket("soon", promised=NOW + HOUR / 2)
        await ticket("late", promised=NOW - HOUR)
        await ticket("later", promised=NOW + 2 * HOUR)
        await ticket("answered", promised=NOW - HOUR, answered_at=NOW, status="In Progress")
        await ticket("solved", promised=NOW - HOUR, status="Resolved")
        assert await lists(View.BREACHING) == ["late", "soon"]


@on_both
async def test_what_is_due_stands_first_then_the_important_then_the_old(store_url: str) -> None:
    async with fresh_store(store_url):
        await ticket("low", priority="P4")
        await ticket("critical", priority="P1")
        await ticket("due later", priority="P4", promised=NOW + 5 * HOUR)
        await ticket("due", promised=NOW + HOUR)
        await ticket("due no more", promised=NOW - HOUR, answered_at=NOW)
        assert await lists(View.LIST) == ["due", "due later", "critical", "due no more", "low"]


@on_both
async def test_a_list_is_cut_and_says_so(store_url: str) -> None:
    async with fresh_store(store_url):
        for number in range(MOST + 3):
            await ticket(f"{number}")
        assert len(await lists(View.LIST)) == MOST + 1


@on_both
async def test_words_are_found_in_subjects_and_customers_in_any_case(store_url: str) -> None:
    async with fresh_store(store_url):
        other = Address("dieter@kunde.example", "Dieter Ölmann")
        await ticket("ÄRGER mit dem Drucker", customer=other, status="Closed")
        await ticket("Printer 100% broken")
        await ticket("Printer, secret", restricted=True, team="other", owner="anna")

        async def found(words: str, whose: Whose = ANNA) -> list[str]:
            return [row.subject for row in await queues.find(words, whose)]

        assert await found("ärger drucker") == ["ÄRGER mit dem Drucker"]
        assert await found("ölmann") == ["ÄRGER mit dem Drucker"]
        assert await found("PRINTER") == ["Printer 100% broken"]
        assert await found("100%") == ["Printer 100% broken"]
        assert await found("1000%") == []
        assert await found("Dieter@Kunde.example") == ["ÄRGER mit dem Drucker"]
        assert await found("printer", BEN) == []


@on_both
async def test_figures_count_open_tickets_and_the_agents_week(store_url: str) -> None:
    async with fresh_store(store_url):
        first = await ticket("old", created_at=NOW - timedelta(days=9))
        await ticket("new")
        await ticket("foreign", team="other")
        solved = await ticket("solved", status="Closed", resolved_by="anna", resolved_at=NOW)
        await ticket("solved before", status="Closed", resolved_by="anna", resolved_at=NOW - timedelta(days=8))
        person = (await tickets.learn_person(Address("clara@customer.example"), "", NOW)).id
        for round_, score in ((1, 4), (2, 5)):
            await Rating.create(
                ticket_id=solved, person_id=person, round=round_, agent="anna", score=score, rated_at=NOW
            )
        found = await queues.figures(ANNA, NOW - timedelta(days=3))
        assert found.counts == (("New", 2),)
        assert found.oldest is not None and found.oldest.number == first
        assert (found.resolved, found.rated, found.score) == (1, 2, 4.5)


@on_both
async def test_a_list_keeps_its_numbers_and_is_its_agents_alone(store_url: str) -> None:
    async with fresh_store(store_url):
        number = await digests.keep("anna", [9, 7, 8], NOW)
        assert await digests.tickets_of(number, "anna") == (9, 7, 8)
        assert await digests.tickets_of(number, "ben") == ()
        assert await digests.tickets_of(number + 1, "anna") == ()


_SUPPORT = Whose("agent7", ("support",))


@on_both
@pytest.mark.slow
async def test_no_question_walks_through_a_table(store_url: str) -> None:
    async with fresh_store(store_url) as connection:
        await filled(connection, 20)
        await connection.execute_script(
            "UPDATE ticket SET owner = 'agent' || (id % 50), resolved_by = 'agent' || (id % 50), resolved_at = created_at"
        )
        await connection.execute_script("UPDATE ticket SET status = 'Closed' WHERE id % 500 > 0; ANALYZE")
        if connection.capabilities.dialect == "sqlite":  # as in daily work, where nobody gathers statistics
            await connection.execute_script("DROP TABLE sqlite_stat1; ANALYZE sqlite_schema")
        with asked() as questions:
            for view in View:
                await queues.listing(view, _SUPPORT, NOW, NOW + HOUR)
            await queues.find("p70@example.org", _SUPPORT)
            await queues.figures(_SUPPORT, NOW + HOUR)
            await digests.tickets_of(1, "anna")
            await history.latest(70, 50)
        plans = [(each.sql, await plan(connection, each)) for each in questions]
        # What a list merges is as short as the list.
        walks = [
            (step, sql) for sql, found in plans for step in found.walks if not step.startswith(("SCAN q", "SCAN (sub"))
        ]
        assert walks == []
