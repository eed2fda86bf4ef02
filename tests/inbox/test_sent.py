"""Copies of answers in the Sent folder: each once, and never at the cost of what comes in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from mailproc.core.condition import Level, findings
from mailproc.inbox.poller import Poller
from mailproc.settings import Settings
from mailproc.store import db, outbox
from mailproc.store.models import OutboxMail
from mailproc.store.outbox import MailClass, NewMail, OutboxState, Settlement
from mailproc.watch import measured
from tests.inbox.reading import SUPPORT, Hasty, account, contents, look, plan, reading, until
from tests.testlib.certificate import Certificate
from tests.testlib.desk import configuration
from tests.testlib.dovecot import Dovecot
from tests.testlib.imap_script import MAIL, ONE_MAIL, Answer, ScriptedImap, then_cut

pytestmark = pytest.mark.slow
WITH_SENT = plan(sent="Sent")


async def answered(*keys: str, clock: Hasty, sent_ago: timedelta = timedelta(0), **changes: Any) -> list[int]:
    """Agents' answers that a server took."""
    mails = [_answer(key, clock, **changes) for key in keys]
    now = clock.now()
    async with db.transaction():
        ids = await outbox.enqueue(mails)
    claimed = await outbox.claim("support", 100, now, now + timedelta(minutes=30))
    at = now - sent_ago
    await outbox.settle(
        [Settlement(mail.id, 1, OutboxState.SENT, "250 ok", at, copy_due_at=at) for mail in claimed if mail.human]
    )
    return [ids[key] for key in keys]


def _answer(key: str, clock: Hasty, **changes: Any) -> NewMail:
    values: dict[str, Any] = {
        "key": key, "ticket_id": None, "mailbox": "support", "letter": "answer", "mail_class": MailClass.HUMAN,
        "sender": SUPPORT, "recipient": f"{key}@customer.example", "message_id": f"<{key}.t0ken@acme.example>",
        "content": f"Message-ID: <{key}.t0ken@acme.example>\r\nSubject: {key}\r\n\r\nwords\r\n".encode(),
        "created_at": clock.now(),
    }  # fmt: skip
    return NewMail(**values | changes)


async def to_copy() -> int:
    return await OutboxMail.filter(copy_due_at__isnull=False).count()


@asynccontextmanager
async def copying(where: Any, clock: Hasty | None = None) -> AsyncIterator[Poller]:
    async with reading(account(where), WITH_SENT, clock) as poller:
        yield poller


async def all_copied(poller: Poller) -> None:
    """Until every answer's copy was made."""
    for _ in range(400):
        if not await to_copy():
            return
        await look(poller)
    raise TimeoutError(f"{await to_copy()} answers have no copy")


def copies(dovecot: Dovecot, folder: str = "Sent") -> list[bytes]:
    return dovecot.mails(SUPPORT, folder)


async def test_each_answer_lies_there_once_to_the_last_byte_and_read(dovecot: Dovecot) -> None:
    clock = Hasty()
    await answered("a", "b", clock=clock)
    async with copying(dovecot.imap_port) as poller:
        await all_copied(poller)
        await answered("c", clock=clock)
        await all_copied(poller)
    assert sorted(copies(dovecot)) == [_answer(key, clock).content for key in "abc"]
    with dovecot.imap(SUPPORT) as imap:
        imap.select("Sent", readonly=True)
        assert imap.search(None, "UNSEEN")[1] == [b""]
        assert b"Sent" in b"".join(imap.lsub()[1])


async def test_more_than_a_batch_is_copied(dovecot: Dovecot) -> None:
    await answered(*(f"a{number}" for number in range(23)), clock=Hasty())
    async with copying(dovecot.imap_port) as poller:
        await all_copied(poller)
    assert len(copies(dovecot)) == 23


async def test_a_copy_that_the_provider_made_itself_is_enough(dovecot: Dovecot) -> None:
    clock = Hasty()
    await answered("a", "b", clock=clock)
    with dovecot.imap(SUPPORT) as imap:
        imap.create("Sent")
        copy = _answer("a", clock).content
        assert isinstance(copy, bytes)
        imap.append("Sent", "", "", copy)
    async with copying(dovecot.imap_port) as poller:
        await all_copied(poller)
    assert sorted(copies(dovecot)) == [_answer("a", clock).content, _answer("b", clock).content]


