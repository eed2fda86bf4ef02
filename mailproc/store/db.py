"""The database: opening it, transactions, and one writing process."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tortoise import Tortoise
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.exceptions import DBConnectionError, OperationalError, TransactionManagementError
from tortoise.transactions import in_transaction

from mailproc.committed import committing

try:
    from asyncpg import InterfaceError, InternalClientError, PostgresError
    from asyncpg.exceptions import (
        DiskFullError,
        LockNotAvailableError,
        OperatorInterventionError,
        PostgresConnectionError,
        PostgresSystemError,
        TooManyConnectionsError,
        TransactionRollbackError,
    )

    _POSTGRESQL_TROUBLE: tuple[type[Exception], ...] = (PostgresError, InterfaceError, InternalClientError)
    _POSTGRESQL_AWAY: tuple[type[Exception], ...] = (
        InterfaceError,
        InternalClientError,  # asked between the last words of a connection and its end
        PostgresConnectionError,
        OperatorInterventionError,
        PostgresSystemError,
        DiskFullError,
        TooManyConnectionsError,
        LockNotAvailableError,
        TransactionRollbackError,  # a deadlock, say
    )
except ImportError:  # an extra: SQLite needs none of it
    _POSTGRESQL_TROUBLE = _POSTGRESQL_AWAY = ()

CONNECTION = "default"
Connection = BaseDBAsyncClient

#: What a database that can't be used raises: locked for long, damaged, read-only, away.
TROUBLE: tuple[type[Exception], ...] = (
    OperationalError,
    DBConnectionError,
    TransactionManagementError,
    sqlite3.Error,
    OSError,
    *_POSTGRESQL_TROUBLE,
)
#: The part of it that has nothing to do with what was asked: the server is not there, takes no writes
#: (TransactionManagementError), has no room, or others hold what we need.
AWAY: tuple[type[Exception], ...] = (DBConnectionError, TransactionManagementError, OSError, *_POSTGRESQL_AWAY)
_CACHE = 16_000  # kibibytes that the writing connection holds: a batch of mails and the upper pages of all indexes
_LARGEST_WAL = 16_000_000  # bytes that SQLite keeps of its log once everything in it is in the database
_DECIDING = 0x6D61696C  # advisory lock, one for all nodes of a database


class DatabaseError(Exception):
    """The database cannot be used; the message says why and what to do."""


@contextmanager
def in_words() -> Iterator[None]:
    """Trouble with the database ends what is done here, and is told as a DatabaseError."""
    try:
        yield
    except TROUBLE as error:
        raise DatabaseError(f"store.url: the database can't be used: {error}") from None


def dialect_of(url: str) -> str:
    """`sqlite` or `postgresql`. Raises DatabaseError for anything else."""
    scheme = urlsplit(url).scheme
    if scheme == "sqlite":
        return "sqlite"
    if scheme in {"postgres", "postgresql", "asyncpg"}:
        return "postgresql"
    raise DatabaseError(f"store.url: {scheme or 'no scheme'} is not a database we know; use sqlite:// or postgresql://")


def sqlite_path(url: str) -> Path:
    """The file a `sqlite://` address names: `sqlite:///absolute` or `sqlite://relative`."""
    return Path(url.removeprefix("sqlite://").partition("?")[0])


def configuration(url: str) -> dict[str, Any]:
    """What Tortoise needs to know to reach this database; nothing is connected yet."""
    connection: dict[str, Any]
    if dialect_of(url) == "sqlite":
        credentials = {"file_path": str(sqlite_path(url)), "journal_mode": "WAL", "synchronous": "FULL"}
        # A long reader, such as a backup, lets the WAL grow; without the limit its file would stay as long for ever.
        credentials |= {"busy_timeout": 5000, "foreign_keys": "ON", "journal_size_limit": _LARGEST_WAL}  # type: ignore[dict-item] # PRAGMA values
        # The journal of a savepoint would be a file, with people's mail in it, in the system's folder for such.
        credentials |= {"temp_store": "MEMORY", "cache_size": -_CACHE}  # type: ignore[dict-item] # PRAGMA values
        connection = {"engine": "mailproc.store.sqlite", "credentials": credentials}
    else:
        connection = expand_db_url("asyncpg" + url[url.index("://") :]) | {"engine": "mailproc.store.postgresql"}
    return {
        "connections": {CONNECTION: connection},
        "apps": {"models": {"models": ["mailproc.store.models"], "default_connection": CONNECTION}},
        "use_tz": True,
        "timezone": "UTC",
    }


def _make_sure_of(path: Path) -> None:
    """Says of a SQLite file what SQLite would not. A new one is for this account alone: it will hold people's mail."""
    try:
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except FileNotFoundError:
        raise DatabaseError(f"store.url: the folder {path.parent} does not exist; create it or name another") from None
    except OSError as error:
        raise DatabaseError(f"store.url: the database can't be opened: {path}: {error.strerror}") from None
    beside = path.resolve().parent  # of a link: where it leads to. The log is made there
    if not (os.access(path, os.R_OK | os.W_OK) and os.access(beside, os.W_OK)):
        raise DatabaseError(
            f"store.url: the database can't be opened: {path} and its folder can't be written to.\n"
            "  Run this as root or as the daemon's account, and look whether the disk is read-only."
        )


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[BaseDBAsyncClient]:
    """Tortoise on this database, for as long as the block lasts. The schema is not looked at."""
    if dialect_of(url) == "sqlite":
        _make_sure_of(sqlite_path(url))
    EXECUTOR_CACHE.clear()  # prepared for the database opened before, whose placeholders may be others
    await Tortoise.init(config=configuration(url))
    try:
        connection = get_connection(CONNECTION)
        try:
            await connection.execute_query("SELECT 1")
        except TROUBLE as error:
            raise DatabaseError(f"store.url: the database can't be opened: {error}") from None
        yield connection
    finally:
        await Tortoise.close_connections()


