"""A mail as a plain value: what the parser hands to every decision.

Nothing here knows bytes on the wire, a database or a clock. All text has passed the one gate in
`mailproc.mime.text` (no NUL, no surrogates, no control characters but tab and newline).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

#: The defect of a mail with more text than is read of any: all of it is among the attachments.
TEXT_CUT: Final = "text cut"
#: The file that has the whole text, where only its beginning is shown.
WHOLE_TEXT: Final = "whole-text.txt"
#: The file that shows the HTML a mail was written in, where its form says more than its text.
AS_WRITTEN: Final = "as-written.html"
_SHOWS_A_MAIL = re.compile(r"as-written\b.*\.html?")  # as clients number files of one name
_HTML_EXTENSIONS = frozenset({"htm", "html", "ehtml", "shtm", "shtml", "xht", "xhtm", "xhtml"})
_HTML_TYPES = frozenset({"application/xhtml+xml", "text/html"})
_XML_EXTENSIONS = frozenset({"atom", "mml", "rdf", "rss", "xbl", "xml", "xsd", "xsl", "xslt", "xul"})
_XML_TYPES = frozenset({"application/xml", "application/xslt", "text/xml", "text/xsl"})


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox (RFC 5322, 3.4): display name and address, the domain in lower case A-labels."""

    address: str
    name: str = ""

    @property
    def key(self) -> str:
        """What two spellings of one mailbox have in common: compared without case."""
        return self.address.casefold()

    @property
    def domain(self) -> str:
        return self.key.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is not the mail's text. Never unpacked, never run."""

    filename: str
    content_type: str
    content: bytes = field(repr=False)
    content_id: str = ""
    inline: bool = False
    cleaned: bytes = field(default=b"", repr=False)  # of HTML: the harmless page that may be shown; empty: none

    @property
    def size(self) -> int:
        return len(self.content)

    @property
    def extension(self) -> str:
        """The last one, in lower case and without its dot: what a double click goes by."""
        _, dot, extension = self.filename.rstrip(". ").casefold().rpartition(".")
        return extension if dot else ""

    @property
    def is_page(self) -> bool:
        """Whether it is the harmless page itself, in UTF-8."""
        return bool(self.cleaned) and self.content == self.cleaned

    @property
    def shows_a_mail(self) -> bool:
        """Whether it is called as the file that shows agents somebody's whole mail, and went with one of theirs."""
        return _SHOWS_A_MAIL.fullmatch(self.filename.casefold()) is not None

    @property
    def is_xml(self) -> bool:
        """By its name or type. Data mostly, but a browser runs scripts in it, of XHTML, SVG or MathML, however they are written."""
        return (
            self.extension in _XML_EXTENSIONS or self.content_type in _XML_TYPES or self.content_type.endswith("+xml")
        )

    @property
    def is_html(self) -> bool:
        """Whether a browser would show it: by its name, or by the type it claims to be."""
        return self.extension in _HTML_EXTENSIONS or self.content_type in _HTML_TYPES


class ReportKind(StrEnum):
    """What a delivery report says became of a mail (RFC 3464, 2.3.3)."""

    FAILED = "failed"  # permanent: nobody will get it
    DELAYED = "delayed"  # temporary: the server goes on trying
    DELIVERED = "delivered"  # success, relayed or expanded


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a bounce says: of which mail, to whom, how it ended."""

    kind: ReportKind
    recipients: tuple[str, ...] = ()
    status: str = ""  # enhanced code, as "5.1.1" (RFC 3463), "5.0.0" for a mere "550"; empty where none is given
    diagnostic: str = ""  # the remote server's own words, one line
    original_message_id: str = ""  # "<...>" of the mail that failed, as far as it is quoted


class Protection(StrEnum):
    """Why the words of a mail, or a part of them, can't be read without keys."""

    NONE = ""
    PGP = "pgp"  # encrypted with OpenPGP (RFC 9580), as PGP/MIME (RFC 3156) or within the text
    SMIME = "smime"  # encrypted with S/MIME (RFC 8551)
    SIGNED = "signed"  # signed with S/MIME in a form that hides the words, and damaged: else they are read


@dataclass(frozen=True, slots=True)
class Message:
    """A parsed mail. Every field is hostile input, made safe to store but not to believe."""

    message_id: str = ""  # "<...>", empty when missing or unusable
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()  # oldest first, at most 100
    subject: str = ""
    date: datetime | None = None  # aware; the sender's claim
    from_: tuple[Address, ...] = ()
    from_fields: int = 0  # how many From fields the header has
    from_defects: tuple[str, ...] = ()  # why the From is not to be believed as an identity
    sender: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    return_path: str | None = None  # None: no such field; "": the null path "<>"
    delivered_to: tuple[str, ...] = ()  # Delivered-To, X-Original-To, Envelope-To: topmost first
    headers: tuple[tuple[str, str], ...] = ()  # all fields in order, names lower case, unfolded
    content_type: str = "text/plain"  # of the whole mail, lower case, without parameters
    report_type: str = ""  # of multipart/report (RFC 6522), lower case
    text: str = ""  # the readable whole: text/plain, else made from HTML
    as_written: bytes = field(default=b"", repr=False)  # its HTML as a harmless page, where that says more; UTF-8
    language: str = ""  # of what is new in it, where who read the mail has looked; "" too where it can't be told
    attachments: tuple[Attachment, ...] = ()
    delivery_report: DeliveryReport | None = None
    protection: Protection = Protection.NONE
    defects: tuple[str, ...] = ()  # what the parser had to mend or guess

    def header(self, name: str) -> str:
        """First value of a field, or the empty string. `name` in any case."""
        wanted = name.lower()
        for key, value in self.headers:
            if key == wanted:
                return value
        return ""

    def header_all(self, name: str) -> tuple[str, ...]:
        """All values of a field, topmost first."""
        wanted = name.lower()
        return tuple([value for key, value in self.headers if key == wanted])

    @property
    def refers_to(self) -> tuple[str, ...]:
        """The Message-IDs of In-Reply-To and References, newest first, each once."""
        return tuple(dict.fromkeys((*self.in_reply_to, *reversed(self.references))))

    @property
    def author(self) -> Address | None:
        """The one mailbox in From, or None when From can't name exactly one person."""
        return self.from_[0] if len(self.from_) == 1 else None

    @property
    def identifies_sender(self) -> bool:
        """One From field, one mailbox, no defect: the least that any right may stand on."""
        return self.from_fields == 1 and len(self.from_) == 1 and not self.from_defects
