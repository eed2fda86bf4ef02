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
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient

from mailproc.core.budgets import Author, Budgets
from mailproc.core.message import Address
from mailproc.store import (
    budgets,
    db,
    deadlines,
    held,
    history,
    inbound,
    links,
    mentions,
    outbox,
    schema,
    sides,
    suppression,
    tickets,
)
from mailproc.store.db import DatabaseError
from mailproc.store.schema import Migration
from mailproc.store.tickets import NewTicket
from tests.testlib.plans import asked, plan
from tests.testlib.postgres import Postgres
from tests.testlib.store import NOW, fresh_store, on_both

Schema = dict[str, Any]


def tables(path: Path) -> Schema:
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


async def test_the_steps_make_what_the_models_say(tmp_path: Path, store_url: str) -> None:
    async with fresh_store(store_url):
        pass
    made = tmp_path / "models.db"
    async with db.connected(f"sqlite:///{made}"):
        await Tortoise.generate_schemas()
    assert tables(tmp_path / "mailproc.db") == tables(made)


_COLUMNS = """SELECT table_name, column_name, data_type, character_maximum_length, is_nullable,
    regexp_replace(column_default, '::.*', '') AS "default" FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> 'schema_version'"""
_INDEXES = """SELECT tablename, regexp_replace(indexdef, 'INDEX (\\w+_key\\w*|uid_\\w+) ', 'INDEX ') AS "index"
    FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'schema_version'"""
_REFERENCES = """SELECT conrelid::regclass::text AS "table", pg_get_constraintdef(oid) AS reference
    FROM pg_constraint WHERE contype = 'f'"""


async def postgresql_schema(connection: BaseDBAsyncClient) -> set[tuple[Any, ...]]:
    """Columns, indexes and references."""
    parts = [await connection.execute_query_dict(query) for query in (_COLUMNS, _INDEXES, _REFERENCES)]
    return {tuple(row.values()) for part in parts for row in part}


@pytest.mark.slow
async def test_the_steps_make_what_the_models_say_on_postgresql(postgresql: Postgres) -> None:
    ours, made = await postgresql.database(), await postgresql.empty_database()
    async with db.connected(ours) as connection:
        by_steps = await postgresql_schema(connection)
    async with db.connected(made) as connection:
        await Tortoise.generate_schemas()
        by_models = await postgresql_schema(connection)
    await postgresql.drop(ours)
    await postgresql.drop(made)
    assert by_steps == by_models


def test_both_dialects_have_the_same_tables() -> None:
    def plain(sql: str) -> str:
        for dialect, common in (
            (r'"id" SERIAL NOT NULL PRIMARY KEY', "ID"), (r'"id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL', "ID"),
            ("TIMESTAMPTZ", "TIMESTAMP"), ("BYTEA", "BLOB"), ("BOOL", "INT"), ("DEFAULT FALSE", "DEFAULT 0"),
        ):  # fmt: skip
            sql = sql.replace(dialect, common)
        return re.sub(r"\s+", " ", sql)

    sqlite, postgresql = schema.migrations("sqlite"), schema.migrations("postgresql")
    assert [(step.number, step.name) for step in sqlite] == [(step.number, step.name) for step in postgresql]
    for ours, theirs in zip(sqlite, postgresql, strict=True):
        assert plain(ours.sql) == plain(theirs.sql)


@on_both
async def test_an_upgrade_repeated_does_nothing(store_url: str) -> None:
    async with fresh_store(store_url) as connection:
        assert await schema.upgrade(connection, NOW) == []


@on_both
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("INSERT INTO schema_version VALUES (999, 'future', 'x', 'now')", "999.*newer"),
        ("UPDATE schema_version SET checksum = 'other'", "step 1 was changed"),
    ],
)
async def test_a_schema_that_is_not_ours_is_refused(store_url: str, change: str, told: str) -> None:
    async with fresh_store(store_url) as connection:
        await connection.execute_script(change)
        with pytest.raises(DatabaseError, match=told):
            await schema.upgrade(connection, NOW)


@on_both
@pytest.mark.row("C13")
async def test_an_interrupted_step_leaves_nothing(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Migration(2, "broken", "CREATE TABLE half (a INT);\nCREATE TABLE half (b INT);\n")
    whole = schema.migrations
    async with fresh_store(store_url) as connection:
        monkeypatch.setattr(schema, "migrations", lambda dialect: [*whole(dialect), broken])
        with pytest.raises(Exception, match="half"):
            await schema.upgrade(connection, NOW)
        assert [step.number for step in await schema.pending(connection)] == [2]
        with pytest.raises(Exception, match="half"):
            await connection.execute_query("SELECT * FROM half")


async def test_commits_are_on_disk_and_references_hold(tmp_path: Path) -> None:
    async with fresh_store(f"sqlite:///{tmp_path}/mailproc.db") as connection:
        for name, value in (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)):
            (row,) = await connection.execute_query_dict(f"PRAGMA {name}")
            assert row[name] == value


