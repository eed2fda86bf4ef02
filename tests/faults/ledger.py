"""What stands in the database of a daemon that runs, read beside it."""

from __future__ import annotations

import sqlite3
from typing import Any

from mailproc.store import db

Row = dict[str, Any]

_UNREST = (
    "SELECT (SELECT count(*) FROM inbound_mail) AS mails, "
    "(SELECT count(*) FROM inbound_mail WHERE state = 'stored' OR NOT filed) AS inbound, "
    "(SELECT count(*) FROM outbox_mail WHERE state IN ('queued', 'sending', 'retry')) AS outbox, "
    "(SELECT count(*) FROM outbox_mail WHERE copy_due_at IS NOT NULL) AS copies, "
    "(SELECT count(*) FROM deadline WHERE done_at IS NULL) AS deadlines"
)


class Ledger:
    """One database, by its URL."""

    def __init__(self, url: str) -> None:
        self.url = url

    async def rows(self, statement: str) -> list[Row]:
        """The answer to a SELECT. Raises one of `db.TROUBLE` while there is no schema."""
        if db.dialect_of(self.url) == "sqlite":
            database = sqlite3.connect(f"file:{db.sqlite_path(self.url)}?mode=ro", uri=True, timeout=5)
            try:
                database.row_factory = sqlite3.Row
                return [dict(row) for row in database.execute(statement)]
            finally:
                database.close()
        connection = await db.postgresql_connection(self.url)
        try:
            return [dict(row) for row in await connection.fetch(statement)]
        finally:
            await connection.close()

    async def unrest(self) -> Row | None:
        """How many mails there are, and how many of each kind still have something before them; None without tables."""
        try:
            return (await self.rows(_UNREST))[0]
        except db.TROUBLE:
            return None

    async def letter(self, recipient: str, letter: str, customer: str) -> bytes | None:
        """The bytes of a letter we wrote to someone about a customer's ticket."""
        found = await self.rows(
            "SELECT content FROM outbox_mail JOIN outbox_content USING (id) WHERE ticket_id = (SELECT min(ticket.id) FROM ticket JOIN person "
            f"ON person.id = customer_id WHERE person.address = '{customer}') "
            f"AND recipient = '{recipient}' AND letter = '{letter}' ORDER BY id LIMIT 1"
        )
        return bytes(found[0]["content"]) if found else None
