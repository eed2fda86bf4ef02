"""What the safety catch makes of agents' ordinary answers, in every client's manner: it holds next to none for nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from mailproc.core import safety
from mailproc.core.effects import Decision, SendAnswer, SendHeld, SendResolution
from mailproc.core.facts import Around
from mailproc.mime.parse import parse_mail
from tests.replies.test_clients import NOW, Kind, quoted, read, reader, rows, written
from tests.testlib.client_words import LANGUAGES
from tests.testlib.clients import CLIENTS, Draft, Posting
from tests.testlib.decisions import ANNA, POLICY, decided, of

ORDINARY = (Kind.PLAIN, Kind.COMMANDS, Kind.QUOTED)
NAMES = {"ja": "アンナ"}  # as the agent signs; elsewhere in Latin letters


def decision(content: bytes, language: str, kind: Kind) -> Decision:
    """The desk's, where every address and number in the words belongs to somebody else."""
    reply, message = read(content, language, kind), parse_mail(content)
    anna = replace(POLICY.agents["anna"], display=NAMES.get(language, "Anna Agent"))
    return decided(
        ANNA, reply.text.strip(), own_words=reply.unquoted.strip(), forwards=reply.forwarded, unread=reply.unread,
        stray=reply.stray,
        message=replace(message, from_fields=1), policy=replace(POLICY, agents={**POLICY.agents, "anna": anna}),
        around=Around(others=frozenset(safety.numbers(reply.unquoted))),
    )  # fmt: skip


def why(found: Decision) -> str:
    """Why it is held; empty where it is not."""
    return ", ".join(f"{held.because}: {[each.rule for each in held.cautions]}" for held in of(found, SendHeld))


def goes_out(found: Decision) -> bool:
    return bool(of(found, SendAnswer) or of(found, SendResolution))


def answers() -> Iterator[tuple[str, Decision]]:
    for client, language, posting, kind in rows():
        if kind in ORDINARY:
            content, _ = written(client, language, posting, kind)
            yield f"{client} {language} {posting} {kind}", decision(content, language, kind)


@pytest.mark.slow
def test_next_to_no_ordinary_answer_is_held() -> None:
    found = dict(answers())
    held = {name: reason for name, each in found.items() if (reason := why(each))}
    share = len(held) / len(found)
    assert share < 0.01, f"{len(held)} of {len(found)} held, {share:.2%}: {Counter(held.values())}, such as {held}"
    assert all(goes_out(each) for name, each in found.items() if name not in held)


def test_a_signature_alone_is_always_held() -> None:
    sent = {
        f"{client} {language} {posting}": decision(written(client, language, posting, kind)[0], language, kind)
        for client, language, posting, kind in rows()
        if kind is Kind.SIGNATURE
    }
    assert sent
    assert [name for name, each in sent.items() if not why(each) or goes_out(each)] == []


@pytest.mark.parametrize("client", CLIENTS)
def test_so_is_an_answer_in_which_nothing_stands(client: str) -> None:
    for posting, language in zip(sorted(CLIENTS[client].postings - {Posting.BETWEEN}), LANGUAGES, strict=False):
        draft = Draft("", posting, language)
        mail = CLIENTS[client].reply(quoted(reader(language), Kind.PLAIN), draft, "Anna Agent <anna@acme.example>", NOW)
        found = decision(mail, language, Kind.PLAIN)
        assert why(found).startswith("empty"), (language, posting)
        assert not goes_out(found)
