"""What makes two mails the same one, and how the spool is worked off."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from mailproc.store import inbound
from mailproc.store.inbound import Folder, content_hash
from tests.testlib.store import NOW, fresh_store, on_both, raw_mail, spooled

MAIL = raw_mail(1)


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[None]:
    async with fresh_store(store_url):
        yield


@pytest.mark.parametrize(
    "copy",
    [
        b"Return-Path: <clara@customer.example>\r\nDelivered-To: support@acme.example\r\n" + MAIL,
        b"Received: from a.example by b.example;\r\n\tSat, 21 Nov 2026 10:00:01 +0000\r\nX-Spam-Score: 0.1\r\n" + MAIL,
        b"Authentication-Results: acme.example; dkim=pass\r\nDKIM-Signature: v=1; b=abc\r\n  def\r\n" + MAIL,
        MAIL.replace(b"\r\n", b"\n"),
        MAIL.rstrip(),
        MAIL + b"\r\n",
        MAIL.replace(b"Subject: Printer 1", b"SUBJECT:  Printer\r\n 1"),
        MAIL.replace(b"\r\n\r\n", b"\r\nStatus: RO\r\nX-UID: 7\r\n\r\n", 1),
    ],
)
@pytest.mark.row("I5")
def test_a_copy_that_came_another_way_is_the_same_mail(copy: bytes) -> None:
    assert content_hash(copy) == content_hash(MAIL)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"two pages", b"three pages"),
        (b"Subject: Printer 1", b"Subject: Invoice 1"),
        (b"clara@customer.example", b"dieter@customer.example"),
        (b"10:00:00", b"10:00:01"),
        (b"<1@", b"<2@"),
        (b"\r\n\r\n", b"\r\nContent-Type: text/html\r\n\r\n"),
    ],
)
@pytest.mark.row("I4")
def test_one_message_id_with_other_words_is_another_mail(old: bytes, new: bytes) -> None:
    assert content_hash(MAIL.replace(old, new, 1)) != content_hash(MAIL)


def test_without_a_message_id_every_byte_counts() -> None:
    bare = MAIL.replace(b"Message-ID: <1@customer.example>\r\n", b"")
    assert content_hash(bare) == content_hash(bytes(bare))
    assert content_hash(b"Received: by b.example\r\n" + bare) != content_hash(bare)


@pytest.mark.parametrize(
    "raw", [b"", b"\r\n\r\n", b"\x00\xff" * 100, b"Message-ID:\r\n", b":" * 10_000, b"a: b\n c" * 50_000]
)
def test_anything_has_a_hash(raw: bytes) -> None:
    assert len(content_hash(raw)) == 64


def test_words_behind_a_header_without_end_count_too() -> None:
    long = b"X-Filler: " + b"x" * 400_000 + b"\r\n" + MAIL
    assert content_hash(b"Message-ID: <1@a.example>\r\n" + long) != content_hash(
        b"Message-ID: <1@a.example>\r\n" + long.replace(b"two", b"ten")
    )


@on_both
@pytest.mark.usefixtures("store")
class TestSpool:
    async def test_a_uid_is_spooled_once_and_the_last_one_remembered(self) -> None:
        await inbound.enter("support", "INBOX", Folder(1, NOW, 0, 0))
        await spooled(MAIL, raw_mail(2))
        await spooled(MAIL, raw_mail(2), raw_mail(3))
        assert len(await inbound.listing("stored", 10)) == 3
        known = await inbound.folder("support", "INBOX")
        assert known is not None
        assert known.last_uid == 3

    async def test_the_last_uid_never_goes_back(self) -> None:
        await inbound.enter("support", "INBOX", Folder(1, NOW, 0, 9))
        await spooled(MAIL)
        known = await inbound.folder("support", "INBOX")
        assert known is not None
        assert known.last_uid == 9

    async def test_claimed_in_order_and_once(self) -> None:
        await spooled(*(raw_mail(number) for number in range(5)))
        assert [mail.id for mail in await inbound.claim(3, NOW)] == [1, 2, 3]
        assert [mail.id for mail in await inbound.claim(3, NOW)] == [4, 5]
        assert await inbound.claim(3, NOW) == []

    async def test_what_nobody_reported_on_comes_again_alone(self) -> None:
        await spooled(*(raw_mail(number) for number in range(3)))
        await inbound.claim(10, NOW)
        later = NOW + timedelta(minutes=6)
        assert [(mail.id, mail.attempts) for mail in await inbound.claim(10, later)] == [(1, 2)]
        assert [(mail.id, mail.attempts) for mail in await inbound.claim(10, later)] == [(2, 2)]

    async def test_after_a_start_claims_of_the_former_process_are_free(self) -> None:
        await spooled(MAIL)
        await inbound.claim(10, NOW)
        await inbound.release_claims(NOW)
        assert [mail.attempts for mail in await inbound.claim(10, NOW)] == [2]

    async def test_a_copy_is_found_in_its_own_mailbox_only(self) -> None:
        copy = b"Delivered-To: x@acme.example\r\n" + MAIL
        await spooled(MAIL, copy)
        await spooled(MAIL, mailbox="sales")
        assert [(mail.id, mail.copy_of) for mail in await inbound.claim(10, NOW)] == [(1, None), (2, 1), (3, None)]

    async def test_a_quarantined_mail_can_be_played_again(self) -> None:
        await spooled(MAIL)
        await inbound.claim(1, NOW)
        await inbound.quarantine(1, "why")
        assert await inbound.oldest_waiting() is None
        assert await inbound.replay(1, NOW)
        assert not await inbound.replay(1, NOW)
        assert [mail.attempts for mail in await inbound.claim(1, NOW)] == [1]


def test_a_field_inside_another_s_continuation_is_no_field() -> None:
    """Two mails that differ only in what stands before a folded or indented line are two mails."""
    one = b"Message-ID: <a@x.example>\nX-Odd: a\n  From: a@x.example\n\nbody\n"
    two = b"Message-ID: <a@x.example>\nFrom: a@x.example\n\nbody\n"
    assert inbound.content_hash(one) != inbound.content_hash(two)
