"""Every letter in every language with lifelike values, as files and as pictures to look at.

    python -m tests.testlib.pictures FOLDER

writes `<letter>-<language>.txt` and `.html`, and where chromium is installed three pictures of each page: wide, narrow
as on a phone, and dark.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mailproc.core import letters
from mailproc.core.digest import Acted, Counted, Digest, Happened, Line, Listed, PastOf, Report, Shown
from mailproc.core.letter_values import LetterValues
from mailproc.core.letters import (
    Action,
    BadLine,
    Caution,
    Change,
    Done,
    Exchange,
    HeldBecause,
    Letter,
    News,
    TicketFacts,
)
from mailproc.core.lifecycle import Outcome, Status
from mailproc.core.policy import Rule
from mailproc.core.queries import View
from mailproc.handling.asking import command_usages, query_usages
from mailproc.render.letters import Letters
from mailproc.resources import templates_folder

LANGUAGES = ("en", "de")
ZONE = "Europe/Berlin"
AT = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
DUE = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TICKET = TicketFacts("Acme Support", "Acme", 1042, "Printer stops after page two")
ANSWER = (
    "Dear Clara,\n\nplease install driver 4.2 from https://acme.example/drivers/printer-4.2 and print a test page; it "
    "prints all pages again, also on both sides, and the display stays quiet while it does.\n\n"
    "    1. Settings > Printers > Update\n    2. Restart\n\nKind regards\nAnna"
)
QUESTION = (
    "Hello,\n\nsince the update our printer prints two pages and stops. The display says <E-42> & blinks.\n\nClara"
)


def action(token: str, reference: str = "") -> Action:
    """A button's address, as long as real ones are."""
    return Action(f"support+{token}{'a2b3c4d5e6' * 4}@acme.example", reference)


def notification(news: News = News.NEW, detail: str = "", text: str = QUESTION) -> letters.Notification:
    reply = action("reply")
    return letters.Notification(
        ticket=TICKET, news=news, reply_reaches=("Clara Jones", "chief@customer.example"), author="Clara Jones",
        author_address="clara@customer.example", at=AT, text=text, attachments=("as-written.html", "printer.log", "Foto vom Gerät.jpg", "report.html"),
        detail=detail, status="Assigned", owner="Anna", priority="P3", language="de", answer_by=DUE,
        copied=("chief@customer.example",), previous=977, linked=(letters.LinkedTicket(912, "Old driver", "In Progress"),),
        earlier=(
            Exchange("Anna", AT - timedelta(hours=2), "Dear Clara,\n\nwhich driver do you use?\n\nAnna", private=False),
            Exchange("Ben", AT - timedelta(hours=3), "The driver of build 4.1 is our fault.", private=True),
        ),
        take=reply, note=action("note"), resolve=reply, wait=reply, close=reply,
        accept=reply if news is News.STRANGER else None, help=reply, queue=action("queue"),
        cleaned=("report.html",), share=reply if news is News.VENDOR_ANSWERED else None, ask=reply if news is News.SIDE_STRANGER else None,
        snooze=reply, escalate=reply, category="Technical Issues", product="Printer X", tags=("driver", "update"), eta_at=DUE,
        customer=letters.Customer(
            "Clara Jones", "clara@customer.example", "Customer & Sons", True,
            (letters.EarlierTicket(977, "Stops after page 2", "Closed", "confirmed", 5),
             letters.EarlierTicket(950, "", "In Progress", "", None)),
        ),
        withheld=(
            letters.Withheld("invoice.pdf.exe", 120_000, letters.WithheldBecause.KIND, 17, 2),
            letters.Withheld("page.htm", 3_000_000, letters.WithheldBecause.HTML, 17, 4),
            letters.Withheld("film.mp4", 21_000_000, letters.WithheldBecause.SIZE, 17, 3),
        ),
    )  # fmt: skip


DESK = TicketFacts("Acme Support", "Acme", 0, "")


LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk: the invoice of last month is wrong"


def line(place: int, subject: str, **fields: Any) -> Line:
    whole = Line(place, 1000 + place, subject, "Assigned", "P3", "Anna", "Clara Jones", DUE, 190)
    return replace(whole, **fields)