@pytest.mark.row("N13")
def test_a_second_writer_is_told_who_the_first_is(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/mailproc.db"
    with db.WriterLock(url), pytest.raises(DatabaseError, match=rf"process {os.getpid()}\b"), db.WriterLock(url):
        pass
    with db.WriterLock(url):
        pass


@pytest.mark.row("N13")
def test_a_second_writer_is_found_out_by_whatever_link_it_comes(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "mailproc.db")
    first, second = (f"sqlite:///{tmp_path}/{name}.db" for name in ("mailproc", "link"))
    with db.WriterLock(first), pytest.raises(DatabaseError, match="another mailproc works"), db.WriterLock(second):
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


@pytest.mark.row("C15")
@pytest.mark.slow
async def test_two_processes_that_read_and_then_write_wait_for_each_other(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/mailproc.db"
    async with fresh_store(f"sqlite:///{tmp_path}/mailproc.db") as connection:
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
    moment, blob = NOW.isoformat(sep=" "), "x'00'"
    if connection.capabilities.dialect != "sqlite":
        blob = "'\\x00'::bytea"
    for table, columns, values in (
        ("person", "id, address, written, name, language, time_zone, created_at",
            "i, 'p' || i || '@example.org', '', '', '', '', :now"),
        ("inbound_mail", ("id, mailbox, folder, uidvalidity, uid, size, content_hash, arrived_at, spooled_at, state, attempts, "
            "next_attempt_at, outcome, reason, filed, content"),
            (f"i, 'support', 'INBOX', 1, i, 9, 'hash' || i, :now, :now, CASE WHEN i > {3000 - waiting} THEN 'stored' "
            f"ELSE 'done' END, 1, :now, '', '', i <= {3000 - waiting}, {blob}")),
        ("ticket", ("id, customer_id, mailbox, team, subject, subject_key, status, outcome, owner, language, priority, "
            "created_at, updated_at, resolved_by, resolvers, thread"),
            ("i, i, 'support', 'support', 's', 'key' || (i % 50), CASE WHEN i % 10 = 0 THEN 'New' ELSE 'Closed' END, '', "
            "'anna', 'en', 'P3', :now, :now, '', '', ''")),
        ("automatic_letter", "id, at, address, domain, ticket_id, letter, stranger, held",
            "i, :now, 'p' || i || '@example.org', 'd' || (i % 50), i, 'acknowledgement', i % 2 = 0, i % 40 = 0"),
        ("participant", "id, person_id, ticket_id, added_at", "i, i, i, :now"),
        ("held_mail", "id, inbound_id, agent, ticket_id, note, held_at, until, asked_at",
            "i, i, 'agent' || (i % 50), i, i > 9999, :now, :now, CASE WHEN i % 2 = 0 THEN NULL ELSE :now END"),
        ("ticket_message", "id, ticket_id, kind, author, author_name, text, full_text, attachments, created_at",
            "i, i, 'customer', '', '', '', '', '[]', :now"),
        ("known_message_id", "id, ticket_id, digest", "i, i, 'digest' || i"),
        ("history_entry", "id, ticket_id, at, kind, actor, text, reason", "i, i, :now, 'mail', '', '', ''"),
        ("outbox_mail", ("id, key, ticket_id, mailbox, letter, mail_class, sender, recipient, message_id, message_digest, "
            "created_at, state, attempts, doubts, next_attempt_at, reply, sent_at"),
            ("i, 'key' || i, i, 'support', 'answer', 'human', '', '', '', 'digest' || i, :now, 'sent', 1, 0, :now, '', :now")),
        ("outbox_content", "id, content", f"i, {blob}"),
        ("ticket_link", "id, ticket_id, other_id, linked_at", "i, i, CASE WHEN i > 10 THEN i - 1 ELSE 10 END, :now"),
        ("side_conversation", "id, ticket_id, person_id, agent, thread, asked_at", "i, i, i, 'anna', '', :now"),
        ("deadline", "id, ticket_id, key, kind, round, set_at, due_at, done_at, note",
            "i, i, 'key' || i, 'reminder', 1, :now, :now, CASE WHEN i % 50 = 0 THEN NULL ELSE :now END, ''"),
    ):  # fmt: skip
        filling = values.replace(":now", f"CAST('{moment}' AS TIMESTAMPTZ)" if blob[0] == "'" else f"'{moment}'")
        numbers = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
        await connection.execute_script(f"INSERT INTO {table} ({columns}) {numbers} SELECT {filling} FROM n")
    await connection.execute_script("ANALYZE")


Question = Callable[[], Awaitable[object]]
QUESTIONS: dict[str, Question] = {
    "claim": lambda: inbound.claim(25, NOW),
    "unfiled": lambda: inbound.unfiled("support", 200),
    "oldest_waiting": inbound.oldest_waiting,
    "by_message_ids": lambda: tickets.by_message_ids(["<a@example.org>", "<b@example.org>"]),
    "awaiting": lambda: tickets.awaiting(["<a@example.org>", "<b@example.org>"]),
    "by_subject": lambda: tickets.by_subject(["p70@example.org", "p71@example.org"], "key20", NOW - timedelta(days=1)),
    "begun_by_answers": lambda: tickets.begun_by_answers(["p70@example.org"], "key20", NOW - timedelta(days=1)),
    "await_ids": lambda: tickets.await_ids(70, ["<a@example.org>"]),
    "view": lambda: tickets.view(70),
    "said": lambda: tickets.said(70, 3),
    "find_person": lambda: tickets.find_person("p70@example.org"),
    "due": lambda: deadlines.due(NOW, 100),
    "due, a mailbox deaf": lambda: deadlines.due(NOW, 100, ("sales",)),
    "next_due": deadlines.next_due,
    "cancel": lambda: deadlines.cancel(70, NOW, "why", ["snooze"], "anna"),
    "links of_ticket": lambda: links.of_ticket(70),
    "linked tickets": lambda: links.linked(70, 5),
    "links remove": lambda: links.remove(70, 71),
    "remove_copied": lambda: tickets.remove_copied(70, 71),
    "living": lambda: tickets.living(70),
    "family": lambda: tickets.family(70),
    "said_by_customer": lambda: tickets.said_by_customer(70),
    "of_ticket": lambda: history.of_ticket(70),
    "suppressed": lambda: suppression.suppressed(["p70@example.org"], NOW),
    "last_asked": lambda: held.last_asked("anna"),
    "earlier tickets of a customer": lambda: tickets.earlier(1, 2, 3),
    "unasked": lambda: held.unasked("anna", NOW),
    "find held": lambda: held.find(70),
    "find a side conversation": lambda: sides.find(70),
    "what a third party said last": lambda: sides.last_said([70, 71], None),
    "what one of them said last": lambda: sides.last_said([70, 71], 70),
    "what one of them had said by then": lambda: sides.last_said([70, 71], 70, NOW),
    **{
        f"budgets spent, {author}": partial(budgets.Books(Budgets()).spent, "p70@example.org", 70, author, NOW)
        for author in Author
    },
    "budgets told": lambda: budgets.told(70, "anna@acme.example", Budgets().agent, NOW),
    "budgets says_again": lambda: budgets.says_again(70, "anna", "words", NOW),
    "what was said since": lambda: mentions.said_after([70, 71], NOW, "anna"),
    "whose tickets were turned over": lambda: mentions.turned_over([70, 71], NOW, "anna"),
    "named on a ticket": lambda: mentions.named(70, ["p70@example.org"]),
    "tickets of others": lambda: mentions.of_others([70, 71], 1),
    "budgets answered": lambda: budgets.answered(["p70@example.org"]),
    "budgets stopped_since": lambda: budgets.stopped_since(NOW),
    "budgets breaker": lambda: budgets.breaker(["support"]),
    "opened_since": lambda: tickets.opened_since(70, NOW, 20, proven=False),
    "outbox by_message_id": lambda: outbox.by_message_id("<a@example.org>"),
    "outbox claim": lambda: outbox.claim("support", 10, NOW, NOW + timedelta(minutes=5)),
    "outbox next_due": lambda: outbox.next_due("support", NOW),
}


@on_both
async def test_a_person_s_many_letters_are_not_looked_through_for_one_that_was_answered(store_url: str) -> None:
    async with fresh_store(store_url) as connection:
        await filled(connection, 0)
        with asked() as questions:
            await QUESTIONS["budgets spent, untold"]()
        used = [(await plan(connection, question)).indexes for question in questions]
    assert "automatic_letter_answered" in frozenset().union(*used)


@on_both
@pytest.mark.parametrize("waiting", [0, 20, 2500])
async def test_no_question_of_daily_work_walks_through_a_table(store_url: str, waiting: int) -> None:
    if waiting == 2500 and not store_url.startswith("sqlite"):
        waiting = 400  # where nearly all rows wait, PostgreSQL rightly goes by their number alone
    walks = []
    async with fresh_store(store_url) as connection:
        await filled(connection, waiting)
        for name, ask in QUESTIONS.items():
            with asked() as questions:
                await ask()
            assert questions, name
            for question in questions:
                walks += [f"{name}: {step}: {question.sql[:150]}" for step in (await plan(connection, question)).walks]
    assert walks == []
