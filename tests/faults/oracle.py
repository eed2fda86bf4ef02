"""What a run must have left behind: injected mails, database, folders and the SMTP server's mails, compared as sets."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser

from mailproc.store import db
from tests.faults.keeper import REFUSED
from tests.faults.ledger import Row
from tests.faults.letters import Kind
from tests.faults.life import Life


@dataclass(slots=True)
class Verdict:
    """What was found. Only `wrong` breaks a promise."""

    wrong: list[str] = field(default_factory=list)
    lost: int = 0  # of what is wrong: mails that are not in the spool, letters that never arrived and are not said to be unknown
    answers_doubled: int = 0  # agents' words that arrived twice, with one Message-ID, told as unknown
    followed: int = 0  # letters to agents whose fate was unknown, not repeated, and of which another letter tells
    withheld: int = 0  # letters whose fate was unknown, not repeated, and that had not arrived
    arrived_unknown: int = 0  # ditto, and that had
    extra_copies: int = 0  # in the folder of handled mail, where the server can't MOVE

    def expect(self, *, holds: bool, words: str) -> None:
        if not holds:
            self.wrong.append(words)


async def judge(life: Life, *, forgiving: bool = False) -> Verdict:
    """Look at everything a run left behind. `forgiving`: its disk failed, which may be logged and may end it."""
    verdict = Verdict()
    await _inbound(life, verdict)
    await _tickets(life, verdict)
    await _outbox(life, verdict)
    await _folders(life, verdict)
    if not forgiving:
        _program(life, verdict)
    if db.dialect_of(life.ledger.url) == "sqlite":
        (integrity,) = await life.ledger.rows("PRAGMA integrity_check")
        verdict.expect(holds=list(integrity.values()) == ["ok"], words=f"the database is damaged: {integrity}")
    return verdict


def _ids(mails: list[bytes]) -> Counter[str]:
    return Counter(str(BytesHeaderParser().parsebytes(raw[:4000])["Message-ID"]) for raw in mails)


async def _inbound(life: Life, verdict: Verdict) -> None:
    """INV1, INV2: each mail is one row, and each row ended as it should."""
    rows = await life.ledger.rows("SELECT id, content, state, outcome, reason, ticket_id FROM inbound_mail ORDER BY id")
    injected = Counter(mail.message_id for mail in life.injected)
    stored = _ids([bytes(row["content"]) for row in rows])
    verdict.lost += (injected - stored).total()
    verdict.expect(
        holds=stored == injected, words=f"spool: lacks {injected - stored}, has too many {stored - injected}"
    )
    said = Counter(row["inbound_id"] for row in await life.ledger.rows("SELECT inbound_id FROM ticket_message"))
    by_content = {bytes(row["content"]).replace(b"\r\n", b"\n").strip(): row for row in rows}
    for mail in life.injected:
        row = next(
            (row for raw, row in by_content.items() if raw.endswith(mail.raw.replace(b"\r\n", b"\n").strip())), None
        )
        if row is not None:
            _one_mail(mail.kind, mail.message_id, row, said[row["id"]], verdict)


def _one_mail(kind: Kind, name: str, row: Row, said: int, verdict: Verdict) -> None:
    poisoned = kind is Kind.POISON
    verdict.expect(
        holds=row["state"] == ("quarantined" if poisoned else "done"),
        words=f"{name} ended {row['state']}: {row['reason']}",
    )
    expected = 1 if kind in {Kind.MATTER, Kind.MORE, Kind.ANSWER} else 0
    verdict.expect(
        holds=said == expected, words=f"{name} ({kind}) is {said} messages: {row['outcome']}, {row['reason']}"
    )


async def _tickets(life: Life, verdict: Verdict) -> None:
    """One ticket a matter, its customer acknowledged at most once (INV3), closed things told once."""
    people = "SELECT address FROM ticket JOIN person ON person.id = customer_id"
    tickets = Counter(row["address"] for row in await life.ledger.rows(people))
    matters = Counter(mail.sender for mail in life.injected if mail.kind is Kind.MATTER)
    verdict.expect(holds=tickets == matters, words=f"tickets: lacks {matters - tickets}, too many {tickets - matters}")
    letters = await life.ledger.rows("SELECT ticket_id, letter, recipient, mail_class FROM outbox_mail")
    once = Counter((row["ticket_id"], row["letter"]) for row in letters if row["letter"] in _ONCE)
    twice = {key: count for key, count in once.items() if count > 1}
    verdict.expect(holds=not twice, words=f"written twice: {twice}")
    answers = Counter(row["letter"] for row in letters if row["mail_class"] == "human")
    verdict.expect(holds=answers.total() == _answers(life), words=f"agents' answers became {answers}")
    (closed,) = await life.ledger.rows("SELECT count(*) AS closed FROM ticket WHERE status = 'Closed'")
    resolved = sum(b"#resolve" in mail.raw for mail in life.injected)
    verdict.expect(holds=closed["closed"] == resolved, words=f"{closed['closed']} tickets were closed, not {resolved}")


_ONCE = frozenset({"acknowledgement", "oversize", "reminder", "closure", "survey"})


def _answers(life: Life) -> int:
    return sum(mail.kind is Kind.ANSWER for mail in life.injected)


async def _outbox(life: Life, verdict: Verdict) -> None:
    """INV4: what was written arrived, once; what is not known is told."""
    rows = await life.ledger.rows("SELECT id, key, message_id, recipient, letter, mail_class, state FROM outbox_mail")
    arrived = Counter(taken.message_id for taken in life.keeper.taken)
    told = {
        row["outbox_id"] for row in await life.ledger.rows("SELECT outbox_id FROM history_entry WHERE kind = 'unknown'")
    }
    known = {row["message_id"] for row in rows}
    verdict.expect(holds=len(known) == len(rows), words="two letters have one Message-ID")
    verdict.expect(holds=set(arrived) <= known, words=f"sent and not in the outbox: {set(arrived) - known}")
    keys = {row["key"] for row in rows}
    for row in rows:
        _one_letter(row, arrived[row["message_id"]], row["id"] in told, keys, verdict)
    unknown = Counter(row["recipient"] for row in rows if row["state"] == "unknown" and not arrived[row["message_id"]])
    cut_off = life.keeper.asked - Counter(taken.recipient for taken in life.keeper.taken)
    verdict.expect(
        holds=unknown <= cut_off, words=f"withheld, and their content was never asked for: {unknown - cut_off}"
    )


def must_be_followed(row: Row) -> bool:
    """Letters that bring an agent somebody's words; the one that follows these, and the word to colleagues, end the chain."""
    last = row["letter"] == "missed" or ":missed:" in row["key"]
    return not last and (row["mail_class"] == "words" or row["letter"] in {"notification", "held", "confirmation"})


