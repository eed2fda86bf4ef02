"""`mailproc run` with some of the loops."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailproc.cli.main import main
from tests.cli.conftest import CONFIGURATION
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
