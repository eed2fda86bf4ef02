"""A side conversation on real servers: asked, answered, asked again, shared."""

from __future__ import annotations

import pytest

from mailproc.core.lifecycle import Status
from mailproc.demo.people import text_of
from tests.e2e.test_life import opened, status
from tests.testlib.desk import PEOPLE, Desk

pytestmark = pytest.mark.slow


async def test_a_vendor_is_asked_and_the_customer_gets_what_the_agent_passes_on(desk: Desk) -> None:
    news = await opened(desk)
    await desk.anna.reply(news, f"#ask {PEOPLE['victor'][1]}\nDoes driver 4.2 print both sides?")
    await desk.clara.receive("someone outside")
    question = await desk.victor.receive("driver 4.2")
    assert await status() is Status.WAITING_FOR_THIRD_PARTY
    await desk.victor.reply(question, "Which build do you have?")
    back = await desk.anna.receive("Which build do you have?")
    await desk.anna.reply(back, "Build 77.")  # a plain reply
    again = await desk.victor.receive("Build 77.")
    await desk.victor.reply(again, "Then it prints both sides.")
    answer = await desk.anna.receive("Then it prints both sides.")
    await desk.quiet()
    assert await status() is Status.IN_PROGRESS
    await desk.anna.press(answer, "Pass on to the customer")
    shared = await desk.clara.receive("Then it prints both sides.")
    assert "Build 77" not in text_of(shared)
    await desk.clara.reply(shared, "Fine, it does.")
    await desk.anna.receive("CUSTOMER WROTE", "Fine, it does.")
    await desk.quiet()
    assert len(desk.victor.inbox()) == 2
    assert not [mail for mail in desk.clara.inbox() if "77" in text_of(mail) or "vendor.example" in str(mail.content)]
