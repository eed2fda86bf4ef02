"""What an agent did by mail is taken back: exactly, or not at all, and never what others did."""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest

from mailproc.core.lifecycle import Status
from mailproc.demo.people import link_of, text_of
from mailproc.store import history, outbox, tickets, undo
from mailproc.store.outbox import OutboxState
from mailproc.store.undo import Snapshot
from tests.testlib.by_hand import PROVEN, STRICT, Hand, by_hand


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    """Clara has written; what agents send waits for five minutes."""
    async with by_hand(tmp_path, safety={"hold": "5m"}) as hand:
        await hand.write("clara", "It prints two pages.", cc="chief@customer.example")
        yield hand


async def says(hand: Hand, text: str, name: str = "anna") -> int:
    """Answers the first notification, a minute later."""
    hand.clock.advance(timedelta(seconds=30))
    first = (await hand.letters(name, "notification"))[0]
    return await hand.reply(name, first, text)


async def receipt(hand: Hand, name: str = "anna") -> str:
    return text_of(await hand.last(name, "receipt"))


async def receipts(hand: Hand, name: str) -> int:
    return len(await hand.letters(name, "receipt"))


async def states(letter: str) -> list[OutboxState]:
    return [row.state for row in await outbox.listing() if row.letter == letter]


async def leaves(hand: Hand) -> None:
    """The hold is over, and the sender sends what is due."""
    hand.clock.advance(timedelta(minutes=5))
    now = hand.clock.now()
    while claimed := await outbox.claim("support", 50, now, now):
        await outbox.settle([
            outbox.Settlement(mail.id, mail.attempts, OutboxState.SENT, "250 OK", now) for mail in claimed
        ])  # fmt: skip


async def test_within_the_hold_nothing_leaves_and_all_is_as_before(hand: Hand) -> None:
    before = await undo.capture([1])
    await says(hand, "#resolve driver\nInstall driver 4.2.")
    assert await undo.capture([1]) != before
    told = await receipt(hand)
    assert "#undo" in told
    assert "nothing has left" in told
    await says(hand, "#undo")
    assert await undo.capture([1]) == before
    assert await states("resolution") == [OutboxState.CANCELLED]
    assert await states("answer") == [OutboxState.CANCELLED]  # the chief's copy
    told = await receipt(hand)
    assert "Undone" in told
    assert "clara@customer.example had not left" in " ".join(told.split())
    assert "CANNOT BE UNSENT" not in told
    assert "undone" in {entry.kind for entry in await history.of_ticket(1)}


async def test_what_was_never_sent_stands_on_the_ticket_for_colleagues_only(hand: Hand) -> None:
    await says(hand, "Install driver 4.2.")
    await says(hand, "#undo")
    said = next(each for each in await tickets.said(1, 10) if "driver" in each.text)
    assert (said.kind, said.private) == ("held", True)


async def test_afterwards_the_state_is_put_back_and_what_is_gone_is_named(hand: Hand) -> None:
    before = await undo.capture([1])
    await says(hand, "#resolve\nInstall driver 4.2.")
    await leaves(hand)
    await says(hand, "#undo")
    assert await undo.capture([1]) == before
    told = " ".join((await receipt(hand)).split())
    assert "CANNOT BE UNSENT: the mail to clara@customer.example had left already." in told
    assert "CANNOT BE UNSENT: the mail to chief@customer.example had left already." in told
    said = next(each for each in await tickets.said(1, 10) if "driver" in each.text)
    assert (said.kind, said.private) == ("answer", False)


async def test_a_yes_to_a_resolution_that_was_undone_says_nothing_of_the_next_one(hand: Hand) -> None:
    """The first question has reached the customer: its button must never close what another one asked about."""
    await says(hand, "#resolve driver\nInstall driver 4.2.")
    await leaves(hand)
    first = await hand.last("clara", "resolution")
    await says(hand, "#undo")
    await says(hand, "#resolve cable\nChange the cable.")
    address = link_of(first, "Yes, it is solved").removeprefix("mailto:").partition("?")[0]
    await hand.write("clara", "Yes, it is solved.", unquote(address), "Yes")
    ticket = await tickets.view(1)
    assert ticket is not None
    assert ticket.status is Status.RESOLVED


