"""Bounces that follow no standard, and what is no bounce: by what single mail systems, and people, really write."""

from __future__ import annotations

import email
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
    assert (report.recipients, report.status) == (("joe@example.org",), "5.1.1")


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
        (
            "Bezorging vertraagd: order",
            "De bezorging is vertraagd:\n\njane@example.org\n\nNog niet bezorgd.\n",
            "delayed",
        ),
        ("Recapito posticipato: ordine", "Non è stato ancora recapitato:\n\njane@example.org\n", "delayed"),
        ("Delivery report", "<jane@example.org>  delivery failed; will not continue trying\n", "failed"),
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
        "From: no-reply@desk.example\nReply-To: Jane <jane@example.org>\nSubject: Warning: mail rejected",
        "From: jane@example.org\nSubject: Out of Office: Your order\nReturn-Path: <>\nAuto-Submitted: auto-replied",
    ],
)
def test_people_who_write_of_bounces_are_heard(fields: str) -> None:
    assert delivery_report(mail(fields, BOUNCED)) is None


def test_a_small_firms_only_address_needs_more_than_an_address_in_its_text() -> None:
    body = "Hello,\nmy parcel could not be delivered. Please write to\njane@example.net\n"
    assert delivery_report(mail("From: Shop <mail@example.org>\nSubject: Delivery failed", body)) is None
    assert read("From: mail@example.org\nSubject: Delivery failed", BOUNCED).recipients == ("jane@example.org",)


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


@pytest.mark.parametrize("sender", ["postmaster@mx.example", "bounces+12@mx.example", "desk-bounces@mx.example"])
def test_a_bounce_names_in_reply_to_who_may_be_asked_about_it(sender: str) -> None:
    """No form writes from such an address, as they do from no-reply@."""
    report = read(f"From: {sender}\nReply-To: Help <help@mx.example>\nSubject: Undelivered Mail", BOUNCED)
    assert (report.recipients, report.status) == (("jane@example.org",), "5.1.1")


def test_a_mail_systems_report_without_a_return_path_is_known_by_its_code_in_any_language() -> None:
    """Only reports and automatic replies travel without one (RFC 5321, 4.5.5), and no such reply gives a code."""
    kept = "Paradosi: den itan dynati\n\njane@example.org\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not it\n"
    james = "I'm afraid I wasn't able to deliver your message.\n\nFailed recipient(s):\njane@example.org\n\n550 User unknown\n"
    for subject, body in (("Aparadoto: Your order", kept), ("Re: Your order", james)):
        report = read(f"Return-Path: <>\nFrom: postmaster@mx.example\nSubject: {subject}", body)
        assert (report.recipients, report.status[:1]) == (("jane@example.org",), "5")
    for sender, body in (
        ("Jane <jane@example.org>", kept), ("admin@example.org", "Write to me at Suite 500, or\njane@example.net\n"),
        ("postmaster@mx.example", "Delivered:\n\njane@example.org\n250 2.1.5 ok\n"),
    ):  # fmt: skip
        assert delivery_report(mail(f"Return-Path: <>\nFrom: {sender}\nSubject: I am away", body)) is None


def test_a_daemons_mail_that_reports_no_failure_is_none() -> None:
    assert delivery_report(mail(f"{DAEMON}Weekly figures", "All is well.")) is None
