"""The page of commands says what the grammar does."""

from __future__ import annotations

from mailproc.cli.commands import document
from mailproc.core import queries
from mailproc.core.commands import RULES
from tests.testlib.repository import ROOT

PAGE = ROOT / "docs" / "commands.md"


def test_the_page_of_commands_is_what_the_program_draws() -> None:
    assert document() == PAGE.read_text(encoding="utf-8"), "run: mailproc commands --markdown > docs/commands.md"


def test_it_names_every_command_and_every_question() -> None:
    page = document().replace("\\|", "|")
    assert not [rule.usage for rule in RULES if f"| `{rule.usage}` |" not in page]
    assert not [name for name in queries.QUESTIONS if f"| `{queries.usage(name)}` |" not in page]


def test_it_names_what_goes_with_several_tickets() -> None:
    line = next(line for line in document().splitlines() if line.startswith("These go with several tickets"))
    for name in ("resolve", "assign", "snooze", "priority", "note", "tag", "undo"):
        assert f"`{name}`" in line
    for name in ("ask", "merge", "new", "share"):
        assert f"`{name}`" not in line
