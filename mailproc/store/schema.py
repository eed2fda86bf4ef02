"""The schema of the database, and the steps it came by.

A step is an SQL file named `NNNN_what.DIALECT.sql`. Steps are applied in order, each in one transaction; none is changed
once released, and none is undone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources

from mailproc.crashpoints import reached
from mailproc.store.db import Connection, DatabaseError, deciding, transaction


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations(dialect: str) -> Sequence[Migration]:
    """All steps for a dialect, in order."""
    found = []
    suffix = f".{dialect}.sql"
    for file in resources.files("mailproc.store.migrations").iterdir():
        if file.name.endswith(suffix):
            number, _, name = file.name.removesuffix(suffix).partition("_")
            found.append(Migration(int(number), name, file.read_text(encoding="utf-8")))
    return sorted(found, key=lambda migration: migration.number)


_VERSION_TABLE = (
    'CREATE TABLE IF NOT EXISTS "schema_version" ("number" INT NOT NULL PRIMARY KEY, "name" VARCHAR(120) NOT NULL, '
    '"checksum" VARCHAR(64) NOT NULL, "applied_at" VARCHAR(40) NOT NULL)'
)


async def pending(connection: Connection) -> list[Migration]:
    """The steps this database still lacks. Raises DatabaseError when it has others than ours."""
    dialect = connection.capabilities.dialect.replace("postgres", "postgresql")
    await connection.execute_script(_VERSION_TABLE)
    rows = await connection.execute_query_dict('SELECT "number", "name", "checksum" FROM "schema_version"')
    applied = {row["number"]: row["checksum"] for row in rows}
    ours = {migration.number: migration for migration in migrations(dialect)}
    for number, checksum in applied.items():
        if number not in ours:
            raise DatabaseError(
                f"the database has schema step {number}, which this mailproc doesn't know: use a newer one"
            )
        if ours[number].checksum != checksum:
            raise DatabaseError(f"schema step {number} was changed after it was applied: the program is not intact")
    return [migration for number, migration in sorted(ours.items()) if number not in applied]


async def upgrade(connection: Connection, now: datetime) -> list[Migration]:
    """Apply what is missing, each step with its entry in one transaction. Returns the steps applied.

    On PostgreSQL all steps are one transaction: several nodes may start at once.
    """
    if connection.capabilities.dialect == "sqlite":
        return await _upgrade(connection, now)
    async with deciding():
        return await _upgrade(connection, now)


async def _upgrade(connection: Connection, now: datetime) -> list[Migration]:
    steps = await pending(connection)
    for step in steps:
        async with transaction() as tx:
            for statement in _statements(step.sql):
                await tx.execute_query(statement)
                reached("migrating")
            values = f"{step.number}, '{step.name}', '{step.checksum}', '{now.astimezone(UTC).isoformat()}'"
            await tx.execute_query(
                f'INSERT INTO "schema_version" ("number", "name", "checksum", "applied_at") VALUES ({values})'  # noqa: S608 - our own file names and digits
            )
    return steps


def _statements(sql: str) -> list[str]:
    lines = [line for line in sql.splitlines() if not line.lstrip().startswith("--")]
    return [statement.strip() for statement in "\n".join(lines).split(";\n") if statement.strip()]
