"""A reader of letters: what a text and a page say, and where their buttons lead."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from mailproc.core.letter_values import LetterValues
from mailproc.core.letters import Letter
from mailproc.render.letters import Letters, Rendered
from mailproc.resources import templates_folder
from tests.testlib.pictures import LANGUAGES, ZONE

WORDS = Letters([templates_folder()], "en", proven=True)  # `test_load` looks at them
every_language = pytest.mark.parametrize("language", LANGUAGES)


def render(letter: Letter, values: LetterValues, language: str = "en", zone: str = ZONE) -> Rendered:
    return WORDS.render(letter, values, language, zone)


class Page(HTMLParser):
    """What a reader sees of a page, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: dict[str, str] = {}
        self.attributes: list[tuple[str, str, str]] = []
        self._hidden = 0
        self._link = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in {"style", "title", "script"}
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag == "a":
            self._link = dict(attrs)["href"] or ""
        if tag in {"p", "br", "td", "div"}:
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"style", "title", "script"}
        self._link = "" if tag == "a" else self._link

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)
        if self._link:
            self.links[data] = self._link

    @property
    def text(self) -> str:
        return flat("".join(self.words))


def flat(words: str) -> str:
    return " ".join(words.split())


def said(text: str) -> str:
    """The words of a plain text: without links, rules and quote marks."""
    return flat(re.sub(r"(?m)<mailto:[^>]*>|^-{20,}$|^> ?", " ", text))


def links(text: str) -> dict[str, str]:
    """Each button of a plain text, and where it leads."""
    return dict(re.findall(r"(?m)^(.+?) +<(mailto:[^>]*)>$", text))


def opened(link: str) -> tuple[str, str, str]:
    """The mail a link opens: its address, subject and body."""
    parts = urlsplit(link)
    fields = parse_qs(parts.query, keep_blank_values=True, strict_parsing=True)
    assert "+" not in link
    return unquote(parts.path), fields["subject"][0], fields.get("body", [""])[0]
