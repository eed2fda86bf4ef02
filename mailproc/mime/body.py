"""The readable text of a mail and everything else in it, found by walking its parts.

What a mail reader would show: of alternatives the plain text, else the HTML as text; of mixed parts all text that
is no attachment, in order. A mail within the mail is an attachment and never read for text, unless there is nothing else.
Which text part is body and which attachment follows the algorithm of RFC 8621, 4.1.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from email.message import Message as Tree

from mailproc.core.message import TEXT_CUT, WHOLE_TEXT, Attachment, Protection
from mailproc.mime import armor, cms
from mailproc.mime.attachments import (
    attachment,
    content_type,
    declared_name,
    disposition,
    part_bytes,
    safe_filename,
    uudecoded,
)
from mailproc.mime.charsets import decode, decode_html
from mailproc.mime.headers import decode_words, parameters, raw_field
from mailproc.mime.html import HTML_LIMIT, html_to_text
from mailproc.mime.prescan import Limits, prescan
from mailproc.mime.sanitise import as_page, as_written
from mailproc.mime.text import clean_text
from mailproc.mime.tree import read_tree

TEXT_LIMIT = 1_000_000  # characters that are read of the text; a file has the rest
_UU_BEGIN = re.compile(r"begin [0-7]{3,4} (\S[^\n]{0,200})")
_UU_LINE = re.compile(r"[ -`]{1,90}")
_SMIME = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_MOST_CLEANED = 4_000_000  # bytes of all HTML files of a mail
_MOST_OPENED = 5  # signed contents that are read: triple wrapping (RFC 2634, 1.1) has two
_SIGNATURES = frozenset({"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"})
# Text for programs. Any other text is for people, known or not (RFC 2046, 4.1.4).
_FOR_PROGRAMS = frozenset({
    "text/calendar", "text/css", "text/csv", "text/directory", "text/javascript", "text/rfc822-headers", "text/rtf",
    "text/tab-separated-values", "text/vcard", "text/x-vcalendar", "text/x-vcard", "text/xml",
})  # fmt: skip
_LIKE_HTML = frozenset({"text/html", "text/enriched", "text/richtext", "text/x-amp-html", "text/watch-html"})
_NOT_AS_TEXT = frozenset({"text/x-amp-html", "text/watch-html"})  # other forms of a mail whose HTML is there too


@dataclass(slots=True)
class Body:
    """What the walk gathers."""

    text: str = ""
    as_written: bytes = b""
    documents: list[str] = field(default_factory=list)  # the HTML of the mail itself, whether its text is read or not
    attachments: list[Attachment] = field(default_factory=list)
    protection: Protection = Protection.NONE
    defects: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Text:
    """The text of one branch of the tree."""

    text: str
    from_html: bool

    @property
    def empty(self) -> bool:
        return not self.text.strip()


def read_body(tree: Tree, limits: Limits) -> Body:
    """Text, attachments and protection of a parsed mail. A part that can't be read becomes an attachment and a defect."""
    body = Body()
    texts = _Walk(body, limits).texts(tree, first=True, within="")
    if all(text.empty for text in texts) and [a.content_type for a in body.attachments] == ["message/rfc822"]:
        inner = _only_message(tree)
        if inner is not None:
            texts = _Walk(Body(), limits).texts(inner, first=True, within="")
    body.text = "\n\n".join(text.text.strip("\n") for text in texts if not text.empty)
    if len(body.text) > TEXT_LIMIT:
        body.attachments.append(Attachment(WHOLE_TEXT, "text/plain", body.text.encode("utf-8", "replace")))
        body.text = body.text[:TEXT_LIMIT]
        body.defects.append(TEXT_CUT)
    if not body.protection and not body.text.strip() and any(map(_is_armored, body.attachments)):
        body.protection = Protection.PGP
    if not body.protection:
        body.as_written = as_written(body.documents)
    return body


def _is_armored(attached: Attachment) -> bool:
    return attached.content.lstrip(b"\r\n").startswith(armor.BEGIN_MESSAGE.encode())


def _only_message(tree: Tree) -> Tree | None:
    """The mail within the mail, where that is all there is."""
    for part in tree.walk():
        payload = part.get_payload()
        if content_type(part) == "message/rfc822" and isinstance(payload, list) and payload:
            return payload[0] if isinstance(payload[0], Tree) else None
    return None


