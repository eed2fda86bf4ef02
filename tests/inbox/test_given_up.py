"""A mail the server will not give: others go on, and the operator sees that there is one."""

from __future__ import annotations

import pytest

from mailproc.store import health, inbound
from tests.inbox.reading import account, look, reading
from tests.testlib.imap_script import ONE_MAIL, ScriptedImap
from tests.testlib.store import NOW


@pytest.mark.row("N8")
async def test_a_mail_refused_three_times_is_in_quarantine_where_status_and_the_alert_find_it() -> None:
    async with (
        ScriptedImap({**ONE_MAIL, "BODY": b"{tag} NO it is damaged\r\n"}) as refusing,
        reading(account(refusing.port)) as poller,
    ):
        await look(poller)
        [line] = await inbound.listing("quarantined", 10)
        assert (line.mailbox, line.uid) == ("support", 1)
        assert "the server would not give it, asked 3 times" in line.reason
        assert "it is damaged" in line.reason
        assert (await health.backlog(["support"], NOW)).quarantined == 1
        assert not await inbound.replay(line.id, NOW), "there is nothing of it to be handled"
        assert refusing.count("BODY") == 3
