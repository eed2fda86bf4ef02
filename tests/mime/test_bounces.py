"""Bounces: found whatever system wrote them, never found in what people write, cheap and safe on everything."""

from __future__ import annotations

import email
from email.message import Message as Tree
from textwrap import dedent

import pytest

from mailproc.core.message import DeliveryReport, ReportKind
from mailproc.mime.bounces import delivery_report
from mailproc.mime.parse import parse_mail
from tests.testlib.growth import costs_more, grows_faster

US = "support@desk.example"


def mail(fields: str, body: str = "") -> Tree:
    return email.message_from_bytes(f"{dedent(fields).strip()}\n\n{dedent(body)}".encode())


def read(fields: str, body: str = "") -> DeliveryReport:
    report = delivery_report(mail(fields, body))
    assert report is not None
    return report


def standard(
    status: str, explained: str = "Sorry.", enclosed: str = "Content-Type: message/rfc822", top: str = ""
) -> Tree:
    """A report by the book (RFC 3464) with this status part."""
    fields = f"""\
From: MAILER-DAEMON@mx.example
To: {US}
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
{top}"""
    parts = [
        f"Content-Type: text/plain\n\n{explained}",
        f"Content-Type: message/delivery-status\n\n{dedent(status).strip()}\n",
        f"{enclosed}\n\nMessage-ID: <ours.1@desk.example>\nFrom: {US}\nTo: jane@example.org\n\nhello",
    ]
    body = "".join(f"--b\n{part}\n" for part in parts) + "--b--\n"
    return email.message_from_bytes(f"{fields.strip()}\n\n{body}".encode())


ONE = """\
    Reporting-MTA: dns; mx.example

    Final-Recipient: rfc822; jane@example.org
    Action: failed
    Status: 5.1.1
    Diagnostic-Code: smtp; 550 5.1.1 <jane@example.org>:
      Recipient address rejected
    """


# --- RFC 3464 -----------------------------------------------------------------------------------------


def test_a_standard_report_tells_who_what_why_and_of_which_mail() -> None:
    assert delivery_report(standard(ONE)) == DeliveryReport(
        kind=ReportKind.FAILED,
        recipients=("jane@example.org",),
        status="5.1.1",
        diagnostic="550 5.1.1 <jane@example.org>: Recipient address rejected",
        original_message_id="<ours.1@desk.example>",
    )


@pytest.mark.parametrize(
    "enclosed",
    ["Content-Type: message/rfc822", "Content-Type: text/rfc822-headers", "Content-Type: message/global-headers"],
)
def test_the_failed_mail_is_found_in_what_is_enclosed(enclosed: str) -> None:
    report = delivery_report(standard(ONE, enclosed=enclosed))
    assert report is not None
    assert report.original_message_id == "<ours.1@desk.example>"


def test_the_failed_mail_is_found_by_what_the_report_answers_when_nothing_is_enclosed() -> None:
    report = delivery_report(
        standard(ONE, enclosed="Content-Type: text/x-none", top="In-Reply-To: <ours.2@desk.example>")
    )
    assert report is not None
    assert report.original_message_id == "<ours.2@desk.example>"


@pytest.mark.parametrize(
    ("action", "status", "kind"),
    [
        ("failed", "5.1.1", ReportKind.FAILED),
        ("Failed (bad destination)", "5.0.0", ReportKind.FAILED),
        ("failed", "4.4.7", ReportKind.FAILED),  # given up after days of trying: nobody will get it
        ("delayed", "4.4.1", ReportKind.DELAYED),
        ("delayed", "5.1.1", ReportKind.DELAYED),
        ("delivered", "2.0.0", ReportKind.DELIVERED),
        ("relayed (to mx.example)", "2.1.9", ReportKind.DELIVERED),
        ("expanded", "2.1.5", ReportKind.DELIVERED),
        ("", "4.2.2", ReportKind.DELAYED),
        ("", "5.2.2", ReportKind.FAILED),
        ("", "2.1.5", ReportKind.DELIVERED),
    ],
)
def test_the_action_says_what_became_of_it_and_the_status_where_there_is_none(
    action: str, status: str, kind: ReportKind
) -> None:
    report = delivery_report(standard(f"Final-Recipient: rfc822; jane@example.org\nAction: {action}\nStatus: {status}"))
    assert report is not None
    assert (report.kind, report.status) == (kind, status)


def test_of_several_recipients_those_who_fared_worst_are_told() -> None:
    report = delivery_report(
        standard(
            """\
            Reporting-MTA: dns; mx.example

            Final-Recipient: rfc822; fine@example.org
            Action: relayed

            Final-Recipient: rfc822; jane@example.org
            Action: failed
            Status: 5.2.1

            Final-Recipient: rfc822; slow@example.org
            Action: delayed

            Original-Recipient: rfc822; joe@example.org
            Final-Recipient: rfc822; joe@elsewhere.example
            Action: failed
            """
        )
    )
    assert report is not None
    assert report.kind is ReportKind.FAILED
    assert report.recipients == ("jane@example.org", "joe@example.org")


