"""Work grows with the length of what came, and no faster: every function that reads mail, on every hostile text.

`LINEAR=10` in the environment makes the texts ten times as long (`make fuzz`).
"""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import _lru_cache_wrapper, cache
from zoneinfo import ZoneInfo

import pytest

from mailproc.core import (
    absence,
    automatic,
    cautions,
    commands,
    language,
    moments,
    queries,
    safety,
    subjects,
    survey,
    verification,
)
from mailproc.core.automatic import OwnMail
from mailproc.core.calendar import Calendar
from mailproc.core.letters import Answer, Letter
from mailproc.core.message import Address, Attachment, Message
from mailproc.core.tokens import KeyRing
from mailproc.mime import (
    armor,
    attachments,
    authentication,
    bounce_words,
    charsets,
    cms,
    compose,
    header_fields,
    headers,
    sanitise,
)
from mailproc.mime.addresses import read_people
from mailproc.mime.body import unflowed
from mailproc.mime.forwards import read_forward
from mailproc.mime.html import html_to_text
from mailproc.mime.one_address import address_or_none
from mailproc.mime.parse import parse_mail
from mailproc.mime.prescan import Limits, prescan
from mailproc.mime.quoting import split_reply
from mailproc.mime.text import clean_line, clean_text
from mailproc.mime.wire import decode_message, encode_message
from mailproc.render import filters
from mailproc.render import text as layout
from mailproc.render.letters import Letters
from mailproc.resources import templates_folder
from tests.testlib.growth import grows_faster
from tests.testlib.hostile import HOSTILE
from tests.testlib.pictures import TICKET, notification

pytestmark = [pytest.mark.row("A17"), pytest.mark.slow]

TIMES = int(os.environ.get("LINEAR", "1"))
LENGTH = 2_500 * TIMES  # characters of the shortest text
TODAY = date(2026, 11, 21)
ZONE = ZoneInfo("Europe/Berlin")
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEYS = KeyRing({1: b"a key for tests only, 32 bytes long"}, 1)
OWN = OwnMail(frozenset({"support@acme.example"}), lambda text: KEYS.find(text, TODAY) is not None)
Work = Callable[[str], object]


#: All that is kept of what was read, but for what is made once and for all.
KEPT = [
    each
    for each in gc.get_objects()
    if isinstance(each, _lru_cache_wrapper)
    and str(each.__module__).startswith("mailproc.")
    and each.cache_parameters()["maxsize"]
]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _in_field(name: str, rest: str = "") -> Work:
    """The text, folded as a sender would, in a header field of a whole mail; within the pre-scan's caps."""

    def read(text: str) -> object:
        folded = "\r\n ".join(text.splitlines())[:60_000]
        return parse_mail(_bytes(f"{name}: {rest}{folded}\r\nFrom: a@b.example\r\n\r\nx\r\n"))

    return read


def _in_body(content_type: str, encoding: str = "8bit") -> Work:
    head = f"From: a@b.example\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return lambda text: parse_mail(_bytes(head + text))


def _in_report(text: str) -> object:
    head = "From: MAILER-DAEMON@b.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b"
    status = "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822;"
    return parse_mail(_bytes(f"{head}\r\n\r\n--b\r\n\r\n{text}\r\n{status}{text}\r\n--b--\r\n"))


def _message(text: str) -> Message:
    line = text.replace("\n", " ")
    named = ("authentication-results", "arc-seal", "auto-submitted", "precedence", "x-loop", "list-id", "received")
    people = (Address(f"{line[:300]}@b.example"),)
    fields = tuple((name, line) for name in named)
    return Message(subject=line[:2000], headers=fields, from_=people, from_fields=1, text=text, message_id=line[:998])


def _robots(text: str) -> object:
    message = _message(text)
    return automatic.refusal(message, automatic.recognise(message, OWN))


def _there_and_back(text: str) -> object:
    document, pieces = encode_message(_message(clean_text(text)))
    return decode_message(document, memoryview(b"".join(pieces)))


def _composed(text: str) -> object:
    people = (Address("clara@customer.example", text),)
    file = Attachment(text[:255], text[:80], _bytes(text[:100]))
    mail = compose.OutgoingMail(
        people[0], "support@acme.example", people, people, text, "<1@acme.example>", text, (text, *text.split(" ")[:200]),
        datetime(2026, 11, 21, tzinfo=UTC), text, text, (file,),
    )  # fmt: skip
    return compose.text_of(compose.compose(mail))


@cache
def _letters() -> Letters:
    return Letters([templates_folder()], "en", proven=True)


def _rendered(text: str) -> object:
    told = replace(notification(), text=text, author=text, detail=text, attachments=(text,))
    answer = Answer(TICKET, text)
    return _letters().render(Letter.NOTIFICATION, told, "en", "UTC"), _letters().render(
        Letter.ANSWER, answer, "en", "UTC"
    )


def _each(*works: Work) -> Work:
    return lambda text: [work(text) for work in works]


