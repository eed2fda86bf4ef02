"""The test's own Dovecot does what tests rely on."""

from __future__ import annotations

import imaplib
import ssl

import pytest

from tests.testlib.dovecot import Dovecot

MAIL = b"From: anna@example.org\r\nTo: support@desk.test\r\nSubject: Hello\r\n\r\nFirst line\r\n"


def test_delivers_to_any_user_and_reads_back_what_was_sent(dovecot: Dovecot) -> None:
    dovecot.deliver("support@desk.test", MAIL)

    (mail,) = dovecot.mails("support@desk.test")

    assert mail.endswith(b"Subject: Hello\r\n\r\nFirst line\r\n")
    assert dovecot.mails("somebody.else@desk.test") == []


def test_a_plus_address_lands_with_its_owner_and_stays_visible(dovecot: Dovecot) -> None:
    dovecot.deliver("support+token.of-many_characters@desk.test", MAIL)

    (mail,) = dovecot.mails("support@desk.test")

    assert b"Delivered-To: support+token.of-many_characters@desk.test" in mail


def test_dropped_mails_keep_their_order_and_bytes(dovecot: Dovecot) -> None:
    mails = [b"Subject: %d\r\n\r\nText\r\n" % number for number in range(50)]

    dovecot.drop("support@desk.test", mails)
    dovecot.drop("support@desk.test", mails[:1], folder="Old mail")

    assert dovecot.mails("support@desk.test") == mails
    assert dovecot.mails("support@desk.test", "Old mail") == mails[:1]
    assert dovecot.folders("support@desk.test") == {"INBOX", "Old mail"}


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_mail_survives_the_server(dovecot: Dovecot, how: str) -> None:
    dovecot.deliver("support@desk.test", MAIL)
    port = dovecot.imap_port

    if how == "kill":
        dovecot.kill()
    dovecot.restart()

    assert dovecot.imap_port == port
    assert len(dovecot.mails("support@desk.test")) == 1


def test_is_gone_once_killed(dovecot: Dovecot) -> None:
    with dovecot.imap("support@desk.test") as imap:
        dovecot.kill()
        with pytest.raises((imaplib.IMAP4.abort, OSError)):
            imap.noop()
    with pytest.raises(OSError):
        imaplib.IMAP4(dovecot.host, dovecot.imap_port, timeout=5)


def test_a_wrong_password_is_refused(dovecot: Dovecot) -> None:
    imap = imaplib.IMAP4(dovecot.host, dovecot.imap_port, timeout=5)
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        imap.login("support@desk.test", "wrong")
    imap.shutdown()


def test_speaks_tls_from_the_first_byte_and_after_starttls(dovecot: Dovecot) -> None:
    trusting = ssl.create_default_context(cafile=str(dovecot.ca_file))
    with imaplib.IMAP4_SSL(dovecot.host, dovecot.imaps_port, ssl_context=trusting, timeout=5) as imap:
        assert imap.login("support@desk.test", dovecot.password)[0] == "OK"
    with imaplib.IMAP4(dovecot.host, dovecot.imap_port, timeout=5) as imap:
        imap.starttls(trusting)
        assert imap.login("support@desk.test", dovecot.password)[0] == "OK"


def test_a_client_that_does_not_know_the_authority_refuses(dovecot: Dovecot) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        imaplib.IMAP4_SSL(dovecot.host, dovecot.imaps_port, ssl_context=ssl.create_default_context(), timeout=5)
