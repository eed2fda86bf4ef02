"""The queue by mail: a list is asked for, answered in bulk, and one receipt tells what became of it."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest

from mailproc.core.lifecycle import Status
from mailproc.demo.people import link_of, text_of
from mailproc.store import tickets
from tests.testlib.desk import SUPPORT, Desk
from tests.testlib.store import on_both

_MATTERS = ("Printer stops", "Invoice missing", "Password lost")


@on_both
@pytest.mark.slow
async def test_a_list_is_answered_in_bulk_and_one_receipt_tells_of_all(desk: Desk) -> None:
    for subject in _MATTERS:
        await desk.clara.write(SUPPORT, subject, f"{subject}, please help.")
    news = [await desk.anna.receive(subject) for subject in _MATTERS]
    await desk.anna.press(news[-1], "My queue")
    listed = await desk.anna.receive("Waiting for you: 3")
    words = text_of(listed)
    assert [words.index(subject) for subject in _MATTERS] == sorted(words.index(subject) for subject in _MATTERS)

    await desk.anna.reply(listed, "1 done; 2 assign ben\n3 note ask her for the user name; 9 take")
    refused = await desk.anna.receive("NOT DONE.", "9 take")
    await desk.quiet()
    assert [await _stands(number) for number in (1, 2, 3)] == [(Status.NEW, "")] * 3

    await desk.anna.reply(refused, "1 take", quote=False)  # no list stands behind this mail
    await desk.anna.receive("NOT DONE.", "1 take")
    await desk.anna.reply(listed, "1 done; 2 assign ben\n3 note ask her for the user name")
    receipt = text_of(await desk.anna.receive("Done: 3 tickets"))
    assert "1. #1 Printer stops:" in receipt and "Resolved" in receipt
    assert "2. #2 Invoice missing: Ticket 2 is Assigned now. Assigned to Ben." in " ".join(receipt.split())
    assert "3. #3 Password lost: Kept as a note" in receipt
    await desk.clara.receive("[Acme #1]", "Yes, it is solved")
    await desk.ben.receive("YOURS NOW", "Invoice missing")
    await desk.ben.receive("NOTE from Anna", "ask her for the user name")
    await desk.quiet()
    assert await _stands(1) == (Status.RESOLVED, "anna")
    assert await _stands(2) == (Status.ASSIGNED, "ben")
    assert await _stands(3) == (Status.NEW, "")
    assert not [mail for mail in desk.clara.inbox() if "user name" in text_of(mail)]

    own = unquote(urlsplit(link_of(news[-1], "My queue")).path)
    await desk.anna.write(own, "", "mine")
    mine = text_of(await desk.anna.receive("All you have: 1"))
    assert "Printer stops" in mine and "Password" not in mine


async def _stands(number: int) -> tuple[Status, str]:
    ticket = await tickets.view(number)
    assert ticket is not None
    return ticket.status, ticket.owner


@pytest.mark.slow
async def test_an_out_of_office_note_marks_its_agent_away_and_reaches_nobody(desk: Desk) -> None:
    await desk.clara.write(SUPPORT, "Printer stops", "It prints two pages.")
    news = await desk.anna.receive("Printer stops")
    await desk.ben.receive("Printer stops")
    robot = {"Auto-Submitted": "auto-replied", "X-Autoreply": "yes", "Precedence": "bulk"}
    await desk.anna.reply(news, "I am out of the office and will read your mail later.", fields=robot)
    await desk.anna.receive("You are marked away until you say #back.")
    await desk.dieter.write(SUPPORT, "Invoice", "It is missing.")
    await desk.ben.receive("Invoice")
    await desk.quiet()
    assert not [mail for mail in desk.anna.inbox() if "Invoice" in text_of(mail)]
    assert not [mail for mail in desk.clara.inbox() if "out of the office" in text_of(mail)]

    await desk.anna.reply(news, "Dear Clara,\n\nplease turn it off and on.")
    await desk.anna.receive("You are back")
    await desk.dieter.write(SUPPORT, "Password", "It is lost.")
    await desk.anna.receive("Password")

    await desk.anna.reply(news, "#history")
    past = text_of(await desk.anna.receive("#1 Printer stops: what happened"))
    assert "new (no token, no reference)" in " ".join(past.split())
