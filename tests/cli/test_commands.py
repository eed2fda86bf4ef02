"""What an operator asks, while the daemon runs: the real program beside it, on one database."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from mailproc.cli import terminal
from mailproc.cli.main import main
from tests.cli.conftest import CONFIGURATION, Shell
from tests.testlib.desk import SUPPORT, Desk
from tests.testlib.repository import ROOT
from tests.testlib.store import raw_mail

HOSTILE = "Printer \x1b[2J \x9b31m 打印机坏了 \u202egnp.exe"


async def with_ticket(desk: Desk, subject: str = "Printer stops") -> None:
    await desk.clara.write(SUPPORT, subject, "It prints two pages.")
    await desk.clara.receive("[Acme #1]")
    await desk.quiet()


async def test_a_ticket_tells_what_happened_and_why(desk: Desk, shell: Shell) -> None:
    await with_ticket(desk)
    news = await desk.anna.receive("[Acme #1]")
    await desk.clara.write(SUPPORT, "Invoice", "Where is it?")
    await desk.clara.receive("[Acme #2]")
    await desk.anna.reply(news, "#resolve driver\n#link 2\n\nInstall driver 4.2.")
    await desk.clara.receive("driver 4.2")
    await desk.quiet()
    shown = (await shell("ticket", "show", "1")).out
    assert shown.startswith("#1 Printer stops   Resolved · P3 · anna\ncustomer clara@customer.example · en\n")
    assert "\nlinked with #2 Invoice: New\n" in shown
    (other,) = json.loads((await shell("ticket", "show", "1", "--json")).out)["linked"]
    assert other == {"number": 2, "subject": "Invoice", "status": "New"}
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert any("mail message from clara@customer.example" in line and "a new matter" in line for line in lines)
    assert any("sent acknowledgement to clara@customer.example: 250" in line for line in lines)
    assert any("New -> Resolved" in line for line in lines)
    assert "queued" not in shown  # each of them was sent, and that is told


async def test_every_list_has_its_json(desk: Desk, shell: Shell) -> None:
    await with_ticket(desk)
    (ticket,) = json.loads((await shell("ticket", "list", "--json")).out)
    assert (ticket["number"], ticket["status"], ticket["customer"]) == (1, "New", "clara@customer.example")
    history = json.loads((await shell("ticket", "show", "1", "--json")).out)["history"]
    assert {"mail", "queued", "sent"} <= {entry["kind"] for entry in history}
    (mail,) = json.loads((await shell("inbound", "list", "--json")).out)
    shown = json.loads((await shell("inbound", "show", str(mail["id"]), "--json")).out)
    assert {effect["what"] for effect in shown.pop("caused")} >= {"mail", "queued"}
    assert shown == mail
    letters = json.loads((await shell("outbox", "list", "--json")).out)
    assert json.loads((await shell("outbox", "show", str(letters[0]["id"]), "--json")).out) == letters[0]
    assert {letter["state"] for letter in letters} == {"sent"}


async def test_the_raw_mail_is_given_back_as_it_came(desk: Desk, shell: Shell) -> None:
    await with_ticket(desk)
    raw = (await shell("inbound", "show", "1", "--raw")).out
    assert "Subject: Printer stops" in raw
    assert "It prints two pages." in raw
    assert "Subject: Re: Printer stops [Acme #1]" in (await shell("outbox", "show", "1", "--raw")).out


@pytest.mark.row("A28")
async def test_hostile_words_stay_words_and_lines_stay_within_the_terminal(desk: Desk, shell: Shell) -> None:
    await with_ticket(desk, HOSTILE)
    assert "打印机坏了" in (await shell("ticket", "list")).out
    for command in (("ticket", "list"), ("ticket", "show", "1"), ("inbound", "list"), ("outbox", "list")):
        out = (await shell(*command, COLUMNS="60")).out
        assert not {char for char in out if (ord(char) < 32 and char != "\n") or 127 <= ord(char) < 160}
        assert "\u202e" not in out
        assert max(terminal.width_of(line) for line in out.splitlines()) <= 60, command


@pytest.mark.usefixtures("desk")
async def test_what_is_not_there_is_told(shell: Shell) -> None:
    told = {
        "ticket show 99": "There is no ticket 99. `mailproc ticket list --all` shows all there are.",
        "inbound show 99": "There is no inbound mail 99.",
        "inbound replay 99": "inbound 99: is not in quarantine, or was never fetched: nothing was done.",
        "outbox show 99": "There is no mail 99 in the outbox.",
        "outbox retry 99": "outbox 99: was sent, is under way or does not exist: nothing was done.",
        "explain nowhere.eml": "nowhere.eml: can't be read: No such file or directory.",
        "explain / --mailbox sales": "There is no mailbox 'sales'; known: support.",
        "run": "another mailproc works on this database",
    }
    for command, words in told.items():
        answer = await shell(*command.split())
        assert (answer.code, answer.out) == (1, ""), command
        assert words in answer.err


@pytest.mark.parametrize("number", ["0", "-1", "one", "99999999999999999999", "9" * 5000, "²"])
def test_what_is_no_number_is_refused(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["ticket", "list", f"--limit={number}"])
    assert left.value.code == 2
    assert "is no number from 1 up" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["ticket list", "ticket show 1", "inbound replay 1", "outbox retry 1"])
def test_before_the_first_start_there_is_nothing_to_ask(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mailproc.toml"
    file.write_text(CONFIGURATION.format(folder=tmp_path, support=SUPPORT, password="", imap_port=1, smtp_port=1))
    for place in range(3):  # the file may be named before, within and after the command
        words = command.split()
        words[place:place] = ["-c", str(file)]
        assert main(words) == 1
        told = capsys.readouterr().err
        assert told.endswith("there is no database yet; `mailproc run` makes it.\nNothing was done.\n")
        assert not (tmp_path / "mailproc.db").exists()


@pytest.mark.row("C15")
async def test_a_dead_letter_is_sent_when_asked_for(desk: Desk, shell: Shell) -> None:
    desk.world.sink.answer_recipient(desk.clara.address, "550 5.1.1 no such user")
    await desk.clara.write(SUPPORT, "Printer stops", "It prints two pages.")
    await desk.anna.receive("[Acme #1]")
    await desk.quiet()
    (dead,) = json.loads((await shell("outbox", "list", "--state", "dead", "--json")).out)
    assert "550 5.1.1 no such user" in dead["answer"]

    desk.world.sink.answer_recipient(desk.clara.address, "250 2.1.5 welcome back")
    answer = await shell("outbox", "retry", str(dead["id"]))
    assert answer.code == 0
    await desk.quiet()
    letter = await desk.clara.receive("[Acme #1]")
    assert letter.header("Message-ID") == dead["message_id"]


async def test_explain_tells_the_steps_and_does_nothing(desk: Desk, shell: Shell, tmp_path: Path) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes(raw_mail(1))
    sent = len(desk.world.delivered)
    told = (await shell("explain", str(mail))).out
    assert "decision      message: a new matter" in told
    assert "              SendAcknowledgement" in told
    as_json = json.loads((await shell("explain", str(mail), "--json")).out)
    assert as_json["from"] == "clara@customer.example"
    await desk.quiet()
    assert len(desk.world.delivered) == sent
    assert (await shell("ticket", "list", "--all")).out == "No tickets yet.\n"


async def test_a_reader_that_has_enough_is_no_error(desk: Desk, shell: Shell) -> None:
    await with_ticket(desk)
    for command in ("ticket show 1", "inbound show 1 --raw", "outbox list --json"):
        pipe = f"set -o pipefail; {sys.executable} -m mailproc -c {shell.file} {command} | true"
        done = await asyncio.to_thread(
            subprocess.run, ["bash", "-c", pipe], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), command


async def test_a_terminal_that_cannot_show_a_letter_shows_a_question_mark(desk: Desk, shell: Shell) -> None:
    await with_ticket(desk, "Rechnung für 打印机")
    answer = await shell("ticket", "list", PYTHONIOENCODING="ascii")
    assert "Rechnung f?r ???" in answer.out


def test_lifecycle_draws_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lifecycle"]) == 0
    assert capsys.readouterr().out == (ROOT / "docs" / "lifecycle.md").read_text()
