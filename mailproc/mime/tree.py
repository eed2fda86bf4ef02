"""From bytes to a tree of parts, by the standard library's old and robust reader."""

from __future__ import annotations

import email
import re
from email.message import Message as Tree
from typing import Any

from mailproc.mime.headers import parameters, raw_field
from mailproc.mime.prescan import header_start

# A line that begins a part: two hyphens and a word, and then a field that describes content.
_LIKELY_BOUNDARY = re.compile(
    rb"^--([^\s\"][^\r\n\"]{0,68}?)[ \t]*\r?\n(?=Content-[A-Za-z-]{2,30}:)", re.MULTILINE | re.IGNORECASE
)
# A blank between a field's name and its colon (RFC 5322, 4.5): the standard library ends the header there, or leaves
# such a From out.
_OLD_FIELD = re.compile(rb"^([!-9;-~]++)[ \t]++(?=:)", re.MULTILINE)
_HEADER_END = re.compile(rb"\n\r?\n")
_VERDICTS = (b"authentication-results", b"arc-")


class _Part(Tree):
    """The standard library's part, whose reader stumbles over charset labels that name a codec not made for mail."""

    def get_payload(self, i: int | None = None, decode: bool = False) -> Any:
        try:
            return super().get_payload(i, decode)  # type: ignore[call-overload] # as it came
        except (ValueError, TypeError):  # "idna" can't replace; a NUL or a language is no name
            self._forget_charset()
            return super().get_payload(i, decode)  # type: ignore[call-overload] # as it came

    def get_boundary(self, failobj: Any = None) -> Any:
        try:
            return super().get_boundary(failobj)
        except TypeError:  # one parameter in two forms of RFC 2231
            return parameters(raw_field(self, "content-type")).get("boundary", failobj)

    def _forget_charset(self) -> None:
        """Label the content as unknown (RFC 1428, 3)."""
        try:
            self.set_param("charset", "unknown-8bit")
        except TypeError:  # one parameter in two forms of RFC 2231: `charset*=...; charset*0=...`
            self.replace_header("Content-Type", f"{self.get_content_type()}; charset=unknown-8bit")


def read_tree(raw: bytes) -> Tree:
    """The tree of parts. Where a multipart's boundary is missing or wrong, the one its body shows is taken."""
    start = header_start(raw)
    tree = email.message_from_bytes(_modern(raw[start:] if start else raw), _class=_Part)
    if tree.get_content_maintype() != "multipart" or tree.is_multipart():
        return tree
    boundary = _LIKELY_BOUNDARY.search(raw, start)
    if boundary is None:
        return tree
    again = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="%b"\r\n\r\n' % boundary[1]
    found = email.message_from_bytes(again + raw[boundary.start() :], _class=_Part)
    if found.is_multipart():
        tree.set_payload(found.get_payload())
    return tree


def _modern(raw: bytes) -> bytes:
    """A mail whose fields are written as they are today, for it is read as one by everybody else."""
    end = _HEADER_END.search(raw)
    head = raw[: end.start()] if end else raw
    return _OLD_FIELD.sub(_name, head) + raw[len(head) :] if _OLD_FIELD.search(head) else raw


def _name(field: re.Match[bytes]) -> bytes:
    """A verdict keeps apart: our border writes none so, and may not have known for one what a stranger wrote."""
    return b"x-" + field[1] if field[1].lower().startswith(_VERDICTS) else field[1]
