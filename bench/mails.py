"""Mail as a help desk gets it: invented, mixed, and the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP

_BEGINNING = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_ENGLISH = (
    "Since the update on Monday the printer in our office stops after two pages. ",
    "I have switched it off and on, and changed the cable, without any success. ",
    "The invoice for March shows an amount that we did not agree on. ",
    "Could you tell me how to add a second user to our account? ",
    "The error says that the licence has expired, but we paid for it in January. ",
    "My colleagues have the same problem on the second floor. ",
)
_GERMAN = (
    "Seit dem Update am Montag hört der Drucker in unserem Büro nach zwei Seiten auf. ",
    "Ich habe ihn aus- und eingeschaltet und das Kabel getauscht, leider ohne Erfolg. ",
    "Auf der Rechnung für März steht ein Betrag, den wir so nicht vereinbart haben. ",
    "Können Sie mir sagen, wie ich unserem Zugang einen zweiten Benutzer hinzufüge? ",
    "Die Meldung sagt, die Lizenz sei abgelaufen; wir haben sie aber im Januar bezahlt. ",
    "Meine Kollegen im zweiten Stock haben dasselbe Problem. ",
)
_THINGS = ("Printer", "Invoice", "Licence", "Drucker", "Rechnung", "Zugang", "Scanner", "Export")
_TROUBLES = ("stops", "is wrong", "does not start", "geht nicht", "ist falsch", "shows an error")


@dataclass(frozen=True, slots=True)
class Made:
    """A mail, and what it should cause."""

    raw: bytes
    sender: str
    opens: bool  # a ticket, and with it an acknowledgement; else it continues the ticket of an earlier one


def mails(count: int, *, to: str, seed: int = 1, called: str = "m") -> Iterator[Made]:
    """`count` mails of 2 to 6 kB: a third in German, a third with HTML, one in ten with a file, one in ten a reply."""
    dice = random.Random(seed)
    before: list[tuple[str, str, str]] = []  # Message-ID, sender, subject
    for number in range(count):
        sender = f"{called}{dice.randrange(count)}@customer.example"
        mail = EmailMessage(policy=SMTP)
        message_id = f"<{called}{seed}.{number}@mail.customer.example>"
        replies = bool(before) and dice.random() < 0.1
        subject = f"{dice.choice(_THINGS)} {dice.choice(_TROUBLES)} ({called}{number})"
        if replies:
            answered, sender, subject = before[dice.randrange(len(before))]
            mail["In-Reply-To"] = mail["References"] = answered
            subject = f"Re: {subject}"
        else:
            before = [*before[-199:], (message_id, sender, subject)]
        mail["Subject"], mail["To"], mail["Message-ID"] = subject, to, message_id
        mail["From"] = f"Customer {number} <{sender}>"
        mail["Date"] = _BEGINNING + timedelta(minutes=number)
        mail["Received"] = "from mail.customer.example by mx.acme.example with ESMTPS; Mon, 2 Mar 2026 08:00:00 +0000"
        _fill(mail, dice)
        yield Made(mail.as_bytes(), sender, not replies)


def _fill(mail: EmailMessage, dice: random.Random) -> None:
    sentences = _GERMAN if dice.random() < 0.33 else _ENGLISH
    size = dice.randint(1_000, 4_000)
    paragraphs, length = [], 0
    while length < size:
        paragraph = "".join(dice.choices(sentences, k=4))
        paragraphs.append(paragraph)
        length += len(paragraph)
    mail.set_content("\n\n".join(paragraphs) + "\n", cte="quoted-printable")
    if dice.random() < 0.33 and size < 2_500:
        mail.add_alternative("".join(f"<p>{words}</p>" for words in paragraphs), subtype="html")
    if dice.random() < 0.1:
        mail.add_attachment(dice.randbytes(1_200), maintype="application", subtype="pdf", filename="invoice.pdf")
    for part in mail.walk():
        if part.is_multipart():
            part.set_boundary(f"=_{dice.getrandbits(64):016x}")
