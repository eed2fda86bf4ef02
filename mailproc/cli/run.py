"""`mailproc run`: the daemon."""

from __future__ import annotations

import argparse
import asyncio

from mailproc import eventlog
from mailproc.app import App
from mailproc.cli import opened
from mailproc.clock import SystemClock
from mailproc.supervisor import stop_on_signals


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("run", help="the daemon: reads, answers, reminds, closes, until it is stopped")
    command.set_defaults(run=run)


async def run(options: argparse.Namespace) -> int:
    settings = opened.settings(options)
    eventlog.start(settings.log.style)
    stop = asyncio.Event()
    stop_on_signals(stop)
    async with App.started(settings, SystemClock()) as app:
        await app.run(stop)
    return 0
