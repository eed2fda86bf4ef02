"""What commands need opened: the configuration, and the database as the daemon left it."""

from __future__ import annotations

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from mailproc.settings import Settings, load
from mailproc.store import db, schema

DEFAULT_FILE = Path("/etc/mailproc/mailproc.toml")


def settings(options: argparse.Namespace) -> Settings:
    """The configuration named by -c. Raises ConfigurationError."""
    return load(options.config)


@asynccontextmanager
async def database(options: argparse.Namespace) -> AsyncIterator[db.Connection]:
    """The database of the configuration. Raises DatabaseError when it isn't there or its schema is another one."""
    url = settings(options).store.url
    if db.dialect_of(url) == "sqlite" and not db.sqlite_path(url).is_file():
        raise db.DatabaseError(f"{db.sqlite_path(url)}: there is no database yet; `mailproc run` makes it.")
    with db.in_words():
        async with db.connected(url) as connection:
            waiting = await schema.pending(connection)
            if waiting:
                raise db.DatabaseError(f"the database lacks {len(waiting)} schema steps; `mailproc run` applies them.")
            yield connection
