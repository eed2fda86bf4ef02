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

_Attempt = tuple[int, int]  # a mail, and which attempt it is


class Doors:
    """Writes down which mails go out now, in one commit those that come together.

    Of those that are on their way one waits a moment for the others, and of those that come while a commit is under
    way, all go with the next.
    """

    def __init__(self) -> None:
        # Attempts, not mails: one that came too late may still be here when the same mail's next one comes.
        self._coming: set[_Attempt] = set()  # begun, and not here yet
        self._all_here = asyncio.Event()
        self._waiting: set[_Attempt] = set()
        self._ours: set[_Attempt] = set()  # written, and not yet told to who waits
        self._writing = asyncio.Lock()

    def expect(self, mail: QueuedMail) -> None:
        """Its attempt begins: it will come here, or end before."""
        self._coming.add(_attempt(mail))
        self._all_here.clear()

    def forget(self, mail: QueuedMail) -> None:
        """Nobody waits for it any more."""
        self._coming.discard(_attempt(mail))
        if not self._coming:
            self._all_here.set()

    async def passed(self, mail: QueuedMail) -> None:
        """Once it is committed that this mail may have arrived from now on. Raises NotOursError."""
        attempt = _attempt(mail)
        self._waiting.add(attempt)
        self._ours.discard(attempt)  # one with the same number may have been cancelled before it heard
        self.forget(mail)
        try:
            async with self._writing:
                if attempt in self._waiting:
                    await self._others()
                    await self._write()
            if attempt not in self._ours:
                raise NotOursError("another has it in hand, or it was settled meanwhile")
        finally:
            self._waiting.discard(attempt)
            self._ours.discard(attempt)

    async def _others(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_MOMENT):
                await self._all_here.wait()

    async def _write(self) -> None:
        asked = dict(sorted(self._waiting))  # of two attempts at one mail the later: the earlier asks for itself
        try:
            written = await outbox.handing_over(asked)
        except Exception as failure:
            raise NotOursError(f"it could not be written down: {failure!r}") from failure
        self._ours |= {(id_, asked[id_]) for id_ in written}
        self._waiting -= asked.items()


def _attempt(mail: QueuedMail) -> _Attempt:
    return mail.id, mail.attempts
