"""`mailproc check` against a real Dovecot and an SMTP server: green, or the cause and the mend."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from tests.cli.conftest import Shell
from tests.testlib.certificate import Certificate
from tests.testlib.desk import SUPPORT, MailWorld
from tests.testlib.dovecot import Dovecot
from tests.testlib.smtp import Sink, Tls


async def findings(shell: Shell, **variables: str) -> tuple[int, dict[str, tuple[str, str]]]:
    answer = await shell("check", "--json", **variables)
    assert not answer.err
    return answer.code, {found["what"]: (found["result"], found["words"]) for found in json.loads(answer.out)}


def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def test_everything_in_order_is_told_as_such(shell: Shell, world: MailWorld) -> None:
    code, found = await findings(shell)
    assert code == 0
    assert {what for what, (result, _) in found.items() if result != "ok"} == {"agents"}  # trust = "token": a warning
    assert "came back" in found["mailbox.support round trip"][1]
    assert [mail.recipient.partition("-")[0] for mail in world.sink.taken] == ["support+check"]


async def test_missing_folders_are_told_and_not_made(shell: Shell, world: MailWorld) -> None:
    before = world.dovecot.folders(SUPPORT)
    code, found = await findings(
        shell,
        MAILPROC_MAILBOX__SUPPORT__IMAP__PROCESSED="Kept",
        MAILPROC_MAILBOX__SUPPORT__IMAP__FAILED="INBOX/Not kept",
        MAILPROC_MAILBOX__SUPPORT__IMAP__SENT="Answers",
    )
    assert code == 0
    assert found["mailbox.support Kept"] == ("ok", "will be created at the first mail")
    assert found["mailbox.support INBOX/Not kept"] == ("ok", "will be created at the first mail")
    assert found["mailbox.support Answers"] == ("ok", "will be created at the first answer")
    assert world.dovecot.folders(SUPPORT) == before


async def test_folders_that_are_there_are_told_as_such(shell: Shell, world: MailWorld) -> None:
    with world.dovecot.imap(SUPPORT) as imap:
        for folder in ("Processed", "Failed", "Sent"):
            imap.create(folder)
    code, found = await findings(shell)
    assert code == 0
    for folder in ("Processed", "Failed", "Sent"):
        assert found[f"mailbox.support {folder}"] == ("ok", "is there and may be written to")


async def test_a_folder_that_cannot_be_made_is_told(shell: Shell) -> None:
    code, found = await findings(
        shell, MAILPROC_MAILBOX__SUPPORT__IMAP__FAILED="a//b/.", MAILPROC_MAILBOX__SUPPORT__IMAP__SENT="c//d"
    )
    result, words = found["mailbox.support a//b/."]
    assert (code, result) == (1, "FAILED")
    assert "handled mail would stay where it is" in words
    assert "name another folder in imap.failed." in words
    result, words = found["mailbox.support c//d"]
    assert result == "FAILED"
    assert "so answers would have no copies." in words
    assert words.endswith('name another folder in imap.sent, or "" for no copies.')


async def test_the_sent_folder_that_the_server_marks_is_the_one_that_is_looked_at(
    shell: Shell, certificate: Certificate
) -> None:
    server = Dovecot(certificate, sent="Gesendet")
    try:
        server.start()
        _, found = await findings(shell, MAILPROC_MAILBOX__SUPPORT__IMAP__PORT=str(server.imap_port))
    finally:
        server.close()
    words = "is there and may be written to, marked by the server as the one for sent mail"
    assert found["mailbox.support Gesendet"] == ("ok", words)
    assert "mailbox.support Sent" not in found


async def test_no_copies_of_answers_are_told_as_such(shell: Shell) -> None:
    _, found = await findings(shell, MAILPROC_MAILBOX__SUPPORT__IMAP__SENT="")
    assert found["mailbox.support sent"] == ("ok", 'imap.sent = "": no copies are made')


async def test_offline_leaves_the_servers_alone(shell: Shell, world: MailWorld) -> None:
    answer = await shell("check", "--offline")
    assert answer.code == 0
    assert "letters" in answer.out
    assert not world.sink.connections
    assert not (shell.file.parent / "mailproc.db").exists()


async def test_a_wrong_password_is_told_without_showing_it(shell: Shell) -> None:
    answer = await shell("check", MAILPROC_MAILBOX__SUPPORT__IMAP__PASSWORD="wrong-password")
    assert answer.code == 1
    assert "support@acme.example is not let in" in " ".join(answer.out.split())
    assert "Mend user or password." in " ".join(answer.out.split())
    assert "wrong-password" not in answer.out + answer.err
    assert "round trip" not in answer.out


async def test_a_wrong_port_is_told_with_the_place(shell: Shell) -> None:
    port = str(unused_port())
    code, found = await findings(
        shell, MAILPROC_MAILBOX__SUPPORT__IMAP__PORT=port, MAILPROC_MAILBOX__SUPPORT__SMTP__PORT=port
    )
    assert code == 1
    for part in ("imap", "smtp"):
        result, words = found[f"mailbox.support.{part}"]
        assert result == "FAILED"
        assert words.startswith(f"127.0.0.1:{port}: ")
        assert words.endswith("nobody listens there (connection refused). Mend host, port or security.")


async def test_a_host_there_is_none_of_is_told(shell: Shell) -> None:
    host = {"HOST": "imap.nowhere.invalid", "ALLOW_CLEAR": "yes"}
    variables = {f"MAILPROC_MAILBOX__SUPPORT__{part}__{key}": host[key] for part in ("IMAP", "SMTP") for key in host}
    code, found = await findings(shell, **variables)
    assert code == 1
    for part in ("imap", "smtp"):
        words = found[f"mailbox.support.{part}"][1]
        assert any(why in words for why in ("there is no such host", "the host's name can't be looked up now")), words


@pytest.mark.row("A32")
async def test_a_certificate_nobody_vouches_for_is_told_with_the_setting_that_names_it(
    shell: Shell, world: MailWorld, certificate: Certificate
) -> None:
    async with Sink(tls=Tls.STARTTLS, context=certificate.server_context()) as protected:
        code, found = await findings(
            shell,
            MAILPROC_MAILBOX__SUPPORT__IMAP__SECURITY="tls",
            MAILPROC_MAILBOX__SUPPORT__IMAP__PORT=str(world.dovecot.imaps_port),
            MAILPROC_MAILBOX__SUPPORT__SMTP__SECURITY="starttls",
            MAILPROC_MAILBOX__SUPPORT__SMTP__PORT=str(protected.port),
        )
    assert code == 1
    for part in ("imap", "smtp"):
        words = found[f"mailbox.support.{part}"][1]
        assert "the certificate is not trusted: self-signed certificate. " in words
        assert words.endswith(" name the certificates to trust in ca_file.")


async def test_a_port_that_speaks_no_tls_is_told(shell: Shell) -> None:
    code, found = await findings(
        shell, MAILPROC_MAILBOX__SUPPORT__IMAP__SECURITY="tls", MAILPROC_MAILBOX__SUPPORT__SMTP__SECURITY="tls"
    )
    assert code == 1
    for part in ("imap", "smtp"):
        assert "no TLS is spoken there. Mend host, port or security" in found[f"mailbox.support.{part}"][1]


async def test_a_folder_there_is_none_of_is_told_with_its_setting(shell: Shell) -> None:
    code, found = await findings(shell, MAILPROC_MAILBOX__SUPPORT__IMAP__FOLDER="Supprt")
    words = found["mailbox.support.imap"][1]
    assert code == 1
    assert "select failed: Mailbox doesn't exist: Supprt" in words
    assert words.endswith("). Mend mailbox.support.imap.folder.")


async def test_a_server_that_wants_a_login_is_told_of_its_own(shell: Shell) -> None:
    async with Sink(users={"support@acme.example": "right"}) as guarded:
        code, found = await findings(
            shell,
            MAILPROC_MAILBOX__SUPPORT__SMTP__PORT=str(guarded.port),
            MAILPROC_MAILBOX__SUPPORT__SMTP__USER="support@acme.example",
            MAILPROC_MAILBOX__SUPPORT__SMTP__PASSWORD="wrong-password",
        )
    result, words = found["mailbox.support.smtp"]
    assert (code, result) == (1, "FAILED")
    assert words.endswith("Mend user or password.")
    assert "wrong-password" not in words


async def test_a_server_without_plus_addresses_is_found_out(shell: Shell, world: MailWorld) -> None:
    world.sink.script("RCPT", "550 5.1.1 no such user here")
    code, found = await findings(shell)
    result, words = found["mailbox.support round trip"]
    assert (code, result) == (1, "FAILED")
    assert "550 5.1.1 no such user here. Teach the server plus-addresses, or set plus_addressing = false." in words


async def test_a_letter_that_cannot_work_is_a_finding_among_others(shell: Shell, tmp_path: Path) -> None:
    letter = tmp_path / "letters" / "en" / "acknowledgement"
    letter.mkdir(parents=True)
    (letter / "body.txt").write_text("Dear {{ custommer }},\n")
    code, found = await findings(shell, MAILPROC_TEMPLATES__FOLDER=str(tmp_path / "letters"))
    result, words = found["letters"]
    assert (code, result) == (1, "FAILED")
    assert f"{letter}/body.txt" in words
    assert "custommer" in words
    assert found["mailbox.support round trip"][0] == "ok"


async def test_what_is_no_database_is_a_finding(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "mailproc.db").write_bytes(b"this is not a database, it is a text\n" * 50)
    code, found = await findings(shell)
    assert code == 1
    assert found["database"] == ("FAILED", "store.url: the database can't be opened: file is not a database")
