"""Every way a hand-over can end, told apart: sent, later, never, or nobody knows."""

from __future__ import annotations

import asyncio

import pytest

from mailproc.outbox.smtp import SmtpTransport
from mailproc.outbox.transport import Deferred, Reason, Refused, Security, Sent, SmtpAccount, Unknown
from tests.testlib.sending import FROM, LARGE, MAIL, TO, send, transport
from tests.testlib.smtp import Fault, Sink
from tests.testlib.smtp_script import ScriptedServer, Talk, cut, cut_after, drip, flood, stay_silent


class TestSent:
    async def test_bytes_arrive_as_they_were(self, sink: Sink) -> None:
        async with transport(sink) as smtp:
            outcome = await smtp.send(FROM, TO, MAIL)

        assert outcome == Sent(250, "2.0.0 OK: taken")
        assert [(mail.sender, mail.recipient, mail.content) for mail in sink.taken] == [(FROM, TO, MAIL)]

    async def test_large_mails_arrive_whole(self, sink: Sink) -> None:
        async with transport(sink) as smtp:
            assert isinstance(await smtp.send(FROM, TO, LARGE), Sent)

        assert sink.taken[0].content == LARGE

    async def test_null_path_and_size_are_told(self, sink: Sink) -> None:
        async with transport(sink) as smtp:
            await smtp.send("", TO, MAIL)

        assert f"MAIL FROM:<> SIZE={len(MAIL)}" in sink.seen
        assert sink.taken[0].sender == ""

    @pytest.mark.parametrize(
        ("reply", "words"),
        [(b"250 2.0.0 Ok: queued as 4F1ABC\r\n", "2.0.0 Ok: queued as 4F1ABC"), (b"251 forwarded\r\n", "forwarded"),
         (b"250-2.0.0 Ok:\r\n250 queued as 77\r\n", "2.0.0 Ok: queued as 77")],
    )  # fmt: skip
    async def test_the_servers_words_are_kept_on_one_line(self, reply: bytes, words: str) -> None:
        outcome = await send({"DOT": reply})

        assert isinstance(outcome, Sent)
        assert outcome.reply == words

    async def test_no_line_can_end_the_mail_early(self) -> None:
        smuggled = b"Subject: x\r\n\r\na\n.\nb\r.\rc\r\n.\r\nMAIL FROM:<x@example.org>\r\n"
        async with ScriptedServer() as server, transport(server) as smtp:
            assert isinstance(await smtp.send(FROM, TO, smuggled), Sent)

        assert server.taken == [
            b"Subject: x\r\n\r\na\r\n..\r\nb\r\n..\r\nc\r\n..\r\nMAIL FROM:<x@example.org>\r\n.\r\n"
        ]
        assert [each.partition(" ")[0] for each in server.heard][:5] in (
            ["EHLO", "MAIL", "RCPT", "DATA"],
            ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"],
        )


class TestRefusals:
    """A code of 4 is later, a code of 5 is never: wherever it comes."""

    @pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
    @pytest.mark.row("N15")
    async def test_for_now(self, verb: str) -> None:
        assert await send({verb: b"451 4.7.1 Greylisted\r\n"}) == Deferred(Reason.REFUSED, 451, "4.7.1 Greylisted")

    @pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
    @pytest.mark.row("N16")
    async def test_for_good(self, verb: str) -> None:
        assert await send({verb: b"550 5.1.1 No such user\r\n"}) == Refused(Reason.REFUSED, 550, "5.1.1 No such user")

    @pytest.mark.parametrize("reply", [b"421 4.3.2 closing\r\n", b"554 5.3.2 no service\r\n"])
    @pytest.mark.parametrize("verb", ["CONNECT"])
    async def test_of_the_connection_are_no_judgement_of_the_mail(self, verb: str, reply: bytes) -> None:
        outcome = await send({verb: reply})

        assert isinstance(outcome, Deferred)
        assert outcome.reason is Reason.CONNECT
        assert outcome.code == int(reply[:3])

    @pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "DOT"])
    @pytest.mark.row("N15")
    async def test_that_close_the_service_are_for_now_and_of_the_account(self, verb: str) -> None:
        assert await send({verb: b"421 4.3.2 shutting down\r\n"}) == Deferred(
            Reason.CONNECT, 421, "4.3.2 shutting down"
        )

    @pytest.mark.row("N16")
    async def test_of_one_recipient_leave_the_others_alone(self, sink: Sink) -> None:
        sink.answer_recipient("gone@example.org", "550 5.1.1 no such user")
        async with transport(sink) as smtp:
            gone, there = await asyncio.gather(smtp.send(FROM, "gone@example.org", MAIL), smtp.send(FROM, TO, MAIL))

        assert isinstance(gone, Refused)
        assert isinstance(there, Sent)
        assert [mail.recipient for mail in sink.taken] == [TO]

    async def test_are_not_tried_on_a_server_without_ehlo(self) -> None:
        assert isinstance(await send({"EHLO": b"502 what?\r\n"}), Sent)

    async def test_are_kept_on_one_printable_line(self) -> None:
        outcome = await send({"RCPT": b"550-no\x1b[31m\xff\r\n550 " + b"y" * 5000 + b"\r\n"})

        assert isinstance(outcome, Refused)
        assert outcome.reply.isprintable()
        assert len(outcome.reply) <= 500


