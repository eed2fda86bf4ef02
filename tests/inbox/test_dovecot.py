"""Intake from a real Dovecot: every mail once, whatever its flags, and moved out of the way once it is handled."""

from __future__ import annotations

import imaplib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest

from mailproc.inbox.imap import ImapSource
from mailproc.inbox.poller import Poller
from mailproc.store import inbound
from mailproc.store.inbound import Finished
from tests.inbox.reading import SUPPORT, account, contents, look, nothing_to_file, plan, reading, until
from tests.testlib.dovecot import Dovecot
from tests.testlib.store import NOW, raw_mail

FOREVER = datetime(2100, 1, 1, tzinfo=UTC)


def subjects(mails: Iterable[bytes]) -> list[str]:
    return [line[9:].decode() for mail in mails for line in mail.splitlines() if line.startswith(b"Subject: ")]


def printers(*numbers: int) -> list[str]:
    return [f"Printer {number}" for number in numbers]


async def handled(*bad: int) -> None:
    """What the handler does with everything spooled: done, or quarantined for some ids."""
    while batch := await inbound.claim(100, FOREVER):
        for mail in batch:
            if mail.id in bad:
                await inbound.quarantine(mail.id, "why")
            else:
                await inbound.finish([Finished(mail.id, "message", "opened", None)])


async def filed(poller: Poller) -> None:
    """Handle everything and wait until it is out of the inbox."""
    await handled()
    await nothing_to_file(poller)


def put(dovecot: Dovecot, number: int, flags: str = "", when: str = "") -> None:
    with dovecot.imap(SUPPORT) as imap:
        assert imap.append("INBOX", flags, when, raw_mail(number))[0] == "OK"


@pytest.mark.row("N12")
async def test_flags_of_a_mail_mean_nothing(dovecot: Dovecot) -> None:
    for number, flags in enumerate(("", r"(\Seen)", r"(\Deleted)", r"(\Answered \Flagged)"), 1):
        put(dovecot, number, flags)
    async with reading(account(dovecot.imap_port)) as poller:
        await look(poller)
        assert subjects(await contents()) == printers(1, 2, 3, 4)


async def test_handled_mail_is_moved_bad_mail_elsewhere_and_folders_are_made(dovecot: Dovecot) -> None:
    dovecot.drop(SUPPORT, [raw_mail(number) for number in (1, 2, 3)])
    async with reading(account(dovecot.imap_port)) as poller:
        await look(poller)
        await handled(2)
        await look(poller)
        await nothing_to_file(poller)
        assert dovecot.mails(SUPPORT) == []
        assert subjects(dovecot.mails(SUPPORT, "Processed")) == printers(1, 3)
        assert subjects(dovecot.mails(SUPPORT, "Failed")) == printers(2)


@pytest.mark.row("N11")
async def test_a_folder_that_was_renamed_is_made_anew(dovecot: Dovecot) -> None:
    async with reading(account(dovecot.imap_port)) as poller:
        for number in (1, 2):
            dovecot.drop(SUPPORT, [raw_mail(number)])
            await until(lambda: poller.heard_until is not None, poller)
            while len(await contents()) < number:
                await look(poller)
            await filed(poller)
            if number == 1:
                with dovecot.imap(SUPPORT) as imap:
                    imap.rename("Processed", "Old")
        assert subjects(dovecot.mails(SUPPORT, "Old")) == printers(1)
        assert subjects(dovecot.mails(SUPPORT, "Processed")) == printers(2)


@pytest.mark.row("N12")
async def test_moving_again_is_harmless(dovecot: Dovecot) -> None:
    dovecot.drop(SUPPORT, [raw_mail(1)])
    source = ImapSource(account(dovecot.imap_port))
    await source.open()
    for _ in range(2):
        await source.move([1], "Processed")
    await source.close()
    assert subjects(dovecot.mails(SUPPORT, "Processed")) == printers(1)


class TestWithoutMove:
    @pytest.fixture
    async def source(self, dovecot: Dovecot) -> ImapSource:
        dovecot.drop(SUPPORT, [raw_mail(number) for number in (1, 2, 3)])
        source = ImapSource(account(dovecot.imap_port))
        await source.open()
        source._moves = False
        return source

    async def test_what_a_person_marked_stays(self, dovecot: Dovecot, source: ImapSource) -> None:
        with dovecot.imap(SUPPORT) as imap:
            imap.select("INBOX")
            imap.uid("STORE", "3", "+FLAGS", r"(\Deleted)")
        await source.move([1, 2], "Processed")
        await source.close()
        assert subjects(dovecot.mails(SUPPORT)) == printers(3)
        assert subjects(dovecot.mails(SUPPORT, "Processed")) == printers(1, 2)

    @pytest.mark.row("C7")
    async def test_cut_between_copy_and_expunge_nothing_is_copied_twice(
        self, dovecot: Dovecot, source: ImapSource
    ) -> None:
        with dovecot.imap(SUPPORT) as imap:
            imap.create("Processed")
            imap.select("INBOX")
            imap.uid("COPY", "1:2", "Processed")
        await source.move([1, 2, 3], "Processed")
        await source.close()
        assert dovecot.mails(SUPPORT) == []
        assert subjects(dovecot.mails(SUPPORT, "Processed")) == printers(1, 2, 3)


