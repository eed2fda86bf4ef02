"""Queued once, claimed before it is tried, settled once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient

from mailproc.store import db, history, outbox, schema
from mailproc.store import sent as sent_folder
from mailproc.store.history import Entry
from mailproc.store.models import OutboxMail
from mailproc.store.outbox import MailClass, NewMail, OutboxState, QueuedMail, Settlement
from tests.testlib.plans import asked, plan
from tests.testlib.store import on_both

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LEASE = NOW + timedelta(minutes=30)
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def connection(store_url: str) -> AsyncIterator[BaseDBAsyncClient]:
    async with db.connected(store_url) as connection:
        await schema.upgrade(connection, NOW)
        yield connection


def mail(key: str, **changes: Any) -> NewMail:
    values: dict[str, Any] = {
        "key": key,
        "ticket_id": 1,
        "mailbox": "support",
        "letter": "answer",
        "mail_class": MailClass.AUTOMATIC,
        "sender": "support@acme.example",
        "recipient": "anna@example.org",
        "message_id": f"<{key}@acme.example>",
        "content": f"Subject: {key}\r\n\r\n".encode(),
        "created_at": NOW,
    }
    return NewMail(**values | changes)


async def queue(*mails: NewMail) -> list[int]:
    async with db.transaction():
        ids = await outbox.enqueue(mails)
    return [ids[each.key] for each in mails if each.key in ids]


async def claim(limit: int = 10, now: datetime = NOW, mailbox: str = "support") -> list[int]:
    return [each.id for each in await outbox.claim(mailbox, limit, now, now + (LEASE - NOW))]


async def state(id_: int) -> OutboxState:
    row = await outbox.get(id_)
    assert row is not None
    return row.state


def sent(id_: int, attempt: int = 1) -> Settlement:
    return Settlement(id_, attempt, OutboxState.SENT, "250 2.0.0 queued as 4F1", NOW)


def later(id_: int, attempt: int = 1, until: datetime = NOW + MINUTE) -> Settlement:
    return Settlement(id_, attempt, OutboxState.RETRY, "451 busy", NOW, until)


@on_both
@pytest.mark.usefixtures("connection")
async def test_of_two_mails_with_one_key_the_first_is_queued_whole() -> None:
    (id_,) = set(await queue(mail("a"), mail("a", recipient="ben@example.org", content=b"Subject: other\r\n\r\n")))
    row = await outbox.get(id_)
    assert row is not None
    assert (row.recipient, await outbox.content(id_)) == ("anna@example.org", mail("a").content)


@pytest.mark.usefixtures("connection")
class TestQueue:
    async def test_takes_each_key_once(self) -> None:
        async with db.transaction():
            first = await outbox.enqueue([mail("a"), mail("b")])
            second = await outbox.enqueue([mail("b", content=b"other"), mail("c")])

        assert sorted(first) == ["a", "b"]
        assert sorted(second) == ["c"]
        assert await outbox.content(first["b"]) == b"Subject: b\r\n\r\n"
        assert len(await outbox.listing()) == 3

    async def test_takes_the_same_key_twice_in_one_call_once(self) -> None:
        assert len(await queue(mail("a"), mail("a"))) == 2
        assert len(await outbox.listing()) == 1

    async def test_belongs_to_the_callers_transaction(self) -> None:
        with pytest.raises(ZeroDivisionError):
            async with db.transaction():
                await outbox.enqueue([mail("a")])
                raise ZeroDivisionError

        assert await outbox.listing() == []

    async def test_of_nothing_is_nothing(self) -> None:
        assert await outbox.enqueue([]) == {}


@on_both
@pytest.mark.usefixtures("connection")
class TestClaim:
    async def test_writes_the_attempt_down_first(self) -> None:
        (id_,) = await queue(mail("a", mail_class=MailClass.HUMAN, ticket_id=7))

        claimed = await outbox.claim("support", 10, NOW, LEASE)

        assert claimed == [
            QueuedMail(
                id_, 7, "support", "answer", "support@acme.example", "anna@example.org", "<a@acme.example>", 1, 0,
                MailClass.HUMAN, b"Subject: a\r\n\r\n",
            )
        ]  # fmt: skip
        row = await outbox.get(id_)
        assert row is not None
        assert (row.state, row.attempts, row.next_attempt_at) == (OutboxState.SENDING, 1, LEASE)
        assert await claim() == []

    async def test_is_each_mail_once_however_many_ask(self) -> None:
        ids = await queue(*(mail(f"m{number}", ticket_id=number) for number in range(60)))

        claimed = await asyncio.gather(*(claim(7) for _ in range(12)))

        assert sorted(id_ for each in claimed for id_ in each) == ids

    async def test_is_one_account_at_a_time(self) -> None:
        _, sales = await queue(mail("a"), mail("b", ticket_id=2, mailbox="sales"))

        assert await claim(mailbox="sales") == [sales]

    async def test_waits_until_a_mail_is_due(self) -> None:
        (id_,) = await queue(mail("a", not_before=NOW + 5 * MINUTE))

        assert await claim() == []
        assert await outbox.next_due("support", NOW) == NOW + 5 * MINUTE
        assert await claim(now=NOW + 5 * MINUTE) == [id_]
        assert await outbox.next_due("support", NOW) is None

    async def test_takes_the_oldest_first_repeated_or_not(self) -> None:
        one, two, three, four = await queue(
            *(mail(f"m{number}", ticket_id=number, created_at=NOW + number * MINUTE) for number in range(4))
        )
        await claim(1)
        await outbox.settle([later(one, until=NOW + 90 * timedelta(seconds=1))])

        assert sorted(await claim(2, NOW + 9 * MINUTE)) == [one, two]
        assert sorted(await claim(2, NOW + 9 * MINUTE)) == [three, four]

    async def test_keeps_the_order_to_one_person_about_one_ticket(self) -> None:
        one, two, other_person, other_ticket = await queue(
            mail("a"), mail("b"), mail("c", recipient="bob@example.org"), mail("d", ticket_id=2)
        )

        assert await claim() == [one, other_person, other_ticket]
        await outbox.settle([later(one)])
        assert await claim() == []
        assert await claim(now=NOW + MINUTE) == [one]
        await outbox.settle([sent(one, 2)])
        assert await claim() == [two]

    @pytest.mark.parametrize("end", [OutboxState.SENT, OutboxState.DEAD, OutboxState.UNKNOWN])
    async def test_goes_on_after_a_mail_that_ended(self, end: OutboxState) -> None:
        one, two = await queue(mail("a"), mail("b"))
        await claim()
        await outbox.settle([Settlement(one, 1, end, "", NOW)])

        assert await claim() == [two]

    async def test_of_mail_without_a_ticket_knows_no_order(self) -> None:
        ids = await queue(mail("a", ticket_id=None), mail("b", ticket_id=None))

        assert await claim() == ids

    async def test_takes_no_more_than_fits_into_memory(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(outbox, "MOST_CLAIMED", 100)
        ids = await queue(*(mail(f"m{number}", ticket_id=number, content=b"x" * 60) for number in range(3)))
        huge = await queue(mail("huge", ticket_id=9, content=b"x" * 1000, created_at=NOW + MINUTE))

        assert [await claim(now=NOW + MINUTE) for _ in range(4)] == [ids[:1], ids[1:2], ids[2:], huge]

    async def test_and_all_that_is_asked_often_goes_by_index(self, connection: BaseDBAsyncClient) -> None:
        one, *_ = await queue(*(mail(f"m{number}", ticket_id=number) for number in range(20)))
        with asked() as said:
            await queue(mail("new"))
            await claim()
            await outbox.settle([replace(sent(one), copy_due_at=NOW), later(one + 1)])
            await outbox.next_due("support", NOW)
            await outbox.abandoned(["support", "sales"], NOW, alone=True)
            await outbox.abandoned(["support", "sales"], NOW)
            await outbox.late(["support", "sales"], NOW)
            await outbox.late_told(one)
            await outbox.handing_over({one: 1})
            await outbox.by_message_id("<m1@acme.example>")
            copies = await sent_folder.due("support", NOW, 10)
            await sent_folder.next_due("support", NOW)
            await sent_folder.begun({one: NOW})
            await sent_folder.copied([one])
            await sent_folder.found(copies[0], "Sent", NOW)
            await sent_folder.not_found(copies[0], NOW)
            await sent_folder.uncopied(["support", "sales"], NOW)

        questions = [each for each in said if "outbox_mail" in each.sql]
        assert len(questions) >= 17
        found = [await plan(connection, each) for each in questions]
        assert not [walk for each in found for walk in each.walks]
        assert {"outbox_due", "outbox_of_ticket", "outbox_message", "outbox_uncopied"} <= {
            name for each in found for name in each.indexes
        }


@on_both
@pytest.mark.usefixtures("connection")
class TestSettlement:
    async def test_is_written_with_its_history(self) -> None:
        one, two = await queue(mail("a"), mail("b", ticket_id=2))
        await claim()
        entry = Entry(NOW, "sent", "mailproc", "answer to anna@example.org: 250 queued as 4F1", "", 1, None, one)
        told = Settlement(one, 1, OutboxState.SENT, "250 queued as 4F1", NOW, history=entry)

        assert await outbox.settle([told, later(two)]) == [told, later(two)]

        row = await outbox.get(one)
        assert row is not None
        assert (row.state, row.reply, row.sent_at) == (OutboxState.SENT, "250 queued as 4F1", NOW)
        assert await history.of_ticket(1) == [entry]
        waiting = await outbox.get(two)
        assert waiting is not None
        assert (waiting.state, waiting.reply, waiting.next_attempt_at) == (OutboxState.RETRY, "451 busy", NOW + MINUTE)

    async def test_of_an_attempt_that_is_over_changes_nothing(self) -> None:
        (id_,) = await queue(mail("a"))
        await claim()
        await outbox.settle([later(id_)])
        await claim(now=NOW + MINUTE)
        entry = Entry(NOW, "dead", "mailproc", "x", "", 1, None, id_)

        assert await outbox.settle([Settlement(id_, 1, OutboxState.DEAD, "550 no", NOW, history=entry)]) == []
        assert await state(id_) is OutboxState.SENDING
        assert await history.of_ticket(1) == []

    async def test_that_a_server_took_it_is_always_true(self) -> None:
        (id_,) = await queue(mail("a"))
        await claim()
        await outbox.settle([Settlement(id_, 1, OutboxState.UNKNOWN, "?", NOW)])
        await outbox.settle([sent(id_)])

        assert await state(id_) is OutboxState.SENT

    async def test_counts_doubts(self) -> None:
        (id_,) = await queue(mail("a"))
        await claim()
        await outbox.settle([Settlement(id_, 1, OutboxState.RETRY, "cut", NOW, NOW, doubtful=True)])

        (again,) = await outbox.claim("support", 1, NOW, LEASE)
        assert (again.attempts, again.doubts) == (2, 1)


@on_both
@pytest.mark.usefixtures("connection")
class TestLostAttempts:
    async def test_are_those_whose_lease_is_over(self) -> None:
        (id_,) = await queue(mail("a"))
        await claim()

        assert await outbox.abandoned(["support"], LEASE - MINUTE) == []
        assert [row.id for row in await outbox.abandoned(["support"], LEASE)] == [id_]

    async def test_are_all_when_nobody_else_sends(self) -> None:
        (id_,) = await queue(mail("a"))
        await claim()

        assert [row.id for row in await outbox.abandoned(["support"], NOW, alone=True)] == [id_]


@on_both
@pytest.mark.usefixtures("connection")
class TestHandingOver:
    async def test_is_written_for_the_attempt_that_is_under_way(self) -> None:
        first, _ = await queue(mail("a"), mail("b", recipient="bert@example.org"))
        await claim()

        assert await outbox.handing_over({first: 1}) == {first}
        assert [row.handing_over for row in await outbox.abandoned(["support"], LEASE)] == [True, False]

    async def test_of_an_attempt_that_another_took_up_is_refused(self) -> None:
        first, second = await queue(mail("a"), mail("b", recipient="bert@example.org"))
        await claim()
        await outbox.settle([Settlement(first, 1, OutboxState.RETRY, "lost", NOW, NOW)])
        await outbox.claim("support", 1, NOW, LEASE)

        assert await outbox.handing_over({first: 1, second: 1}) == {second}

    async def test_the_next_attempt_begins_anew(self) -> None:
        (id_,) = await queue(mail("a"))
        await claim()
        await outbox.handing_over({id_: 1})
        await outbox.settle([Settlement(id_, 1, OutboxState.RETRY, "busy", NOW, NOW)])
        await outbox.claim("support", 1, NOW, LEASE)

        row = await outbox.get(id_)
        assert row is not None
        assert (row.state, row.handing_over) == (OutboxState.SENDING, False)


@on_both
@pytest.mark.usefixtures("connection")
class TestOperator:
    @pytest.mark.parametrize("ended", [OutboxState.DEAD, OutboxState.UNKNOWN])
    async def test_tries_again_with_all_attempts_before_it_and_may_have_arrived_as_before(
        self, ended: OutboxState
    ) -> None:
        (id_,) = await queue(mail("a"))
        await claim()
        assert not await outbox.retry(id_, NOW)
        await outbox.settle([Settlement(id_, 1, ended, "550 no", NOW, doubtful=True)])

        assert await outbox.retry(id_, NOW)
        (again,) = await outbox.claim("support", 1, NOW, LEASE)
        assert (again.attempts, again.doubts) == (1, 1)

    async def test_tries_what_was_taken_back_again_but_not_as_the_attempt_that_a_sender_has_in_hand(self) -> None:
        (id_,) = await queue(mail("a"))
        await claim()
        await OutboxMail.filter(id=id_).update(state=OutboxState.CANCELLED)  # as an undo does

        assert await outbox.retry(id_, NOW)
        (again,) = await outbox.claim("support", 1, NOW, LEASE, "another")
        assert await outbox.handing_over({id_: 1}) == set()
        assert await outbox.handing_over({id_: again.attempts}) == {id_}

    async def test_does_not_send_twice_what_was_sent(self) -> None:
        (id_,) = await queue(mail("a"))
        await claim()
        await outbox.settle([sent(id_)])

        assert not await outbox.retry(id_, NOW)

    async def test_sees_newest_first_by_state_and_ticket(self) -> None:
        one, two, three = await queue(mail("a"), mail("b", ticket_id=2), mail("c", mailbox="sales"))
        await claim(1)
        await outbox.settle([sent(one)])

        assert [row.id for row in await outbox.listing()] == [three, two, one]
        assert [row.id for row in await outbox.listing(limit=1)] == [three]
        assert [row.id for row in await outbox.listing(states=[OutboxState.SENT])] == [one]
        assert [row.id for row in await outbox.listing(ticket=2)] == [two]

    async def test_is_busy_with_what_is_due_or_under_way(self) -> None:
        async def busy() -> bool:
            return await outbox.is_busy(("support", "sales"), NOW)

        assert not await busy()
        await queue(mail("a", not_before=NOW + MINUTE))
        assert not await busy()
        (one,) = await queue(mail("b", ticket_id=2, mailbox="sales"))
        assert await busy()
        await claim(1, mailbox="sales")
        assert await busy()
        await outbox.settle([later(one, until=NOW)])
        assert not await busy()  # it was tried


@on_both
@pytest.mark.usefixtures("connection")
class TestDeliveryReports:
    async def test_find_the_mail_by_its_whole_message_id(self) -> None:
        long = f"<{'x' * 900}@acme.example>"
        (id_,) = await queue(mail("a", message_id=long, mail_class=MailClass.HUMAN))

        found = await outbox.by_message_id(long)

        assert found is not None
        assert (found.id, found.ticket_id, found.recipient, found.human) == (id_, 1, "anna@example.org", True)
        assert found.content == b"Subject: a\r\n\r\n"
        assert await outbox.by_message_id("<other@acme.example>") is None

    async def test_end_a_mail_that_was_sent(self) -> None:
        one, two = await queue(mail("a"), mail("b", ticket_id=2))
        await claim(1)
        await outbox.settle([sent(one)])

        assert await outbox.undelivered(one, "550 5.1.1 no such user")
        assert not await outbox.undelivered(two, "never sent")
        assert await state(one) is OutboxState.DEAD
        assert await state(two) is OutboxState.QUEUED