def test_a_recipient_no_address_can_be_read_from_is_taken_from_the_next_best_place() -> None:
    by_original = standard(
        "Original-Recipient: rfc822; jane@example.org\nFinal-Recipient: local; |/bin/filter\nAction: failed"
    )
    by_words = standard(
        "Final-Recipient: x400; /S=jane/C=gb\nAction: failed\nDiagnostic-Code: smtp; 550 <jane@example.org> no"
    )
    by_enclosed = standard("Final-Recipient: rfc822; unknown\nAction: failed")
    for tree in (by_original, by_words, by_enclosed):
        report = delivery_report(tree)
        assert report is not None
        assert report.recipients == ("jane@example.org",)


def test_a_status_that_only_says_other_is_replaced_by_what_the_server_said() -> None:
    report = delivery_report(
        standard(
            "Final-Recipient: rfc822; jane@example.org\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 552 5.2.2 full"
        )
    )
    assert report is not None
    assert report.status == "5.2.2"


SLOPPY = """\
    Your message was not delivered.

    Final-Recipient: RFC822; <Jane@Example.org>
    Action: failed
    Status: 5.1.1

    Received: from desk.example
    Message-ID: <ours.1@desk.example>
    """


@pytest.mark.parametrize(
    "content_type",
    [
        "Content-Type: text/plain",
        "Content-Type: multipart/report; report-type=delivery-status",
        'Content-Type: multipart/mixed; boundary="gone"',
        "X-Nothing: at all",
    ],
    ids=["text", "no boundary", "wrong boundary", "no type"],
)
def test_the_standards_fields_are_read_wherever_they_stand(content_type: str) -> None:
    report = read(f"From: Mailer-Daemon@mx.example\nSubject: failure\n{content_type}", SLOPPY)
    assert (report.recipients, report.status) == (("jane@example.org",), "5.1.1")
    assert report.original_message_id == "<ours.1@desk.example>"


def test_a_status_part_without_its_report_type_or_encoded_is_read() -> None:
    status = "RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGphbmVAZXhhbXBsZS5vcmcKQWN0aW9uOiBmYWlsZWQKU3RhdHVzOiA1LjEuMQo="
    for part in (
        "Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; jane@example.org\nStatus: 5.1.1\n",
        "Content-Type: message/global-delivery-status\n\nFinal-Recipient: utf-8; jane@example.org\nStatus: 5.1.1\n",
        f"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n{status}\n",
        f"Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\n{status}\n",
        (
            "Content-Type: message/delivery-status\nContent-Transfer-Encoding: quoted-printable\n\n"
            "Final-Recipient: rfc822; jane@exam=\nple.org\nStatus: 5.1.1\n"
        ),
    ):
        head = f'From: Postmaster@mx.example\nTo: {US}\nSubject: Delivery Failure\nContent-Type: multipart/mixed; boundary="b"'
        report = delivery_report(email.message_from_string(f"{head}\n\n--b\n{part}\n--b--\n"))
        assert report is not None
        assert (report.recipients, report.status) == (("jane@example.org",), "5.1.1")


@pytest.mark.parametrize("field", ["utf-8; jörg@müller.example", r"utf-8; j\x{F6}rg@m\x{FC}ller.example"])
def test_an_address_of_any_script_is_told_as_we_wrote_it(field: str) -> None:
    kind = "Content-Type: multipart/report; report-type=delivery-status; boundary=b"
    part = f"Content-Type: message/global-delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: {field}\nAction: failed\nStatus: 5.1.1\n"
    raw = f"From: MAILER-DAEMON@mx.example\nSubject: failure\n{kind}\n\n--b\n{part}\n--b--\n"
    report = delivery_report(email.message_from_bytes(raw.encode()))
    assert report is not None
    assert report.recipients == ("jörg@xn--mller-kva.example",)


# --- read receipts and other reports --------------------------------------------------------------------

RECEIPT = """\
--b
Content-Type: text/plain

{text}
--b
Content-Type: message/disposition-notification

Final-Recipient: rfc822; jane@example.org
Original-Message-ID: <ours.1@desk.example>
Disposition: {disposition}

--b--
"""


def receipt(text: str, disposition: str) -> DeliveryReport | None:
    head = f"From: jane@example.org\nTo: {US}\nSubject: Read: x\n"
    kind = 'Content-Type: multipart/report; report-type=disposition-notification; boundary="b"'
    return delivery_report(
        email.message_from_string(f"{head}{kind}\n\n{RECEIPT.format(text=text, disposition=disposition)}")
    )


def test_read_receipts_are_no_bounces_but_a_filters_refusal_is() -> None:
    assert receipt("Your mail was read.", "manual-action/MDN-sent-manually; displayed") is None
    assert receipt("Your mail was deleted without being read.", "manual-action/MDN-sent-automatically; deleted") is None
    refused = receipt(
        "Your message was automatically rejected:\nQuota exceeded", "automatic-action/MDN-sent-automatically; deleted"
    )
    assert refused is not None
    assert (refused.kind, refused.recipients) == (ReportKind.FAILED, ("jane@example.org",))
    assert refused.original_message_id == "<ours.1@desk.example>"


