"""What one mail of an agent changed, over all its tables, and put back row by row."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient

from mailproc.core.message import Address
from mailproc.store import db, deadlines, history, outbox, schema, tickets, undo
from mailproc.store.history import Entry
from mailproc.store.models import SideConversation, TicketLink
from mailproc.store.outbox import MailClass, NewMail
from mailproc.store.tickets import NewTicket
from mailproc.store.undo import Snapshot
from tests.testlib.plans import asked, plan
from tests.testlib.store import on_both

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
async def connection(store_url: str) -> AsyncIterator[BaseDBAsyncClient]:
    """Two tickets of Clara's."""
    async with db.connected(store_url) as connection:
        await schema.upgrade(connection, NOW)
        clara = await tickets.learn_person(Address("clara@x.example", "Clara"), "en", NOW)
        for _ in range(2):
            await tickets.open_ticket(NewTicket("support", "desk", "Printer", "key", clara.id, "en", NOW, None, None))
        await deadlines.put(1, "reminder", 0, NOW + DAY, NOW)
        yield connection


async def merged() -> None:
    """As much as one mail can change."""
    ben = await tickets.learn_person(Address("ben@x.example", "Ben"), "en", NOW)
    await tickets.save(1, {"status": "Closed", "merged_into_id": 2, "closed_at": NOW, "reopened": tickets.ONE_MORE})
    await tickets.save(2, {"tags": "printer", "minutes_spent": 20, "eta_at": NOW + DAY})
    await tickets.add_copied(2, [ben], NOW)
    await deadlines.cancel(1, NOW, "merged", ["reminder"])
    await deadlines.put(2, "closing", 1, NOW + DAY, NOW)
    await TicketLink.create(ticket_id=1, other_id=2, linked_at=NOW)
    await SideConversation.create(ticket_id=1, person_id=ben.id, agent="anna", asked_at=NOW)


async def act() -> Snapshot:
    """Anna's mail 5 merges ticket 1 into 2; how it was before."""
    before = await undo.capture((1, 2))
    await merged()
    assert await undo.record(1, "anna", 5, NOW, before, await undo.capture((1, 2)))
    return before


async def last() -> undo.ActionRow:
    found = await undo.find("anna", (1,), None)
    assert found is not None
    return found


@on_both
@pytest.mark.usefixtures("connection")
class TestWhatAMailChanged:
    async def test_is_put_back_in_every_table_of_every_ticket(self) -> None:
        before = await act()
        action = await last()
        assert action.tickets == (1, 2)
        now = await undo.capture((1, 2))
        assert all(each.stands(now) for each in action.changed)
        await undo.restore(action.changed)
        assert await undo.capture((1, 2)) == before

    @pytest.mark.parametrize("column", ["status", "closed_at", "merged_into_id"])
    async def test_is_seen_to_have_changed_since(self, column: str) -> None:
        await act()
        await tickets.save(1, {column: {"status": "New"}.get(column)})
        now = await undo.capture((1, 2))
        assert [each.table for each in (await last()).changed if not each.stands(now)] == ["ticket"]

    async def test_is_told_apart_from_what_others_changed_beside_it(self) -> None:
        await act()
        await tickets.save(1, {"priority": "P1"})
        action, now = await last(), await undo.capture((1, 2))
        assert all(each.stands(now) for each in action.changed)
        await undo.restore(action.changed)
        restored = (await undo.capture((1, 2)))["ticket"]["1"]
        assert (restored["priority"], restored["status"]) == ("P1", "New")

    async def test_does_not_stand_once_a_deadline_of_it_was_carried_out(self) -> None:
        await act()
        (due,) = await deadlines.due(NOW + DAY, 5)
        await deadlines.done(due.id, NOW + DAY, "fired")
        now = await undo.capture((1, 2))
        assert [each.table for each in (await last()).changed if not each.stands(now)] == ["deadline"]

    async def test_a_conversation_begun_by_a_letter_that_has_left_stays_open(self) -> None:
        await act()
        await undo.restore((await last()).changed, letters_left=True)
        assert len((await undo.capture((1,)))["side_conversation"]) == 1

    async def test_is_undone_once_and_by_nobody_else(self) -> None:
        await act()
        action = await last()
        assert await undo.find("ben", (1, 2), None) is None
        assert await undo.find("ben", (1, 2), action.id) is None
        assert await undo.undone(action.id, NOW)
        assert not await undo.undone(action.id, NOW)
        assert await undo.find("anna", (1, 2), None) is None
        again = await undo.find("anna", (), action.id)
        assert again is not None
        assert again.undone_at == NOW


