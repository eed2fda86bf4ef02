"""The page every letter stands on: readable in the light, in the dark and on a phone; moments never torn apart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mailproc.core import letters
from mailproc.core.letters import Letter
from mailproc.render.letters import Letters
from mailproc.resources import templates_folder
from tests.render.reading import Page, every_language, render
from tests.testlib.pictures import TICKET, others, samples

PAGE = (templates_folder() / "base.html").read_text("utf-8")
PARTS = (templates_folder() / "parts.html").read_text("utf-8")
LIGHT, _, DARK = PAGE.partition("@media (prefers-color-scheme: dark)")
EVERY = [*samples().items(), *((letter, values) for _, letter, values in others())]


def colour(style: str, selector: str, name: str = "color") -> str:
    """What a rule that begins with the selector sets."""
    found = re.search(rf"(?m)^ *{re.escape(selector)}(?:,[^{{]*)? \{{[^}}]*?(?<![a-z-]){name}: (#[0-9a-f]{{6}})", style)
    assert found is not None, f"{selector} has no {name}"
    return found[1]


def luminance(shown: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = (int(shown[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2, 1.4.3), from 1 to 21."""
    dim, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dim + 0.05)


class TestColours:
    @pytest.mark.parametrize("style", [LIGHT, DARK], ids=["light", "dark"])
    @pytest.mark.parametrize("selector", ["body", "a", ".marker", ".quiet"])
    def test_words_stand_out_from_the_page(self, selector: str, style: str) -> None:
        assert contrast(colour(style, selector), colour(style, "body", "background")) >= 4.5

    @pytest.mark.parametrize("kind", ["button", "plain"])
    def test_buttons_can_be_read(self, kind: str) -> None:
        (inline,) = set(re.findall(rf'class="{kind}".*?<a [^>]*?[;"]color:(#[0-9a-f]{{6}})', PARTS))
        (ground,) = set(re.findall(rf'class="{kind}"[^>]*?(?:bgcolor="|background:)(#[0-9a-f]{{6}})', PARTS))
        assert contrast(inline, ground) >= 4.5
        assert contrast(colour(DARK, f".{kind} a"), colour(DARK, f".{kind}", "background")) >= 4.5


@every_language
def test_no_line_ends_in_the_middle_of_a_moment(language: str) -> None:
    for letter, values in EVERY:
        rendered = render(letter, values, language)
        assert not re.search(r"\b(?:\d\d?\.?|Nov\.?)\n(?:Nov|\d\d:)", rendered.text)
        assert not re.search(r"\d\.? (?:Nov|Uhr)|Nov\.? \d\d:", rendered.html)
        assert not re.search("[~\ufdd0\xa0]|&#(160|64976);", rendered.text + rendered.html)


@every_language
def test_few_letters_beyond_ascii_are_references_so_that_the_page_is_sent_as_it_is(language: str) -> None:
    for letter, values in EVERY:
        assert render(letter, values, language).html.isascii()
    words = "Das Gerät druckt zwei Seiten → und hält „einfach“ an."
    page = render(Letter.ANSWER, letters.Answer(TICKET, words), language).html
    assert page.isascii() and words in Page(page).text


def test_a_page_of_other_letters_stays_as_it_is() -> None:
    page = render(Letter.ANSWER, letters.Answer(TICKET, "プリンターが止まる。" * 99)).html
    assert "プリンターが止まる。" in page


def test_styles_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "base.html").write_text(
        f"<style>a::after {{ content: '→' }}</style>{PAGE}".replace("<p>", "<p>→"), "utf-8"
    )
    words = Letters([tmp_path, templates_folder()], "en", proven=True)
    page = words.render(Letter.ANSWER, letters.Answer(TICKET, "Yes."), "en", "UTC").html
    assert "content: '→'" in page and "<p>&#8594;" in page
