"""An SMTP server that takes mail for reserved domains only, remembers it, and fails as it is told to.

Runs on the test's own event loop. What a test wants of it beyond taking mail is scripted per verb, in the manner of
Postfix's smtp-sink.
"""

from __future__ import annotations

import asyncio
import functools
import ssl
import warnings
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from types import TracebackType
from typing import Any, AnyStr, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.testlib import listening

RESERVED = (".test", ".example", ".invalid", ".localhost", "example.org", "example.com", "example.net")  # RFC 2606


class Fault(Enum):
    """What a server may do instead of answering."""

    DROP = auto()  # the connection is cut, the mail is not taken
    SILENCE = auto()  # no answer, the mail is not taken
    DROP_AFTER_TAKING = auto()  # the mail is taken, the answer never leaves: only for DOT
    SILENCE_AFTER_TAKING = auto()  # ditto, and the connection stays


class Tls(Enum):
    """How the sink speaks TLS."""

    NONE = auto()
    STARTTLS = auto()  # offered, and demanded before MAIL
    IMPLICIT = auto()  # from the first byte


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail the server has answered for, once for each recipient."""

    sender: str  # MAIL FROM; empty for the null path
    recipient: str  # RCPT TO
    content: bytes = field(repr=False)  # dots unstuffed, lines end in CRLF


Step = str | Fault
Forward = Callable[[str, bytes, str], Awaitable[None]]


def is_reserved(address: str) -> bool:
    """Whether an address can belong to nobody in the world (RFC 2606, RFC 6761)."""
    domain = "." + address.rpartition("@")[2].casefold().rstrip(".")
    return domain.endswith(tuple(name if name.startswith(".") else "." + name for name in RESERVED))


class Sink:
    """`async with Sink() as sink:` listens on a free port of 127.0.0.1.

    `forward(recipient, content, sender)` is awaited before the final answer, so that a mail lands in an inbox.
    With `users` (name to password) a client must log in first.
    """

    host = "127.0.0.1"

    def __init__(
        self,
        *,
        tls: Tls = Tls.NONE,
        context: ssl.SSLContext | None = None,
        users: Mapping[str, str] | None = None,
        forward: Forward | None = None,
        size_limit: int = 50_000_000,
        smtputf8: bool = True,
    ) -> None:
        assert (tls is Tls.NONE) == (context is None), "TLS needs a server context, and only TLS does"
        self.port = 0  # chosen at the first start, then kept
        self.taken: list[Taken] = []
        self.refused: list[str] = []  # recipients outside the reserved domains
        self.seen: list[str] = []  # every command, verb first, in order
        self.connections = 0  # since the beginning
        self._tls, self._context, self._users, self._forward = tls, context, users, forward
        self._size_limit, self._smtputf8 = size_limit, smtputf8
        self._script: defaultdict[str, deque[Step]] = defaultdict(deque)
        self._recipient_replies: dict[str, str] = {}
        self._news = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._open: set[_Conversation] = set()

    # --- what a test says ---

    def script(self, verb: str, *steps: Step) -> None:
        """Answer the next uses of `verb` with `steps`, one each, then go on as usual.

        Verbs are those of SMTP, and CONNECT (the greeting) and DOT (the answer to a mail's last line).
        """
        self._script[verb.upper()].extend(steps)

    def answer_recipient(self, address: str, reply: str) -> None:
        """Answer every RCPT for `address` with `reply`, as `550 5.1.1 no such user`."""
        self._recipient_replies[address.casefold()] = reply

    async def wait_for(self, count: int, limit: float = 10.0) -> list[Taken]:
        """All mails taken so far, once there are at least `count`. Raises TimeoutError after `limit` seconds."""
        return await self.wait_until(lambda taken: len(taken) >= count, limit)

    async def wait_until(self, holds: Callable[[list[Taken]], bool], limit: float = 10.0) -> list[Taken]:
        """All mails taken so far, once `holds` is true of them. Raises TimeoutError after `limit` seconds."""
        async with self._news:
            try:
                await asyncio.wait_for(self._news.wait_for(lambda: holds(self.taken)), limit)
            except TimeoutError:
                got = [(mail.sender, mail.recipient) for mail in self.taken]
                raise TimeoutError(f"not within {limit} s; taken: {got}") from None
        return list(self.taken)

    def to(self, recipient: str) -> list[Taken]:
        """The mails taken for one recipient, oldest first."""
        return [mail for mail in self.taken if mail.recipient.casefold() == recipient.casefold()]

    # --- life ---

    async def start(self) -> None:
        """Listen; after `stop` again on the same port."""
        implicit = self._context if self._tls is Tls.IMPLICIT else None
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            functools.partial(self._conversation, loop), self.host, self.port, ssl=implicit
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is None:
            return
        await listening.close(self._server)
        tasks = [task for each in self._open for task in each.cut()]
        for task in tasks:  # aiosmtpd does not hear that a handshake has failed, and would wait for ever
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    # --- what a conversation asks ---

    def next_step(self, verb: str) -> Step | None:
        steps = self._script[verb]
        return steps.popleft() if steps else None

    def recipient_reply(self, address: str) -> str | None:
        if not is_reserved(address):
            self.refused.append(address)
            return "550 5.7.1 This server takes mail for reserved domains only"
        return self._recipient_replies.get(address.casefold())

    async def take(self, envelope: Envelope) -> None:
        content = envelope.original_content or b""
        sender = "" if envelope.mail_from == "<>" else envelope.mail_from or ""
        recipients = [recipient for recipient in envelope.rcpt_tos if recipient]
        if self._forward is not None:
            for recipient in recipients:
                await self._forward(recipient, content, sender)
        async with self._news:
            self.taken.extend(Taken(sender, recipient, content) for recipient in recipients)
            self._news.notify_all()

    def opened(self, conversation: _Conversation) -> None:
        self.connections += 1
        self._open.add(conversation)

    def closed(self, conversation: _Conversation) -> None:
        self._open.discard(conversation)

    def knows(self, name: str, password: str) -> bool:
        return self._users is not None and self._users.get(name) == password

    def _conversation(self, loop: asyncio.AbstractEventLoop) -> _Conversation:
        with warnings.catch_warnings():
            # Passwords in clear are refused by real servers; here a test may want to see that none is sent.
            warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")
            return _Conversation(
                self,
                loop=loop,
                hostname="sink.test",
                ident="ESMTP",
                data_size_limit=self._size_limit,
                enable_SMTPUTF8=self._smtputf8,
                tls_context=self._context if self._tls is Tls.STARTTLS else None,
                require_starttls=self._tls is Tls.STARTTLS,
                auth_required=self._users is not None,
                auth_require_tls=False,
                authenticator=self._authenticate,
            )

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: Any
    ) -> AuthResult:
        known = isinstance(login, LoginPassword) and self.knows(login.login.decode(), login.password.decode())
        return AuthResult(success=known, handled=False)


class _Handler:
    """aiosmtpd's hooks: who may be written to, and what becomes of a mail."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks hooks up by the verb's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = self._sink.recipient_reply(address)
        if reply is not None and not reply.startswith("2"):
            return reply
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return reply or "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks hooks up by the verb's name
        self, server: _Conversation, _session: Session, envelope: Envelope
    ) -> str:
        step = self._sink.next_step("DOT")
        refused = isinstance(step, str) and not step.startswith("2")
        if not refused and step not in {Fault.DROP, Fault.SILENCE}:
            await self._sink.take(envelope)
        if isinstance(step, Fault):
            await server.fail(step)
        return step if isinstance(step, str) else "250 2.0.0 OK: taken"


