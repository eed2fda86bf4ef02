"""HTML to the text a person would read off it. Nothing is fetched, run or styled.

lxml builds the tree, inscriptis writes it down. In between the tree is made plain: what is hidden goes, layout tables
become lines (side by side they would be padded to their widest line, at quadratic cost), quotations are marked so
that each of their lines gets ``> `` as in a text mail, and all sizes and margins a sender could ask for are dropped.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from html import unescape

from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.html_engine import Inscriptis
from inscriptis.html_properties import Display
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_element import HtmlElement
from lxml import etree

HTML_LIMIT = 2_000_000  # characters that are read
_DEEPEST_LIST = 8  # levels of lists that are indented
_DEEPEST_QUOTE = 20
_SHORT = 20_000  # characters, in which no tag can have too many attributes
_MOST_ATTRIBUTES = 1_000
_LINK_LIMIT = 300  # characters; longer ones are trackers' and tell a reader nothing

# Private characters: they stand for the beginning and end of a quotation while the text is written.
_OPEN, _CLOSE = "\ue0f0", "\ue0f1"
_CELL = "\ue0f2"  # and this for the space between two cells of a table
_MARKS = re.compile(f"[{_OPEN}{_CLOSE}]")
_HIDDEN_STYLE = re.compile(
    r"(?:^|;)(?:display:none|visibility:hidden|mso-hide:all|font-size:0(?:px|pt|em|%)?(?:;|!|$))"
)
_PRE_STYLE = re.compile(r"white-space:pre(?!-line)")
_BLANK_LINES = re.compile(r"\n{3,}")
UNREAD = frozenset({
    "applet", "embed", "head", "link", "math", "meta", "noscript", "object", "script", "style", "svg", "template",
    "textarea", "select", "title",
})  # fmt: skip
_BLOCKS = frozenset({
    "body", "caption", "center", "dd", "details", "dl", "dt", "fieldset", "form", "hr", "html", "section", "summary",
    "table", "tbody", "tfoot", "thead", "tr",
})  # fmt: skip
_CSS = {
    **STRICT_CSS_PROFILE,
    "ul": HtmlElement(display=Display.block, padding_inline=2),
    "ol": HtmlElement(display=Display.block, padding_inline=2),
}
_EMPTY = frozenset({"embed", "link", "meta"})  # they have no end
_INLINE = HtmlElement()
#: What the tree would hold but not take back when it is rearranged (XML 1.0, 2.2), and our own marks.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ue0f0-\ue0f2\ufffe\uffff]")
_UNPRINTABLE_REFERENCE = re.compile(r"&#(?:[xX]0{0,20}([0-9a-fA-F]{1,6})|0{0,20}([0-9]{1,7}));?")
_TAG = re.compile(r"<(?:!--[^>]*>|(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})[^<>]*>)")
_CONFIG = ParserConfig(css=_CSS)


def html_to_text(html: str) -> str:
    """The text of an HTML document or fragment: quotations as lines with ``> ``, links as ``text <url>``.

    Linear in the size of the document, of which at most `HTML_LIMIT` characters are read. Never raises for its
    content; the result is not yet clean (`mailproc.mime.text`).
    """
    html = _UNPRINTABLE_REFERENCE.sub(_printable, UNPRINTABLE.sub(" ", html[:HTML_LIMIT]))
    if not html.strip():
        return ""
    if len(html) > _SHORT and _most_attributes(html) > _MOST_ATTRIBUTES:
        return _with_quote_marks(_text_between_tags(html))
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(html.encode("utf-8", "replace"), parser)
    except etree.LxmlError:
        root = None
    if root is None:
        return ""
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        return _with_quote_marks(_text_between_tags(html))  # the tree is cut where it became too deep
    _make_plain(root)
    return _with_quote_marks(Inscriptis(root, _CONFIG).get_text())


def _most_attributes(html: str) -> int:
    """Of one tag. A tree takes a tag's attributes in quadratic time; without one they are read in linear time."""
    widest = _Widest()
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, target=widest)
    with suppress(etree.LxmlError):
        etree.fromstring(html.encode("utf-8", "replace"), parser)
    return widest.attributes


class _Widest:
    def __init__(self) -> None:
        self.attributes = 0

    def start(self, _tag: str, attributes: Mapping[str, str]) -> None:
        self.attributes = max(self.attributes, len(attributes))

    def close(self) -> None:
        pass


def _printable(reference: re.Match[str]) -> str:
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    return " " if code <= sys.maxunicode and UNPRINTABLE.fullmatch(chr(code)) else reference[0]