def digest() -> Digest:
    """A list as it comes when it is asked for."""
    lines = (
        line(1, "Printer stops"), line(2, "Invoice", status="In Progress", due=None, minutes=5000),
        line(3, "プリンターが止まる", priority="P1", customer="田中", status="Reopened", minutes=12, owner=""),
        line(14, LONG, status="Waiting for Third-Party", owner="Anna Katharina Beispiel-Mustermann",
             customer="Clara Josefine Jones-Montgomery of the Printing Department"),
    )  # fmt: skip
    return Digest(DESK, AT, lists=(Listed("list", "", lines, more=True),), own=action("own"))


def digests() -> Iterator[tuple[str, Digest]]:
    """The other things it may say."""
    shown = Shown(line(0, TICKET.subject), "de", ("chief@customer.example",), notification().earlier)
    happened = (Happened(AT, "anna", "New -> Assigned (assigned)"), Happened(DUE, "mailproc", "receipt to anna"))
    done = (Done(Change.STATUS, "Resolved"), Done(Change.ASSIGNED, "Ben"))
    refused = (Done(Change.REFUSED, "the ticket is closed"),)
    report = Report((Counted("New", 3), Counted("Reopened", 1)), 2, line(0, "Invoice"), 12, 4, 4.25)
    bad = (BadLine("1 doen", "done"), BadLine("lsit the tickets that are late or will be within the week", "list"))
    yield "empty", Digest(DESK, AT, lists=(Listed("find", "paper jam", (), more=False, searched=2000),))
    yield "found", Digest(DESK, AT, lists=(Listed("find", "clara@customer.example", (line(1, "Jam"),), more=False),))
    yield "shown", Digest(DESK, AT, shown=(shown,), past=(PastOf(1042, TICKET.subject, happened, more=True),))
    yield "report", Digest(DESK, AT, report=report, missing=(17,))
    yield "bare-report", Digest(DESK, AT, report=Report((), 0, None, 0, 0, 0.0))
    yield "bad", Digest(DESK, AT, bad=bad)
    yield "unproven", Digest(DESK, AT, unproven="no trusted server has judged the sender")
    yield "daily", replace(digest(), daily=True)
    yield "help", Digest(DESK, AT, queries=query_usages(), commands=command_usages(personal=True))
    acted = (
        Acted(1, 1001, "Printer stops", done, 41),
        Acted(0, 17, "", (Done(Change.NOT_YOURS),)),
        Acted(2, 1002, "I", refused),
    )
    yield "acted", Digest(DESK, AT, acted=acted, undo=action("queue"))
    for view in View:
        yield f"view-{view}", Digest(DESK, AT, lists=(Listed(view.value, "", (line(1, "Jam"),), more=False),))
    lines = tuple(line(1, "Jam", status=status.value) for status in Status)
    yield "statuses", Digest(DESK, AT, lists=(Listed("mine", "", lines, more=False),))


