"""The fault matrix: every fault, attack and bad input that is provided for, with the tests that show it.

python -m tools.fault_matrix > docs/fault-matrix.md

Tests name the rows they show with `@pytest.mark.row("N7")`; a test compares the document with what they name.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]

ROWS: Mapping[str, Mapping[str, str]] = {
    "Crashes: killed at any moment, it goes on as if nothing had been": {
        "C1": "killed between fetching and spooling: fetched again, once",
        "C2": "killed between spooling and the first attempt: handled at the next start",
        "C3": "killed, or out of memory, while a mail is read: counted, set aside in the end, others flow",
        "C4": "killed inside the transaction that records a decision: all of it, or nothing",
        "C5": "killed between recording and moving the mail: no second ticket, no second letter",
        "C6": "killed between moving and writing that down: moving again is harmless",
        "C7": "killed between COPY and EXPUNGE: one copy more at most, never a second ticket",
        "C8": "killed between claiming a letter and connecting: sent later",
        "C9": "killed while the letter's text goes out: sent later",
        "C10": "killed between the final dot and the answer: automatic mail at most once, a person's at least once",
        "C11": "killed between the answer and writing it down: as C10",
        "C12": "killed while a deadline is carried out: no second reminder, closing or survey",
        "C13": "killed during a migration or the first start: the second start works",
        "C14": "stopped in order: drained within ten seconds",
        "C15": "a command writes while the daemon runs: both succeed",
        "C16": "power loss: whatever was committed is there",
    },
    "Network and servers": {
        "N1": "the server closes in the middle of IDLE: seen at once, no busy loop",
        "N2": "news that come together with the answer to IDLE: looked for within a cycle",
        "N3": "a connection that is only half open: given up after a timeout, other mailboxes go on",
        "N4": "BYE in the middle of a session: connected again, nothing lost",
        "N5": "a wrong or outdated password: told, tried again without hammering, sending goes on",
        "N6": "a login refused for the moment: not taken for a wrong password",
        "N7": "cut inside a mail's bytes: nothing of it is kept, fetched again",
        "N8": "answers that are empty, incomplete or unasked for: skipped, asked again",
        "N9": "UIDVALIDITY changes: everything is looked at anew, known content recognised",
        "N10": "a UID given twice: the content decides",
        "N11": "a mailbox that may only be read, or has no room: mail is handled all the same",
        "N12": "a person moves, reads or deletes mail meanwhile: what was spooled is kept",
        "N13": "two daemons on one mailbox: the second refuses",
        "N14": "the SMTP server is away, or its certificate is wrong: later, never in clear",
        "N15": "temporary refusals at any verb: later, in order within a ticket",
        "N16": "permanent refusals at any verb: ended, told to the owner, others unaffected",
        "N17": "cut at any verb, or inside the text: as C8 to C11",
        "N18": "a server that drips, babbles or never ends a line: time and memory stay bounded",
        "N19": "a login refused by SMTP: the account rests",
        "N20": "a server that takes less than the letter's size: ended at once, and told why",
        "N21": "an address beyond ASCII and a server that can't: told",
        "N22": "the clock leaps: nothing twice, nothing late below zero",
        "N23": "the database is locked, full, away or restarted: waited for, nothing acknowledged without it",
        "N24": "the disk is full: as N23; a log that can't be written stops nothing",
        "N25": "ten thousand mails at the start: memory bounded, acknowledgements within their budget",
    },
    "Bad input": {
        "I1": "no From, an empty one, a group, only Sender",
        "I2": "several From fields or mailboxes, addresses that readers read differently",
        "I3": "no Message-ID, an empty, doubled, long or strange one",
        "I4": "one Message-ID on different mails",
        "I5": "one mail by several ways",
        "I6": "unknown, lying or dangerous charsets",
        "I7": "NUL, controls, direction marks and invisible characters",
        "I8": "broken encodings, boundaries and line ends",
        "I9": "parts nested too deeply",
        "I10": "too many parts, fields, addresses, references, encoded words",
        "I11": "too large a mail, or one whose size is a lie",
        "I12": "archives that explode when unpacked",
        "I13": "winmail.dat",
        "I14": "calendar, signed and encrypted mail",
        "I15": "HTML only, or text and HTML that differ",
        "I16": "pictures inside the text, and dozens of logos",
        "I17": "file names that are paths, devices, too long, doubled or in pieces",
        "I18": "no date, or an impossible one",
        "I19": "international domains and local parts, quoted, commented and overlong addresses",
        "I20": "plus-addresses of customers",
        "I21": "an empty body, only quotes, only a signature",
        "I22": "resent and forwarded mail",
        "I23": "mbox leftovers, blank lines and marks before the header",
        "I24": "field names that look like a program's own",
    },
    "Abuse": {
        "A1": "somebody writes under an agent's address",
        "A2": "an agent without a token",
        "A3": "a token in the wrong hands",
        "A4": "guessed or forged references, tags and numbers",
        "A5": "tokens cut, moved to another ticket, or of an old key",
        "A6": "commands in quoted text",
        "A7": "commands in a customer's mail",
        "A8": "robots that seem to answer a question",
        "A9": "two robots that answer each other",
        "A10": "our own address as sender",
        "A11": "thousands of mails under somebody else's address",
        "A12": "acknowledgements used to carry advertising",
        "A13": "header injection",
        "A14": "template injection",
        "A15": "active content on its way to agents or customers",
        "A16": "pictures and fonts that tell who reads",
        "A17": "texts that cost more time than their length",
        "A18": "mails that cost memory or time",
        "A19": "ratings forged, repeated, late, by strangers or scanners",
        "A20": "reply-all between customers, colleagues and the desk",
        "A21": "an agent's private data in what is sent on",
        "A22": "the desk in Bcc",
        "A23": "competitors, lists, agents and robots in copy",
        "A24": "a Reply-To that differs from the sender",
        "A25": "other services' confirmations sent to the desk",
        "A26": "forged delivery reports",
        "A27": "attachments that may harm",
        "A28": "injection into the database, the log and the terminal",
        "A29": "one sender floods the desk",
        "A30": "secrets and tokens in logs and to third parties",
        "A31": "alerts that answer themselves",
        "A32": "a hostile IMAP server",
    },
}


def shown() -> dict[str, list[str]]:
    """By row: the tests that name it."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in sorted((ROOT / "tests").rglob("test_*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for row, name in _named(tree):
            found[row].append(f"{file.relative_to(ROOT / 'tests')}::{name}")
    return found


def _named(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Rows with the function, the class or (by `pytestmark`) the module that names them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for mark in node.decorator_list:
                yield from ((row, node.name) for row in _rows(mark))
        elif isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id == "pytestmark" for t in node.targets
        ):
            yield from ((row, "all") for row in _rows(node.value))


def _rows(marks: ast.expr) -> Iterator[str]:
    for node in ast.walk(marks):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "row":
            yield from (
                each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )


def document() -> str:
    """The whole page."""
    found = shown()
    lines = [
        "# The fault matrix",
        "",
        "What mailproc provides for, and the tests that show it (below `tests/`). Written by `python -m tools.fault_matrix`;",
        "a test keeps it true. **open**: provided for in the design, and shown by no test that names it yet.",
    ]
    for part, rows in ROWS.items():
        lines += ["", f"## {part}", "", "| | | shown by |", "|---|---|---|"]
        for row, meaning in rows.items():
            tests = "<br>".join(f"`{name}`" for name in sorted(set(found.get(row, ())))) or "**open**"
            lines.append(f"| {row} | {meaning} | {tests} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(document(), end="")
