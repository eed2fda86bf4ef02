"""Whatever stands in the values: the mail has exactly the fields meant, and says what was to be said."""

from __future__ import annotations

import email
import email.policy
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage

import mailparser
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mailproc.core.message import Address, Attachment
from mailproc.mime.compose import Automation, ComposeError, OutgoingMail, compose, text_of, valid_address
from mailproc.mime.header_fields import check_header
from mailproc.mime.text import clean_line, clean_text

ONE = OutgoingMail(
    sender=Address("support@acme.example", "Acme Support"),
    reply_to="support+abc@acme.example",
    to=(Address("anna@example.org", "Anna Müller"),),
    cc=(),
    subject="Re: Printer stops [Acme #1042]",
    message_id="<mp.abc.1@acme.example>",
    in_reply_to="<first@example.org>",
    references=("<zero@example.org>", "<first@example.org>"),
    date=datetime(2026, 11, 21, 14, 5, tzinfo=UTC),
    text="Thank you for writing.\n\nAcme Support\n",
    html="<p>Thank you for writing.</p>\n",
    automatic=Automation.REPLIED,
)
FIELDS = [
    "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
    "X-Auto-Response-Suppress", "X-Mailproc-Loop", "MIME-Version", "Content-Type",
]  # fmt: skip
FORBIDDEN = {"bcc", "disposition-notification-to", "return-receipt-to", "precedence", "sender"}

#: Values that try to become something else.
HOSTILE = [
    "x\r\nBcc: victim@example.org",
    "x\n\nbody",
    "=?utf-8?q?x=0D=0ABcc:_victim@example.org?=",
    "=?utf-8?b?eA0KQmNjOiB2aWN0aW1AZXhhbXBsZS5vcmc=?=",
    "x\u2028Bcc: a@b\u2029\x85\x0b\x0c\x00\x1b[31m",
    "\u202egpj.exe",
    "a" * 2000,
    "ä" * 2000,
    ("word " * 500).strip(),
    "😀👩\u200d🚀" * 40,
    "",
    " ",
    '"quoted" \\ back\\slash',
    "boss@bank.example",
    "<evil@example.org>",
    "Anna <anna@example.org>, Bob",
    "\ud800 lone",
    "=?=?=",
]
lines = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=120))


def read(mail: OutgoingMail) -> EmailMessage:
    """As the standard library sees it: a second opinion, never used on strangers' mail."""
    policy = email.policy.default  # noqa: TID251 - our own mail, in a test
    parsed = email.message_from_bytes(compose(mail), policy=policy)
    assert isinstance(parsed, EmailMessage)
    return parsed


def header_of(content: bytes) -> bytes:
    return content.partition(b"\r\n\r\n")[0]


def unfolded(content: bytes, name: str) -> str:
    found = re.search(rb"^" + name.encode() + rb": ?((?:.|\r\n )*)\r\n", content, re.MULTILINE | re.IGNORECASE)
    assert found is not None
    return found[1].replace(b"\r\n", b"").decode()