def samples() -> Mapping[Letter, LetterValues]:
    """One lifelike value for each letter."""
    yes, no = action("yes"), action("no")
    one, two, three, four, five = (action(f"rate{score}") for score in range(1, 6))
    return {
        Letter.ACKNOWLEDGEMENT: letters.Acknowledgement(TICKET, DUE),
        Letter.OVERSIZE: letters.Oversize(TICKET, 40_000_000),
        Letter.ANSWER: letters.Answer(TICKET, ANSWER),
        Letter.STATUS: letters.StatusUpdate(TICKET, "Waiting for Third-Party", "Anna"),
        Letter.RESOLUTION: letters.Resolution(TICKET, ANSWER, "Anna", yes, no, DUE),
        Letter.REMINDER: letters.Reminder(TICKET, yes, no, DUE),
        Letter.CLOSURE: letters.Closure(TICKET, "confirmed", DUE),
        Letter.REOPENED: letters.Reopened(TICKET, "Anna"),
        Letter.SURVEY: letters.Survey(TICKET, "Anna", (one, two, three, four, five)),
        Letter.NOTIFICATION: notification(),
        Letter.RECEIPT: letters.Receipt(
            TICKET, AT,
            (Done(Change.SENT, "clara@customer.example"), Done(Change.SENT, "chief@customer.example"),
             Done(Change.STATUS, "Resolved")),
            "Resolved", DUE, DUE - timedelta(days=1), action("reply"), 12, AT + timedelta(minutes=5), action("queue"),
        ),
        Letter.HELD: letters.Held(
            TICKET, HeldBecause.UNKNOWN_COMMAND, (BadLine("#resovle driver", "#resolve"),),
            "#resovle driver\nPlease install driver 4.2.", action("reply"),
        ),
        Letter.CONFIRMATION: letters.Confirmation(
            TICKET, "no trusted server has judged the sender", AT, "Please install driver 4.2.", False, DUE,
            action("confirm"), (7, 12),
        ),
        Letter.HELP: letters.Help(TICKET, command_usages(), action("queue")),
        Letter.DIGEST: digest(),
        Letter.MISSED: letters.Missed(
            replace(TICKET, subject=f"[{TICKET.prefix} #{TICKET.number}] {TICKET.subject}"), AT, ANSWER,
            enclosed=True, number=77,
        ),
        Letter.SIDE: letters.Side(replace(TICKET, subject=""), ANSWER, bug=False, follows=False),
    }  # fmt: skip


def holds() -> Iterator[tuple[str, Letter, LetterValues]]:
    """Every reason to hold."""
    for because in HeldBecause:
        bad = (BadLine("#resovle driver", "#resolve"), BadLine(f"#{'resolve-it-at-once' * 6}", "#resolve"))
        lines = bad if because is HeldBecause.UNKNOWN_COMMAND else ()
        held = letters.Held(TICKET, because, lines, "Please install it.", action("reply"), ("plan.pdf",))
        yield f"held-{because}", Letter.HELD, held
    said = (Exchange("Ben", AT, "Please install driver 4.1.", private=False),)
    seen = tuple(Caution(rule.value, "Ben") for rule in Rule)
    seen_it = letters.Held(
        TICKET, HeldBecause.CAUTION, (), "Install it.", action("reply"), cautions=seen, since=said, decide=True
    )
    yield "held-all", Letter.HELD, seen_it
    meant = (BadLine("#resovle driver", "#resolve"),)
    yield "held-meant", Letter.HELD, replace(seen_it, because=HeldBecause.UNKNOWN_COMMAND, lines=meant, meant=True)


