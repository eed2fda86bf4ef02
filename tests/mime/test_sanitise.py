"""A sender's HTML as a page: what people read stays, and nothing of it loads, runs or sends."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.mime import sanitise
from mailproc.mime.html import HTML_LIMIT
from mailproc.mime.sanitise import as_page
from tests.testlib.growth import grows_faster
from tests.testlib.harmless import harm

pytestmark = [pytest.mark.row("A15", "A16")]


def body(html: str) -> str:
    """What is left of a document, without the page around it."""
    page = as_page(html)
    assert not harm(page) or not page
    return page.decode().partition("<body>\n")[2].rpartition("\n</body>")[0]


@pytest.mark.parametrize(
    "html",
    [
        "<p>a <b>b</b> <i>c</i> <u>d</u> <s>e</s> <del>f</del> <mark>g</mark></p>",
        "<h1>a</h1><ul><li>b</li></ul><ol><li>c</li></ol><pre>d\n e</pre><blockquote>f</blockquote>",
        '<table><tbody><tr><td colspan="2">a</td><th rowspan="3">b</th></tr></tbody></table>',
        '<p dir="rtl" lang="he">\u05e9</p>',
        '<span style="color:red;background-color:#ff0;font-weight:bold;text-decoration:line-through">a</span>',
        '<p style="color:rgb(255, 0, 0);text-align:center">a</p>',
    ],
)
def test_what_people_read_stays_as_it_was(html: str) -> None:
    assert body(html) == html


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ('<font color="#f00">a</font>', '<span style="color:#f00">a</span>'),
        ('<span style="background:yellow;mso-highlight:yellow">a</span>', '<span style="background-color:yellow">a</span>'),
        ("<strike>a</strike><center>b</center>", '<s>a</s><div style="text-align:center">b</div>'),
        ('<td bgcolor="yellow">a</td>', "a"),
        ('<p class="x" id="y" onclick="z()">a</p>', "<p>a</p>"),
        ('a<img src="http://x.example/1.gif" alt="Logo & co">b', "a[Logo &amp; co]b"),
        ('a<img src="http://x.example/1.gif" width=1>b', "ab"),
        ("<o:p>a</o:p><custom-tag>b</custom-tag>", "ab"),
        ("a<script>b</script><style>c</style><svg><a>d</a></svg><noscript>e</noscript><template>f</template>g", "ag"),
        ('a<p style="display: none">b</p><p hidden>c</p><span style="font-size:0">d</span>e', "ae"),
        ("<form action=http://x.example><input value=a><button>b</button>c</form>", "<div>bc</div>"),
        ("a<!-- b --><!--[if mso]>c<![endif]-->d", "ad"),
    ],
)  # fmt: skip
def test_what_is_not_for_reading_goes_and_words_stay(html: str, left: str) -> None:
    assert body(html) == left


@pytest.mark.parametrize("scheme", ["https://x.example/a?b=1", "http://x.example", "mailto:a@x.example"])
def test_a_link_stays_and_tells_nobody_whence_one_comes(scheme: str) -> None:
    assert body(f'<a href="{scheme}" target="_blank" ping="http://y.example">a</a>') == (
        f'<a href="{scheme}" rel="noopener noreferrer nofollow">a</a>'
    )


@pytest.mark.parametrize(
    "target",
    ["javascript:a()", "JAVASCRIPT:a()", " java\tscript:a()", "data:text/html,a", "cid:1", "file:///etc/passwd", "//x.example",
     "/x", "x", "vbscript:a", "blob:a", "tel:1", "&#106;avascript:a()", "about:blank", "mailto:support+" + "a2b3" * 12 + "@x.example"],
)  # fmt: skip
def test_other_targets_go_and_so_do_tokens_of_ours_a_customer_quotes(target: str) -> None:
    assert body(f'<a href="{target}">a</a>') == '<a rel="noopener noreferrer nofollow">a</a>'


@pytest.mark.parametrize("target", [
    "https://bank.example@x.example", "http://a:b@x.example/", "https://bank.example&#64;x.example", "https://x.example/\u202egpj.exe",
    "https://x\u200b.example", "https://x\u00ad.example", "https://x.example/&#x2066;", "https:///x.example",
])  # fmt: skip
def test_so_does_one_that_is_written_to_be_misread(target: str) -> None:
    assert body(f'<a href="{target}">a</a>') == '<a rel="noopener noreferrer nofollow">a</a>'


@pytest.mark.parametrize("target", ["https://x.example/@a", "https://x.example?a@b", "https://m\u00fcller.example/#@"])
def test_an_at_behind_the_host_is_no_name_for_it(target: str) -> None:
    assert f'href="{target}"' in body(f'<a href="{target}">a</a>')


def test_a_link_to_write_to_somebody_fills_in_nothing_else() -> None:
    assert 'href="mailto:a@x.example" ' in body(
        '<a href="mailto:a@x.example?bcc=b@y.example&amp;body=yes&amp;attach=/x">a</a>'
    )


def test_words_say_what_they_show() -> None:
    assert body('<p>a\u202eb&#x202e;c\u2066d\u200be</p><img alt="f&#x202e;g"><p>\u05e9\u200d</p>') == (
        "<p>abcde</p>[fg]<p>\u05e9\u200d</p>"
    )


@pytest.mark.parametrize(
    "style",
    ["background:url(http://x.example)", "background-color:url(http://x.example)", "color:url(x)", "list-style-image:url(x)",
     "color:red\\;x:url(y)", "background:u\\72l(http://x.example)", "color:expression(a())", "color:var(--x)", "behavior:url(x)",
     "background:image-set('http://x.example' 1x)", "position:fixed;top:0;left:0", "color:/*x*/red", "content:url(x)",
     "text-decoration:underline url(x)", "font-family:x", "--x:url(y)", "@import 'x'"],
)  # fmt: skip
def test_no_style_loads_or_covers_anything(style: str) -> None:
    assert body(f'<p style="{style}">a</p>') == "<p>a</p>"


def test_the_page_itself_would_load_nothing_if_anything_were_left() -> None:
    head = as_page("<p>a").decode().partition("<body>")[0]
    assert """content="default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'\"""" in head
    assert '<meta charset="utf-8">' in head


