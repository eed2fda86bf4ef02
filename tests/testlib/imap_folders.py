"""An IMAP server with folders, in memory: it behaves, and may be cut, rebuilt and reached into at any moment.

Dovecot is the real one; this one is there in a millisecond, and a test may do to it what administrators and other mail
clients do. It speaks what IMAPClient says to it, and nothing else.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from tests.testlib import listening
from tests.testlib.imap_script import Talk

INBOX = "INBOX"


class Cut(StrEnum):
    """How a connection ends in the middle of a command."""

    UNHEARD = "unheard"  # nothing was done
    UNANSWERED = "unanswered"  # it was done, nothing is said
    HALF = "half"  # it was done, and half of the answer arrives


@dataclass(slots=True)
class Mail:
    content: bytes = field(repr=False)
    arrived_at: datetime
    flags: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Folder:
    validity: int
    mails: dict[int, Mail] = field(default_factory=dict)
    next_uid: int = 1

    def add(self, mail: Mail) -> int:
        uid, self.next_uid = self.next_uid, self.next_uid + 1
        self.mails[uid] = mail
        return uid


@dataclass(slots=True)
class _Session:
    """One connection."""

    talk: Talk
    task: asyncio.Task[None]
    folder: str = ""
    idles: bool = False


class ImapFolders:
    """`async with ImapFolders() as server:` listens on a free port of 127.0.0.1, with an empty inbox."""

    def __init__(self, *, moves: bool = True) -> None:
        self.port = 0
        self.folders = {INBOX: Folder(1)}
        self.heard: list[str] = []
        self._words = "IMAP4rev1 IDLE UIDPLUS" + (" MOVE" if moves else "")
        self._validities = 1
        self._cuts: deque[tuple[int, Cut]] = deque()  # commands before it, and how
        self._sessions: list[_Session] = []
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=2**20)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._server is not None
        await listening.end(self._server, [session.task for session in self._sessions])

    # --- what happens to it ---

    def deliver(self, content: bytes, at: datetime, folder: str = INBOX) -> int:
        """A mail arrives; its UID."""
        uid = self.folder(folder).add(Mail(content, at))
        self._tell(folder)
        return uid

    def cut_after(self, commands: int, how: Cut) -> None:
        """Once so many more commands were answered, the next is the last of its connection."""
        self._cuts.append((commands, how))

    def behave(self) -> None:
        """No more cuts."""
        self._cuts.clear()

    def hang_up(self) -> None:
        """Every connection ends now; what was not carried out never is."""
        for session in self._sessions:
            session.talk.writer.transport.abort()
            session.task.cancel()

    def rebuild(self, name: str = INBOX) -> None:
        """The folder is made anew from its mails, as after a repair: other UIDs, another UIDVALIDITY."""
        old = self.folders[name]
        self._validities += 1
        self.folders[name] = new = Folder(self._validities)
        for mail in old.mails.values():
            new.add(mail)
        self.hang_up()

    def copy(self, uid: int, source: str, target: str) -> None:
        mail = self.folders[source].mails[uid]
        self.folder(target).add(Mail(mail.content, mail.arrived_at, set(mail.flags)))
        self._tell(target)

    def move(self, uid: int, source: str, target: str) -> None:
        self.copy(uid, source, target)
        del self.folders[source].mails[uid]

    def folder(self, name: str) -> Folder:
        """The folder, made when it is missing."""
        if name not in self.folders:
            self._validities += 1
            self.folders[name] = Folder(self._validities)
        return self.folders[name]

    def _tell(self, folder: str) -> None:
        for session in self._sessions:
            if session.idles and session.folder == folder and not session.talk.writer.is_closing():
                session.talk.writer.write(b"* %d EXISTS\r\n" % len(self.folders[folder].mails))

    # --- what it says ---

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        session = _Session(Talk(reader, writer), task)
        self._sessions.append(session)
        try:
            writer.write(b"* OK [CAPABILITY %s] folders.test\r\n" % self._words.encode())
            while not writer.is_closing() and (line := await reader.readline()):
                await self._command(session, line.decode().strip())
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the other side left, or was cut
        finally:
            self._sessions.remove(session)
            writer.transport.abort()

    def _due_cut(self) -> Cut | None:
        if not self._cuts:
            return None
        commands, how = self._cuts[0]
        if commands > 0:
            self._cuts[0] = (commands - 1, how)
            return None
        self._cuts.popleft()
        return how

    async def _command(self, session: _Session, line: str) -> None:
        tag, _, command = line.partition(" ")
        self.heard.append(command)
        cut = self._due_cut()
        if cut is Cut.UNHEARD:
            session.talk.cut()
            return
        if command == "IDLE" and cut is None:
            await self._idle(session, tag)
            return
        answer = self._answer(session, tag, command)
        if cut is not None:
            session.talk.writer.write(answer[: len(answer) // 2] if cut is Cut.HALF else b"")
            session.talk.cut()
            return
        session.talk.writer.write(answer)
        await session.talk.writer.drain()

    async def _idle(self, session: _Session, tag: str) -> None:
        session.talk.writer.write(b"+ idling\r\n")
        session.idles = True
        try:
            await session.talk.reader.readline()
        finally:
            session.idles = False
        session.talk.writer.write(f"{tag} OK idled\r\n".encode())

    def _answer(self, session: _Session, tag: str, command: str) -> bytes:
        """Carried out at once, without a pause in which anything could happen."""
        words = command.removeprefix("UID ").split(" ", 1)
        name, rest = words[0].upper(), words[1] if len(words) > 1 else ""
        answers: dict[str, Callable[[_Session, str], bytes]] = {
            "CAPABILITY": lambda *_: b"* CAPABILITY %s\r\n" % self._words.encode(),
            "SELECT": self._select, "EXAMINE": self._select, "SEARCH": self._search, "FETCH": self._fetch,
            "NOOP": lambda session, _: self._exists(session), "LIST": self._list, "CREATE": self._create,
            "MOVE": self._move, "COPY": self._copy, "STORE": self._store, "EXPUNGE": self._expunge,
            "LOGIN": lambda *_: b"", "SUBSCRIBE": lambda *_: b"", "IDLE": lambda *_: b"",
        }  # fmt: skip
        if name not in answers:
            return f"{tag} BAD {name}\r\n".encode()
        try:
            return answers[name](session, rest) + f"{tag} OK done\r\n".encode()
        except LookupError as error:
            return f"{tag} NO [TRYCREATE] {error}\r\n".encode()

    def _open(self, session: _Session) -> Folder:
        return self.folders[session.folder]

    def _exists(self, session: _Session) -> bytes:
        return b"* %d EXISTS\r\n" % len(self._open(session).mails) if session.folder else b""

    def _select(self, session: _Session, rest: str) -> bytes:
        name = rest.strip('"')
        folder = self.folders[name]
        session.folder = name
        told = f"* {len(folder.mails)} EXISTS\r\n* OK [UIDVALIDITY {folder.validity}] .\r\n"
        return f"{told}* OK [UIDNEXT {folder.next_uid}] .\r\n".encode()

    def _search(self, session: _Session, rest: str) -> bytes:
        found = self._named(session, rest.rsplit(maxsplit=1)[-1])
        return b"* SEARCH" + b"".join(b" %d" % uid for uid in found) + b"\r\n"

    def _named(self, session: _Session, uids: str) -> list[int]:
        """RFC 9051, 9: in a range the order is of no matter, and * is the last mail there is."""
        mails = self._open(session).mails
        last = max(mails, default=0)
        named: set[int] = set()
        for part in uids.split(","):
            ends = [last if end == "*" else int(end) for end in part.split(":")]
            named.update(range(min(ends), max(ends) + 1))
        return sorted(named.intersection(mails))

    def _fetch(self, session: _Session, rest: str) -> bytes:
        uids, _, wanted = rest.partition(" ")
        return b"".join(self._fetched(session, uid, wanted) for uid in self._named(session, uids))

    def _fetched(self, session: _Session, uid: int, wanted: str) -> bytes:
        mail = self._open(session).mails[uid]
        told = [b"UID %d" % uid]
        if "RFC822.SIZE" in wanted:
            told.append(b"RFC822.SIZE %d" % len(mail.content))
        if "INTERNALDATE" in wanted:
            told.append(f'INTERNALDATE "{mail.arrived_at:%d-%b-%Y %H:%M:%S %z}"'.encode())
        if body := re.search(r"BODY\.PEEK\[([A-Z.]*)[^]]*\](?:<0\.(\d+)>)?", wanted):
            told.append(_body(mail.content, body[1], int(body[2] or 2**31)))
        return b"* 1 FETCH (%s)\r\n" % b" ".join(told)

    def _list(self, _session: _Session, rest: str) -> bytes:
        name = rest.rsplit(maxsplit=1)[-1].strip('"')
        return f'* LIST () "/" "{name}"\r\n'.encode() if name in self.folders else b""

    def _create(self, _session: _Session, rest: str) -> bytes:
        self.folder(rest.strip('"'))
        return b""

    def _targeted(self, session: _Session, rest: str) -> tuple[Iterable[int], str]:
        uids, _, target = rest.partition(" ")
        target = target.strip('"')
        if target not in self.folders:
            raise LookupError(target)
        return self._named(session, uids), target

    def _move(self, session: _Session, rest: str) -> bytes:
        uids, target = self._targeted(session, rest)
        for uid in uids:
            self.move(uid, session.folder, target)
        return b""

    def _copy(self, session: _Session, rest: str) -> bytes:
        uids, target = self._targeted(session, rest)
        for uid in uids:
            self.copy(uid, session.folder, target)
        return b""

    def _store(self, session: _Session, rest: str) -> bytes:
        for uid in self._named(session, rest.partition(" ")[0]):
            self._open(session).mails[uid].flags.update(re.findall(r"\\\w+", rest))
        return b""

    def _expunge(self, session: _Session, rest: str) -> bytes:
        mails = self._open(session).mails
        for uid in self._named(session, rest):
            if r"\Deleted" in mails[uid].flags:
                del mails[uid]
        return b""


def _body(content: bytes, section: str, most: int) -> bytes:
    head = content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    if section == "HEADER.FIELDS":
        found = re.search(rb"(?im)^message-id:[^\n]*\n", head)
        part, name = (found[0] if found else b"") + b"\r\n", b"BODY[HEADER.FIELDS (MESSAGE-ID)]"
    else:
        part, name = (head if section == "HEADER" else content)[:most], b"BODY[%s]<0>" % section.encode()
    return b"%s {%d}\r\n%s" % (name, len(part), part)
