"""Tortoise's SQLite backend with transactions that take the write lock when they begin.

A deferred BEGIN that reads first and writes later fails with "database is locked" when another process has written
meanwhile, whatever the busy timeout. BEGIN IMMEDIATE waits its turn instead.
"""

from __future__ import annotations

from tortoise.backends.base.client import TransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper


class ImmediateTransaction(SqliteTransactionWrapper):
    async def begin(self) -> None:
        assert self._connection is not None
        await self._connection.commit()
        await self._connection.execute("BEGIN IMMEDIATE")


class ImmediateClient(SqliteClient):
    def _in_transaction(self) -> TransactionContext:
        return SqliteTransactionContext(ImmediateTransaction(self), self._lock)


client_class = ImmediateClient
