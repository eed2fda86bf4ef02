"""A PostgreSQL that refuses, breaks off or is set otherwise: it is waited for, and no mail is blamed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import asyncpg
import pytest

from mailproc.store import db, inbound, nodes
from tests.testlib.store import NOW, fresh_store, raw_mail, spooled

pytestmark = [
    pytest.mark.slow,
    pytest.mark.row("N23"),
    pytest.mark.parametrize("store_url", ["postgresql"], indirect=True),
]


@asynccontextmanager
async def other(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Another program on this database."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def told(url: str, setting: str) -> None:
    """What new connections to this database begin with."""
    async with other(url) as admin:
        await admin.execute("SET default_transaction_read_only = off")
        await admin.execute(f"ALTER DATABASE {urlsplit(url).path.strip('/')} SET {setting}")


async def test_a_server_that_takes_no_writes_is_waited_for(store_url: str, caplog: pytest.LogCaptureFixture) -> None:
    """As a standby, to which an address was switched."""
    async with fresh_store(store_url):
        await spooled(raw_mail(1))
    await told(store_url, "default_transaction_read_only = on")
    async with db.connected(store_url):
        for _ in range(2):
            with pytest.raises(db.AWAY):
                await inbound.claim(1, NOW)
    await told(store_url, "default_transaction_read_only = off")
    async with db.connected(store_url):
        assert len(await inbound.claim(1, NOW)) == 1
    assert not [record for record in caplog.records if record.name == "asyncio"]  # nothing is left open


@pytest.mark.parametrize(
    "trouble", ["disk_full", "io_error", "too_many_connections", "lock_not_available", "deadlock_detected"]
)
async def test_what_is_the_server_s_trouble_is_no_mail_s(store_url: str, trouble: str) -> None:
    async with fresh_store(store_url):
        with pytest.raises(db.AWAY):
            async with db.transaction() as tx:
                await tx.execute_query(f"DO $$ BEGIN RAISE {trouble}; END $$")


async def test_who_decides_sees_what_was_decided_before_whatever_the_database_is_told(store_url: str) -> None:
    async with fresh_store(store_url):
        pass
    await told(store_url, "default_transaction_isolation = 'repeatable read'")
    async with db.connected(store_url), db.deciding():
        assert not await nodes.any_lives()
        async with other(store_url) as another:
            await another.execute("INSERT INTO node (name, until) VALUES ('another', now() + interval '1 minute')")
        assert await nodes.any_lives()


class Line:
    """Between us and the server: passes on what both say, but not that the server hangs up."""

    def __init__(self, url: str) -> None:
        self._server = urlsplit(url)
        self.said = asyncio.Event()  # by the server

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        async with await asyncio.start_server(self._pass_on, "127.0.0.1") as server:
            port = server.sockets[0].getsockname()[1]
            yield self._server._replace(netloc=f"{self._server.username}@127.0.0.1:{port}").geturl()

    async def _pass_on(self, ours: asyncio.StreamReader, to_us: asyncio.StreamWriter) -> None:
        theirs, to_them = await asyncio.open_connection(self._server.hostname, self._server.port)
        answers = asyncio.create_task(self._answer(theirs, to_us))
        while said := await ours.read(1 << 16):
            to_them.write(said)
        await answers
        for writer in (to_us, to_them):
            writer.close()

    async def _answer(self, theirs: asyncio.StreamReader, to_us: asyncio.StreamWriter) -> None:
        while said := await theirs.read(1 << 16):
            to_us.write(said)
            self.said.set()


async def test_a_connection_whose_last_words_we_have_just_heard_is_one_that_is_gone(store_url: str) -> None:
    """The server ended it while we did something else; what we ask it next comes between its words and its end."""
    line = Line(store_url)
    async with line.open() as url, fresh_store(url):
        with pytest.raises(db.AWAY):
            async with db.transaction() as tx:
                _, rows = await tx.execute_query("SELECT pg_backend_pid() AS process")
                line.said.clear()
                async with other(store_url) as admin:
                    await admin.execute("SELECT pg_terminate_backend($1)", rows[0]["process"])
                await line.said.wait()
                await asyncio.sleep(0.05)  # they are read
        await spooled(raw_mail(1))
