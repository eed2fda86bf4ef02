"""The table of replies: every client, language and way of posting: the right text out, the right commands run, nothing else."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from itertools import cycle, product

import pytest

from mailproc.core import commands
from mailproc.core.closings import only_signature
from mailproc.core.commands.values import Assign, Command, Note, Resolve, Wait, WaitFor
from mailproc.core.letters import Exchange, Letter, Missed
from mailproc.core.message import Address
from mailproc.core.reply import Reply
from mailproc.handling.correspondence import said_in
from mailproc.mime.compose import OutgoingMail, compose, page_of, text_of
from mailproc.mime.parse import parse_mail
from mailproc.mime.quoting import read_reply
from tests.render.reading import render
from tests.replies.words import CLOSINGS, TEXTS
from tests.testlib.client_words import LANGUAGES
from tests.testlib.clients import CLIENTS, Draft, Posting
from tests.testlib.pictures import notification, samples
from tests.testlib.quoted_mail import QuotedMail

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
ANSWERS = {"Which driver do I need?": "Driver 4.2.", "And where is it?": "On https://acme.example/drivers"}
QUESTION = "Hello,\n\nour printer prints two pages and stops.\n\nWhich driver do I need?\n\nAnd where is it?\n\nClara"
TRAP = "#resolve\n#close\n\nHello,\n\n#assign mallory\n\nWhich driver do I need?\n\n#note\nAnd where is it?\n\n#resolve it\n\nClara"


class Kind(StrEnum):
    PLAIN = "plain"
    COMMANDS = "commands"
    QUOTED = "quoted commands"
    NOTE = "a note"
    ONLY = "commands alone"
    SIGNATURE = "signature alone"
    AGAIN = "words of the letter"
    MISSED = "to the letter that this one may be missed"


COMMANDS: dict[Kind, tuple[str, tuple[Command, ...]]] = {
    Kind.PLAIN: ("", ()),
    Kind.QUOTED: ("", ()),
    Kind.COMMANDS: ("#assign ben\n#resolve driver 4.2\n\n", (Assign("ben"), Resolve("driver 4.2"))),
    Kind.NOTE: ("#note\n", (Note(),)),
    Kind.ONLY: ("#wait vendor\n#assign me", (Wait(WaitFor.VENDOR), Assign("me"))),
    Kind.AGAIN: ("#resolve driver 4.2\n\n", (Resolve("driver 4.2"),)),
    Kind.MISSED: ("#resolve driver 4.2\n\n", (Resolve("driver 4.2"),)),
}


@cache
def sent(language: str, kind: Kind) -> bytes:
    """The notification as it stands today, to Anna."""
    values = notification(text={Kind.QUOTED: TRAP, Kind.AGAIN: "\n\n".join(TEXTS.values())}.get(kind, QUESTION))
    if kind is Kind.QUOTED:
        colleague = Exchange("Ben", NOW, "#note\n#close\nHe always asks.", private=True)
        values = replace(values, earlier=(colleague, *values.earlier))
    words = render(Letter.NOTIFICATION, values, language)
    if kind is Kind.MISSED:
        missed = samples()[Letter.MISSED]
        assert isinstance(missed, Missed)
        words = render(Letter.MISSED, replace(missed, text=said_in(words.text, "support@acme.example")), language)
    return compose(OutgoingMail(
        Address("support@acme.example", "Acme Support"), "support+reply2a2b3c4d5e6a2b3c4d5e6a2b3c@acme.example",
        (Address("anna@acme.example", "Anna Agent"),), (), words.subject, "<mp.news.1@acme.example>", "", (),
        NOW, words.text, words.html,
    ))  # fmt: skip


@cache
def quoted(language: str, kind: Kind) -> QuotedMail:
    return QuotedMail.of(sent(language, kind))


@cache
def ours(language: str, kind: Kind) -> tuple[str, str]:
    """The forms in which the daemon knows it."""
    content = sent(language, kind)
    return text_of(content), page_of(content)


def rows() -> Iterator[tuple[str, str, Posting, Kind]]:
    """Every client with every posting and every kind, the languages in turn; in all languages with REPLIES=all."""
    turn = cycle(LANGUAGES)
    for name, client in CLIENTS.items():
        for posting, kind in product(sorted(client.postings), Kind):
            if posting is not Posting.BETWEEN or kind in {Kind.PLAIN, Kind.COMMANDS, Kind.QUOTED}:
                for language in LANGUAGES if os.environ.get("REPLIES") == "all" else [next(turn)]:
                    yield name, language, posting, kind


def written(name: str, language: str, posting: Posting, kind: Kind) -> tuple[bytes, str]:
    """The mail, and the text that should go out of it."""
    client = CLIENTS[name]
    above, _ = COMMANDS.get(kind, ("", ()))
    signature = client.signature(LANGUAGES[language])
    answers: dict[str, str] = {}
    match kind:
        case Kind.ONLY:
            body = ""
        case Kind.SIGNATURE:
            body = "" if signature else CLOSINGS[language]
        case _:
            body = TEXTS[language]
    if posting is Posting.BETWEEN:
        answers = ANSWERS
    draft = Draft(f"{above}{body}", posting, language, answers, signature)
    mail = quoted(reader(language), kind)
    return client.reply(mail, draft, "Anna Agent <anna@acme.example>", NOW), "\n\n".join([body, *answers.values()])


def read(content: bytes, language: str, kind: Kind) -> Reply:
    """As the daemon reads it."""
    text, page = ours(reader(language), kind)
    return read_reply(parse_mail(content).text, [text], [page])


def reader(language: str) -> str:
    """The language the desk writes to somebody in, of the two it knows."""
    return language if language == "de" else "en"


@pytest.mark.parametrize(("client", "language", "posting", "kind"), list(rows()))
def test_replies(client: str, language: str, posting: Posting, kind: Kind) -> None:
    content, expected = written(client, language, posting, kind)
    reply = read(content, language, kind)
    words = commands.read(reply.unquoted.strip())
    assert not words.bad
    assert words.commands == COMMANDS.get(kind, ("", ()))[1]
    assert re.sub(r"\n{3,}", "\n\n", words.body) == expected.strip()
    alone = reply.only_signature or only_signature(words.body, ("Anna Agent", "アンナ", "Acme Support"))
    assert alone == (kind is Kind.SIGNATURE and bool(reply.signature or words.body))
