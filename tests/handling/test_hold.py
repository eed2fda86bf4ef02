"""An agent's letters wait a while in the outbox before they leave."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from mailproc.store import outbox
from tests.testlib.by_hand import by_hand


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("Install driver 4.2.", {"answer"}),
        ("#resolve\nInstall driver 4.2.", {"resolution"}),
        ("#wait vendor", {"status"}),
        ("#close", {"closure", "survey"}),
    ],
)
async def test_what_an_agent_causes_to_leave_waits_for_the_hold(tmp_path: Path, text: str, letters: set[str]) -> None:
    async with by_hand(tmp_path, safety={"hold": "5m"}) as hand:
        await hand.write("clara", "It prints two pages.")
        await hand.reply("anna", await hand.last("anna", "notification"), text)
        now = hand.clock.now()
        waiting = {row.letter for row in await outbox.listing() if row.next_attempt_at == now + timedelta(minutes=5)}
        at_once = {row.letter for row in await outbox.listing() if row.next_attempt_at == now}
        assert waiting == letters
        assert at_once == {"acknowledgement", "notification", "receipt"}
        assert {mail.letter for mail in await outbox.claim("support", 20, now, now)} <= at_once
        assert not await outbox.claim("support", 20, now, now)  # what is held is none of the sender's business


async def test_a_note_reaches_colleagues_at_once(tmp_path: Path) -> None:
    async with by_hand(tmp_path, safety={"hold": "5m"}) as hand:
        await hand.write("clara", "It prints two pages.")
        await hand.reply("anna", await hand.last("anna", "notification"), "#note\nWho knows this printer?")
        assert all(row.next_attempt_at == hand.clock.now() for row in await outbox.listing())
