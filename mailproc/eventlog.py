"""One line per event: its name and its fields, as JSON for machines or in colour-free columns for people.

What happens in a transaction is told when it is committed, once, however often it is tried.
Values are written with their control characters escaped: a mail can't forge a line or paint a terminal.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import IO

from mailproc.committed import when_committed

_log = logging.getLogger("mailproc")


def event(name: str, /, **fields: object) -> None:
    """Something happened. `name` is `part.what`; fields are ids, counts and short words, never mail text."""
    _tell(logging.INFO, name, fields)


def warning(name: str, /, **fields: object) -> None:
    """Something a person should look at some day."""
    _tell(logging.WARNING, name, fields)


def error(name: str, /, *, exc_info: BaseException | None = None, **fields: object) -> None:
    """Something a person should look at now; its traceback follows where there is one."""
    _tell(logging.ERROR, name, fields, exc_info)


def _tell(level: int, name: str, fields: dict[str, object], failure: BaseException | None = None) -> None:
    if _log.isEnabledFor(level):
        when_committed(partial(_write, level, name, fields, failure))


def _write(level: int, name: str, fields: dict[str, object], failure: BaseException | None) -> None:
    traceback = (type(failure), failure, failure.__traceback__) if failure is not None else None
    # Not by `log`: it looks through the stack for a caller that nobody is told.
    _log.handle(_log.makeRecord(_log.name, level, "", 0, name, (), traceback, extra={"fields": fields}))


def _printable(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and " " not in text and text else repr(text)


@lru_cache(maxsize=1)  # most events share their second with the one before
def _time_of_day(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).astimezone().strftime("%H:%M:%S")


class ConsoleFormatter(logging.Formatter):
    """`14:05:12 inbox.spooled      mailbox=support count=3`."""

    def format(self, record: logging.LogRecord) -> str:
        time = _time_of_day(int(record.created))
        fields = getattr(record, "fields", {})
        mark = "" if record.levelno < logging.WARNING else f"{record.levelname}: "
        line = f"{time} {mark}{record.getMessage():<22} " + " ".join(f"{k}={_printable(v)}" for k, v in fields.items())
        return self._with_traceback(line.rstrip(), record)

    def _with_traceback(self, line: str, record: logging.LogRecord) -> str:
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(logging.Formatter):
    """One JSON object per line, RFC 3339 time first."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {"time": datetime.fromtimestamp(record.created, UTC).isoformat()}
        entry |= {"level": record.levelname.lower(), "event": record.getMessage()}
        entry |= {
            key: value if isinstance(value, int | float) else str(value)
            for key, value in getattr(record, "fields", {}).items()
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def start(style: str, level: int = logging.INFO, stream: IO[str] | None = None) -> None:
    """Send events to `stream` (standard error) as `console` or `json`."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if style == "json" else ConsoleFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    _log.setLevel(level)
