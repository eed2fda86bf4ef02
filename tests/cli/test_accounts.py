"""Commands typed where the machine says no: an account that may not see what is the daemon's, a disk that is full."""

from __future__ import annotations

import asyncio
import errno
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from mailproc.cli import mails
from mailproc.cli.main import main
from tests.cli.conftest import CONFIGURATION

QUESTIONS = (["status"], ["ticket", "list"], ["inbound", "list"], ["outbox", "list"], ["db", "check"])


@pytest.fixture
def machine() -> Iterator[Path]:
    """A configuration that everybody may read, and the daemon's own folder; pytest's is shut to others."""
    folder = Path(tempfile.mkdtemp(prefix="accounts-", dir="/tmp"))
    folder.chmod(0o755)
    (folder / "state").mkdir(mode=0o700)
    words = CONFIGURATION.format(
        folder=folder / "state", support="support@acme.example", password="none", imap_port=1, smtp_port=1
    )
    (folder / "mailproc.toml").write_text(words)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def nobody() -> Iterator[None]:
    """As an ordinary account, where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    number = pwd.getpwnam("nobody").pw_uid
    os.setresuid(number, number, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def command(machine: Path, *words: str) -> int:
    return main([*words, "-c", str(machine / "mailproc.toml")])


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_a_folder_that_is_shut_is_named(question: list[str], machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command(machine, *question)  # loads what a stranger to the tests' own files could not
    capsys.readouterr()
    (machine / "state").chmod(0)
    with nobody():
        code = command(machine, *question)
    (machine / "state").chmod(0o700)
    assert code == 1
    assert capsys.readouterr().err == (
        f"{machine}/state/mailproc.db: Permission denied.\n"
        "  Run this as root, or as the daemon's account.\nNothing was done.\n"
    )


@pytest.mark.parametrize(("folder", "file"), [(0o555, 0o666), (0o777, 0o444), (0o755, 0o000)])
def test_a_database_that_cannot_be_written_to_is_named(
    folder: int, file: int, machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(machine, "db", "upgrade") == 0
    assert command(machine, "ticket", "list") == 0
    capsys.readouterr()
    (machine / "state" / "mailproc.db").chmod(file)
    (machine / "state").chmod(folder)
    with nobody():
        code = command(machine, "ticket", "list")
    (machine / "state").chmod(0o700)
    assert code == 1
    assert capsys.readouterr().err == (
        f"store.url: the database can't be opened: {machine}/state/mailproc.db and its folder can't be written to.\n"
        "  Run this as root or as the daemon's account, and look whether the disk is read-only.\nNothing was done.\n"
    )


def test_certificates_that_may_not_be_read_are_named(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    certificates, configuration = machine / "ca.pem", machine / "mailproc.toml"
    certificates.touch(0o000)
    words = configuration.read_text().replace(
        "[mailbox.support.imap]", f'[mailbox.support.imap]\nca_file = "{certificates}"'
    )
    configuration.write_text(words)
    with nobody():
        code = command(machine, "check")
    assert code == 1
    assert f"imap.ca_file: {certificates}: Permission denied." in capsys.readouterr().err


def test_a_database_may_be_a_link_from_a_folder_that_is_shut(machine: Path) -> None:
    """SQLite writes beside the file itself, and so do we."""
    assert command(machine, "db", "upgrade") == 0  # loads what a stranger to the tests' own files could not
    assert command(machine, "ticket", "list") == 0
    for file in (machine / "state").iterdir():
        file.unlink()
    (machine / "state").chmod(0o777)
    (machine / "elsewhere").mkdir()
    (machine / "elsewhere" / "mailproc.db").symlink_to(machine / "state" / "mailproc.db")
    configuration = machine / "mailproc.toml"
    configuration.write_text(configuration.read_text().replace(f"{machine}/state/", f"{machine}/elsewhere/"))
    (machine / "elsewhere").chmod(0o555)
    with nobody():
        assert command(machine, "db", "upgrade") == 0
        assert command(machine, "ticket", "list") == 0


def test_what_cannot_be_made_is_told_with_its_reason(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(machine, "db", "upgrade") == 0
    (machine / "state" / "mailproc.db").unlink()
    (machine / "state").chmod(0o555)
    capsys.readouterr()
    with nobody():
        code = command(machine, "db", "upgrade")
    (machine / "state").chmod(0o700)
    assert code == 1
    assert f"can't be opened: {machine}/state/mailproc.db: Permission denied" in capsys.readouterr().err


def test_a_new_database_is_for_the_daemons_account_alone(machine: Path) -> None:
    """Whatever the umask: it will hold people's mail."""
    (machine / "state").chmod(0o755)
    before = os.umask(0)
    try:
        assert command(machine, "db", "upgrade") == 0
    finally:
        os.umask(before)
    assert {path.name: path.stat().st_mode & 0o077 for path in (machine / "state").iterdir()} == {
        "mailproc.db": 0,
        "mailproc.db.lock": 0,
    }


@pytest.mark.parametrize("question", [["ticket", "list"], ["status", "--json"], ["lifecycle"]], ids=" ".join)
def test_an_output_that_takes_no_more_is_told(question: list[str], machine: Path) -> None:
    """A disk that is full, under a file of figures."""
    assert command(machine, "db", "upgrade") == 0
    with Path("/dev/full").open("w") as full:
        told = subprocess.run(
            [sys.executable, "-m", "mailproc", *question, "-c", machine / "mailproc.toml"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert (told.returncode, told.stderr) == (1, "output: No space left on device.\n")


def test_trouble_with_the_output_is_not_told_as_the_database_s(machine: Path) -> None:
    """What was asked for is done then."""
    assert command(machine, "db", "upgrade") == 0

    async def done(_: int) -> bool:
        return True

    class Full(StringIO):
        def write(self, _: str) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    options = Namespace(id=[1], config=machine / "mailproc.toml")
    with redirect_stdout(Full()), pytest.raises(OSError, match="No space left on device"):
        asyncio.run(mails.again(options, "inbound", done, "done.", "refused."))


def test_a_backup_that_has_no_place_names_it(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(machine, "db", "upgrade") == 0
    assert command(machine, "db", "backup", str(machine / "nowhere" / "copy.db")) == 1
    words = f"the backup could not be made: {machine}/nowhere: No such file or directory\nNothing was done.\n"
    assert capsys.readouterr().err == words
