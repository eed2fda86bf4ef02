"""One line per event, whatever stands in its fields; its traceback where something failed."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest

from mailproc import eventlog


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("mailproc")
    handlers, levels = root.handlers[:], (root.level, ours.level)
    root.handlers = []  # pytest's own: `start` would close them
    yield
    root.handlers = handlers
    for logger, level in zip((root, ours), levels, strict=True):
        logger.setLevel(level)


def started(style: str, level: int = logging.INFO) -> io.StringIO:
    stream = io.StringIO()
    eventlog.start(style, level, stream)
    return stream


def test_a_person_reads_time_name_and_fields() -> None:
    told = started("console")
    eventlog.event("inbox.spooled", mailbox="support", count=3)
    eventlog.warning("outbox.retry", mail=7, reply="451 4.7.1 later")

    first, second = told.getvalue().splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d inbox.spooled          mailbox=support count=3", first)
    assert re.fullmatch(r"\d\d:\d\d:\d\d WARNING: outbox.retry           mail=7 reply='451 4.7.1 later'", second)


def test_a_machine_reads_json() -> None:
    told = started("json")
    eventlog.event("inbox.spooled", mailbox="support", count=3, wait=0.5)

    entry = json.loads(told.getvalue())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00", entry.pop("time"))
    assert entry == {"level": "info", "event": "inbox.spooled", "mailbox": "support", "count": 3, "wait": 0.5}


@pytest.mark.parametrize("style", ["console", "json"])
@pytest.mark.parametrize("words", ["a\nERROR: b", "a\r\n12:00:00 x", "\x1b[31mred", "a b", ""])
def test_no_value_can_forge_a_line_or_paint(style: str, words: str) -> None:
    told = started(style)
    eventlog.event("outbox.sent", reply=words)

    (line,) = told.getvalue().splitlines()
    assert line.isprintable()


@pytest.mark.parametrize("style", ["console", "json"])
def test_what_failed_shows_where(style: str) -> None:
    told = started(style)
    try:
        raise LookupError("here")
    except LookupError as failure:
        eventlog.error("handler.failed", inbound=7, exc_info=failure)

    assert "Traceback" in told.getvalue()
    assert "test_what_failed_shows_where" in told.getvalue()


def test_no_traceback_is_told_where_there_is_none() -> None:
    told = started("console")
    eventlog.error("outbox.store_failed", error="locked", exc_info=None)

    assert told.getvalue()[9:] == "ERROR: outbox.store_failed    error=locked\n"


def test_less_is_told_where_less_is_asked_for() -> None:
    told = started("console", logging.ERROR)
    eventlog.event("inbox.spooled")
    eventlog.warning("outbox.retry")

    assert told.getvalue() == ""
