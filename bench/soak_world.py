"""The world of the soak: a mailbox and an SMTP server in this process, both with faults, and people who write and answer.

Nothing here keeps more than a fixed number of mails, so that what grows is the daemon's.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.parser import HeaderParser
from email.policy import compat32
from email.utils import format_datetime
from typing import IO
from urllib.parse import parse_qs, unquote, urlsplit

from bench.mails import mails
from bench.stand import AGENT, SUPPORT
from mailproc.inbox.source import Listed, Selected, Unreachable

_MAILTO = re.compile(r"mailto:[^\s<>\"]+")
_MODELS = 300  # mails from which new matters are made
_SPEED = 50  # the world's seconds in a real one, beside its leaps
_REMEMBERED = 400  # letters that may still be answered, to the agent and to customers each


class FastClock:
    """Months in an hour: it runs faster than the machine's, and leaps."""

    def __init__(self) -> None:
        self._began, self._ahead = time.monotonic(), timedelta()

    def now(self) -> datetime:
        since = timedelta(seconds=(time.monotonic() - self._began) * _SPEED)
        return datetime(2026, 1, 5, 8, 0, tzinfo=UTC) + since + self._ahead

    def pause(self, seconds: float) -> float:
        return seconds / _SPEED

    def leap(self, by: timedelta) -> None:
        self._ahead += by


class Folder:
    """A mailbox's INBOX. What is moved away is gone: the number of mails is what the desk has not done yet."""

    def __init__(self, clock: FastClock) -> None:
        self.clock = clock
        self.mails: dict[int, tuple[bytes, datetime]] = {}
        self.uidnext = 1
        self.cut = False  # the next command finds the connection ended
        self.news = asyncio.Event()
        self.moved = asyncio.Event()

    def deliver(self, raw: bytes) -> None:
        self.mails[self.uidnext] = (raw, self.clock.now())
        self.uidnext += 1
        self.news.set()