@pytest.mark.parametrize(
    "html", ["", " ", "<script>a</script>", "x" * (HTML_LIMIT + 1), "<i>x</i>" * 60_000, "&" * 900_000]
)
def test_of_nothing_and_of_too_much_there_is_no_page(html: str) -> None:
    assert as_page(html) == b""


@given(st.text(alphabet="<>/=\"'`&;:!-?[] \n\\abp#xs", max_size=300))
def test_any_soup_becomes_a_harmless_page(soup: str) -> None:
    body(soup)


_PIECES = st.lists(
    st.sampled_from([
        "<", ">", "</", "<p ", "<a ", "<svg>", "</svg>", "<math>", "<mtext>", "<table>", "<mglyph>", "<style>", "</style>",
        "<script>", "</script>", "<!--", "-->", "<![CDATA[", "]]>", "<title>", "</title>", "<noscript>", "</noscript>", "<select>",
        "<img src=http://x.example onerror=a()>", "<iframe srcdoc='<script>a()</script>'>", "<base href=//x.example>", "<b>", "<i>",
        "<meta http-equiv=refresh content='0;http://x.example'>", "<link rel=stylesheet href=//x.example>", "<plaintext>", "<xmp>",
        "<form action=//x.example>", "<textarea>", "</textarea>", "<a href=javascript:a()>", "<p style='color:red;x:url(//y)'>",
        '"', "'", "&quot;", "&lt;", "&#x3c;", "\0", "words", "</p>", "<td background=//x.example>", "<body onload=a()>", "<frameset>",
    ]), max_size=25,
)  # fmt: skip


@given(_PIECES)
def test_nor_does_any_heap_of_what_browsers_act_on(pieces: list[str]) -> None:
    body("".join(pieces))


@given(_PIECES)
def test_nh3_alone_would_do_but_for_the_values_of_styles(pieces: list[str]) -> None:
    document = "".join(pieces).replace("style=", "class=")
    assert not harm(sanitise._PAGE.format(sanitise._CLEANER.clean(document)).encode())


@given(_PIECES)
def test_and_so_would_what_is_written_before_but_for_targets(pieces: list[str]) -> None:
    written = sanitise._written("".join(pieces))
    assert written is not None
    assert not harm(sanitise._PAGE.format(written.html).encode())


@pytest.mark.parametrize(
    "html",
    ["<script>a()</script>", "<img src=x>", "<p onclick=a()>", "<a href=javascript:a()>b</a>", "<p style='color:url(x)'>b</p>",
     "<form>", "<!-- a -->", "<svg>", "<meta http-equiv=refresh>", "<style>a</style>", "<base href=x>", "<p id=a>"],
)  # fmt: skip
def test_these_tests_see_what_is_not_for_reading(html: str) -> None:
    page = as_page("<p>a</p>").decode()
    assert harm(page.replace("<p>a</p>", html).encode())
    assert harm(page.replace("Content-Security-Policy", "x").encode())


DEEP: dict[str, Callable[[int], str]] = {
    "div": lambda n: "<div>" * n + "x",
    "table": lambda n: "<table><tr><td>" * n + "x",
    "words in tables": lambda n: "<table>" + "<b>x</b>" * n,
    "blockquote": lambda n: "<blockquote>" * n + "x",
    "formats": lambda n: "<p>" + "".join(f"<b style='color:#{i:06}'>" for i in range(200)) + "<div>x</div>" * n,
    "links": lambda n: "<a href=https://x.example>" * n + "x",
    "attributes": lambda n: "<p " + " ".join(f"a{i}=1" for i in range(n)) + ">x",
    "declarations": lambda n: "<p style='" + "color:red;" * n + "'>x",
    "rows": lambda n: "<table>" + "<tr><td>a<td>b" * n,
    "entities": lambda n: "&amp;" * n,
    "open attributes": lambda n: "<p style='" * n,
    "comments": lambda n: "<!--" * n,
}


@pytest.mark.row("A17")
@pytest.mark.slow
@pytest.mark.parametrize("kind", DEEP)
def test_time_and_size_grow_with_the_document_and_no_faster(kind: str) -> None:
    generate = DEEP[kind]
    assert not grows_faster(as_page, generate, 2_000)
    assert len(as_page(generate(2_000))) <= 50 * len(generate(2_000)) + 2_000


@pytest.mark.row("A17")
@pytest.mark.parametrize("kind", DEEP)
def test_a_hundred_thousand_of_anything_end_no_process(kind: str) -> None:
    size = threading.stack_size(256 * 1024)
    pages: list[bytes] = []
    try:
        thread = threading.Thread(target=lambda: pages.append(as_page(DEEP[kind](100_000))))
        thread.start()
    finally:
        threading.stack_size(size)
    thread.join()
    assert len(pages) == 1
    assert not pages[0] or not harm(pages[0])