class TestFields:
    def test_are_exactly_these_in_this_order(self) -> None:
        assert read(ONE).keys() == FIELDS

    def test_machine_mail_tells_robots_to_keep_still(self) -> None:
        mail = read(ONE)

        assert mail["Auto-Submitted"] == "auto-replied"
        assert mail["X-Auto-Response-Suppress"] == "OOF, AutoReply, RN, NRN"
        assert mail["X-Mailproc-Loop"] == "support@acme.example"
        assert read(replace(ONE, automatic=Automation.GENERATED))["Auto-Submitted"] == "auto-generated"

    def test_a_persons_words_carry_no_robots_fields(self) -> None:
        mail = read(replace(ONE, automatic=Automation.HUMAN))

        assert not {"auto-submitted", "x-auto-response-suppress", "x-mailproc-loop"} & {key.lower() for key in mail}

    @given(lines, lines, lines)
    @example(
        "=?utf-8?q?x=0D=0ABcc:_v@example.org?=", "=?utf-8?q?=0ABcc:_v@example.org?= <x@y>", "a\r\n.\r\nMAIL FROM:<x@y>"
    )
    @pytest.mark.row("A13")
    def test_are_the_same_whatever_stands_in_them(self, subject: str, name: str, text: str) -> None:
        mail = replace(ONE, subject=subject, to=(Address("anna@example.org", name),), text=text)
        content = compose(mail)
        parsed, other = read(mail), mailparser.parse_from_bytes(content)

        assert parsed.keys() == FIELDS
        assert other.message.keys() == FIELDS
        assert not parsed.defects
        assert [address.addr_spec for address in parsed["To"].addresses] == ["anna@example.org"]
        assert [address for _, address in other.to] == ["anna@example.org"]
        assert parsed["Subject"] == clean_line(subject, 255)
        shown = {unicodedata.category(character) for character in parsed["To"].addresses[0].display_name}
        assert not {"Cc", "Cs", "Zl", "Zp"} & shown

    @given(lines, lines)
    def test_lines_are_short_and_of_printable_ascii(self, subject: str, name: str) -> None:
        content = compose(replace(ONE, subject=subject, sender=Address("support@acme.example", name)))

        for line in header_of(content).split(b"\r\n"):
            assert len(line) <= 78, line
            assert re.fullmatch(rb"[\x20-\x7e]+", line)
            assert all(len(word) <= 75 for word in line.split(b" ") if word.startswith(b"=?"))

    def test_a_subject_that_looks_encoded_stays_what_it_is(self) -> None:
        subject = "=?utf-8?q?x=0D=0ABcc:_v@example.org?="

        assert read(replace(ONE, subject=subject))["Subject"] == subject

    def test_date_has_its_offset(self) -> None:
        berlin = datetime(2026, 11, 21, 15, 5, tzinfo=timezone(timedelta(hours=1)))

        assert read(replace(ONE, date=berlin))["Date"] == "Sat, 21 Nov 2026 15:05:00 +0100"

    def test_ours_may_be_added_and_nobody_elses(self) -> None:
        mail = replace(ONE, extra=(("X-Mailproc-Ticket", "1042\r\nBcc: x@example.org"),))
        assert read(mail)["X-Mailproc-Ticket"] == "1042 Bcc: x@example.org"

        for name in ("Bcc", "X-Mailproc-Ticket\r\nBcc", "X-Mailproc-Loop", "x-other", ""):
            with pytest.raises(ComposeError):
                compose(replace(ONE, extra=((name, "x"),)))
        with pytest.raises(ComposeError):
            compose(replace(ONE, extra=(("X-Mailproc-A", "1"), ("X-Mailproc-A", "2"))))

    @pytest.mark.parametrize("mail", [ONE, replace(ONE, automatic=Automation.HUMAN, cc=(Address("b@example.org"),))])
    @pytest.mark.row("A22")
    def test_nothing_asks_for_receipts_or_hides_recipients(self, mail: OutgoingMail) -> None:
        assert not FORBIDDEN & {key.lower() for key in read(mail)}


