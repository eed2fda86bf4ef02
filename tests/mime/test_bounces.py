"""Bounces: found whatever system wrote them, never found in what people write, cheap and safe on everything."""

from __future__ import annotations

import email
import time
from email.message import Message as Tree
from textwrap import dedent

import pytest

from mailproc.core.message import DeliveryReport, ReportKind
from mailproc.mime.bounces import delivery_report

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
    ):
        head = f'From: Postmaster@mx.example\nTo: {US}\nSubject: Delivery Failure\nContent-Type: multipart/mixed; boundary="b"'
        report = delivery_report(email.message_from_string(f"{head}\n\n--b\n{part}\n--b--\n"))
        assert report is not None
        assert (report.recipients, report.status) == (("jane@example.org",), "5.1.1")


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


# --- formats of single systems ---------------------------------------------------------------------------

DAEMON = f"From: Mail Delivery System <MAILER-DAEMON@mx.example>\nTo: {US}\nSubject: "
FORMATS = {
    "a list with a reason below": (
        "Mail delivery failed: returning message to sender",
        (
            "This message was created automatically by mail delivery software.\n\nThe following address(es) failed:\n\n"
            "  jane@example.org\n    SMTP error from remote mail server after RCPT TO:<jane@example.org>:\n"
            "    host mx.example.org [192.0.2.1]: 550 5.1.1 no such user\n\n"
            "------ This is a copy of the message, including all the headers. ------\n\nTo: other@example.org\n"
        ),
        "5.1.1",
    ),
    "address and colon": (
        "failure notice",
        (
            "Hi. This is the mail program at mx.example.\n\n<jane@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n"
            "--- Below this line is a copy of the message.\n\nReturn-Path: <support@desk.example>\n"
        ),
        "5.1.1",
    ),
    "transcript": (
        "Returned mail: User unknown",
        (
            "   ----- The following addresses had permanent fatal errors -----\n<jane@example.org>\n\n"
            "   ----- Transcript of session follows -----\n550 <jane@example.org>... User unknown\n\n"
            "   ----- Original message follows -----\nTo: other@example.org\n"
        ),
        "5.0.0",
    ),
    "label and colon": (
        "[BOUNCE]",
        (
            "Hi. Your mail could not be delivered.\n\nError message below:\n550 - no such user here\n\nMessage details:\n"
            "  Subject: Your order\n  MAIL FROM: support@desk.example\n  RCPT TO: jane@example.org\n"
        ),
        "5.0.0",
    ),
    "reason before the address": (
        "Undeliverable Mail",
        "Unknown user: jane@example.org\n\nOriginal message follows.\n\n",
        "",
    ),
    "address, then reason in brackets": (
        "Returned Mail: User unknown",
        (
            "The original message was received at Thu, 29 Apr 2010\nfrom support@desk.example\n\n"
            "---The following addresses had delivery errors---\n\njane@example.org [User unknown]\n"
        ),
        "",
    ),
    "a star before the address": (
        "Delivery status notification",
        (
            "This is an automatically generated Delivery Status Notification.\n\n"
            "Delivery to the following recipients failed permanently:\n\n  * jane@example.org\n\nTechnical details:\n"
            "SMTP:RCPT host 192.0.2.8: 553 5.3.0 <jane@example.org>... No such user here\n"
        ),
        "5.3.0",
    ),
    "failure reasons": (
        "Undeliverable message",
        (
            "------- Failure Reasons  --------\n\nUser not listed in public Name & Address Book\njane@example.org\n\n"
            "------- Returned Message --------\nTo: other@example.org\n"
        ),
        "",
    ),
    "addressed to": (
        "Your mail could not be delivered",
        (
            "Your message could not be sent.\nThe number of attempts made: 1\nAddressed To: jane@example.org\n\n"
            "Thu 29 Apr 2010 23:34:45 +0900\njane@example.org: [192.0.2.5], 550 no such user\n"
        ),
        "5.0.0",
    ),
    "quoted dialogue": (
        "Mail could not be delivered",
        "Sent <<< RCPT TO:<jane@example.org>\nReceived >>> 550 5.1.1 <jane@example.org>... user unknown\n",
        "5.1.1",
    ),
    "error codes with words": (
        "Undelivered Mail Returned to Sender",
        (
            "This message was created automatically by mail delivery software.\n"
            "A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.\n\n"
            "jane@example.org Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 User Unknown\n"
        ),
        "5.1.1",
    ),
    "boxes": (
        "mail failed, returning to sender",
        (
            "|------------------------- Failed addresses follow: ---------------------|\n <jane@example.org>\n"
            "   552 5.2.2 <jane@example.org> Quota exceeded (mailbox for user is full)\n\n"
            "|------------------------- Message header follows: ----------------------|\nTo: other@example.org\n"
        ),
        "5.2.2",
    ),
    "Japanese": (
        "failure notice",
        (
            "このメールは送信できませんでした。\n\n以下のメールアドレスへの送信に失敗しました。\njane@example.org\n\n"
            "-------server message\n550 5.1.1 unknown user <jane@example.org>\n\n-------original message\nTo: other@example.org\n"
        ),
        "5.1.1",
    ),
    "Russian": (
        "Сообщение не доставлено",
        "К сожалению, Ваше письмо не может быть доставлено получателям:\n\n jane@example.org\n   user not found\n",
        "",
    ),
    "French": (
        "Non remis : votre commande",
        (
            "Votre message n'a pas pu être remis au destinataire suivant :\n\njane@example.org\n#550 5.1.1 RESOLVER.ADR.RecipNotFound\n\n"
            "En-têtes de message d'origine :\nTo: other@example.org\n"
        ),
        "5.1.1",
    ),
    "German": (
        "Unzustellbar: Ihre Bestellung",
        "Ihre Nachricht konnte nicht zugestellt werden:\n\njane@example.org\nEmpfänger unbekannt\n",
        "",
    ),
    "nothing but the returned mail names it": (
        "Undeliverable message",
        "Your message could not be delivered.\n\n----- Original message -----\nFrom: support@desk.example\nTo: Jane <jane@example.org>\n",
        "",
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_formats_without_a_standard(name: str) -> None:
    subject, body, status = FORMATS[name]
    report = read(f"{DAEMON}{subject}\nContent-Type: text/plain; charset=utf-8", body)
    assert (report.kind, report.recipients, report.status) == (ReportKind.FAILED, ("jane@example.org",), status)


def test_header_lines_that_a_system_quotes_in_its_words_are_not_the_returned_mail() -> None:
    body = """\
        This report relates to a message you sent with the following header fields:

          Return-path: <support@desk.example>
          To: jane@example.org

        Your message cannot be delivered to the following recipients:

          Recipient address: joe@example.org
          Reason: 550 5.1.1 unknown
        """
    report = read(
        "From: Internet Mail Delivery <postmaster@mx.example>\nSubject: Delivery Notification: Delivery has failed",
        body,
    )
    assert report.status == "5.1.1"
    assert "joe@example.org" in report.recipients


def test_an_encoded_subject_and_an_encoded_body_are_read() -> None:
    report = read(
        "From: =?utf-8?b?TWFpbCBEZWxpdmVyeSBTeXN0ZW0=?= <robot@mx.example>\nSubject: =?utf-8?q?Unzustellbar?=\n"
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable",
        "jane@example.org\nEmpf=C3=A4nger unbekannt, konnte nicht zu=\ngestellt werden\n",
    )
    assert report.recipients == ("jane@example.org",)


def test_html_is_read_where_there_is_nothing_else() -> None:
    html = "<html><p>Your message could not be delivered to</p><ul><li>jane@example.org</li></ul><p>550 5.1.1 unknown</p></html>"
    report = read(f"{DAEMON}Undeliverable: x\nContent-Type: text/html", html)
    assert (report.recipients, report.status) == (("jane@example.org",), "5.1.1")


def test_several_failed_addresses_are_all_told_and_ours_and_the_postmasters_are_not() -> None:
    body = "Could not be delivered to:\n jane@example.org\n joe@example.org\nby postmaster@mx.example for support@desk.example\n"
    assert read(f"{DAEMON}Delivery failure", body).recipients == ("jane@example.org", "joe@example.org")


def test_the_header_field_of_exim_and_gmail_is_surest() -> None:
    report = read(
        f"{DAEMON}x\nX-Failed-Recipients: jane@example.org, joe@example.org", "Sorry, other@example.org did not."
    )
    assert report.recipients == ("jane@example.org", "joe@example.org")


@pytest.mark.parametrize(
    ("subject", "body", "kind"),
    [
        ("Warning: message 1abc delayed 24 hours", "It has not yet been delivered to:\n jane@example.org\n", "delayed"),
        ("Delayed Mail (still being retried)", "jane@example.org: it could not be delivered for 4 hours.\n", "delayed"),
        (
            "Delivery Status Notification (Delay)",
            "Delivery to jane@example.org has been delayed. It will be retried.\n",
            "delayed",
        ),
        (
            "Mail delivery failed",
            "jane@example.org: retry timeout exceeded. This message has been delayed.\n",
            "failed",
        ),
        ("Delivery failure", "jane@example.org: 451 4.4.1 no answer. Giving up after 5 days.\n", "failed"),
        ("Delivery failure", "jane@example.org: user unknown\n", "failed"),
    ],
)
def test_a_server_that_goes_on_trying_has_not_failed(subject: str, body: str, kind: str) -> None:
    assert read(f"{DAEMON}{subject}", body).kind == kind


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("550 5.7.129 not allowed", "5.7.129"),
        ("said: 452-4.2.2 The mailbox is full", "4.2.2"),
        ("sorry (#5.1.1)", "5.1.1"),
        ("said: 421 try later", "4.0.0"),
        ("mx.example (Exim 4.94.2) could not be delivered", ""),
        ("host 192.5.1.1 refused, could not be delivered", ""),
    ],
)
def test_codes_are_told_from_versions_and_addresses(text: str, status: str) -> None:
    assert read(f"{DAEMON}Delivery failure", f"jane@example.org\n{text}\n").status == status


