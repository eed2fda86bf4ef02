"""Mails handled one by one on an idle desk, and the letters they cause read from the outbox: no server, no network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from mailproc.app import App
from mailproc.clock import ManualClock
from mailproc.demo.people import words_of
from mailproc.demo.servers import Delivered
from mailproc.store import inbound, outbox
from mailproc.store.outbox import OutboxState
from tests.testlib.desk import PEOPLE, SUPPORT
from tests.testlib.idle_desk import InThisProcess, idle_desk
from tests.testlib.store import spooled

OURS = "mx.acme.example"
PROVEN = {"Authentication-Results": f"{OURS}; dmarc=pass header.from=acme.example"}
STRICT: dict[str, object] = {"trust": "authenticated", "trusted_authserv_ids": [OURS]}


@dataclass
class Hand:
    """A desk worked by hand."""

    app: App
    clock: ManualClock
    arrived: int = 0
    _read: set[int] = field(default_factory=set)

    async def arrives(self, content: bytes, *, oversize: bool = False) -> int:
        """A mail is spooled and handled; its number."""
        self.arrived += 1
        await spooled(content, first_uid=self.arrived, at=self.clock.now(), oversize=oversize)
        await self.app._handler.work_off()
        return self.arrived

    async def write(
        self, name: str, text: str, to: str = SUPPORT, subject: str = "Printer stops", *, cc: str = "",
        fields: dict[str, str] | None = None, attachments: tuple[tuple[str, bytes], ...] = (), page: str = "",
    ) -> int:  # fmt: skip
        """One of the people writes; `page`: the same as HTML."""
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"] = f"{PEOPLE[name][0]} <{PEOPLE[name][1]}>"
        mail["To"], mail["Subject"] = to, subject
        if cc:
            mail["Cc"] = cc
        mail["Date"] = format_datetime(self.clock.now())
        mail["Message-ID"] = f"<{self.arrived + 1}@{PEOPLE[name][1].rpartition('@')[2]}>"
        mail.set_content(text)
        if page:
            mail.add_alternative(page, subtype="html")
        for filename, content in attachments:
            mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=filename)
        above = "".join(f"{key}: {value}\r\n" for key, value in (fields or {}).items())  # as servers add them
        return await self.arrives(above.encode() + mail.as_bytes())

    async def reply(
        self, name: str, letter: Delivered, text: str, fields: dict[str, str] | None = None,
        attachments: tuple[tuple[str, bytes], ...] = (), page: str = "",
    ) -> int:  # fmt: skip
        """An answer to a letter, without a quote."""
        identity = letter.header("Message-ID")
        threading = {"In-Reply-To": identity, "References": f"{letter.header('References')} {identity}".strip()}
        return await self.write(
            name, text, letter.header("Reply-To"), f"Re: {letter.header('Subject')}", fields={**threading, **(fields or {})},
            attachments=attachments, page=page,
        )  # fmt: skip

    async def letters(self, name: str = "", kind: str = "") -> list[Delivered]:
        """What the outbox holds for someone, oldest first."""
        rows = [row for row in reversed(await outbox.listing(limit=10_000)) if row.state is not OutboxState.CANCELLED]
        found = []
        for row in rows:
            if (not name or row.recipient == PEOPLE[name][1]) and (not kind or row.letter == kind):
                content = await outbox.content(row.id)
                assert content is not None
                found.append(Delivered(row.created_at, row.sender, row.recipient, content))
        return found

    async def last(self, name: str, kind: str) -> Delivered:
        """The newest letter of a kind to someone."""
        return (await self.letters(name, kind))[-1]

    async def reason(self, number: int) -> str:
        """Why a mail was handled as it was."""
        found = await inbound.get(number)
        assert found is not None
        assert found[0].state == "done", found[0].reason
        return found[0].reason


@asynccontextmanager
async def by_hand(folder: Path, pool: type = InThisProcess, **sections: dict[str, object]) -> AsyncIterator[Hand]:
    async with idle_desk(folder, "", pool, **sections) as (app, clock):
        yield Hand(app, clock)


def read(mail: Delivered) -> EmailMessage:
    """A letter of ours, as a mail program takes it apart."""
    return message_from_bytes(mail.content, _class=EmailMessage, policy=policy.SMTP)


def decoded(mail: Delivered) -> str:
    """Everything in a mail, each part decoded: header, texts, names and bytes of attachments."""
    tree = read(mail)
    parts = [part.get_payload(decode=True) for part in tree.walk() if not part.is_multipart()]
    names = [f"{name}: {value}" for part in tree.walk() for name, value in part.items()]
    return "\n".join(
        [words_of(mail), *names, *(part.decode("utf-8", "replace") for part in parts if isinstance(part, bytes))]
    )
