"""The fixed scenario's mails: new matters, replies, an agent's answers, a robot, nasty ones; each told by its Message-ID."""

from __future__ import annotations

from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default
from enum import StrEnum

from tests.faults.keeper import REFUSED

ANNA = "anna@acme.example"


class Kind(StrEnum):
    """What a mail should become."""

    MATTER = "matter"  # a ticket of its own, acknowledged once
    MORE = "more"  # a message on a ticket that is there
    ANSWER = "answer"  # an agent's, to be sent on
    ROBOT = "robot"  # recorded, answered by nothing
    COPY = "copy"  # a second copy of a matter
    POISON = "poison"  # quarantined


@dataclass(frozen=True, slots=True)
class Mail:
    kind: Kind
    message_id: str
    sender: str
    recipient: str
    raw: bytes = field(repr=False)


def matter(desk: str, number: int | str, attachment: int = 0, kind: Kind = Kind.MATTER) -> Mail:
    sender = number if isinstance(number, str) else f"c{number}@customer.example"
    name = sender.partition("@")[0]
    return _mail(
        kind, sender, desk, f"m-{name}", f"Matter of {name}", "It is broken, please help.", attachment=attachment
    )


def first_mails(desk: str) -> list[Mail]:
    """What lies in the mailbox when the daemon comes."""
    matters = [matter(desk, number) for number in range(7)]
    more = _mail(
        Kind.MORE, "c2@customer.example", desk, "more-2", "Re: Matter of c2", "And one thing more.",
        {"In-Reply-To": matters[2].message_id, "References": matters[2].message_id},
    )  # fmt: skip
    robot = _mail(
        Kind.ROBOT,
        "robot@shop.example",
        desk,
        "robot",
        "Out of office",
        "I am away.",
        {"Auto-Submitted": "auto-replied"},
    )
    copy = Mail(Kind.COPY, matters[1].message_id, matters[1].sender, desk, b"X-Way: alias\r\n" + matters[1].raw)
    return [*matters[:4], poison(desk, 1), *matters[4:], more, robot, copy, nasty(desk), poison(desk, 2)]


def nasty(desk: str) -> Mail:
    """Lies about its charset, has raw bytes in its header and a part that never ends."""
    raw = (
        b"From: N\xe4sty <nasty@customer.example>\r\nTo: "
        + desk.encode()
        + b"\r\nSubject: =?utf-9?Q?=FF=00?= \xff\xfe\r\n"
        b"Message-ID: <nasty@customer.example>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain; charset=x-none\r\nContent-Transfer-Encoding: base64\r\n\r\n=?!\xff\r\n"
    )
    return Mail(Kind.MATTER, "<nasty@customer.example>", "nasty@customer.example", desk, raw)


def poison(desk: str, number: int) -> Mail:
    """Nested far too deep."""
    identity = f"<poison{number}@customer.example>"
    head = f"From: p{number}@customer.example\r\nTo: {desk}\r\nMessage-ID: {identity}\r\nSubject: Poison\r\n"
    raw = head.encode() + b"Content-Type: message/rfc822\r\n\r\n" * 400 + b"Subject: end\r\n\r\nend\r\n"
    return Mail(Kind.POISON, identity, f"p{number}@customer.example", desk, raw)


def answer(written: bytes, text: str, attachment: int = 0, sender: str = ANNA, kind: Kind = Kind.ANSWER) -> Mail:
    """A reply to one of our mails, as mail clients write it."""
    mail = message_from_bytes(written, policy=default)
    identity = str(mail["Message-ID"])
    fields = {"In-Reply-To": identity, "References": f"{mail['References'] or ''} {identity}".strip()}
    body = mail.get_body(("plain",))
    quoted = "\n".join(f"> {line}".rstrip() for line in str(body.get_content() if body else "").splitlines())
    words = f"{text}\n\nOn {mail['Date']}, {mail['From']} wrote:\n{quoted}\n"
    to = str(mail["Reply-To"] or mail["From"]).rpartition("<")[2].strip("> ")
    name = f"re-{sender.partition('@')[0]}-{mail['X-Mailproc-Ticket']}"
    return _mail(kind, sender, to, name, f"Re: {mail['Subject']}", words, fields, attachment)


def unreachable(desk: str) -> Mail:
    """A matter of someone whose own server refuses the acknowledgement."""
    return matter(desk, REFUSED)


def _mail(
    kind: Kind, sender: str, to: str, name: str, subject: str, text: str, fields: dict[str, str] | None = None,
    attachment: int = 0,
) -> Mail:  # fmt: skip
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = identity = f"<{name}@{sender.partition('@')[2]}>"
    for field_name, value in (fields or {}).items():
        mail[field_name] = value
    mail.set_content(text)
    if attachment:
        mail.add_attachment(bytes(attachment), maintype="application", subtype="octet-stream", filename="log.bin")
    return Mail(kind, identity, sender, to, mail.as_bytes())
