"""The database: its schema, its steps, its locks, and that no question walks through a whole table."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient

from mailproc.core.message import Address
from mailproc.store import db, deadlines, history, inbound, outbox, tickets
from mailproc.store.db import DatabaseError, Migration
from mailproc.store.tickets import NewTicket
from tests.testlib.store import NOW, fresh_store

Schema = dict[str, Any]


def schema(path: Path) -> Schema:
    """Tables with their columns (type, required, default, key), uniques, indexes and references."""
    found: Schema = {}
    with sqlite3.connect(path) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            if table.startswith("sqlite_") or table == "schema_version":
                continue
            columns = connection.execute(f"PRAGMA table_info('{table}')").fetchall()
            indexes = connection.execute(f"PRAGMA index_list('{table}')").fetchall()
            references = connection.execute(f"PRAGMA foreign_key_list('{table}')").fetchall()
            found[table] = {
                "columns": {
                    name: (kind.upper(), required, default, key) for _, name, kind, required, default, key in columns
                },
                "indexes": {
                    (
                        unique,
                        name if origin == "c" else "",
                        tuple(row[2] for row in connection.execute(f"PRAGMA index_info('{name}')")),
                    )
                    for _, name, unique, origin, _ in indexes
                },
                "references": {(row[2], row[3], row[4], row[6]) for row in references},
            }
    connection.close()
    return found


async def test_the_steps_make_what_the_models_say(tmp_path: Path) -> None:
    async with fresh_store(tmp_path):
        pass
    made = tmp_path / "models.db"
    async with db.connected(f"sqlite:///{made}"):
        await Tortoise.generate_schemas()
    assert schema(tmp_path / "mailproc.db") == schema(made)


def test_both_dialects_have_the_same_tables() -> None:
    def plain(sql: str) -> str:
        for dialect, common in (
            (r'"id" SERIAL NOT NULL PRIMARY KEY', "ID"), (r'"id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL', "ID"),
            ("TIMESTAMPTZ", "TIMESTAMP"), ("BYTEA", "BLOB"), ("BOOL", "INT"), ("DEFAULT FALSE", "DEFAULT 0"),
        ):  # fmt: skip
            sql = sql.replace(dialect, common)
        return re.sub(r"\s+", " ", sql)

    sqlite, postgresql = db.migrations("sqlite"), db.migrations("postgresql")
    assert [(step.number, step.name) for step in sqlite] == [(step.number, step.name) for step in postgresql]
    for ours, theirs in zip(sqlite, postgresql, strict=True):
        assert plain(ours.sql) == plain(theirs.sql)


async def test_an_upgrade_repeated_does_nothing(tmp_path: Path) -> None:
    async with fresh_store(tmp_path) as connection:
        assert await db.upgrade(connection, NOW) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("INSERT INTO schema_version VALUES (999, 'future', 'x', 'now')", "999.*newer"),
        ("UPDATE schema_version SET checksum = 'other'", "step 1 was changed"),
    ],
)
async def test_a_schema_that_is_not_ours_is_refused(tmp_path: Path, change: str, told: str) -> None:
    async with fresh_store(tmp_path) as connection:
        await connection.execute_script(change)
        with pytest.raises(DatabaseError, match=told):
            await db.upgrade(connection, NOW)


async def test_an_interrupted_step_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Migration(2, "broken", "CREATE TABLE half (a INT);\nCREATE TABLE half (b INT);\n")
    whole = db.migrations
    monkeypatch.setattr(db, "migrations", lambda dialect: [*whole(dialect), broken])
    async with db.connected(f"sqlite:///{tmp_path}/mailproc.db") as connection:
        with pytest.raises(Exception, match="half"):
            await db.upgrade(connection, NOW)
        assert [step.number for step in await db.pending(connection)] == [2]
    assert "half" not in schema(tmp_path / "mailproc.db")


async def test_commits_are_on_disk_and_references_hold(tmp_path: Path) -> None:
    async with fresh_store(tmp_path) as connection:
        for name, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
            (row,) = await connection.execute_query_dict(f"PRAGMA {name}")
            assert row[name] == value


def test_a_second_writer_is_told_who_the_first_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/mailproc.db"
    with db.WriterLock(url), pytest.raises(DatabaseError, match=rf"process {os.getpid()}\b"), db.WriterLock(url):
        pass
    with db.WriterLock(url):
        pass


WRITER = """
import asyncio, sys
from mailproc.store import db
async def main():
    async with db.connected(sys.argv[1]) as connection:
        for _ in range(100):
            async with db.transaction() as tx:
                (row,) = await tx.execute_query_dict("SELECT n FROM counter")
                await tx.execute_query(f"UPDATE counter SET n = {row['n'] + 1}")