class Connection:
    """To the folder; see `mailproc.inbox.source.Source`."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    def _alive(self) -> None:
        if self._folder.cut:
            self._folder.cut = False
            raise Unreachable("the connection was cut")

    async def open(self) -> Selected:
        return Selected(1, self._folder.uidnext, len(self._folder.mails))

    async def after(self, uid: int, uidnext: int) -> Sequence[int]:
        del uidnext
        self._alive()
        return [each for each in self._folder.mails if each > uid]

    async def listed(self, uids: Sequence[int]) -> Sequence[Listed]:
        self._alive()
        known = self._folder.mails
        return [Listed(uid, len(known[uid][0]), known[uid][1]) for uid in uids if uid in known]

    async def present(self, uids: Sequence[int]) -> Sequence[int]:
        return sorted(self._folder.mails.keys() & set(uids))

    async def fetch(self, wanted: Sequence[Listed], largest: int) -> dict[int, bytes]:
        del largest
        self._alive()
        return {mail.uid: self._folder.mails[mail.uid][0] for mail in wanted}

    async def fetch_header(self, uid: int) -> bytes | None:
        return self._folder.mails[uid][0].partition(b"\r\n\r\n")[0]

    async def move(self, uids: Sequence[int], target: str) -> None:
        del target
        self._alive()
        for uid in uids:
            self._folder.mails.pop(uid, None)
        self._folder.moved.set()

    async def in_sent(self, name: str, message_ids: Sequence[str], since: date) -> frozenset[str]:
        del name, message_ids, since
        self._alive()
        return frozenset()

    async def put_in_sent(self, name: str, content: bytes, at: datetime) -> None:
        del name, content, at
        self._alive()

    async def news(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._folder.clock.pause(seconds)):
                await self._folder.news.wait()
        self._folder.news.clear()

    async def hint(self) -> None:
        self._folder.news.set()

    async def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Fault:
    """What an SMTP server does to one mail instead of taking it."""

    share: float
    name: str
    reply: bytes = b""  # empty: the connection ends


_REFUSES = (
    Fault(0.01, "451 to the recipient", b"451 4.7.1 greylisted, come back later\r\n"),
    Fault(0.002, "550 to the recipient", b"550 5.1.1 nobody of that name\r\n"),
    Fault(0.004, "cut before the mail"),
)
_LOSES = (Fault(0.003, "cut after the dot"), Fault(0.005, "452 after the dot", b"452 4.3.1 no room\r\n"))


def mark_of(message_id: bytes, recipient: str) -> str:
    """One letter to one person, in the list of those that were taken."""
    return hashlib.sha256(message_id + recipient.encode()).hexdigest()


class Post:
    """An SMTP server. Of what it took it writes one line each into `taken`; the newest are remembered to be answered."""

    def __init__(self, dice: random.Random, taken: IO[str]) -> None:
        self._dice, self._taken = dice, taken
        self.faults: Counter[str] = Counter()
        self.to_agent: list[bytes] = []
        self.to_customers: list[tuple[str, bytes]] = []
        self.count = 0

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        writer.write(b"220 post.example ESMTP\r\n")
        recipient = ""
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while line := await reader.readline():
                verb = line[:4].upper()
                reply = b"250 2.0.0 ok\r\n"
                if verb == b"EHLO":
                    reply = b"250-post.example\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 60000000\r\n"
                elif verb == b"RCPT":
                    recipient = line.partition(b":")[2].split()[0].strip(b"<>").decode()
                    reply = self._mood(_REFUSES, reply)
                elif verb == b"DATA":
                    writer.write(b"354 go on\r\n")
                    reply = self._take(recipient, await reader.readuntil(b"\r\n.\r\n"))
                elif verb == b"QUIT":
                    break
                if not reply:
                    break
                writer.write(reply)
                await writer.drain()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def _mood(self, faults: Sequence[Fault], otherwise: bytes) -> bytes:
        drawn = self._dice.random()
        for fault in faults:
            drawn -= fault.share
            if drawn < 0:
                self.faults[f"SMTP: {fault.name}"] += 1
                return fault.reply
        return otherwise

    def _take(self, recipient: str, content: bytes) -> bytes:
        reply = self._mood(_LOSES, b"250 2.0.0 taken\r\n")
        if reply.startswith(b"4"):
            return reply
        self.count += 1
        identity = re.search(rb"^Message-ID: (\S+)", content, re.MULTILINE | re.IGNORECASE)
        self._taken.write(mark_of(identity[1] if identity else b"", recipient) + "\n")
        if recipient == AGENT:
            self.to_agent = [*self.to_agent[-_REMEMBERED:], content]
        else:
            self.to_customers = [*self.to_customers[-_REMEMBERED:], (recipient, content)]
        return reply


class People:
    """Who writes to the desk: each call of `next` is the next mail of a mixed day."""

    def __init__(self, dice: random.Random, post: Post, clock: FastClock, count: int) -> None:
        self._dice, self._post, self._clock = dice, post, clock
        self._models = [each for each in mails(_MODELS, to=SUPPORT) if each.opens]
        self._customers = max(10, count // 5)
        self._last = b""
        self._number = 0
        self.kinds: Counter[str] = Counter()
        self._shares: tuple[tuple[float, str, Callable[[], bytes | None]], ...] = (
            (0.20, "agent", self._agent),
            (0.20, "customer again", self._customer),
            (0.05, "robot", self._robot),
            (0.02, "unreadable", self._unreadable),
            (0.03, "the same again", lambda: self._last),
        )

    def next(self) -> bytes:
        self._number += 1
        drawn = self._dice.random()
        for share, kind, write in self._shares:
            drawn -= share
            if drawn < 0:
                if raw := write():
                    self.kinds[kind] += 1
                    return raw
                break
        self.kinds["matter"] += 1
        self._last = self._matter()
        return self._last

    def _matter(self) -> bytes:
        """One of the models, from somebody else and about something else: to make each anew would cost more than to read it."""
        model, number = self._dice.choice(self._models), str(self._number).encode()
        sender = b"k%d@customer.example" % self._dice.randrange(self._customers)
        raw = model.raw.replace(model.sender.encode(), sender, 1).replace(
            b"@mail.customer", b".%b@mail.customer" % number, 1
        )
        return raw.replace(b")\r\n", b" %b)\r\n" % number, 1)  # the end of the subject

    def _agent(self) -> bytes | None:
        letters = [each for each in self._post.to_agent[-50:] if b"%23resolve" in each or b"%23res=" in each]
        if not letters:
            return None
        letter = self._dice.choice(letters)
        self._post.to_agent.remove(letter)
        text = "Please switch it off and on, and tell us what the display shows."
        command = self._dice.choice(("", "", "#resolve\n\n", "#resolve\n\n", "#note\n", "#wait customer\n\n"))
        return self._answer(letter, AGENT, command + text)

    def _customer(self) -> bytes | None:
        """Presses a button where there is one, else writes on."""
        if not self._post.to_customers:
            return None
        recipient, letter = self._post.to_customers.pop(self._dice.randrange(len(self._post.to_customers)))
        links = _MAILTO.findall(_text(letter))
        if not links:
            return self._answer(letter, recipient, "It got worse since: now there is a noise as well.")
        parts = urlsplit(self._dice.choice(links))
        filled = {key.lower(): values[0] for key, values in parse_qs(parts.query).items()}
        return self._mail(recipient, unquote(parts.path), filled.get("subject", ""), filled.get("body", "") + "\n", {})

    def _robot(self) -> bytes | None:
        if not self._post.to_customers:
            return None
        recipient, letter = self._dice.choice(self._post.to_customers)
        return self._answer(letter, recipient, "I am away until Monday.", {"Auto-Submitted": "auto-replied"})

    def _unreadable(self) -> bytes:
        head = f"From: p{self._number}@customer.example\r\nTo: {SUPPORT}\r\nSubject: x\r\n".encode()
        return head + b"Content-Type: message/rfc822\r\n\r\n" * 400 + b"Subject: end\r\n\r\nend\r\n"

    def _answer(self, letter: bytes, sender: str, text: str, fields: dict[str, str] | None = None) -> bytes:
        mail = HeaderParser(policy=compat32).parsestr(letter.partition(b"\r\n\r\n")[0].decode())
        identity, known = mail["Message-ID"], mail["References"] or ""
        fields = {"In-Reply-To": identity, "References": f"{known} {identity}".strip(), **(fields or {})}
        quoted = "\n".join(f"> {line}".rstrip() for line in _text(letter).splitlines())
        words = f"{text}\n\nOn {mail['Date']}, {mail['From']} wrote:\n{quoted}\n"
        to = (mail["Reply-To"] or mail["From"]).rpartition("<")[2].strip("> ")
        return self._mail(sender, to, f"Re: {mail['Subject']}", words, fields)

    def _mail(self, sender: str, to: str, subject: str, text: str, fields: dict[str, str]) -> bytes:
        identity = f"<soak.{self._number}@{sender.rpartition('@')[2]}>"
        head = {"From": sender, "To": to, "Subject": subject, "Date": format_datetime(self._clock.now())}
        head |= {"Message-ID": identity, "MIME-Version": "1.0", "Content-Type": "text/plain; charset=utf-8", **fields}
        lines = [*(f"{name}: {value}" for name, value in head.items()), "", *text.splitlines(), ""]
        return "\r\n".join(lines).encode()


def _text(letter: bytes) -> str:
    """The first part, decoded: our letters begin with their plain text."""
    tree = message_from_bytes(letter, policy=compat32)
    part = next((each for each in tree.walk() if each.get_content_type() == "text/plain"), tree)
    content = part.get_payload(decode=True)
    return content.decode().replace("\r\n", "\n") if isinstance(content, bytes) else ""
