"""How commands write: what fits, what aligns, what can't do harm."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailproc.cli import terminal

ANY_TEXT = st.text(st.characters(), max_size=60)


@given(ANY_TEXT)
@pytest.mark.row("A28")
def test_what_a_mail_says_cannot_move_the_cursor(text: str) -> None:
    out = terminal.harmless(text)
    assert not [char for char in out if ord(char) < 32 or 127 <= ord(char) < 160 or char in "\u202e\u2066\u2028"]
    assert out.encode().decode() == out  # no lone surrogate is left


@given(ANY_TEXT, st.integers(1, 40))
def test_a_cut_text_takes_no_more_room_than_it_is_given(text: str, width: int) -> None:
    assert terminal.width_of(terminal.shortened(terminal.harmless(text), width)) <= width


def test_wide_letters_take_two_columns_and_marks_none() -> None:
    assert terminal.width_of("打印机") == 6
    assert terminal.width_of("e\u0301") == 1
    assert terminal.width_of("☎\ufe0f") == 1  # the variation selector


def test_a_table_aligns_whatever_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    rows = [("1", "打印机坏了", "x"), ("22", "Printer", "y")]
    head, first, second = terminal.table(("id", "subject", "end"), rows, stretch=1).splitlines()
    assert {terminal.width_of(first.partition("x")[0]), terminal.width_of(second.partition("y")[0])} == {
        head.index("end")
    }


@given(st.lists(st.tuples(st.integers(1, 10**6), ANY_TEXT, ANY_TEXT, ANY_TEXT), max_size=4), st.integers(34, 200))
def test_a_table_fits_the_terminal(rows: list[tuple[int, str, str, str]], width: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(width))
        table = terminal.table(("id", "from", "subject", "reason"), rows, stretch=2)
    assert len(table.splitlines()) == len(rows) + 1
    assert max(terminal.width_of(line) for line in table.splitlines()) <= width


@given(ANY_TEXT)
@example("\x1b[31m \x7f \x9b31m \ud800")
def test_json_is_plain_ascii_and_gives_the_text_back(text: str) -> None:
    out = terminal.as_json({"subject": text})
    assert out.isascii()
    assert not [char for char in out if (ord(char) < 32 and char != "\n") or char == "\x7f"]
    assert json.loads(out)["subject"] == text


@pytest.mark.parametrize(
    ("days", "told"), [(0, "22 Nov 12:00"), (181, "25 May 12:00"), (183, "23 May  2026"), (400, "18 Oct  2025")]
)
def test_a_time_in_a_list_is_short_and_names_the_year_when_it_is_long_ago(days: int, told: str) -> None:
    now = datetime(2026, 11, 22, 12).astimezone()
    assert terminal.short_moment((now.replace(tzinfo=None) - timedelta(days=days)).astimezone(), now) == told
