"""What holds for every body, and what hostile ones cost."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.mime.html import html_to_text
from mailproc.mime.quoting import split_reply
from mailproc.mime.quoting.lines import MOST_LINES
from tests.testlib.growth import costs_more, grows_faster

PIECES = [
    "Hello", "> quoted", ">> deep", "", "-- ", "--", "_____", "On Mon, 3 Mar 2025 at 10:15, Anna <a@b.example> wrote:",
    "Anna wrote:", "From: a@b.example", "Sent: 3.3.2025 10:00", "To: c", "Subject: x", "-----Original Message-----",
    "---------- Forwarded message ----------", "##- Please write above -##", "##- Please", "write -##", "Sent from my iPhone",
    "AB> x", ">>> x", "It works now,", "one two three four five six seven", "----", "Tel: +49 123 456789", "```", ">From here",
    " ", "> ", "Hi,", "2024-01-01 10:00 GMT+01:00 Bob", "<", "> wrote:", "\ue0f2", "\u2028", "x" * 1200,
]  # fmt: skip
SENTENCES = st.lists(st.sampled_from(["It is broken.", "", "Which one?", "- this", "    code", "Thanks, Bob", "Best regards,"]), min_size=1, max_size=8)  # fmt: skip
INTRODUCTIONS = st.sampled_from(["Anna <a@b.example> wrote:", "On 3 Mar 2025, at 10:15, Anna wrote:", ""])


def is_subsequence(few: Sequence[str], many: Sequence[str]) -> bool:
    rest = iter(many)
    return all(line in rest for line in few)


@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=60), max_size=16), st.lists(st.sampled_from(PIECES), max_size=2)
)
def test_nothing_is_invented_and_nothing_disappears(pieces: list[str], sent: list[str]) -> None:
    body = "\n".join(pieces)
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    reply = split_reply(body, sent)
    for piece in (reply.text, reply.unquoted, reply.quoted, reply.signature):
        assert not piece or is_subsequence(piece.split("\n"), lines)
    kept = sum(len(piece.split()) for piece in (reply.text, reply.quoted, reply.signature))
    assert kept == len(body.split())
    assert is_subsequence(reply.unquoted.split(), reply.text.split())


@given(SENTENCES, INTRODUCTIONS, SENTENCES, st.booleans(), st.sampled_from(["", "-- \nBob", "Sent from my iPhone"]))
def test_cutting_twice_cuts_no_more(
    new: list[str], introduction: str, old: list[str], below: bool, signature: str
) -> None:
    """Of replies as clients write them. (Text in which a client's lines are heaped at random may be cut further.)"""
    quote = [introduction, *(f"> {line}" for line in old)]
    body = "\n".join([*quote, "", *new, signature] if below else [*new, signature, *quote])
    text = split_reply(body).text
    assert split_reply(text).text == text


@given(st.lists(st.text(st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1), min_size=1))
def test_plain_words_come_back_whole(words: list[str]) -> None:
    body = "Please help. " + " ".join(words)
    reply = split_reply(body)
    assert (reply.text, reply.quoted, reply.signature) == (body, "", "")


@given(st.text(st.sampled_from("<>/ abdivlockquoe=\"'#_-\n&;")), st.text(max_size=20))
def test_html_never_raises(html: str, sent: str) -> None:
    split_reply(html_to_text(html), [sent])


HOSTILE = [
    "On ", ">", "> ", ">>\n", "\n", "From:", "From:\n", "On\n", "_", "_ ", "-_", "- -", "wrote:\n", "wrote 1:\n", "On 1\n1\n1\n1\n1:\n",
    "1.1.2024 10:00 <a@b.c> wrote:\n", ">\n\n", "##-", "##-\n", "-- \n", "a\n-- \n", "Sent from my iPhone\n", "a@", "a@\n", "<a@b",
    "[", "[](", "`", " ", "\t", "AB> x\n", ">>> x\n", "From: a@b\nTo: c\nSubject: d\n\n", "2024-01-01 10:00 GMT+01:00 x\n",
    "---- On x wrote ----\n", "-----Original Message-----\n", "写道", "one two three four five six seven\n", "```\n--\n", "\r", "1:1",
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.row("A17")
@pytest.mark.slow
def test_time_grows_with_the_length_and_not_faster(unit: str) -> None:
    per_line = max(1, unit.count("\n") + unit.count("\r"))
    short = (MOST_LINES // 16) // per_line if "\n" in unit or "\r" in unit else 25_000 // len(unit)

    assert not grows_faster(lambda body: split_reply(body, [body[:5000]]), lambda n: unit * n, short)


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit", ["On ", "\n", "From:\n", "-- \n", "> ", "_", "1.1.2024 10:00 <a@b.c> wrote:\n", "写道"]
)
def test_a_large_mail_costs_no_more_than_a_few_ordinary_ones(unit: str) -> None:
    ordinary = "My printer is broken, and the paper is stuck in it since Monday morning.\n" * 3_500
    hostile = (unit * (250_000 // len(unit) + 1))[:250_000]
    assert not costs_more(lambda body: split_reply(body, [body]), hostile, 10, ordinary)


@pytest.mark.parametrize("unit", ["<div class=gmail_quote>", "<blockquote type=cite>", "<b>:</b>", '<div style="border-top:solid #e1e1e1">', "<p id=Signature>x"])  # fmt: skip
@pytest.mark.row("A17")
@pytest.mark.slow
def test_hostile_markup_grows_no_faster_than_its_length(unit: str) -> None:
    assert not grows_faster(
        lambda html: split_reply(html_to_text(html)), lambda length: unit * (length // len(unit)), 50_000
    )
