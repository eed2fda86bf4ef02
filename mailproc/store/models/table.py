"""What all tables have in common."""

from __future__ import annotations

from typing import Any

from tortoise.models import Model, ModelMeta


class _Unread(ModelMeta):
    """Tortoise reads a model's source for comments meant for the schema: half a second at every start, and we have none."""

    def __new__(cls, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> ModelMeta:
        return super().__new__(cls, name, bases, {"_no_comments": True, **attrs})


class Table(Model, metaclass=_Unread):
    """A model of ours."""

    class Meta:
        abstract = True
