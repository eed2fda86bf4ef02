"""Messages on their way from a worker to the daemon."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.core.forward import Forwarded
from mailproc.core.message import Address, Attachment, DeliveryReport, Message, Protection, ReportKind
from mailproc.core.reply import Reply
from mailproc.mime.wire import (
    WireError,
    decode_forward,
    decode_message,
    decode_reply,
    decode_words,
    encode_forward,
    encode_message,
    encode_reply,
    encode_words,
)

FULL = Message(
    message_id="<1@example.org>",
    in_reply_to=("<0@example.org>",),
    references=("<a@example.org>", "<0@example.org>"),
    subject="Grüße",
    date=datetime(2026, 3, 2, 10, tzinfo=UTC),
    from_=(Address("jane@example.org", "Jane"),),
    from_fields=1,
    from_defects=("too-long",),
    sender=Address("bot@example.org"),
    reply_to=(Address("answers@example.org"),),
    to=(Address("desk@example.test"),),
    cc=(Address("bob@example.org"),),
    return_path="",
    delivered_to=("desk@example.test",),
    headers=(("subject", "Grüße"), ("x-note", "")),
    content_type="multipart/report",
    report_type="delivery-status",
    text="Hello\n",
    as_written=b"<!DOCTYPE html><s>Hello</s>",
    language="de",
    attachments=(
        Attachment("a.pdf", "application/pdf", b"\0\xff" * 10, "id", inline=True),
        Attachment("empty.txt", "text/plain", b""),
        Attachment("a.html", "text/html", b"<p>a", cleaned=b"<!DOCTYPE html><p>a"),
    ),
    delivery_report=DeliveryReport(
        ReportKind.FAILED, ("bob@example.org",), "5.1.1", "no such user", "<x@example.test>"
    ),
    protection=Protection.PGP,
    defects=("text cut",),
)


def there_and_back(message: Message) -> Message:
    document, contents = encode_message(message)
    return decode_message(document, memoryview(b"".join(contents)))


@pytest.mark.parametrize("message", [Message(), FULL])
def test_what_arrives_is_what_was_sent(message: Message) -> None:
    assert there_and_back(message) == message


def test_every_field_travels() -> None:
    empty = Message()
    assert [f.name for f in dataclasses.fields(Message) if getattr(FULL, f.name) == getattr(empty, f.name)] == []


@pytest.mark.parametrize(
    "change",
    [
        {"subject": 1},
        {"text": 1},
        {"text": "words"},
        {"subject": None},
        {"from_fields": -1},
        {"from_fields": True},
        {"headers": [["a"]]},
        {"headers": "abc"},
        {"from_": [["a", 1]]},
        {"date": "yesterday"},
        {"attachments": [["a", "b/c", "", False, 1]]},
        {"attachments": [["a", "b/c", "", False, -1]]},
        {"delivery_report": {"kind": "exploded"}},
        {"delivery_report": []},
        {"unknown": 1},
        {"subject": "\0"},
        {"language": "deutsch"},
        {"in_reply_to": ["<\ud800@example.org>"]},
    ],
)
def test_what_is_no_message_is_refused(change: dict[str, object]) -> None:
    document = json.loads(encode_message(Message())[0]) | change
    with pytest.raises(WireError):
        decode_message(json.dumps(document).encode(), memoryview(b""))


@pytest.mark.parametrize("text", [b"a\0", b"\xff", "\ud800".encode("utf-8", "surrogatepass")])
def test_a_text_that_no_database_keeps_is_refused(text: bytes) -> None:
    document = json.loads(encode_message(Message())[0]) | {"text": len(text)}
    with pytest.raises(WireError):
        decode_message(json.dumps(document).encode(), memoryview(text))
    with pytest.raises(WireError):
        decode_reply(b"[false,false,%d,0,0]" % len(text), memoryview(text))


@given(st.binary())
def test_rubbish_is_refused(rubbish: bytes) -> None:
    with pytest.raises(WireError):
        decode_message(rubbish, memoryview(b""))


REPLY = Reply("New \xfc", "> Old.", "Jane", "New \xfc", forwarded=False, unread=True, stray="> ls")


@pytest.mark.parametrize("reply", [REPLY, dataclasses.replace(REPLY, unquoted="New", forwarded=True)])
def test_what_is_new_travels_whole_alone_and_with_its_mail(reply: Reply) -> None:
    document, texts = encode_reply(reply)
    assert decode_reply(document, memoryview(b"".join(texts))) == reply
    document, pieces = encode_words(FULL, reply)
    assert decode_words(document, memoryview(b"".join(pieces))) == (FULL, reply)
    document, pieces = encode_words(FULL, None)
    assert decode_words(document, memoryview(b"".join(pieces))) == (FULL, None)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{}",
        b"[]",
        b"[false,false,0,0,0]",
        b"[false,false,0,0,0,1]",
        b"[false,false,0,0,0,0,0,0]",
        b"[0,false,0,0,0,0]",
    ],
)
def test_a_false_reply_is_refused(document: bytes) -> None:
    with pytest.raises(WireError):
        decode_reply(document, memoryview(b""))


FORWARDED = Forwarded("jane@example.org", "Jane", "Lamp", "today", "desk@example.test", "It \xfc broke.", "See below.")


@pytest.mark.parametrize("forwarded", [None, FORWARDED])
def test_a_forwarded_mail_travels_whole(forwarded: Forwarded | None) -> None:
    assert decode_forward(encode_forward(forwarded)) == forwarded


@pytest.mark.parametrize(
    "document", [b"", b"{}", b"[1]", b'["a"]', b'["a","b","c","d","e","f",1]', b"\xff", b"[" * 99999]
)
def test_a_false_forwarded_mail_is_refused(document: bytes) -> None:
    with pytest.raises(WireError):
        decode_forward(document)