class _Conversation(SMTP):
    """One connection, every verb of which asks the script first."""

    def __init__(self, sink: Sink, **settings: Any) -> None:
        super().__init__(_Handler(sink), **settings)
        self._sink = sink
        self._smtp_methods = {
            verb: functools.partial(self._ask_script, verb, method) for verb, method in self._smtp_methods.items()
        }

    async def _ask_script(
        self, verb: str, method: Callable[[str | None], Awaitable[None]], argument: str | None
    ) -> None:
        self._sink.seen.append(f"{verb} {argument or ''}".rstrip())
        match self._sink.next_step(verb):
            case None:
                await method(argument)
            case str(reply):
                await self.push(reply)
            case fault:
                await self.fail(fault)

    async def _handle_client(self) -> None:
        match self._sink.next_step("CONNECT"):
            case None:
                await super()._handle_client()
            case str(reply):
                await self.push(reply)
                self._writer.close()
            case fault:
                await self.fail(fault)

    async def push(self, status: AnyStr) -> None:
        await super().push(status)
        if status[:3] in {"421", b"421"}:  # RFC 5321, 3.8: the server closes after it
            self._writer.close()

    async def fail(self, fault: Fault) -> None:
        """Cut the connection or say nothing until the other side ends it; does not return."""
        if fault in {Fault.DROP, Fault.DROP_AFTER_TAKING}:
            self._writer.transport.abort()
        await asyncio.get_running_loop().create_future()  # ends by cancellation when the connection is lost

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._sink.opened(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._sink.closed(self)
        super().connection_lost(error)

    def cut(self) -> list[asyncio.Task[None]]:
        """Abort the connection; the tasks that then end."""
        self._writer.transport.abort()
        return [self._handler_coroutine] if self._handler_coroutine is not None else []
