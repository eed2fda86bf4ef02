"""The Sent folder of one mailbox: answers lie there as if a person had written them in a mail client.

It also knows more than we do: a provider that keeps a copy of what it takes has one of the mail whose connection broke
after the final dot. So such a mail is looked for there before it is sent again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta

from mailproc import eventlog
from mailproc.clock import Clock
from mailproc.core.backoff import copy_pause
from mailproc.crashpoints import reached
from mailproc.inbox.source import Refused, Source
from mailproc.store import outbox, sent
from mailproc.store.sent import Copy

_AT_ONCE = 10  # mails; then new mail is looked for first
_SLACK = timedelta(days=2)  # between our clock and zone and those of the server, which finds mails by their day
_GIVE_UP_AFTER = timedelta(days=5)


class SentFolder:
    """Keeps it. Trouble with it costs copies, and holds up neither what comes in nor what goes out."""

    def __init__(
        self, mailbox: str, name: str, clock: Clock, on_repeat: Callable[[], None], jitter: Callable[[], float]
    ) -> None:
        """`name`: where the server tells no folder for sent mail; empty: there is none, and nothing to do.

        `on_repeat` is called when a mail in doubt was not found, and is sent again.
        """
        self._mailbox, self._name, self._clock = mailbox, name, clock
        self._on_repeat, self._jitter = on_repeat, jitter

    async def tend(self, source: Source) -> float:
        """Do what is due; the seconds until more is. Raises Unreachable."""
        if not self._name:
            return math.inf
        now = self._clock.now()
        due = await sent.due(self._mailbox, now, _AT_ONCE)
        if due:
            await sent.begun({copy.id: now + copy_pause(copy.attempts + 1, self._jitter()) for copy in due})
            await self._settle(source, due)
            if len(due) == _AT_ONCE:
                return 0.0
        at = await sent.next_due(self._mailbox, now)
        return math.inf if at is None else max(0.0, (at - now).total_seconds())

    async def _settle(self, source: Source, due: list[Copy]) -> None:
        since = (min(copy.created_at for copy in due) - _SLACK).date()
        try:
            there = await source.in_sent(self._name, [copy.message_id for copy in due], since)
        except Refused as error:
            for copy in due:
                await self._failed(copy, error)
            return
        done = [copy.id for copy in due if copy.taken and copy.message_id in there]
        for copy in due:
            if not copy.taken:
                await self._doubted(copy, found=copy.message_id in there)
            elif copy.message_id not in there and await self._copied(source, copy, copy.sent_at or self._clock.now()):
                done.append(copy.id)
        if done:
            await sent.copied(done)
            eventlog.event("inbox.copied", mailbox=self._mailbox, count=len(done))

    async def _copied(self, source: Source, copy: Copy, at: datetime) -> bool:
        content = await outbox.content(copy.id)
        try:
            if content is not None:
                await source.put_in_sent(self._name, content, at)
                reached("appended")
        except Refused as error:
            await self._failed(copy, error)
            return False
        return True

    async def _doubted(self, copy: Copy, *, found: bool) -> None:
        now = self._clock.now()
        if found:
            if await sent.found(copy, self._name, now):
                eventlog.event("inbox.found_in_sent", mailbox=self._mailbox, mail=copy.id, ticket=copy.ticket_id or "")
        elif await sent.not_found(copy, now):
            self._on_repeat()

    async def _failed(self, copy: Copy, error: Refused) -> None:
        given_up = copy.sent_at is not None and self._clock.now() - copy.sent_at > _GIVE_UP_AFTER
        if given_up:
            await sent.copied([copy.id])
        tell = eventlog.error if given_up else eventlog.warning
        tell(
            "inbox.not_copied",
            mailbox=self._mailbox, mail=copy.id, ticket=copy.ticket_id or "", attempt=copy.attempts + 1,
            given_up=given_up, error=str(error),
        )  # fmt: skip
