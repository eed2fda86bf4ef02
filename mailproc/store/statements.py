"""The hot statements, their text made once: making it anew from a model takes longer than the database needs for it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain, count
from typing import Any

from tortoise.connection import get_connection
from tortoise.fields.base import Field
from tortoise.models import Model

from mailproc.store.db import CONNECTION


async def fetched(text: str, *values: Any) -> list[tuple[Any, ...]]:
    """The rows of a statement written with `?` for values, in the open transaction if there is one.

    Datetimes come as the database has them, SQLite keeps text: see `moment`.
    """
    connection = get_connection(CONNECTION)
    text = _marked(text, connection.capabilities.dialect)
    rows = await connection.execute_query_dict(text, [_stored(value) for value in values])
    return [tuple(row.values()) for row in rows]


def moment(stored: str | datetime | None) -> datetime | None:
    """A datetime of a fetched row, where there may be none."""
    return known_moment(stored) if stored is not None else None


def known_moment(stored: str | datetime) -> datetime:
    """A datetime of a fetched row."""
    return datetime.fromisoformat(stored) if isinstance(stored, str) else stored


async def repeated(text: str, rows: Iterable[Sequence[Any]]) -> None:
    """One statement without an answer, for each of the rows of values; call it in a transaction."""
    connection = get_connection(CONNECTION)
    values = [[_stored(value) for value in row] for row in rows]
    await connection.execute_many(_marked(text, connection.capabilities.dialect), values)


def marks(number: int) -> str:
    """`?,?,?` for a list of values."""
    return ",".join("?" * number)


def digest(message_id: str) -> str:
    """What a Message-ID, which may have any length, is looked up by."""
    return hashlib.sha256(message_id.encode()).hexdigest()


@lru_cache(maxsize=256)
def _marked(text: str, dialect: str) -> str:
    if dialect != "postgres":
        return text
    number = count(1)
    return "".join(f"${next(number)}" if character == "?" else character for character in text)


class Insert:
    """Rows for one table; fields that are not named get the model's default, or the database's."""

    def __init__(
        self, model: type[Model], fields: Sequence[str], returning: Sequence[str] = (), *, or_ignore: bool = False
    ) -> None:
        """`or_ignore`: a row whose unique key is there already is left out, and returns nothing."""
        self._model, self._fields, self._returning, self._or_ignore = model, tuple(fields), returning, or_ignore
        self._texts: dict[int, str] = {}
        self._defaults: tuple[Any, ...] = ()

    async def __call__(self, *rows: Sequence[Any]) -> list[dict[str, Any]]:
        """Write rows, each with its values in the order of the fields; what `returning` asked for of those written."""
        connection = get_connection(CONNECTION)
        text = self._texts.get(len(rows)) or self._texts.setdefault(len(rows), self._text(len(rows)))
        values = [_stored(value) for value in chain.from_iterable((*row, *self._defaults) for row in rows)]
        return await connection.execute_query_dict(_marked(text, connection.capabilities.dialect), values)

    def _text(self, rows: int) -> str:
        meta = self._model._meta  # noqa: SLF001 - where Tortoise keeps what it knows of a model
        columns, defaults = meta.fields_db_projection, meta.fields_map
        left = {name: field for name, field in defaults.items() if name in columns and name not in self._fields}
        given = {name: field.default for name, field in left.items() if _has_default(field)}
        self._defaults = tuple(given.values())
        names = (*self._fields, *given)
        text = f'INSERT INTO "{meta.db_table}" ({listed(columns[name] for name in names)})'
        text += " VALUES " + ",".join([f"({marks(len(names))})"] * rows)
        text += " ON CONFLICT DO NOTHING" if self._or_ignore else ""
        return text + (f" RETURNING {listed(self._returning)}" if self._returning else "")


def _has_default(field: Field[Any]) -> bool:
    return field.default is not None and not field.has_db_default() and not field.pk


def listed(names: Iterable[str]) -> str:
    """`"a","b"` for the names of columns."""
    return ",".join(f'"{name}"' for name in names)


def _stored(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo is not UTC else value
