"""What of a page could load, run or send anything, found by a parser that had no part in writing it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

_READING = frozenset({
    "a", "b", "blockquote", "body", "br", "caption", "code", "dd", "del", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4",
    "h5", "h6", "head", "hr", "html", "i", "ins", "li", "mark", "meta", "ol", "p", "pre", "s", "span", "strong", "style",
    "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul",
})  # fmt: skip
_ATTRIBUTES = frozenset({"charset", "colspan", "content", "dir", "href", "http-equiv", "lang", "name", "rel", "rowspan", "style"})  # fmt: skip
_LOADS = re.compile(r"url|image|expression|@|\\|javascript|/\*|behavior|binding|var\(", re.IGNORECASE)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.harm: list[str] = []
        self.policies: list[str] = []
        self._styles = self._metas = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag not in _READING:
            self.harm.append(f"<{tag}>")
        self.harm += [f"{tag} {name}" for name in values if name not in _ATTRIBUTES]
        if _LOADS.search(values.get("style", "")):
            self.harm.append(f"style {values['style']}")
        if "href" in values and (tag != "a" or urlsplit(values["href"]).scheme not in {"http", "https", "mailto"}):
            self.harm.append(f"{tag} href {values['href']}")
        self._styles += tag == "style"
        self._metas += tag == "meta"
        if values.get("http-equiv", "").lower() == "content-security-policy":
            self.policies.append(values.get("content", ""))

    def handle_comment(self, data: str) -> None:
        self.harm.append(f"comment {data}")

    def handle_pi(self, data: str) -> None:
        self.harm.append(f"instruction {data}")

    def found(self) -> list[str]:
        ours = self._styles == 1 and self._metas == 5  # the page's own
        policy = len(self.policies) == 1 and self.policies[0].startswith(
            "default-src 'none'; style-src 'unsafe-inline'"
        )
        return [*self.harm, *([] if ours else ["styles or metas of the sender's"]), *([] if policy else ["no policy"])]


def harm(page: bytes) -> list[str]:
    """Everything in a page that is not for reading; empty for a harmless one."""
    reader = _Reader()
    reader.feed(page.decode())
    reader.close()
    return reader.found()
