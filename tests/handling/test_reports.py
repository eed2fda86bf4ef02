"""What delivery reports do, and what somebody can do who forges them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from mailproc.demo.people import text_of
from mailproc.store import history, outbox
from mailproc.store.outbox import OutboxState, Settlement
from tests.testlib.by_hand import OURS, PROVEN, STRICT, Hand, by_hand
from tests.testlib.desk import PEOPLE, SUPPORT


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    async with by_hand(tmp_path, agents=STRICT) as hand:
        yield hand


async def answered(hand: Hand) -> None:
    """Clara wrote, Anna has answered."""
    await hand.write("clara", "It prints two pages.")
    await hand.reply("anna", await hand.last("anna", "notification"), "Install driver 4.2.", PROVEN)


def _report(to: str, message_id: str, recipient: str, status: str = "5.1.1") -> bytes:
    return (
        f"From: MAILER-DAEMON@customer.example\r\nTo: {to}\r\nSubject: Undelivered Mail\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\n\r\nIt failed.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.example\r\n"
        f"\r\nFinal-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} not here\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--b--\r\n"
    ).encode()


@pytest.mark.row("A26")
@pytest.mark.parametrize("guess", ["<1@customer.example>", "<mp.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@acme.example>", ""])
async def test_a_forged_report_does_nothing(hand: Hand, guess: str) -> None:
    await answered(hand)
    before = len(await hand.letters())
    await hand.arrives(_report(SUPPORT, guess, PEOPLE["clara"][1]))
    assert len(await hand.letters()) == before
    assert {row.state for row in await outbox.listing()} == {OutboxState.QUEUED}
    assert not [entry for entry in await history.of_ticket(1) if entry.kind == "undelivered"]


@pytest.mark.row("A26")
async def test_an_address_that_fails_for_good_gets_no_automatic_letter_for_a_week(hand: Hand) -> None:
    await answered(hand)
    answer = await hand.last("clara", "answer")
    await outbox.settle(
        [Settlement(row.id, 0, OutboxState.SENT, "250 ok", hand.clock.now()) for row in await outbox.listing()]
    )
    await hand.arrives(_report(SUPPORT, answer.header("Message-ID"), PEOPLE["clara"][1]))
    assert "NOT DELIVERED" in text_of(await hand.last("anna", "notification"))
    await hand.write("clara", "Another matter.", subject="Scanner")
    assert len(await hand.letters("clara", "acknowledgement")) == 1
    kinds = [(entry.kind, entry.text) for entry in await history.of_ticket(2)]
    assert ("suppressed", "acknowledgement to clara@customer.example not sent: mail there failed lately") in kinds
    await hand.reply("anna", await hand.last("anna", "notification"), "A person writes.", PROVEN)
    assert "A person writes." in text_of(await hand.last("clara", "answer"))
    assert "failed lately; yours was sent nevertheless." in " ".join(
        text_of(await hand.last("anna", "receipt")).split()
    )
    hand.clock.advance(timedelta(days=7, seconds=1))
    await hand.write("clara", "A third matter.", subject="Fax")
    assert len(await hand.letters("clara", "acknowledgement")) == 2


THEIR_PROOF = {"Authentication-Results": f"{OURS}; dmarc=pass header.from=customer.example"}


async def suppressed_by_a_forged_report(hand: Hand) -> None:
    """Somebody who got to see our letter to Clara says that it did not arrive."""
    await answered(hand)
    await outbox.settle(
        [Settlement(row.id, 0, OutboxState.SENT, "250 ok", hand.clock.now()) for row in await outbox.listing()]
    )
    answer = await hand.last("clara", "answer")
    await hand.arrives(_report(SUPPORT, answer.header("Message-ID"), PEOPLE["clara"][1]))


@pytest.mark.row("A26")
async def test_a_forged_report_counts_until_somebody_there_writes_and_is_proven(hand: Hand) -> None:
    await suppressed_by_a_forged_report(hand)
    await hand.write("clara", "Another matter.", subject="Scanner", fields=THEIR_PROOF)
    assert len(await hand.letters("clara", "acknowledgement")) == 2
    assert ("unsuppressed", "automatic letters to clara@customer.example again: they wrote, proven") in [
        (entry.kind, entry.text) for entry in await history.of_ticket(2)
    ]
    await hand.reply("anna", await hand.last("anna", "notification"), "Which one?", PROVEN)
    assert "failed lately" not in text_of(await hand.last("anna", "receipt"))


@pytest.mark.row("A26")
async def test_what_she_writes_to_a_ticket_of_hers_counts_as_well(hand: Hand) -> None:
    await suppressed_by_a_forged_report(hand)
    await hand.reply("clara", await hand.last("clara", "answer"), "It still prints two pages.", THEIR_PROOF)
    hand.clock.advance(timedelta(days=1))
    await hand.write("clara", "Another matter.", subject="Scanner")
    assert len(await hand.letters("clara", "acknowledgement")) == 2


@pytest.mark.row("A26")
@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("clara", {"Authentication-Results": f"{OURS}; dmarc=fail header.from=customer.example"}),
        ("clara", {"Authentication-Results": "mx.mallory.example; dmarc=pass header.from=customer.example"}),
        ("clara", {**THEIR_PROOF, "Auto-Submitted": "auto-replied"}),
        ("dieter", THEIR_PROOF),
    ],
)
async def test_nobody_else_lifts_it(hand: Hand, name: str, fields: dict[str, str]) -> None:
    await suppressed_by_a_forged_report(hand)
    await hand.write(name, "Another matter.", subject="Scanner", fields=fields)
    await hand.write("clara", "A third matter.", subject="Fax")
    assert len(await hand.letters("clara", "acknowledgement")) == 1


@pytest.mark.parametrize("status", ["5.2.2", "5.3.4", "5.7.1", "5.0.0 policy:"])
async def test_a_full_mailbox_or_an_unwelcome_mail_suppresses_nobody(hand: Hand, status: str) -> None:
    await answered(hand)
    answer = await hand.last("clara", "answer")
    await hand.arrives(_report(SUPPORT, answer.header("Message-ID"), PEOPLE["clara"][1], status))
    hand.clock.advance(timedelta(days=1))
    await hand.write("clara", "Another matter.", subject="Scanner")
    assert len(await hand.letters("clara", "acknowledgement")) == 2


@pytest.mark.row("A26")
async def test_a_report_that_names_no_mail_is_known_by_the_address_it_came_to(hand: Hand) -> None:
    await answered(hand)
    envelope = (await hand.last("clara", "answer")).sender
    await hand.arrives(_report(envelope, "", PEOPLE["mallory"][1]))  # we wrote her nothing
    assert not [entry for entry in await history.of_ticket(1) if entry.kind == "undelivered"]
    await hand.arrives(_report(envelope, "", PEOPLE["clara"][1]))
    assert [entry.kind for entry in await history.of_ticket(1) if entry.kind == "undelivered"] == ["undelivered"]
    assert "NOT DELIVERED" in text_of(await hand.last("anna", "notification"))


@pytest.mark.row("A26")
async def test_a_report_is_told_where_the_letter_belongs_whatever_address_it_came_to(hand: Hand) -> None:
    await answered(hand)
    await hand.write("mallory", "My own matter.")
    own = (await hand.last("mallory", "acknowledgement")).header("Reply-To")
    await hand.arrives(_report(own, (await hand.last("clara", "answer")).header("Message-ID"), PEOPLE["clara"][1]))
    told = [[entry.kind for entry in await history.of_ticket(number)] for number in (1, 2)]
    assert ["undelivered" in each for each in told] == [True, False]
