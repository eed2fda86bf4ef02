"""A mail's bytes to a Message: what a person would see in a mail reader, and what a machine needs."""

from __future__ import annotations

import base64
import random
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailproc.core.message import Message
from mailproc.mime.parse import parse_mail

MAILS = Path(__file__).parent / "mails"


def mail(name: str) -> Message:
    return parse_mail((MAILS / f"{name}.eml").read_bytes())


def of(content_type: str, body: str | bytes, *fields: str) -> Message:
    head = "\r\n".join([f"Content-Type: {content_type}", *fields]).encode()
    return parse_mail(head + b"\r\n\r\n" + (body if isinstance(body, bytes) else body.encode()))


def multipart(kind: str, *parts: str) -> Message:
    body = "".join(f"--mark\r\n{part}\r\n" for part in parts) + "--mark--\r\n"
    return of(f"multipart/{kind}; boundary=mark", body)


PLAIN = "Content-Type: text/plain\r\n\r\nplain words"
EMPTY = "Content-Type: text/plain\r\n\r\n   \r\n"
HTML = "Content-Type: text/html\r\n\r\n<p>html <b>words</b></p>"
PDF = "Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERg=="
CALENDAR = "Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR"
IMAGE = "Content-Type: image/png\r\nContent-ID: <logo@example.org>\r\n\r\nPNG"
INNER = "Content-Type: message/rfc822\r\n\r\nSubject: The first\r\nContent-Type: text/plain\r\n\r\ninner words"


