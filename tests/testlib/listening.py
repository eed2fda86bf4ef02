"""The end of a server that lives in the test's own event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

_TURNS = 5  # of the event loop, from a connection taken from the kernel to the task that talks over it


async def close(server: asyncio.Server) -> None:
    """Listen no more, and let the connections taken in the last moment begin.

    Cancelled before its first step, what makes a talk of a connection would never close it.
    """
    server.close()
    for _ in range(_TURNS):
        await asyncio.sleep(0)


async def end(server: asyncio.Server, talks: Collection[asyncio.Task[None]]) -> None:
    """Listen no more, and end every talk."""
    await close(server)
    ending = tuple(talks)
    for talk in ending:
        talk.cancel()
    await asyncio.gather(*ending, return_exceptions=True)
    await server.wait_closed()
