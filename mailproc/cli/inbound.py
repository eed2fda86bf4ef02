"""`mailproc inbound list|show|replay`: what came in, what became of it, and quarantine."""

from __future__ import annotations

import argparse
import sys

from mailproc.cli import terminal
from mailproc.cli.opened import database
from mailproc.clock import SystemClock
from mailproc.store import inbound
from mailproc.store.inbound import Line


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    group = commands.add_parser("inbound", help="received mail and quarantine").add_subparsers(
        dest="what", required=True
    )
    lists = group.add_parser("list", help="received mail, newest first")
    lists.add_argument("--state", choices=("stored", "done", "quarantined"), default="", help="only these")
    lists.add_argument("--limit", type=terminal.count, default=50, help="at most this many (50)")
    lists.add_argument("--json", action="store_true", help="for scripts")
    lists.set_defaults(run=list_mails)
    show = group.add_parser("show", help="what became of one mail, and why")
    show.add_argument("id", type=terminal.count)
    show.add_argument("--raw", action="store_true", help="the mail's own bytes, to standard output")
    show.add_argument("--json", action="store_true", help="for scripts")
    show.set_defaults(run=show_mail)
    replay = group.add_parser("replay", help="handle a quarantined mail anew")
    replay.add_argument("id", type=terminal.count, nargs="+")
    replay.set_defaults(run=replay_mails)


async def list_mails(options: argparse.Namespace) -> int:
    async with database(options):
        lines = await inbound.listing(options.state, options.limit)
    if options.json:
        print(terminal.as_json([_as_json(line) for line in lines]))
        return 0
    if not lines:
        print("No mail." if not options.state else f"No mail is {options.state}.")
        return 0
    rows = [
        (
            line.id,
            terminal.moment(line.arrived_at),
            line.mailbox,
            line.state,
            line.outcome or "-",
            _ticket(line),
            line.reason,
        )
        for line in lines
    ]
    print(terminal.table(("id", "arrived", "mailbox", "state", "outcome", "ticket", "reason"), rows, stretch=6))
    return 0


async def show_mail(options: argparse.Namespace) -> int:
    async with database(options):
        found = await inbound.get(options.id)
    if found is None:
        return terminal.fail(f"There is no inbound mail {options.id}. `mailproc inbound list` shows the newest.")
    line, content = found
    if options.raw:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return 0
    if options.json:
        print(terminal.as_json(_as_json(line)))
        return 0
    print(terminal.paint(f"inbound {line.id}", terminal.BOLD), f"· {line.mailbox} · UID {line.uid} · {line.size} bytes")
    print(f"arrived   {terminal.moment(line.arrived_at)}")
    print(f"state     {line.state} after {line.attempts} attempt{'s' if line.attempts != 1 else ''}")
    print(f"outcome   {line.outcome or '-'}")
    print(f"reason    {terminal.harmless(line.reason) or '-'}")
    print(f"ticket    {_ticket(line)}")
    if line.state == "quarantined":
        print(f"\nLook at it: mailproc inbound show {line.id} --raw     Try again: mailproc inbound replay {line.id}")
    return 0


async def replay_mails(options: argparse.Namespace) -> int:
    now = SystemClock().now()
    failed = 0
    async with database(options):
        for number in options.id:
            if await inbound.replay(number, now):
                print(f"inbound {number}: will be handled anew by the running daemon.")
            else:
                failed += terminal.fail(f"inbound {number}: is not in quarantine, nothing was done.")
    return 1 if failed else 0


def _ticket(line: Line) -> str:
    return f"#{line.ticket_id}" if line.ticket_id else "-"


def _as_json(line: Line) -> dict[str, object]:
    return {
        "id": line.id,
        "mailbox": line.mailbox,
        "uid": line.uid,
        "size": line.size,
        "arrived_at": line.arrived_at.isoformat(),
        "state": line.state,
        "outcome": line.outcome,
        "reason": line.reason,
        "attempts": line.attempts,
        "ticket": line.ticket_id,
    }
