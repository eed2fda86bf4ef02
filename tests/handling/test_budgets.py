"""Automatic letters within budgets, on a desk worked by hand: who writes too much, and what the operator does about it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from mailproc.demo.people import text_of
from mailproc.demo.servers import Delivered
from mailproc.store import budgets, history, outbox, tickets
from mailproc.store.outbox import OutboxState
from tests.testlib.by_hand import OURS, PROVEN, STRICT, Hand, by_hand
from tests.testlib.desk import PEOPLE, SUPPORT
from tests.testlib.store import raw_mail

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    async with by_hand(tmp_path) as hand:
        yield hand


async def acknowledged(hand: Hand, name: str = "clara") -> int:
    return len(await hand.letters(name, "acknowledgement"))


async def told(ticket: int, kind: str) -> list[str]:
    return [entry.text for entry in await history.of_ticket(ticket) if entry.kind == kind]


async def test_a_fourth_matter_is_not_acknowledged_until_an_agent_has_written(hand: Hand) -> None:
    for number in range(4):
        await hand.write("clara", "Something else.", subject=f"Matter {number}")
    assert await acknowledged(hand) == 3
    assert await told(4, "suppressed") == [
        "acknowledgement to clara@customer.example not sent: acknowledged often enough: no agent has written there since"
    ]
    assert await budgets.stopped_since(hand.clock.now() - HOUR) == {
        "acknowledged often enough: no agent has written there since": 1
    }
    await hand.reply("anna", await hand.last("anna", "notification"), "I see to it.")
    await hand.write("clara", "And this.", subject="Matter 5")
    assert await acknowledged(hand) == 4


@pytest.mark.row("A11")
async def test_who_is_not_proven_is_acknowledged_once_a_day(tmp_path: Path) -> None:
    async with by_hand(tmp_path, agents=STRICT) as hand:
        for day in range(2):
            for number in range(3):
                await hand.write("clara", "Buy!", subject=f"Offer {day} {number}")
            assert await acknowledged(hand) == day + 1
            hand.clock.advance(DAY)
        proven = {"Authentication-Results": f"{OURS}; dmarc=pass header.from=customer.example"}
        await hand.write("clara", "It is me.", subject="Printer", fields=proven)
        assert await acknowledged(hand) == 3


async def acknowledgements(state: OutboxState) -> int:
    rows = await outbox.listing(limit=1000)
    return sum(row.letter == "acknowledgement" and row.state is state for row in rows)


@pytest.mark.row("A11")
@pytest.mark.slow
async def test_a_forged_flood_of_many_names_is_held_by_the_domains_budget_or_the_breaker(tmp_path: Path) -> None:
    async with by_hand(tmp_path, budgets={"domain": ["3/1h"], "breaker": ["4/1m"]}) as hand:
        for rounds, left in ((range(10), 4), (range(10, 20), 6)):
            for number in rounds:
                await hand.arrives(raw_mail(number, sender=f"v{number}@victim{number % 2}.example"))
            assert await acknowledgements(OutboxState.QUEUED) == left
            hand.clock.advance(timedelta(minutes=1))
        assert await acknowledgements(OutboxState.HELD) == 14
        assert await told(20, "held") == [
            "acknowledgement to v19@victim1.example held: too many automatic letters to this domain"
        ]


@pytest.mark.row("A11", "A29")
async def test_who_is_proven_is_acknowledged_whatever_is_forged(tmp_path: Path) -> None:
    few: dict[str, object] = {"domain": ["2/1h"], "breaker": ["3/1h"], "unanswered": ["1/7d"], "tickets": "2/1h"}
    proven = {"Authentication-Results": f"{OURS}; dmarc=pass header.from=customer.example"}
    async with by_hand(tmp_path, agents=STRICT, budgets=few) as hand:
        for number in range(4):
            await hand.arrives(raw_mail(number, sender=f"v{number}@customer.example"))  # the domain's
            await hand.arrives(raw_mail(10 + number, sender=f"v{number}@victim{number}.example"))  # the breaker's
            await hand.write("clara", "Buy!", subject=f"Offer {number}")  # her own
        assert await acknowledgements(OutboxState.QUEUED) == 3
        before = await acknowledged(hand)
        number = await hand.write("clara", "It is me.", subject="Printer", fields=proven)
        assert await acknowledged(hand) == before + 1
        assert "a new matter" in await hand.reason(number)
        assert await acknowledgements(OutboxState.QUEUED) == 4


@pytest.mark.row("A11", "A29")
async def test_where_no_border_tells_whom_agents_know_is_acknowledged_whatever_strangers_send(tmp_path: Path) -> None:
    async with by_hand(tmp_path, budgets={"domain": ["5/1h"], "breaker": ["3/1h"]}) as hand:
        await hand.write("clara", "It prints two pages.")
        await hand.reply("anna", await hand.last("anna", "notification"), "I see to it.")
        for number in range(4):
            await hand.arrives(raw_mail(number, sender=f"v{number}@victim{number}.example"))
        assert await acknowledgements(OutboxState.HELD) == 2
        await hand.write("clara", "And another matter.", subject="Scanner")
        assert await acknowledgements(OutboxState.HELD) == 2
        await hand.reply("anna", await hand.last("anna", "notification"), "#resolve\n\nInstall driver 4.2.")
        await hand.reply("clara", await hand.last("clara", "resolution"), "Yes, solved, thank you!")
        assert await hand.letters("clara", "closure")
        assert await acknowledgements(OutboxState.HELD) == 2
        assert len(await outbox.held(10)) == 2
        assert len(await hand.letters("clara", "survey")) == 1


async def test_what_is_held_counts_for_its_address_but_holds_nobody_up(tmp_path: Path) -> None:
    async with by_hand(tmp_path, budgets={"breaker": ["1/1m"], "unanswered": ["2/7d"]}) as hand:
        await hand.write("dieter", "First of this minute.")
        for number in range(4):
            await hand.write("clara", "Something else.", subject=f"Matter {number}")
        assert await acknowledgements(OutboxState.HELD) == 2
        hand.clock.advance(timedelta(minutes=1))
        await hand.write("mallory", "First of the next minute.")
        assert await acknowledgements(OutboxState.QUEUED) == 2


async def test_an_agents_words_are_never_held(tmp_path: Path) -> None:
    none: dict[str, object] = {"address": ["1/1d"], "ticket": ["1/1d"], "domain": ["1/1d"], "breaker": ["1/1d"]}
    async with by_hand(tmp_path, budgets=none) as hand:
        await hand.write("clara", "It prints two pages.")
        for _ in range(3):
            await hand.reply("anna", await hand.last("anna", "notification"), "Install driver 4.2.")
        await hand.reply("anna", await hand.last("anna", "notification"), "#resolve")
        sent = [
            (row.letter, row.state) for row in await outbox.listing(limit=1000) if row.recipient == PEOPLE["clara"][1]
        ]
        assert sorted(sent) == [("acknowledgement", "queued"), *[("answer", "queued")] * 3, ("resolution", "queued")]


async def test_a_survey_beyond_the_budget_is_left_out_and_the_closure_before_it_sent(tmp_path: Path) -> None:
    async with by_hand(tmp_path, budgets={"ticket": ["2/1h"]}) as hand:
        await hand.write("clara", "It prints two pages.")
        await hand.reply("anna", await hand.last("anna", "notification"), "#resolve\n\nInstall driver 4.2.")
        await hand.reply("clara", await hand.last("clara", "resolution"), "Yes, solved, thank you!")
        letters = [letter.header("X-Mailproc-Ticket") for letter in await hand.letters("clara", "closure")]
        assert letters == ["1"]
        assert not await hand.letters("clara", "survey")
        assert await told(1, "suppressed") == [
            "survey to clara@customer.example not sent: too many automatic letters about this ticket"
        ]


@asynccontextmanager
async def backlog(folder: Path, count: int) -> AsyncIterator[Hand]:
    """A desk that acknowledges ten a minute, on which so many mails of different people arrived in one."""
    async with by_hand(folder, budgets={"breaker": ["10/1m", "1000/1h"]}) as hand:
        for number in range(count):
            await hand.arrives(raw_mail(number, sender=f"c{number}@customer{number}.example"))
        yield hand


@pytest.mark.row("N25")
@pytest.mark.slow
async def test_a_backlog_is_acknowledged_at_a_pace_and_who_writes_later_is_not_behind_it(tmp_path: Path) -> None:
    async with backlog(tmp_path, 15) as hand:
        assert (await budgets.breaker(["support"])).held == 5
        assert await told(15, "held") == [
            "acknowledgement to c14@customer14.example held: too many automatic letters at once"
        ]
        hand.clock.advance(timedelta(minutes=1))
        await hand.write("clara", "I write now.")
        assert await acknowledged(hand) == 1
        (row,) = [row for row in await outbox.listing(ticket=16) if row.letter == "acknowledgement"]
        assert row.state is OutboxState.QUEUED
        assert len(await hand.letters("anna")) == 16  # agents know of every mail


async def test_what_is_held_waits_for_the_operator_and_leaves_at_a_pace_the_newest_first(tmp_path: Path) -> None:
    async with backlog(tmp_path, 13) as hand:
        now = hand.clock.now()
        newest, middle, oldest = await outbox.held(10)
        assert newest > middle > oldest
        assert await outbox.release(newest, now, now)
        assert not await outbox.release(newest, now, now)
        assert await outbox.drop(oldest, now)
        assert not await outbox.drop(oldest, now)
        assert await outbox.held(10) == [middle]
        assert await told(13, "released") == ["acknowledgement to c12@customer12.example"]
        assert await told(11, "dropped") == ["acknowledgement to c10@customer10.example"]
        breaker = await budgets.breaker(["support", "sales"])
        assert (breaker.held, breaker.since) == (1, now)


@pytest.mark.row("A29")
@pytest.mark.slow
async def test_a_flood_of_one_sender_goes_onto_their_newest_ticket_and_agents_hear_of_it_once_an_hour(
    tmp_path: Path,
) -> None:
    async with by_hand(tmp_path, budgets={"tickets": "5/1h"}) as hand:
        hand.clock.advance(timedelta(minutes=30))
        for number in range(15):
            await hand.write("mallory", f"Bomb {number}", subject=f"Bomb {number}")
        assert await tickets.view(5) is not None
        assert await tickets.view(6) is None
        assert len(await tickets.said(5, 100)) == 11
        assert await acknowledged(hand, "mallory") == 3
        assert len(await hand.letters("anna", "notification")) == 6
        assert "FLOOD from Mallory" in text_of(await hand.last("anna", "notification"))
        hand.clock.advance(HOUR - timedelta(minutes=1))
        await hand.write("mallory", "Bomb!", subject="Another bomb")
        assert len(await hand.letters("anna", "notification")) == 7  # another hour by the clock
        await hand.write("clara", "I am somebody else.")
        assert await tickets.view(6) is not None
        hand.clock.advance(timedelta(minutes=2))
        await hand.write("mallory", "Bomb!", subject="Late bomb")
        assert await tickets.view(7) is not None


@pytest.mark.row("A1", "A29")
@pytest.mark.parametrize(
    "sender",
    ["x: mallory@stranger.example;", "mallory@stranger.example\r\nFrom: b@stranger.example", "<>", "anna@acme.example"],
    ids=["a group", "two", "nobody", "an agent, unproven"],
)
@pytest.mark.parametrize("text", ["Bomb", "---------- Forwarded message ---------\nFrom: X <x@y.example>\n\nBomb"])
async def test_no_sender_is_too_ill_written_to_be_one(tmp_path: Path, sender: str, text: str) -> None:
    async with by_hand(tmp_path, agents=STRICT, budgets={"tickets": "5/1h"}) as hand:
        for number in range(15):
            head = f"From: {sender}\r\nTo: {SUPPORT}\r\nSubject: Fwd: Bomb {number}\r\n\r\n"
            await hand.arrives(f"{head}{text} {number}\r\n".encode())
        assert await tickets.view(6) is None
        assert len(await hand.letters("ben", "notification")) == 6
        before = len(await hand.letters("anna", "receipt"))
        await hand.write("anna", f"#new {PEOPLE['clara'][1]}\nWe have news.", fields=PROVEN)
        assert len(await hand.letters("anna", "receipt")) == before + 1, "who is proven is nobody's flood"


async def test_five_matters_of_one_customer_in_an_hour_are_five_tickets_and_agents_know_of_each(hand: Hand) -> None:
    for number in range(5):
        await hand.write("clara", "Something else.", subject=f"Matter {number}")
        hand.clock.advance(timedelta(minutes=12))
    assert await tickets.view(5) is not None
    assert len(await hand.letters("anna", "notification")) == 5
    assert "No acknowledgement was sent" not in text_of(await hand.last("anna", "notification"))
    for _ in range(5):
        await hand.reply("clara", await hand.last("clara", "acknowledgement"), "One thing more.")
    assert len(await hand.letters("anna", "notification")) == 10


@pytest.mark.row("A9")
@pytest.mark.parametrize("words", ["", "I am not here.", "Internal only: away."])
@pytest.mark.slow
async def test_a_robot_nothing_marks_as_one_answers_our_answers_to_an_agent_for_a_while_only(
    tmp_path: Path, words: str
) -> None:
    async with by_hand(tmp_path, budgets={"agent": ["3/1h", "4/1d"]}) as hand:
        await hand.write("clara", "It prints two pages.")
        letter = await hand.last("anna", "notification")
        counts = []

        async def answers() -> list[Delivered]:
            return [each for kind in ("held", "receipt") for each in await hand.letters("anna", kind)]

        for _ in range(3):
            for _ in range(4):
                await hand.reply("anna", letter, words)
                letter = max(await answers(), key=lambda each: each.at)
                hand.clock.advance(timedelta(seconds=10))
            counts.append(len(await answers()))
            hand.clock.advance(HOUR)
        assert counts == [3, 4, 4]
        assert len(await tickets.said(1, 50)) == 13  # each mail is on the ticket all the same
        assert any("too many answers to this agent's mails" in text for text in await told(1, "suppressed"))
        await hand.reply("ben", (await hand.letters("ben", "notification"))[0], "#help")
        assert await hand.letters("ben", "help")
        hand.clock.advance(DAY)
        await hand.reply("anna", letter, words)
        assert len(await answers()) == 5


@pytest.mark.slow
async def test_an_agent_hears_that_words_were_not_sent_though_a_robot_used_up_the_answers(tmp_path: Path) -> None:
    async with by_hand(tmp_path, budgets={"agent": ["2/1h"]}) as hand:
        await hand.write("clara", "It prints two pages.")
        letter = (await hand.letters("anna", "notification"))[0]
        for _ in range(4):
            await hand.reply("anna", letter, "Internal only: away.")
        assert len(await hand.letters("anna", "held")) == 2
        await hand.reply("anna", letter, "Internal only: it is the driver.")
        assert "it is the driver" in text_of((await hand.letters("anna", "held"))[-1])
        for number in range(30):
            await hand.reply("anna", letter, f"Internal only: away, {number}.")
        assert len(await hand.letters("anna", "held")) == 20  # words that change each time come to an end, too


async def test_so_they_do_of_words_that_a_command_stopped(tmp_path: Path) -> None:
    async with by_hand(tmp_path, budgets={"agent": ["2/1h"]}) as hand:
        await hand.write("clara", "It prints two pages.")
        letter = (await hand.letters("anna", "notification"))[0]
        for text in ("#close", "#note One.", "#note Two."):
            await hand.reply("anna", letter, text)
        assert len(await hand.letters("anna", "receipt")) == 2
        for _ in range(2):
            await hand.reply("anna", letter, "#resolve\nInstall driver 4.2.")
        assert "the ticket is closed" in " ".join(text_of((await hand.letters("anna", "receipt"))[-1]).split())
        assert len(await hand.letters("anna", "receipt")) == 3  # the second time they are no news
