"""Replies as real mail clients write them, to the notification as it really came: the whole way, on Dovecot.

The whole table stands in tests/replies.
"""

from __future__ import annotations

import re

import pytest

from mailproc.core.lifecycle import Status
from mailproc.demo.people import text_of
from mailproc.store import tickets
from tests.replies.test_clients import ANSWERS, TRAP, Kind
from tests.replies.words import TEXTS
from tests.testlib.client_words import LANGUAGES
from tests.testlib.clients import CLIENTS, Draft, Posting
from tests.testlib.desk import SUPPORT, Desk
from tests.testlib.quoted_mail import QuotedMail

pytestmark = pytest.mark.slow

ABOVE = {Kind.PLAIN: "", Kind.COMMANDS: "#assign ben\n#resolve driver 4.2\n\n", Kind.NOTE: "#note\n"}
THEN = {Kind.PLAIN: Status.IN_PROGRESS, Kind.COMMANDS: Status.RESOLVED, Kind.NOTE: Status.NEW}


@pytest.mark.parametrize(
    ("client", "language", "posting", "kind"),
    [
        ("outlook", "en", Posting.BETWEEN, Kind.PLAIN),
        ("outlook-mobile", "de", Posting.TOP, Kind.COMMANDS),
        ("gmail", "fr", Posting.TOP, Kind.NOTE),
        ("iphone", "ja", Posting.BETWEEN, Kind.COMMANDS),
        ("thunderbird", "es", Posting.BOTTOM, Kind.PLAIN),
        ("samsung", "en", Posting.TOP, Kind.PLAIN),
        ("yahoo", "de", Posting.TOP, Kind.COMMANDS),
        ("mutt", "ja", Posting.BETWEEN, Kind.PLAIN),
    ],
)
async def test_what_the_agent_wrote_goes_out_and_what_was_quoted_does_nothing(
    desk: Desk, client: str, language: str, posting: Posting, kind: Kind
) -> None:
    """The customer wrote lines that look like commands; every client quotes them."""
    await desk.clara.write(SUPPORT, "Printer stops after page two", TRAP)
    await desk.clara.receive("[Acme #1]")
    news = QuotedMail.of((await desk.anna.receive("[Acme #1]")).content)
    answers = ANSWERS if posting is Posting.BETWEEN else {}
    signature = CLIENTS[client].signature(LANGUAGES[language])
    draft = Draft(ABOVE[kind] + TEXTS[language], posting, language, answers, signature)
    content = CLIENTS[client].reply(news, draft, "Anna <anna@acme.example>", desk.world.now())

    desk.world.dovecot.deliver(SUPPORT, content, "anna@acme.example")
    await (desk.ben if kind is Kind.NOTE else desk.clara).receive("4.2")
    await desk.quiet()

    said = (await tickets.said(1, 10))[0]
    assert re.sub(r"\n{3,}", "\n\n", said.text) == "\n\n".join([TEXTS[language], *answers.values()])
    assert said.private == (kind is Kind.NOTE)
    ticket = await tickets.view(1)
    assert ticket is not None
    assert (ticket.status, ticket.owner) == (THEN[kind], "ben" if kind is Kind.COMMANDS else ticket.owner)
    told = "\n".join(text_of(letter) for letter in desk.clara.inbox())
    assert not re.search(r"^[ >]*#\w|mallory|Your reply goes to", told, re.MULTILINE)
