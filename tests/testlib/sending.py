"""A sender at work, with a transport that answers as told and a clock that stands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from mailproc.clock import ManualClock
from mailproc.outbox.sender import Sender
from mailproc.outbox.smtp import SmtpTransport
from mailproc.outbox.transport import (
    Deferred,
    HandingOver,
    Outcome,
    Reason,
    Security,
    Sent,
    SmtpAccount,
    Transport,
    untold,
)
from mailproc.store import db, outbox
from mailproc.store.outbox import MailClass, NewMail, OutboxRow, OutboxState, Settled
from tests.testlib.smtp import Sink
from tests.testlib.smtp_script import Reaction, ScriptedServer

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MAIL = b"Subject: Hello\r\nMessage-ID: <1@acme.example>\r\n\r\n.a dot\r\n..two\r\nend\r\n"
LARGE = MAIL + (b"x" * 70 + b"\r\n") * 120_000  # 8.6 MB: more than both sockets' buffers take
FROM, TO = "support@acme.example", "anna@example.org"
OK = Sent(250, "2.0.0 queued as 4F1")


@dataclass
class Scripted:
    """A transport that answers as told, mail by mail, and then takes everything."""

    outcomes: list[Outcome] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    first: asyncio.Event = field(default_factory=asyncio.Event)  # something was tried
    at_once: int = 0
    most_at_once: int = 0
    hold: asyncio.Event | None = None
    closed: bool = False

    async def send(self, sender: str, recipient: str, content: bytes, handing_over: HandingOver = untold) -> Outcome:
        del sender, content, handing_over
        self.tried.append(recipient)
        self.first.set()
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if self.hold is None:
                await asyncio.sleep(0)
            else:
                await self.hold.wait()
                if self.closed:
                    return Deferred(Reason.STOPPED, reply="we stopped")
        finally:
            self.at_once -= 1
        return self.outcomes.pop(0) if self.outcomes else OK

    async def close(self) -> None:
        self.closed = True
        if self.hold is not None:
            self.hold.set()


@dataclass
class Desk:
    """A running sender and what it did."""

    clock: ManualClock
    sender: Sender
    wake: asyncio.Event
    told: list[Settled]

    async def until(self, holds: Callable[[dict[int, OutboxState]], bool]) -> dict[int, OutboxRow]:
        """The rows, once their states are as wanted."""
        async with asyncio.timeout(10):
            while True:
                rows = {row.id: row for row in await outbox.listing(limit=1000)}
                if holds({id_: row.state for id_, row in rows.items()}):
                    return rows
                await asyncio.sleep(0.005)

    async def settled(self, state: OutboxState = OutboxState.SENT) -> dict[int, OutboxRow]:
        return await self.until(lambda states: set(states.values()) == {state})

    async def failed(self, id_: int, attempts: int) -> None:
        """Wait until this mail was tried so often in vain."""
        async with asyncio.timeout(10):
            while True:
                row = await outbox.get(id_)
                if row is not None and row.state is OutboxState.RETRY and row.attempts == attempts:
                    return
                await asyncio.sleep(0.005)

    async def live_through(self) -> None:
        """Let time pass until everything is sent."""
        async with asyncio.timeout(10):
            while {row.state for row in await outbox.listing(limit=1000)} != {OutboxState.SENT}:
                self.clock.advance(MINUTE)
                await asyncio.sleep(0.005)

    async def queue(self, *mails: NewMail) -> list[int]:
        ids = await queue(*mails)
        self.wake.set()
        return ids


@asynccontextmanager
async def running(transports: Mapping[str, Transport], **changes: Any) -> AsyncIterator[Desk]:
    told: list[Settled] = []

    async def tell(settled: Settled) -> None:
        told.append(settled)

    clock, wake = ManualClock(NOW), asyncio.Event()
    values: dict[str, Any] = {"on_settled": tell, "jitter": lambda: 0.0}
    sender = Sender(transports, clock, wake, **values | changes)
    task = asyncio.create_task(sender.run())
    try:
        yield Desk(clock, sender, wake, told)
    finally:
        await sender.stop(patience=1.0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def mail(key: str, **changes: Any) -> NewMail:
    values: dict[str, Any] = {
        "key": key,
        "ticket_id": 1,
        "mailbox": "support",
        "letter": "answer",
        "mail_class": MailClass.AUTOMATIC,
        "sender": "support@acme.example",
        "recipient": f"{key}@example.org",
        "message_id": f"<{key}@acme.example>",
        "content": f"Subject: {key}\r\n\r\nwords\r\n".encode(),
        "created_at": NOW,
    }
    return NewMail(**values | changes)


async def queue(*mails: NewMail) -> list[int]:
    async with db.transaction():
        ids = await outbox.enqueue(mails)
    return [ids[each.key] for each in mails]


@asynccontextmanager
async def transport(server: Sink | ScriptedServer, **changes: Any) -> AsyncIterator[SmtpTransport]:
    values: dict[str, Any] = {"host": server.host, "port": server.port, "security": Security.CLEAR, "timeout": 5.0}
    made = SmtpTransport(SmtpAccount(**values | changes))
    try:
        yield made
    finally:
        await made.close()


async def send(script: Mapping[str, Reaction], content: bytes = MAIL, **changes: Any) -> Outcome:
    async with ScriptedServer(script) as server, transport(server, **changes) as smtp:
        return await smtp.send(FROM, TO, content)
