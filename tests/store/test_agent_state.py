"""What agents have set is kept, one row an agent, and asked for by index."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mailproc.core.facts import Standing
from mailproc.core.message import Address
from mailproc.store import agent_state, queues, tickets
from mailproc.store.tickets import NewTicket
from tests.store.test_db import filled
from tests.testlib.plans import asked, plan
from tests.testlib.store import NOW, fresh_store, on_both


@on_both
async def test_what_is_set_stays_until_it_is_set_anew(store_url: str) -> None:
    async with fresh_store(store_url):
        assert await agent_state.standing("anna") == Standing()
        await agent_state.save("anna", {"away_since": NOW, "away_by": "note"})
        await agent_state.save("anna", {"quiet": True, "digest_at": "08:00"})
        assert await agent_state.standing("anna") == Standing(NOW, None, "note", True, False, "08:00")
        await agent_state.save("anna", {"away_since": None})
        assert not (await agent_state.standing("anna")).away(NOW)


@on_both
async def test_a_muted_ticket_is_that_ones_alone(store_url: str) -> None:
    async with fresh_store(store_url):
        person = await tickets.learn_person(Address("clara@customer.example"), "", NOW)
        new = NewTicket("support", "desk", "s", "k", person.id, "en", NOW, None, None)
        first, second = await tickets.open_ticket(new), await tickets.open_ticket(new)
        for _ in range(2):
            await agent_state.mute("anna", first, muted=True)
        await agent_state.mute("anna", 99, muted=True)
        await agent_state.save("ben", {"only_mine": True})
        assert (await agent_state.staff(first)).muted == {"anna"}
        assert (await agent_state.staff(second)).muted == set()
        assert set((await agent_state.staff(second)).standings) == {"anna", "ben"}
        await agent_state.mute("anna", first, muted=False)
        assert (await agent_state.staff(first)).muted == set()


@on_both
async def test_todays_list_is_taken_on_once(store_url: str) -> None:
    async with fresh_store(store_url):
        await agent_state.save("anna", {"digest_at": "08:00"})
        assert await agent_state.send_digest_once("anna", None, NOW)
        assert not await agent_state.send_digest_once("anna", None, NOW)
        assert await agent_state.send_digest_once("anna", NOW, NOW + timedelta(days=1))


@on_both
@pytest.mark.slow
async def test_nothing_but_the_agents_own_rows_is_walked_through(store_url: str) -> None:
    async with fresh_store(store_url) as connection:
        await filled(connection, 20)
        await connection.execute_script("UPDATE ticket SET owner = 'agent' || (id % 50)")
        for number in range(20):
            await agent_state.save(f"agent{number}", {"quiet": True})
        rows = ",".join(f"('agent{number % 20}', {number})" for number in range(10, 2000))
        await connection.execute_script(f"INSERT INTO muted_ticket (agent, ticket_id) VALUES {rows}; ANALYZE")
        with asked() as questions:
            await agent_state.standing("agent7")
            await agent_state.staff(70)
            await queues.due_of("agent7", NOW, NOW)
            await agent_state.mute("agent7", 70, muted=False)
        walks = [(each.sql, step) for each in questions for step in (await plan(connection, each)).walks]
        assert [(sql, step) for sql, step in walks if '"agent_state" s' not in sql and step != "SCAN s"] == []
        assert not [step for _, step in walks if "muted" in step or "ticket" in step]
