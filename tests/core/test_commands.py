"""The agent's command block: read from the top, forgiven in small things, stopped by what is not understood."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.core.commands import Command, read
from mailproc.core.commands.values import (
    Accept,
    Assign,
    Close,
    Copy,
    Note,
    Prioritise,
    Resolve,
    ShowHelp,
    Spend,
    Wait,
    WaitFor,
)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("#resolve", Resolve("")),
        ("#resolve driver", Resolve("driver")),
        ("#Resolve: driver", Resolve("driver")),
        ("# resolve", Resolve("")),
        ("#erledigt", Resolve("")),
        ("#wait customer", Wait(WaitFor.CUSTOMER)),
        ("#wait vendor.", Wait(WaitFor.VENDOR)),
        ("#warten Kunde", Wait(WaitFor.CUSTOMER)),
        ("#assign me", Assign("me")),
        ("#assign = Ben", Assign("Ben")),
        ("#close", Close()),
        ("#note", Note()),
        ("#help", ShowHelp()),
        ("#accept bea@example.org", Accept("bea@example.org")),
        ("#accept <mailto:bea@example.org>", Accept("bea@example.org")),
    ],
)
def test_a_line_is_read(line: str, command: Command) -> None:
    text = read(f"{line}\n\nThe driver is old.")
    assert text.commands == (command,)
    assert text.bad == ()
    assert text.body == "The driver is old."


def test_the_block_ends_where_the_answer_begins() -> None:
    text = read("#resolve driver\n\n#assign me\nInstall it.\n#close\nis what I typed before.")
    assert text.commands == (Resolve("driver"), Assign("me"))
    assert text.body == "Install it.\n#close\nis what I typed before."


@pytest.mark.parametrize(
    "text", ["*#note*\nold", "**#note** old", "\\#note old", "＃note old", "* #note\nold", "_#note_ old"]
)
def test_a_note_stays_a_note_however_a_client_dresses_it(text: str) -> None:
    assert (read(text).commands, read(text).body, read(text).bad) == ((Note(),), "old", ())


@pytest.mark.row("A21")
@pytest.mark.parametrize(
    "line",
    ["\u200f#note", "\u200e #note\u200f", "#\u200dnote", "#\ufe0fnote", "﹟note", "*\u200f#note*"],
)
def test_a_note_stays_a_note_whatever_stands_unseen_about_it(line: str) -> None:
    assert (read(f"{line}\nold").commands, read(f"{line}\nold").body) == ((Note(),), "old")
    assert read(f"\u200e\n{line}\nold").commands == (Note(),), "below a line on which nobody sees anything"
    assert read(f"Hello,\n\nold\n\n{line} older").commands == (Note(),)
    assert read(f"Hello,\n{line} older").bad, "below words for the customer"


def test_what_nobody_sees_stays_in_the_words() -> None:
    assert read("#note\nمی\u200cخواهم").body == "می\u200cخواهم"
    assert read("#note می\u200cخواهم").body == "می\u200cخواهم"


@pytest.mark.parametrize("line", ["#note", "#Note:", "*#resolve*"])
def test_a_command_below_a_greeting_stops_the_mail(line: str) -> None:
    assert [bad.line for bad in read(f"Hi,\n{line}\nHe is angry.").bad] == [line]
    assert bool(read(f"#assign me\nType\n{line}\nin the window.").bad) is ("note" in line.casefold())


def test_words_on_a_note_line_belong_to_the_note() -> None:
    text = read("#note he is angry, be kind\nCall him on Monday.")
    assert text.commands == (Note(),)
    assert text.body == "he is angry, be kind\nCall him on Monday."


@pytest.mark.parametrize(
    ("line", "nearest"),
    [
        ("#resovle driver", "#resolve"),
        ("#asign me", "#assign"),
        ("#frobnicate", ""),
        ("#wait moon", "#wait [customer|vendor]"),
    ],
)
def test_an_unknown_line_is_told_with_its_nearest(line: str, nearest: str) -> None:
    text = read(f"{line}\nHello")
    assert [(bad.line, bad.nearest) for bad in text.bad] == [(line, nearest)]


@pytest.mark.parametrize("line", ["#1042 is solved by this too", "#", "##- Please write above -##", "Try # 5"])
def test_what_is_no_command_begins_the_answer(line: str) -> None:
    assert read(line).body == line
    assert read(line).commands == ()
    assert read(line).bad == ()


def test_an_answer_without_commands_is_all_answer() -> None:
    assert read("Dear Ann,\n\nuse #resolve in the shell.\n").body == "Dear Ann,\n\nuse #resolve in the shell."


@given(st.text(max_size=400))
def test_reading_never_fails_and_invents_nothing(text: str) -> None:
    read_text = read(text)
    assert set(read_text.body.split()) <= set(text.split())


def test_commands_may_stand_below_the_answer_after_an_empty_line() -> None:
    text = read("Install driver 4.2.\n\n#resolve driver\n#time 20m\n")
    assert text.commands == (Resolve("driver"), Spend("20m"))
    assert (text.body, text.bad) == ("Install driver 4.2.", ())


def test_words_of_a_note_keep_their_side() -> None:
    assert read("#note call him\nHe is angry.").body == "call him\nHe is angry."
    assert read("He is angry.\n\n#note call him").body == "He is angry.\n\ncall him"


@pytest.mark.parametrize(
    "answer",
    [
        "Type this:\n# type the name\n# time 5",  # remarks in a script
        "Great!\n\n#welcome #newcustomer",  # hash tags
        "See\n\n## History",  # a heading
        "It is in room\n#12",
    ],
)
def test_what_only_looks_like_commands_below_stays_in_the_answer(answer: str) -> None:
    assert (read(answer).commands, read(answer).body, read(answer).bad) == ((), answer, ())


def test_a_mistyped_command_below_stops_the_mail() -> None:
    assert [(bad.line, bad.nearest) for bad in read("Install it.\n\n#resovle").bad] == [("#resovle", "#resolve")]


def test_a_command_right_below_words_is_no_block_and_stops_the_mail() -> None:
    assert [bad.line for bad in read("Install it.\n#resolve").bad] == ["#resolve"]


@pytest.mark.parametrize(
    "text",
    [
        "Install it.\n#note never paid",
        "Install it.\n\n#note never paid\nand never will",
        "#resolve\nHi,\n#note\nnever paid",
        "#resolve\nInstall it.\n\n*#Notiz:* never paid\n\nBye",
        "Hi,\n#escalate ben never paid\nBye",
    ],
)
def test_words_for_colleagues_below_words_for_the_customer_stop_the_mail(text: str) -> None:
    assert len(read(text).bad) == 1


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("Status: resolved", Resolve("")),
        ("Owner: anna", Assign("anna")),
        ("Priority: high", Prioritise("P2")),
        ("AddCc: bea@example.org", Copy(("bea@example.org",), ())),
        ("TimeWorked: 25 min", Spend("25 min")),
    ],
)
def test_pseudo_headers_of_another_desk_are_understood(line: str, command: Command) -> None:
    assert read(f"{line}\n\nInstall it.").commands == (command,)


@pytest.mark.parametrize("line", ["Status: we are still looking.", "Priority: none of these", "Subject: hello"])
def test_what_only_looks_like_a_pseudo_header_is_the_answer(line: str) -> None:
    assert (read(line).commands, read(line).body, read(line).bad) == ((), line, ())