class TestFields:
    def test_ids(self) -> None:
        message = parse_mail(
            b"Message-ID: <1@example.org>\r\nIn-Reply-To: <0@example.org> (Jane's mail)\r\n"
            b"References: <a@example.org>\r\n\t<b@example.org><c@example.org> rubbish <> <a@example.org>\r\n\r\n"
        )
        assert message.message_id == "<1@example.org>"
        assert message.in_reply_to == ("<0@example.org>",)
        assert message.references == ("<a@example.org>", "<b@example.org>", "<c@example.org>")

    @pytest.mark.parametrize(
        "value", [b"", b"<>", b"1@example.org", b"<a b@example.org>", "<ü@example.org>".encode(), b"<" * 900]
    )
    def test_no_usable_id(self, value: bytes) -> None:
        assert parse_mail(b"Message-ID: " + value + b"\r\n\r\n").message_id == ""

    def test_an_eight_bit_subject_has_the_charset_of_the_text(self) -> None:
        head = b"Subject: " + "邮件传输失败".encode("gb18030") + b"\r\nContent-Type: multipart/mixed; boundary=mark\r\n"
        text = b'\r\n--mark\r\nContent-Type: text/plain; charset="gb2312"\r\n\r\nhi\r\n--mark--\r\n'
        assert parse_mail(head + text).subject == "邮件传输失败"

    def test_long_ids_of_large_systems_are_kept(self) -> None:
        long = "<" + "x" * 600 + "@example.org>"
        assert parse_mail(f"Message-ID: {long}\r\n\r\n".encode()).message_id == long
        assert parse_mail(b"Message-ID: <[1@example.org]>\r\n\r\n").message_id == "<[1@example.org]>"

    def test_the_last_hundred_references_are_kept(self) -> None:
        ids = [f"<{number}@example.org>" for number in range(3_000)]
        message = parse_mail(("References: " + " ".join(ids) + "\r\n\r\n").encode())
        assert message.references == tuple(ids[-100:])

    @pytest.mark.parametrize(
        ("value", "date"),
        [
            (b"Mon, 2 Mar 2026 10:00:00 +0100", datetime(2026, 3, 2, 9, tzinfo=UTC)),
            (b"2 Mar 26 10:00 GMT", datetime(2026, 3, 2, 10, tzinfo=UTC)),
            (b"Mon, 2 Mar 2026 10:00:00 -0000 (UTC)", datetime(2026, 3, 2, 10, tzinfo=UTC)),
            (b"Mon Mar  2 10:00:00 2026", datetime(2026, 3, 2, 10, tzinfo=UTC)),
            (b"yesterday", None),
            (b"Mon, 32 Mar 2026 10:00:00 +0100", None),
            (b"Mon, 2 Mar 99999999999999999999 10:00:00 +0100", None),
            (b"", None),
        ],
    )
    def test_dates_are_aware_or_none(self, value: bytes, date: datetime | None) -> None:
        assert parse_mail(b"Date: " + value + b"\r\n\r\n").date == date

    @pytest.mark.parametrize(
        ("field", "path"),
        [(b"", None), (b"Return-Path: <>\r\n", ""), (b"Return-Path: <a@example.org>\r\n", "a@example.org"),
         (b"Return-Path: a@example.org\r\n", "a@example.org")],
    )  # fmt: skip
    def test_return_path(self, field: bytes, path: str | None) -> None:
        assert parse_mail(field + b"\r\n").return_path == path

    def test_delivered_to_topmost_first(self) -> None:
        message = parse_mail(
            b"Delivered-To: a@example.test\r\nX-Original-To: <b@example.test>\r\nEnvelope-To: c@example.test\r\n\r\n"
        )
        assert message.delivered_to == ("a@example.test", "b@example.test", "c@example.test")

    def test_a_blank_before_the_colon_ends_no_header(self) -> None:
        message = parse_mail(
            b"From : jane@example.org\r\nX-Mailer : x\r\nSubject\t: Printer\r\n\r\nProblem : it stops\r\n"
        )
        assert message.author is not None
        assert (message.author.address, message.subject, message.text) == (
            "jane@example.org",
            "Printer",
            "Problem : it stops",
        )

    @pytest.mark.row("A1")
    def test_no_server_of_ours_writes_a_verdict_with_a_blank_before_its_colon(self) -> None:
        verdict = b"mx.agents.example; dmarc=pass header.from=agents.example"
        message = parse_mail(
            b"Authentication-Results : " + verdict + b"\r\nARC-Seal : i=1\r\nSubject: Printer\r\n\r\nx"
        )
        assert (message.header("authentication-results"), message.header("arc-seal")) == ("", "")
        assert message.subject == "Printer"

    def test_fields_named_like_attributes_are_only_fields(self) -> None:
        message = parse_mail(b"headers: x\r\n__class__: y\r\nparse: z\r\nattachments_json: a\r\n\r\nHello")
        assert message.header("__class__") == "y"
        assert message.text == "Hello"


