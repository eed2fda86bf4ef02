"""Each dependency has a reason, a pin and a hash, and no lock says where it was fetched from."""

from __future__ import annotations

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.testlib.repository import ROOT, pyproject

LOCKS = ["requirements.lock", "requirements-dev.lock", "requirements-build.lock"]
PIN = re.compile(r"^([\w.-]+)==([\w.]+)((?: ;[^\\\n]+)?)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n?", re.MULTILINE)


def pins(lock: str) -> dict[str, Version]:
    return {canonicalize_name(found[1]): Version(found[2]) for found in PIN.finditer((ROOT / lock).read_text())}


def declared(*groups: str) -> list[Requirement]:
    """Requirements of pyproject.toml; `run` is what the program needs, with every extra."""
    project = pyproject()
    texts = [text for group in groups if group != "run" for text in project["dependency-groups"][group]]
    if "run" in groups:
        texts += project["project"]["dependencies"]
        texts += [text for extra in project["project"]["optional-dependencies"].values() for text in extra]
    return [Requirement(text) for text in texts]


def reasons() -> dict[str, str]:
    """First and last column of the tables in docs/dependencies.md."""
    rows = re.findall(
        r"^\| `([\w.-]+)` \|(?:[^|]*\|)? ([^|]+) \|$", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE
    )
    return {canonicalize_name(package): reason.strip() for package, reason in rows}


def test_the_documentation_gives_a_reason_for_each_and_for_no_other() -> None:
    wanted = {canonicalize_name(requirement.name) for requirement in declared("run", "dev", "build")}

    assert set(reasons()) == wanted
    assert [package for package, reason in reasons().items() if len(reason.split()) < 3] == []


@pytest.mark.parametrize("requirement", declared("run"), ids=str)
def test_what_runs_has_a_floor_and_a_ceiling(requirement: Requirement) -> None:
    operators = {each.operator for each in requirement.specifier}

    # tzdata is a calendar: every version replaces the one before.
    assert operators in ({">=", "<"}, {"~="}) or requirement.name == "tzdata"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_is_pins_with_hashes_and_nothing_else(lock: str) -> None:
    text = (ROOT / lock).read_text()

    assert PIN.sub("", text) == ""
    assert "://" not in text


@pytest.mark.parametrize(
    ("lock", "groups"),
    [
        ("requirements.lock", ("run",)),
        ("requirements-build.lock", ("build",)),
        ("requirements-dev.lock", ("run", "dev", "build")),
    ],
)
def test_a_lock_pins_what_pyproject_asks_for(lock: str, groups: tuple[str, ...]) -> None:
    pinned = pins(lock)
    unmet = [
        str(requirement)
        for requirement in declared(*groups)
        if canonicalize_name(requirement.name) not in pinned
        or pinned[canonicalize_name(requirement.name)] not in requirement.specifier
    ]

    assert unmet == []


def test_the_locks_agree() -> None:
    everything = pins("requirements-dev.lock").items()

    assert pins("requirements.lock").items() <= everything
    assert pins("requirements-build.lock").items() <= everything
