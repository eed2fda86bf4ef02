"""The files of this repository, as the house rules see them."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


def files(*suffixes: str) -> list[Path]:
    """Every file that is, or would be, committed; with one of the suffixes, where some are given."""
    # A checkout may belong to somebody else than runs the tests, as in CI.
    command = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    return sorted(path for path in set(paths) if path.is_file() and (not suffixes or path.suffix in suffixes))


def name(path: Path) -> str:
    """A file's path in the repository, for messages."""
    return str(path.relative_to(ROOT))


def pyproject() -> dict[str, Any]:
    """What stands in pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())
