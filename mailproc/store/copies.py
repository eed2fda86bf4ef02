"""Copies of the whole database: a backup of a running one, and the move from SQLite to PostgreSQL."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tortoise.backends.base.client import BaseDBAsyncClient

from mailproc.store import db, schema
from mailproc.store.db import DatabaseError

#: Everything worth moving, referenced tables first. Nodes, their mailboxes and what they find live with their database.
TABLES = (
    "folder_state", "inbound_mail", "person", "ticket", "participant", "ticket_message", "known_message_id",
    "history_entry", "outbox_mail", "outbox_content", "deadline", "rating", "held_mail", "suppressed_address",
    "automatic_letter", "stopped_letter", "ticket_link", "side_conversation", "agent_action", "agent_state",
    "muted_ticket", "digest",
)  # fmt: skip
_NUMBERED_BY_ANOTHER = frozenset({"outbox_content"})
_WITHOUT_CONTENT = (
    'SELECT "id" FROM "outbox_mail" WHERE NOT EXISTS '
    '(SELECT 1 FROM "outbox_content" WHERE "outbox_content"."id" = "outbox_mail"."id") LIMIT 100'
)
_BATCH_ROWS, _BATCH_BYTES = 500, 8_000_000  # held in memory at once
Row = tuple[Any, ...]


async def backup(url: str, target: Path) -> None:
    """A consistent copy of the database in a new file, checked, while others go on working with it.

    SQLite: a database file. PostgreSQL: what `pg_restore` takes. Raises DatabaseError; then there is no file.
    """
    if await asyncio.to_thread(target.exists):
        raise DatabaseError(f"{target} exists already; a backup replaces nothing")
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))  # other people's mail
        if db.dialect_of(url) == "sqlite":
            await asyncio.to_thread(_copy_file, db.sqlite_path(url), unfinished)
        else:
            await _dump(url, unfinished)
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.rename(target)
    except (OSError, sqlite3.Error) as error:
        place = f"{target.parent}: {error.strerror}" if isinstance(error, OSError) else error
        raise DatabaseError(f"the backup could not be made: {place}") from None
    finally:
        unfinished.unlink(missing_ok=True)


def _copy_file(source: Path, target: Path) -> None:
    with closing(_read_only(source)) as whole, closing(sqlite3.connect(target)) as copy:
        whole.backup(copy, pages=1000, sleep=0.01)
        copy.execute("PRAGMA journal_mode = DELETE")  # one file, that can be moved
        (answer,) = copy.execute("PRAGMA integrity_check").fetchone()
    if answer != "ok":
        raise DatabaseError(f"the copy is damaged, and so may be {source}: {answer}")


async def _dump(url: str, target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise DatabaseError("pg_dump is not here: install PostgreSQL's client programs (postgresql-client)")
    known = db.configuration(url)["connections"][db.CONNECTION]["credentials"]
    places = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "database"}
    # By the environment: what stands on a command line can be read by everyone on the machine.
    environment = os.environ | {name: str(known[key]) for name, key in places.items() if known.get(key) is not None}
    process = await asyncio.create_subprocess_exec(
        program, "--format=custom", "--no-password", f"--file={target}",
        env=environment, stdin=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, words = await process.communicate()
    if process.returncode:
        raise DatabaseError(f"pg_dump failed: {words.decode(errors='replace').strip()}")


async def problems(connection: BaseDBAsyncClient) -> list[str]:
    """What is wrong with a database; empty when nothing is."""
    found = [f"schema step {step.number} ({step.name}) is missing" for step in await schema.pending(connection)]
    if found:
        return found
    empty = await connection.execute_query_dict(_WITHOUT_CONTENT)
    found = [f"outbox_mail {row['id']}: has no content, and holds up what comes after it" for row in empty]
    if connection.capabilities.dialect == "sqlite":
        rows = await connection.execute_query_dict("PRAGMA integrity_check")
        found += [str(row["integrity_check"]) for row in rows if row["integrity_check"] != "ok"]
        broken = await connection.execute_query_dict("PRAGMA foreign_key_check")
        return found + [f"{row['table']} {row['rowid']}: refers to nothing" for row in broken]
    for table in (each for each in TABLES if each not in _NUMBERED_BY_ANOTHER):
        (row,) = await connection.execute_query_dict(
            f'SELECT (SELECT max("id") FROM "{table}") AS most, "last_value" AS given FROM "{table}_id_seq"'  # noqa: S608 - our names
        )
        if row["most"] is not None and row["most"] > row["given"]:
            found.append(f"{table}: the next number given would be {row['given'] + 1}, and {row['most']} is taken")
    return found


async def copy(source: Path, target: str, now: datetime) -> Mapping[str, int]:
    """Move everything from SQLite to an empty PostgreSQL, in one transaction; rows by table.

    Numbers and hashes of all rows are compared before it is committed. Raises DatabaseError; then nothing was copied.
    """
    with closing(_read_only(source)) as old:
        _must_be_whole(old, source)
        try:
            async with db.connected(target) as connection:
                await schema.upgrade(connection, now)
            new = await db.postgresql_connection(target)
            try:
                async with new.transaction():
                    return {table: await _copy_table(old, new, table) for table in TABLES}
            finally:
                await new.close()
        except db.TROUBLE as error:
            raise DatabaseError(f"nothing was copied: {error}") from None


def _read_only(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise DatabaseError(f"{path}: there is no database")
    return sqlite3.connect(f"file://{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=10)


def _must_be_whole(old: sqlite3.Connection, source: Path) -> None:
    try:
        applied = dict(old.execute('SELECT "number", "checksum" FROM "schema_version"').fetchall())
    except sqlite3.Error as error:
        raise DatabaseError(f"{source}: {error}") from None
    if applied != {step.number: step.checksum for step in schema.migrations("sqlite")}:
        raise DatabaseError(f"{source} has another schema than this mailproc: `mailproc db upgrade` comes first")


async def _copy_table(old: sqlite3.Connection, new: Any, table: str) -> int:
    query = "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1"
    kinds = {row["column_name"]: row["data_type"] for row in await new.fetch(query, table)}
    if await new.fetchval(f'SELECT EXISTS (SELECT 1 FROM "{table}")'):  # noqa: S608 - our names
        raise DatabaseError(f"the target is not empty: there are rows in {table}; nothing was copied")
    names = sorted(kinds)
    count, before = 0, hashlib.sha256()
    for batch in _batches(_rows(old, table, names, kinds)):
        await new.copy_records_to_table(table, records=batch, columns=names)
        count += len(batch)
        for row in batch:
            before.update(_fingerprint(row))
    after, found = hashlib.sha256(), 0
    async for row in _there(new, table, names):
        after.update(_fingerprint(row))
        found += 1
    if (count, before.digest()) != (found, after.digest()):
        raise DatabaseError(f"{table}: {count} rows were sent, and {found}, or others, arrived; nothing was copied")
    await _set_sequence(old, new, table)
    return count


def _rows(old: sqlite3.Connection, table: str, names: Sequence[str], kinds: Mapping[str, str]) -> Iterator[Row]:
    columns = ", ".join(f'"{name}"' for name in names)
    for row in old.execute(f'SELECT {columns} FROM "{table}" ORDER BY "id"'):  # noqa: S608 - our names
        yield tuple(_value(value, kinds[name]) for name, value in zip(names, row, strict=True))


def _value(value: Any, kind: str) -> Any:
    """As PostgreSQL has it. It takes no NUL in text, which no letter needs."""
    if value is None:
        return None
    if kind == "boolean":
        return bool(value)
    if kind == "timestamp with time zone":
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if len(batch) >= _BATCH_ROWS or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


async def _there(new: Any, table: str, names: Sequence[str]) -> AsyncIterator[Row]:
    columns = ", ".join(f'"{name}"' for name in names)
    async for row in new.cursor(f'SELECT {columns} FROM "{table}" ORDER BY "id"', prefetch=50):  # noqa: S608 - our names
        yield tuple(row)


def _fingerprint(row: Row) -> bytes:
    return repr([value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value for value in row]).encode(
        errors="surrogatepass"
    )


async def _set_sequence(old: sqlite3.Connection, new: Any, table: str) -> None:
    """Numbers go on where they were: a ticket's number is never given twice."""
    given = None
    with suppress(sqlite3.Error):  # there is no such table before the first row
        given = old.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    if given and given[0]:
        await new.execute(f"SELECT setval('{table}_id_seq', $1)", given[0])
