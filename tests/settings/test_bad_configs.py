"""Every way to write it wrong: refused for the right reason, with the place, and without showing a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailproc.cli.main import main

CASES = sorted(path for path in (Path(__file__).parents[1] / "bad_configs").iterdir() if path.is_dir())


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_a_wrong_configuration_is_refused_for_its_reason(
    case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    file = tmp_path / "mailproc.toml"
    file.write_text((case / "mailproc.toml").read_text().replace("{folder}", str(tmp_path)))
    code = main(["check", "--offline", "-c", str(file)])
    told = capsys.readouterr()
    words = told.out + told.err
    assert code == 1, words
    assert (case / "expected.txt").read_text().strip() in words
    assert "Traceback" not in words
    assert "not to be shown" not in words
    assert not (tmp_path / "mailproc.db").exists()


def test_a_missing_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--offline", "-c", str(tmp_path / "nowhere.toml")]) == 1
    assert (
        "nowhere.toml: can't be read: No such file or directory. Name another with -c FILE." in capsys.readouterr().err
    )