class TestKnownBefore:
    """What the server can't take is not sent to it."""

    @pytest.mark.row("N20")
    async def test_too_large(self) -> None:
        async with ScriptedServer({"EHLO": b"250-x\r\n250 SIZE 50\r\n"}) as server, transport(server) as smtp:
            outcome = await smtp.send(FROM, TO, MAIL)

        assert outcome == Refused(Reason.TOO_LARGE, reply=f"the mail has {len(MAIL)} bytes, the server takes 50")
        assert [each.partition(" ")[0] for each in server.heard if "QUIT" not in each] == ["EHLO"]

    @pytest.mark.parametrize("size", [b"250 SIZE\r\n", b"250 SIZE 0\r\n", b"250 SIZE lots\r\n"])
    async def test_no_limit_is_no_limit(self, size: bytes) -> None:
        assert isinstance(await send({"EHLO": b"250-x\r\n" + size}), Sent)

    @pytest.mark.parametrize("recipient", ["δοκιμή@example.org", TO])
    @pytest.mark.row("N21")
    async def test_addresses_beyond_ascii(self, recipient: str) -> None:
        content = f"To: δοκιμή@example.org\r\n{MAIL.decode()}".encode()
        async with ScriptedServer({"EHLO": b"250 x\r\n"}) as server, transport(server) as smtp:
            outcome = await smtp.send(FROM, recipient, content)

        assert isinstance(outcome, Refused)
        assert outcome.reason is Reason.UNICODE_ADDRESS
        assert server.taken == []

    async def test_addresses_beyond_ascii_go_where_they_are_known(self) -> None:
        async with ScriptedServer() as server, transport(server) as smtp:
            assert isinstance(await smtp.send(FROM, "δοκιμή@bücher.example", MAIL), Sent)

        assert server.heard[1:3] == [
            f"MAIL FROM:<{FROM}> SIZE={len(MAIL)} SMTPUTF8",
            "RCPT TO:<δοκιμή@xn--bcher-kva.example>",
        ]

    @pytest.mark.parametrize("recipient", ["", "anna", "a@b>\r\nDATA", "a b@c", "<a@b> SIZE=1", '"a b"@c'])
    async def test_no_address(self, recipient: str) -> None:
        async with ScriptedServer() as server, transport(server) as smtp:
            outcome = await smtp.send(FROM, recipient, MAIL)

        assert isinstance(outcome, Refused)
        assert outcome.reason is Reason.ADDRESS
        assert server.connections == 0


