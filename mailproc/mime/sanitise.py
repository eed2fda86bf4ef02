"""A sender's HTML as a harmless page to read, and whether its form says more than its words.

nh3 decides what may stand in it. Before, the document is written anew on one pass over lxml's events: what is hidden or
unread goes, styles are reduced to what means something, and depth and size are bounded, as nh3's time is not linear in
them. Nothing remote is left; if it were, the page's own policy (CSP) would load none of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

import nh3
from lxml import etree

from mailproc.mime.form import Form, Style, read_style
from mailproc.mime.html import HTML_LIMIT, UNPRINTABLE, UNREAD, is_hidden
from mailproc.mime.text import clean_text

PAGE_LIMIT = 1_000_000  # characters of a page
_MOST_TAGS = 50_000  # a document with more is none for people, and nh3 would take its memory
_DEEPEST = 100  # tags in tags; deeper ones are left out, not their words
_DEEPEST_FORMAT = 5  # of those that HTML opens anew in every block they reach into (WHATWG HTML, 13.2.4.3)
_ALT_LIMIT = 300  # characters of the words for a picture
_MACHINES = re.compile(r"[a-z2-7]{32}", re.IGNORECASE)  # in a mail address: a token, perhaps the customer's own
_READABLE = frozenset({
    "a", "b", "blockquote", "br", "caption", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5",
    "h6", "hr", "i", "ins", "li", "mark", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "u", "ul",
})  # fmt: skip
_FORMATS = frozenset({"a", "b", "code", "em", "i", "s", "strong", "u"})
_AS = {
    "address": "div", "article": "div", "aside": "div", "center": "div", "figcaption": "div", "figure": "div", "font": "span",
    "footer": "div", "form": "div", "header": "div", "kbd": "code", "main": "div", "nav": "div", "samp": "code",
    "section": "div", "strike": "s", "tt": "code",
}  # fmt: skip
_VOID = frozenset({"br", "hr"})
_ATTRIBUTES: Mapping[str, re.Pattern[str]] = {
    "colspan": re.compile("[0-9]{1,3}"),
    "rowspan": re.compile("[0-9]{1,3}"),
    "dir": re.compile("ltr|rtl|auto"),
    "lang": re.compile("[A-Za-z0-9-]{1,35}"),
}
# No link to a host with a name before it (https://bank.example@thief.example), nor with what can't be seen.
_HREF = re.compile(
    r"(?:https?://(?![^/?#]*@)(?!/)|mailto:)[^\s\x00-\x20\"'<>`\\\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]{1,2000}",
    re.IGNORECASE,
)
_STYLES = {"background-color", "color", "font-style", "font-weight", "text-align", "text-decoration", "white-space"}
_CLEANER = nh3.Cleaner(
    tags=set(_READABLE),
    attributes={
        "*": {"dir", "lang", "style"},
        "a": {"href"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan"},
    },
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
    filter_style_properties=_STYLES,
)
#: What Content-Security-Policy's default does not cover is named; a name looked up ahead of a click would tell, too.
_PAGE = """<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; \
base-uri 'none'">
<meta http-equiv="x-dns-prefetch-control" content="off">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body {{ margin: 16px; background: #ffffff; color: #1d2025; font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }}
table {{ border-collapse: collapse; }}
td, th {{ border: 1px solid #c9ced6; padding: 2px 8px; text-align: left; vertical-align: top; }}
blockquote {{ margin: 0; padding-left: 14px; border-left: 3px solid #c9ced6; }}
</style>
</head>
<body>
{}
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Written:
    """A document that was read: what may be shown of it, before nh3, and whether its form says more than its words."""

    html: str
    tells: bool


def as_page(html: str) -> bytes:
    """A file of HTML as a harmless page in UTF-8; empty where it is too large, or there is nothing in it."""
    written = _written(html)
    return _page(written.html) if written is not None else b""


def as_written(documents: list[str]) -> bytes:
    """A mail's HTML as a harmless page, where the form of it says what its text does not; else empty."""
    found = [_written(html) for html in documents]
    read = [written for written in found if written is not None]
    if len(read) < len(found) or not any(written.tells for written in read):
        return b""
    return _page("<hr>".join(written.html for written in read))


def _page(html: str) -> bytes:
    if len(html) > PAGE_LIMIT:
        return b""
    body = _CLEANER.clean(html)
    return _PAGE.format(body).encode() if body.strip() and len(body) <= PAGE_LIMIT else b""


class _TooMuch(Exception):
    """No document for people."""


def _written(html: str) -> Written | None:
    if len(html) > HTML_LIMIT:
        return None
    writer = _Writer()
    # With a target no tree is built: to that, a tag's attributes are added in quadratic time.
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, target=writer)
    try:
        etree.fromstring(UNPRINTABLE.sub(" ", html).encode("utf-8", "replace"), parser)
    except (_TooMuch, etree.LxmlError):
        return None
    return Written("".join(writer.out), writer.form.tells)


class _Writer:
    """Writes what lxml reads: balanced, flat, and with nothing but what is for people."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.form = Form()
        self._open: list[str] = []  # for each element that is open, the tag that was written for it, or none
        self._unread = 0  # elements that are open in one that is passed over, and that one
        self._tags = self._depth = self._formats = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._tags += 1
        if self._tags > _MOST_TAGS:
            raise _TooMuch
        if self._unread or tag in UNREAD or is_hidden(attributes):
            self._unread += 1
            return
        style = read_style(tag, attributes)
        self.form.start(tag, attributes, style)
        name = _AS.get(tag, tag)
        if tag == "img" and (words := clean_text(attributes.get("alt", "")).strip()):
            self.out.append(escape(f"[{words[:_ALT_LIMIT]}]"))
        format_ = name in _FORMATS
        if name not in _READABLE or self._depth >= _DEEPEST or (format_ and self._formats >= _DEEPEST_FORMAT):
            self._open.append("")
            return
        self._depth, self._formats = self._depth + 1, self._formats + format_
        self._open.append(name)
        self.out.append(f"<{name}{_told(name, attributes, style)}>")

    def end(self, tag: str) -> None:
        if self._unread:
            self._unread -= 1
            return
        self.form.end(tag)
        name = self._open.pop() if self._open else ""
        if name:
            self._depth, self._formats = self._depth - 1, self._formats - (name in _FORMATS)
        if name and name not in _VOID:
            self.out.append(f"</{name}>")

    def data(self, text: str) -> None:
        if not self._unread:
            self.form.words(text)
            self.out.append(escape(clean_text(text), quote=False))

    def close(self) -> None:
        pass


def _told(name: str, attributes: Mapping[str, str], style: Style) -> str:
    told = {key: value for key, form in _ATTRIBUTES.items() if form.fullmatch(value := attributes.get(key, ""))}
    href = attributes.get("href", "").strip()
    if href.lower().startswith("mailto:"):
        href = href.partition("?")[0]  # behind it stand words and recipients that somebody would send unseen
    if name == "a" and _HREF.fullmatch(href) and not (href.lower().startswith("mailto:") and _MACHINES.search(href)):
        told["href"] = href
    if style:
        told["style"] = ";".join(f"{key}:{value}" for key, value in style.items())
    return "".join(f' {key}="{escape(value)}"' for key, value in told.items())