@pytest.mark.parametrize("handed_over", [True, False])
async def test_a_letter_counts_as_gone_once_its_content_is_handed_over(hand: Hand, handed_over: bool) -> None:
    await says(hand, "#wait vendor")
    await leaves(hand)  # the acknowledgement: letters to one person go one after the other
    await says(hand, "#wait vendor")
    hand.clock.advance(timedelta(minutes=5))
    now = hand.clock.now()
    (status,) = [mail for mail in await outbox.claim("support", 50, now, now) if "clara" in mail.recipient]
    assert status.letter == "status"
    if handed_over:
        assert await outbox.handing_over({status.id: status.attempts})
    await says(hand, "#undo")
    assert ("CANNOT BE UNSENT" in await receipt(hand)) == handed_over
    assert (OutboxState.SENDING in await states("status")) == handed_over


async def test_what_happened_since_is_told_and_nothing_is_touched(hand: Hand) -> None:
    await says(hand, "#resolve\nInstall driver 4.2.")
    await leaves(hand)
    await hand.reply("clara", await hand.last("clara", "resolution"), "No, it still stops. It does not work.")
    stands = await undo.capture([1])
    await says(hand, "#undo")
    assert await undo.capture([1]) == stands
    told = " ".join((await receipt(hand)).split())
    assert "NOT UNDONE: something else has happened on this ticket since." in told
    assert "Resolved -> Reopened" in told


async def test_what_others_changed_beside_it_stays(hand: Hand) -> None:
    await says(hand, "#priority P1")
    await says(hand, "#tag printer", "ben")
    await says(hand, "#undo")
    ticket = await tickets.view(1)
    assert ticket is not None
    assert (ticket.priority, ticket.tags) == ("P3", ("printer",))


async def test_nobody_undoes_what_a_colleague_did(hand: Hand) -> None:
    await says(hand, "#priority P1")
    number = re.search(r"%23undo%20(\d+)", await receipt(hand))
    assert number is not None
    for text in ("#undo", f"#undo {number[1]}"):
        await says(hand, text, "ben")
        assert "NOT UNDONE: no mail of yours" in await receipt(hand, "ben")
    ticket = await tickets.view(1)
    assert ticket is not None
    assert ticket.priority == "P1"


async def test_once_is_enough(hand: Hand) -> None:
    await says(hand, "#priority P1")
    number = re.search(r"%23undo%20(\d+)", await receipt(hand))
    assert number is not None
    await says(hand, f"#undo {number[1]}")
    await says(hand, "#priority P2")
    stands = await undo.capture([1])
    await says(hand, f"#undo {number[1]}")
    assert "it was undone already" in await receipt(hand)
    assert await undo.capture([1]) == stands


async def test_a_signature_below_the_button_s_words_goes_nowhere(hand: Hand) -> None:
    await says(hand, "#resolve\nInstall driver 4.2.")
    await says(hand, "#undo 1\n\nSent from my phone")
    assert "Undone" in await receipt(hand)
    assert not await hand.letters("clara", "answer")


async def test_beside_other_commands_it_is_held(hand: Hand) -> None:
    await says(hand, "#priority P1")
    number = await says(hand, "#undo\n#resolve")
    assert "not understood" in await hand.reason(number)


@pytest.mark.parametrize("text", ["#undo", "> #undo\n\nYes, do that.", "Please #undo that."])
async def test_a_customer_never_undoes_anything(hand: Hand, text: str) -> None:
    await says(hand, "#priority P1")
    stands = await undo.capture([1])
    await hand.reply("clara", await hand.last("clara", "acknowledgement"), text)
    now = await undo.capture([1])
    assert now["ticket"]["1"]["priority"] == stands["ticket"]["1"]["priority"]
    assert "undone" not in {entry.kind for entry in await history.of_ticket(1)}


