"""`mailproc status` beside a running daemon, and the alert that reaches its operator."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from mailproc.accounts import smtp_server
from mailproc.clock import SystemClock
from mailproc.settings import AlertSettings, load
from mailproc.watch import send_alert
from tests.cli.conftest import Shell
from tests.testlib.certificate import Certificate
from tests.testlib.desk import SUPPORT, Desk, MailWorld, running
from tests.testlib.smtp import Sink

pytestmark = pytest.mark.slow


async def test_a_desk_at_work_is_well_and_one_that_ended_is_not(desk: Desk, shell: Shell) -> None:
    await desk.clara.write(SUPPORT, "Printer stops", "It prints two pages.")
    await desk.clara.receive("[Acme #1]")
    await desk.quiet()
    answer = await shell("status", "--json")
    told = json.loads(answer.out)
    assert (answer.code, told["level"]) == (0, "OK"), told
    names = [each["name"] for each in told["findings"]]
    assert names[:3] == ["daemon", "imap support", "smtp support"]
    assert {"name": "suppressed", "level": "OK", "words": "nobody"} in told["findings"]
    assert "mailproc_running 1" in (await shell("status", "--prometheus")).out.splitlines()


async def test_a_certificate_that_ends_soon_is_told(world: MailWorld, shell: Shell, certificate: Certificate) -> None:
    words = shell.file.read_text().replace(f"port = {world.dovecot.imap_port}", f"port = {world.dovecot.imaps_port}")
    secured = f'security = "tls"\nca_file = "{certificate.certificate}"'
    shell.file.write_text(words.replace('security = "clear"', secured, 1))
    async with running(load(shell.file), world):
        answer, shown = await shell("status", "--json"), await shell("status")
        metrics = (await shell("status", "--prometheus")).out
    told = {each["name"]: each for each in json.loads(answer.out)["findings"]}
    assert (answer.code, told["certificate imap support"]["level"]) == (1, "WARNING"), answer
    assert f"on {certificate.end():%Y-%m-%d}" in told["certificate imap support"]["words"]
    assert "WARNING   certificate imap support" in shown.out
    assert f'certificate_end_seconds{{connection="imap support"}} {certificate.end().timestamp():.0f}' in metrics


async def test_a_password_that_ends_soon_is_told(shell: Shell) -> None:
    """Of what is read, of what sends, and of the alerts' own server; one that lasts is no trouble."""
    today = SystemClock().now().date()
    soon, late = today + timedelta(days=3), today + timedelta(days=30)
    assert (await shell("db", "upgrade")).code == 0
    variables = {
        "MAILPROC_MAILBOX__SUPPORT__IMAP__PASSWORD_EXPIRES": str(soon),
        "MAILPROC_MAILBOX__SUPPORT__SMTP__PASSWORD_EXPIRES": str(late),
        "MAILPROC_ALERTS__TO": "operator@elsewhere.example",
        "MAILPROC_ALERTS__SENDER": "desk@acme.example",
        "MAILPROC_ALERTS__HOST": "smtp.elsewhere.example",
        "MAILPROC_ALERTS__PASSWORD_EXPIRES": str(today),
    }
    answer = await shell("status", "--json", **variables)
    told = {each["name"]: (each["level"], each["words"]) for each in json.loads(answer.out)["findings"]}
    assert told["password imap support"][0] == "WARNING"
    assert f"on {soon}: then nobody is let in." in told["password imap support"][1]
    assert told["password smtp support"] == ("OK", f"good until {late}")
    assert told["password alerts"][1].startswith(f"ended on {today}")
    assert "WARNING   password imap support" in (await shell("status", **variables)).out
    assert 'password_end_seconds{connection="alerts"}' in (await shell("status", "--prometheus", **variables)).out


async def test_a_mail_is_followed_from_its_uid_to_everything_it_caused(desk: Desk, shell: Shell) -> None:
    await desk.clara.write(SUPPORT, "Printer stops", "It prints two pages.")
    await desk.clara.receive("[Acme #1]")
    await desk.quiet()
    (mail,) = json.loads((await shell("inbound", "list", "--json")).out)
    told = json.loads((await shell("inbound", "show", str(mail["id"]), "--json")).out)
    assert (told["uid"], told["ticket"]) == (1, 1)
    letters = [mail for mail in desk.world.sink.taken if mail.recipient != SUPPORT]
    assert [each["what"] for each in told["caused"]].count("queued") == len(letters)
    shown = (await shell("inbound", "show", str(mail["id"]))).out
    assert "acknowledgement to clara@customer.example" in shown


async def test_a_desk_nobody_runs_is_told(shell: Shell) -> None:
    assert (await shell("db", "upgrade")).code == 0
    answer = await shell("status")
    assert answer.code == 2
    assert "CRITICAL  daemon" in answer.out


@pytest.mark.row("A31")
async def test_an_alert_leaves_by_its_own_server_with_a_null_sender() -> None:
    async with Sink() as elsewhere:
        settings = AlertSettings(
            to="operator@elsewhere.example", sender="desk@acme.example", host="127.0.0.1", port=elsewhere.port,
            security="clear",
        )  # fmt: skip
        assert smtp_server(settings, "acme.example", 1).port == elsewhere.port
        assert await send_alert(settings, SystemClock(), "mailproc Acme: CRITICAL: imap support", "No answer.\n")
        (mail,) = elsewhere.taken
        assert (mail.sender, mail.recipient) == ("", "operator@elsewhere.example")
        assert b"Auto-Submitted: auto-generated" in mail.content
    assert not await send_alert(settings, SystemClock(), "again", "to nobody who listens\n")
