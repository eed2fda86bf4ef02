"""What is installed is whole: a wheel in an empty environment, used from an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import mailproc
from tests.testlib.repository import ROOT, files

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# Where the files lie in the checkout, and where in the wheel.
CARRIED = {"templates": "mailproc/_data/templates", "config": "mailproc/_data/config", "mailproc": "mailproc"}


def run(*command: str | Path, cwd: Path) -> str:
    """Run with nothing inherited that could help; the output of both streams."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}
    done = subprocess.run(
        command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{command}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    run(*build, "--wheel-dir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with the wheel, and the pinned versions of what it needs, in it."""
    folder = tmp_path_factory.mktemp("empty")
    run(sys.executable, "-m", "venv", "--without-pip", folder, cwd=folder)
    pins = re.sub(r" \\\n +--hash=\S+", "", (ROOT / "requirements.lock").read_text())
    (folder / "constraints.txt").write_text(pins)
    # Nothing is compiled in advance: most of what is installed is never imported here.
    install: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        folder / "bin/python",
        "install",
        "--quiet",
        "--no-compile",
    ]
    run(*install, "-c", folder / "constraints.txt", wheel, cwd=folder)
    return folder / "bin"


def test_carries_every_module_template_configuration_and_migration(wheel: Path) -> None:
    wanted = set()
    for path in files():
        top, _, rest = str(path.relative_to(ROOT)).partition("/")
        if top in CARRIED:
            wanted.add(f"{CARRIED[top]}/{rest}")
    held = {each for each in zipfile.ZipFile(wheel).namelist() if not each.split("/")[0].endswith(".dist-info")}

    assert held == wanted
    assert any(each.endswith(".sql") for each in held)


def test_runs_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    assert mailproc.__version__ in run(installed / "mailproc", "--version", cwd=tmp_path)


def test_the_demo_lives_in_an_empty_folder_and_keeps_its_promises(installed: Path, tmp_path: Path) -> None:
    told = run(installed / "mailproc", "demo", "--keep", tmp_path / "kept", cwd=tmp_path)

    assert "12 of 12 promises kept." in told
    assert len(list((tmp_path / "kept").glob("*.eml"))) > 40
    assert (tmp_path / "kept" / "mailproc.db").is_file()


def test_finds_its_templates_without_the_checkout(installed: Path, tmp_path: Path) -> None:
    asked = "from mailproc.resources import templates_folder as t, config_folder as c; print(t()); print(c())"
    folders = [Path(line) for line in run(installed / "python", "-c", asked, cwd=tmp_path).splitlines()]

    assert [folder.is_relative_to(installed.parent) and any(folder.iterdir()) for folder in folders] == [True, True]
