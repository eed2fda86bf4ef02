"""What is refused by its bytes alone, and what is not."""

from __future__ import annotations

import pytest

from mailproc.mime.parse import parse_mail
from mailproc.mime.prescan import Limits, Refusal, RefusalReason, header_start, prescan

LIMITS = Limits()
PLAIN = b"From: jane@example.org\r\nSubject: Hello\r\n\r\nHello\r\n"


def multiparts(depth: int) -> bytes:
    body = b"Content-Type: text/plain\r\n\r\nhello\r\n"
    for level in range(depth):
        mark = b"mark%d" % level
        body = b"Content-Type: multipart/mixed; boundary=%b\r\n\r\n--%b\r\n%b\r\n--%b--\r\n" % (mark, mark, body, mark)
    return b"From: jane@example.org\r\n" + body


def messages(depth: int) -> bytes:
    return b"Content-Type: message/rfc822\r\n\r\n" * depth + PLAIN


def alternating(depth: int) -> bytes:
    body = PLAIN
    for level in range(depth // 2):
        mark = b"m%d" % level
        body = b"Content-Type: multipart/mixed; boundary=%b\r\n\r\n--%b\r\nContent-Type: message/rfc822\r\n\r\n%b" % (
            mark,
            mark,
            body,
        )
    return body


def siblings(count: int) -> bytes:
    part = b"--mark\r\nContent-Type: message/rfc822\r\n\r\nSubject: one\r\n\r\nhello\r\n"
    return b"Content-Type: multipart/digest; boundary=mark\r\n\r\n" + part * count + b"--mark--\r\n"


def refused(raw: bytes) -> RefusalReason | None:
    refusal = prescan(raw, LIMITS)
    return refusal.reason if refusal else None


def test_a_plain_mail_passes() -> None:
    assert prescan(PLAIN, LIMITS) is None


def test_nothing_at_all_passes() -> None:
    assert prescan(b"", LIMITS) is None


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (PLAIN + b"x" * 40_000_000, RefusalReason.MESSAGE_TOO_LARGE),
        (PLAIN + b"x\n" * 1_000_001, RefusalReason.TOO_MANY_LINES),
        (PLAIN + b"x\r" * 1_000_001, RefusalReason.TOO_MANY_LINES),
        (b"X-Note: hello\r\n" * 1_001 + b"\r\n", RefusalReason.TOO_MANY_FIELDS),
        (b"X-Note: " + b"x" * 64_000 + b"\r\n\r\n", RefusalReason.FIELD_TOO_LARGE),
        (b"X-Note: x\r\n" + b" folded\r\n" * 8_000 + b"\r\n", RefusalReason.FIELD_TOO_LARGE),
        ((b"X-Note: " + b"x" * 50_000 + b"\r\n") * 6, RefusalReason.HEADER_TOO_LARGE),
        (siblings(501), RefusalReason.TOO_MANY_PARTS),
        (
            b"Content-Type: multipart/mixed; boundary*0=ma; boundary*1=rk\r\n\r\n" + b"--mark\r\n\r\n" * 501,
            RefusalReason.TOO_MANY_PARTS,
        ),
        (b"Content-Type: multipart/mixed; boundary=mark\r\r" + b"--mark\r\r" * 501, RefusalReason.TOO_MANY_PARTS),
        (b"Content-Type: multipart/mixed; boundary=mark\r\n\r\n" + b"\n--" * 200_000, RefusalReason.TOO_MANY_PARTS),
        (PLAIN + b"boundary=x " * 200_000, RefusalReason.TOO_MANY_PARTS),
        (multiparts(31), RefusalReason.TOO_DEEP),
        (multiparts(300), RefusalReason.TOO_DEEP),
        (messages(31), RefusalReason.TOO_DEEP),
        (messages(5_000), RefusalReason.TOO_MANY_PARTS),
        (alternating(40), RefusalReason.TOO_DEEP),
    ],
)
def test_each_cap_has_its_name(raw: bytes, reason: RefusalReason) -> None:
    assert refused(raw) == reason


@pytest.mark.parametrize(
    "raw",
    [
        siblings(300),
        multiparts(30),
        messages(30),
        PLAIN + b"-- \r\nJane\r\n" * 1_000,
        PLAIN + b"--- a/file\n+++ b/file\n" * 10_000,
        b"X-Note: hello\r\n" * 1_000 + b"\r\n",
        b"no header at all, just text\r\n" * 20_000,
    ],
    ids=["digest", "deep parts", "deep mails", "signatures", "a long diff", "many fields", "no header"],
)
def test_what_people_send_passes_and_is_read(raw: bytes) -> None:
    assert prescan(raw, LIMITS) is None
    parse_mail(raw)


def test_a_refusal_names_the_cap_and_what_was_found() -> None:
    refusal = prescan(b"x" * 2_000, Limits(message_bytes=1_000))
    words = "The mail has 2,000 bytes; at most 1,000 are read (limits.message_bytes)."
    assert refusal == Refusal(RefusalReason.MESSAGE_TOO_LARGE, words)


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"\xef\xbb\xbf",
        b"\r\n\r\n\n",
        b"\n" * 50_000,
        b"From jane@example.org Mon Mar  2 10:00:00 2026\n",
        b">From jane@example.org Mon Mar  2 10:00:00 2026\r\n",
        b"\n\nFrom jane@example.org Mon Mar  2 10:00:00 2026\n>From someone else\n",
    ],
    ids=["nothing", "byte order mark", "blank lines", "50,000 blank lines", "mbox", "quoted mbox", "both"],
)
def test_what_may_stand_before_the_header(before: bytes) -> None:
    assert header_start(before + PLAIN) == len(before)
    assert prescan(before + PLAIN, LIMITS) is None
    assert parse_mail(before + PLAIN).subject == "Hello"
