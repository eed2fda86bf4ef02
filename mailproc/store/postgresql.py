"""Tortoise's asyncpg backend, made to outlive a server that goes away, and never to hold others up for long.

A transaction that can't even begin gives its connection back and is not taken for the current one: Tortoise forgets
both, and after five such failures the pool is empty for ever.
"""

from __future__ import annotations

from typing import Any

from asyncpg import Connection
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionalDBClient, TransactionContext, TransactionContextPooled

#: Of every connection. A node that was stopped, or whose machine is gone, loses its transaction, and others go on.
SERVER_SETTINGS = {
    "application_name": "mailproc",
    # Who waited for its turn to decide sees what was decided meanwhile, whatever the database or the role is set to.
    "default_transaction_isolation": "read committed",
    "lock_timeout": "30s",
    "idle_in_transaction_session_timeout": "30s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
_STATEMENTS = 300  # that a connection keeps ready: as many as we have, with their lists of several lengths
COMMAND_SECONDS = 60.0  # a server that says nothing for so long is gone


class PlainConnection(Connection):  # type: ignore[misc] # asyncpg has no types
    """A connection that needs no tidying: whatever we set is set for one transaction only. Saves a round trip each."""

    def get_reset_query(self) -> str:
        return ""


class _Transaction(TransactionContextPooled):
    __slots__ = ()

    async def __aenter__(self) -> TransactionalDBClient:
        try:
            return await super().__aenter__()
        except BaseException as failure:
            if hasattr(self, "token"):  # it got as far as being the current one
                self.client._finalized = True  # noqa: SLF001 - nothing to roll back, and no public way to say so
                await self.__aexit__(type(failure), failure, None)
            raise

    async def __aexit__(self, kind: type[BaseException] | None, failure: object, trace: object) -> None:
        # What failed is rolled back: Tortoise leaves it open where the server takes no writes.
        await super().__aexit__(kind and BaseException, failure, trace)


class PostgresqlClient(AsyncpgDBClient):
    """The pool."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        defaults: dict[str, Any] = {
            "command_timeout": COMMAND_SECONDS,
            "timeout": 10.0,
            "statement_cache_size": _STATEMENTS,
            "connection_class": PlainConnection,
        }
        # None is kept ready: asyncpg's own restoring of them shouts a traceback a second while the server is away.
        defaults |= {"minsize": 0, "maxsize": 10}
        settings = {**SERVER_SETTINGS, **(options.pop("server_settings", None) or {})}
        super().__init__(*arguments, **(defaults | options), server_settings=settings)

    def _in_transaction(self) -> TransactionContext:
        return _Transaction(TransactionWrapper(self), self._pool_init_lock)


client_class = PostgresqlClient