# --- what is none ----------------------------------------------------------------------------------------

BOUNCED = """\
    <jane@example.org>: host mx.example.org said: 550 5.1.1 User unknown
    Your message could not be delivered.
    """


@pytest.mark.parametrize(
    "fields",
    [
        "From: jane@example.org\nSubject: Why do my mails come back?",
        "From: jane@example.org\nSubject: Undelivered Mail Returned to Sender",
        "From: jane@example.org\nSubject: Fwd: Undelivered Mail Returned to Sender",
        "From: jane@example.org\nSubject: Re: Undelivered Mail Returned to Sender\nIn-Reply-To: <1@example.org>",
        "From: jane@example.org\nSubject: WG: Unzustellbar: Ihre Rechnung",
        "From: jane@example.org\nSubject: failure notice\nIn-Reply-To: <1@example.org>",
        "From: postmaster@example.org\nSubject: Our users can't write to you",
        "From: no-reply@shop.example\nSubject: Your order",
        "From: jane@example.org\nSubject: Out of Office: Your order\nReturn-Path: <>\nAuto-Submitted: auto-replied",
    ],
)
def test_people_who_write_of_bounces_are_heard(fields: str) -> None:
    assert delivery_report(mail(fields, BOUNCED)) is None


def test_a_forwarded_report_is_the_forwarders_mail() -> None:
    inner = standard(ONE).as_string()
    attached = f"--x\nContent-Type: text/plain\n\nlook\n--x\nContent-Type: message/rfc822\n\n{inner}\n--x--\n"
    head = "From: jane@example.org\nSubject: {}\nContent-Type: multipart/mixed; boundary=x"
    assert delivery_report(email.message_from_string(f"{head.format('A mail came back')}\n\n{attached}")) is None
    assert delivery_report(email.message_from_string(f"{head.format('Fwd: Undelivered Mail')}\n\n{attached}")) is None