@asynccontextmanager
async def transaction() -> AsyncIterator[BaseDBAsyncClient]:
    """The one way to write: nested ones are savepoints. What is told meanwhile is told when it is committed."""
    with committing():
        async with in_transaction(CONNECTION) as opened:
            yield opened


@asynccontextmanager
async def deciding() -> AsyncIterator[None]:
    """A transaction in which tickets are decided on, one at a time over all processes.

    SQLite gives that to every transaction. On PostgreSQL it is a lock that ends with the transaction; a process that
    is stopped meanwhile loses both (see `store.postgresql`).
    """
    async with transaction() as tx:
        if tx.capabilities.dialect == "postgres":
            await tx.execute_query(f"SELECT pg_advisory_xact_lock({_DECIDING})")
        yield


async def postgresql_connection(url: str) -> Any:
    """A connection of one's own, outside the pool. Raises one of TROUBLE."""
    import asyncpg

    known = configuration(url)["connections"][CONNECTION]["credentials"]
    names = ("host", "port", "user", "password", "database", "ssl")
    return await asyncpg.connect(timeout=10, **{name: known[name] for name in names if known.get(name) is not None})


class WriterLock:
    """One writing process per SQLite file: held by the daemon while it lives (flock, freed by the kernel)."""

    def __init__(self, url: str) -> None:
        path = sqlite_path(url).resolve()  # one lock, by whatever link the file is named
        self._path = path.with_name(path.name + ".lock")
        self._file: int | None = None

    def __enter__(self) -> None:
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(file, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(file)
            raise DatabaseError(
                f"another mailproc works on this database (process {holder}, lock {self._path}). "
                "Stop it first, or give this one a database of its own."
            ) from None
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file

    def is_held(self) -> bool:
        """Whether some process holds it; asking takes nothing from anyone."""
        try:
            file = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(file)
        return False

    def __exit__(self, *exc: object) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
