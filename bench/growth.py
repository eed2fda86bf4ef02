"""What a mail costs with much stored, beside what it costs with little.

    python -m bench.growth [--few 1000] [--many 100000] [--mails 300] [--rounds 2]

The better of two runs each, by turns. Wall clock and the daemon's processor time a mail, as ratios: near 1 means that
nothing walks through the tables.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from datetime import UTC, datetime

from bench.ingest import Result, work_off
from bench.mails import mails
from bench.stand import SUPPORT, Stand, stand
from mailproc.store import db, schema

#: Rows as the daemon leaves them after some months: closed tickets, sent letters, handled mail.
_TABLES = (
    """person (id, address, written, name, language, time_zone, created_at)
        SELECT i, 'm' || i || '@customer.example', 'm' || i || '@customer.example', 'Customer', 'en', '', :now FROM n""",
    """inbound_mail (id, mailbox, folder, uidvalidity, uid, size, oversize, content_hash, arrived_at, spooled_at, state,
        attempts, next_attempt_at, outcome, reason, ticket_id, filed, content)
        SELECT i, 'support', 'INBOX', 1, i, 4000, 0, hex(randomblob(32)), :now, :now, 'done', 1, :now, 'message', 'opened',
        i, 1, randomblob(2000) FROM n""",
    """ticket (id, customer_id, mailbox, team, subject, subject_key, status, outcome, owner, language, priority,
        created_at, updated_at, resolved_by, resolvers, thread)
        SELECT i, 1 + i % :people, 'support', 'support', 'Printer', 'key' || (i % 500),
        CASE WHEN i % 20 THEN 'Closed' ELSE 'In Progress' END, '', 'anna', 'en', 'P3', :now, :now, '', '', '' FROM n""",
    """ticket_message (ticket_id, kind, private, author, author_name, text, full_text, attachments, created_at)
        SELECT i, 'customer', 0, 'a', 'b', hex(randomblob(500)), hex(randomblob(500)), '[]', :now FROM n""",
    "known_message_id (ticket_id, digest) SELECT i, lower(hex(randomblob(32))) FROM n",
    """history_entry (ticket_id, at, kind, actor, text, reason)
        SELECT i, :now, 'mail', 'customer', 'message', 'new' FROM n UNION ALL
        SELECT i, :now, 'sent', 'mailproc', 'acknowledgement', '' FROM n""",
    """outbox_mail ("key", ticket_id, mailbox, letter, mail_class, sender, recipient, message_id, message_digest, created_at,
        state, attempts, doubts, next_attempt_at, reply)
        SELECT 'key' || i, i, 'support', 'acknowledgement', 'automatic', '', 'm' || i || '@customer.example', '',
        lower(hex(randomblob(32))), :now, 'sent', 1, 0, :now, '250 ok' FROM n""",
    "outbox_content (id, content) SELECT i, randomblob(3000) FROM n",
    """automatic_letter (at, address, domain, ticket_id, letter, stranger, held)
        SELECT :now, 'm' || (i % :people) || '@customer.example', 'customer.example', i, 'acknowledgement', 1, 0 FROM n""",
    """deadline (ticket_id, "key", kind, round, set_at, due_at, done_at, attempts, note)
        SELECT i, 'due' || i, 'reminder', 1, :now, :later, CASE WHEN i % 20 THEN :now ELSE NULL END, 0, '' FROM n""",
)


async def fill(on: Stand, count: int) -> None:
    """`count` tickets with all that hangs on them."""
    async with db.connected(f"sqlite://{on.database}") as connection:
        await schema.upgrade(connection, datetime.now(UTC))
        values = {":now": "'2026-01-05 08:00:00+00:00'", ":later": "'2036-01-05 08:00:00+00:00'"}
        values[":people"] = str(min(count, 500))
        for rows in _TABLES:
            numbers = (
                f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) INSERT INTO {rows}"
            )
            for name, value in values.items():
                numbers = numbers.replace(name, value)
            await connection.execute_script(numbers)


def measured(stored: int, count: int) -> Result:
    """A fresh stand with so many tickets; so many mails worked off."""
    with stand() as on:
        asyncio.run(fill(on, stored))
        return work_off(on, list(mails(count, to=SUPPORT, seed=3)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--mails", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    rounds = [
        {stored: measured(stored, options.mails) for stored in (options.few, options.many)}
        for _ in range(options.rounds)
    ]
    # Of the runs the best: what else the machine does only ever adds.
    wall = {stored: min(each[stored].seconds for each in rounds) / options.mails for stored in rounds[0]}
    processor = {stored: min(each[stored].processor_seconds for each in rounds) / options.mails for stored in rounds[0]}
    for stored, seconds in wall.items():
        print(
            f"{stored:>7} tickets stored: {1000 * seconds:6.1f} ms a mail, {1000 * processor[stored]:6.1f} ms of processor"
        )
    ratios = {
        "wall": round(wall[options.many] / wall[options.few], 2),
        "processor": round(processor[options.many] / processor[options.few], 2),
    }
    print(json.dumps(ratios))


if __name__ == "__main__":
    main()
