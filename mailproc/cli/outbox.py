"""`mailproc outbox list|show|retry`: what goes out, and what the servers said."""

from __future__ import annotations

import argparse
import sys

from mailproc.cli import terminal
from mailproc.cli.opened import database
from mailproc.clock import SystemClock
from mailproc.store import outbox
from mailproc.store.outbox import OutboxRow, OutboxState

_STATES = tuple(state.value for state in OutboxState)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    group = commands.add_parser("outbox", help="mail of ours and its delivery").add_subparsers(
        dest="what", required=True
    )
    lists = group.add_parser("list", help="mail of ours, newest first")
    lists.add_argument("--state", choices=_STATES, default="", help="only these")
    lists.add_argument("--limit", type=terminal.count, default=50, help="at most this many (50)")
    lists.add_argument("--json", action="store_true", help="for scripts")
    lists.set_defaults(run=list_mails)
    show = group.add_parser("show", help="one mail, and what the server said of it")
    show.add_argument("id", type=terminal.count)
    show.add_argument("--raw", action="store_true", help="the mail's own bytes, to standard output")
    show.add_argument("--json", action="store_true", help="for scripts")
    show.set_defaults(run=show_mail)
    retry = group.add_parser("retry", help="send a dead or unknown mail once more")
    retry.add_argument("id", type=terminal.count, nargs="+")
    retry.set_defaults(run=retry_mails)


async def list_mails(options: argparse.Namespace) -> int:
    async with database(options):
        states = [OutboxState(options.state)] if options.state else []
        rows = await outbox.listing(states=states, limit=options.limit)
    if options.json:
        print(terminal.as_json([_as_json(row) for row in rows]))
        return 0
    if not rows:
        print("No mail." if not options.state else f"No mail is {options.state}.")
        return 0
    cells = [
        (
            row.id,
            terminal.moment(row.created_at),
            row.state,
            row.letter,
            _ticket(row),
            row.recipient,
            row.attempts,
            row.reply,
        )
        for row in rows
    ]
    print(terminal.table(("id", "written", "state", "letter", "ticket", "to", "tries", "answer"), cells, stretch=7))
    return 0


async def show_mail(options: argparse.Namespace) -> int:
    async with database(options):
        row = await outbox.get(options.id)
        content = await outbox.content(options.id)
    if row is None or content is None:
        return terminal.fail(f"There is no mail {options.id} in the outbox. `mailproc outbox list` shows the newest.")
    if options.raw:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return 0
    if options.json:
        print(terminal.as_json(_as_json(row)))
        return 0
    print(
        terminal.paint(f"outbox {row.id}", terminal.BOLD), f"· {row.letter} · ticket {_ticket(row)} · {row.mail_class}"
    )
    print(f"to        {terminal.harmless(row.recipient)}")
    print(f"from      {terminal.harmless(row.sender) or '<> (machine mail)'}")
    print(f"id        {row.message_id}")
    print(f"written   {terminal.moment(row.created_at)}")
    print(f"state     {row.state} after {row.attempts} attempt{'s' if row.attempts != 1 else ''}")
    print(f"answer    {terminal.harmless(row.reply) or '-'}")
    print(f"sent      {terminal.moment(row.sent_at)}")
    return 0


async def retry_mails(options: argparse.Namespace) -> int:
    now = SystemClock().now()
    failed = 0
    async with database(options):
        for number in options.id:
            if await outbox.retry(number, now):
                print(f"outbox {number}: will be sent by the running daemon, with the same Message-ID.")
            else:
                failed += terminal.fail(f"outbox {number}: was sent, is under way or does not exist: nothing was done.")
    return 1 if failed else 0


def _ticket(row: OutboxRow) -> str:
    return f"#{row.ticket_id}" if row.ticket_id else "-"


def _as_json(row: OutboxRow) -> dict[str, object]:
    return {
        "id": row.id,
        "ticket": row.ticket_id,
        "letter": row.letter,
        "class": row.mail_class,
        "recipient": row.recipient,
        "message_id": row.message_id,
        "created_at": row.created_at.isoformat(),
        "state": row.state,
        "attempts": row.attempts,
        "answer": row.reply,
        "sent_at": row.sent_at.isoformat() if row.sent_at else None,
    }
