"""How a connection ends."""

from __future__ import annotations

import asyncio
from threading import Event

from mailproc.inbox.imap import ImapSource
from tests.inbox.reading import account
from tests.testlib.imap_script import ScriptedImap


async def test_whoever_is_cancelled_while_hanging_up_leaves_no_socket_behind() -> None:
    async with ScriptedImap() as server:
        source = ImapSource(account(server.port))
        await source.open()
        channel, busy = source._on.socket(), Event()
        source._thread.submit(busy.wait)
        closing = asyncio.create_task(source.close())
        await asyncio.sleep(0)
        closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)
        busy.set()
        async with asyncio.timeout(5):
            while channel.fileno() != -1:  # noqa: ASYNC110 - a socket has no event for its end
                await asyncio.sleep(0.01)
