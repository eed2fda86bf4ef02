"""The command line: one parser, one place where errors become words."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from mailproc import __version__
from mailproc.cli import check, demo, explain, inbound, lifecycle, outbox, run, terminal, ticket
from mailproc.cli.opened import DEFAULT_FILE
from mailproc.render.letters import TemplateError
from mailproc.settings_errors import ConfigurationError
from mailproc.store.db import DatabaseError

_GROUPS = (run, check, demo, ticket, explain, inbound, outbox, lifecycle)


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    top = argparse.ArgumentParser(prog="mailproc", description="A help desk that lives in the mail client.")
    top.add_argument("--version", action="version", version=f"mailproc {__version__}")
    top.add_argument(
        "-c", "--config", type=Path, default=DEFAULT_FILE, metavar="FILE", help=f"configuration ({DEFAULT_FILE})"
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for group in _GROUPS:
        group.add(commands)
    for command in commands.choices.values():
        _also_after(command)
    return top


def _also_after(command: argparse.ArgumentParser) -> None:
    """`mailproc run -c FILE` as well as `mailproc -c FILE run`."""
    command.add_argument("-c", "--config", type=Path, default=argparse.SUPPRESS, metavar="FILE", help=argparse.SUPPRESS)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit code."""
    options = parser().parse_args(arguments)
    try:
        return int(asyncio.run(options.run(options)))
    except (ConfigurationError, DatabaseError, TemplateError) as error:
        return terminal.fail(f"{error}\nNothing was started.")
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 0
