"""What an agent may write to their own address."""

from __future__ import annotations

import pytest

from mailproc.core import queries
from mailproc.core.commands import values as v
from mailproc.core.queries import Figures, Find, Help, Past, Query, Show, View

LISTED = (101, 102, 103, 104, 105, 106)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("list", View.LIST), ("#list", View.LIST), ("List.", View.LIST), ("*liste*", View.LIST), ("My queue", View.LIST),
        ("mine", View.MINE), ("meine", View.MINE), ("team", View.TEAM), ("breaching", View.BREACHING),
        ("überfällig", View.BREACHING), ("waiting", View.WAITING), ("report", Figures()), ("Bericht", Figures()),
        ("help", Help()), ("?", Help()), ("find Paper Jam", Find("Paper Jam")), ("suche drucker", Find("drucker")),
        ("show 1042", Show(1042)), ("zeige #1042", Show(1042)), ("verlauf 1042", Past(1042)),
    ],
)  # fmt: skip
def test_questions_are_asked_in_english_or_german_with_or_without_a_mark(text: str, asked: Query) -> None:
    read = queries.read(text)
    assert read.queries == [asked]
    assert not (read.acts or read.bad or read.personal)


def test_a_small_number_is_a_line_of_the_list_and_one_with_a_mark_a_ticket() -> None:
    assert queries.read("show 2\nshow #2\nhistory 900", LISTED).queries == [Show(102), Show(2), Past(900)]


def did(text: str) -> list[tuple[int | None, int, v.Command, str]]:
    read = queries.read(text, LISTED)
    assert not read.bad
    return [(act.place, act.ticket, act.command, act.body) for act in read.acts]


def test_lines_are_acted_on_in_bulk() -> None:
    assert did("1 done; 3,4 assign NAME; 5 snooze friday; 2-4 priority p2\n6 note call him") == [
        (1, 101, v.Resolve(""), ""),
        (3, 103, v.Assign("NAME"), ""), (4, 104, v.Assign("NAME"), ""),
        (5, 105, v.Snooze("friday"), ""),
        (2, 102, v.Prioritise("P2"), ""), (3, 103, v.Prioritise("P2"), ""), (4, 104, v.Prioritise("P2"), ""),
        (6, 106, v.Note(), "call him"),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["1 take", "1. take", "1) #take", "1: nehmen", "1 assign me", "1  Take."])
def test_a_line_is_named_as_people_number_things(text: str) -> None:
    assert did(text) == [(1, 101, v.Assign("me"), "")]


@pytest.mark.parametrize("numbers", ["1 3", "1,3", "1, 3", "1 and 3", "1 und 3", "1 & 3"])
def test_several_lines_are_named_as_people_do(numbers: str) -> None:
    assert did(f"{numbers} close") == [(1, 101, v.Close(), ""), (3, 103, v.Close(), "")]


def test_a_ticket_of_no_list_is_named_with_a_mark() -> None:
    assert did("#900 p1") == [(None, 900, v.Prioritise("P1"), "")]


def test_a_semicolon_in_a_note_belongs_to_it() -> None:
    assert did("6 note call him; he waits; 1 done") == [
        (6, 106, v.Note(), "call him; he waits"), (1, 101, v.Resolve(""), ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "nearest"),
    [
        ("1 doen", "done"), ("lits", "list"), ("7 done", ""), ("0 done", ""), ("6 note", "#note [@NAME]"),
        ("1 ask vendor@v.example", "#ask ADDRESS|engineering"), ("1 merge 5", "#merge NUMBER"),
        ("Thanks a lot", ""), ("show", "show NUMBER"), ("#resolve", ""), ("1", ""), ("2d", ""),
        ("#mute", "#mute [NUMBER]"), ("1-9 done", ""),
    ],
)  # fmt: skip
def test_what_is_not_understood_or_goes_not_with_many_is_told(line: str, nearest: str) -> None:
    read = queries.read(line, LISTED)
    assert [(each.line, each.nearest) for each in read.bad] == [(line, nearest)]
    assert not (read.queries or read.acts or read.personal)


def test_a_mail_acts_on_so_many_tickets_and_no_more() -> None:
    many = tuple(range(1, 400))
    assert len(queries.read("1-100 close", many).acts) == 100
    assert queries.read("1-101 close", many).bad
    assert queries.read("1-60 close\n61-120 take", many).bad
    assert queries.read("\n".join(["list"] * 101)).bad


def test_what_was_done_with_as_many_tickets_as_may_be_is_undone_by_one_mail() -> None:
    done = queries.read("1-100 done", range(1, 101))
    assert (len(done.acts), done.bad) == (100, [])
    undone = queries.read("".join(f"#{number} undo {number}\n" for number in range(1, 101)))
    assert (len(undone.acts), undone.bad) == (100, [])


def test_settings_may_stand_here_too() -> None:
    read = queries.read("digest 8:00; #away until monday\nmute 7")
    assert [each.command for each in read.personal] == [
        v.SetDigest("8:00"),
        v.Away("monday"),
        v.Mute(muted=True, ticket=7),
    ]


@pytest.mark.parametrize("text", ["list", "mine\nbreaching", "find printer", "help", "show 12"])
def test_without_a_token_questions_alone_are_taken_for_questions(text: str) -> None:
    assert queries.nothing_but_questions(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "list\n\nMy printer stops.", "#7 close", "#away until monday", "find a way to mend my broken printer please",
        "Help! My printer burns", "1 done",
    ],
)  # fmt: skip
def test_without_a_token_anything_else_is_a_matter_of_its_own(text: str) -> None:
    assert not queries.nothing_but_questions(text)


def test_a_long_line_costs_no_more_than_its_length() -> None:
    for text in ("1 " * 100_000, "1," * 100_000, "#" * 100_000, "1-" * 100_000, "; ".join(["1 note a"] * 20_000)):
        queries.read(text, LISTED)


@pytest.mark.parametrize("text", ["1 done 2 done", "1 take 2 take", "1 resolve #2 #close"])
def test_two_commands_that_nothing_parts_are_asked_back(text: str) -> None:
    found = queries.read(text, LISTED)
    assert [bad.line for bad in found.bad] == [text]
    assert not found.acts
    assert not queries.read("1 resolve 2 drivers at once", LISTED).bad
