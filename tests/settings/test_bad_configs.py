"""Every way to write it wrong: refused for the right reason, with the place and the mend, and without a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailproc.cli.main import main
from mailproc.settings import load
from mailproc.settings_errors import ConfigurationError

CASES = sorted(path for path in (Path(__file__).parents[1] / "bad_configs").iterdir() if path.is_dir())
CHECKED = {case.name for case in CASES if (case / "expected.txt").read_text().startswith("FAILED")}  # by `check` alone
COMMANDS = [(case, "check") for case in CASES] + [(case, "run") for case in CASES if case.name not in CHECKED]
SECRET = "not to be shown"  # stands in passwords and keys of the cases


def problems_of(file: Path, text: str) -> list[str]:
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load(file)
    return [problem.removeprefix(f"{file}, ") for problem in caught.value.problems]


@pytest.mark.parametrize(("case", "command"), COMMANDS, ids=lambda value: getattr(value, "name", value))
def test_a_wrong_configuration_is_refused_for_its_reason(
    case: Path, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The expected words are all that is told, line by line."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.setenv("COLUMNS", "400")
    expected = (case / "expected.txt").read_text().replace("{folder}", str(tmp_path))
    file = tmp_path / "mailproc.toml"
    file.write_text((case / "mailproc.toml").read_text().replace("{folder}", str(tmp_path)))
    assert main([command, *(["--offline"] if command == "check" else []), "-c", str(file)]) == 1
    told = capsys.readouterr()
    words = "".join(line for line in told.out.splitlines(keepends=True) if line.startswith("FAILED")) + told.err
    assert words == expected
    assert SECRET not in told.out + told.err
    assert not (tmp_path / "mailproc.db").exists()


def test_a_missing_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--offline", "-c", str(tmp_path / "nowhere.toml")]) == 1
    assert "nowhere.toml: can't be read: No such file or directory.\n  Name another" in capsys.readouterr().err


def test_several_problems_are_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    good = (CASES[0].parent / "unknown_team" / "mailproc.toml").read_text()
    text = good.replace('"Acme"', '""').replace("members", "member").replace('address = "anna', 'address = "an na')
    told = problems_of(tmp_path / "mailproc.toml", text)
    lines = [int(problem.removeprefix("line ").partition(",")[0]) for problem in told]
    assert len(lines) >= 3
    assert lines == sorted(lines)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ('[desk]\nname = "A"\n[desk.x]\n', "line 3, desk.x"),
        ("desk = {name = 5}\n", "line 1, desk.name"),
        ("desk.name = 5\n", "line 1, desk.name"),
        ('["desk"] # [team]\n"name" = 5 # a = b\n', "line 2, desk.name"),
        ('[mailbox]\n[mailbox."a.b"]\naddress = 5\n', "line 3, mailbox.a.b.address"),
    ],
)
def test_the_line_is_found_however_toml_is_written(written: str, place: str, tmp_path: Path) -> None:
    told = problems_of(tmp_path / "mailproc.toml", written)
    assert any(problem.startswith(f"{place}: ") for problem in told), told


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("MAILPROC_DESK__TIME_ZONE", "Moon", "environment, MAILPROC_DESK__TIME_ZONE: 'Moon' is no time zone."),
        ("MAILPROC_DESK__TIMEZONE", "UTC", "environment, MAILPROC_DESK__TIMEZONE: is not a setting."),
        ("MAILPROC_DESC__NAME", "Acme", "environment, MAILPROC_DESC__NAME: is not a setting."),
        ("MAILPROC_MAILBOX", "support", "environment, error parsing value"),
    ],
)
def test_the_environment_is_named_where_it_is_wrong(
    variable: str, value: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    good = (CASES[0].parent / "unknown_team" / "mailproc.toml").read_text().replace("suport", "support")
    assert any(problem.startswith(told) for problem in problems_of(tmp_path / "mailproc.toml", good))


@pytest.mark.parametrize(
    ("zone", "mend"),
    [
        ("Berlin", "Did you mean Europe/Berlin?"),
        ("Europe/berlin", "Did you mean Europe/Berlin?"),
        ("Europa/Berlin", "Did you mean Europe/Berlin?"),
        ("new york", "Did you mean America/New_York?"),
        ("Europe/Zurick", "Did you mean Europe/Zurich?"),
        ("my own time", "Write one as Europe/Berlin."),
    ],
)
def test_the_zone_that_was_meant_is_named(zone: str, mend: str, tmp_path: Path) -> None:
    good = (CASES[0].parent / "unknown_team" / "mailproc.toml").read_text()
    told = problems_of(tmp_path / "mailproc.toml", good.replace("Europe/Berlin", zone))
    assert any(problem.endswith(f"{zone!r} is no time zone.\n  {mend}") for problem in told), told