def _one_letter(row: Row, times: int, told: bool, keys: set[str], verdict: Verdict) -> None:
    name = f"{row['letter']} to {row['recipient']} ({row['state']}, arrived {times} times)"
    if row["recipient"] == REFUSED and row["state"] != "unknown":  # that too, when the daemon died meanwhile
        verdict.expect(holds=(row["state"], times) == ("dead", 0), words=f"refused for good: {name}")
        return
    answer = row["mail_class"] == "human"
    followed = f"missed:{row['key']}" in keys
    if row["state"] == "unknown":
        verdict.expect(holds=not answer and told and times <= 1, words=f"not told or wrong: {name}")
        verdict.expect(holds=followed == must_be_followed(row), words=f"followed: {followed}: {name}")
        verdict.followed += followed
        verdict.withheld += times == 0
        verdict.arrived_unknown += times
        return
    verdict.lost += times == 0
    verdict.expect(holds=row["state"] == "sent" and times >= 1, words=f"lost: {name}")
    verdict.expect(holds=not followed, words=f"it arrived, and another letter says that it may be missed: {name}")
    if times > 1:
        verdict.expect(holds=answer and told, words=f"doubled: {name}")
        verdict.answers_doubled += times - 1


async def _folders(life: Life, verdict: Verdict) -> None:
    """Every mail lies in its folder; where the server can only copy, a second copy of it may."""
    inbox, processed, failed = [
        _ids(await asyncio.to_thread(life.dovecot.mails, life.address, name))
        for name in ("INBOX", "Processed", "Failed")
    ]
    poison = Counter(mail.message_id for mail in life.injected if mail.kind is Kind.POISON)
    rest = Counter(mail.message_id for mail in life.injected) - poison
    verdict.expect(holds=not inbox, words=f"left in the inbox: {inbox}")
    verdict.expect(
        holds=not rest - processed and set(processed) == set(rest), words=f"Processed lacks {rest - processed}"
    )
    verdict.expect(holds=not poison - failed and set(failed) == set(poison), words=f"Failed lacks {poison - failed}")
    sent = _ids(await asyncio.to_thread(life.dovecot.mails, life.address, "Sent"))
    left = "SELECT message_id FROM outbox_mail WHERE mail_class = 'human' AND state = 'sent'"
    answers = Counter(str(row["message_id"]) for row in await life.ledger.rows(left))
    verdict.expect(holds=sent == answers, words=f"Sent lacks {answers - sent}, has too many {sent - answers}")
    verdict.extra_copies += (processed - rest).total() + (failed - poison).total()


def _program(life: Life, verdict: Verdict) -> None:
    log = life.program.log()
    verdict.expect(holds="Traceback" not in log, words=f"a traceback in the log: {log[log.find('Traceback') :][:2000]}")
    verdict.expect(holds=not life.program.odd_ends, words=f"the daemon ended by itself: {life.program.odd_ends}")
    verdict.expect(holds=set(life.stops) <= {0}, words=f"asked to end, it ended with {life.stops}")
    for code, words in life.commands:
        verdict.expect(holds=code in {0, -9}, words=f"a command failed: {words}")