async def test_the_folder_that_the_server_marks_is_the_one(certificate: Certificate) -> None:
    server = Dovecot(certificate, sent="Gesendet")
    try:
        server.start()
        await answered("a", clock=Hasty())
        async with copying(server.imap_port) as poller:
            await all_copied(poller)
        assert len(copies(server, "Gesendet")) == 1
        assert "Sent" not in server.folders(SUPPORT)
    finally:
        server.close()


async def test_mail_that_comes_meanwhile_is_read_all_the_same(dovecot: Dovecot) -> None:
    clock = Hasty()
    async with copying(dovecot.imap_port) as poller:
        for number in range(3):
            await answered(f"a{number}", clock=clock)
            dovecot.deliver(SUPPORT, MAIL.replace(b"<1@", b"<%d@" % number), "clara@customer.example")
            await all_copied(poller)
        await until(lambda: poller.heard_until is not None, poller)
        while len(await contents()) < 3:
            await look(poller)
    assert len(copies(dovecot)) == 3


NO_APPEND: dict[str, Answer] = {
    "EXAMINE": ONE_MAIL["SELECT"],
    "APPEND": b"{tag} NO [OVERQUOTA] full\r\n",
    "CREATE": b"{tag} OK .\r\n",
}


@pytest.mark.row("N11")
@pytest.mark.parametrize("answer", [NO_APPEND["APPEND"], then_cut(b"")])
async def test_a_server_that_takes_no_copies_holds_up_nothing_and_is_not_asked_again_at_once(answer: Answer) -> None:
    clock = Hasty()
    (id_,) = await answered("a", clock=clock)
    script = {**ONE_MAIL, **NO_APPEND, "SEARCH": b"* SEARCH\r\n{tag} OK .\r\n", "APPEND": answer}
    async with ScriptedImap(script) as server, reading(account(server.port), WITH_SENT, clock) as poller:
        await server.until(lambda: server.count("APPEND") == 1)
        for _ in range(3):
            await look(poller)
        assert server.count("APPEND") == 1
        row = await OutboxMail.get(id=id_)
        assert row.copy_attempts == 1
        clock.leap(timedelta(seconds=6))
        await poller.look()
        await server.until(lambda: server.count("APPEND") == 2)
        row = await OutboxMail.get(id=id_)
        assert row.copy_due_at is not None
        assert row.copy_due_at > clock.now() + timedelta(seconds=8)


async def test_a_copy_refused_for_five_days_is_given_up() -> None:
    clock = Hasty()
    await answered("a", clock=clock, sent_ago=timedelta(days=6))
    script = {**ONE_MAIL, **NO_APPEND, "SEARCH": b"* SEARCH\r\n{tag} OK .\r\n"}
    async with ScriptedImap(script) as server, reading(account(server.port), WITH_SENT, clock) as poller:
        await all_copied(poller)
        assert server.count("APPEND") == 1


async def test_that_answers_have_no_copy_for_an_hour_is_told(dovecot: Dovecot, tmp_path: Any, store_url: str) -> None:
    settings = configuration(dovecot, 1, tmp_path, store={"url": store_url})
    clock = Hasty()
    await answered("a", "b", clock=clock, sent_ago=timedelta(minutes=50))
    assert await _told(settings, clock) == {}
    clock.leap(timedelta(minutes=20))
    told = await _told(settings, clock)
    assert told["copies of answers"].startswith("2 answers are not in the Sent folder, the oldest for 1 hour")


async def _told(settings: Settings, clock: Hasty) -> dict[str, str]:
    now = clock.now()
    found = findings(await measured(settings, now, within=True), now)
    return {each.name: each.words for each in found if each.level is not Level.OK and "copies" in each.name}


async def test_without_a_folder_nothing_is_made_or_sought(dovecot: Dovecot) -> None:
    await answered("a", clock=Hasty())
    async with reading(account(dovecot.imap_port)) as poller:
        for _ in range(3):
            await look(poller)
    assert await to_copy() == 1
    assert "Sent" not in dovecot.folders(SUPPORT)
