"""Tortoise's SQLite backend, with transactions that take the write lock when they begin and are quick from then on.

A deferred BEGIN that reads first and writes later fails with "database is locked" when another process has written
meanwhile, whatever the busy timeout. BEGIN IMMEDIATE waits its turn instead.

What may wait, for a lock or for the disk (BEGIN, COMMIT, a statement outside a transaction), runs in its connection's
thread. A statement within a transaction waits for nothing and takes microseconds, less than it takes to wake a thread:
it runs in place.

Once SQLite has undone a transaction by itself, nothing more is written in it, and it can't be committed.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import aiosqlite
from tortoise.backends.base.client import NestedTransactionContext, TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
    translate_exceptions,
)
from tortoise.connection import get_connections
from tortoise.exceptions import DBConnectionError

# Kibibytes, below zero as SQLite wants them: what is read outside transactions is little, and found by index.
_READERS_CACHE = -2_000
_LARGE = 1 << 18  # bytes; values larger than that are written in the thread

#: What SQLite says of others, of the disk and of the file, whatever it was asked.
_AWAY = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)


def _named(error: sqlite3.OperationalError) -> Exception:
    code = getattr(error, "sqlite_errorcode", 0)  # Python's own have none
    return DBConnectionError(str(error)) if code & 0xFF in _AWAY else error


class _Database(sqlite3.Connection):
    """Tells what has nothing to do with what was asked from what has."""

    def execute(self, *asked: Any) -> sqlite3.Cursor:
        try:
            return super().execute(*asked)
        except sqlite3.OperationalError as error:
            raise _named(error) from None

    def executemany(self, *asked: Any) -> sqlite3.Cursor:
        try:
            return super().executemany(*asked)
        except sqlite3.OperationalError as error:
            raise _named(error) from None

    def commit(self) -> None:
        try:
            super().commit()
        except sqlite3.OperationalError as error:
            raise _named(error) from None


class ImmediateTransaction(SqliteTransactionWrapper):
    async def begin(self) -> None:
        assert self._connection is not None
        cast("ImmediateClient", self._parent).must_be_there()
        if self._database.in_transaction:  # one whose COMMIT was refused; asked first, as it wakes no thread
            await self._connection.rollback()
        await self._connection.execute("BEGIN IMMEDIATE")

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(ImmediateTransaction(self))

    @translate_exceptions
    async def execute_insert(self, query: str, values: list[Any]) -> int:
        return (await self._cursor(query, values)).lastrowid or 0

    @translate_exceptions
    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[dict[str, Any]]]:
        before = self._database.total_changes
        rows = (await self._cursor(query, values)).fetchall()
        return (self._database.total_changes - before) or len(rows), rows

    @translate_exceptions
    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        return list(map(dict, (await self._cursor(query, values)).fetchall()))

    @translate_exceptions
    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        self.log.debug("%s: %s", query, values)
        database = self._open_database
        if _large(value for row in values for value in row):
            await self._connection.executemany(query, values)
        else:
            database.executemany(query, values)

    async def savepoint(self) -> None:
        # Of several with one name the innermost is meant, and a statement SQLite knows is not parsed again.
        self._savepoint = "here"
        self._open_database.execute(f"SAVEPOINT {self._savepoint}")

    async def release_savepoint(self) -> None:
        self._open_database.execute(f"RELEASE {self._savepoint}")

    async def savepoint_rollback(self) -> None:
        self._open_database.execute(f"ROLLBACK TO {self._savepoint}")
        self._open_database.execute(f"RELEASE {self._savepoint}")

    async def commit(self) -> None:
        _ = self._open_database
        await super().commit()

    @property
    def _open_database(self) -> sqlite3.Connection:
        """The database, as long as this transaction is open.

        After some errors SQLite undoes all of it by itself (an I/O error, a full disk: sqlite.org/lang_transaction,
        "Response to errors"). What came after would be written without what came before, each statement for itself.
        """
        if not self._database.in_transaction:
            raise DBConnectionError("SQLite has undone the transaction")
        return self._database

    @property
    def _database(self) -> sqlite3.Connection:
        return self._connection._conn  # noqa: SLF001 - as Tortoise itself does

    async def _cursor(self, query: str, values: list[Any] | None) -> sqlite3.Cursor:
        self.log.debug("%s: %s", query, values)
        parameters, database = values or (), self._open_database
        if _large(parameters):
            return (await self._connection.execute(query, parameters))._cursor  # noqa: SLF001 - all of its answer is there
        return database.execute(query, parameters)


def _large(values: Iterable[Any]) -> bool:
    return sum(len(value) for value in values if isinstance(value, bytes)) > _LARGE


class _Transaction(SqliteTransactionContext):
    """Tortoise's, that gives the connection free again when it can't begin, or is cancelled while it waits to."""

    async def __aenter__(self) -> TransactionalDBClient:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:
            # The thread may begin all the same: what it is asked later is done later.
            undone = asyncio.ensure_future(self.connection._connection.rollback())  # noqa: SLF001 - as Tortoise does
            undone.add_done_callback(self._give_free)
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return cast("TransactionalDBClient", self.connection)

    def _give_free(self, undone: asyncio.Future[None]) -> None:
        undone.exception()  # there may have been nothing to undo
        self._trxlock.release()


class ImmediateClient(SqliteClient):
    """Two connections: one writes; the other reads meanwhile what is committed, and waits for nobody (WAL)."""

    def __init__(self, file_path: str, **options: Any) -> None:
        super().__init__(file_path, **options)
        self._reader: aiosqlite.Connection | None = None
        self._opening = asyncio.Lock()
        self._file: tuple[int, int] | None = None  # device and inode of what was opened

    async def create_connection(self, with_db: bool) -> None:  # noqa: ARG002 - a file is made when opened
        async with self._opening:
            if self._connection is None:
                self._connection = await self._opened(self.pragmas)
                self._file = _identity(self.filename)
            self._reader = self._reader or await self._opened({**self.pragmas, "cache_size": _READERS_CACHE})

    async def close(self) -> None:
        reader, self._reader = self._reader, None
        try:
            await super().close()
        finally:  # one that is left open has a thread, which keeps the process from ending
            if reader is not None:
                await reader.close()

    @translate_exceptions
    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[dict[str, Any]]]:
        if _only_reads(query):
            rows = await self._read(query, values)
            return len(rows), rows
        written: tuple[int, Sequence[dict[str, Any]]] = await super().execute_query(query, values)
        return written

    @translate_exceptions
    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        if _only_reads(query):
            return list(map(dict, await self._read(query, values)))
        written: list[dict[str, Any]] = await super().execute_query_dict(query, values)
        return written

    async def _read(self, query: str, values: list[Any] | None) -> Sequence[Any]:
        if self._reader is None:
            await self.create_connection(with_db=True)
        assert self._reader is not None
        self.log.debug("%s: %s", query, values)
        return list(await self._reader.execute_fetchall(query, values))

    def must_be_there(self) -> None:
        """Raises DBConnectionError where the file was deleted or another put in its place.

        SQLite itself looks only where it would make a rollback journal, which is never with a WAL.
        """
        if _identity(self.filename) != self._file:
            raise DBConnectionError(f"{self.filename} was deleted or replaced since it was opened: restart mailproc")

    async def _opened(self, pragmas: Mapping[str, Any]) -> aiosqlite.Connection:
        opened = await aiosqlite.connect(
            self.filename, isolation_level=None, check_same_thread=False, factory=_Database
        )
        opened.row_factory = sqlite3.Row
        try:
            for pragma, value in pragmas.items():
                await (await opened.execute(f"PRAGMA {pragma}={value}")).close()
        except BaseException:
            await opened.close()
            raise
        return opened

    def _in_transaction(self) -> TransactionContext:
        return _Transaction(ImmediateTransaction(self), self._lock)


def _identity(file: str) -> tuple[int, int] | None:
    try:
        there = os.stat(file)  # noqa: PTH116 - takes a third of the time, before each transaction
    except OSError:
        return None
    return there.st_dev, there.st_ino


def _only_reads(query: str) -> bool:
    return query.startswith("SELECT")


client_class = ImmediateClient
