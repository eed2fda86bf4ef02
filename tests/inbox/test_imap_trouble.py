"""What a server, or the way to it, can do to a connection: nothing is lost, nothing spins, nothing hangs."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from mailproc.clock import SystemClock
from mailproc.inbox.imap import ImapSource
from mailproc.inbox.source import Listed, Unreachable, WrongPassword
from mailproc.store import inbound
from mailproc.store.inbound import Finished
from tests.inbox.reading import account, contents, look, opened, plan, reading, until
from tests.testlib.certificate import Certificate
from tests.testlib.imap_script import (
    MAIL,
    ONE_MAIL,
    ORDINARY,
    Answer,
    ScriptedImap,
    Talk,
    body,
    cut,
    listed,
    stay_silent,
    then_cut,
)
from tests.testlib.store import NOW

LISTED = Listed(1, len(MAIL), NOW)


@pytest.mark.row("N3")
async def test_silence_is_noticed_and_another_connection_made() -> None:
    async with (
        ScriptedImap({**ONE_MAIL, "BODY": stay_silent}, ONE_MAIL) as server,
        reading(account(server.port, read_timeout=0.2)) as poller,
    ):
        await look(poller)
        assert server.connections == 2
        assert await contents() == [MAIL]


@pytest.mark.parametrize("silent", ["CONNECT", "LOGIN", "SELECT", "SEARCH", "IDLE"])
@pytest.mark.row("N3")
async def test_no_silence_lasts(silent: str) -> None:
    async with ScriptedImap({silent: stay_silent}) as server:
        source = ImapSource(account(server.port, connect_timeout=0.2, read_timeout=0.2))
        with pytest.raises(Unreachable):
            async with asyncio.timeout(2):
                await source.open()
                await source.after(0, 1)
                await source.news(0.1)
        await source.close()


@pytest.mark.parametrize("step", ["CONNECT", "LOGIN", "SELECT", "SEARCH", "SIZE", "BODY", "MOVE", "IDLE"])
@pytest.mark.parametrize("how", [cut, then_cut(b"* BYE session expired\r\n"), b"* BYE going down\r\n{tag} NO bye\r\n"])
@pytest.mark.row("N4")
async def test_a_farewell_at_any_step_is_only_a_farewell(step: str, how: Answer) -> None:
    if isinstance(how, bytes) and step == "LOGIN":
        return  # that one is a refusal
    async with (
        ScriptedImap({**ONE_MAIL, step: how}, ONE_MAIL) as server,
        reading(account(server.port, read_timeout=0.5, connect_timeout=0.5)) as poller,
    ):
        await until(lambda: poller.heard_until is not None and server.count("BODY") > 0, poller)
        assert await contents() == [MAIL]


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        (b"{tag} NO [AUTHENTICATIONFAILED] no such user or password\r\n", WrongPassword),
        (b"{tag} NO sorry\r\n", WrongPassword),
        (b"{tag} NO [AUTHENTICATIONFAILED] limit reached, unavailable\r\n", WrongPassword),
        (b"{tag} NO [UNAVAILABLE] try later\r\n", Unreachable),
        (b"{tag} NO [INUSE] try later\r\n", Unreachable),
        (b"{tag} NO [ALERT] Too many simultaneous connections. (Failure)\r\n", Unreachable),
        (b"{tag} BAD what?\r\n", Unreachable),
        (b"* BYE too many connections\r\n", Unreachable),
        (cut, Unreachable),
    ],
)
@pytest.mark.row("N5", "N6")
async def test_only_a_plain_no_is_about_the_password(answer: Answer, trouble: type[Exception]) -> None:
    async with ScriptedImap({"LOGIN": answer}) as server:
        source = ImapSource(account(server.port, read_timeout=0.3))
        with pytest.raises(trouble):
            await source.open()
        await source.close()


@pytest.mark.row("N5")
async def test_a_wrong_password_is_not_tried_again_soon() -> None:
    async with (
        ScriptedImap({"LOGIN": b"{tag} NO no\r\n"}) as server,
        reading(account(server.port), clock=SystemClock()) as poller,
    ):
        await until(lambda: poller.trouble, poller)
        assert "wrong user or password" in poller.trouble
        assert poller.heard_until is None
        assert server.count("LOGIN") == 1


@pytest.mark.row("N7")
async def test_a_mail_cut_in_the_middle_is_not_stored() -> None:
    broken = then_cut(b"* 1 FETCH (UID 1 BODY[] {%d}\r\n%s" % (len(MAIL), MAIL[:40]))
    async with ScriptedImap({**ONE_MAIL, "BODY": broken}, ONE_MAIL) as server, reading(account(server.port)) as poller:
        await server.until(lambda: server.connections == 2)
        assert await contents() in ([], [MAIL])
        await look(poller)
        assert await contents() == [MAIL]


@pytest.mark.parametrize(
    "answer",
    [
        b"* 1 FETCH (UID 1 BODY[] NIL)\r\n{tag} OK .\r\n",
        b"* 1 FETCH (UID 1 BODY[] 5)\r\n{tag} OK .\r\n",
        b'* 1 FETCH (UID 1 BODY[] "")\r\n{tag} OK .\r\n',
        b"{tag} OK nothing\r\n",
        b"* 1 FETCH (FLAGS (\\Seen))\r\n{tag} OK .\r\n",
    ],
)
@pytest.mark.row("N8")
async def test_a_mail_without_a_body_is_passed_over(answer: bytes) -> None:
    async with ScriptedImap({**ONE_MAIL, "BODY": answer}) as server, opened(server) as source:
        assert await source.fetch([LISTED], 1_000) == {}


@pytest.mark.row("N8")
async def test_what_was_told_unasked_is_neither_kept_nor_taken_for_an_answer() -> None:
    told = b'* 1 FETCH (UID 1 BODY[]<0> "lies")\r\n' + b"* 1 EXPUNGE\r\n" * 1000 + b"{tag} OK .\r\n"
    script: dict[str, Answer] = {**ONE_MAIL, "NOOP": told, "BODY": b"{tag} OK .\r\n"}
    async with ScriptedImap(script) as server, opened(server) as source:
        assert await source.after(0, 2) == [1]
        assert not source._untold()
        assert await source.fetch([LISTED], 1_000) == {}


@pytest.mark.row("C11")
@pytest.mark.parametrize(
    ("answer", "there"),
    [
        (b"* 2 FETCH (UID 2 RFC822.SIZE 9 %s {24}\r\nMessage-ID: <mine@x>\r\n\r\n)\r\n{tag} OK .\r\n", {"<mine@x>"}),
        (b"* 2 FETCH (UID 2 RFC822.SIZE 9 %s {25}\r\nMessage-ID: <other@x>\r\n\r\n)\r\n{tag} OK .\r\n", set()),
        (b"{tag} OK .\r\n", set()),
    ],
)
async def test_only_a_mail_that_bears_the_message_id_is_the_one_sent(answer: bytes, there: set[str]) -> None:
    script: dict[str, Answer] = {
        "EXAMINE": ONE_MAIL["SELECT"],
        "SEARCH": b"* SEARCH 1 2\r\n{tag} OK whatever is asked\r\n",
        "BODY": answer.replace(b"%s", b"BODY[HEADER.FIELDS (MESSAGE-ID)]"),
    }
    async with ScriptedImap(script) as server, opened(server) as source:
        assert await source.in_sent("Sent", ["<mine@x>"], NOW.date()) == there


async def test_a_server_may_tell_what_it_found_in_several_lines() -> None:
    lines: dict[str, Answer] = {"SEARCH": b"* SEARCH 1 2\r\n* 4 EXISTS\r\n* SEARCH 4\r\n* SEARCH\r\n{tag} OK .\r\n"}
    async with ScriptedImap(lines) as server, opened(server) as source:
        assert await source.after(0, 5) == [1, 2, 4]
        assert await source.present([1, 2, 3, 4]) == [1, 2, 4]


@pytest.mark.row("N12")
async def test_a_mail_that_vanished_is_passed_over() -> None:
    async def search(talk: Talk) -> None:
        there = b"" if server.heard[-1].endswith("UID 2") else b" 1 2"  # gone when it is asked for
        await talk.say(b"* SEARCH" + there + b"\r\n{tag} OK .\r\n")

    two: dict[str, Answer] = {**ONE_MAIL, "SEARCH": search, "SIZE": listed(1)}
    async with ScriptedImap(two) as server, reading(account(server.port)) as poller:
        await look(poller)
        assert await contents() == [MAIL]
        known = await inbound.folder("support", "INBOX")
        assert known is not None
        assert known.last_uid == 2


RUBBISH = [
    b"\x00\xff\xfe rubbish\r\n{tag} OK .\r\n",
    b"* 1 FETCH (UID\r\n{tag} OK .\r\n",
    b"* 1 FETCH (UID x BODY[] {2}\r\nab)\r\n{tag} OK .\r\n",
    b"* 1 FETCH ((((\r\n{tag} OK .\r\n",
    b"* 1 FETCH )\r\n{tag} OK .\r\n",
    b"* 1 FETCH\r\n{tag} OK .\r\n",
    b'* 1 FETCH (UID 1 RFC822.SIZE x INTERNALDATE "yesterday")\r\n{tag} OK .\r\n',
    b"* SEARCH a b c\r\n{tag} OK .\r\n",
    b"* 99999999999999999999 EXISTS\r\n{tag} OK .\r\n",
    b"{tag} MAYBE\r\n",
    b"{tag}\r\n",
    b"other OK\r\n",
    b"+ go on\r\n",
    b"* " + b"x" * 2_000_000 + b"\r\n",
    b"* 1 FETCH (UID 1 BODY[] {9999999999}\r\n",
    b"{tag} NO no\r\n",
    b"{tag} BAD bad\r\n",
]


@pytest.mark.parametrize("step", ["SELECT", "SEARCH", "SIZE", "BODY", "IDLE", "LIST"])
@pytest.mark.parametrize("answer", RUBBISH, ids=range(len(RUBBISH)))
@pytest.mark.row("N8", "A32")
@pytest.mark.slow
async def test_no_answer_at_all_raises_anything_but_trouble(step: str, answer: bytes) -> None:
    async with ScriptedImap({**ONE_MAIL, step: answer}) as server:
        source = ImapSource(account(server.port, connect_timeout=0.2, read_timeout=0.2))
        with contextlib.suppress(Unreachable, WrongPassword):
            async with asyncio.timeout(5):
                await source.open()
                for uid in await source.after(0, 2):
                    mails = await source.listed([uid])
                    assert set((await source.fetch(mails, 1_000)).values()) <= {MAIL}
                await source.move([1], "Processed")
                await source.news(0.1)
        await source.close()


@pytest.mark.row("N11")
async def test_mail_is_read_where_it_may_not_be_moved() -> None:
    async with (
        ScriptedImap({**ONE_MAIL, "MOVE": b"{tag} NO [OVERQUOTA] full\r\n"}) as server,
        reading(account(server.port)) as poller,
    ):
        await look(poller)
        for mail in await inbound.claim(1, SystemClock().now()):  # later than it was spooled, unlike `heard_until`
            await inbound.finish([Finished(mail.id, "message", "opened", None)])
        await until(lambda: server.count("MOVE") == 1, poller)
        await look(poller)
        await look(poller)
        assert (server.connections, server.count("MOVE")) == (1, 1)


@pytest.mark.row("N11")
async def test_what_was_moved_is_filed_though_another_folder_takes_nothing() -> None:
    async def move(talk: Talk) -> None:
        await talk.say(b"{tag} NO [CANNOT] no\r\n" if "Failed" in server.heard[-1] else b"{tag} OK .\r\n")

    two = body(1, MAIL).partition(b"{tag}")[0] + body(2, MAIL.replace(b"<1@", b"<2@"))
    found: Answer = b"* SEARCH 1 2\r\n{tag} OK .\r\n"
    script: dict[str, Answer] = {**ONE_MAIL, "SEARCH": found, "SIZE": listed(1, 2), "BODY": two, "MOVE": move}
    async with ScriptedImap(script) as server, reading(account(server.port)) as poller:
        await look(poller)
        handled, failed = await inbound.claim(2, SystemClock().now())
        await inbound.finish([Finished(handled.id, "message", "opened", None)])
        await inbound.quarantine(failed.id, "it can't be read")
        await until(lambda: server.count("MOVE") == 2, poller)
        await look(poller)
        assert [mail.id for mail in await inbound.unfiled("support", 10)] == [failed.id]


@pytest.mark.row("A32")
async def test_nothing_goes_out_in_clear_where_starttls_is_not_offered() -> None:
    async with ScriptedImap() as server:
        source = ImapSource(account(server.port, security="starttls"))
        with pytest.raises(Unreachable):
            await source.open()
        await source.close()
        assert server.count("LOGIN") == 0


@pytest.mark.row("A32")
async def test_a_refused_starttls_is_not_done_without() -> None:
    offered = ORDINARY | {
        "CAPABILITY": b"* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK .\r\n",
        "STARTTLS": b"{tag} NO no\r\n",
    }
    async with ScriptedImap(offered) as server:
        source = ImapSource(account(server.port, security="starttls"))
        with pytest.raises(Unreachable):
            await source.open()
        await source.close()
        assert server.count("LOGIN") == 0


async def test_no_password_for_a_server_that_takes_none_in_clear() -> None:
    async with ScriptedImap({"CAPABILITY": b"* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n{tag} OK .\r\n"}) as server:
        source = ImapSource(account(server.port))
        with pytest.raises(Unreachable):
            await source.open()
        await source.close()
        assert server.count("LOGIN") == 0


@pytest.mark.row("A32")
async def test_a_certificate_nobody_vouches_for_is_refused(certificate: Certificate) -> None:
    async with ScriptedImap(tls=certificate.server_context()) as server:
        source = ImapSource(account(server.port, security="tls"))
        with pytest.raises(Unreachable, match="the certificate is not trusted: self-signed certificate"):
            await source.open()
        await source.close()
        assert not server.heard


async def test_a_mailbox_in_trouble_does_not_touch_another() -> None:
    async with (
        ScriptedImap({"SELECT": b"* 1 FETCH ((((\r\n{tag} NO no\r\n"}) as bad,
        ScriptedImap(ONE_MAIL) as good,
        reading(account(bad.port)) as broken,
        reading(account(good.port), plan(mailbox="sales")) as fine,
    ):
        await bad.until(lambda: bad.connections >= 2)
        await look(fine)
        assert broken.heard_until is None
        assert broken.trouble
        assert [line.mailbox for line in await inbound.listing("", 10)] == ["sales"]


@pytest.mark.row("N23")
async def test_a_store_in_trouble_stops_no_poller(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, failures = inbound.spool, [OSError("disk full")]

    async def spool(*arguments: object) -> int:
        if failures:
            raise failures.pop()
        return await whole(*arguments)  # type: ignore[arg-type] # as it came

    monkeypatch.setattr(inbound, "spool", spool)
    async with ScriptedImap(ONE_MAIL) as server, reading(account(server.port)) as poller:
        await look(poller)
        assert server.connections == 2
        assert await contents() == [MAIL]


async def test_without_uidnext_the_highest_uid_is_asked_for() -> None:
    old = {**ONE_MAIL, "SELECT": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n{tag} OK .\r\n"}
    async with ScriptedImap(old) as server, reading(account(server.port), plan("now")) as poller:
        await look(poller)
        assert await contents() == []


@pytest.mark.parametrize("step", ["CONNECT", "LOGIN", "SEARCH", "IDLE"])
async def test_cancelling_returns_at_once(step: str) -> None:
    async with ScriptedImap({step: stay_silent}) as server:
        source = ImapSource(account(server.port, connect_timeout=3))

        async def work() -> None:
            await source.open()
            await source.after(0, 1)
            await source.news(60)

        task = asyncio.create_task(work())
        await server.until(lambda: server.connections == 1 and (step == "CONNECT" or server.count(step) > 0))
        task.cancel()
        async with asyncio.timeout(0.2):
            await asyncio.wait({task})
            await source.close()
