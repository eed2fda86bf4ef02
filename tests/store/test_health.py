"""What the store tells of a desk's condition."""

from __future__ import annotations

from datetime import timedelta

from mailproc.store import health, held, suppression
from mailproc.store.held import HeldRow
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
async def test_a_certificate_once_seen_is_kept_until_another_is(store_url: str) -> None:
    async with fresh_store(store_url):
        await health.well("imap support", NOW, NOW + HOUR)
        await health.ill("imap support", "no answer", NOW)
        await health.well("imap support", NOW)
        assert (await health.states())["imap support"].certificate_until == NOW + HOUR
        await health.well("imap support", NOW, NOW + 2 * HOUR)
        assert (await health.states())["imap support"].certificate_until == NOW + 2 * HOUR
