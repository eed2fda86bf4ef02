"""`mailproc db upgrade|check|backup|copy`: the database itself."""

from __future__ import annotations

import argparse
from contextlib import nullcontext
from pathlib import Path

from mailproc.cli import opened, terminal
from mailproc.clock import SystemClock
from mailproc.store import copies, db, schema
from mailproc.store.db import DatabaseError


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    group = commands.add_parser("db", help="the database: schema, check, backup, move").add_subparsers(
        dest="what", required=True
    )
    group.add_parser("upgrade", help="apply the schema steps that are missing").set_defaults(run=upgrade)
    group.add_parser("check", help="is it whole?").set_defaults(run=check)
    backup = group.add_parser("backup", help="a checked copy in a new file, while the daemon runs")
    backup.add_argument("file", type=Path, help="a SQLite database, or what pg_restore takes")
    backup.set_defaults(run=make_backup)
    copy = group.add_parser("copy", help="move from SQLite to an empty PostgreSQL")
    copy.add_argument(
        "--to", required=True, metavar="URL", help="postgresql://USER@HOST/DATABASE; PGPASSWORD may hold the password"
    )
    copy.set_defaults(run=move)


async def upgrade(options: argparse.Namespace) -> int:
    url = opened.settings(options).store.url
    with db.in_words():
        async with db.connected(url) as connection:
            with _lock(url):
                steps = await schema.upgrade(connection, SystemClock().now())
    print("\n".join(f"applied step {step.number}: {step.name}" for step in steps) or "The schema is up to date.")
    return 0


async def check(options: argparse.Namespace) -> int:
    async with opened.database(options) as connection:
        found = await copies.problems(connection)
    if found:
        return terminal.fail("\n".join(found))
    print("The database is whole.")
    return 0


async def make_backup(options: argparse.Namespace) -> int:
    await copies.backup(opened.settings(options).store.url, options.file)
    print(f"{options.file}: {options.file.stat().st_size:,} bytes")
    return 0


async def move(options: argparse.Namespace) -> int:
    url = opened.settings(options).store.url
    if db.dialect_of(url) != "sqlite" or db.dialect_of(options.to) != "postgresql":
        raise DatabaseError("only from SQLite (store.url of the configuration) to PostgreSQL (--to)")
    with _lock(url):  # nobody writes meanwhile
        counted = await copies.copy(db.sqlite_path(url), options.to, SystemClock().now())
    print(terminal.table(("table", "rows"), list(counted.items()), stretch=0))
    print("Copied, and compared row by row. Now set store.url, and keep the old file until you are sure.")
    return 0


def _lock(url: str) -> db.WriterLock | nullcontext[None]:
    return db.WriterLock(url) if db.dialect_of(url) == "sqlite" else nullcontext()
