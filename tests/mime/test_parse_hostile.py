"""Any bytes become a message, in a time that grows with them and no faster."""

from __future__ import annotations

import email.policy
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailproc.mime.parse import SUBJECT_LIMIT, parse_mail
from mailproc.mime.prescan import Limits, prescan
from mailproc.mime.text import clean_text
from mailproc.mime.wire import decode_message, encode_message
from tests.testlib.growth import grows_faster

ANY_MAIL = st.builds(
    b"\r\n".join,
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from([
                b"Content-Type: multipart/mixed; boundary=b", b"Content-Type: multipart/alternative; boundary=b", b"",
                b"", b"--b", b"--b--", b"Content-Type: text/html; charset=utf-16", b"Content-Type: message/rfc822",
                b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: quoted-printable", b"Date: x",
                b"Content-Disposition: attachment; filename*0*=x''%ff", b"From: a@b <c@d>, =?utf-7?q?+?=", b"From: (",
                b"Content-Type: text/plain; format=flowed; charset=iso-2022-jp", b"begin 644 x", b"end", b"<blockquote>",
                b"Content-Type: multipart/related; start=x; boundary=b", b"Content-Transfer-Encoding: uuencode",
                b"Subject: =?hz?b?\xff?= =?utf-8?q?=ed=a0=80?=", b'Content-Type: multipart/report; boundary=""',
            ]),
        ),
        max_size=30,
    ),
)  # fmt: skip


@settings(max_examples=300)
@given(st.one_of(st.binary(), ANY_MAIL))
def test_any_bytes_become_a_message_that_can_be_stored_and_sent_on(raw: bytes) -> None:
    message = parse_mail(raw)
    document, contents = encode_message(message)
    assert decode_message(document, memoryview(b"".join(contents))) == message
    assert b"\\u0000" not in document
    document.decode("utf-8")
    assert len(message.subject) <= SUBJECT_LIMIT
    assert all(a.filename and "/" not in a.filename and len(a.filename) <= 120 for a in message.attachments)


@given(st.text())
def test_what_the_standard_library_writes_is_read(text: str) -> None:
    text = clean_text("".join(c for c in text if c.isprintable() or c == "\n"))
    built = EmailMessage(policy=email.policy.SMTP)
    built.set_content(text)
    assert parse_mail(built.as_bytes()).text.strip() == text.strip()


HOSTILE: dict[str, Callable[[int], bytes]] = {
    "encoded words": lambda n: b"Subject: " + b"=?utf-8?q?a?= " * n,
    "open encoded words": lambda n: b"Subject: " + b"=?utf-8?q?" * n,
    "recipients": lambda n: b"To: " + b"a@example.org, " * n,
    "references": lambda n: b"References: " + b"<a@b> " * n,
    "angles": lambda n: b"From: " + b"<" * n,
    "comments": lambda n: b"From: " + b"(" * n,
    "backslashes": lambda n: b'From: "' + b"\\" * n,
    "groups": lambda n: b"From: " + b"a:" * n,
    "date": lambda n: b"Date: " + b"(" * n,
    "parameters": lambda n: b"Content-Type: text/plain;" + b" a=b;" * n,
    "quotes in a parameter": lambda n: b'Content-Type: text/plain; a="' + b'\\"' * n,
    "continuations": lambda n: b"Content-Disposition: attachment;" + b"".join(b"f*%d=x;" % i for i in range(n)),
    "many fields": lambda n: b"A: b\r\n" * (n // 8),
    "flowed": lambda n: b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"a \n" * n,
    "flowed quotes": lambda n: b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"> a \n" * n,
    "begins": lambda n: b"Content-Type: text/plain\r\n\r\n" + b"begin 644 a\n" * n,
    "begins with lines": lambda n: b"Content-Type: text/plain\r\n\r\n" + b"begin 644 a\nM\n" * n,
    "padding": lambda n: b"Content-Type: x/y\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"QQ==" * n,
    "dashes": lambda n: b"Content-Type: multipart/mixed\r\n\r\n" + b"--a\r\n" * n,
    "combining marks": lambda n: b"Content-Type: text/plain; charset=utf-8\r\n\r\na" + "\u0316\u0301".encode() * n,
    "meta": lambda n: b"Content-Type: text/html\r\n\r\n" + b"<meta " * n,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_time_grows_with_the_mail_and_no_faster(kind: str) -> None:
    def generate(n: int) -> bytes:
        raw = HOSTILE[kind](n) + b"\r\n\r\nx"
        assert prescan(raw, Limits()) is None
        return raw

    assert not grows_faster(parse_mail, generate, 1_000)


@pytest.mark.parametrize("field", ["Content-Type: text/plain; ", "Content-Disposition: attachment; "])
def test_a_parameter_in_two_forms_at_once_costs_no_words(field: str) -> None:
    raw = (
        f"From: a@example.org\r\n{field}charset*=utf-8''utf-8; charset*0=utf; name*=b''x; name*0=y\r\n\r\nwords\xe9\r\n"
    )
    message = parse_mail(raw.encode("latin-1"))
    assert "words" in message.text or message.attachments


def test_nor_does_it_where_the_parts_begin() -> None:
    head = "From: a@example.org\r\nContent-Type: multipart/mixed; name*=x; name*0=y; boundary=b\r\n\r\n"
    message = parse_mail(
        f"{head}--b\r\n\r\nwords\r\n--b\r\nContent-Type: application/pdf\r\n\r\nx\r\n--b--\r\n".encode()
    )
    assert message.text.strip() == "words"
    assert [each.content_type for each in message.attachments] == ["application/pdf"]