def test_a_complaint_is_no_bounce() -> None:
    complaint = mail(
        "From: MAILER-DAEMON@isp.example\nSubject: failure notice\n"
        "Content-Type: multipart/report; report-type=feedback-report; boundary=b",
        "--b\nContent-Type: text/plain\n\nuser unknown\n--b--\n",
    )
    assert delivery_report(complaint) is None


# --- handed on ---------------------------------------------------------------------------------------------


def test_a_forwarded_report_is_the_forwarders_mail() -> None:
    inner = standard(ONE).as_string()
    attached = f"--x\nContent-Type: text/plain\n\nlook\n--x\nContent-Type: message/rfc822\n\n{inner}\n--x--\n"
    head = "From: jane@example.org\nSubject: {}\nContent-Type: multipart/mixed; boundary=x"
    assert delivery_report(email.message_from_string(f"{head.format('A mail came back')}\n\n{attached}")) is None
    assert delivery_report(email.message_from_string(f"{head.format('Fwd: Undelivered Mail')}\n\n{attached}")) is None


def test_a_report_that_a_gateway_wrapped_is_unwrapped() -> None:
    wrapped = f"--x\nContent-Type: message/rfc822\n\n{standard(ONE).as_string()}\n--x--\n"
    head = "From: postmaster@gateway.example\nSubject: Delivery Status Notification (Failure)\nContent-Type: multipart/mixed; boundary=x"
    report = delivery_report(email.message_from_string(f"{head}\n\n{wrapped}"))
    assert report is not None
    assert (report.recipients, report.status) == (("jane@example.org",), "5.1.1")


# --- hostile and ordinary --------------------------------------------------------------------------------


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "piece",
    [
        "a@", "a@b.c ", "@", "<", "a.", "550 ", "5.1.1", "--- original message ", "received: ", "-", " ", "\n", "to:", "'a@b.c'",
        "final-recipient: rfc822; a@b.c\n", "\ntext\n  original message\n", "a@b.", "\t", "=?utf-8?q?a?=", "<a@b.c>:\n", "message-id:\n",
        "mailto:", "recipient recipient ", "a@a-", "\u3042", "Final-Recipient:\n ",
    ],
)  # fmt: skip
@pytest.mark.slow
def test_time_grows_with_the_mail_and_no_faster(piece: str) -> None:
    def bounce(length: int) -> Tree:
        words = piece * (length // len(piece))
        clean = words[: length // 10].replace("\n", " ")
        tree = mail(f"From: MAILER-DAEMON@mx.example\nSubject: {clean}\nX-Failed-Recipients: {clean}")
        tree.set_payload(f"could not be delivered\n{words}")
        return tree

    assert not grows_faster(delivery_report, bounce, 50_000)


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/report; boundary=b",
        "multipart/mixed; boundary=b",
        "text/plain; charset=nonsense",
        "message/delivery-status",
        "message/rfc822",
    ],
)
def test_any_shape_of_mail_is_survived(content_type: str) -> None:
    for body in (
        "",
        "--b",
        "--b\n--b\n--b--",
        "--b\nContent-Type: message/delivery-status\n\n\n\n:\n: x\n--b--",
        "\x00\xff\n\n\n",
    ):
        delivery_report(
            mail(
                f"From: MAILER-DAEMON@mx.example\nSubject: Undelivered\nContent-Type: {content_type}\nContent-Transfer-Encoding: base64",
                body,
            )
        )
    delivery_report(Tree())


def test_many_parts_and_many_recipients_are_capped() -> None:
    groups = "\n\n".join(f"Final-Recipient: rfc822; u{n}@example.org\nAction: failed" for n in range(5000))
    report = delivery_report(standard(groups))
    assert report is not None
    assert len(report.recipients) <= 100


def test_an_ordinary_mail_costs_the_same_at_any_length() -> None:
    def ordinary(lines: int) -> Tree:
        head = f"From: Jane <jane@example.org>\nTo: {US}\nSubject: The printer is broken"
        return mail(head, "It does not print.\n" * lines)

    def work(tree: Tree) -> None:
        for _ in range(1000):
            assert delivery_report(tree) is None

    assert not costs_more(work, ordinary(20_000), 2, ordinary(20))


def test_bytes_that_are_no_text_in_the_quoted_message_id_can_be_stored() -> None:
    returned = (
        b"From: mailer-daemon@example.org\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        b"--b\r\nContent-Type: message/delivery-status\r\n\r\nFinal-Recipient: rfc822; gone@example.org\r\nAction: failed\r\n"
        b"Status: 5.1.1\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <ours\xa5\x92@acme.example>\r\n\r\n--b--\r\n"
    )
    report = parse_mail(returned).delivery_report
    assert report is not None
    assert report.original_message_id == "<ours\ufffd\ufffd@acme.example>"
