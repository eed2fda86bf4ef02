"""The values settings are written in: durations, addresses, zones, secrets. Each says what is wrong with it and how to
write it instead.
"""

from __future__ import annotations

import difflib
import os
import re
import ssl
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, SecretStr

from mailproc.core.budgets import Window
from mailproc.core.calendar import hours_from_text, parse_duration
from mailproc.settings_errors import Wrong
from mailproc.store.db import DatabaseError, dialect_of

_SHORTEST_KEY, _HIGHEST_KEY = 16, 255
_MOST_COUNTED = 1_000_000
#: The folder of the files `credential:NAME` names where no unit hands them over: for commands typed by hand.
SECRETS = ContextVar("SECRETS", default=Path("/etc/mailproc/secrets"))


class Section(BaseModel):
    """A table of the file: unknown keys are errors, so that a slip of the pen is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _duration(value: object) -> object:
    if isinstance(value, str):
        return parse_duration(value)
    if not isinstance(value, timedelta):  # a bare number would be taken for seconds
        raise Wrong(f"{value!r} is no duration", "Write it as 90m, 4h, 2d or 1h30m, in quotes")
    return value


def _window(value: object) -> object:
    """`15/1h`: at most fifteen within any hour."""
    if isinstance(value, Window):
        return value
    most, _, span = str(value).partition("/")
    mend = 'Write it as "15/1h": at most fifteen within any hour'
    try:
        window = Window(int(most), parse_duration(span))
    except ValueError:
        raise Wrong(f"{value!r} is no budget", mend) from None
    if window.most < 1 or window.most > _MOST_COUNTED or window.span <= timedelta(0):
        raise Wrong(f"{value!r} is no budget: from 1 to {_MOST_COUNTED}, within some time", mend)
    return window


def _zone(value: object) -> object:
    try:
        ZoneInfo(str(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones
        raise Wrong(f"{value!r} is no time zone", _near_zone(str(value))) from None
    return value


def _near_zone(written: str) -> str:
    """What may have been meant: people write the city alone, or in small letters."""
    city, known = written.rpartition("/")[2].casefold().replace(" ", "_"), sorted(available_timezones())
    near = [zone for zone in known if zone.rpartition("/")[2].casefold() == city]
    near = near or difflib.get_close_matches(written, known, 1)
    return f"Did you mean {near[0]}?" if near else "Write one as Europe/Berlin"


def _address(value: object) -> object:
    if not isinstance(value, str) or not re.fullmatch(r"[^\s<>@+]+(\+[^\s<>@]*)?@[^\s<>@]+", value):
        raise Wrong(f"{value!r} is no mail address", "Write the bare address, as anna@acme.example")
    return value


def _secret(value: object) -> object:
    """`credential:NAME` is the file NAME that the unit hands over (systemd.exec, LoadCredential=), or one in SECRETS.

    A shell on a console may have the credentials folder of its getty (systemd 254 to 256), where ours are not.
    """
    if not isinstance(value, str) or not value.startswith("credential:"):
        return value
    name, folder = value.removeprefix("credential:"), SECRETS.get()
    handed = Path(os.environ.get("CREDENTIALS_DIRECTORY") or folder) / name
    mend = f"Write it into {folder / name}, and into the unit: LoadCredential={name}:{folder / name}"
    mend += "\n  or set {variable}"
    try:
        return (handed if handed.exists() else folder / name).read_text(encoding="utf-8").rstrip("\r\n")
    except (FileNotFoundError, IsADirectoryError):
        raise Wrong(f'no such credential "{name}"', mend) from None
    except OSError as error:
        raise Wrong(f'credential "{name}": {error.filename}: {error.strerror}', mend) from None
    except UnicodeDecodeError:
        raise Wrong(f'credential "{name}" can\'t be read as text', mend) from None


def _hours(value: object) -> object:
    if isinstance(value, str) and value:
        hours_from_text(value)
    return value


def _start(value: object) -> object:
    if isinstance(value, datetime) or value in {"now", "all"}:
        return value
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        mend = 'Write "now", "all", or a moment as 2026-11-21T09:00:00+01:00'
        raise Wrong(f"{value!r} is no start", mend) from None


def _database(value: object) -> object:
    try:
        dialect_of(str(value))
    except (DatabaseError, ValueError):
        raise Wrong("is not a database we know", "Write sqlite:///FILE or postgresql://USER@HOST/NAME") from None
    return value


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise Wrong(f"there is no folder {path}", "Create it, or name another")
    return path


def _certificates(path: Path) -> Path:
    if not path.is_file():
        raise Wrong(f"there is no file {path}", "Name another")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        mend = 'It is to hold them as PEM: "-----BEGIN CERTIFICATE-----"'
        raise Wrong(f"there are no certificates in {path}", mend) from None
    except OSError as error:  # which does not name the file
        raise Wrong(f"{path}: {error.strerror}", "The daemon's account is to read it") from None
    return path


def _long_enough(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value().encode()) < _SHORTEST_KEY:
        raise Wrong(f"is shorter than {_SHORTEST_KEY} characters", "openssl rand -hex 32 makes a good one")
    return secret


def _number(value: object) -> object:
    if not re.fullmatch("[0-9]{1,3}", str(value)) or int(str(value)) > _HIGHEST_KEY:
        raise Wrong(f"{value!r} is no key number", f"Numbers go from 0 to {_HIGHEST_KEY}")
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Budget = Annotated[Window, BeforeValidator(_window)]
Zone = Annotated[str, BeforeValidator(_zone)]
Hours = Annotated[str, BeforeValidator(_hours)]
MailAddress = Annotated[str, BeforeValidator(_address)]
Secret = Annotated[SecretStr, BeforeValidator(_secret)]
TokenKey = Annotated[Secret, AfterValidator(_long_enough)]
KeyNumber = Annotated[str, BeforeValidator(_number)]
Start = Annotated[Literal["now", "all"] | datetime, BeforeValidator(_start)]
DatabaseUrl = Annotated[str, BeforeValidator(_database)]
Folder = Annotated[Path, AfterValidator(_folder)]
Certificates = Annotated[Path, AfterValidator(_certificates)]


def begins(start: Literal["now", "all"] | datetime) -> Literal["now", "all"] | datetime:
    """`start` with a zone: a naive moment in the file is meant in UTC."""
    return start.replace(tzinfo=UTC) if isinstance(start, datetime) and start.tzinfo is None else start
