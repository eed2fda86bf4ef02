"""What a ticket is linked with stands among a notification's facts."""

from __future__ import annotations

import pytest

from mailproc.core.letters import Letter
from tests.render.reading import Page, render
from tests.testlib.pictures import notification


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "Linked: #912 Old driver: In Progress"), ("de", "Verknüpft: #912 Old driver: In Arbeit")],
)
def test_agents_find_it_in_their_language(language: str, told: str) -> None:
    mail = render(Letter.NOTIFICATION, notification(), language)
    assert told in mail.text
    assert told in Page(mail.html).text
