"""Several processes on one PostgreSQL: who lives, who reads which mailbox, what a dead one left, news for the others.

A node lives as long as it renews its row, by the database's clock. What it owns (mailboxes) and what it has claimed
(mails in and out) bear its name; when it is dead the next one that looks sets all of it free. Nothing hangs on this
being exact: a node that is taken for dead and lives finds its claims gone when it wants to write.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from tortoise.connection import get_connection

from mailproc import eventlog
from mailproc.clock import Clock
from mailproc.store import db

BEAT = 3.0  # seconds between signs of life
LIFE = 12.0  # seconds without one, after which a node is dead
_PAUSE = 1.0  # seconds, after the database failed
_SOON = 0.05  # seconds in which news become one piece of news
_CHANNEL = "mailproc"

_BEAT = """INSERT INTO "node" ("name", "until") VALUES ($1, now() + make_interval(secs => $2))
    ON CONFLICT ("name") DO UPDATE SET "until" = EXCLUDED."until" """
_DEAD = 'DELETE FROM "node" WHERE "until" < now() RETURNING "name"'
_FREE = (
    """UPDATE "inbound_mail" SET "next_attempt_at" = LEAST("next_attempt_at", $2)
        WHERE "state" = 'stored' AND "claimed_by" = $1""",
    """UPDATE "outbox_mail" SET "next_attempt_at" = LEAST("next_attempt_at", $2)
        WHERE "state" = 'sending' AND "claimed_by" = $1""",
)
_OWN = """INSERT INTO "mailbox_lease" ("mailbox", "node", "heard_until") VALUES ($1, $2, $3)
    ON CONFLICT ("mailbox") DO UPDATE
        SET "node" = EXCLUDED."node", "heard_until" = GREATEST("mailbox_lease"."heard_until", EXCLUDED."heard_until")
        WHERE "mailbox_lease"."node" = EXCLUDED."node"
            OR NOT EXISTS (SELECT 1 FROM "node" WHERE "name" = "mailbox_lease"."node" AND "until" > now())
    RETURNING "node" """


def new_name() -> str:
    """A name no other process has: host, process, and chance, because processes come again."""
    return f"{socket.gethostname()[:32]}-{os.getpid()}-{secrets.token_hex(4)}"


async def beat(name: str) -> None:
    """Say that we live, for `LIFE` seconds from now."""
    await get_connection(db.CONNECTION).execute_query(_BEAT, [name, LIFE])


async def free_what_the_dead_held(now: datetime) -> Sequence[str]:
    """Forget dead nodes and make due what they had claimed; their names. Each is buried once."""
    async with db.transaction() as tx:
        names = [row["name"] for row in await tx.execute_query_dict(_DEAD)]
        for name in names:
            for statement in _FREE:
                await tx.execute_query(statement, [name, now])
        return names


async def own(mailbox: str, name: str, heard_until: datetime | None = None) -> bool:
    """Take a mailbox, or keep it; False while another living node has it."""
    values = [mailbox, name, heard_until]
    return bool(await get_connection(db.CONNECTION).execute_query_dict(_OWN, values))


async def heard_until() -> Mapping[str, datetime | None]:
    """By mailbox: everything that had arrived by then is in the spool, as its owner said last."""
    rows = await get_connection(db.CONNECTION).execute_query_dict(
        'SELECT "mailbox", "heard_until" FROM "mailbox_lease"'
    )
    return {row["mailbox"]: row["heard_until"] for row in rows}


async def any_lives() -> bool:
    """Whether there is a living node."""
    found = await get_connection(db.CONNECTION).execute_query_dict('SELECT 1 FROM "node" WHERE "until" > now() LIMIT 1')
    return bool(found)


async def leave(name: str, now: datetime) -> None:
    """End in order: others need not wait until we are taken for dead."""
    await get_connection(db.CONNECTION).execute_query(
        'UPDATE "node" SET "until" = \'-infinity\' WHERE "name" = $1', [name]
    )
    await free_what_the_dead_held(now)


class Node:
    """One process among the others."""

    def __init__(self, url: str, clock: Clock, name: str) -> None:
        self._url, self._clock, self.name = url, clock, name
        self.news = asyncio.Event()  # set by ours: others may have work
        self.ring: list[asyncio.Event] = []  # set by us: another node had news, or left something behind
        self.lost = asyncio.Event()  # set by us: attempts to send were lost

    async def live(self) -> None:
        """Signs of life, and what the dead left; until cancelled."""
        while True:
            try:
                await beat(self.name)
                dead = await free_what_the_dead_held(self._clock.now())
            except db.TROUBLE as failure:
                eventlog.error("node.store_failed", error=repr(failure))
                await asyncio.sleep(_PAUSE)
                continue
            for name in dead:
                eventlog.warning("node.dead", node=name)
            if dead:
                self.lost.set()
                self._ring()
            await asyncio.sleep(BEAT)

    def owning(
        self, mailbox: str, read: Callable[[], Awaitable[None]], heard: Callable[[], datetime | None]
    ) -> Callable[[], Awaitable[None]]:
        """The loop `read`, run only while the mailbox is ours; `heard` tells how far it has come."""

        async def loop() -> None:
            while True:
                if await self._owns(mailbox, None):
                    eventlog.event("node.owns", mailbox=mailbox)
                    await self._while_ours(mailbox, read, heard)
                    eventlog.warning("node.owns_no_more", mailbox=mailbox)
                await asyncio.sleep(BEAT)

        return loop

    async def _while_ours(
        self, mailbox: str, read: Callable[[], Awaitable[None]], heard: Callable[[], datetime | None]
    ) -> None:
        task = asyncio.ensure_future(read())
        try:
            while await self._owns(mailbox, heard()):
                await asyncio.wait({task}, timeout=BEAT)
                if task.done():
                    task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _owns(self, mailbox: str, heard: datetime | None) -> bool:
        """Asked until the database answers: without it nothing can be read anyway."""
        while True:
            try:
                return await own(mailbox, self.name, heard)
            except db.TROUBLE as failure:
                eventlog.error("node.store_failed", error=repr(failure))
                await asyncio.sleep(_PAUSE)

    async def talk(self) -> None:
        """News to others and from them (LISTEN, NOTIFY); until cancelled. Without it they find their work by looking."""
        while True:
            try:
                await self._talk()
            except db.TROUBLE as failure:
                eventlog.warning("node.no_news", error=repr(failure))
            await asyncio.sleep(_PAUSE)

    async def _talk(self) -> None:
        connection = await db.postgresql_connection(self._url)
        try:
            connection.add_termination_listener(lambda *_: self.news.set())
            await connection.add_listener(_CHANNEL, self._heard)
            self._ring()  # for what was told while we did not listen
            while not connection.is_closed():
                await self.news.wait()
                self.news.clear()
                await connection.execute("SELECT pg_notify($1, $2)", _CHANNEL, self.name)
                await asyncio.sleep(_SOON)
        finally:
            with suppress(*db.TROUBLE):
                await connection.close(timeout=2)

    def _heard(self, connection: Any, process: int, channel: str, told_by: str) -> None:
        del connection, process, channel
        if told_by != self.name:
            self._ring()

    def _ring(self) -> None:
        for event in self.ring:
            event.set()
