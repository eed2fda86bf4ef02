"""Colleagues on one ticket, canned answers and unreadable mail, on a real Dovecot."""

from __future__ import annotations

import pytest

from mailproc.demo.people import text_of
from tests.testlib.desk import SUPPORT, Desk

pytestmark = [pytest.mark.slow]
_ARMOUR = "-----BEGIN PGP MESSAGE-----\n\nhQEMA0000000000000AQf/abc\n=abcd\n-----END PGP MESSAGE-----"


async def test_two_agents_answer_one_customer_and_the_second_chooses(desk: Desk) -> None:
    await desk.clara.write(SUPPORT, "Printer stops", "It prints two pages.")
    annas, bens = await desk.anna.receive("[Acme #1]"), await desk.ben.receive("[Acme #1]")
    await desk.anna.reply(annas, "Please install driver 4.2.")
    await desk.clara.receive("driver 4.2")
    await desk.ben.reply(bens, "Please switch it off and on.")
    held = await desk.ben.receive("NOT SENT", "Please install driver 4.2.")
    await desk.quiet()
    assert not [mail for mail in desk.clara.inbox() if "off and on" in text_of(mail)]
    await desk.ben.press(held, "Send as it stands")
    await desk.clara.receive("off and on")


async def test_a_colleague_is_asked_in_a_note_and_answers_in_one(desk: Desk) -> None:
    await desk.clara.write(SUPPORT, "Printer stops", "It prints two pages.")
    news = await desk.anna.receive("[Acme #1]")
    await desk.anna.reply(news, "#note @ben\nIs it the driver?")
    await desk.ben.reply(await desk.ben.receive("Is it the driver?"), "Yes, build 4.1 is our fault.")
    await desk.anna.receive("our fault")
    await desk.quiet()
    assert len(desk.clara.inbox()) == 1  # the acknowledgement


async def test_a_canned_answer_is_shown_first_and_goes_out_when_it_is_asked_for(desk: Desk) -> None:
    await desk.clara.write(SUPPORT, "Password", "I forgot mine.")
    news = await desk.anna.receive("[Acme #1]")
    await desk.anna.reply(news, "#tpl reset-password?")
    await desk.anna.receive("Forgotten your password?", "Clara Jones")
    await desk.quiet()
    assert len(desk.clara.inbox()) == 1
    await desk.anna.reply(news, "#tpl reset-password")
    assert "Forgotten your password?" in text_of(await desk.clara.receive("set a new password yourself"))


async def test_encrypted_mail_is_told_and_passed_on_and_an_agent_s_is_held(desk: Desk) -> None:
    await desk.clara.write(SUPPORT, "Printer stops", _ARMOUR)
    news = await desk.anna.receive("[Acme #1]", "encrypted")
    await desk.clara.receive("[Acme #1]")
    await desk.anna.reply(news, _ARMOUR, quote=False)
    await desk.anna.receive("NOT SENT", "encrypted")
    await desk.quiet()
    assert len(desk.clara.inbox()) == 1
