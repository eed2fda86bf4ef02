"""The fault matrix in docs/ says what the tests say."""

from __future__ import annotations

from tests.testlib.repository import ROOT
from tools.fault_matrix import ROWS, document, shown


def test_no_test_names_a_row_there_is_not() -> None:
    known = {row for rows in ROWS.values() for row in rows}
    assert set(shown()) <= known


def test_the_document_is_what_the_tests_name() -> None:
    written = (ROOT / "docs" / "fault-matrix.md").read_text(encoding="utf-8")
    assert written == document(), "write it anew: python -m tools.fault_matrix > docs/fault-matrix.md"
