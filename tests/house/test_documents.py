"""What the documents name is there, under that name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mailproc.handling.pipeline import INBOUND_STEPS
from tests.testlib.repository import ROOT

DOCUMENTS = sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "bench/README.md"])
#: A file in a folder, in code marks: below the repository, the package or its tests.
FILE = re.compile(r"`((?:[\w-]+/)+[\w-]+\.(?:py|toml|md))[`:]")


def test_the_flow_tells_every_inbound_step_in_order() -> None:
    told = re.findall(r"^   \| `(\w+)` \|", (ROOT / "docs/flow.md").read_text(), re.MULTILINE)
    assert told == [step.__name__ for step in INBOUND_STEPS]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_a_document_names_exists(document: Path) -> None:
    named = FILE.findall(document.read_text())
    assert [
        each for each in named if not any((ROOT / below / each).is_file() for below in ("", "mailproc", "tests"))
    ] == []
