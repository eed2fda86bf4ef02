"""`mailproc run`: what it refuses to begin with."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mailproc.cli.main import main
from tests.cli.conftest import CONFIGURATION, Shell
from tests.testlib.desk import SUPPORT


def test_deadlines_without_anybody_who_listens_are_refused_on_sqlite(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mailproc.toml"
    words = CONFIGURATION.format(folder=tmp_path, support=SUPPORT, imap_port=9, smtp_port=9, password="x")
    file.write_text(words, encoding="utf-8")
    assert main(["run", "-c", str(file), "--only", "handling,outbox,scheduler"]) == 1
    told = capsys.readouterr().err
    assert "nobody reads the mailboxes" in told
    assert "Nothing was started" in told
    assert not (tmp_path / "mailproc.db").exists()


@pytest.mark.slow
@pytest.mark.row("N23")
async def test_a_database_that_others_hold_is_told_in_words(tmp_path: Path) -> None:
    file = tmp_path / "mailproc.toml"
    words = CONFIGURATION.format(folder=tmp_path, support=SUPPORT, imap_port=9, smtp_port=9, password="x")
    file.write_text(words, encoding="utf-8")
    shell = Shell(file)
    assert (await shell("db", "upgrade")).code == 0
    with closing(sqlite3.connect(tmp_path / "mailproc.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = await shell("run")
    assert answer.code == 1
    assert answer.err == "store.url: the database can't be used: database is locked\nNothing was started.\n"


@pytest.mark.slow
def test_a_letter_of_the_operator_s_that_cannot_work_is_refused_at_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = tmp_path / "letters" / "en" / "acknowledgement" / "body.txt"
    letter.parent.mkdir(parents=True)
    letter.write_text("Dear {{ custommer }},\n", encoding="utf-8")
    file = tmp_path / "mailproc.toml"
    words = CONFIGURATION.format(folder=tmp_path, support=SUPPORT, imap_port=9, smtp_port=9, password="x")
    file.write_text(f'{words}\n[templates]\nfolder = "{tmp_path}/letters"\n', encoding="utf-8")
    assert main(["run", "-c", str(file)]) == 1
    told = capsys.readouterr().err
    assert f"{letter}, line 1: unknown variable 'custommer'" in told
    assert "Nothing was started" in told
