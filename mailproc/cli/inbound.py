"""`mailproc inbound list|show|attachment|replay`: what came in, what became of it, and quarantine."""

from __future__ import annotations

import argparse

from mailproc.app import parser_limits
from mailproc.cli import mails, opened, terminal
from mailproc.cli.opened import database
from mailproc.clock import SystemClock
from mailproc.mime.pool import ParseFailed, ParserPool
from mailproc.store import history, inbound
from mailproc.store.history import Entry
from mailproc.store.inbound import Line


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    group = commands.add_parser("inbound", help="received mail and quarantine").add_subparsers(
        dest="what", required=True
    )
    mails.add_list(group, "received mail, newest first", ("stored", "done", "quarantined"), list_mails)
    mails.add_show(group, "what became of one mail, and why", show_mail)
    attachment = group.add_parser("attachment", help="one file of a mail, to standard output; never opened")
    attachment.add_argument("id", type=terminal.count)
    attachment.add_argument("place", type=terminal.count, help="which one, from 1")
    attachment.set_defaults(run=write_attachment)
    mails.add_again(group, "replay", "handle a quarantined mail anew", replay_mails)


async def list_mails(options: argparse.Namespace) -> int:
    async with database(options):
        lines = await inbound.listing(options.state, options.limit)
    now = SystemClock().now()
    rows = [
        (
            line.id, terminal.short_moment(line.arrived_at, now), line.mailbox, line.state, line.outcome or "-",
            mails.ticket(line.ticket_id), line.reason,
        )
        for line in lines
    ]  # fmt: skip
    names = ("id", "arrived", "mailbox", "state", "outcome", "ticket", "reason")
    return mails.tell(options, [_as_json(line) for line in lines], names, rows)


async def show_mail(options: argparse.Namespace) -> int:
    async with database(options):
        found = await inbound.get(options.id)
        caused = await history.of_inbound(options.id)
    if found is None:
        return terminal.fail(f"There is no inbound mail {options.id}. `mailproc inbound list` shows the newest.")
    line, content = found
    if options.raw:
        return mails.write(content)
    if options.json:
        print(terminal.as_json({**_as_json(line), "caused": [_effect(entry) for entry in caused]}))
        return 0
    print(terminal.paint(f"inbound {line.id}", terminal.BOLD), f"· {line.mailbox} · UID {line.uid} · {line.size} bytes")
    print(f"arrived   {terminal.moment(line.arrived_at)}")
    print(f"state     {line.state} {mails.attempts(line.attempts)}")
    print(f"outcome   {line.outcome or '-'}")
    print(f"reason    {terminal.harmless(line.reason) or '-'}")
    print(f"ticket    {mails.ticket(line.ticket_id)}")
    if caused:
        rows = [tuple(_effect(entry).values()) for entry in caused]
        print("\n" + terminal.table(("what", "ticket", "outbox", "caused"), rows, stretch=3))
    if line.state == "quarantined":
        print(f"\nLook at it: mailproc inbound show {line.id} --raw     Try again: mailproc inbound replay {line.id}")
    return 0


async def write_attachment(options: argparse.Namespace) -> int:
    async with database(options):
        found = await inbound.get(options.id)
    if found is None:
        return terminal.fail(f"There is no inbound mail {options.id}. `mailproc inbound list` shows the newest.")
    async with ParserPool(1, parser_limits(opened.settings(options))) as parser:
        try:
            files = (await parser.parse(found[1])).attachments
        except ParseFailed as failure:
            return terminal.fail(f"inbound {options.id}: can't be read: {failure}")
    if not 1 <= options.place <= len(files):
        return terminal.fail(f"inbound {options.id} has {len(files)} attachments, and no number {options.place}.")
    return mails.write(files[options.place - 1].content)


async def replay_mails(options: argparse.Namespace) -> int:
    done, refused = (
        "will be handled anew by the running daemon.",
        "is not in quarantine, or was never fetched: nothing was done.",
    )
    return await mails.again(
        options, "inbound", lambda number: inbound.replay(number, SystemClock().now()), done, refused
    )


def _effect(entry: Entry) -> dict[str, object]:
    """One thing a mail caused, from the ticket it came to, to the letters that were written."""
    return {
        "what": entry.kind,
        "ticket": mails.ticket(entry.ticket),
        "outbox": entry.outbox or "-",
        "words": entry.text,
    }


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