asyncio.run(main())
"""


async def test_two_processes_that_read_and_then_write_wait_for_each_other(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/mailproc.db"
    async with fresh_store(tmp_path) as connection:
        await connection.execute_script("CREATE TABLE counter (n INT); INSERT INTO counter VALUES (0)")
        writers = [
            await asyncio.create_subprocess_exec(sys.executable, "-c", WRITER, url, stderr=subprocess.PIPE)
            for _ in range(2)
        ]
        for writer in writers:
            assert (await writer.communicate())[1] == b""
        (row,) = await connection.execute_query_dict("SELECT n FROM counter")
        assert row["n"] == 200


async def filled(connection: BaseDBAsyncClient, waiting: int) -> None:
    """Thousands of rows, as after some months; some mails still wait."""
    person = await tickets.learn_person(Address("clara@customer.example"), "en", NOW)
    new = NewTicket("support", "support", "s", "key", person.id, "en", NOW, None, None)
    for _ in range(3):
        await tickets.open_ticket(new)
    moment = NOW.isoformat(sep=" ")
    numbers = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) INSERT INTO "
    for rest in (
        f"person SELECT i, 'p' || i || '@example.org', '', '', '', '', '{moment}' FROM n",
        f"""inbound_mail SELECT i, 'support', 'INBOX', 1, i, 9, 0, 'hash' || i, '{moment}', '{moment}',
            CASE WHEN i > {3000 - waiting} THEN 'stored' ELSE 'done' END, 1, '{moment}', '', '', NULL,
            i <= {3000 - waiting}, x'00' FROM n""",
        f"""ticket (id, customer_id, mailbox, team, subject, subject_key, status, outcome, owner, language, priority,
            created_at, updated_at, resolved_by, thread) SELECT i, i, 'support', 'support', 's', 'key' || (i % 50),
            CASE WHEN i % 10 THEN 'Closed' ELSE 'New' END, '', 'anna', 'en', 'P3', '{moment}', '{moment}', '', '' FROM n""",
        f"participant SELECT i, i, i, '{moment}' FROM n",
        f"ticket_message SELECT i, i, NULL, 'customer', 0, '', '', '', '', '[]', '{moment}' FROM n",
        "known_message_id SELECT i, i, 'digest' || i FROM n",
        f"history_entry SELECT i, i, '{moment}', 'mail', '', '', '', NULL, NULL FROM n",
        f"""outbox_mail SELECT i, 'key' || i, i, 'support', 'answer', 'human', '', '', '', 'digest' || i, '{moment}',
            NULL, 'sent', 1, 0, '{moment}', '', '{moment}', x'00' FROM n""",
        f"""deadline SELECT i, i, 'key' || i, 'reminder', 1, '{moment}', '{moment}',
            CASE WHEN i % 50 THEN '{moment}' ELSE NULL END, 0, '' FROM n""",
    ):  # fmt: skip
        await connection.execute_script(numbers + rest)
    await connection.execute_script("ANALYZE")


Question = Callable[[], Awaitable[object]]
QUESTIONS: dict[str, Question] = {
    "claim": lambda: inbound.claim(25, NOW),
    "unfiled": lambda: inbound.unfiled("support", 200),
    "oldest_waiting": inbound.oldest_waiting,
    "by_message_ids": lambda: tickets.by_message_ids(["<a@example.org>", "<b@example.org>"]),
    "by_subject": lambda: tickets.by_subject(70, "key20", NOW - timedelta(days=1)),
    "view": lambda: tickets.view(70),
    "said": lambda: tickets.said(70, 3),
    "find_person": lambda: tickets.find_person("p70@example.org"),
    "due": lambda: deadlines.due(NOW, 100),
    "next_due": deadlines.next_due,
    "cancel": lambda: deadlines.cancel(70, NOW, "why"),
    "of_ticket": lambda: history.of_ticket(70),
    "outbox by_message_id": lambda: outbox.by_message_id("<a@example.org>"),
    "outbox claim": lambda: outbox.claim("support", 10, NOW, NOW + timedelta(minutes=5)),
    "outbox next_due": lambda: outbox.next_due("support", NOW),
}


@pytest.mark.parametrize("waiting", [0, 20, 2500])
async def test_no_question_of_daily_work_walks_through_a_table(tmp_path: Path, waiting: int) -> None:
    async with fresh_store(tmp_path) as connection:
        await filled(connection, waiting)
    walks = []
    path = tmp_path / "mailproc.db"
    for name, ask in QUESTIONS.items():
        statements: list[str] = []
        async with db.connected(f"sqlite:///{path}") as connection:
            await connection.execute_query("SELECT 1")
            under: Any = connection
            await under._connection.set_trace_callback(statements.append)
            await ask()
            await under._connection.set_trace_callback(None)
        with sqlite3.connect(path) as plain:
            for sql in statements:
                if sql.startswith(("SELECT", "UPDATE")):
                    for *_, step in plain.execute(f"EXPLAIN QUERY PLAN {sql}").fetchall():
                        if step.startswith("SCAN") and "CONSTANT ROW" not in step:
                            walks.append(f"{name}: {step}: {sql[:150]}")
        plain.close()
        assert any(sql.startswith(("SELECT", "UPDATE")) for sql in statements), name
    assert walks == []