async def letters(action: undo.ActionRow) -> list[int]:
    """Three mails caused by the action: an answer, its copy and the receipt."""
    mails = [
        NewMail(f"1:{letter}:in5:{to}", 1, "support", letter, MailClass.HUMAN, "", f"{to}@x.example", f"<{to}@a.example>",
                b"", NOW, NOW + DAY if letter == "answer" else None)
        for letter, to in (("answer", "clara"), ("answer", "chief"), ("receipt", "anna"))
    ]  # fmt: skip
    ids = list((await outbox.enqueue(mails)).values())
    said = [Entry(NOW, "queued", "mailproc", "", ticket=1, inbound=action.inbound_id, outbox=id_) for id_ in ids]
    await history.append(said)
    return ids


@on_both
@pytest.mark.usefixtures("connection")
class TestItsLetters:
    async def test_are_taken_back_while_they_wait(self) -> None:
        await act()
        action = await last()
        await letters(action)
        taken, gone = await undo.take_back(action, ("receipt",))
        assert {each.recipient for each in taken} == {"clara@x.example", "chief@x.example"}
        assert gone == []
        assert await outbox.claim("support", 9, NOW + DAY, NOW + DAY) != []  # the receipt
        assert await outbox.claim("support", 9, NOW + DAY, NOW + DAY) == []

    async def test_that_a_sender_has_begun_are_named(self) -> None:
        await act()
        action = await last()
        await letters(action)
        later = NOW + DAY
        sent, begun = [mail for mail in await outbox.claim("support", 9, later, later) if mail.letter == "answer"]
        assert await outbox.handing_over({sent.id: 1, begun.id: 1}) == {sent.id, begun.id}
        await outbox.settle([outbox.Settlement(sent.id, 1, outbox.OutboxState.SENT, "250", later)])
        taken, gone = await undo.take_back(action, ("receipt",))
        assert taken == []
        assert {each.recipient for each in gone} == {"clara@x.example", "chief@x.example"}

    async def test_that_have_left_or_may_have_are_named_also_when_somebody_has_them_sent_again(self) -> None:
        await act()
        action = await last()
        await letters(action)
        later = NOW + DAY
        doubted, reported = [mail for mail in await outbox.claim("support", 9, later, later) if mail.letter == "answer"]
        await outbox.settle([
            outbox.Settlement(doubted.id, 1, outbox.OutboxState.UNKNOWN, "cut", later, doubtful=True),
            outbox.Settlement(reported.id, 1, outbox.OutboxState.SENT, "250", later),
        ])  # fmt: skip
        assert await outbox.undelivered(reported.id, "550 no such user")
        assert await outbox.retry(doubted.id, later)
        assert await outbox.retry(reported.id, later)
        taken, gone = await undo.take_back(action, ("receipt",))
        assert taken == []
        assert {each.recipient for each in gone} == {"clara@x.example", "chief@x.example"}

    async def test_that_a_sender_has_claimed_and_not_begun_never_leave(self) -> None:
        await act()
        action = await last()
        await letters(action)
        later = NOW + DAY
        claimed = {mail.id: mail.attempts for mail in await outbox.claim("support", 9, later, later)}
        taken, gone = await undo.take_back(action, ("receipt",))
        assert {each.recipient for each in taken} == {"clara@x.example", "chief@x.example"}
        assert gone == []
        (receipt,) = await outbox.handing_over(claimed)
        valid = await outbox.settle(
            [
                outbox.Settlement(id_, 1, outbox.OutboxState.RETRY, "not ours", later, later)
                for id_ in claimed.keys() - {receipt}
            ]
        )
        assert valid == []

    async def test_can_be_written_once_more(self) -> None:
        await act()
        action = await last()
        first = await letters(action)
        await undo.take_back(action, ("receipt",))
        assert len(set(await letters(action)) - set(first)) == 2

    async def test_and_all_of_it_goes_by_index(self, connection: BaseDBAsyncClient) -> None:
        await act()
        with asked() as said:
            action = await last()
            await undo.find("anna", (), action.id)
            await letters(action)
            await undo.capture((1, 2))
            await undo.take_back(action, ())
            await undo.restore(action.changed)
            await undo.unsaid(action)
            await undo.undone(action.id, NOW)
        found = [(each.sql, await plan(connection, each)) for each in said]
        assert [sql for sql, way in found if way.walks] == []