class _Walk:
    """One walk over the parts; attachments, protection and defects are put into the body it was given."""

    def __init__(self, body: Body, limits: Limits) -> None:
        self._body = body
        self._limits = limits
        self._cleaned = 0  # bytes of HTML files
        self._opened = 0  # signed contents
        self._plain_shown = 0  # how many alternatives around have their plain text already: HTML is not read then

    def texts(self, part: Tree, *, first: bool, within: str) -> list[_Text]:
        """The texts of a part and the parts in it, in order. `first`: of its multipart; `within`: subtype of that."""
        for defect in part.defects:
            self._defect(type(defect).__name__)
        kind = content_type(part)
        payload = part.get_payload()
        try:
            if isinstance(payload, list) and not kind.startswith("message/"):
                return self._of_many(part, kind.removeprefix("multipart/"), [p for p in payload if isinstance(p, Tree)])
            return self._of_one(part, kind, first=first, within=within)
        except (MemoryError, RecursionError):
            raise
        except Exception as error:  # noqa: BLE001 - one bad part must not cost the rest of the mail
            self._defect(f"unreadable part {kind}: {type(error).__name__}")
            content = payload.encode("utf-8", "surrogateescape") if isinstance(payload, str) else b""
            self._body.attachments.append(Attachment(safe_filename("", kind), kind, content))
            return []

    def _of_many(self, part: Tree, kind: str, children: list[Tree]) -> list[_Text]:
        if kind == "alternative":
            return self._alternative(children)
        if kind == "encrypted":
            encrypted_by = parameters(raw_field(part, "content-type")).get("protocol", "").lower()
            self._body.protection = Protection.SMIME if "pkcs7" in encrypted_by else Protection.PGP
        found: list[_Text] = []
        if kind == "signed" and len(children) > 1 and content_type(children[-1]) in _SIGNATURES:
            children = children[:-1]  # about the mail, not of it; the raw mail keeps it
        root = self._root(part, children) if kind == "related" else None
        for index, child in enumerate(children):
            first = child is root if root is not None else index == 0
            found.extend(self.texts(child, first=first, within=kind))
        return found

    def _alternative(self, children: list[Tree]) -> list[_Text]:
        plain: list[_Text] = []
        html: list[_Text] = []
        for child in children:
            self._plain_shown += bool(plain)
            branch = self.texts(child, first=True, within="alternative")
            self._plain_shown -= bool(plain)
            if plain or all(text.empty for text in branch):
                continue
            if any(text.from_html for text in branch):
                html = branch
            else:
                plain = branch
        return plain or html

    @staticmethod
    def _root(part: Tree, children: list[Tree]) -> Tree | None:
        """The part that the others of a multipart/related belong to (RFC 2387, 3.2)."""
        fields = parameters(raw_field(part, "content-type"))
        start, kind = fields.get("start", "").strip("<> "), fields.get("type", "").lower()
        named = [c for c in children if start and raw_field(c, "content-id").strip("<> ") == start]
        named = named or [c for c in children if kind and content_type(c) == kind]
        return next(iter(named or children), None)

    def _of_one(self, part: Tree, kind: str, *, first: bool, within: str) -> list[_Text]:
        if kind in _NOT_AS_TEXT and within == "alternative":
            return []
        if kind == "application/pgp-encrypted":  # a version number beside the encrypted part (RFC 3156, 4)
            self._body.protection = Protection.PGP
            return []
        if kind in _SMIME or declared_name(part).lower().endswith(".p7m"):
            return self._of_smime(part)
        if self._is_body(part, kind, first=first, within=within):
            return self._shown(part, kind)
        attached = self._file(part)
        if self._body.protection is Protection.PGP and not declared_name(part) and _is_armored(attached):
            attached = replace(attached, filename=armor.FILENAME)
        self._body.attachments.append(attached)
        return []

    def _file(self, part: Tree) -> Attachment:
        """A part as an attachment; of HTML, with the page that may be shown of it."""
        attached = attachment(part)
        if not attached.is_html or self._cleaned + attached.size > _MOST_CLEANED:
            return attached
        self._cleaned += attached.size
        label = parameters(raw_field(part, "content-type")).get("charset", "")
        return replace(attached, cleaned=as_page(decode_html(attached.content, label)[0]))

    def _shown(self, part: Tree, kind: str) -> list[_Text]:
        """The text of a part of the body; of HTML beside a plain text only the document is kept."""
        if not self._plain_shown:
            return [self._text(part, kind)]
        if kind == "text/html" and len(data := part_bytes(part)) <= HTML_LIMIT:
            label = parameters(raw_field(part, "content-type")).get("charset", "")
            self._keep(decode_html(data, label)[0])
        return []

    def _keep(self, document: str) -> None:
        if sum(map(len, self._body.documents)) + len(document) <= HTML_LIMIT:
            self._body.documents.append(document)

    def _of_smime(self, part: Tree) -> list[_Text]:
        """The words within an opaque signature (RFC 8551, 3.5.2), which needs no key; else it is an attachment."""
        attached = attachment(part)
        found = cms.read(attached.content)
        if found.content is not None and self._opened < _MOST_OPENED and prescan(found.content, self._limits) is None:
            self._opened += 1
            return self.texts(read_tree(found.content), first=True, within="")
        declared = parameters(raw_field(part, "content-type")).get("smime-type", "").lower()
        if found.kind is cms.Kind.SIGNED or (found.kind is cms.Kind.UNKNOWN and declared == "signed-data"):
            self._body.protection = self._body.protection or Protection.SIGNED
        elif found.kind is not cms.Kind.CERTIFICATES and declared != "certs-only":
            self._body.protection = Protection.SMIME
        self._body.attachments.append(attached)
        return []

    @staticmethod
    def _is_body(part: Tree, kind: str, *, first: bool, within: str) -> bool:
        if disposition(part) == "attachment" or kind in _FOR_PROGRAMS:
            return False
        if not kind.startswith(("text/", "multipart/")):
            return False
        return first or (within != "related" and not declared_name(part))

    def _text(self, part: Tree, kind: str) -> _Text:
        fields = parameters(raw_field(part, "content-type"))
        data = part_bytes(part)
        if len(data) > 4 * TEXT_LIMIT:  # before it is decoded, which costs
            self._body.attachments.append(attachment(part))
            data = data[: 4 * TEXT_LIMIT]
            self._defect(TEXT_CUT)
        label = fields.get("charset", "")
        text, true_label = decode_html(data, label) if kind == "text/html" else decode(data, label)
        if not true_label:
            self._defect(f"not in its charset: {clean_text(label)[:40]}")
        if kind == "text/html":
            self._keep(text)
        if kind in _LIKE_HTML:
            return _Text(self._without_armor(clean_text(html_to_text(text))), from_html=True)
        text = clean_text(text)
        if fields.get("format", "").lower() == "flowed":
            text = unflowed(text, delete_space=fields.get("delsp", "").lower() == "yes")
        if "\nbegin " in text or text.startswith("begin "):
            text = self._without_uuencoded(text)
        return _Text(self._without_armor(text), from_html=False)

    def _without_armor(self, text: str) -> str:
        """The text without what is encrypted in it, which becomes an attachment, and without a signature's frame."""
        if armor.BEGIN not in text:
            return text
        text, blocks = armor.taken_out(text)
        for block in blocks:
            self._body.protection = Protection.PGP
            content = block.encode("utf-8", "replace")
            self._body.attachments.append(Attachment(armor.FILENAME, "application/octet-stream", content))
        return text

    def _without_uuencoded(self, text: str) -> str:
        """The text without files written into it the old way; these become attachments."""
        kept: list[str] = []
        lines = text.split("\n")
        index = 0
        while index < len(lines):
            begin = _UU_BEGIN.fullmatch(lines[index])
            end = _uu_end(lines, index + 1) if begin else None
            if begin is None or end is None:
                kept.append(lines[index])
                index += 1
                continue
            content = uudecoded([line.encode("ascii", "replace") for line in lines[index : end + 1]])
            name = safe_filename(decode_words(begin[1]), "")
            self._body.attachments.append(Attachment(name, "application/octet-stream", content))
            index = end + 1
        return "\n".join(kept)

    def _defect(self, defect: str) -> None:
        if defect not in self._body.defects and len(self._body.defects) < 50:
            self._body.defects.append(defect)


def _uu_end(lines: list[str], start: int) -> int | None:
    """Index of the ``end`` of a uuencoded block, or None if what follows isn't one."""
    for index in range(start, len(lines)):
        line = lines[index]
        if line.rstrip() == "end":
            return index
        if line and not _UU_LINE.fullmatch(line):
            return None
    return None


def unflowed(text: str, *, delete_space: bool) -> str:
    """Paragraphs of format=flowed in one line each (RFC 3676, 4): quote depths kept, stuffing undone."""
    paragraphs: list[tuple[int, list[str]]] = []
    open_depth: int | None = None
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        flows = content.endswith(" ") and content != "-- "
        if flows and delete_space:
            content = content[:-1]
        if open_depth == depth and content != "-- ":
            paragraphs[-1][1].append(content)
        else:
            paragraphs.append((depth, [content]))
        open_depth = depth if flows else None
    return "\n".join(f"{'>' * depth} {''.join(lines)}" if depth else "".join(lines) for depth, lines in paragraphs)
