"""Lists of tickets: two lines each, that stand on a phone as they do on a desk."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailproc.core import queries
from mailproc.core.digest import Listed
from mailproc.core.letters import Action, Letter
from mailproc.core.queries import Show
from tests.render.reading import Page, every_language, opened, render
from tests.testlib.pictures import DESK, digest, line


def test_tell_the_number_to_answer_by_and_the_subject_and_below_the_rest() -> None:
    text = render(Letter.DIGEST, digest()).text
    assert (
        "\n 1. #1001 Printer stops\n"
        "    Assigned, Anna · P3 · Clara Jones · due Mon 23 Nov 10:30 · 3h old\n"
        " 2. #1002 Invoice\n"
        "    In Progress, Anna · P3 · Clara Jones · 3d old\n"
    ) in text
    assert "Reopened, nobody has it · P1 · 田中 ·" in text


def test_are_indented_where_a_line_is_too_long() -> None:
    many = line(50, "the printer stops " * 4, customer="Clara Josefine Jones-Montgomery of Customer & Sons")
    lines = render(Letter.DIGEST, replace(digest(), lists=(Listed("list", "", (many,), more=False),))).text.splitlines()
    at = next(place for place, each in enumerate(lines) if each.startswith("50. #1050 the printer stops"))
    assert all(each.startswith("    ") for each in lines[at + 1 : at + 4])
    assert max(map(len, lines)) <= 72


@every_language
@pytest.mark.parametrize("own", [Action("support+token@acme.example"), Action("support@acme.example", "ref:token")])
def test_open_a_ticket_with_one_tap(language: str, own: Action) -> None:
    page = Page(render(Letter.DIGEST, replace(digest(), own=own), language).html)
    address, subject, body = opened(page.links["#1001 Printer stops"])
    assert address == own.address
    assert subject.endswith(own.reference)
    listed = (7, 8)  # the number of a ticket is never the number of a line
    assert queries.read(body, listed).queries == [Show(1001)]


def test_have_no_links_where_there_is_no_address() -> None:
    assert not Page(render(Letter.DIGEST, replace(digest(), own=None)).html).links


def test_of_fifty_are_no_longer_than_mail_readers_show() -> None:
    lines = tuple(line(place, "a long subject " * 5) for place in range(1, 51))
    page = render(Letter.DIGEST, replace(digest(), ticket=DESK, lists=(Listed("list", "", lines, more=True),))).html
    assert len(page.encode()) < 100_000  # Gmail hides what is beyond 102 kB
