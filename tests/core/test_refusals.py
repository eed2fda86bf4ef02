"""Which no of a mail server is one to the address."""

from __future__ import annotations

import pytest

from mailproc.core.refusals import nobody_there


@pytest.mark.parametrize(
    "words",
    [
        "550 5.1.1 not here",
        "5.1.1",
        "5.2.1 The account is disabled",
        "5.1.10 RESOLVER.ADR.RecipientNotFound",
        "550 no such user",
        "550 No such person at this address",
        "550 unknown user <spam-policy@customer.example>",
        "550 <clara@customer.example>: Recipient address rejected: User unknown in relay recipient table",
        "553 5.3.0 <clara@customer.example>... User unknown",
        "554 delivery error: This user doesn't have a customer.example account",
        "5.0.0 Recipient address rejected: mailbox not found, see https://spam.example/policy",
        "550 The mailbox you wrote to does not exist",
        "550 sorry, no mailbox here by that name",
        "550 host mx.spam.example said: Unrouteable address",
    ],
)
@pytest.mark.row("N16")
def test_a_mailbox_that_is_not_there(words: str) -> None:
    assert nobody_there(words)


@pytest.mark.parametrize(
    "words",
    [
        # about us
        "550 relay not permitted",
        "550 relaying denied: recipient unknown to this relay, please authenticate",
        "550 sender rejected",
        "550 Sender verify failed: no such user",
        "553 5.1.8 sender address rejected",
        "550 5.1.0 <support@acme.example>: Sender address rejected: User unknown",
        "550 user unknown (in reply to MAIL FROM command)",
        "550 not authenticated",
        "550 SPF check failed",
        "550 Your domain is an unknown address",
        "554 blocked, address listed at zen.blocklist.example",
        "550 reverse DNS of your host does not exist",
        # about the mail
        "550 message too large",
        "552 message exceeds fixed maximum size",
        "554 rejected as spam",
        "550 content rejected",
        "550 rejected for policy reasons, user unknown or blocked",
        "5.7.1 no such user may write to this list",
        # not for good
        "5.2.2 mailbox full",
        "550 mailbox over quota",
        "4.1.1 User unknown, tried for five days",
        # in doubt
        "550 Requested action not taken: mailbox unavailable",  # "or command rejected for policy reasons" (RFC 5321, 4.2.2)
        "550 Recipient address rejected: Access denied",
        "550 Recipient rejected",
        "550 account disabled",  # whose?
        "550 no",
        "5.0.0",
        "554 transaction failed",
        "550 from 203.5.1.1: refused",
        "",
    ],
)
@pytest.mark.row("N16")
def test_a_no_to_us_or_to_the_mail_or_one_that_nobody_understands(words: str) -> None:
    assert not nobody_there(words)
