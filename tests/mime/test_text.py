"""The one gate for text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.mime.text import clean_line, clean_text
from tests.testlib.growth import grows_faster

any_text = st.text(alphabet=st.characters())  # lone surrogates and controls are in it


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("one\r\ntwo\rthree\nfour", "one\ntwo\nthree\nfour"),
        ("a\0b", "ab"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("page\x0cpage", "page\npage"),
        ("Käse\u2028Brot\x85Wein", "Käse\nBrot\nWein"),
        ("col\tumn", "col\tumn"),
        ("\ud800half", "\ufffdhalf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("\ufeffzero\u200bwidth", "zerowidth"),
        ("Cafe\u0301", "Café"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("x" + "\u200c\u200d" * 100 + "y", "xy"),
        ("שלום\u200f!", "שלום\u200f!"),
    ],
)
def test_text(dirty: str, clean: str) -> None:
    assert clean_text(dirty) == clean


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("x\r\nBcc: victim@example.org", "x Bcc: victim@example.org"),
        ("a\tb  c ", "a b c"),
        ("a\u2028b\x0bc", "a b c"),
        ("a\u202eb", "a b"),
        ("\x9bdanger", "danger"),
    ],
)
def test_line(dirty: str, clean: str) -> None:
    assert clean_line(dirty) == clean


def test_a_line_is_cut_at_its_limit() -> None:
    assert clean_line("word " * 100, 12) == "word word wo"


@given(any_text)
def test_any_text_becomes_storable(text: str) -> None:
    clean = clean_text(text)
    clean.encode("utf-8")
    assert not [c for c in clean if unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t"]
    assert clean_text(clean) == clean


@given(any_text)
def test_any_text_becomes_one_line(text: str) -> None:
    line = clean_line(text)
    line.encode("utf-8")
    assert len(line.splitlines()) <= 1
    assert not [c for c in line if unicodedata.category(c) in {"Cc", "Cs"}]


def test_a_flood_of_combining_marks_takes_linear_time() -> None:
    """Without the cap on marks, 200,000 of them take many seconds to sort."""
    assert not grows_faster(clean_text, lambda pairs: "a" + "\u0316\u0301" * pairs, 25_000)
    assert len(clean_text("a" + "\u0316\u0301" * 100_000)) < 40
