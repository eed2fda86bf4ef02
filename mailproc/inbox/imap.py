"""A mailbox over IMAP, on IMAPClient: one connection, one thread, and a wait that never blocks one.

IMAPClient is synchronous and not safe for two threads, so each connection has an executor of its own. IDLE is waited for
on the event loop and is only a hint: a push may be swallowed together with the "+ idling", and a closed connection looks
like silence until DONE is sent. So every wait is short and ends with a search.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Callable, Sequence
from datetime import date, datetime
from imaplib import IMAP4
from typing import Any, TypeVar

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from mailproc import eventlog
from mailproc.certificate import good_until
from mailproc.crashpoints import reached
from mailproc.inbox.answers import aware, identity_of, in_words, keep_alive, literal, passes, searched
from mailproc.inbox.idling import buffered, idle_begun
from mailproc.inbox.source import (
    FolderLook,
    ImapAccount,
    Listed,
    Refused,
    Selected,
    Shelf,
    Unreachable,
    WrongPassword,
)
from mailproc.inbox.thread import OneThread, heard

_T = TypeVar("_T")
LONGEST_IDLE = 60.0  # seconds; RFC 2177 allows 29 minutes, but a half-open connection must be noticed
_UID_SPAN = 20_000  # UIDs asked for in one SEARCH: imaplib refuses answers of more than a million bytes
_FEW = 50_000  # mails whose UIDs, of ten digits at most, fit into one such answer
_LONGEST_HEADER = 1_000_000  # bytes
_LOOKED_AT = 50  # of the mails a search found
_IDENTITY = ["RFC822.SIZE", "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]"]
_SIZE_SLACK = 65_536  # bytes; some servers guess at sizes


class ImapSource:
    """A `Source` on an IMAP server."""

    def __init__(self, account: ImapAccount) -> None:
        self._account = account
        self._thread = OneThread(f"imap-{account.user}")
        self._shown = Selected(0, 0, 0)
        self._client: IMAPClient | None = None
        self._nudged = asyncio.Event()
        self._idles = False
        self._moves = False
        self._expunges = False
        self._closed = False
        self._sent_folder = ""  # as the server calls it; not known yet

    # -- connecting

    async def open(self) -> Selected:
        return await self._call(self._open)

    def _open(self) -> Selected:
        account = self._account
        client = self._connect()
        if self._closed:  # cancelled while connecting, when there was nothing yet to hang up
            client.shutdown()
            raise Unreachable("hung up")
        self._client = client
        keep_alive(client.socket())
        self._log_in(client)
        client.normalise_times = False
        capabilities = {capability.decode("ascii", "replace").upper() for capability in client.capabilities()}
        self._idles, self._moves = "IDLE" in capabilities, "MOVE" in capabilities
        self._expunges = "UIDPLUS" in capabilities
        shown = self._selected(client, account.folder)
        told = shown.get(b"UIDNEXT")
        uidnext = told or max(searched(client, "*"), default=0) + 1
        exists = int(shown.get(b"EXISTS", 0))
        certificate = good_until(client.socket())
        self._shown = Selected(int(shown[b"UIDVALIDITY"]), int(uidnext), exists, told is not None, certificate)
        return self._shown

    @staticmethod
    def _selected(client: IMAPClient, folder: str) -> dict[bytes, Any]:
        """Open the inbox, for reading only where nothing else is allowed: its mail is handled, and stays there."""
        try:
            shown: dict[bytes, Any] = client.select_folder(folder)
        except IMAP4.readonly:
            eventlog.warning("inbox.read_only", folder=folder)
            shown = client.select_folder(folder, readonly=True)
        return shown

    def _log_in(self, client: IMAPClient) -> None:
        """LOGIN. Only a plain NO is about the password: IMAPClient says LoginError to every kind of trouble."""
        account = self._account
        if account.security == "clear" and client.has_capability("LOGINDISABLED"):
            raise Unreachable("the server takes no passwords in clear: use tls or starttls")
        try:
            client.login(account.user, account.password)
        except LoginError as error:
            words = str(error).removeprefix("b'").removesuffix("'").rstrip(".")
            if isinstance(error.__context__, IMAPClientAbortError) or "command error: BAD" in words:
                raise Unreachable(words) from error
            if passes(words):
                raise Unreachable(f"login refused for now: {words}") from error
            raise WrongPassword(words) from error

    def _connect(self) -> IMAPClient:
        account = self._account
        context = ssl.create_default_context(cafile=str(account.ca_file) if account.ca_file else None)
        timeout = SocketTimeout(account.connect_timeout, account.read_timeout)
        secure = account.security == "tls"
        client = IMAPClient(
            account.host, account.port, ssl=secure, ssl_context=context if secure else None, timeout=timeout
        )
        if account.security == "starttls":
            try:
                client.starttls(context)
            except BaseException:
                client.shutdown()
                raise
        return client

    async def close(self) -> None:
        """Hang up: no LOGOUT, which may wait for an answer that never comes."""
        self._closed = True
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(OSError, AttributeError):
                client.socket().shutdown(socket.SHUT_RDWR)
            self._thread.submit(client.shutdown)  # waited for, it could be cancelled, and a socket left behind
        self._thread.shutdown()

    # -- reading

    async def after(self, uid: int, uidnext: int) -> Sequence[int]:
        return await self._call(self._after, uid, uidnext)

    def _after(self, uid: int, uidnext: int) -> list[int]:
        found: set[int] = set()
        start = uid + 1
        self._on.noop()  # a search alone may answer from before the newest mail, and tell of it only behind its answer
        self._untold().clear()  # the search answers it; kept, it would grow for years, and be taken for answers to come
        while self._shown.exists > _FEW and start + _UID_SPAN < uidnext:
            found.update(searched(self._on, f"{start}:{start + _UID_SPAN - 1}"))
            start += _UID_SPAN
        found.update(searched(self._on, f"{start}:*"))
        # "n:*" names the last mail even when its UID is below n (RFC 9051, 6.4.8 and 9: seq-range).
        return sorted(number for number in found if number > uid)

    async def listed(self, uids: Sequence[int]) -> Sequence[Listed]:
        return await self._call(self._listed, uids)

    def _listed(self, uids: Sequence[int]) -> list[Listed]:
        told = self._on.fetch(list(uids), ["RFC822.SIZE", "INTERNALDATE"])
        mails = []
        for uid in sorted(uids):
            data = told.get(uid, {})
            if data.get(b"RFC822.SIZE") is not None:
                mails.append(Listed(uid, int(data[b"RFC822.SIZE"]), aware(data.get(b"INTERNALDATE"))))
        return mails

    async def present(self, uids: Sequence[int]) -> Sequence[int]:
        found = await self._call(lambda: searched(self._on, ",".join(map(str, uids))))
        return sorted(set(found).intersection(uids))

    async def fetch(self, mails: Sequence[Listed], largest: int) -> dict[int, bytes]:
        return await self._call(self._fetch, mails, largest) if mails else {}

    def _fetch(self, mails: Sequence[Listed], largest: int) -> dict[int, bytes]:
        allowed = min(largest, 2 * max(mail.size for mail in mails) + _SIZE_SLACK)
        bodies = self._bodies([mail.uid for mail in mails], allowed)
        for uid in [uid for uid, body in bodies.items() if allowed < len(body) and allowed < largest]:
            bodies |= self._bodies([uid], largest)  # much longer than told: alone, and up to the limit
        return bodies

    def _bodies(self, uids: list[int], allowed: int) -> dict[int, bytes]:
        told = self._on.fetch(uids, [f"BODY.PEEK[]<0.{allowed + 1}>"])
        bodies = {uid: literal(told.get(uid, {}), b"BODY[]") for uid in uids}
        return {uid: body for uid, body in bodies.items() if body}

    async def fetch_header(self, uid: int) -> bytes | None:
        told = await self._call(lambda: self._on.fetch([uid], [f"BODY.PEEK[HEADER]<0.{_LONGEST_HEADER}>"]))
        return literal(told.get(uid, {}), b"BODY[HEADER]") or None

    # -- filing

    async def move(self, uids: Sequence[int], target: str) -> None:
        await self._call(self._move, list(uids), target)

    async def look_at(self, target: str) -> FolderLook:
        """Whether mail could be moved to a folder; nothing is changed. The inbox may not be open any more then."""
        return await self._call(self._look_at, target)

    def _look_at(self, target: str) -> FolderLook:
        spaces = self._on.namespace() if self._on.has_capability("NAMESPACE") else ((("", "/"),), None, None)
        known = [space for kind in spaces for space in kind or ()]
        prefix = next((space[0] for space in spaces[0] or ()), "")
        home = max((space for space in known if target.startswith(space[0])), key=lambda s: len(s[0]), default=None)
        if home is None:
            return FolderLook(Shelf.READY if self._on.folder_exists(target) else Shelf.OUTSIDE, prefix)
        separator = home[1] or ""  # NIL where folders hold no folders (RFC 2342, 5)
        parent = target.rpartition(separator)[0] if separator else ""
        if separator and not all(target.removeprefix(home[0]).split(separator)):
            return FolderLook(Shelf.MISNAMED, prefix)
        if self._on.folder_exists(target):
            return FolderLook(Shelf.READY if self._takes_mail(target) else Shelf.READ_ONLY, prefix)
        rights = self._rights(parent) if parent else None
        allowed = rights is None or rights & {"k", "c"}  # c: RFC 2086's name for it
        return FolderLook(Shelf.MISSING if allowed else Shelf.FORBIDDEN, prefix)

    def _takes_mail(self, folder: str) -> bool:
        rights = self._rights(folder)
        if rights is not None:
            return "i" in rights
        try:
            self._on.select_folder(folder)
        except IMAP4.readonly:
            return False
        return True

    def _rights(self, folder: str) -> set[str] | None:
        """MYRIGHTS (RFC 4314, 3.5); None where the server has no ACL, or does not tell."""
        if not self._on.has_capability("ACL"):
            return None
        quoted = self._on._normalise_folder(folder)  # noqa: SLF001 - IMAPClient knows MYRIGHTS no more than the next line
        told, answer = self._on._imap.myrights(quoted)  # noqa: SLF001 - see above
        if told != "OK" or not answer or not isinstance(answer[0], bytes):
            return None
        return set(answer[0].decode("ascii", "replace").rpartition(" ")[2].strip('"'))

    def _move(self, uids: list[int], target: str) -> None:
        self._make_sure_of(target)
        if self._moves:
            self._on.move(uids, target)
            return
        copied = self._copied_before(uids, target)
        missing = [uid for uid in uids if uid not in copied]
        if missing:
            self._on.copy(missing, target)
        reached("copied")
        self._on.add_flags(uids, [rb"\Deleted"], silent=True)
        reached("deleted")
        if self._expunges:  # never a plain EXPUNGE: it would take what a person marked (RFC 4315, 2.1)
            self._on.uid_expunge(uids)

    def _make_sure_of(self, folder: str) -> None:
        if not self._on.folder_exists(folder):
            self._on.create_folder(folder)
            with contextlib.suppress(IMAPClientError):  # many mail clients show no other folders
                self._on.subscribe_folder(folder)

    def _copied_before(self, uids: list[int], target: str) -> set[int]:
        """Mails that an interrupted COPY has brought to the target already, told by Message-ID and size."""
        mine = {uid: identity_of(data) for uid, data in self._on.fetch(uids, _IDENTITY).items()}
        shown = self._on.select_folder(target, readonly=True)
        try:
            newest = max(1, int(shown.get(b"UIDNEXT", 1)) - len(uids) - 50)
            last = searched(self._on, f"{newest}:*") if shown.get(b"EXISTS") else []
            there = {identity_of(data) for data in self._on.fetch(last, _IDENTITY).values()}
        finally:
            self._back()
        return {uid for uid, identity in mine.items() if identity is not None and identity in there}

    def _back(self) -> None:
        """From another folder to ours."""
        back = self._selected(self._on, self._account.folder)
        if back[b"UIDVALIDITY"] != self._shown.uidvalidity:  # made anew meanwhile: these UIDs are other mails
            raise Unreachable("the folder was replaced while another was open")

    # -- the Sent folder

    async def sent_folder(self, name: str) -> str:
        """Which it is: the one the server marks, or `name`."""
        return await self._call(self._sent, name)

    async def in_sent(self, name: str, message_ids: Sequence[str], since: date) -> frozenset[str]:
        return await self._call(self._in_sent, name, message_ids, since)

    def _in_sent(self, name: str, message_ids: Sequence[str], since: date) -> frozenset[str]:
        folder = self._sent(name)
        if not self._on.folder_exists(folder):
            return frozenset()
        try:
            self._on.select_folder(folder, readonly=True)
            asked = {each: ["SINCE", since, "HEADER", "Message-ID", each] for each in message_ids}
            return frozenset(each for each, question in asked.items() if self._bears(self._on.search(question), each))
        finally:
            self._back()

    def _bears(self, found: Sequence[int], message_id: str) -> bool:
        """Whether one of these has it: a server may find by words, or whatever it likes, and much hangs on it."""
        told = self._on.fetch(found[-_LOOKED_AT:], _IDENTITY).values()
        return any(message_id.encode() in identity[0] for identity in map(identity_of, told) if identity is not None)

    async def put_in_sent(self, name: str, content: bytes, at: datetime) -> None:
        await self._call(self._put_in_sent, name, content, at)

    def _put_in_sent(self, name: str, content: bytes, at: datetime) -> None:
        folder = self._sent(name)
        self._make_sure_of(folder)
        self._on.append(folder, content, [rb"\Seen"], at)

    def _sent(self, name: str) -> str:
        """The folder that the server marks as the one for sent mail (RFC 6154, 2), or `name`."""
        if not self._sent_folder:
            marked = (each for flags, _, each in self._on.list_folders() if rb"\sent" in map(bytes.lower, flags))
            self._sent_folder = str(next(marked, name))
        return self._sent_folder

    # -- waiting

    async def news(self, seconds: float) -> None:
        told_already = await self._call(self._idle) if self._idles else False
        if not self._idles:
            if not told_already:
                await self._nudge_within(seconds)
            self._nudged.clear()
            await self._call(self._on.noop)
            return
        try:
            if not told_already:
                await self._until_readable(min(seconds, LONGEST_IDLE))
        finally:
            self._nudged.clear()
        await self._call(self._on.idle_done)  # raises when the server is gone

    def _idle(self) -> bool:
        """Enter IDLE; True when the server told of a new mail since the search, perhaps while mails were moved.

        A server that refuses is asked by NOOP from now on.
        """
        self._idles = idle_begun(self._on)
        return "EXISTS" in self._untold() or (self._idles and buffered(self._on) > 0)

    def _untold(self) -> dict[str, Any]:
        """What the server said without being asked, where imaplib keeps it: it is said only once."""
        kept: dict[str, Any] = self._on._imap.untagged_responses  # noqa: SLF001 - no public way to it
        return kept

    async def hint(self) -> None:
        self._nudged.set()

    async def _nudge_within(self, seconds: float) -> None:
        # Not asyncio.wait_for: in Python 3.11 it swallows a cancellation that comes together with the event.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._nudged.wait()

    async def _until_readable(self, seconds: float) -> None:
        """Until the server says something, we are nudged, or time is up."""
        loop, channel = asyncio.get_running_loop(), self._on.socket().fileno()
        if channel < 0:
            raise Unreachable("the connection is closed")
        loop.add_reader(channel, self._nudged.set)
        try:
            await self._nudge_within(seconds)
        finally:
            loop.remove_reader(channel)

    # -- the thread

    @property
    def _on(self) -> IMAPClient:
        if self._client is None:
            raise Unreachable("the connection is closed")
        return self._client

    async def _call(self, work: Callable[..., _T], *arguments: Any) -> _T:
        """Run blocking work in the connection's thread. Cancelling hangs up, which frees the thread at once."""
        future = asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            self._closed = True
            future.add_done_callback(heard)
            if self._client is not None:
                with contextlib.suppress(OSError, AttributeError):
                    self._client.socket().shutdown(socket.SHUT_RDWR)
                with contextlib.suppress(Exception):
                    await future
            raise
        except (Unreachable, WrongPassword):
            raise
        except (IMAPClientAbortError, OSError) as error:  # ssl.SSLError and TimeoutError are OSErrors
            raise Unreachable(in_words(error)) from error
        except Exception as error:  # what a library makes of an answer it can't read is anything at all
            raise Refused(in_words(error)) from error