def others() -> Iterator[tuple[str, Letter, LetterValues]]:
    """More of the letters that say different things: every news, every reason to hold, every end."""
    for news in News:
        detail = {
            News.RATED: "2",
            News.UNDELIVERED: "550 5.1.1 no such user",
            News.DELAYED: "451 4.3.2 try again later",
            News.REOPENED: "it still stops",
        }
        yield f"notification-{news}", Letter.NOTIFICATION, notification(news, detail.get(news, ""))
    yield from holds()
    for outcome in Outcome:
        yield f"closure-{outcome}", Letter.CLOSURE, letters.Closure(TICKET, outcome.value, DUE)
    yield "closure-merged-into", Letter.CLOSURE, letters.Closure(TICKET, Outcome.MERGED.value, DUE, 977)
    for status in (Status.NEW, Status.WAITING_FOR_CUSTOMER):
        yield f"status-{status}", Letter.STATUS, letters.StatusUpdate(TICKET, status.value, "")
    bare = replace(
        notification(), text="", reply_reaches=(), owner="", answer_by=None, copied=(), earlier=(), customer=None,
        category="", product="", tags=(), eta_at=None,
    )  # fmt: skip
    yield "notification-bare", Letter.NOTIFICATION, bare
    cut = replace(notification(), cut=True, attachments=("whole-text.txt",), folder="Desk/Done")
    yield "notification-cut", Letter.NOTIFICATION, cut
    yield "notification-cut-withheld", Letter.NOTIFICATION, replace(cut, attachments=())
    yield "notification-oversize", Letter.NOTIFICATION, replace(bare, oversize=True, folder="Desk/Done")
    long = replace(notification(), author="Clara Josefine Jones-Montgomery of the Printing Department", earlier=(
        Exchange("Anna Katharina Beispiel-Mustermann von der zweiten Ebene", AT, "Yes.", private=True),
    ))  # fmt: skip
    yield "notification-long", Letter.NOTIFICATION, long
    side = letters.Side(replace(TICKET, subject=""), ANSWER, bug=True, follows=True)
    yield "side-bug", Letter.SIDE, side
    outside = letters.Held(TICKET, HeldBecause.EMPTY, (), "", action("side"), (), "help@vendor.example")
    taken_in = letters.Receipt(
        TICKET, AT, (Done(Change.FORWARDED, "Clara <clara@customer.example>"),), "New", None, None, confirm=action("reply"),
        understood="clara@customer.example",
    )  # fmt: skip
    yield "receipt-taken-in", Letter.RECEIPT, taken_in
    yield "held-outside", Letter.HELD, outside
    yield "acknowledgement-bare", Letter.ACKNOWLEDGEMENT, letters.Acknowledgement(TICKET, None)
    yield "reopened-bare", Letter.REOPENED, letters.Reopened(TICKET, "")
    asked = letters.Confirmation(TICKET, "dmarc=fail for acme.example", AT, "", True, DUE, action("confirm"), ())
    yield "confirmation-note", Letter.CONFIRMATION, asked
    empty = letters.Resolution(TICKET, "", "Anna", action("yes"), action("no"), DUE)
    yield "resolution-empty", Letter.RESOLUTION, empty
    yield "status-promised", Letter.STATUS, letters.StatusUpdate(TICKET, Status.IN_PROGRESS.value, "Anna", DUE)
    details = {Change.REFUSED: "the ticket is closed", Change.STATUS: "Assigned", Change.NOT_UNDONE: "changed"}
    done = tuple(Done(change, details.get(change, "Ben"), DUE) for change in Change)
    for name, value in digests():
        yield f"digest-{name}", Letter.DIGEST, value
    yield "receipt-all", Letter.RECEIPT, letters.Receipt(TICKET, AT, done, "Assigned", None, None)


def write(folder: Path) -> list[Path]:
    """All letters as files; the pages among them."""
    words = Letters([templates_folder()], "en")
    folder.mkdir(parents=True, exist_ok=True)
    pages = []
    every = [*((letter.value, letter, values) for letter, values in samples().items()), *others()]
    for language in LANGUAGES:
        for name, letter, values in every:
            rendered = words.render(letter, values, language, ZONE)
            page = folder / f"{name}-{language}.html"
            page.write_text(rendered.html, "utf-8")
            page.with_suffix(".txt").write_text(f"Subject: {rendered.subject}\n\n{rendered.text}", "utf-8")
            pages.append(page)
    return pages


def picture(page: Path, kind: str) -> Path:
    """One picture by chromium; `kind` is wide, narrow or dark. Raises CalledProcessError."""
    chromium = shutil.which("chromium")
    assert chromium is not None
    shown = page
    if kind == "narrow":  # a window is never narrower than 500 pixels: a frame is
        shown = page.with_name(f"{page.stem}-narrow-frame.html")
        shown.write_text(
            f'<body style="margin:0"><iframe src="{page.name}" width=360 height=990 frameborder=0></iframe>'
        )
    target = page.with_name(f"{page.stem}-{kind}.png")
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                f"--user-data-dir={profile}", f"--blink-settings=preferredColorScheme={0 if kind == 'dark' else 1}",
                f"--screenshot={target}", "--window-size=700,1000", shown.resolve().as_uri(),
            ],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip
    if shown is not page:
        shown.unlink()
    return target


def main() -> None:
    pages = write(Path(sys.argv[1]))
    if shutil.which("chromium") is None:
        sys.stderr.write("no chromium: only the files were written\n")
        return
    wanted = {letter.value for letter in Letter}
    for page in pages:
        if page.stem.rpartition("-")[0] in wanted:
            for kind in ("wide", "narrow", "dark"):
                picture(page, kind)


if __name__ == "__main__":
    main()