class TestInterruptions:
    """Before the final dot a mail can be tried again; after it nobody knows."""

    @pytest.mark.parametrize("verb", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
    @pytest.mark.row("N17")
    async def test_a_cut_before_the_content(self, verb: str) -> None:
        outcome = await send({verb: cut})

        assert isinstance(outcome, Deferred)
        assert outcome.reason is (Reason.CONNECT if verb in {"CONNECT", "EHLO"} else Reason.CUT)

    @pytest.mark.parametrize("count", [0, 1, 1_000, 1_000_000])
    @pytest.mark.row("C9")
    async def test_a_cut_within_the_content(self, count: int) -> None:
        outcome = await send({"DATA": cut_after(count)}, LARGE)

        assert isinstance(outcome, Deferred)
        assert outcome.reason is Reason.CUT

    @pytest.mark.row("C10")
    async def test_a_cut_after_the_dot(self) -> None:
        async with ScriptedServer({"DOT": cut}) as server, transport(server) as smtp:
            outcome = await smtp.send(FROM, TO, MAIL)

        assert isinstance(outcome, Unknown)
        assert outcome.reason is Reason.CUT
        assert len(server.taken) == 1

    async def test_a_cut_after_the_dot_of_a_mail_that_was_taken(self, sink: Sink) -> None:
        sink.script("DOT", Fault.DROP_AFTER_TAKING)
        async with transport(sink) as smtp:
            assert isinstance(await smtp.send(FROM, TO, MAIL), Unknown)

        assert len(sink.taken) == 1

    @pytest.mark.parametrize("verb", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
    async def test_silence_before_the_content(self, verb: str) -> None:
        outcome = await send({verb: stay_silent}, timeout=0.2)

        assert isinstance(outcome, Deferred)
        assert outcome.reason is (Reason.CONNECT if verb in {"CONNECT", "EHLO"} else Reason.TIMEOUT)

    async def test_silence_after_the_dot(self) -> None:
        outcome = await send({"DOT": stay_silent}, final_timeout=0.2)

        assert isinstance(outcome, Unknown)
        assert outcome.reason is Reason.TIMEOUT

    async def test_a_server_that_stops_reading(self) -> None:
        async def stop_reading(talk: Talk) -> None:
            await talk.say(b"354 go on\r\n")
            talk.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a socket's transport can
            await asyncio.Event().wait()

        outcome = await send({"DATA": stop_reading}, LARGE, timeout=0.3)

        assert outcome == Deferred(Reason.TIMEOUT, reply="TimeoutError")

    @pytest.mark.row("N14")
    async def test_nobody_listens(self) -> None:
        async with ScriptedServer() as server:
            port = server.port
        smtp = SmtpTransport(SmtpAccount("127.0.0.1", port, Security.CLEAR))

        outcome = await smtp.send(FROM, TO, MAIL)

        assert isinstance(outcome, Deferred)
        assert outcome.reason is Reason.CONNECT

    @pytest.mark.parametrize("verb", ["EHLO", "MAIL", "DOT"])
    @pytest.mark.row("N18")
    async def test_a_byte_at_a_time_is_silence(self, verb: str) -> None:
        reply = drip(b"250 " + b"x" * 1000 + b"\r\n", 0.05)
        outcome = await send({verb: reply}, timeout=0.3, final_timeout=0.3)

        assert isinstance(outcome, Unknown if verb == "DOT" else Deferred)

    @pytest.mark.parametrize("piece", [b"250-more\r\n", b"y" * 10_000])
    @pytest.mark.parametrize("verb", ["EHLO", "RCPT", "DOT"])
    @pytest.mark.row("N18")
    @pytest.mark.slow
    async def test_words_without_end_are_not_listened_to(self, verb: str, piece: bytes) -> None:
        outcome = await send({verb: flood(piece)})

        assert isinstance(outcome, Unknown if verb == "DOT" else Deferred)

    @pytest.mark.parametrize("rubbish", [b"hello\r\n", b"\r\n", b"99 x\r\n", b"250\r\n", b"350 x\r\n", b"\xff\xfe\r\n"])
    @pytest.mark.parametrize("verb", ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA"])
    async def test_rubbish_is_never_fatal(self, verb: str, rubbish: bytes) -> None:
        outcome = await send({verb: rubbish}, timeout=0.5)

        assert isinstance(outcome, Deferred | Sent)

    @pytest.mark.parametrize("rubbish", [b"hello\r\n", b"\r\n", b"99 x\r\n", b"350 x\r\n"])
    async def test_rubbish_after_the_dot_is_no_answer(self, rubbish: bytes) -> None:
        assert isinstance(await send({"DOT": rubbish}, final_timeout=0.5), Unknown)
