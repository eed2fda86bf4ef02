"""One line per event: its name and its fields, as JSON for machines or in colour-free columns for people.

Values are written with their control characters escaped: a mail can't forge a line or paint a terminal.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import IO

_log = logging.getLogger("mailproc")


def event(name: str, /, *, level: int = logging.INFO, **fields: object) -> None:
    """Something happened. `name` is `part.what`; fields are ids, counts and short words, never mail text."""
    _log.log(level, name, extra={"fields": fields}, exc_info=fields.pop("exc_info", None))  # type: ignore[arg-type] # logging takes what except gives


def warning(name: str, /, **fields: object) -> None:
    """Something a person should look at some day."""
    event(name, level=logging.WARNING, **fields)


def error(name: str, /, **fields: object) -> None:
    """Something a person should look at now."""
    event(name, level=logging.ERROR, **fields)


def _printable(value: object) -> str:
    text = str(value)
    return text if text.isprintable() and " " not in text and text else repr(text)


class ConsoleFormatter(logging.Formatter):
    """`14:05:12 inbox.spooled      mailbox=support count=3`."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).astimezone().strftime("%H:%M:%S")
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
