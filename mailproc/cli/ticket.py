"""`mailproc ticket list|show`: what there is, and what happened and why."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from mailproc.cli import terminal
from mailproc.cli.opened import database
from mailproc.clock import SystemClock
from mailproc.core.facts import TicketView
from mailproc.core.lifecycle import ACTIVE, Status
from mailproc.store import history, links, tickets
from mailproc.store.history import Entry

_QUEUED = "queued"  # the history's word for a letter in the outbox
_MOST_LINKED = 50
_TEXT = 64  # columns after which reasons stand
_COLOURS = {Status.CLOSED.value: terminal.GREY, Status.REOPENED.value: terminal.YELLOW}


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    group = commands.add_parser("ticket", help="tickets and their history").add_subparsers(dest="what", required=True)
    lists = group.add_parser("list", help="tickets, most recently touched first")
    lists.add_argument("--all", action="store_true", help="resolved and closed ones too")
    lists.add_argument("--owner", default="", help="only this agent's")
    lists.add_argument("--limit", type=terminal.count, default=50, help="at most this many (50)")
    lists.add_argument("--json", action="store_true", help="for scripts")
    lists.set_defaults(run=list_tickets)
    show = group.add_parser("show", help="everything that happened on a ticket, and why")
    show.add_argument("number", type=terminal.ticket_number)
    show.add_argument("--json", action="store_true", help="for scripts")
    show.set_defaults(run=show_ticket)


async def list_tickets(options: argparse.Namespace) -> int:
    statuses = () if options.all else [status.value for status in ACTIVE]
    async with database(options):
        lines = await tickets.listing(statuses, options.owner, options.limit)
    if options.json:
        print(terminal.as_json([_line(line) for line in lines]))
        return 0
    if not lines:
        print("No open tickets. (--all shows the others.)" if not options.all else "No tickets yet.")
        return 0
    now = SystemClock().now()
    rows = [
        (
            f"#{line.number}",
            line.status,
            line.priority,
            line.owner or "-",
            line.customer,
            line.subject,
            terminal.short_moment(line.updated_at, now),
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
        linked = await links.linked(options.number, _MOST_LINKED)
    if ticket is None:
        return terminal.fail(f"There is no ticket {options.number}. `mailproc ticket list --all` shows all there are.")
    if options.json:
        head = {"number": ticket.number, "subject": ticket.subject, "status": ticket.status, "owner": ticket.owner}
        head |= {"customer": ticket.customer.address, "priority": ticket.priority, "round": ticket.round}
        head |= {"linked": [{"number": each.number, "subject": each.subject, "status": each.status} for each in linked]}
        print(terminal.as_json({**head, "history": [_entry(entry) for entry in entries]}))
        return 0
    print(_title(ticket))
    people = ", ".join(person.address for person in ticket.copied)
    copied = f" · in copy {people}" if people else ""
    print(terminal.harmless(f"customer {ticket.customer.address}{copied} · {ticket.language}"))
    if ticket.previous:
        print(f"follows #{ticket.previous}")
    for each in linked:
        print(terminal.harmless(f"linked with #{each.number} {each.subject}: {each.status}"))
    for line in _told(entries):
        print(line)
    return 0


def _title(ticket: TicketView) -> str:
    subject = terminal.harmless(f"#{ticket.number} {ticket.subject}")
    facts = f"{ticket.status} · {ticket.priority} · {ticket.owner or 'nobody has it'}"
    between = "   " if terminal.width_of(subject) + len(facts) + 3 <= terminal.columns() else "\n"
    colour = _COLOURS.get(ticket.status.value, terminal.GREEN)
    return f"{terminal.paint(subject, terminal.BOLD)}{between}{terminal.paint(facts, colour)}"


def _told(entries: Sequence[Entry]) -> Iterator[str]:
    """The history by days: time, what, why. A letter that has left is not told as queued too; a reason is told once."""
    settled = {entry.outbox for entry in entries if entry.outbox and entry.kind != _QUEUED}
    why = {entry.outbox: entry.reason for entry in entries if entry.outbox and entry.kind == _QUEUED}
    shown = [entry for entry in entries if entry.kind != _QUEUED or entry.outbox not in settled]
    indent = 12 + max((len(entry.kind) for entry in shown), default=0) + 2
    day = last = ""
    for entry in shown:
        at = entry.at.astimezone()
        if f"{at:%a %d %b %Y}" != day:
            day, last = f"{at:%a %d %b %Y}", ""
            yield "\n" + terminal.paint(day, terminal.BOLD)
        reason = entry.reason or why.get(entry.outbox or 0, "")
        yield _line_of(f"  {at:%H:%M:%S}  {entry.kind}", entry.text, reason if reason != last else "", indent)
        last = reason or last


def _line_of(label: str, text: str, reason: str, indent: int) -> str:
    line = terminal.beside(label, text, indent)
    if not reason:
        return line
    start = max(terminal.width_of(line), indent + _TEXT) + 2
    if "\n" not in line and start + len(reason) <= terminal.columns():
        return line + " " * (start - terminal.width_of(line)) + terminal.paint(reason, terminal.GREY)
    return line + "\n" + terminal.paint(terminal.beside("", reason, indent), terminal.GREY)


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
