"""`mailproc customers import`: organisations, VIPs, languages and time zones, from a table."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import available_timezones

from mailproc.cli import terminal
from mailproc.cli.opened import database
from mailproc.clock import SystemClock
from mailproc.core.message import Address
from mailproc.mime.one_address import address_or_none
from mailproc.store import blocking, people
from mailproc.store.db import deciding
from mailproc.store.people import Known

_COLUMNS = ("address", "name", "organisation", "vip", "language", "time_zone")
_YES = frozenset({"1", "yes", "true", "x", "vip", "ja"})
_NO = frozenset({"", "0", "no", "false", "nein"})


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    group = commands.add_parser("customers", help="what is known of customers").add_subparsers(
        dest="what", required=True
    )
    imports = group.add_parser("import", help="organisation, VIP, language and time zone from a CSV file")
    imports.add_argument("file", type=Path, help=f"a header line, then one customer a line: {', '.join(_COLUMNS)}")
    imports.set_defaults(run=import_file)
    lists = group.add_parser("blocked", help="whose mail is told to nobody (#block)")
    lists.set_defaults(run=list_blocked)
    unblock = group.add_parser("unblock", help="hear of somebody again")
    unblock.add_argument("address")
    unblock.set_defaults(run=unblock_person)


async def import_file(options: argparse.Namespace) -> int:
    """All of the file or nothing of it."""
    try:
        with options.file.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, skipinitialspace=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        print(f"{options.file}: can't be read: {why}.", file=sys.stderr)
        return 1
    found: list[Known] = []
    wrong: list[str] = []
    for number, row in enumerate(rows, start=2):
        known = _known(row)
        if isinstance(known, Known):
            found.append(known)
        else:
            wrong.append(f"line {number}: {known}")
    if wrong or not rows:
        told = wrong[:20] or [f"no customers in it; the first line names the columns: {','.join(_COLUMNS)}"]
        print("\n".join(f"{options.file}, {problem}." for problem in told), file=sys.stderr)
        print("Nothing was imported.", file=sys.stderr)
        return 1
    async with database(options), deciding():  # the daemon meets new people too
        new = await people.learn(found, SystemClock().now())
    print(f"{len(found)} customer{'s' * (len(found) != 1)}: {new} new, {len(found) - new} brought up to date.")
    return 0


def _known(row: dict[str | None, str | None]) -> Known | str:
    """A line of the table, or what is wrong with it."""
    return next(_problems(row), None) or Known(
        Address(_cell(row, "address"), _cell(row, "name")),
        _cell(row, "organisation"),
        _cell(row, "vip").casefold() in _YES,
        _cell(row, "language"),
        _cell(row, "time_zone"),
    )


def _problems(row: dict[str | None, str | None]) -> Iterator[str]:
    strangers = [name for name in row if name not in _COLUMNS]
    if strangers:
        yield f"more cells than columns, or unknown columns ({', '.join(map(str, strangers))}); known: {', '.join(_COLUMNS)}"
    if address_or_none(_cell(row, "address")) is None:
        yield f"{_cell(row, 'address') or 'nothing'} is no mail address"
    if _cell(row, "vip").casefold() not in _YES | _NO:
        yield f"vip is {_cell(row, 'vip')}; write yes or no"
    if _cell(row, "time_zone") and _cell(row, "time_zone") not in available_timezones():
        yield f"there is no time zone {_cell(row, 'time_zone')}; Europe/Berlin is one"


def _cell(row: dict[str | None, str | None], name: str) -> str:
    return (row.get(name) or "").strip()


async def list_blocked(options: argparse.Namespace) -> int:
    async with database(options):
        rows = await blocking.blocked()
    if not rows:
        print("Nobody is blocked.")
        return 0
    print(terminal.table(("address", "blocked by"), [(each.address, each.by) for each in rows], stretch=0))
    return 0


async def unblock_person(options: argparse.Namespace) -> int:
    async with database(options):
        freed = await blocking.unblock(options.address)
    if not freed:
        return terminal.fail(f"{options.address} is not blocked. `mailproc customers blocked` shows who is.")
    print(f"{options.address} is heard again, from the next mail on.")
    return 0
