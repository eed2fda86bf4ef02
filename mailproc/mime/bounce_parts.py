"""The parts of a report: the mail system's words, its status fields, and what it returns.

Limits on everything: a report is short, and what looks like one may be built to take long.
"""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message as Tree

from mailproc.mime.attachments import content_type, part_bytes
from mailproc.mime.charsets import decode
from mailproc.mime.headers import eight_bit_text, main_value, parameters, raw_field
from mailproc.mime.html import html_to_text

MOST_TEXT = 60_000  # characters that are read
DEEPEST = 6  # levels of multiparts
LONGEST_FIELD = 2_000  # characters of a header field
_MOST_PARTS = 200
_MOST_BLOCKS = 200  # of status fields: two for each recipient that is told
STATUS_PARTS = frozenset({
    "message/delivery-status", "message/global-delivery-status", "message/xdelivery-status", "text/delivery-status",
})  # fmt: skip
ENCLOSED = frozenset({
    "message/rfc822", "message/global", "text/rfc822-headers", "text/rfc822", "message/global-headers", "message/partial",
    "message/rfc822-headers",
})  # fmt: skip


def parts_of(tree: Tree, types: frozenset[str]) -> Iterator[Tree]:
    return (part for part in _walk(tree) if content_type(part) in types)


def _walk(tree: Tree) -> Iterator[Tree]:
    """Parts in order, down to a depth, but not into what is enclosed as a mail."""
    waiting: list[tuple[Tree, int]] = [(tree, 0)]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return
        part, depth = waiting.pop()
        yield part
        payload = part.get_payload()
        if isinstance(payload, list) and depth < DEEPEST and part.get_content_maintype() == "multipart":
            waiting.extend((each, depth + 1) for each in reversed(payload[:_MOST_PARTS]) if isinstance(each, Tree))


def status_text(part: Tree) -> str:
    """A status part as its lines, whether the parser took it for mails or left it alone."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return _decoded(part)
    text = "\n\n".join(_lines(block) for block in payload[:_MOST_BLOCKS] if isinstance(block, Tree))
    if main_value(raw_field(part, "content-transfer-encoding")) not in {"base64", "quoted-printable"}:
        return eight_bit_text(text)
    # No such part may be encoded (RFC 3464, 2.1), and the parser takes it for lines of text.
    encoded = Tree()
    encoded["Content-Transfer-Encoding"] = raw_field(part, "content-transfer-encoding")
    encoded.set_payload(text.replace("=\n\n", "=\n"))
    return _decoded(encoded)


def _lines(block: Tree) -> str:
    fields = "\n".join(f"{name}: {value}" for name, value in block.raw_items())
    rest = _decoded(block) if isinstance(block.get_payload(), str) else ""
    return f"{fields}\n\n{rest}" if rest.strip() else fields


def enclosed_text(part: Tree) -> str:
    """The header lines of an enclosed mail, whether the parser opened it or not."""
    payload = part.get_payload()
    if not isinstance(payload, list):
        return _decoded(part)
    return _lines(payload[0]) if payload and isinstance(payload[0], Tree) else ""


def readable_text(tree: Tree) -> str:
    """The readable parts of the mail system, as one text; of HTML only where there is nothing else."""
    plain: list[str] = []
    html: list[str] = []
    for part in _walk(tree):
        media_type = content_type(part)
        if isinstance(part.get_payload(), str) and media_type.startswith("text/") and media_type not in ENCLOSED:
            (html if media_type == "text/html" else plain).append(_decoded(part))
    text = "\n".join(plain)
    if not text.strip() and html:
        text = html_to_text("\n".join(html)[:MOST_TEXT])
    if not text.strip():
        text = _everything(tree)
    return text[:MOST_TEXT].replace("\r\n", "\n")


def _everything(tree: Tree) -> str:
    """What a multipart without parts holds, and the words before its first part."""
    payload = tree.get_payload()
    return f"{tree.preamble or ''}\n{payload if isinstance(payload, str) else ''}"


def _decoded(part: Tree) -> str:
    charset = parameters(str(part.get("Content-Type", ""))[:LONGEST_FIELD]).get("charset", "")
    return decode(part_bytes(part)[:MOST_TEXT], charset)[0].replace("\r\n", "\n")