@pytest.mark.row("N9")
async def test_a_rebuilt_folder_brings_nothing_twice_and_new_mail_in(dovecot: Dovecot) -> None:
    where = account(dovecot.imap_port, folder="Shared")
    folder = plan()
    folder = type(folder)("support", "Shared", "Processed", "Failed", "all", folder.largest)

    def rebuild(*numbers: int) -> None:
        with dovecot.imap(SUPPORT) as imap:
            imap.delete("Shared")
            imap.create("Shared")
            for number in numbers:
                imap.append("Shared", "", "", b"Received: by rebuilt.example\r\n" + raw_mail(number))

    rebuild(1, 2)
    async with reading(where, folder) as poller:
        await look(poller)
        before = await inbound.folder("support", "Shared")
    rebuild(1, 2, 3)
    async with reading(where, folder) as poller:
        await look(poller)
    after = await inbound.folder("support", "Shared")
    assert before is not None
    assert after is not None
    assert before.uidvalidity != after.uidvalidity
    assert subjects(await contents()) == printers(1, 2, 1, 2, 3)
    assert [mail.copy_of for mail in await inbound.claim(9, FOREVER)] == [None, None, 1, 2, None]


@pytest.mark.row("I11")
async def test_of_a_large_mail_only_the_header_is_fetched(dovecot: Dovecot) -> None:
    dovecot.drop(SUPPORT, [raw_mail(1, "x" * 70 + "\r\n" * 9000), raw_mail(2)])
    async with reading(account(dovecot.imap_port), plan(largest=10_000)) as poller:
        await look(poller)
    large, small = await inbound.claim(2, FOREVER)
    assert (large.oversize, small.oversize) == (True, False)
    assert large.content.endswith(b"<1@customer.example>\r\n\r\n")


@pytest.mark.parametrize(
    ("start", "taken"),
    [("now", ()), ("all", range(1, 51)), (datetime(2026, 11, 20, tzinfo=UTC), range(26, 51))],
    ids=["now", "all", "date"],
)
async def test_the_first_start(dovecot: Dovecot, start: object, taken: Iterable[int]) -> None:
    with dovecot.imap(SUPPORT) as imap:
        for number in range(1, 51):
            day = NOW - timedelta(days=30 if number <= 25 else 0)
            imap.append("INBOX", "", imaplib.Time2Internaldate(day), raw_mail(number))
    async with reading(account(dovecot.imap_port), plan(start)) as poller:  # type: ignore[arg-type] # one of the three
        await look(poller)
        assert subjects(await contents()) == printers(*taken)
        put(dovecot, 99, when=imaplib.Time2Internaldate(NOW - timedelta(days=300)))
        while "Printer 99" not in subjects(await contents()):  # news, whatever its date
            await look(poller)


@pytest.mark.row("N25")
async def test_a_backlog_comes_in_order(dovecot: Dovecot) -> None:
    dovecot.drop(SUPPORT, [raw_mail(number) for number in range(1, 501)])
    async with reading(account(dovecot.imap_port)) as poller:
        await look(poller)
        assert subjects(await contents()) == printers(*range(1, 501))


@pytest.mark.row("N4")
async def test_a_server_that_comes_back_is_read_on(dovecot: Dovecot) -> None:
    async with reading(account(dovecot.imap_port)) as poller:
        await look(poller)
        dovecot.kill()
        await until(lambda: poller.trouble, poller)
        dovecot.start()
        dovecot.drop(SUPPORT, [raw_mail(1)])
        await until(lambda: not poller.trouble, poller)
        while not await contents():
            await look(poller)


async def test_stopped_after_every_step_the_next_start_goes_on(dovecot: Dovecot) -> None:
    dovecot.drop(SUPPORT, [raw_mail(1)])
    where = account(dovecot.imap_port)
    async with reading(where) as poller:
        await look(poller)  # spooled; and the process is gone
    async with reading(where) as poller:
        await look(poller)
        assert len(await contents()) == 1
    await handled()  # handled; and the process is gone
    async with reading(where) as poller:
        await nothing_to_file(poller)
        assert dovecot.mails(SUPPORT) == []
    async with reading(where) as poller:
        await look(poller)
        assert subjects(dovecot.mails(SUPPORT, "Processed")) == printers(1)
        assert len(await contents()) == 1
