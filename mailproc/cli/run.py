"""`mailproc run`: the daemon."""

from __future__ import annotations

import argparse
import asyncio
import gc

from mailproc import eventlog
from mailproc.app import LOOPS, App
from mailproc.cli import opened
from mailproc.clock import SystemClock
from mailproc.settings_errors import ConfigurationError
from mailproc.store import db
from mailproc.supervisor import stop_on_signals

_NOBODY_LISTENS = (
    "--only: on SQLite this is the only process, so without inbox nobody reads the mailboxes and no deadline would ever "
    "come due; add inbox, or let several share a PostgreSQL"
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("run", help="the daemon: reads, answers, reminds, closes, until it is stopped")
    command.add_argument(
        "--only",
        type=_loops,
        default=frozenset(LOOPS),
        metavar="LOOP,...",
        help=f"not all of {', '.join(LOOPS)}: the others run elsewhere, on the same PostgreSQL",
    )
    command.set_defaults(run=run)


def _loops(words: str) -> frozenset[str]:
    named = frozenset(word.strip() for word in words.split(","))
    if not named <= set(LOOPS):
        raise argparse.ArgumentTypeError(f"{words!r} is not a list of {', '.join(LOOPS)}")
    return named


async def run(options: argparse.Namespace) -> int:
    settings = opened.settings(options)
    if options.only >= {"scheduler"} and "inbox" not in options.only and db.dialect_of(settings.store.url) == "sqlite":
        raise ConfigurationError([_NOBODY_LISTENS])
    eventlog.start(settings.log.style)
    stop = asyncio.Event()
    stop_on_signals(stop)
    async with App.started(settings, SystemClock()) as app:
        _spare_the_collector()
        await app.run(stop, only=options.only)
    return 0


def _spare_the_collector() -> None:
    """What is loaded now stays until the end: no sense in walking all of it for every few hundred objects of a mail."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
