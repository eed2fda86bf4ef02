"""`mailproc outbox list|show|retry|release|drop`: what goes out, what the servers said, and what the breaker holds."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Container
from datetime import timedelta

from mailproc.cli import mails, opened, terminal
from mailproc.cli.opened import database
from mailproc.clock import SystemClock
from mailproc.store import outbox
from mailproc.store.db import transaction
from mailproc.store.outbox import OutboxRow, OutboxState

_MOST_HELD = 1_000_000  # letters settled by one command


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    group = commands.add_parser("outbox", help="mail of ours and its delivery").add_subparsers(
        dest="what", required=True
    )
    mails.add_list(group, "mail of ours, newest first", tuple(state.value for state in OutboxState), list_mails)
    mails.add_show(group, "one mail, and what the server said of it", show_mail)
    mails.add_again(group, "retry", "send a dead or unknown mail once more", retry_mails)
    release = _add_held(group, "release", "let held letters leave", release_letters)
    release.add_argument("--per-minute", type=terminal.count, default=60, help="so many at most (60)")
    _add_held(group, "drop", "never send held letters", drop_letters)


def _add_held(
    group: argparse._SubParsersAction[argparse.ArgumentParser], name: str, words: str, run: mails.Run
) -> argparse.ArgumentParser:
    command = group.add_parser(name, help=words)
    command.add_argument("id", type=terminal.count, nargs="*")
    command.add_argument("--all", action="store_true", help="all that are held, the newest first")
    command.set_defaults(run=run)
    return command


async def list_mails(options: argparse.Namespace) -> int:
    async with database(options):
        states = [OutboxState(options.state)] if options.state else []
        rows = await outbox.listing(states=states, limit=options.limit)
    known, now = opened.settings(options).mailbox, SystemClock().now()
    cells = [
        (
            row.id, terminal.short_moment(row.created_at, now), row.state, row.letter, mails.ticket(row.ticket_id), row.recipient,
            row.attempts, _answer(row, known),
        )
        for row in rows
    ]  # fmt: skip
    names = ("id", "written", "state", "letter", "ticket", "to", "tries", "answer")
    return mails.tell(options, [_as_json(row) for row in rows], names, cells)


async def show_mail(options: argparse.Namespace) -> int:
    async with database(options):
        row = await outbox.get(options.id)
        content = await outbox.content(options.id)
    if row is None or content is None:
        return terminal.fail(f"There is no mail {options.id} in the outbox. `mailproc outbox list` shows the newest.")
    if options.raw:
        return mails.write(content)
    if options.json:
        print(terminal.as_json(_as_json(row)))
        return 0
    print(
        terminal.paint(f"outbox {row.id}", terminal.BOLD),
        f"· {row.letter} · ticket {mails.ticket(row.ticket_id)} · {row.mail_class}",
    )
    print(f"to        {terminal.harmless(row.recipient)}")
    print(f"from      {terminal.harmless(row.sender) or '<> (machine mail)'}")
    print(f"id        {row.message_id}")
    print(f"written   {terminal.moment(row.created_at)}")
    print(f"state     {row.state} {mails.attempts(row.attempts)}")
    print(f"mailbox   {row.mailbox}")
    print(f"answer    {terminal.harmless(_answer(row, opened.settings(options).mailbox)) or '-'}")
    print(f"sent      {terminal.moment(row.sent_at)}")
    return 0


async def retry_mails(options: argparse.Namespace) -> int:
    done = "will be sent by the running daemon, with the same Message-ID."
    refused = "was sent, is under way or does not exist: nothing was done."
    return await mails.again(options, "outbox", lambda number: outbox.retry(number, SystemClock().now()), done, refused)


async def release_letters(options: argparse.Namespace) -> int:
    start, pace = SystemClock().now(), timedelta(minutes=1) / options.per_minute

    async def let_go(place: int, number: int) -> bool:
        return await outbox.release(number, start + place * pace, start)

    return await _held(options, let_go, "will be sent by the running daemon.")


async def drop_letters(options: argparse.Namespace) -> int:
    now = SystemClock().now()
    return await _held(options, lambda _, number: outbox.drop(number, now), "will never be sent.")


async def _held(options: argparse.Namespace, settle: Callable[[int, int], Awaitable[bool]], done: str) -> int:
    """Settle the letters named, or all of them; 1 when one of them is not held."""
    if bool(options.id) == options.all:
        return terminal.fail("Name letters by their numbers, or write --all. `mailproc outbox list --state held`")
    count = failed = 0
    async with database(options), transaction():  # trouble midway undoes all, as is told then
        numbers = options.id or await outbox.held(_MOST_HELD)
        for place, number in enumerate(numbers):
            if await settle(place, number):
                count += 1
            else:
                failed += terminal.fail(f"outbox {number}: is not held: nothing was done.")
    print(f"{count} letter{'' if count == 1 else 's'}: {done}")
    return 1 if failed else 0


def _answer(row: OutboxRow, known: Container[str]) -> str:
    """What the server said last; of a letter that has no server any more, that."""
    under_way = row.state in {OutboxState.QUEUED, OutboxState.RETRY, OutboxState.SENDING, OutboxState.HELD}
    return f"the configuration has no mailbox {row.mailbox}" if under_way and row.mailbox not in known else row.reply


def _as_json(row: OutboxRow) -> dict[str, object]:
    return {
        "id": row.id,
        "ticket": row.ticket_id,
        "mailbox": row.mailbox,
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
