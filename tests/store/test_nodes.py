"""Several processes on one PostgreSQL: one reads a mailbox, each claim is one's, and the dead are buried."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tortoise.backends.base.client import BaseDBAsyncClient

from mailproc.clock import ManualClock
from mailproc.store import db, inbound, nodes, outbox, schema
from mailproc.store.nodes import Node
from mailproc.store.outbox import MailClass, NewMail
from tests.testlib.postgres import Postgres
from tests.testlib.store import NOW, fresh_store, raw_mail, spooled

pytestmark = [
    pytest.mark.slow,
    pytest.mark.parametrize("store_url", ["postgresql"], indirect=True),
    pytest.mark.usefixtures("connection"),
]


@pytest.fixture
async def connection(store_url: str) -> AsyncIterator[BaseDBAsyncClient]:
    async with fresh_store(store_url) as connection:
        yield connection


async def dies(connection: BaseDBAsyncClient, name: str) -> None:
    """It has given no sign of life for long."""
    await connection.execute_query("UPDATE node SET until = now() - interval '1 second' WHERE name = $1", [name])


async def test_a_mailbox_has_one_reader_until_that_one_is_dead(connection: BaseDBAsyncClient) -> None:
    for name in ("one", "two"):
        await nodes.beat(name)
    assert await nodes.own("support", "one")
    assert not await nodes.own("support", "two", NOW)
    assert await nodes.own("sales", "two")
    assert await nodes.own("support", "one", NOW)
    await dies(connection, "one")
    assert await nodes.own("support", "two")
    assert not await nodes.own("support", "one")
    assert (await nodes.heard_until())["support"] == NOW


async def test_several_that_start_at_once_on_a_new_database_make_it_once(postgresql: Postgres) -> None:
    url = await postgresql.empty_database()
    async with db.connected(url) as connection:
        steps = await asyncio.gather(*(schema.upgrade(connection, NOW) for _ in range(4)))
        assert sorted(len(each) for each in steps) == [0, 0, 0, len(schema.migrations("postgresql"))]
    await postgresql.drop(url)


async def test_of_many_who_want_a_mailbox_one_gets_it() -> None:
    names = [f"node {number}" for number in range(8)]
    for name in names:
        await nodes.beat(name)
    assert sum(await asyncio.gather(*(nodes.own("support", name) for name in names))) == 1


async def test_what_a_dead_node_had_in_hand_is_due_at_once_and_the_living_keep_theirs(
    connection: BaseDBAsyncClient,
) -> None:
    await spooled(*(raw_mail(number) for number in range(4)))
    async with db.transaction():
        await outbox.enqueue([letter("a", 1), letter("b", 2)])
    lease = NOW + timedelta(minutes=30)
    for name in ("dead", "living"):
        await nodes.beat(name)
        await inbound.claim(2, NOW, name)
        await outbox.claim("support", 1, NOW, lease, name)
    await dies(connection, "dead")
    assert await nodes.free_what_the_dead_held(NOW) == ["dead"]
    assert await nodes.free_what_the_dead_held(NOW) == []
    assert [(mail.id, mail.attempts) for mail in await inbound.claim(9, NOW)] == [(1, 2)]
    assert [row.id for row in await outbox.abandoned(["support"], NOW)] == [1]


async def test_one_that_leaves_in_order_is_not_waited_for() -> None:
    for name in ("one", "two"):
        await nodes.beat(name)
    await nodes.own("support", "one")
    await nodes.leave("one", NOW)
    assert await nodes.own("support", "two")


async def test_each_mail_is_claimed_once_however_many_ask() -> None:
    await spooled(*(raw_mail(number) for number in range(60)))
    claimed = await asyncio.gather(*(inbound.claim(7, NOW, f"node {number}") for number in range(12)))
    assert sorted(mail.id for batch in claimed for mail in batch) == list(range(1, 61))


async def test_a_claim_that_was_lost_is_noticed() -> None:
    await spooled(raw_mail(1), raw_mail(2))
    first = await inbound.claim(2, NOW, "stopped")
    (again,) = await inbound.claim(2, NOW + timedelta(minutes=6), "other")
    async with db.deciding():
        assert await inbound.still_held(first) == {2}
        assert await inbound.still_held([again]) == {1}


async def test_a_claim_nobody_heard_of_is_given_back_uncounted_and_nothing_else_is() -> None:
    """The connection broke while the claim was committed."""
    await spooled(*(raw_mail(number) for number in range(4)))
    async with db.transaction():
        await outbox.enqueue([letter("a", 1), letter("b", 2), letter("c", 3)])
    lease = NOW + timedelta(minutes=30)
    await inbound.claim(3, NOW, "mine")
    await inbound.claim(1, NOW, "other")
    await outbox.claim("support", 2, NOW, lease, "mine")
    await outbox.claim("support", 1, NOW, lease, "other")
    await inbound.postpone(1, lease, "bad")
    await inbound.give_back("mine", [2], NOW)
    await outbox.give_back("support", "mine", [1], NOW)
    assert [(mail.id, mail.attempts) for mail in await inbound.claim(9, NOW)] == [(3, 1)]
    assert [(mail.id, mail.attempts) for mail in await outbox.claim("support", 9, NOW, lease)] == [(2, 1)]


async def test_one_decides_at_a_time() -> None:
    order: list[str] = []
    inside, leave = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with db.deciding():
            inside.set()
            await leave.wait()
            order.append("first")

    async def second() -> None:
        await inside.wait()
        async with db.deciding():
            order.append("second")

    async with asyncio.TaskGroup() as both:
        both.create_task(first())
        both.create_task(second())
        await inside.wait()
        async with db.transaction() as tx:  # anything else goes on meanwhile
            await tx.execute_query("SELECT 1")
        leave.set()
    assert order == ["first", "second"]


async def test_news_ring_at_the_others_and_again_after_the_connection_broke(
    store_url: str, connection: BaseDBAsyncClient
) -> None:
    one, two = (Node(store_url, ManualClock(NOW), name) for name in ("one", "two"))
    heard, own = asyncio.Event(), asyncio.Event()
    two.ring.append(heard)
    one.ring.append(own)
    tasks = [asyncio.create_task(node.talk()) for node in (one, two)]
    async with asyncio.timeout(20):
        for _ in range(2):
            await rung(own, one, heard)
            own.clear()
            heard.clear()
            await connection.execute_query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def rung(listening: asyncio.Event, teller: Node, heard: asyncio.Event) -> None:
    """Both listen, and what one tells the other hears."""
    await listening.wait()
    await heard.wait()  # it rings once when it begins to listen
    heard.clear()
    teller.news.set()
    await heard.wait()


@pytest.mark.timeout(60)
async def test_a_pool_outlives_its_server(postgresql: Postgres, connection: BaseDBAsyncClient) -> None:
    """Transactions that could not begin leave neither a lost connection nor themselves behind."""
    await connection.execute_query("SELECT 1")
    postgresql.stop_at_once()
    try:
        for _ in range(12):
            with pytest.raises(db.TROUBLE):
                async with db.transaction():
                    await inbound.oldest_waiting()
    finally:
        postgresql.start()
    await spooled(raw_mail(1))
    assert len(await inbound.listing("stored", 10)) == 1


async def test_a_transaction_whose_process_stopped_holds_nobody_up_for_ever(connection: BaseDBAsyncClient) -> None:
    for name, value in (("lock_timeout", "30s"), ("idle_in_transaction_session_timeout", "30s")):
        (row,) = await connection.execute_query_dict(f"SHOW {name}")
        assert row[name] == value


def letter(key: str, ticket: int) -> NewMail:
    return NewMail(
        key, ticket, "support", "answer", MailClass.AUTOMATIC, "support@acme.example", "clara@customer.example",
        f"<{key}@acme.example>", b"Subject: x\r\n\r\n", NOW,
    )  # fmt: skip
