"""An IMAP and an SMTP server in this process, on loopback: enough of the world for a help desk to live in."""

from __future__ import annotations

import asyncio
import functools
import warnings
from argparse import Namespace
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from email.parser import BytesHeaderParser
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import DictBackend, Identity
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials.flag import Flag
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

from mailproc.clock import Clock

HOST = "127.0.0.1"
_ADMIN = frozenset({"admin"})
PASSWORD = "demo"


@dataclass(frozen=True, slots=True)
class Delivered:
    """A mail that reached a mailbox."""

    at: datetime
    sender: str
    recipient: str
    content: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """A field's value, unfolded."""
        value = BytesHeaderParser().parsebytes(self.content)[name]
        return " ".join(str(value).split()) if value is not None else ""


class World:
    """Mailboxes by address, read by IMAP, written to by SMTP. An unknown address is refused with 550."""

    def __init__(self, addresses: tuple[str, ...], clock: Clock, smtp_port: int = 0, imap_port: int = 0) -> None:
        self._addresses = {address.casefold() for address in addresses}
        self._clock = clock
        self.delivered: list[Delivered] = []
        self.refused: list[str] = []
        self.news = asyncio.Condition()
        self.smtp_port, self.imap_port = smtp_port, imap_port
        self._stack = AsyncExitStack()
        self._backend: DictBackend | None = None

    async def __aenter__(self) -> Self:
        await self._start_imap()
        loop = asyncio.get_running_loop()
        server = await loop.create_server(functools.partial(self._smtp, loop), HOST, self.smtp_port)
        self.smtp_port = server.sockets[0].getsockname()[1]
        self._stack.callback(server.close)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    def now(self) -> datetime:
        """What this world's clocks show."""
        return self._clock.now()

    async def _start_imap(self) -> None:
        options = Namespace(
            debug=False, host=HOST, port=0, tls=False, cert=None, key=None, passlib_cfg=None, proxy_protocol=None,
            inherited_sockets=None, demo_data=False, demo_user="nobody", demo_password=PASSWORD, no_bcrypt=True,
            disable_idle=False,
        )  # fmt: skip
        self._backend, config = await DictBackend.init(
            options, secure_auth=False, hash_context=Cleartext(), reject_dnsbl=False
        )
        config.apply_context()
        for address in sorted(self._addresses):
            identity = Identity(address, self._backend.login, None, _ADMIN)
            await identity.set(UserMetadata(config, address, password=PASSWORD))
        callback = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(self._backend.login, config))
        server = await asyncio.start_server(callback, HOST, self.imap_port)
        self.imap_port = server.sockets[0].getsockname()[1]
        self._stack.callback(server.close)

    def _smtp(self, loop: asyncio.AbstractEventLoop) -> SMTP:
        with warnings.catch_warnings():  # clear text on loopback is what a demo is
            warnings.simplefilter("ignore")
            return SMTP(self, loop=loop, hostname="demo.example", authenticator=_login, auth_require_tls=False)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if bare(address) not in self._addresses:
            self.refused.append(address)
            return f"550 5.1.1 <{address}>: there is no such person here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.original_content or b""
        for recipient in envelope.rcpt_tos:
            sender = "" if envelope.mail_from == "<>" else envelope.mail_from or ""
            await self.deliver(sender, recipient, content)
        return f"250 2.0.0 taken as {len(self.delivered)}"

    async def deliver(self, sender: str, recipient: str, content: bytes) -> None:
        """Lay a mail into a mailbox, with the fields a border server writes."""
        assert self._backend is not None
        mailbox = bare(recipient)
        trace = f"Return-Path: <{sender}>\r\nDelivered-To: {recipient}\r\n".encode()
        identity = Identity(mailbox, self._backend.login, None, _ADMIN)
        async with identity.new_session() as session:
            message = AppendMessage(trace + content, self._clock.now(), frozenset[Flag]())
            await session.append_messages("INBOX", [message])
        async with self.news:
            self.delivered.append(Delivered(self._clock.now(), sender, recipient, trace + content))
            self.news.notify_all()


def bare(address: str) -> str:
    """The mailbox an address belongs to: without subaddress and case."""
    local, _, domain = address.casefold().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _login(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=isinstance(data, LoginPassword) and data.password == PASSWORD.encode())
