"""The command line: one parser, one place where errors become words."""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import sys
from pathlib import Path

from mailproc import __version__
from mailproc.cli import check, database, demo, explain, inbound, lifecycle, outbox, run, status, terminal, ticket
from mailproc.cli.opened import DEFAULT_FILE
from mailproc.render.letters import TemplateError
from mailproc.settings_errors import ConfigurationError
from mailproc.store.db import DatabaseError

_GROUPS = (run, status, check, demo, ticket, explain, inbound, outbox, database, lifecycle)


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
    _also_after(commands)
    return top


def _also_after(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """`mailproc ticket list -c FILE` as well as `mailproc -c FILE ticket list`."""
    for command in commands.choices.values():
        command.add_argument(
            "-c", "--config", type=Path, default=argparse.SUPPRESS, metavar="FILE", help=argparse.SUPPRESS
        )
        for action in command._actions:  # noqa: SLF001 - argparse shows its actions nowhere else
            if isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - argparse gives this class no public name
                _also_after(action)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit code."""
    options = parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that can't show a letter shows a question mark
    try:
        code = int(asyncio.run(options.run(options)))
        sys.stdout.flush()
    except (ConfigurationError, DatabaseError, TemplateError) as error:
        nothing = "started" if options.command in {"run", "check"} else "done"
        return terminal.fail(f"{error}\nNothing was {nothing}.")
    except KeyboardInterrupt:
        return 130  # as a shell says of SIGINT
    except BrokenPipeError:  # `| head`: enough was read; what is still buffered goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code