async def test_what_was_undone_can_be_done_again_with_all_its_letters(hand: Hand) -> None:
    await says(hand, "#close")
    await says(hand, "#undo")
    await says(hand, "#close")
    assert sorted(await states("closure")) == [OutboxState.CANCELLED, OutboxState.QUEUED]
    assert sorted(await states("survey")) == [OutboxState.CANCELLED, OutboxState.QUEUED]
    await says(hand, "#undo")
    await says(hand, "#resolve")
    await says(hand, "#undo")
    await says(hand, "#resolve")
    assert len([row for row in (await undo.capture([1]))["deadline"].values() if row["done_at"] is None]) == 2


COMMANDS = (
    "Install driver 4.2.", "#resolve driver\nInstall it.", "#resolve", "#wait customer\nWhich model?", "#wait vendor",
    "#close", "#assign ben", "#assign me", "#assign support", "#priority P1", "#tag printer -fax", "#cc x@customer.example",
    "#uncc chief@customer.example", "#category Printing", "#time 20m", "#cause driver", "#kb", "#note\nOnly for us.",
    "#accept y@customer.example", "#eta tomorrow 12:00", "#snooze 3d", "#remind 2d", "#priority P2\n#tag a b\n#resolve\nDone.",
    "#merge 2", "#link 2", "#link -2", "#ask vendor@parts.example\nDo you know this?", "#ask vendor@parts.example\nAnd this?",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.slow
async def test_state_after_undo_is_state_before_whatever_was_done(hand: Hand, seed: int) -> None:
    """Random walks: forth by commands of two agents, some letters leaving, and all the way back."""
    await hand.write("clara", "The other printer, too.", subject="Another one")
    dice, stood = random.Random(seed), list[tuple[str, Snapshot]]()
    for _ in range(8):
        name, before = dice.choice(["anna", "anna", "ben"]), await undo.capture([1, 2])
        await says(hand, dice.choice(COMMANDS), name)
        if await undo.capture([1, 2]) != before:
            stood.append((name, before))
        elif await receipts(hand, name) and "%23undo%20" in await receipt(hand, name):
            await says(hand, "#undo", name)  # letters only
        if dice.random() < 0.2:
            await leaves(hand)
    assert len(stood) > 3
    while stood:
        name, before = stood.pop()
        await says(hand, "#undo", name)
        assert "Undone" in await receipt(hand, name)
        assert same(await undo.capture([1, 2]), before)


def same(now: Snapshot, before: Snapshot) -> bool:
    """But for conversations whose first letter has left: they stay open for an answer."""
    return {**now, "side_conversation": {}} == {**before, "side_conversation": {}}


async def test_one_ticket_of_a_bulk_mail_is_undone_alone(tmp_path: Path) -> None:
    async with by_hand(tmp_path, agents=STRICT, safety={"hold": "5m"}) as hand:
        await hand.write("clara", "It prints two pages.")
        await hand.write("dieter", "Es druckt nicht.", subject="Drucker")
        await hand.write("anna", "list", subject="list", fields=PROVEN)
        await hand.reply("anna", await hand.last("anna", "digest"), "1,2 done", fields=PROVEN)
        second = await undo.capture([2])
        await hand.reply("anna", (await hand.letters("anna", "notification"))[0], "#undo", fields=PROVEN)
        to = {row.recipient: row.state for row in await outbox.listing() if row.letter == "resolution"}
        assert to == {"clara@customer.example": OutboxState.CANCELLED, "dieter@kunde.example": OutboxState.QUEUED}
        assert await undo.capture([2]) == second
        told = await receipt(hand)
        assert "dieter" not in told
        assert "anna@acme.example" not in told
