"""A mail forwarded in on real servers: nothing automatic before the agent says yes, then a ticket like any other."""

from __future__ import annotations

import pytest

from mailproc.store import tickets
from tests.testlib.desk import PEOPLE, SUPPORT, Desk

pytestmark = pytest.mark.slow

FORWARD = (
    "He called, too.\n\n---------- Forwarded message ---------\nFrom: Dieter Schmidt <dieter@kunde.example>\n"
    "Date: Sat, Nov 21, 2026 at 1:00 PM\nSubject: Drucker steht\nTo: Anna <anna@acme.example>\n\n"
    "Der Drucker druckt seit heute nicht mehr, was kann ich tun?\n"
)


@pytest.mark.row("A3")
async def test_a_customer_s_mail_forwarded_by_an_agent_becomes_the_customer_s_ticket(desk: Desk) -> None:
    await desk.anna.write(SUPPORT, "Fwd: Drucker steht", FORWARD)
    await desk.anna.press(await desk.anna.receive("nothing proves that you wrote it"), "Yes, that was me")
    receipt = await desk.anna.receive("Understood as a mail of Dieter Schmidt")
    await desk.ben.receive("seit heute nicht mehr", "NEW from Dieter Schmidt")
    await desk.quiet()
    assert not desk.dieter.inbox()
    await desk.anna.press(receipt, "Yes, it is theirs")
    letter = await desk.dieter.receive("[Acme #1]")
    await desk.dieter.reply(letter, "Es ist Modell X100.")
    news = await desk.ben.receive("X100")
    await desk.ben.reply(news, "Bitte neu starten.")
    answer = await desk.dieter.receive("Bitte neu starten.")
    await desk.quiet()
    found = await tickets.view(1)
    assert found is not None
    assert (found.customer.address, found.subject) == (PEOPLE["dieter"][1], "Drucker steht")
    assert len(desk.dieter.inbox()) == 2
    assert not [mail for mail in desk.dieter.inbox() if b"He called" in mail.content]
    assert answer.header("Subject").startswith("Re: Drucker steht")
