"""What the breaker holds, as the operator sees and settles it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mailproc.store import outbox
from tests.cli.conftest import CONFIGURATION, Shell
from tests.testlib.by_hand import by_hand
from tests.testlib.desk import SUPPORT

pytestmark = [pytest.mark.slow, pytest.mark.row("N25")]
NARROW: dict[str, object] = {"breaker": ["1/24h"]}


@pytest.fixture
async def shell(tmp_path: Path) -> Shell:
    """Beside a desk that holds the acknowledgements of three people."""
    file = tmp_path / "mailproc.toml"
    file.write_text(CONFIGURATION.format(folder=tmp_path, support=SUPPORT, password="x", imap_port=9, smtp_port=9))
    async with by_hand(tmp_path, budgets=NARROW) as hand:
        for name in ("clara", "dieter", "chief", "mallory"):
            await hand.write(name, "It is broken.", subject=f"Matter of {name}")
    return Shell(file)


async def states(shell: Shell) -> dict[int, str]:
    rows = json.loads((await shell("outbox", "list", "--json")).out)
    return {row["id"]: row["state"] for row in rows if row["letter"] == "acknowledgement"}


async def test_held_letters_are_told_and_leave_or_not_by_command(shell: Shell, tmp_path: Path) -> None:
    rows = json.loads((await shell("outbox", "list", "--state", "held", "--json")).out)
    newest, middle, oldest = (str(row["id"]) for row in rows)
    assert "3 automatic letters held" in (await shell("status")).out
    assert (await shell("outbox", "drop", oldest)).out == "1 letter: will never be sent.\n"
    again = await shell("outbox", "release", oldest, middle)
    assert (again.code, again.out) == (1, "1 letter: will be sent by the running daemon.\n")
    assert f"outbox {oldest}: is not held" in again.err
    answer = await shell("outbox", "release", "--all", "--per-minute", "6")
    assert answer.out == "1 letter: will be sent by the running daemon.\n"
    found = await states(shell)
    assert [found.pop(int(number)) for number in (newest, middle, oldest)] == ["queued", "queued", "cancelled"]
    assert list(found.values()) == ["queued"]
    async with by_hand(tmp_path) as hand:
        assert await outbox.held(10) == []
        assert len(await hand.letters("", "acknowledgement")) == 3


async def test_a_command_that_fails_midway_has_done_nothing_as_it_says(shell: Shell, tmp_path: Path) -> None:
    before = await states(shell)
    held = [number for number, state in before.items() if state == "held"]
    fails = f"BEFORE UPDATE ON outbox_mail WHEN OLD.id = {min(held)} BEGIN SELECT json('none'); END"
    with closing(sqlite3.connect(tmp_path / "mailproc.db")) as other:
        other.execute(f"CREATE TRIGGER fails {fails}")
    for command in (["release", "--all"], ["drop", *map(str, sorted(held, reverse=True))]):
        answer = await shell("outbox", *command)
        assert (answer.code, answer.out) == (1, "")
        assert "Nothing was done." in answer.err
    assert await states(shell) == before


async def test_which_letters_must_be_said(shell: Shell) -> None:
    for command in (["release"], ["drop", "1", "--all"]):
        answer = await shell("outbox", *command)
        assert (answer.code, "--all" in answer.err) == (1, True)
