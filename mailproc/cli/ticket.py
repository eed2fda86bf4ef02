"""`mailproc ticket list|show`: what there is, and what happened and why."""

from __future__ import annotations

import argparse
import json

from mailproc.cli import terminal
from mailproc.cli.opened import database
from mailproc.core.lifecycle import ACTIVE, Status
from mailproc.store import history, tickets
from mailproc.store.history import Entry

_COLOURS = {Status.CLOSED.value: terminal.GREY, Status.REOPENED.value: terminal.YELLOW}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    group = commands.add_parser("ticket", help="tickets and their history").add_subparsers(dest="what", required=True)
    lists = group.add_parser("list", help="tickets, most recently touched first")
    lists.add_argument("--all", action="store_true", help="resolved and closed ones too")
    lists.add_argument("--owner", default="", help="only this agent's")
    lists.add_argument("--limit", type=int, default=50, help="at most this many (50)")
    lists.add_argument("--json", action="store_true", help="for scripts")
    lists.set_defaults(run=list_tickets)
    show = group.add_parser("show", help="everything that happened on a ticket, and why")
    show.add_argument("number", type=int)
    show.add_argument("--json", action="store_true", help="for scripts")
    show.set_defaults(run=show_ticket)


async def list_tickets(options: argparse.Namespace) -> int:
    statuses = () if options.all else [status.value for status in ACTIVE]
    async with database(options):
        lines = await tickets.listing(statuses, options.owner, options.limit)
    if options.json:
        print(json.dumps([_line(line) for line in lines], ensure_ascii=False, indent=1))
        return 0
    if not lines:
        print("No open tickets. (--all shows the others.)" if not options.all else "No tickets yet.")
        return 0
    rows = [
        (
            f"#{line.number}",
            line.status,
            line.priority,
            line.owner or "-",
            line.customer,
            line.subject,
            terminal.moment(line.updated_at),
        )
        for line in lines
    ]
    print(terminal.table(("ticket", "status", "prio", "owner", "customer", "subject", "touched"), rows, stretch=5))
    return 0


def _line(line: tickets.Line) -> dict[str, object]:
    return {
        "number": line.number,
        "subject": line.subject,
        "status": line.status,
        "outcome": line.outcome,
        "priority": line.priority,
        "owner": line.owner,
        "customer": line.customer,
        "updated_at": line.updated_at.isoformat(),
    }


async def show_ticket(options: argparse.Namespace) -> int:
    async with database(options):
        ticket = await tickets.view(options.number)
        entries = await history.of_ticket(options.number)
    if ticket is None:
        return terminal.fail(f"There is no ticket {options.number}. `mailproc ticket list --all` shows all there are.")
    if options.json:
        head = {"number": ticket.number, "subject": ticket.subject, "status": ticket.status, "owner": ticket.owner}
        head |= {"customer": ticket.customer.address, "priority": ticket.priority, "round": ticket.round}
        print(json.dumps({**head, "history": [_entry(entry) for entry in entries]}, ensure_ascii=False, indent=1))
        return 0
    status = terminal.paint(ticket.status.value, _COLOURS.get(ticket.status.value, terminal.GREEN))
    facts = f"{status} · {ticket.priority} · {ticket.owner or 'nobody has it'}"
    print(f"{terminal.paint(f'#{ticket.number} {terminal.harmless(ticket.subject)}', terminal.BOLD)}   {facts}")
    people = ", ".join(person.address for person in ticket.copied)
    print(f"customer {ticket.customer.address}" + (f" · in copy {people}" if people else "") + f" · {ticket.language}")
    if ticket.previous:
        print(f"follows #{ticket.previous}")
    print()
    for entry in entries:
        reason = terminal.paint(entry.reason, terminal.GREY)
        print(f"{terminal.moment(entry.at)}  {entry.kind:<11} {terminal.harmless(entry.text):<52} {reason}".rstrip())
    return 0


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "at": entry.at.isoformat(),
        "kind": entry.kind,
        "actor": entry.actor,
        "text": entry.text,
        "reason": entry.reason,
        "inbound": entry.inbound,
        "outbox": entry.outbox,
    }
