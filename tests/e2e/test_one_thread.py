"""One ticket is one conversation in every mail client, an agent's and a customer's, and two tickets are two."""

from __future__ import annotations

from collections import defaultdict
from email.message import Message

import pytest

from mailproc.demo.people import Correspondent
from tests.testlib.conversations import CLIENTS, parsed
from tests.testlib.desk import SUPPORT, Desk

pytestmark = pytest.mark.slow

#: Too long for one line of a header, and beyond ASCII.
_SUBJECT = "The printer in the café stops after page two, although it printed everything yesterday"


async def test_all_letters_about_a_ticket_are_one_conversation(desk: Desk) -> None:
    await _lived(desk)
    for person in (desk.anna, desk.ben, desk.clara):
        letters = _about_tickets(person)
        wanted = _by_ticket(letters)
        assert set(wanted) == {"1", "2"}
        for client, gathered in CLIENTS.items():
            found = sorted(map(sorted, gathered(letters)))
            assert found == sorted(map(sorted, wanted.values())), f"{person.name} with {client}"
    kinds = {letter["X-Mailproc-News"] for letter in _about_tickets(desk.anna)}
    assert len(_by_ticket(_about_tickets(desk.anna))["1"]) >= 10, kinds


async def _lived(desk: Desk) -> None:
    """Two tickets of one customer under one subject; the first sees every letter there is."""
    await desk.clara.write(SUPPORT, _SUBJECT, "The printer on the first floor stops.")
    first = await desk.anna.receive("[Acme #1]")
    await desk.clara.write(SUPPORT, _SUBJECT, "And another one, on the second floor.")
    await desk.anna.receive("[Acme #2]")
    await desk.anna.reply(first, "#note @ben\nDo you know these printers?")
    await desk.ben.reply(await desk.ben.receive("these printers"), "They need driver 4.2.")
    await desk.anna.receive("need driver 4.2")
    await desk.anna.reply(first, "#asign ben\nWhich driver is it?")
    await desk.anna.receive("#asign")
    await desk.anna.reply(first, "Which driver is it?")
    await desk.clara.reply(await desk.clara.receive("Which driver"), "It is 4.1.")
    news = await desk.anna.receive("It is 4.1.")
    await desk.anna.reply(news, "#help")
    await desk.anna.reply(news, "#resolve driver\n\nPlease install driver 4.2.")
    await desk.clara.press(await desk.clara.receive("install driver 4.2"), "No, I still need help", add="It stops.")
    again = await desk.anna.receive("It stops.")
    await desk.anna.reply(again, "#resolve driver\n\nPlease install it once more.")
    await desk.clara.receive("once more")
    await desk.leap(hours=25)
    await desk.leap(hours=25)
    await desk.clara.reply(await desk.clara.receive("great"), "1\nSlow.")
    await desk.anna.receive("Slow.")
    await desk.quiet()


def _about_tickets(person: Correspondent) -> list[Message]:
    return [letter for letter in parsed(mail.content for mail in person.inbox()) if letter["X-Mailproc-Ticket"]]


def _by_ticket(letters: list[Message]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for number, letter in enumerate(letters):
        found[letter["X-Mailproc-Ticket"]].add(number)
    return dict(found)
