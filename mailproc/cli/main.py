"""The command line: one parser, one place where errors become words."""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib
import io
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from mailproc import __version__
from mailproc.cli import terminal
from mailproc.cli.opened import DEFAULT_FILE
from mailproc.settings_errors import ConfigurationError
from mailproc.store.db import DatabaseError

#: Commands and their modules. Only the one asked for is loaded: an operator at a shell waits for every import.
_MODULES = {
    "run": "run", "status": "status", "check": "check", "demo": "demo", "ticket": "ticket", "explain": "explain",
    "inbound": "inbound", "outbox": "outbox", "customers": "customers", "db": "database", "lifecycle": "lifecycle",
    "commands": "commands",
}  # fmt: skip


def _asked_for(arguments: Sequence[str]) -> Iterable[str]:
    """The command that is named; all of them when none is, for the help and the error to be whole."""
    words = iter(arguments)
    for word in words:
        if word in {"-c", "--config"}:
            next(words, None)
        elif not word.startswith("-"):
            return [word] if word in _MODULES else _MODULES
    return _MODULES


def parser(names: Iterable[str] = _MODULES) -> argparse.ArgumentParser:
    """These commands with their options."""
    top = argparse.ArgumentParser(prog="mailproc", description="A help desk that lives in the mail client.")
    top.add_argument("--version", action="version", version=f"mailproc {__version__}")
    top.add_argument(
        "-c", "--config", type=Path, default=DEFAULT_FILE, metavar="FILE", help=f"configuration ({DEFAULT_FILE})"
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in names:
        importlib.import_module(f"mailproc.cli.{_MODULES[name]}").add(commands)
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
    arguments = sys.argv[1:] if arguments is None else arguments
    options = parser(_asked_for(arguments)).parse_args(arguments)
    gc.enable()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that can't show a letter shows a question mark
    try:
        code = int(asyncio.run(options.run(options)))
        sys.stdout.flush()
    except (ConfigurationError, DatabaseError) as error:
        return _gave_up(options, str(error))
    except KeyboardInterrupt:
        return 130  # as a shell says of SIGINT
    except BrokenPipeError:  # `| head`: enough was read
        _say_no_more()
        return 0
    except OSError as error:
        return _failed(options, error)
    return code


def _failed(options: argparse.Namespace, error: OSError) -> int:
    """A file, or the output itself. Of anything else in the daemon, the place in the program is worth more than words."""
    if isinstance(error, PermissionError):
        mend = "Run this as root, or as the daemon's account."
        return _gave_up(options, f"{error.filename}: {error.strerror}.\n  {mend}")
    if options.command == "run":
        raise error
    if error.filename is None:
        _say_no_more()
    return terminal.fail(f"{error.filename or 'output'}: {error.strerror or error}.")


def _say_no_more() -> None:
    """What is still buffered goes nowhere: at its end the interpreter would fail with it once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _gave_up(options: argparse.Namespace, words: str) -> int:
    nothing = "started" if options.command in {"run", "check"} else "done"
    return terminal.fail(f"{words}\nNothing was {nothing}.")
