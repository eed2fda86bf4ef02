"""Header fields as text."""

from __future__ import annotations

import email

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.mime.headers import base64_bytes, decode_words, main_value, parameters
from mailproc.mime.parse import parse_mail


def subject(raw: bytes) -> str:
    return parse_mail(b"Subject: " + raw + b"\r\n\r\n").subject


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"Hello", "Hello"),
        (b"=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        (b"=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße"),
        (b"=?iso-8859-1?q?caf=E9?= today", "café today"),
        (b"=?utf-8?q?one?= =?utf-8?q?_two?=", "one two"),
        (b"=?utf-8?q?one?=\r\n =?utf-8?q?two?=", "onetwo"),
        (b"=?utf-8?b?4pw=?= =?utf-8?b?kw==?=", "✓"),
        (b"=?iso-2022-jp?B?GyRCJDMkcyRLJEEkTxsoQg==?=", "こんにちは"),
        (b"=?utf-8*en?q?language?=", "language"),
        (b"=?utf-8?q?a question? and an = sign?=", "a question? and an = sign"),
        (b"=?utf-8?q?never ends", "=?utf-8?q?never ends"),
        (b"=?utf-8?b?R3!LD*vMOfZQ?=", "Grüße"),
        (b"=?x-nope?q?still=20read?=", "still read"),
        (b"before=?utf-8?q?_inside_?=after", "before inside after"),
        (b"folded\r\n line", "folded line"),
        ("Grüße".encode(), "Grüße"),
        ("Grüße".encode("cp1252"), "Grüße"),
        ("こんにちは".encode("iso2022_jp"), "こんにちは"),
        (b"=?utf-8?q?x=0D=0ABcc:_victim=40example.org?=", "x Bcc: victim@example.org"),
        (b"=?utf-8?q?=E2=80=AEtxt.exe?=", "txt.exe"),
    ],
)
def test_subjects(raw: bytes, text: str) -> None:
    assert subject(raw) == text


def test_a_long_subject_is_cut() -> None:
    assert len(subject(b"=?utf-8?q?a?= " * 4_000)) <= 2_000


def test_all_fields_in_order_with_small_names() -> None:
    message = parse_mail(b"Received: one\r\nX-Note: a\r\n\tb\r\nReceived: two\r\nSubject: =?utf-8?q?=C3=BC?=\r\n\r\n")
    assert message.headers == (("received", "one"), ("x-note", "a b"), ("received", "two"), ("subject", "ü"))
    assert message.header_all("Received") == ("one", "two")


def test_nothing_is_smuggled_into_fields_that_machines_believe() -> None:
    word = b"=?utf-8?q?mx.example.org=3B_dmarc=3Dpass?="
    message = parse_mail(b"Authentication-Results: " + word + b"\r\nX-Note: " + word + b"\r\n\r\n")
    assert message.header("authentication-results") == word.decode()
    assert message.header("x-note") == "mx.example.org; dmarc=pass"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("text/plain; charset=utf-8", {"charset": "utf-8"}),
        ('text/plain; Charset="utf-8"; format=flowed', {"charset": "utf-8", "format": "flowed"}),
        ("text/plain charset=utf-8", {"charset": "utf-8"}),
        ("attachment; filename=my file.pdf; size=3", {"filename": "my file.pdf", "size": "3"}),
        ('attachment; filename="a;b.pdf"', {"filename": "a;b.pdf"}),
        ('attachment; filename="a\\"b.pdf"', {"filename": 'a"b.pdf'}),
        ('attachment; filename="never closed', {"filename": "never closed"}),
        ('attachment; filename="C:\\temp\\a.pdf"', {"filename": "C:\\temp\\a.pdf"}),
        ("attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe.pdf", {"filename": "Grüße.pdf"}),
        ("attachment; filename*0*=utf-8''Gr%C3; filename*1*=%BC; filename*2=.pdf", {"filename": "Grü.pdf"}),
        ("attachment; filename*1=b.pdf; filename*0=a", {"filename": "ab.pdf"}),
        ("attachment; filename=a.pdf; filename*=utf-8''b.pdf", {"filename": "b.pdf"}),
        ('attachment; filename="=?utf-8?q?Gr=C3=BC.pdf?="', {"filename": "Grü.pdf"}),
        ("attachment; filename=first; filename=second", {"filename": "first"}),
        ("attachment", {}),
    ],
)
def test_parameters(value: str, found: dict[str, str]) -> None:
    assert parameters(value) == found


def test_a_hundred_pieces_of_a_name_make_one() -> None:
    pieces = "".join(f"; filename*{number}=x" for number in range(100))
    assert parameters("attachment" + pieces) == {"filename": "x" * 100}


@given(st.text())
def test_any_value_has_parameters_and_words(value: str) -> None:
    assert all(isinstance(text, str) for text in parameters(value).values())
    assert isinstance(decode_words(value), str)
    assert main_value(value) == main_value(value).lower()


@given(st.text(min_size=1))
def test_what_the_standard_library_encodes_is_read_back(text: str) -> None:
    text = " ".join("".join(c for c in text if c.isprintable()).split())
    encoded = str(email.header.Header(text, "utf-8").encode())
    assert " ".join(decode_words(encoded.replace("\n", "")).split()) == text


@given(st.binary())
def test_any_bytes_are_some_base64(data: bytes) -> None:
    assert len(base64_bytes(data)) <= len(data)


@pytest.mark.parametrize(
    ("data", "decoded"),
    [
        (b"aGVsbG8=", b"hello"),
        (b"aGVsbG8", b"hello"),
        (b"aGVs\r\n bG8=", b"hello"),
        (b"aGk=\r\naGk=", b"hihi"),
        (b"a", b""),
    ],
)
def test_broken_base64_is_read_as_far_as_it_goes(data: bytes, decoded: bytes) -> None:
    assert base64_bytes(data) == decoded
