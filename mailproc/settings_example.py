"""The example configuration, written from the settings classes: every setting with its meaning and its default."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from mailproc.core.budgets import Window
from mailproc.settings import Settings

#: Values for what has no default, and names for the tables that are named by the operator.
_EXAMPLES: Mapping[str, object] = {
    "desk.name": "Acme Support",
    "mailbox.support.address": "support@acme.example",
    "mailbox.support.team": "support",
    "mailbox.support.imap.host": "imap.acme.example",
    "mailbox.support.imap.user": "support@acme.example",
    "mailbox.support.imap.password": "credential:imap-password",
    "mailbox.support.smtp.host": "smtp.acme.example",
    "mailbox.support.smtp.user": "support@acme.example",
    "mailbox.support.smtp.password": "credential:smtp-password",
    "team.support.members": ("anna",),
    "agent.anna.name": "Anna",
    "agent.anna.address": "anna@acme.example",
    "agents.trusted_authserv_ids": ("mx.acme.example",),
    "tokens.key": "credential:token-key",
}
_NAMED = {"mailbox": "support", "team": "support", "agent": "anna"}
_HEAD = """\
# mailproc: every setting there is. Lines that begin with "# " and a key show the default.
# Secrets: "credential:NAME" is the file NAME in the folder secrets beside this one; a unit hands it to the daemon
# (LoadCredential=NAME:/etc/mailproc/secrets/NAME). Any setting may come from the environment instead, as
# MAILPROC_MAILBOX__SUPPORT__IMAP__PASSWORD. Durations are written 90m, 4h, 2d.
"""


def example() -> str:
    """The whole file."""
    sections = [_HEAD]
    for name, field in Settings.model_fields.items():
        sections += _section(_path(name), _model(field))
    return "\n".join(sections).rstrip() + "\n"


def _path(name: str) -> str:
    return f"{name}.{_NAMED[name]}" if name in _NAMED else name


def _model(field: FieldInfo) -> type[BaseModel]:
    """The class of a section, or of what a table of sections holds."""
    annotation = field.annotation
    inner = get_args(annotation)[-1] if get_origin(annotation) is not None else annotation
    assert isinstance(inner, type)
    assert issubclass(inner, BaseModel)
    return inner


def _section(path: str, model: type[BaseModel]) -> Iterator[str]:
    meaning = (model.__doc__ or "").strip().split("\n")[0]
    own_words = meaning if model.__doc__ and not meaning.startswith("!!!") else ""
    if own_words:
        yield f"# {own_words}"
    yield f"[{path}]"
    nested = []
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            nested.append((f"{path}.{name}", field.annotation))
            continue
        if field.description:
            yield f"# {field.description}"
        yield _line(f"{path}.{name}", name, field)
    yield ""
    for inner_path, inner in nested:
        yield from _section(inner_path, inner)


def _line(path: str, name: str, field: FieldInfo) -> str:
    if path in _EXAMPLES:
        return f"{name} = {_toml(_EXAMPLES[path])}"
    default = field.get_default(call_default_factory=True)
    if default is None or (isinstance(default, SecretStr) and not default.get_secret_value()):
        return f'# {name} = ""'
    return f"# {name} = {_toml(default)}"


def _toml(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case Window(most, span):
            return _toml(f"{most}/{_duration(span)}")
        case timedelta():
            return _toml(_duration(value))
        case datetime() | date():
            return value.isoformat()
        case tuple() | list() | frozenset():
            return "[" + ", ".join(_toml(each) for each in value) + "]"
        case Mapping():
            return "{" + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + "}"
        case str() | Path():
            return json.dumps(str(value), ensure_ascii=False)
        case _:
            raise TypeError(f"no TOML for {value!r}")


def _duration(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0 and not (unit == "d" and seconds < 3 * size):
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
