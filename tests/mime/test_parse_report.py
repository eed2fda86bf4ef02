"""A delivery report is read with the mail it comes in."""

from __future__ import annotations

from pathlib import Path

from mailproc.core.message import ReportKind
from mailproc.mime.parse import parse_mail

MAILS = Path(__file__).parent / "mails"


def test_what_the_report_says() -> None:
    report = parse_mail((MAILS / "report.eml").read_bytes()).delivery_report
    assert report is not None
    assert (report.kind, report.recipients, report.status) == (ReportKind.FAILED, ("gone@example.org",), "5.1.1")
    assert report.original_message_id == "<ours1@example.test>"


def test_a_letter_reports_nothing() -> None:
    assert parse_mail((MAILS / "outlook.eml").read_bytes()).delivery_report is None
