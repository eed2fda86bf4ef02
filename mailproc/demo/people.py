"""People with a mail client: they write, answer with the quote below, and press buttons. They know nothing of mailproc."""

from __future__ import annotations

import asyncio
import re
import smtplib
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, make_msgid
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from mailproc.demo.servers import HOST, Delivered

_MAILTO = re.compile(r"mailto:[^\s<>\"]+")
PATIENCE = 30.0  # seconds to wait for a mail


class Post(Protocol):
    """The world as its people see it: what was delivered, and a door to send by."""

    delivered: list[Delivered]
    news: asyncio.Condition

    @property
    def smtp_port(self) -> int: ...

    def now(self) -> datetime: ...


class Correspondent:
    """Someone with an address in this world."""

    def __init__(self, world: Post, name: str, address: str) -> None:
        self.world, self.name, self.address = world, name, address
        self._read = 0  # mails of the world looked at so far

    # -- reading

    def inbox(self) -> list[Delivered]:
        """All mails that reached this person, oldest first."""
        return [mail for mail in self.world.delivered if mail.recipient.casefold() == self.address.casefold()]

    async def receive(self, *subject_or_text: str) -> Delivered:
        """The next mail that contains all these words, however its lines break; earlier ones count as read.

        Raises TimeoutError.
        """

        def found() -> int | None:
            for index, mail in enumerate(self.world.delivered[self._read :], self._read):
                words = " ".join(f"{subject_of(mail)} {text_of(mail)}".split())
                if mail.recipient.casefold() == self.address.casefold() and all(w in words for w in subject_or_text):
                    return index
            return None

        async with self.world.news:
            try:
                await asyncio.wait_for(self.world.news.wait_for(lambda: found() is not None), PATIENCE)
            except TimeoutError:
                got = [subject_of(mail) for mail in self.inbox()]
                raise TimeoutError(f"{self.address} waits for {subject_or_text} and has {got}") from None
            index = found()
        assert index is not None
        self._read = index + 1
        return self.world.delivered[index]

    # -- writing

    async def write(
        self, to: str, subject: str, text: str, *, cc: str = "", fields: dict[str, str] | None = None,
        attachment: tuple[str, bytes] | None = None, envelope: str | None = None,
    ) -> str:  # fmt: skip
        """Send a mail; its Message-ID."""
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"] = formataddr((self.name, self.address))
        mail["To"] = to
        if cc:
            mail["Cc"] = cc
        mail["Subject"] = subject
        mail["Date"] = format_datetime(self.world.now())
        mail["Message-ID"] = make_msgid(domain=self.address.rpartition("@")[2])
        for name, value in (fields or {}).items():
            mail[name] = value
        mail.set_content(text)
        if attachment:
            name, content = attachment
            mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
        recipients = [address.strip() for address in (*to.split(","), *cc.split(",")) if address.strip()]
        sender = self.address if envelope is None else envelope
        await asyncio.to_thread(_send, self.world.smtp_port, sender, recipients, mail.as_bytes())
        return str(mail["Message-ID"])

    async def reply(
        self, mail: Delivered, text: str, *, quote: bool = True, attachment: tuple[str, bytes] | None = None,
        fields: dict[str, str] | None = None,
    ) -> str:  # fmt: skip
        """Answer a mail as mail clients do: to its Reply-To, threaded, the old text quoted below."""
        subject = subject_of(mail)
        identity = mail.header("Message-ID")
        threading = {"In-Reply-To": identity, "References": f"{mail.header('References')} {identity}".strip()}
        quoted = "\n".join(f"> {line}".rstrip() for line in text_of(mail).splitlines())
        intro = f"On {mail.header('Date')}, {mail.header('From')} wrote:"
        return await self.write(
            mail.header("Reply-To") or mail.header("From"),
            subject if subject.startswith("Re: ") else f"Re: {subject}",
            f"{text}\n\n{intro}\n{quoted}\n" if quote else f"{text}\n",
            attachment=attachment,
            fields={**threading, **(fields or {})},
        )

    async def press(self, mail: Delivered, words: str, add: str = "") -> str:
        """Press the button with these words: its `mailto:` opens a mail, and Send is pressed."""
        link = link_of(mail, words)
        parts = urlsplit(link)
        prefilled = {key.lower(): values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        body = prefilled.get("body", "").replace("\r\n", "\n")
        return await self.write(unquote(parts.path), prefilled.get("subject", ""), f"{body}\n{add}".strip() + "\n")


def link_of(mail: Delivered, words: str) -> str:
    """The `mailto:` link that stands behind these words. Raises LookupError."""
    text = text_of(mail)
    at = text.find(words)
    found = _MAILTO.search(text, at) if at >= 0 else None
    if found is None:
        raise LookupError(f"no button {words!r} in:\n{text}")
    return found[0]


def subject_of(mail: Delivered) -> str:
    return str(message_from_bytes(mail.content, policy=policy.default)["Subject"] or "")


def text_of(mail: Delivered) -> str:
    """The plain text a reader sees."""
    part = message_from_bytes(mail.content, policy=policy.default).get_body(("plain",))
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


def words_of(mail: Delivered) -> str:
    """Everything a reader could see, decoded: the header and all text parts."""
    tree = message_from_bytes(mail.content, policy=policy.default)
    parts = [str(part.get_content()) for part in tree.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*(f"{name}: {value}" for name, value in tree.items()), *parts])


def _send(port: int, sender: str, recipients: list[str], content: bytes) -> None:
    with smtplib.SMTP(HOST, port, timeout=PATIENCE) as server:
        server.sendmail(sender, recipients, content)