class TestText:
    def test_of_alternatives_the_plain(self) -> None:
        message = multipart("alternative", PLAIN, HTML)
        assert (message.text, message.attachments) == ("plain words", ())

    def test_the_plain_in_whatever_order(self) -> None:
        assert multipart("alternative", HTML, PLAIN).text == "plain words"

    def test_the_html_when_the_plain_is_empty(self) -> None:
        message = multipart("alternative", EMPTY, HTML)
        assert message.text == "html words"

    def test_html_only(self) -> None:
        message = of("text/html; charset=utf-8", "<p>Grüße</p>")
        assert message.text == "Grüße"

    def test_mixed_texts_in_order(self) -> None:
        message = multipart("mixed", PLAIN, PDF, "Content-Type: text/plain\r\n\r\n-- list footer")
        assert message.text == "plain words\n\n-- list footer"
        assert [a.filename for a in message.attachments] == ["a.pdf"]

    def test_related(self) -> None:
        message = multipart("related", HTML, IMAGE)
        assert message.text == "html words"
        (image,) = message.attachments
        assert (image.content_id, image.inline, image.filename) == ("logo@example.org", True, "image.png")

    def test_the_root_of_related_need_not_come_first(self) -> None:
        assert multipart('related; type="text/html"', IMAGE, HTML).text == "html words"
        root = HTML.replace("\r\n", "\r\nContent-ID: <root>\r\n", 1)
        assert multipart('related; start="<root>"', IMAGE, root).text == "html words"

    def test_text_as_attachment(self) -> None:
        attached = "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=log.txt\r\n\r\nlog"
        message = multipart("mixed", PLAIN, attached)
        assert message.text == "plain words"
        assert [(a.filename, a.content) for a in message.attachments] == [("log.txt", b"log")]

    def test_named_text_behind_the_first_is_an_attachment_and_the_first_is_not(self) -> None:
        named = "Content-Type: text/plain; name=n.txt\r\n\r\nnamed words"
        assert multipart("mixed", PLAIN, named).text == "plain words"
        assert multipart("mixed", named).text == "named words"

    def test_a_calendar_is_an_attachment_of_an_alternative_too(self) -> None:
        message = multipart("alternative", PLAIN, HTML, CALENDAR)
        assert message.text == "plain words"
        assert [a.filename for a in message.attachments] == ["invite.ics"]

    def test_nothing_but_a_calendar(self) -> None:
        message = of("text/calendar", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
        assert [a.content_type for a in message.attachments] == ["text/calendar"]

    def test_a_mail_within_the_mail_is_an_attachment_named_by_its_subject(self) -> None:
        message = multipart("mixed", PLAIN, INNER)
        assert message.text == "plain words"
        (inner,) = message.attachments
        assert (inner.filename, inner.content_type) == ("The first.eml", "message/rfc822")
        assert parse_mail(inner.content).text == "inner words"

    def test_unless_there_is_nothing_else(self) -> None:
        message = multipart("mixed", INNER)
        assert message.text == "inner words"
        assert [a.filename for a in message.attachments] == ["The first.eml"]
        assert of("message/rfc822", "Subject: x\r\n\r\ninner words").text == "inner words"

    def test_a_mail_within_that_was_encoded_against_the_rules(self) -> None:
        encoded = base64.b64encode(b"Subject: x\r\n\r\nwords").decode()
        (inner,) = multipart(
            "mixed", PLAIN, f"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}"
        ).attachments
        assert inner.content == b"Subject: x\r\n\r\nwords"

    @pytest.mark.parametrize(
        ("content_type", "body", "text"),
        [
            ("text/plain; charset=iso-2022-jp", "こんにちは".encode("iso2022_jp"), "こんにちは"),
            ("text/plain; charset=gb2312", "朱镕基".encode("gb18030"), "朱镕基"),
            ("text/plain; charset=iso-8859-1", b"\x93hi\x94", "“hi”"),
            ("text/plain; charset=shift_jis", "①".encode("cp932"), "①"),
            ("text/plain; charset=x-nope", "Grüße".encode(), "Grüße"),
            ("text/plain", "Grüße".encode("cp1252"), "Grüße"),
            ("text/html", '<meta charset="koi8-r">Привет'.encode("koi8-r"), "Привет"),
            ("text/plain; charset=utf-8", b"a\0b\x1b[31m", "ab[31m"),
            ("text/x-unknown", b"for people", "for people"),
            ("nonsense", b"for people", "for people"),
            ("text/html charset=utf-8", b"<b>bold</b>", "bold"),
        ],
    )
    def test_charsets_and_odd_types(self, content_type: str, body: bytes, text: str) -> None:
        assert of(content_type, body).text == text

    @pytest.mark.parametrize(
        ("encoding", "body", "text"),
        [
            ("quoted-printable", b"Gr=C3=BC=C3=9Fe=\r\n, all", "Grüße, all"),
            ("quoted-printable", b"100=% =XY broken =C3=BC", "100=% =XY broken ü"),
            ("base64", b"R3LDvMOfZQ==", "Grüße"),
            ("base64", b"R3LDvMOfZQ", "Grüße"),
            ("base64", "Not encoded at all, Grüße.".encode(), "Not encoded at all, Grüße."),
            (
                "base64",
                b"SGVsbG8sIGRlYXIgbGlzdCE=\r\n--\r\nlist footer, added later",
                "Hello, dear list!--\nlist footer, added later",
            ),
            ("base64", b"SGVsbG8sIGRlYXIg!\r\nbGlzdCEgSGVsbG8sIGRlYXIgbGlzdCE=", "Hello, dear list! Hello, dear list!"),
            ("8bit", "Grüße".encode(), "Grüße"),
            ("x-unknown", "Grüße".encode(), "Grüße"),
            ("7bit", "Grüße".encode(), "Grüße"),
        ],
    )
    def test_transfer_encodings(self, encoding: str, body: bytes, text: str) -> None:
        assert of("text/plain; charset=utf-8", body, f"Content-Transfer-Encoding: {encoding}").text == text

    def test_flowed_paragraphs(self) -> None:
        body = "One long \r\nparagraph.\r\n\r\n> quoted \r\n> words\r\n>> deeper\r\n From stuffed\r\n-- \r\nJane\r\n"
        assert of("text/plain; format=flowed", body).text == (
            "One long paragraph.\n\n> quoted words\n>> deeper\nFrom stuffed\n-- \nJane"
        )

    def test_flowed_without_the_spaces(self) -> None:
        assert of("text/plain; format=flowed; delsp=yes", "Donau \r\ndampf\r\n").text == "Donaudampf"

    def test_files_written_into_the_text(self) -> None:
        message = of("text/plain", "See this:\r\nbegin 644 hello.txt\r\n%:&5L;&\\\r\n`\r\nend\r\nBye\r\n")
        assert message.text == "See this:\nBye"
        assert [(a.filename, a.content) for a in message.attachments] == [("hello.txt", b"hello")]

    def test_words_that_only_look_like_a_file(self) -> None:
        text = "begin 100 times\nThis is not a file, is it?\nend"
        assert of("text/plain", text).text == text

    def test_more_text_than_anyone_reads_is_cut_and_said(self) -> None:
        message = of("text/plain", b"0123456789" * 500_000)
        assert len(message.text) == 1_000_000
        assert "text cut" in message.defects
        assert [(each.filename, each.content) for each in message.attachments] == [
            ("attachment.txt", b"0123456789" * 500_000),  # more than is decoded, as it came
            ("whole-text.txt", b"0123456789" * 400_000),  # more than is read
        ]


class TestAttachments:
    def test_content_comes_out_as_it_went_in(self) -> None:
        content = random.Random(1).randbytes(5_000)
        built = EmailMessage()
        built.set_content("see attached")
        built.add_attachment(content, "application", "octet-stream", filename="Grüße.bin")
        (attachment,) = parse_mail(built.as_bytes()).attachments
        assert (attachment.content, attachment.filename, attachment.size) == (content, "Grüße.bin", 5_000)

    @pytest.mark.parametrize(
        ("name", "safe"),
        [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\jane\\report.pdf", "report.pdf"),
            ("con.txt", "_con.txt"),
            (".htaccess", "htaccess"),
            ("..", "attachment.pdf"),
            ("a\tb.pdf", "a b.pdf"),
            ("invoice\u202efdp.exe", "invoice fdp.exe"),
            ("a<b>|c?.pdf", "a_b__c_.pdf"),
            ("x" * 5_000 + ".pdf", "x" * 116 + ".pdf"),
            ("", "attachment.pdf"),
        ],
    )
    @pytest.mark.row("I17")
    def test_names_are_safe(self, name: str, safe: str) -> None:
        octets = "".join(f"%{byte:02X}" for byte in name.encode())
        part = f"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename*=utf-8''{octets}\r\n\r\nx"
        assert [a.filename for a in multipart("mixed", PLAIN, part).attachments] == [safe]

    @pytest.mark.row("I17")
    def test_two_of_one_name_are_two(self) -> None:
        assert [a.filename for a in multipart("mixed", PLAIN, PDF, PDF).attachments] == ["a.pdf", "a.pdf"]

    def test_a_part_without_name_or_with_a_strange_encoding_is_kept(self) -> None:
        part = "Content-Type: application/x-strange\r\nContent-Transfer-Encoding: x-strange\r\n\r\nbytes"
        assert [(a.filename, a.content) for a in multipart("mixed", PLAIN, part).attachments] == [
            ("attachment.bin", b"bytes")
        ]

    def test_winmail_is_kept(self) -> None:
        message = multipart("mixed", PLAIN, "Content-Type: application/ms-tnef\r\n\r\nTNEF")
        assert [a.filename for a in message.attachments] == ["winmail.dat"]

    def test_the_parts_of_a_delivery_report(self) -> None:
        message = mail("report")
        assert (message.content_type, message.report_type) == ("multipart/report", "delivery-status")
        assert [a.content_type for a in message.attachments] == ["message/delivery-status", "message/rfc822"]
        assert b"Status: 5.1.1" in message.attachments[0].content
        assert "could not be delivered" in message.text


class TestBroken:
    def test_no_boundary_named(self) -> None:
        message = of("multipart/mixed", "--mark\r\nContent-Type: text/plain\r\n\r\nwords\r\n--mark--\r\n")
        assert message.text == "words"

    def test_another_boundary_named(self) -> None:
        message = of("multipart/mixed; boundary=wrong", f"--right\r\n{PLAIN}\r\n--right\r\n{PDF}\r\n--right--\r\n")
        assert message.text == "plain words"
        assert [a.filename for a in message.attachments] == ["a.pdf"]

    def test_cut_in_the_middle(self) -> None:
        raw = b"Content-Type: multipart/mixed; boundary=mark\r\n\r\n--mark\r\nContent-Type: text/plain\r\n\r\nwor"
        assert parse_mail(raw).text == "wor"

    def test_a_multipart_that_is_none(self) -> None:
        assert of("multipart/mixed; boundary=mark", "only words").text == "only words"

    def test_bare_line_ends(self) -> None:
        for end in (b"\n", b"\r", b"\r\n"):
            message = parse_mail(b"Subject: x\nContent-Type: text/plain\n\none\ntwo\n".replace(b"\n", end))
            assert (message.subject, message.text) == ("x", "one\ntwo")

    def test_a_multipart_type_nobody_knows(self) -> None:
        assert multipart("*", PLAIN, PDF).text == "plain words"

    def test_no_header(self) -> None:
        assert parse_mail(b"only words, no header").text == "only words, no header"

    def test_nothing(self) -> None:
        assert parse_mail(b"") == Message(from_defects=("no-from-field",))


class TestWholeMails:
    def test_a_reply_from_outlook(self) -> None:
        message = mail("outlook")
        assert message.subject == "AW: Bestellung 42 – Rückfrage"
        assert message.from_[0].name == "Müller, Jörg"
        assert message.text.startswith("Guten Tag,\n\ndas Gerät läuft wieder.")
        assert "Von: Desk" in message.text
        assert [(a.filename, a.inline) for a in message.attachments] == [
            ("image001.png", True),
            ("Übersicht März.pdf", False),
        ]
        assert message.identifies_sender

    def test_html_from_a_phone(self) -> None:
        message = mail("phone")
        assert message.text == (
            "It still does not print.\n\nSent from my phone\n\n> On 2 Mar 2026, at 10:00, Desk <desk@example.test> wrote:\n>\n"
            "> Please try again.\n>\n> See the guide <https://example.org/guide>"
        )

    def test_japanese(self) -> None:
        message = mail("japanese")
        assert message.subject == "お問い合わせ"
        assert message.from_[0].name == "山田 太郎"
        assert message.text == "こんにちは。\n①番の件です。"
