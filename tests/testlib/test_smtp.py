"""The test's own SMTP server takes, refuses and fails as told."""

from __future__ import annotations

import asyncio

import aiosmtplib
import pytest

from tests.testlib.certificate import Certificate
from tests.testlib.dovecot import Dovecot
from tests.testlib.smtp import Fault, Sink, Taken, Tls, is_reserved

MAIL = b"Subject: Hello\r\n\r\n.a line with a dot\r\nGr\xc3\xb6\xc3\x9fe\r\n"


def client(sink: Sink, timeout: float = 5.0, **settings: object) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(hostname=sink.host, port=sink.port, timeout=timeout, start_tls=False, **settings)  # type: ignore[arg-type]  # settings of many types


async def test_remembers_envelope_and_bytes(sink: Sink) -> None:
    async with client(sink) as smtp:
        await smtp.sendmail("support@desk.test", ["anna@example.org", "b@example.com"], MAIL)
        await smtp.sendmail("", ["anna@example.org"], MAIL)

    assert await sink.wait_for(3) == [
        Taken("support@desk.test", "anna@example.org", MAIL),
        Taken("support@desk.test", "b@example.com", MAIL),
        Taken("", "anna@example.org", MAIL),
    ]
    assert len(sink.to("anna@example.org")) == 2


async def test_takes_nothing_for_the_world(sink: Sink) -> None:
    async with client(sink) as smtp:
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
            await smtp.sendmail("support@desk.test", ["someone@mail.invalid.org"], MAIL)

    assert sink.refused == ["someone@mail.invalid.org"]
    assert sink.taken == []


@pytest.mark.parametrize(
    ("address", "reserved"),
    [
        ("a@desk.test", True),
        ("a@example.org", True),
        ("a@mail.example.COM", True),
        ("a@notexample.org", False),
        ("a@test", True),
        ("a@atest", False),
        ("a", False),
    ],
)
def test_reserved_domains(address: str, reserved: bool) -> None:
    assert is_reserved(address) is reserved


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
async def test_answers_as_scripted_once_then_takes(sink: Sink, verb: str) -> None:
    sink.script(verb, "451 4.3.0 later")
    async with client(sink) as smtp:
        with pytest.raises((aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused)) as refused:
            await smtp.sendmail("support@desk.test", ["anna@example.org"], MAIL)
        await smtp.rset()
        await smtp.sendmail("support@desk.test", ["anna@example.org"], MAIL)

    assert "later" in str(refused.value)
    assert len(sink.taken) == 1


@pytest.mark.parametrize(
    ("fault", "taken", "error"),
    [
        (Fault.DROP, 0, aiosmtplib.SMTPServerDisconnected),
        (Fault.DROP_AFTER_TAKING, 1, aiosmtplib.SMTPServerDisconnected),
        (Fault.SILENCE, 0, aiosmtplib.SMTPReadTimeoutError),
        (Fault.SILENCE_AFTER_TAKING, 1, aiosmtplib.SMTPReadTimeoutError),
    ],
)
async def test_leaves_the_outcome_unknown(sink: Sink, fault: Fault, taken: int, error: type[Exception]) -> None:
    sink.script("DOT", fault)
    smtp = client(sink, timeout=0.3)
    await smtp.connect()
    with pytest.raises(error):
        await smtp.sendmail("support@desk.test", ["anna@example.org"], MAIL)
    smtp.close()

    assert len(sink.taken) == taken


async def test_refuses_one_recipient_by_name(sink: Sink) -> None:
    sink.answer_recipient("gone@example.org", "550 5.1.1 no such user")
    async with client(sink) as smtp:
        errors, _ = await smtp.sendmail("support@desk.test", ["anna@example.org", "gone@example.org"], MAIL)

    assert errors["gone@example.org"].code == 550
    assert [mail.recipient for mail in sink.taken] == ["anna@example.org"]


async def test_closes_after_421_and_greets_as_scripted(sink: Sink) -> None:
    sink.script("MAIL", "421 4.3.2 closing")
    smtp = client(sink)
    await smtp.connect()
    with pytest.raises(aiosmtplib.SMTPResponseException):
        await smtp.sendmail("support@desk.test", ["anna@example.org"], MAIL)
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await smtp.noop()
    sink.script("CONNECT", "554 5.3.2 not today")
    with pytest.raises(aiosmtplib.SMTPConnectResponseError):
        await client(sink).connect()

    assert sink.connections == 2


async def test_can_go_away_and_come_back_on_its_port(sink: Sink) -> None:
    smtp = client(sink)
    await smtp.connect()
    port = sink.port
    await sink.stop()
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await smtp.noop()
    await sink.start()
    assert sink.port == port
    async with client(sink):
        pass


async def test_waiting_in_vain_says_what_came_instead(sink: Sink) -> None:
    async with client(sink) as smtp:
        await smtp.sendmail("support@desk.test", ["anna@example.org"], MAIL)
    with pytest.raises(TimeoutError, match=r"anna@example\.org"):
        await sink.wait_for(2, limit=0.05)


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
async def test_speaks_tls_and_asks_for_a_password(certificate: Certificate, tls: Tls) -> None:
    async with Sink(tls=tls, context=certificate.server_context(), users={"support": "secret"}) as sink:
        smtp = aiosmtplib.SMTP(
            hostname=sink.host,
            port=sink.port,
            timeout=5,
            use_tls=tls is Tls.IMPLICIT,
            start_tls=tls is Tls.STARTTLS,
            tls_context=certificate.client_context(),
        )
        async with smtp:
            with pytest.raises(aiosmtplib.SMTPResponseException, match="Authentication required"):
                await smtp.sendmail("support@desk.test", ["anna@example.org"], MAIL)
            with pytest.raises(aiosmtplib.SMTPAuthenticationError):
                await smtp.login("support", "wrong")
            await smtp.login("support", "secret")
            await smtp.sendmail("support@desk.test", ["anna@example.org"], MAIL)

        assert len(sink.taken) == 1


async def test_hands_on_to_an_inbox(dovecot: Dovecot) -> None:
    async def forward(recipient: str, content: bytes, sender: str) -> None:
        await asyncio.to_thread(dovecot.deliver, recipient, content, sender)

    async with Sink(forward=forward) as sink:
        async with client(sink) as smtp:
            await smtp.sendmail("support@desk.test", ["anna+reply@example.org"], MAIL)

        (mail,) = await asyncio.to_thread(dovecot.mails, "anna@example.org")
        assert mail.endswith(MAIL)
