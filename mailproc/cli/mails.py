"""What `mailproc inbound` and `mailproc outbox` have in common: a list, one mail, and trying some of them again."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence

from mailproc.cli import terminal
from mailproc.cli.opened import database
from mailproc.crashpoints import reached
from mailproc.store.db import transaction

Run = Callable[[argparse.Namespace], Awaitable[int]]


def add_list(
    group: argparse._SubParsersAction[argparse.ArgumentParser], words: str, states: Sequence[str], run: Run
) -> None:
    """`list`, with its choice of states."""
    command = group.add_parser("list", help=words)
    command.add_argument("--state", choices=states, default="", help="only these")
    command.add_argument("--limit", type=terminal.count, default=50, help="at most this many (50)")
    command.add_argument("--json", action="store_true", help="for scripts")
    command.set_defaults(run=run)


def add_show(group: argparse._SubParsersAction[argparse.ArgumentParser], words: str, run: Run) -> None:
    """`show`, of one mail."""
    command = group.add_parser("show", help=words)
    command.add_argument("id", type=terminal.count)
    command.add_argument("--raw", action="store_true", help="the mail's own bytes, to standard output")
    command.add_argument("--json", action="store_true", help="for scripts")
    command.set_defaults(run=run)


def add_again(group: argparse._SubParsersAction[argparse.ArgumentParser], name: str, words: str, run: Run) -> None:
    """A command that takes mails by number."""
    command = group.add_parser(name, help=words)
    command.add_argument("id", type=terminal.count, nargs="+")
    command.set_defaults(run=run)


def tell(
    options: argparse.Namespace,
    records: Sequence[Mapping[str, object]],
    names: Sequence[str],
    rows: Sequence[Sequence[object]],
) -> int:
    """A list of mails: `records` for scripts, `rows` under `names` for people; the last column takes what is left."""
    if options.json:
        print(terminal.as_json(list(records)))
    elif not rows:
        print("No mail." if not options.state else f"No mail is {options.state}.")
    else:
        print(terminal.table(names, rows, stretch=len(names) - 1))
    return 0


def write(content: bytes) -> int:
    """A mail's own bytes, as they are."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
    return 0


async def again(
    options: argparse.Namespace, what: str, attempt: Callable[[int], Awaitable[bool]], done: str, refused: str
) -> int:
    """Try each of the mails named; 1 when one of them was refused."""
    async with database(options), transaction():  # trouble midway undoes all, as is told then
        went = [(number, await attempt(number)) for number in options.id]
    reached("commanded")
    for number, well in went:  # only now: trouble with the output is none with the database
        if well:
            print(f"{what} {number}: {done}")
        else:
            terminal.fail(f"{what} {number}: {refused}")
    return 0 if all(well for _, well in went) else 1


def attempts(number: int) -> str:
    return f"after {number} attempt{'s' if number != 1 else ''}"


def ticket(number: int | None) -> str:
    return f"#{number}" if number else "-"
