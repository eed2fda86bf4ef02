"""The last thing written before a mail goes out: that it does.

Whoever dies earlier has not sent it; whoever dies later may have (RFC 1047).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from mailproc.outbox.transport import NotOursError
from mailproc.store import outbox
from mailproc.store.outbox import QueuedMail

_MOMENT = 0.02  # seconds that one waits for others: less than a distant server takes for an answer


class Doors:
    """Writes down which mails go out now, in one commit those that come together.

    Of those that are on their way one waits a moment for the others, and of those that come while a commit is under
    way, all go with the next.
    """

    def __init__(self) -> None:
        self._coming: set[int] = set()  # mails whose attempt has begun and that are not here yet
        self._all_here = asyncio.Event()
        self._waiting: dict[int, int] = {}  # attempts, by mail
        self._ours: set[int] = set()  # written, and not yet told to who waits
        self._writing = asyncio.Lock()

    def expect(self, mail: QueuedMail) -> None:
        """Its attempt begins: it will come here, or end before."""
        self._coming.add(mail.id)
        self._all_here.clear()

    def forget(self, mail: QueuedMail) -> None:
        """Nobody waits for it any more."""
        self._coming.discard(mail.id)
        if not self._coming:
            self._all_here.set()

    async def passed(self, mail: QueuedMail) -> None:
        """Once it is committed that this mail may have arrived from now on. Raises NotOursError."""
        self._waiting[mail.id] = mail.attempts
        self._ours.discard(mail.id)  # an earlier attempt may have been cancelled before it heard
        self.forget(mail)
        try:
            async with self._writing:
                if mail.id in self._waiting:
                    await self._others()
                    await self._write()
            if mail.id not in self._ours:
                raise NotOursError("another has it in hand, or it was settled meanwhile")
        finally:
            self._waiting.pop(mail.id, None)
            self._ours.discard(mail.id)

    async def _others(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_MOMENT):
                await self._all_here.wait()

    async def _write(self) -> None:
        asked = dict(self._waiting)
        try:
            self._ours |= await outbox.handing_over(asked)
        except Exception as failure:
            raise NotOursError(f"it could not be written down: {failure!r}") from failure
        for id_ in asked:
            self._waiting.pop(id_, None)
