"""A mail too large to fetch, on a real server: a ticket without its body, and never asked for again."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailproc.demo.people import text_of
from mailproc.store import inbound
from tests.testlib.desk import SUPPORT, MailWorld, configuration, running

pytestmark = [pytest.mark.slow, pytest.mark.row("I11")]


async def test_of_a_mail_too_large_a_ticket_is_made_its_sender_told_and_the_whole_mail_filed(
    world: MailWorld, tmp_path: Path
) -> None:
    settings = configuration(world.dovecot, world.smtp_port, tmp_path, limits={"message_bytes": 20_000})
    async with running(settings, world) as desk:
        await desk.clara.write(SUPPORT, "Film", f"{'x' * 70}\n" * 500)
        told = await desk.clara.receive("[Acme #1]")
        assert "larger than 20.0 kB, so nobody has read what it says" in " ".join(text_of(told).split())
        assert "too large to fetch" in text_of(await desk.anna.receive("[Acme #1]"))
        await desk.quiet()
        [line] = await inbound.listing("", 10)
        assert (line.state, line.ticket_id) == ("done", 1)
    async with running(settings, world) as desk:  # started anew: nothing is fetched or told once more
        await desk.quiet()
        assert len(await inbound.listing("", 10)) == 1
        assert len([mail for mail in world.delivered if mail.recipient == "clara@customer.example"]) == 1
    with world.dovecot.imap(SUPPORT) as imap:
        assert imap.select("Processed", readonly=True)[1] == [b"1"]
        assert imap.select("INBOX", readonly=True)[1] == [b"0"]