def _text_between_tags(html: str) -> str:
    """What stands between the tags, for documents that never close what they open: no tree, and no styles."""
    out: list[str] = []
    unread = ""  # the element whose content is passed over, until its end
    position = 0
    for tag in _TAG.finditer(html):
        closing, name = tag[1] == "/", (tag[2] or "").lower()
        if not unread:
            out.append(re.sub(r"\s+", " ", html[position : tag.start()]))
            if name == "blockquote":
                out.append(f"\n{_CLOSE if closing else _OPEN}\n")
            elif name == "br" or name in _BLOCKS or _CSS.get(name, _INLINE).display is Display.block:
                out.append("\n")
            unread = name if name in UNREAD - _EMPTY and not closing else ""
        elif closing and name == unread:
            unread = ""
        position = tag.end()
    if not unread:
        out.append(re.sub(r"\s+", " ", html[position:]))
    return unescape("".join(out))


def _make_plain(root: etree._Element) -> None:
    """Take from the tree all that is not text, and mark in it what the text must show."""
    unread: list[etree._Element] = []
    lists = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if element.tag in {"ul", "ol"}:
            lists += 1 if event == "start" else -1
        if event == "end":
            _write_out(element, lists)
        elif element.tag in UNREAD or is_hidden(element.attrib):
            unread.append(element)
    _remove(unread)


def is_hidden(attributes: Mapping[str, str]) -> bool:
    """Whether an element with these attributes is not for people to see."""
    style = attributes.get("style")
    if attributes.get("hidden") is not None:
        return True
    return style is not None and _HIDDEN_STYLE.search(re.sub(r"\s+", "", style.lower())) is not None


def _write_out(element: etree._Element, lists: int) -> None:
    """One element, after all within it: as a block or a run of text, with no attribute left but what shows."""
    tag = element.tag
    href, style = element.get("href"), element.get("style")
    element.attrib.clear()
    if tag == "a" and href:
        _show_link(element, href)
    elif tag == "blockquote":
        _mark_quotation(element)
    elif tag in {"td", "th"}:
        element.tag = "span"
        element.tail = _CELL + (element.tail or "").lstrip()
    elif tag in _BLOCKS or (tag in {"ul", "ol"} and lists >= _DEEPEST_LIST):
        element.tag = "div"
    if style and _PRE_STYLE.search(re.sub(r"\s+", "", style.lower())):
        element.set("style", "white-space:pre")


def _show_link(element: etree._Element, href: str) -> None:
    """Write a link's target behind its words, where the words don't say it already."""
    target = href.strip()
    shown = re.sub(r"\s+", "", "".join(element.itertext())).lower()
    bare = re.sub(r"^(?:https?://(?:www\.)?|mailto:)", "", target, flags=re.IGNORECASE).rstrip("/")
    if not re.match(r"https?://\S|mailto:\S", target, re.IGNORECASE) or len(target) > _LINK_LIMIT or not shown:
        return
    if bare.lower() in shown or (target.lower().startswith("mailto:") and bare.partition("?")[0].lower() in shown):
        return
    target = target.removeprefix("mailto:")
    words = element[-1] if len(element) else None
    if words is None:
        element.text = f"{element.text or ''} <{target}>"
    else:
        words.tail = f"{words.tail or ''} <{target}>"


def _mark_quotation(element: etree._Element) -> None:
    begin = etree.Element("div")
    begin.text = _OPEN
    begin.tail, element.text = element.text, None
    element.insert(0, begin)
    etree.SubElement(element, "div").text = _CLOSE


def _remove(elements: Iterable[etree._Element]) -> None:
    """Take elements out of their tree; the text behind each stays. Text grows once for each parent, not at each step."""
    gone: dict[etree._Element, set[etree._Element]] = {}
    for element in elements:
        parent = element.getparent()
        if parent is None:
            element.clear()
        else:
            gone.setdefault(parent, set()).add(element)
    for parent, children in gone.items():
        before: etree._Element | None = None
        texts = [parent.text or ""]
        for child in [*parent, None]:
            if child is not None and child in children:
                texts.append(child.tail or "")
                child.tail = None
                parent.remove(child)
                continue
            if len(texts) > 1 and before is not None:
                before.tail = "".join(texts)
            elif len(texts) > 1:
                parent.text = "".join(texts)
            if child is not None:
                before, texts = child, [child.tail or ""]


def _with_quote_marks(text: str) -> str:
    """Quotations as text mail writes them (RFC 3676, 4.5), trailing blanks and runs of blank lines gone."""
    lines: list[str] = []
    depth, fresh = 0, False
    for line in text.replace("\xa0", " ").replace(_CELL, "  ").split("\n"):
        opened, closed = line.count(_OPEN), line.count(_CLOSE)
        words = _MARKS.sub("", line).rstrip()
        depth += opened
        fresh = bool(opened) or (fresh and not words)  # no blank lines at the head of a quotation
        if words or not (fresh or closed):
            lines.append(f"{'>' * min(depth, _DEEPEST_QUOTE)} {words}".rstrip() if depth else words)
        depth = max(0, depth - closed)
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")