@pytest.mark.parametrize("sender", ["no-reply@parcels.example", "Royal Mail Delivery <info@parcels.example>"])
def test_a_parcel_that_could_not_be_delivered_is_no_mail(sender: str) -> None:
    text = "Your parcel 550123 for Jane Roe could not be delivered. The address was not found.\nhttps://parcels.example/550\n"
    for subject in ("Delivery failed", "Delivery notification", "Zustellung fehlgeschlagen"):
        assert (
            delivery_report(mail(f"From: {sender}\nSubject: {subject}\nAuto-Submitted: auto-generated", text)) is None
        )


def test_a_mail_without_any_sender_is_no_bounce_for_a_few_words() -> None:
    assert delivery_report(mail("Subject: Question", "The coupon is not valid, address not found.")) is None


@pytest.mark.parametrize("subject", ["Out of office", "Automatic reply: Your order", "Abwesenheitsnotiz"])
def test_an_absence_note_from_a_null_path_is_none_even_if_it_speaks_of_a_dead_mailbox(subject: str) -> None:
    note = mail(f"From: jane@example.org\nReturn-Path: <>\nSubject: {subject}", "This mailbox does not exist any more.")
    assert delivery_report(note) is None


def test_a_bounce_from_an_empty_address_or_a_role_is_one() -> None:
    for sender in ("Postmaster <>", "<>", "postmaster@mx.example", "Microsoft Outlook <no-reply@mx.example>"):
        report = read(
            f"From: {sender}\nSubject: Undeliverable: Your order",
            "Did not reach the following recipient:\n jane@example.org\n",
        )
        assert report.recipients == ("jane@example.org",)


