"""HTML to the text a person would read off it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.mime.html import html_to_text
from tests.testlib.growth import grows_faster


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("just text", "just text"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("<div>One</div><div>Two</div>", "One\nTwo"),
        ("One<br>Two<br/>Three", "One\nTwo\nThree"),
        ("<b>bo</b>ld &amp; <i>it</i>alic&nbsp;&euro;", "bold & italic €"),
        ("<ul><li>a</li><li>b</li></ul>", "* a\n* b"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        ("<ul><li>a<ul><li>b</li></ul></li></ul>", "* a\n  + b"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<head><title>T</title><style>p{}</style></head><body>x<script>alert(1)</script></body>", "x"),
        ("<p style='display: none'>preheader</p><p>Hello</p>", "Hello"),
        ("<span style='font-size:0px'>track</span>Hello", "Hello"),
        ("<span style='font-size:0.9em'>Hello</span>", "Hello"),
        ("<p hidden>no</p>yes", "yes"),
        ("a<!-- comment -->b<![endif]-->", "ab"),
        ("<table><tr><td>Order</td><td>42</td></tr><tr><td>Price</td><td>3</td></tr></table>", "Order  42\nPrice  3"),
        ("<?xml version='1.0' encoding='iso-8859-1'?><p>Grüße</p>", "Grüße"),
        ("<p>never closed", "never closed"),
        ("<img src='https://example.org/pixel.gif' alt='x'>Hello", "Hello"),
    ],
)
def test_reads_like_the_page(html: str, text: str) -> None:
    assert html_to_text(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<a href="https://example.org/reset?x=1">reset it</a>', "reset it <https://example.org/reset?x=1>"),
        ('<a href="https://example.org/">example.org</a>', "example.org"),
        ('<a href="https://www.example.org/a">https://www.example.org/a</a>', "https://www.example.org/a"),
        ('<a href="mailto:jane@example.org">jane@example.org</a>', "jane@example.org"),
        ('<a href="mailto:jane@example.org">write to <b>Jane</b></a>', "write to Jane <jane@example.org>"),
        ('<a href="javascript:alert(1)">click</a>', "click"),
        ('<a href="#top">top</a>', "top"),
        ('<a href="https://example.org/x"><img src="x.png"></a>', ""),
        (f'<a href="https://example.org/{"x" * 400}">track</a>', "track"),
    ],
)
def test_links_are_told_where_the_words_do_not(html: str, text: str) -> None:
    assert html_to_text(html) == text


def test_quotations_look_as_in_a_text_mail() -> None:
    html = (
        "<div>Yes.</div><div>On Monday Jane wrote:<br></div>"
        "<blockquote style='margin:0 0 0 8ex'><p>Does it work?</p><blockquote>It broke.</blockquote>Please look.</blockquote>"
        "<div>Bob</div>"
    )
    assert html_to_text(html) == ("Yes.\nOn Monday Jane wrote:\n> Does it work?\n>\n>> It broke.\n> Please look.\nBob")


def test_nobody_can_write_quotation_marks_of_ours() -> None:
    assert html_to_text("a \ue0f0 b \ue0f1 c") == "a b c"


def test_documents_that_never_close_a_tag_are_read_to_the_end() -> None:
    html = (
        "<style>p{}</style>"
        + "<font color=red><p>line" * 1_000
        + "<script>x<y</script><blockquote>quoted</blockquote>the end &amp; all"
    )
    text = html_to_text(html)
    assert text.count("line") == 1_000
    assert text.endswith("> quoted\nthe end & all")
    assert "{" not in text
    assert "x<y" not in text


@given(st.text(alphabet="<>/=\"' abp!-&;#\n", max_size=400))
@pytest.mark.row("A15")
def test_any_soup_becomes_text(soup: str) -> None:
    assert isinstance(html_to_text(soup), str)


HOSTILE: dict[str, Callable[[int], str]] = {
    "nested div": lambda n: "<div>" * n,
    "nested table": lambda n: "<table><tr><td>x" * n,
    "nested list": lambda n: "<ul><li>x" * n,
    "items in deep lists": lambda n: "<ul>" * 200 + "<li>x" * n,
    "nested quote": lambda n: "<blockquote>x" * n,
    "open comments": lambda n: "<!--" * n,
    "less-than": lambda n: "<" * n,
    "ampersands": lambda n: "&" * n,
    "attributes": lambda n: "<p " + "a=b " * n,
    "attributes of many names": lambda n: "<p " + " ".join(f"a{i}=b" for i in range(n)) + ">x",
    "anchors": lambda n: "<a href=https://example.org/>y" * n,
    "open anchors": lambda n: "<a " * n,
    "huge margins": lambda n: "<p style='margin-top:99999em;padding-left:99999em'>x" * n,
    "wide table": lambda n: "<table>" + "<tr><td>x<td>" * n + "x" * n,
    "hidden": lambda n: "<p hidden>x</p>y" * n,
    "spans": lambda n: "<span>x" * n,
    "open scripts": lambda n: "<script>" * n,
    "pre": lambda n: "<pre>" * 100 + "x\n" * n,
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.row("A17")
@pytest.mark.slow
def test_time_and_size_grow_with_the_document_and_no_faster(kind: str) -> None:
    generate = HOSTILE[kind]
    assert not grows_faster(html_to_text, generate, 6_000)
    assert len(html_to_text(generate(3_000))) <= 50 * len(generate(3_000)) + 1_000


@pytest.mark.parametrize(
    "character", ["\x01", "\x0b", "\x0c", "\x1f", "\ufffe", "&#11;", "&#x1F;", "&#X0c", "&#65535;"]
)
@pytest.mark.parametrize(
    "page",
    ["<blockquote>%s words</blockquote>", "<td>words</td>%s", '<a href="http://x.example">words%s</a>', "<p>words<style>x</style>%s</p>"],
)  # fmt: skip
def test_control_characters_and_references_to_them_cost_no_words(page: str, character: str) -> None:
    assert "words" in html_to_text(page.replace("%s", character))
