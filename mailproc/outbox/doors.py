"""The last thing written before a mail goes out: that it does.

Whoever dies earlier has not sent it; whoever dies later may have (RFC 1047).
"""

from __future__ import annotations

import asyncio

from mailproc.outbox.transport import NotOursError
from mailproc.store import outbox
from mailproc.store.outbox import QueuedMail


class Doors:
    """Writes down which mails go out now: of those that come while one commit is under way, all with the next."""

    def __init__(self) -> None:
        self._waiting: dict[int, int] = {}  # attempts, by mail
        self._ours: set[int] = set()  # written, and not yet told to who waits
        self._writing = asyncio.Lock()

    async def passed(self, mail: QueuedMail) -> None:
        """Once it is committed that this mail may have arrived from now on. Raises NotOursError."""
        self._waiting[mail.id] = mail.attempts
        self._ours.discard(mail.id)  # an earlier attempt may have been cancelled before it heard
        try:
            async with self._writing:
                if mail.id in self._waiting:
                    await self._write()
            if mail.id not in self._ours:
                raise NotOursError("another has it in hand, or it was settled meanwhile")
        finally:
            self._waiting.pop(mail.id, None)
            self._ours.discard(mail.id)

    async def _write(self) -> None:
        asked = dict(self._waiting)
        try:
            self._ours |= await outbox.handing_over(asked)
        except Exception as failure:
            raise NotOursError(f"it could not be written down: {failure!r}") from failure
        for id_ in asked:
            self._waiting.pop(id_, None)
