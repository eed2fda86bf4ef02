"""SMTP by aiosmtplib: connections kept for several mails, and every way a hand-over can end told apart, here only.

The library's own `sendmail` hides how far it got, and that decides everything: before the final dot a mail can be
tried again, after it nobody can know. So MAIL, RCPT and DATA are its single commands, and the content is written here.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aiosmtplib
from aiosmtplib import SMTP, SMTPResponseException, SMTPServerDisconnected

from mailproc.certificate import good_until
from mailproc.crashpoints import reached
from mailproc.mime.header_fields import ComposeError, wire_address
from mailproc.no_connection import why
from mailproc.outbox.dialogue import Dialogue
from mailproc.outbox.transport import (
    Deferred,
    HandingOver,
    NotOursError,
    Outcome,
    Phase,
    Reason,
    Refused,
    Security,
    Sent,
    SmtpAccount,
    Unknown,
    untold,
)  # fmt: skip
from mailproc.outbox.wire import commands, needs_utf8, on_the_wire, unfit

_CHUNK = 64 * 1024  # bytes handed to the socket at a time
_MOST_WORDS = 500  # characters of a server's reply that are kept
#: What lets a mail go on: to MAIL, RCPT and DATA.
_WELCOME = (frozenset({250}), frozenset({250, 251}), frozenset({354}))
_LOGIN_WANTED = frozenset({530, 534, 535, 538})  # RFC 4954, 6
_METHOD_UNKNOWN = 504


@dataclass(slots=True)
class _Attempt:
    """One attempt under way: its phase is what remains when it fails."""

    sender: str
    recipient: str
    content: bytes
    handing_over: HandingOver = untold
    phase: Phase = Phase.CONNECT
    limit: asyncio.Timeout | None = None  # ends it at once when we stop
    client: SMTP | None = None


class SmtpTransport:
    """Hands mails to one account's server, over at most `account.connections` connections."""

    def __init__(self, account: SmtpAccount) -> None:
        """Raises OSError or ssl.SSLError when `account.ca_file` can't be read."""
        self._account = account
        self._context: ssl.SSLContext | None = None  # made once: it reads all authorities
        if account.security is not Security.CLEAR:
            self._context = ssl.create_default_context(cafile=account.ca_file or None)
        self._slots = asyncio.Semaphore(account.connections)
        self._idle: list[_Connection] = []
        self._running: list[_Attempt] = []
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False

    async def send(self, sender: str, recipient: str, content: bytes, handing_over: HandingOver = untold) -> Outcome:
        """One mail to one recipient; see `Transport`. Never raises but for cancellation."""
        try:
            attempt = _Attempt(wire_address(sender) if sender else "", wire_address(recipient), content, handing_over)
        except ComposeError as error:
            return Refused(Reason.ADDRESS, reply=str(error))
        self._running.append(attempt)
        try:
            async with asyncio.timeout(0 if self._closed else None) as attempt.limit, self._slots:
                outcome = await self._deliver(attempt)
        except TimeoutError:
            outcome = _interrupted(Reason.STOPPED, attempt.phase, "")
        finally:
            self._running.remove(attempt)
        return _stopped(outcome) if self._closed else outcome

    async def try_login(self) -> Deferred | None:
        """Connect and log in as for a mail: None when that works, else why it doesn't."""
        attempt = _Attempt("", "", b"")
        try:
            connection = await _Connection.open(self._account, self._context, attempt)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            outcome = _outcome(error, attempt.phase)
            return outcome if isinstance(outcome, Deferred) else Deferred(Reason.CONNECT, reply=str(error))
        connection.leave()
        return None

    async def close(self) -> None:
        """End all connections. What is being sent ends at once, with the outcome it has reached."""
        self._closed = True
        self._drop_idle(everything=True)
        for attempt in self._running:
            if attempt.limit is not None and not attempt.limit.expired():
                attempt.limit.reschedule(asyncio.get_running_loop().time())
        # Python 3.11 can lose a cancellation that comes just as a connection is made.
        await asyncio.sleep(0.01)
        for attempt in self._running:
            if attempt.client is not None:
                attempt.client.close()

    async def _deliver(self, attempt: _Attempt) -> Outcome:
        connection = self._kept()
        if connection is not None:
            outcome = await self._over(connection, attempt)
            if attempt.phase is not Phase.MAIL or not _is_gone(outcome):
                return outcome
            attempt.phase = Phase.CONNECT  # the server had ended it meanwhile: it has not seen this mail
        try:
            connection = await _Connection.open(self._account, self._context, attempt)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return _outcome(error, attempt.phase)
        return await self._over(connection, attempt)

    async def _over(self, connection: _Connection, attempt: _Attempt) -> Outcome:
        """Hand over one mail; the connection is kept only if all went well."""
        attempt.phase = Phase.MAIL
        try:
            outcome = await connection.deliver(attempt)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            connection.end(attempt.phase)
            return _outcome(error, attempt.phase)
        except NotOursError as error:
            connection.cut()  # the server waits for the content
            return Deferred(Reason.NOT_OURS, reply=str(error))
        except BaseException:
            connection.cut()  # after a cancel the replies would belong to the wrong commands
            raise
        if isinstance(outcome, Sent) and not self._closed and connection.mails < self._account.mails_per_connection:
            self._keep(connection)
        else:
            connection.leave()
        return outcome

    def _kept(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        return None

    def _keep(self, connection: _Connection) -> None:
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        self._idle.append(connection)
        if self._timer is None:
            self._timer = loop.call_later(self._account.idle, self._drop_idle)

    def _drop_idle(self, *, everything: bool = False) -> None:
        """Leave the connections that have had no work for a while."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        since = loop.time() - self._account.idle
        stale = [each for each in self._idle if everything or each.idle_since <= since]
        self._idle = [each for each in self._idle if each not in stale]
        for connection in stale:
            connection.leave()
        if self._idle:
            self._timer = loop.call_at(self._idle[0].idle_since + self._account.idle, self._drop_idle)


class _Connection:
    """One connection with one owner at a time, logged in and ready for MAIL."""

    def __init__(self, account: SmtpAccount, extensions: Mapping[str, str], transport: asyncio.Transport) -> None:
        self._account, self._extensions = account, extensions
        self._dialogue = Dialogue(transport)
        self._certificate_until = good_until(transport.get_extra_info("ssl_object"))
        self.mails = 0
        self.idle_since = 0.0

    @classmethod
    async def open(cls, account: SmtpAccount, context: ssl.SSLContext | None, attempt: _Attempt) -> _Connection:
        """Connect, protect, log in; the attempt's phase says which of them failed."""
        client = attempt.client = SMTP(
            hostname=account.host,
            port=account.port,
            local_hostname=_a_labels(account.helo),
            timeout=account.timeout,
            use_tls=account.security is Security.TLS,
            start_tls=False,  # done below, where its failure is told apart
            tls_context=context,
        )
        try:
            await client.connect()
            if account.security is Security.STARTTLS:
                attempt.phase = Phase.TLS
                await client.starttls()
            attempt.phase = Phase.LOGIN
            await _greet(client)
            if account.user:
                await _log_in(client, account)
            transport = client.transport
            if not isinstance(transport, asyncio.Transport):
                raise SMTPServerDisconnected("Connection lost")
        except BaseException:
            client.close()
            raise
        return cls(account, dict(client.esmtp_extensions), transport)

    @property
    def is_open(self) -> bool:
        return self._dialogue.is_open

    async def deliver(self, attempt: _Attempt) -> Outcome:
        """MAIL, RCPT, DATA, content, dot. Raises what the library and the dialogue raise; the attempt's phase says where."""
        reached("connected")
        size, utf8 = len(attempt.content), needs_utf8(attempt.sender, attempt.recipient, attempt.content)
        refused = unfit(size, self._extensions, utf8=utf8)
        if refused is not None:
            return refused
        await self._ask(commands(attempt.sender, attempt.recipient, size, self._extensions, utf8=utf8), attempt)
        attempt.phase = Phase.CONTENT
        await attempt.handing_over()
        reached("handing over")
        await self._write(on_the_wire(attempt.content), attempt)
        reached("dotted")
        reply = await self._dialogue.reply(self._account.final_timeout)
        reached("answered")
        if reply.code // 100 != 2:
            raise SMTPResponseException(*reply)
        self.mails += 1
        return Sent(reply.code, _words(reply.words), self._certificate_until)

    async def _ask(self, envelope: Sequence[bytes], attempt: _Attempt) -> None:
        """MAIL, RCPT and DATA: at once where the server takes them so (RFC 2920), else each when it is wanted."""
        pipelining = "pipelining" in self._extensions
        if pipelining:
            self._dialogue.write(b"".join(envelope), replies=len(envelope))
        for command, welcome in zip(envelope, _WELCOME, strict=True):
            if not pipelining:
                self._dialogue.write(command, replies=1)
            reply = await self._dialogue.reply(self._account.timeout)
            if reply.code not in welcome:
                raise SMTPResponseException(*reply)
            attempt.phase = Phase.RECIPIENT

    async def _write(self, content: bytes, attempt: _Attempt) -> None:
        """All of it, the final dot in the last piece: until that is handed over, the server can't have taken the mail."""
        for start in range(0, len(content), _CHUNK):
            if not self.is_open:
                raise SMTPServerDisconnected("Connection lost")
            last = start + _CHUNK >= len(content)
            if last:
                reached("in data")
                attempt.phase = Phase.DOT
            self._dialogue.write(content[start : start + _CHUNK], replies=int(last))
            if not last:
                await self._dialogue.drain(self._account.timeout)

    def end(self, phase: Phase) -> None:
        """After a failure: in order where the server still listens to commands."""
        if phase in {Phase.MAIL, Phase.RECIPIENT} and self._dialogue.in_step:
            self.leave()
        else:
            self.cut()

    def leave(self) -> None:
        """QUIT, without waiting for the farewell."""
        self._dialogue.leave()

    def cut(self) -> None:
        self._dialogue.cut()


def _a_labels(host: str) -> str:
    """A host's name as EHLO takes it (RFC 5890)."""
    return host if host.isascii() else wire_address(f"postmaster@{host}").rpartition("@")[2]


async def _greet(client: SMTP) -> None:
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError:
        if not client.is_connected:
            raise
        await client.helo()


async def _log_in(client: SMTP, account: SmtpAccount) -> None:
    """One attempt: the library's own `login` repeats a wrong password with every method the server offers."""
    offered = client.server_auth_methods
    methods = {"plain": client.auth_plain, "login": client.auth_login, "cram-md5": client.auth_crammd5}
    usable = [method for name, method in methods.items() if name in offered]
    if account.security is Security.CLEAR:
        usable.reverse()  # the one that does not show the password first
    for number, method in enumerate(usable, 1):
        try:
            await method(account.user, account.password)
            return
        except aiosmtplib.SMTPAuthenticationError as error:
            if error.code != _METHOD_UNKNOWN or number == len(usable):
                raise
    raise aiosmtplib.SMTPAuthenticationError(_METHOD_UNKNOWN, f"the server offers no login we know: {offered}")


def _outcome(error: Exception, phase: Phase) -> Outcome:
    """What a failure means for the mail."""
    if isinstance(error, SMTPResponseException) and 400 <= error.code <= 599:
        return _refusal(error.code, _words(error.message), phase)
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        words = why(error) or why(error.__cause__) or str(error)
        return _interrupted(Reason.TLS if phase <= Phase.TLS else Reason.CUT, phase, words)
    if phase is Phase.TLS and not isinstance(error, ConnectionError | TimeoutError):
        return Deferred(Reason.TLS, reply=_words(str(error)))  # not offered
    reason = Reason.TIMEOUT if isinstance(error, TimeoutError) else Reason.CUT
    return _interrupted(reason, phase, why(error.__cause__) or str(error) or type(error).__name__)


def _refusal(code: int, words: str, phase: Phase) -> Outcome:
    """The server's own no."""
    if phase is Phase.TLS:
        return Deferred(Reason.TLS, code, words)
    if (phase is Phase.LOGIN and code >= 500) or (phase <= Phase.RECIPIENT and code in _LOGIN_WANTED):
        return Deferred(Reason.LOGIN, code, words)
    if phase <= Phase.LOGIN or code == aiosmtplib.SMTPStatus.domain_unavailable:
        return Deferred(Reason.CONNECT, code, words)
    return Deferred(Reason.REFUSED, code, words) if code < 500 else Refused(Reason.REFUSED, code, words)


def _interrupted(reason: Reason, phase: Phase, words: str) -> Outcome:
    """No answer: what that means depends on how far the attempt got."""
    if phase is Phase.DOT:
        return Unknown(reason, _words(words))
    if phase <= Phase.LOGIN and reason in {Reason.TIMEOUT, Reason.CUT}:
        reason = Reason.CONNECT
    return Deferred(reason, reply=_words(words))


def _stopped(outcome: Outcome) -> Outcome:
    """What was cut off by our own stopping says so."""
    match outcome:
        case Deferred(code=0):
            return Deferred(Reason.STOPPED, reply="we stopped")
        case Unknown():
            return Unknown(Reason.STOPPED, "we stopped")
        case _:
            return outcome


def _is_gone(outcome: Outcome) -> bool:
    """Whether the server has ended the connection, rather than judged the mail."""
    return isinstance(outcome, Deferred) and outcome.reason in {Reason.CUT, Reason.CONNECT, Reason.TIMEOUT}


def _words(reply: str) -> str:
    """A server's words on one line, as far as anybody reads, safe to store."""
    line = " ".join(reply.encode("utf-8", "replace").decode("utf-8").split())
    if not line.isprintable():
        line = "".join(character if character.isprintable() else " " for character in line)
    return line[:_MOST_WORDS]