class TestMessageIds:
    @pytest.mark.parametrize("length", [20, 75, 84, 200, 800])
    def test_stand_byte_for_byte_as_they_are(self, length: int) -> None:
        long = f"<{'A1b=?utf-8?q?x?=' * 60}"[: length - 13] + "@example.org>"
        content = compose(replace(ONE, in_reply_to=long, references=("<a@b.example>", long, "<c@d.example>")))

        assert unfolded(content, "In-Reply-To") == long
        assert unfolded(content, "References") == f"<a@b.example> {long} <c@d.example>"
        assert b"\r\nReferences: <a@b.example>\r\n " + long.encode() + b"\r\n <c@d.example>\r\n" in content

    def test_of_a_long_thread_are_the_first_and_the_newest_twenty(self) -> None:
        thread = tuple(f"<{number}@example.org>" for number in range(100))

        kept = unfolded(compose(replace(ONE, references=thread)), "References").split()

        assert kept == [thread[0], *thread[-20:]]

    def test_stay_below_eight_kilobytes_together(self) -> None:
        thread = tuple(f"<{number}{'x' * 790}@example.org>" for number in range(30))

        content = compose(replace(ONE, references=thread))
        kept = unfolded(content, "References")

        assert len(kept) < 8_000
        assert kept.split()[0] == thread[0]
        assert kept.split()[-1] == thread[-1]

    @pytest.mark.parametrize(
        "hostile", ["<a b@c>", "<a@b>\r\nBcc: x@y", "no-brackets", "<ä@b>", "<>", "", f"<{'x' * 1000}@y>"]
    )
    def test_that_are_none_are_left_out(self, hostile: str) -> None:
        mail = read(replace(ONE, in_reply_to=hostile, references=("<a@b.example>", hostile)))

        assert mail["In-Reply-To"] is None
        assert mail["References"] == "<a@b.example>"

    def test_ours_must_be_one(self) -> None:
        with pytest.raises(ComposeError, match="no Message-ID"):
            compose(replace(ONE, message_id="<a@b>\r\nBcc: x@y"))


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        ["a@b", "anna.o'neil+x@example.org", "a_b@xn--bcher-kva.example", "taro..y@example.org", "a@[127.0.0.1]",
         "a@bücher.example", "δοκιμή@example.org", "a" * 64 + "@example.org"],
    )  # fmt: skip
    def test_one_can_write_to(self, address: str) -> None:
        assert valid_address(address)

    @pytest.mark.parametrize(
        "address",
        ["", "a", "@b", "a@", "a b@c", '"a b"@c', "a@b c", "a@b>", "<a@b>", "a@b\r\nBcc: c@d", "a\x00@b", "a@b, c@d",
         "a@b@c", "a" * 65 + "@example.org", "a@" + "b" * 64 + ".example", "a@" + "b.example" * 30, "a@-b.example",
         "a@b..example", "=?utf-8?q?a?=@b.example", "a\u202eb@example.org", "é" * 40 + "@example.org", "a(c)@b"],
    )  # fmt: skip
    def test_one_can_not(self, address: str) -> None:
        assert not valid_address(address)
        with pytest.raises(ComposeError, match="no address"):
            compose(replace(ONE, to=(Address(address),)))

    def test_international_domains_travel_as_a_labels(self) -> None:
        assert read(replace(ONE, to=(Address("a@bücher.example", "A"),)))["To"] == "A <a@xn--bcher-kva.example>"

    def test_local_parts_beyond_ascii_stay_as_they_are(self) -> None:
        content = compose(replace(ONE, to=(Address("δοκιμή@example.org"),)))

        assert "\r\nTo: δοκιμή@example.org\r\n".encode() in content

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("Anna Müller", "Anna Müller"),
            ("O'Neil, Anna (Sales)", "O'Neil, Anna (Sales)"),
            ('Anna "Ann" \\ Smith', 'Anna "Ann" \\ Smith'),
            ("J. Smith", "J. Smith"),
            ("boss@bank.example", "boss at bank.example"),
            ("Anna <ceo@bank.example>", "Anna (ceo at bank.example)"),
            ("=?utf-8?q?boss=40bank?=", "=?utf-8?q?boss=40bank?="),
            ("line\r\nbreak\u2028s", "line break s"),
            ("", ""),
        ],
    )
    def test_names_are_shown_and_never_taken_for_addresses(self, name: str, shown: str) -> None:
        mail = replace(ONE, sender=Address("support@acme.example", name))
        sender = read(mail)["From"].addresses[0]

        assert (sender.display_name, sender.addr_spec) == (shown, "support@acme.example")
        assert unfolded(compose(mail), "From").count("@") == 1

    def test_several_are_one_list(self) -> None:
        people = tuple(Address(f"person{number}@example.org", f"Größe, Person {number}") for number in range(25))
        mail = read(replace(ONE, to=people[:1], cc=people[1:]))

        assert [address.addr_spec for address in mail["Cc"].addresses] == [person.address for person in people[1:]]
        assert mail["Cc"].addresses[3].display_name == "Größe, Person 4"

    def test_a_mail_needs_a_recipient_and_a_zone(self) -> None:
        with pytest.raises(ComposeError, match="nobody"):
            compose(replace(ONE, to=()))
        with pytest.raises(ComposeError, match="zone"):
            compose(replace(ONE, date=ONE.date.replace(tzinfo=None)))


class TestWords:
    @given(st.text(max_size=3000), st.text(max_size=300))
    @example("From here\n.\n..\n--=_x\n-- \nsig  \n", "x" * 1500)
    @example("é" * 500, "\n\n\n")
    @example("a\rb\r\nc\nd\x0be", "=" * 200)
    def test_come_back_the_same(self, text: str, html: str) -> None:
        mail = replace(ONE, text=text, html=html or "<p>")
        content, parsed = compose(mail), read(mail)
        plain, marked_up = parsed.get_body(("plain",)), parsed.get_body(("html",))
        assert plain is not None
        assert marked_up is not None

        said = clean_text(text.replace("\r\n", "\n")).removesuffix("\n")
        assert clean_text(plain.get_content()).removesuffix("\n") == said
        assert clean_text(marked_up.get_content()).removesuffix("\n") == clean_text(html or "<p>").removesuffix("\n")
        assert clean_text(text_of(content)).removesuffix("\n") == said

    @given(st.text(max_size=3000))
    def test_are_seven_bit_lines_of_bearable_length(self, text: str) -> None:
        content = compose(replace(ONE, text=text, html=text))

        assert content.isascii()
        assert b"\x00" not in content
        assert content.count(b"\r\n") == content.count(b"\n") == content.count(b"\r")
        assert max(map(len, content.split(b"\r\n"))) <= 998

    @pytest.mark.parametrize(
        ("text", "encoding"),
        [
            ("Hello", "7bit"),
            ("Größe und mehr", "quoted-printable"),
            ("привет, как дела", "base64"),
            ("x" * 999, "quoted-printable"),
        ],
    )
    def test_travel_in_the_cheapest_encoding(self, text: str, encoding: str) -> None:
        assert read(replace(ONE, text=text, html=""))["Content-Transfer-Encoding"] == encoding

    def test_alone_are_no_multipart(self) -> None:
        mail = replace(ONE, html="")

        assert read(mail).get_content_type() == "text/plain"
        assert text_of(compose(mail)) == ONE.text

    def test_can_not_end_their_part(self) -> None:
        boundary = read(ONE).get_boundary()
        mail = replace(ONE, text=f"--{boundary}\nContent-Type: text/html\n\n<b>\n--{boundary}--\n")

        assert len(list(read(mail).iter_parts())) == 2
        assert text_of(compose(mail)) == mail.text

    def test_of_other_mails_are_not_guessed(self) -> None:
        assert text_of(b"Subject: x\r\n\r\nhello") == ""


