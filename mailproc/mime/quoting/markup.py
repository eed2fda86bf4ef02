"""HTML replies: what the markup says about quotes, written into the tree so that the text shows it.

A client that wraps what it quotes in a container of its own tells more than its words do, in any language. Containers
become `blockquote`, hence lines with ``> `` in the text; where Outlook only begins a quote, a boundary is set. The text
is then scanned like any other, so that answers between and below quotes, forwards and our own letters are treated alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from lxml import etree

from mailproc.core.reply import Reply
from mailproc.mime.html import HTML_LIMIT, html_to_text
from mailproc.mime.quoting.headers import BOUNDARY, is_forward_line
from mailproc.mime.quoting.lines import read_lines
from mailproc.mime.quoting.reply import reply_of
from mailproc.mime.quoting.scanner import scan

# By class or id, case folded and without the "x_" Outlook puts before other programs' names.
_QUOTES: Final = frozenset({
    "yahoo_quoted", "protonmail_quote", "tutanota_quote", "moz-cite-prefix", "gmail_attr", "reply-intro", "isreplycontent",
    "zmail_extra", "mail_android_quote", "front-blockquote", "mailbird-quote", "spark-quote",
})  # fmt: skip
_GMAIL: Final = frozenset({"gmail_quote", "gmail_quote_container"})
_BEGINNINGS: Final = frozenset({
    "divrplyfwdmsg", "outlookmessageheader", "mail-editor-reference-message-container", "olk_src_body_section",
    "ms-outlook-mobile-reference-message",
})  # fmt: skip
_SIGNATURES: Final = frozenset({
    "gmail_signature", "moz-signature", "signature", "ms-outlook-mobile-signature", "protonmail_signature_block-user",
    "protonmail_signature_block-proton",
})  # fmt: skip
_OUTLOOK_LINES: Final = (
    "border-top:solid#e1e1e1",
    "border-top:solid#b5c4df",
    "border-top:1ptsolid",
    "border-top:1.0ptsolid",
)
_MOST_SIGNATURES: Final = 8  # each is written down by itself; a mail with more is no person's
_OPENING: Final = 200  # characters that say what a container begins with


def split_html_reply(html: str, sent: Sequence[str] = ()) -> Reply:
    """Cut an HTML body; the pieces are text. `sent` as for `split_reply`.

    Reads at most `HTML_LIMIT` characters, in linear time, and never raises for what they hold.
    """
    root = _parse(html)
    if root is None:
        return _without_boundaries(reply_of(scan(html_to_text(html), sent)))
    marked = _mark_containers(root)
    whole = etree.tostring(root, encoding="unicode", method="html")
    signature = "\n".join(_take_signatures(root))
    if signature:
        bare = etree.tostring(root, encoding="unicode", method="html")
        reply = _without_boundaries(reply_of(scan(html_to_text(bare), sent, marked=marked)))
        if reply.text:
            return replace(reply, signature="\n".join(filter(None, (signature, reply.signature))))
    # What stands within a signature is all there is: some people write there.
    return _without_boundaries(reply_of(scan(html_to_text(whole), sent, marked=marked)))


def _parse(html: str) -> etree._Element | None:
    html = html[:HTML_LIMIT].replace("\0", "").replace(BOUNDARY, "")
    if not html.strip():
        return None
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        return etree.fromstring(html.encode("utf-8", "replace"), parser)
    except etree.LxmlError:
        return None


def _without_boundaries(reply: Reply) -> Reply:
    def clean(text: str) -> str:
        return (
            "\n".join(line for line in text.split("\n") if BOUNDARY not in line).strip("\n")
            if BOUNDARY in text
            else text
        )

    return replace(reply, text=clean(reply.text), quoted=clean(reply.quoted), unquoted=clean(reply.unquoted))


def _mark_containers(root: etree._Element) -> bool:
    """Make every container that a client quotes with a `blockquote`; whether there was one."""
    quotes, beginnings, indents = [], [], []
    for element in root.iter(etree.Element):
        if not element.attrib:
            continue  # nothing here names a client
        if _is_quote(element):
            quotes.append(element)
        elif element.tag == "blockquote" and "border:none" in _style(element):
            indents.append(element)  # Gmail's "indent" button
        elif _begins_quote(element):
            beginnings.append(element)
    found = False
    for element in quotes:
        forwarded = _opens_with_forward(element)
        element.tag = "div" if forwarded else "blockquote"
        found = found or not forwarded
    for element in indents:
        element.tag = "div"
    for element in beginnings:
        boundary = etree.Element("div")
        boundary.text = BOUNDARY
        element.insert(0, boundary)
        boundary.tail, element.text = element.text, None
    return found


def _names(element: etree._Element) -> frozenset[str]:
    given = f"{element.get('class') or ''} {element.get('id') or ''}"[:_OPENING].casefold()
    return frozenset(_own_name(name) for name in given.split())


def _own_name(name: str) -> str:
    while name.startswith("x_"):
        name = name[2:]
    return "yahoo_quoted" if name.startswith("yahoo_quoted") else name


def _style(element: etree._Element) -> str:
    return "".join((element.get("style") or "")[: 5 * _OPENING].casefold().split())


def _is_quote(element: etree._Element) -> bool:
    names = _names(element)
    if element.tag == "blockquote":
        cites = (element.get("type") or "").casefold() == "cite" or element.get("cite") is not None
        return cites or not names.isdisjoint(_QUOTES | _GMAIL)
    if not names.isdisjoint(_GMAIL):
        # The outer container also holds the answers between and below; only the inner ones are all quote.
        return not any(child.tag == "blockquote" or not _names(child).isdisjoint(_GMAIL) for child in element)
    return not names.isdisjoint(_QUOTES)


def _begins_quote(element: etree._Element) -> bool:
    if not _names(element).isdisjoint(_BEGINNINGS):
        return True
    if element.tag != "div" or not any(line in _style(element) for line in _OUTLOOK_LINES):
        return False
    bold = (piece for piece in islice(element.iter("b", "strong"), 8))
    return sum(1 for piece in bold if "".join(islice(piece.itertext(), 4)).rstrip().endswith((":", "\uff1a"))) >= 3


def _opens_with_forward(element: etree._Element) -> bool:
    pieces = "\n".join(islice((piece for piece in element.itertext() if piece.strip()), 3))[:_OPENING]
    filled = [line for line in read_lines(pieces) if not line.is_blank]
    return bool(filled) and is_forward_line(filled[0])


def _take_signatures(root: etree._Element) -> Iterator[str]:
    """Take the signatures outside quotes from the tree; their text."""
    found = []
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if element.tag == "blockquote":
            depth += 1 if event == "start" else -1
        elif event == "start" and not depth and element.attrib and not _names(element).isdisjoint(_SIGNATURES):
            found.append(element)
    for element in found if len(found) <= _MOST_SIGNATURES else ():
        yield html_to_text(etree.tostring(element, encoding="unicode", method="html", with_tail=False))
        tail = element.tail
        element.clear()
        element.tail = tail
