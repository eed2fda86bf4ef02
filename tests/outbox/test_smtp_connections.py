"""Connections: kept while all goes well, left at any doubt, protected or not at all."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping

import pytest

from mailproc.outbox.smtp import SmtpTransport
from mailproc.outbox.transport import Deferred, Reason, Refused, Security, Sent, SmtpAccount, Unknown
from tests.testlib.certificate import Certificate, make_certificate
from tests.testlib.sending import FROM, LARGE, MAIL, TO, send, transport
from tests.testlib.smtp import Sink, Tls
from tests.testlib.smtp_script import EHLO, Reaction, ScriptedServer, Talk, cut, stay_silent


class TestConnections:
    async def test_are_kept_for_several_mails(self, sink: Sink) -> None:
        async with transport(sink, connections=1) as smtp:
            outcomes = [await smtp.send(FROM, f"c{number}@example.org", MAIL) for number in range(5)]

        assert all(isinstance(outcome, Sent) for outcome in outcomes)
        assert sink.connections == 1
        assert sink.seen.count("EHLO localhost") == 1
        assert "RSET" not in sink.seen

    async def test_are_no_more_than_allowed(self, sink: Sink) -> None:
        async with transport(sink, connections=3) as smtp:
            await asyncio.gather(*(smtp.send(FROM, f"c{number}@example.org", MAIL) for number in range(30)))

        assert len(sink.taken) == 30
        assert sink.connections <= 3

    async def test_are_left_after_so_many_mails(self, sink: Sink) -> None:
        async with transport(sink, connections=1, mails_per_connection=2) as smtp:
            for number in range(5):
                await smtp.send(FROM, f"c{number}@example.org", MAIL)

        assert sink.connections == 3

    @pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
    @pytest.mark.parametrize("reply", ["421 4.3.2 closing", "550 5.0.0 no", "451 4.0.0 busy"])
    async def test_are_not_used_again_after_a_refusal(self, sink: Sink, verb: str, reply: str) -> None:
        sink.script(verb, reply)
        async with transport(sink, connections=1) as smtp:
            first, second = await smtp.send(FROM, TO, MAIL), await smtp.send(FROM, TO, MAIL)

        assert isinstance(first, Deferred | Refused)
        assert isinstance(second, Sent)
        assert sink.connections == 2

    async def test_are_not_used_again_after_silence(self) -> None:
        async with (
            ScriptedServer({"RCPT": stay_silent}, {}) as server,
            transport(server, connections=1, timeout=0.2) as smtp,
        ):
            first, second = await smtp.send(FROM, TO, MAIL), await smtp.send(FROM, TO, MAIL)

        assert isinstance(first, Deferred)
        assert isinstance(second, Sent)
        assert len(server.taken) == 1

    @pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
    async def test_are_not_used_again_after_a_cancel(self, verb: str) -> None:
        reached = asyncio.Event()

        async def late(talk: Talk) -> None:
            reached.set()
            await asyncio.sleep(0.1)
            await talk.say({"DATA": b"354 late\r\n"}.get(verb, b"250 late\r\n"))
            await talk.reader.read()

        async with (
            ScriptedServer({verb: late}, {"RCPT": b"550 no\r\n"}) as server,
            transport(server, connections=1) as smtp,
        ):
            sending = asyncio.create_task(smtp.send(FROM, TO, MAIL))
            await reached.wait()
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending

            assert await smtp.send(FROM, TO, MAIL) == Refused(Reason.REFUSED, 550, "no")

        assert server.connections == 2

    @pytest.mark.parametrize("end", [b"421 4.4.2 idle too long\r\n", cut], ids=["421", "cut"])
    async def test_that_the_server_ended_meanwhile_cost_no_attempt(self, end: Reaction) -> None:
        """A kept connection is a guess; that it is gone says nothing about the mail."""
        second_mail = asyncio.Event()

        async def once_fine(talk: Talk) -> None:
            if second_mail.is_set():
                await (talk.say(end) if isinstance(end, bytes) else end(talk))
                return
            await talk.say(b"250 OK\r\n")

        async with ScriptedServer({"MAIL": once_fine}, {}) as server, transport(server, connections=1) as smtp:
            assert isinstance(await smtp.send(FROM, TO, MAIL), Sent)
            second_mail.set()
            assert isinstance(await smtp.send(FROM, TO, MAIL), Sent)

        assert server.connections == 2
        assert len(server.taken) == 2

    async def test_without_work_are_left(self) -> None:
        quitted = asyncio.Event()

        async def farewell(talk: Talk) -> None:
            quitted.set()
            talk.cut()

        async with ScriptedServer({"QUIT": farewell}) as server, transport(server, idle=0.05) as smtp:
            await smtp.send(FROM, TO, MAIL)
            async with asyncio.timeout(5):
                await quitted.wait()
            assert isinstance(await smtp.send(FROM, TO, MAIL), Sent)

        assert server.connections == 2

    async def test_words_nobody_asked_for_are_not_taken_for_answers(self) -> None:
        chatty = {"DOT": b"250 first\r\n", "EHLO": EHLO + b"250 unasked\r\n", "MAIL": b"250 OK\r\n"}
        async with ScriptedServer(chatty | {"RCPT": b"550 no\r\n"}) as server, transport(server) as smtp:
            assert isinstance(await smtp.send(FROM, TO, MAIL), Deferred | Refused)

        assert server.taken == []


class TestOurName:
    async def test_is_said_in_a_labels(self) -> None:
        async with ScriptedServer() as server, transport(server, helo="bücher.example") as smtp:
            assert isinstance(await smtp.send(FROM, TO, MAIL), Sent)

        assert server.heard[0] == "EHLO xn--bcher-kva.example"

    @pytest.mark.parametrize("name", ["a b", "a\r\nMAIL FROM:<x@example.org>", "ü b"])
    async def test_that_is_none_is_trouble_of_the_account(self, name: str) -> None:
        async with ScriptedServer() as server, transport(server, helo=name) as smtp:
            outcome = await smtp.send(FROM, TO, MAIL)

        assert isinstance(outcome, Deferred)
        assert outcome.reason is Reason.CONNECT
        assert server.heard == []


class TestClosing:
    @pytest.mark.parametrize("verb", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "DOT"])
    async def test_ends_what_is_being_sent_with_the_outcome_it_has_reached(self, verb: str) -> None:
        reached = asyncio.Event()

        async def stall(talk: Talk) -> None:
            reached.set()
            await talk.reader.read()

        async with ScriptedServer({verb: stall}) as server, transport(server) as smtp:
            sending = asyncio.create_task(smtp.send(FROM, TO, MAIL))
            await reached.wait()
            await smtp.close()
            outcome = await sending

        if verb == "DOT":
            assert outcome == Unknown(Reason.STOPPED, "we stopped")
        else:
            assert outcome == Deferred(Reason.STOPPED, reply="we stopped")

    async def test_is_for_good(self, sink: Sink) -> None:
        async with transport(sink) as smtp:
            await smtp.send(FROM, TO, MAIL)
            await smtp.close()

            assert await smtp.send(FROM, TO, MAIL) == Deferred(Reason.STOPPED, reply="we stopped")
        assert len(sink.taken) == 1

    async def test_of_waiting_mails_too(self) -> None:
        reached = asyncio.Event()

        async def stall(talk: Talk) -> None:
            reached.set()
            await talk.reader.read()

        async with ScriptedServer({"MAIL": stall}) as server, transport(server, connections=1) as smtp:
            sending = [asyncio.create_task(smtp.send(FROM, TO, MAIL)) for _ in range(3)]
            await reached.wait()
            await smtp.close()

            assert {type(outcome) for outcome in await asyncio.gather(*sending)} == {Deferred}


class TestProtection:
    @pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
    async def test_by_tls(self, certificate: Certificate, tls: Tls) -> None:
        security = Security.TLS if tls is Tls.IMPLICIT else Security.STARTTLS
        async with Sink(tls=tls, context=certificate.server_context(), users={"desk": "secret"}) as sink:
            async with transport(
                sink, security=security, ca_file=str(certificate.certificate), user="desk", password="secret"
            ) as smtp:
                assert await smtp.try_login() is None
                outcomes = [await smtp.send(FROM, TO, MAIL), await smtp.send(FROM, TO, LARGE)]

            ends = [outcome.certificate_until for outcome in outcomes if isinstance(outcome, Sent)]
            assert ends == [certificate.end()] * 2
            assert [mail.content for mail in sink.taken] == [MAIL, LARGE]

    @pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
    @pytest.mark.row("N14")
    async def test_a_certificate_nobody_vouches_for_is_refused(self, certificate: Certificate, tls: Tls) -> None:
        security = Security.TLS if tls is Tls.IMPLICIT else Security.STARTTLS
        async with (
            Sink(tls=tls, context=certificate.server_context()) as sink,
            transport(sink, security=security) as smtp,
        ):
            outcome = await smtp.send(FROM, TO, MAIL)

            assert isinstance(outcome, Deferred)
            assert outcome.reason is Reason.TLS
            assert "certificate" in outcome.reply
            assert not [each for each in sink.seen if each.startswith(("AUTH", "MAIL"))]

    async def test_a_certificate_of_somebody_else_is_refused(
        self, certificate: Certificate, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        other = make_certificate(tmp_path_factory.mktemp("other"))
        changes = {"security": Security.TLS, "ca_file": str(other.certificate)}
        async with (
            Sink(tls=Tls.IMPLICIT, context=certificate.server_context()) as sink,
            transport(sink, **changes) as smtp,
        ):
            outcome = await smtp.try_login()

        assert outcome is not None
        assert outcome.reason is Reason.TLS

    @pytest.mark.parametrize(
        "script",
        [
            {},
            {"EHLO": b"250-x\r\n250 STARTTLS\r\n"},
            {"EHLO": b"250-x\r\n250 STARTTLS\r\n", "STARTTLS": b"454 4.7.0 not now\r\n"},
        ],
        ids=["not offered", "offered and unknown", "offered and refused"],
    )
    @pytest.mark.row("N14")
    async def test_no_starttls_is_no_mail(self, script: Mapping[str, Reaction]) -> None:
        async with (
            ScriptedServer(script) as server,
            transport(server, security=Security.STARTTLS, user="u", password="p") as smtp,
        ):
            outcome = await smtp.send(FROM, TO, MAIL)

        assert isinstance(outcome, Deferred)
        assert outcome.reason is Reason.TLS
        assert not [each for each in server.heard if each.startswith(("AUTH", "MAIL"))]

    async def test_words_before_the_handshake_are_forgotten(self, certificate: Certificate) -> None:
        script = {"EHLO": b"250-x\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n", "STARTTLS": b"220 go\r\n250 injected\r\n"}
        changes = {"security": Security.STARTTLS, "timeout": 0.5, "ca_file": str(certificate.certificate)}
        async with ScriptedServer(script) as server, transport(server, **changes) as smtp:
            outcome = await smtp.send(FROM, TO, MAIL)

        assert isinstance(outcome, Deferred)
        assert not [each for each in server.heard if each.startswith(("AUTH", "MAIL"))]

    @pytest.mark.parametrize("host", ["mail.example.org", "192.0.2.1", "localhost.example.org", "::2"])
    def test_clear_text_leaves_this_machine_only_when_asked_for(self, host: str) -> None:
        with pytest.raises(ValueError, match="not allowed"):
            SmtpAccount(host, 25, Security.CLEAR)
        assert SmtpAccount(host, 25, Security.CLEAR, allow_clear=True).allow_clear
        assert SmtpAccount(host, 465, Security.TLS).host == host

    @pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
    def test_clear_text_to_this_machine_is_fine(self, host: str) -> None:
        assert SmtpAccount(host, 25, Security.CLEAR).host == host

    def test_certificates_that_are_not_there_are_told_at_once(self) -> None:
        with pytest.raises((OSError, ssl.SSLError)):
            SmtpTransport(SmtpAccount("mail.example.org", 465, Security.TLS, ca_file="/nonexistent.pem"))

    def test_passwords_are_not_shown(self) -> None:
        assert "secret" not in repr(SmtpAccount("mail.example.org", 465, Security.TLS, user="u", password="secret"))


class TestLogin:
    AUTH = b"250-x\r\n250 AUTH CRAM-MD5 PLAIN LOGIN\r\n"

    @pytest.mark.row("N19")
    async def test_that_is_refused_is_trouble_of_the_account_and_tried_once(self) -> None:
        script = {"EHLO": self.AUTH, "AUTH": b"535 5.7.8 Authentication failed\r\n"}
        async with ScriptedServer(script) as server, transport(server, user="desk", password="wrong") as smtp:
            outcome = await smtp.send(FROM, TO, MAIL)
            assert await smtp.try_login() == outcome

        assert outcome == Deferred(Reason.LOGIN, 535, "5.7.8 Authentication failed")
        assert len([each for each in server.heard if each.startswith("AUTH")]) == 2

    async def test_that_fails_for_now_is_not_a_wrong_password(self) -> None:
        outcome = await send({"EHLO": self.AUTH, "AUTH": b"454 4.7.0 Temporary failure\r\n"}, user="u", password="p")

        assert outcome == Deferred(Reason.CONNECT, 454, "4.7.0 Temporary failure")

    @pytest.mark.parametrize("verb", ["MAIL", "RCPT"])
    async def test_that_is_missing_is_no_judgement_of_the_mail(self, verb: str) -> None:
        outcome = await send({verb: b"530 5.7.0 Authentication required\r\n"})

        assert outcome == Deferred(Reason.LOGIN, 530, "5.7.0 Authentication required")

    async def test_that_no_server_offers_is_told(self) -> None:
        outcome = await send({}, user="u", password="p")

        assert isinstance(outcome, Deferred)
        assert outcome.reason is Reason.LOGIN

    async def test_in_clear_does_not_show_the_password_first(self) -> None:
        script = {"EHLO": self.AUTH, "AUTH": b"504 5.5.4 unknown\r\n"}
        async with ScriptedServer(script) as server, transport(server, user="desk", password="secret") as smtp:
            outcome = await smtp.send(FROM, TO, MAIL)

        assert isinstance(outcome, Deferred)
        assert [each.split()[1] for each in server.heard if each.startswith("AUTH")] == ["CRAM-MD5", "LOGIN", "PLAIN"]

    async def test_works(self) -> None:
        async with Sink(users={"desk": "secret"}) as sink, transport(sink, user="desk", password="secret") as smtp:
            assert await smtp.try_login() is None
            assert isinstance(await smtp.send(FROM, TO, MAIL), Sent)