def test_a_report_that_a_gateway_wrapped_is_unwrapped() -> None:
    wrapped = f"--x\nContent-Type: message/rfc822\n\n{standard(ONE).as_string()}\n--x--\n"
    head = "From: postmaster@gateway.example\nSubject: Delivery Status Notification (Failure)\nContent-Type: multipart/mixed; boundary=x"
    report = delivery_report(email.message_from_string(f"{head}\n\n{wrapped}"))
    assert report is not None
    assert (report.recipients, report.status) == (("jane@example.org",), "5.1.1")


def test_a_daemons_mail_that_reports_no_failure_is_none() -> None:
    assert delivery_report(mail(f"{DAEMON}Weekly figures", "All is well.")) is None


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
def test_no_text_takes_long(piece: str) -> None:
    for subject in ("Undelivered Mail", piece * 2000):
        clean = subject.replace("\n", " ")
        tree = mail(f"From: MAILER-DAEMON@mx.example\nSubject: {clean}\nX-Failed-Recipients: {clean}")
        tree.set_payload(f"could not be delivered\n{piece * (200_000 // len(piece))}")
        began = time.process_time()
        delivery_report(tree)
        assert time.process_time() - began < 3


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
            mail(f"{DAEMON}Undelivered\nContent-Type: {content_type}\nContent-Transfer-Encoding: base64", body)
        )
    delivery_report(Tree())


def test_many_parts_and_many_recipients_are_capped() -> None:
    groups = "\n\n".join(f"Final-Recipient: rfc822; u{n}@example.org\nAction: failed" for n in range(5000))
    report = delivery_report(standard(groups))
    assert report is not None
    assert len(report.recipients) <= 100


def test_an_ordinary_mail_costs_next_to_nothing() -> None:
    tree = mail(
        f"From: Jane <jane@example.org>\nTo: {US}\nSubject: The printer is broken", "It does not print.\n" * 2000
    )
    began = time.process_time()
    for _ in range(1000):
        assert delivery_report(tree) is None
    assert time.process_time() - began < 0.5
