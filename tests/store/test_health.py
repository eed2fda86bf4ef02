"""What the store tells of a desk's condition."""

from __future__ import annotations

from datetime import timedelta

from mailproc.store import health, held, inbound, outbox, suppression
from mailproc.store.held import HeldRow
from mailproc.store.inbound import Folder
from tests.testlib.sending import mail, queue
from tests.testlib.store import NOW, fresh_store, on_both

HOUR = timedelta(hours=1)


@on_both
async def test_what_is_over_counts_no_more(store_url: str) -> None:
    async with fresh_store(store_url):
        await suppression.suppress("gone@customer.example", NOW + HOUR, "550 no such person", NOW)
        await suppression.suppress("back@customer.example", NOW - HOUR, "550 no such person", NOW)
        for number, until in enumerate((NOW - HOUR, NOW + 2 * HOUR, NOW + HOUR, NOW + HOUR), 1):
            await held.keep(HeldRow(number, "anna", 1, False, until, None, None), NOW)
        await held.settle(4, NOW)
        backlog = await health.backlog(["support"], NOW)
        assert (backlog.suppressed, backlog.held, backlog.held_until) == (1, 2, NOW + HOUR)


@on_both
async def test_letters_of_a_mailbox_that_is_configured_no_more_are_counted_and_leave_when_it_is_back(
    store_url: str,
) -> None:
    async with fresh_store(store_url):
        for mailbox in ("support", "sales"):
            await inbound.enter(mailbox, "INBOX", Folder(7, NOW, 0, 0))
        await queue(mail("kept", mailbox="support"), mail("stranded", mailbox="sales"))
        backlog = await health.backlog(["support"], NOW)
        assert (backlog.unsent, backlog.stranded, backlog.stranded_of) == (1, 1, ("sales",))
        assert (await health.backlog(["support", "sales"], NOW)).stranded == 0
        [back] = await outbox.claim("sales", 5, NOW, NOW + HOUR)
        assert back.recipient == "stranded@example.org"


@on_both
async def test_a_certificate_once_seen_is_kept_until_another_is(store_url: str) -> None:
    async with fresh_store(store_url):
        await health.well("imap support", NOW, NOW + HOUR)
        await health.ill("imap support", "no answer", NOW)
        await health.well("imap support", NOW)
        assert (await health.states())["imap support"].certificate_until == NOW + HOUR
        await health.well("imap support", NOW, NOW + 2 * HOUR)
        assert (await health.states())["imap support"].certificate_until == NOW + 2 * HOUR
