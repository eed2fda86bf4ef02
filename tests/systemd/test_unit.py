"""The service file is valid, sandboxed, and what the handbook says it is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.testlib.programs import require

UNIT = Path(__file__).parents[2] / "systemd" / "mailproc.service"
PROGRAM = "/opt/mailproc/bin/mailproc"


@pytest.fixture
def analyze() -> str:
    return require("systemd-analyze", "systemd")


def settings() -> dict[str, str]:
    lines = [line for line in UNIT.read_text().splitlines() if "=" in line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def complaints(analyze: str, text: str, folder: Path) -> list[str]:
    """What systemd says about a unit, on a machine where the program is installed."""
    unit = folder / UNIT.name
    unit.write_text(text.replace(PROGRAM, "/bin/true"))
    told = subprocess.run([analyze, "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    # Other units of the machine are checked along with it; what is wrong with those is not ours.
    return [line for line in (told.stdout + told.stderr).splitlines() if "mailproc" in line]


def test_systemd_has_nothing_to_say_about_it(analyze: str, tmp_path: Path) -> None:
    assert complaints(analyze, UNIT.read_text(), tmp_path) == []


@pytest.mark.parametrize("wrong", ["ProtectEverything=yes", "WatchdogSec=often", "User=nobody"])
def test_systemd_would_say_what_is_wrong(analyze: str, tmp_path: Path, wrong: str) -> None:
    broken = UNIT.read_text().replace("[Service]\n", f"[Service]\n{wrong}\n")

    assert complaints(analyze, broken, tmp_path)


def test_exposure_is_two_or_better(analyze: str) -> None:
    judged = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=20", UNIT], capture_output=True, text=True, check=False
    )

    assert judged.returncode == 0, judged.stdout[-200:]
    assert "Overall exposure level" in judged.stdout


def test_it_reports_readiness_and_life_and_keeps_its_state() -> None:
    assert (
        settings().items()
        >= {
            "Type": "notify",
            "WatchdogSec": "60s",
            "DynamicUser": "yes",
            "StateDirectory": "mailproc",
            "ExecStart": f"{PROGRAM} run -c /etc/mailproc/mailproc.toml",
        }.items()
    )


def test_a_parser_worker_may_limit_its_own_resources() -> None:
    """A worker lowers its RLIMITs before it touches a mail: @resources has setrlimit and prlimit64."""
    assert "@resources" not in UNIT.read_text()
