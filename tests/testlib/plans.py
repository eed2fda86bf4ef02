"""What the database is asked, and the way it goes for an answer: by index, or through a whole table."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient

_LOG = logging.getLogger("tortoise.db_client")


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement that reads."""

    sql: str
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """How the database would answer."""

    walks: tuple[str, ...]  # steps that look at every row
    indexes: frozenset[str]


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[Asked] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.msg == "%s: %s" and isinstance(record.args, tuple):
            sql, values = record.args
            if str(sql).startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
                rows = values if isinstance(values, list | tuple) and values else ()
                one = rows[0] if rows and isinstance(rows[0], list | tuple) else rows
                self.heard.append(Asked(str(sql), tuple(one)))


@contextmanager
def asked() -> Iterator[list[Asked]]:
    """Every statement that reads, sent inside the block."""
    listener, level = _Listener(), _LOG.level
    _LOG.addHandler(listener)
    _LOG.setLevel(logging.DEBUG)
    try:
        yield listener.heard
    finally:
        _LOG.removeHandler(listener)
        _LOG.setLevel(level)


async def plan(connection: BaseDBAsyncClient, question: Asked) -> Plan:
    """How it is answered; on PostgreSQL with tables walked through only where there is no other way."""
    if connection.capabilities.dialect == "sqlite":
        rows = await connection.execute_query_dict(f"EXPLAIN QUERY PLAN {question.sql}", list(question.values))
        steps = [row["detail"] for row in rows]
        walks = [step for step in steps if step.startswith("SCAN") and "CONSTANT ROW" not in step]
        return Plan(tuple(walks), frozenset(re.findall(r"USING (?:COVERING )?INDEX (\w+)", "\n".join(steps))))
    async with connection.acquire_connection() as driver:
        await driver.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        rows = await driver.fetch(f"EXPLAIN {question.sql}", *question.values)
        await driver.execute("RESET enable_seqscan; RESET enable_bitmapscan")
    steps = [row[0] for row in rows]
    walks = [step for step in steps if "Seq Scan" in step]
    for step, below in zip(steps, [*steps[1:], ""], strict=True):
        if re.search(r"Index (Only )?Scan", step) and "Index Cond" not in below:
            walks.append(step)
    return Plan(
        tuple(walks), frozenset(re.findall(r"Index (?:Only )?Scan (?:Backward )?using (\w+)", "\n".join(steps)))
    )