_BEGINNING = bytes.fromhex("308006092a864886f70d010702a080308002010131")
_SIGNED = (b"", _BEGINNING + b"\x80", _BEGINNING + bytes.fromhex("00308006092a864886f70d010701a0802480"))
#: Everything that reads a mail's words, or writes ours with a stranger's words in them.
READERS: Mapping[str, Work] = {
    "text": _each(clean_text, clean_line),
    "encoded words": _each(headers.decode_words, headers.display_text, headers.eight_bit_text),
    "parameters": _each(headers.parameters, headers.main_value),
    "charsets": lambda text: [charsets.decode(_bytes(text), label) for label in ("", "utf-8", "utf-7", "gb18030", text)],
    "base64": lambda text: headers.base64_bytes(_bytes(text)),
    "uuencode": lambda text: attachments.uudecoded(_bytes(f"begin 644 a\n{text}").splitlines()),
    "file names": lambda text: attachments.safe_filename(text, "text/plain"),
    "flowed text": lambda text: unflowed(text, delete_space=True),
    "html": html_to_text,
    "html passed on": _each(sanitise.as_page, lambda text: sanitise.as_page(f"<p {text}>x"), lambda text: sanitise.as_written([text])),
    "cautions": _each(cautions.internal, cautions.announced, safety.addresses, safety.numbers),
    "quotes": lambda text: split_reply(text, [text[: len(text) // 2]]),
    "forwards": _each(
        read_forward, lambda text: read_forward(text, "Fwd: x"), lambda text: read_forward(f"--- Forwarded message --- From: {text}"),
        lambda text: read_forward(f"---- Forwarded message ----\nFrom: {text}\nTo: {text}\n\n{text}"),
    ),
    "armor": _each(
        armor.taken_out, lambda text: armor.taken_out(f"-----BEGIN PGP SIGNED MESSAGE-----\n\n{text}"),
        lambda text: armor.taken_out(text.replace("\n", "\n-----BEGIN PGP MESSAGE-----\n")),
    ),
    "signed content": _each(*(lambda text, head=head: cms.read(head + _bytes(text)) for head in _SIGNED)),
    "subjects": _each(
        lambda text: subjects.clean_subject(text, 200, "Acme"), lambda text: subjects.subject_key(text, "Acme"),
        subjects.is_answer, subjects.is_forward, absence.announces_absence, absence.announces_automatic_reply,
    ),
    "commands": commands.read,
    "lists and bulk answers": _each(
        queries.nothing_but_questions, lambda text: queries.read(text, range(1, 51)),
        lambda text: queries.read(f"1 note {text.replace(' ', '; ')}", range(1, 51)),
    ),
    "moments": _each(moments.span, lambda text: moments.moment(text, AT, ZONE, Calendar.always(ZONE))),
    "verification": lambda text: verification.judge(text, asked=True),
    "ratings": _each(survey.read_rating, survey.comment_below),
    "language": language.detect,
    "tokens": lambda text: KEYS.find(text, TODAY),
    "addresses": lambda text: read_people([(name, text) for name in ("from", "to", "cc", "reply-to", "sender")]),
    "one address": _each(address_or_none, header_fields.valid_address),
    "bounces": _each(
        bounce_words.voice, bounce_words.fold, bounce_words.without_enclosed, bounce_words.status_in,
        bounce_words.reason_in, lambda text: bounce_words.failed_recipients(text, frozenset()),
        lambda text: bounce_words.is_delay(text, bounce_words.fold(text)),
    ),
    "robots": _robots,
    "authentication": _each(lambda text: authentication.results(_message(text)), lambda text: authentication.seals(_message(text))),
    "the wire": _there_and_back,
    "pre-scan": lambda text: [prescan(_bytes(head + text), Limits()) for head in ("", "A: ", "Content-Type: a; boundary=", "\r\n")],
    "mail: subject": _in_field("Subject"),
    "mail: to": _in_field("To"),
    "mail: references": _in_field("References"),
    "mail: date": _in_field("Date"),
    "mail: content type": _in_field("Content-Type", "multipart/mixed; "),
    "mail: disposition": _in_field("Content-Disposition", "attachment; "),
    "mail: any field": _in_field("X-Note"),
    "mail: plain": _in_body("text/plain; charset=utf-8"),
    "mail: flowed": _in_body("text/plain; format=flowed", "quoted-printable"),
    "mail: html": _in_body("text/html"),
    "mail: parts": _in_body("multipart/mixed; boundary=a"),
    "mail: base64": _in_body("text/plain", "base64"),
    "mail: report": _in_report,
    "mail: enclosed mail": lambda text: _in_body("message/rfc822")("To: " + "\r\n ".join(text.splitlines()) + "\r\n\r\nx"),
    "layout": _each(
        layout.wrapped, layout.line, layout.headline, layout.quoted, layout.tidied,
        lambda text: layout.beginning(text, len(text) // 2), filters.paragraphs,
    ),
    "letters": _rendered,
    "outgoing mail": _composed,
}  # fmt: skip


def _forget() -> None:
    """What was read once and kept would cost nothing when it is measured again."""
    for each in KEPT:
        each.cache_clear()


@pytest.mark.parametrize("name", READERS)
def test_work_grows_with_the_text_and_no_faster(name: str) -> None:
    work = READERS[name]
    work("warm")
    slow = {kind: told for kind, generate in HOSTILE.items() if (told := grows_faster(work, generate, LENGTH, _forget))}
    assert not slow


def test_the_guard_sees_quadratic_work() -> None:
    length = 10_000  # whatever LINEAR is: shorter, and a quick machine is within the clock's grain; longer, and it takes minutes
    assert grows_faster(lambda text: re.findall("a+b", text), HOSTILE["one word"], length)
    assert not grows_faster(lambda text: re.findall("a+", text), HOSTILE["one word"], length)
