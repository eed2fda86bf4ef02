"""The yardstick: the same libraries in the simplest loop that does the same to a mail, and nothing else.

One mail after the other: fetch, parse, rows, render, compose, send the acknowledgement and the notification. No matching,
no checks, no history of attempts, no second process, nothing survives a fault.
"""

from __future__ import annotations

import hashlib
import json
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import aiosmtplib
import jinja2
import mailparser
from imapclient import IMAPClient
from tortoise.transactions import in_transaction

from mailproc.store import db, schema
from mailproc.store.models import HistoryEntry, InboundMail, OutboxContent, OutboxMail, Person, Ticket, TicketMessage
from mailproc.store.states import OutboxState
from tests.testlib.dovecot import PASSWORD

MAILBOX = "bare@acme.example"
AGENT = "anna@acme.example"
_WORDS = jinja2.Environment(autoescape=False)
_PAGES = jinja2.Environment(autoescape=True)
_TEXT = _WORDS.from_string(
    'Hello {{ name }},\n\nwe have received your mail "{{ subject }}". Its number is {{ number }}.\n\n{{ text }}\n'
)
_HTML = _PAGES.from_string(
    "<html><body><p>Hello {{ name }},</p><p>we have received your mail <b>{{ subject }}</b>. "
    "Its number is {{ number }}.</p><pre>{{ text }}</pre></body></html>"
)


async def loop(imap_port: int, smtp_port: int, database: Path) -> float:
    """Work off the mailbox; the seconds it took."""
    url = f"sqlite://{database}"
    async with db.connected(url) as connection:
        await schema.upgrade(connection, datetime.now(UTC))
        began = time.monotonic()
        imap = IMAPClient("127.0.0.1", imap_port, ssl=False)
        imap.login(MAILBOX, PASSWORD)
        imap.select_folder("INBOX")
        smtp = aiosmtplib.SMTP(hostname="127.0.0.1", port=smtp_port, use_tls=False, start_tls=False)
        await smtp.connect()
        for uid in imap.search("ALL"):
            await _one(uid, imap.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"], smtp)
        await smtp.quit()
        seconds = time.monotonic() - began
        imap.logout()
    return seconds


async def _one(uid: int, raw: bytes, smtp: aiosmtplib.SMTP) -> None:
    mail, now = mailparser.parse_from_bytes(raw), datetime.now(UTC)
    name, address = mail.from_[0]
    text = "\n".join(mail.text_plain)
    files = json.dumps([part["filename"] for part in mail.attachments])
    async with in_transaction():
        await InboundMail.create(
            mailbox="bare", folder="INBOX", uidvalidity=1, uid=uid, content=raw, size=len(raw), arrived_at=now,
            content_hash=hashlib.sha256(raw).hexdigest(), spooled_at=now, next_attempt_at=now,
        )  # fmt: skip
        person, _ = await Person.get_or_create(
            address=address, defaults={"written": address, "name": name, "created_at": now}
        )
        ticket = await Ticket.create(
            mailbox="bare", team="support", subject=mail.subject[:255], subject_key="", status="New", language="en",
            customer_id=person.id, created_at=now, updated_at=now,
        )  # fmt: skip
        await TicketMessage.create(
            ticket_id=ticket.id, kind="customer", author=address, author_name=name, text=text, full_text=text,
            attachments=files, created_at=now,
        )  # fmt: skip
        await HistoryEntry.create(ticket_id=ticket.id, at=now, kind="mail", actor=address, text="opened")
        letters = [_letter(ticket.id, address, name, mail, ""), _letter(ticket.id, AGENT, "Anna", mail, text)]
        for number, (recipient, content) in enumerate(letters):
            queued = await OutboxMail.create(
                key=f"{ticket.id}:{number}", ticket_id=ticket.id, mailbox="bare", letter="any", mail_class="automatic",
                sender="", recipient=recipient, message_id="", created_at=now, next_attempt_at=now,
                state=OutboxState.SENT,
            )  # fmt: skip
            await OutboxContent.create(id=queued.id, content=content)
    for recipient, content in letters:
        await smtp.sendmail(MAILBOX, [recipient], content)


def _letter(number: int, recipient: str, name: str, mail: Any, text: str) -> tuple[str, bytes]:
    values = {"name": name, "subject": mail.subject, "number": number, "text": text}
    letter = EmailMessage(policy=SMTP)
    letter["From"], letter["To"] = f"Acme Support <{MAILBOX}>", recipient
    letter["Subject"] = f"[Acme #{number}] {mail.subject}"
    letter["Message-ID"] = f"<{number}.{hash(recipient)}@acme.example>"
    letter["In-Reply-To"] = mail.message_id
    letter["Auto-Submitted"] = "auto-replied"
    letter.set_content(_TEXT.render(values))
    letter.add_alternative(_HTML.render(values), subtype="html")
    return recipient, letter.as_bytes()
