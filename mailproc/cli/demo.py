"""`mailproc demo`: three days of support before your eyes."""

from __future__ import annotations

import argparse
import asyncio
import io
import logging
from pathlib import Path

from mailproc import eventlog
from mailproc.cli import terminal
from mailproc.supervisor import stop_on_signals


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("demo", help="a whole desk lives before your eyes; nothing leaves this machine")
    command.add_argument("--keep", type=Path, metavar="DIR", help="leave every mail as .eml, and the database")
    command.add_argument("--serve", action="store_true", help="keep the servers open, to join in with a mail client")
    command.add_argument("--imap-port", type=int, default=0, help="with --serve (any free one)")
    command.add_argument("--smtp-port", type=int, default=0, help="with --serve (any free one)")
    command.add_argument("--log", action="store_true", help="the daemon's own log as well")
    command.set_defaults(run=demo)


async def demo(options: argparse.Namespace) -> int:
    eventlog.start("console", logging.INFO if options.log else logging.CRITICAL, None if options.log else io.StringIO())
    print(
        terminal.paint("mailproc demo", terminal.BOLD), "· three days of support in a minute · everything on 127.0.0.1"
    )
    try:
        return await _live(options)
    except OSError as error:  # a folder that can't be written, a port that is taken
        return terminal.fail(f"The demo can't live here: {error.strerror or error}.")


async def _live(options: argparse.Namespace) -> int:
    from mailproc.demo import runner  # its servers are heavy: no other command should wait for them

    if options.serve:
        stop = asyncio.Event()
        stop_on_signals(stop)
        await runner.serve(_say, options.imap_port, options.smtp_port, stop)
        return 0
    if await runner.run(_say, options.keep):
        return 0
    return terminal.fail(
        "The demo broke a promise: that is a bug. --keep DIR leaves all mails and the database to look at."
    )


def _say(line: str) -> None:
    print("\n".join(terminal.harmless_lines(part) for part in line.split("\n")), flush=True)
