"""The mail that is answered, as a client sees it: its text, its page, and its page written down as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from html.parser import HTMLParser

_VOID = frozenset({"br", "hr", "img", "meta", "link", "col", "input", "wbr"})
_BLOCKS = frozenset({"p", "div", "table", "tr", "h1", "h2", "h3", "ul", "ol", "li", "blockquote"})
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)\b[^>]*?(/?)>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class QuotedMail:
    """What a reply is made from."""

    text: str
    html: str  # of its body alone
    subject: str
    name: str
    address: str
    reply_to: str
    to: str
    date: datetime
    message_id: str
    references: str

    @classmethod
    def of(cls, content: bytes) -> QuotedMail:
        mail = message_from_bytes(content, policy=policy.default)
        name, address = parseaddr(str(mail["From"]))
        page = _content(mail, "html")
        body = re.search(r"<body[^>]*>(.*)</body>", page, re.DOTALL | re.IGNORECASE)
        return cls(
            _content(mail, "plain"), body[1] if body else page, str(mail["Subject"]), name, address,
            str(mail["Reply-To"] or mail["From"]), str(mail["To"]), parsedate_to_datetime(str(mail["Date"])),
            str(mail["Message-ID"]), str(mail["References"] or ""),
        )  # fmt: skip

    @property
    def who(self) -> str:
        return f"{self.name} <{self.address}>"

    def page_text(self, *, link: str) -> str:
        """The page as text; `link` says how a link is written, with {text} and {url}."""
        return page_text(self.html, link=link)


def _content(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


class _Reader(HTMLParser):
    def __init__(self, link: str) -> None:
        super().__init__()
        self._link, self.out, self._href, self._at, self._hidden = link, "", "", 0, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"style", "title", "head"}:
            self._hidden += 1
        elif tag == "br":
            self.out += "\n"
        elif tag in _BLOCKS:
            self._break()
        elif tag == "a":
            self._href, self._at = dict(attrs).get("href") or "", len(self.out)

    def handle_endtag(self, tag: str) -> None:
        if tag in {"style", "title", "head"}:
            self._hidden -= 1
        elif tag in _BLOCKS:
            self._break(2 if tag == "p" else 1)
        elif tag == "a" and self._href:
            self.out = self.out[: self._at] + self._link.format(text=self.out[self._at :], url=self._href)

    def handle_data(self, data: str) -> None:
        if not self._hidden and (data.strip() or not self.out.endswith("\n")):
            words = re.sub(r"[ \t\r\n]+", " ", data)
            self.out += words.lstrip() if self.out.endswith("\n") else words

    def _break(self, count: int = 1) -> None:
        filled = self.out.rstrip(" \n")
        newlines = min(2, max(count, self.out[len(filled) :].count("\n")))
        self.out = filled + "\n" * newlines if filled else ""


def page_text(html: str, *, link: str) -> str:
    reader = _Reader(link)
    reader.feed(re.sub(r"<!--.*?-->", "", html, flags=re.DOTALL))
    return reader.out.strip() + "\n"


def woven(lines: list[str], answers: Mapping[str, str], answer: str = "\n{}\n") -> list[str]:
    """Quoted lines with answers below those that end with the given words. Raises LookupError for words not there."""
    left, out = dict(answers), []
    for line in lines:
        out.append(line)
        for words in [words for words in left if line.rstrip().endswith(words)]:
            out += answer.format(left.pop(words)).split("\n")
    if left:
        raise LookupError(f"not in the quote: {left}\n" + "\n".join(lines))
    return out


def woven_page(html: str, answers: Mapping[str, str], wrap: str, *, around: tuple[str, str]) -> str:
    """A quoted page with answers below paragraphs: all that is open is closed, and opened again behind the answer."""
    for words, answer in answers.items():
        at = re.search(rf"{re.escape(words)}\s*</p>", html)
        if at is None:
            raise LookupError(f"not in the page: {words}")
        tags = _open_at(html[: at.end()])
        closed = "".join(f"</{_TAG.match(tag)[2]}>" for tag in reversed(tags))  # type: ignore[index] # tags by that pattern
        between = closed + around[1] + wrap.format(answer) + around[0] + "".join(tags)
        html = html[: at.end()] + between + html[at.end() :]
    return html


def _open_at(html: str) -> list[str]:
    """The tags that are open where this page ends."""
    found: list[str] = []
    for tag in _TAG.finditer(html):
        if tag[1] and found:
            found.pop()
        elif not tag[1] and not tag[3] and tag[2].lower() not in _VOID:
            found.append(tag[0])
    return found