class TestAttachments:
    def test_come_back_whole(self) -> None:
        content = bytes(range(256)) * 300
        mail = read(replace(ONE, attachments=(Attachment("report.pdf", "application/pdf", content),)))
        part = next(mail.iter_attachments())

        assert mail.get_content_type() == "multipart/mixed"
        assert (part.get_filename(), part.get_content_type(), part.get_content()) == (
            "report.pdf",
            "application/pdf",
            content,
        )
        assert part.get_content_disposition() == "attachment"
        assert text_of(compose(replace(ONE, attachments=(Attachment("a", "x/y", b"z"),)))) == ONE.text

    @given(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=200)))
    @example('a"; filename="evil.exe')
    @example("../../etc/passwd")
    @example("Rechnung für Müller (März).pdf")
    @example("日本語" * 40 + ".txt")
    @pytest.mark.row("A13")
    def test_names_stay_names(self, filename: str) -> None:
        content = compose(
            replace(ONE, attachments=(Attachment(filename, "text/plain", b"x"), Attachment("b", "text/plain", b"y")))
        )
        parts = list(email.message_from_bytes(content).walk())
        name = email.utils.collapse_rfc2231_value(parts[4].get_filename(""))

        assert len(parts) == 6
        assert name == clean_line(re.sub(r'[/\\<>:"|?*]+', "_", filename), 150)
        assert sorted(parts[4].keys()) == ["Content-Disposition", "Content-Transfer-Encoding", "Content-Type"]
        assert max(map(len, content.split(b"\r\n"))) <= 78

    @pytest.mark.parametrize(
        "declared",
        ["message/rfc822", "multipart/mixed", "text/html\r\nBcc: x@y", "", "nonsense", "text/html; charset=x"],
    )
    def test_of_types_that_may_not_be_encoded_are_opaque(self, declared: str) -> None:
        part = next(
            read(replace(ONE, attachments=(Attachment("mail.eml", declared, b"Subject: x\n\ny"),))).iter_attachments()
        )

        assert part.get_content_type() == "application/octet-stream"
        assert part.get_content() == b"Subject: x\n\ny"

    def test_a_letter_of_ours_is_enclosed_as_the_mail_it_is(self) -> None:
        letter = compose(replace(ONE, message_id="<2@acme.example>", html="<p>Hello</p>"))
        around = compose(replace(ONE, letter=letter))

        assert letter in around
        types = [part.get_content_type() for part in email.message_from_bytes(around).walk()]
        assert types[types.index("message/rfc822") + 1 :] == ["multipart/alternative", "text/plain", "text/html"]
        assert text_of(around) == ONE.text

    def test_but_not_with_an_address_beyond_ascii(self) -> None:
        letter = compose(replace(ONE, sender=Address("jürgen@acme.example")))
        (part,) = read(replace(ONE, letter=letter)).iter_attachments()

        assert (part.get_content_type(), part.get_content()) == ("application/octet-stream", letter)


class TestReadingBack:
    """The last check before a mail is used; here on headers `compose` does not write."""

    @pytest.mark.parametrize(
        "header",
        [b"From: a\r\nBcc: x", b"From: a\r\n\r\nTo: b", b"From: a\nTo: b", b"From: a\r\n \r\nTo: b", b"From: a\rTo: b", b"From a\r\nTo: b",
         b"From: a\x00\r\nTo: b", b" From: a\r\nTo: b", b"From: a\r\nTo: b\r\n", b"From: a\r\nTo: " + b"b" * 1000, b"",
         b"From: a\r\nTo: b\r\nTo: c", "From: a\r\nTo: b\u0085".encode("latin-1")[:-1] + b"\x0b"],
    )  # fmt: skip
    def test_refuses_what_was_not_meant(self, header: bytes) -> None:
        with pytest.raises(ComposeError):
            check_header(header, ["From", "To"])

    def test_takes_what_was_meant(self) -> None:
        check_header(b"From: a\r\n b\r\nTo:\r\n c", ["From", "To"])
        check_header("From: ä\r\nTo: b".encode(), ["From", "To"])
