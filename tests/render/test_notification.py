"""What agents read beside the customer's words."""

from __future__ import annotations

from dataclasses import replace
from html import unescape

import pytest

from mailproc.core import commands
from mailproc.core.letters import Letter, News
from mailproc.core.message import Protection
from tests.render.reading import every_language, flat, render, said
from tests.testlib.pictures import notification, samples


@every_language
def test_are_told_whose_ticket_it_is_and_what_was_before(language: str) -> None:
    page = render(Letter.NOTIFICATION, notification(), language)
    for words in (flat(page.text), flat(unescape(page.html))):
        assert {
            "en": "Clara Jones, Customer & Sons (VIP), German",
            "de": "Clara Jones, Customer & Sons (VIP), Deutsch",
        }[language] in words
        assert {"en": "#977 Stops after page 2: solved, they said, rated 5",
                "de": "#977 Stops after page 2: gelöst, sagten sie, bewertet mit 5"}[language] in words  # fmt: skip


@every_language
def test_learn_every_command_there_is(language: str) -> None:
    text = render(Letter.HELP, samples()[Letter.HELP], language).text
    assert [line for line in text.split("\n") if line.startswith("#") and line[1] != "#"] == [
        rule.usage for rule in commands.RULES
    ]


@every_language
def test_are_told_the_folder_of_a_mail_too_large_to_fetch(language: str) -> None:
    values = replace(notification(News.NEW), text="", oversize=True, folder="Desk/Done")
    page = render(Letter.NOTIFICATION, values, language)
    for words in (flat(page.text), flat(page.html)):
        assert {"en": "in the folder Desk/Done of", "de": "im Ordner Desk/Done des"}[language] in words


@every_language
@pytest.mark.parametrize("protection", [each for each in Protection if each])
def test_are_told_what_nobody_here_can_read(protection: Protection, language: str) -> None:
    values = replace(notification(News.NEW), text="", protection=protection, folder="Desk/Done")
    page = render(Letter.NOTIFICATION, values, language)
    told = {"en": "what it says can't be read here.", "de": "Was darin steht, ist hier nicht zu lesen."}[language]
    for words in (flat(page.text), unescape(flat(page.html))):
        assert told in words
        assert "Desk/Done" in words
        assert "(no new words)" not in words
        assert "(keine neuen Worte)" not in words


@pytest.mark.parametrize(("language", "never"), [("en", "never arrived"), ("de", "nie angekommen")])
def test_nobody_is_told_that_an_answer_never_arrived_that_may_have(language: str, never: str) -> None:
    refused, doubted = (
        flat(said(render(Letter.NOTIFICATION, notification(News.UNDELIVERED, detail), language).text))
        for detail in ("550 5.1.1 no such user", "it may have arrived (cut: the connection ended)")
    )
    assert never in refused
    assert never not in doubted
