"""What an agent passes on is among the facts: the mail that is enclosed, else the one within the words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mailproc.core.facts import Facts
from mailproc.core.forward import Forwarded
from mailproc.handling import gather as gathering
from mailproc.handling import handler
from tests.testlib.by_hand import Hand, by_hand
from tests.testlib.desk import PEOPLE, SUPPORT

pytestmark = [pytest.mark.row("I22")]

INLINE = """Can somebody take this?

---------- Forwarded message ---------
From: Clara Jones <clara@customer.example>
Date: Sat, 21 Nov 2026 at 10:00
Subject: The lamp
To: <anna@acme.example>

It flickers.
"""


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    async with by_hand(tmp_path) as hand:
        yield hand


@pytest.fixture
def gathered(monkeypatch: pytest.MonkeyPatch) -> list[Facts]:
    found: list[Facts] = []
    gather = gathering.gather

    async def keep(*values: Any) -> Facts:
        facts = await gather(*values)
        found.append(facts)
        return facts

    monkeypatch.setattr(handler, "gather", keep)
    return found


def lamp(**fields: str) -> EmailMessage:
    mail = EmailMessage()
    for name, value in {"From": '"Jones, Clara" <clara@customer.example>', "To": PEOPLE["anna"][1], **fields}.items():
        mail[name] = value
    mail["Subject"], mail["Date"] = "The lamp", "Sat, 21 Nov 2026 10:00:00 +0100"
    mail["Message-ID"] = "<lamp@customer.example>"
    mail.set_content("It flickers.\n")
    mail.add_attachment(b"photo", maintype="image", subtype="jpeg", filename="lamp.jpg")
    return mail


def enclosing(words: str, *mails: EmailMessage) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = PEOPLE["anna"][1], SUPPORT, "Fwd: The lamp"
    mail["Message-ID"] = "<1@acme.example>"
    mail.set_content(words)
    for each in mails:
        mail.add_attachment(each)
    return mail.as_bytes()


async def test_the_enclosed_mail_comes_first(hand: Hand, gathered: list[Facts]) -> None:
    await hand.arrives(enclosing(INLINE.replace("flickers", "hums"), lamp()))
    forwarded = gathered[0].forwarded
    assert forwarded is not None
    assert (forwarded.address, forwarded.name) == ("clara@customer.example", "Jones, Clara")
    assert (forwarded.subject, forwarded.body) == ("The lamp", "It flickers.")
    assert forwarded.date == "Sat, 21 Nov 2026 10:00:00 +0100"
    assert forwarded.to == "anna@acme.example"
    assert forwarded.message.startswith("Can somebody take this?")
    assert forwarded.enclosed is not None
    assert forwarded.enclosed.message_id == "<lamp@customer.example>"
    assert [each.filename for each in forwarded.enclosed.attachments] == ["lamp.jpg"]


async def test_an_enclosed_mail_without_a_word(hand: Hand, gathered: list[Facts]) -> None:
    await hand.arrives(enclosing("", lamp()))
    forwarded = gathered[0].forwarded
    assert forwarded is not None
    assert (forwarded.body, forwarded.message) == ("It flickers.", "")


async def test_an_enclosed_mail_that_names_nobody_is_passed_over(hand: Hand, gathered: list[Facts]) -> None:
    nobodys = lamp()
    del nobodys["From"]
    await hand.arrives(enclosing(INLINE, nobodys))
    forwarded = gathered[0].forwarded
    assert forwarded is not None
    assert (forwarded.enclosed, forwarded.body) == (None, "It flickers.")


async def test_a_mail_within_the_words(hand: Hand, gathered: list[Facts]) -> None:
    await hand.write("anna", INLINE, subject="Fwd: The lamp")
    assert gathered[0].forwarded == Forwarded(
        "clara@customer.example", "Clara Jones", "The lamp", "Sat, 21 Nov 2026 at 10:00", "<anna@acme.example>",
        "It flickers.", "Can somebody take this?",
    )  # fmt: skip


async def test_no_forward(hand: Hand, gathered: list[Facts]) -> None:
    await hand.write("anna", "The lamp in the hall flickers.", subject="The lamp")
    assert gathered[0].forwarded is None


async def test_what_a_customer_forwards_is_the_customers_own_matter(hand: Hand, gathered: list[Facts]) -> None:
    await hand.write("clara", INLINE, subject="Fwd: The lamp")
    assert gathered[0].forwarded is None
