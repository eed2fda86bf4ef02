"""What is spent of the budgets: counted seldom, and judged as if it were counted each time."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from mailproc.core.budgets import Asked, Author, Budgets, Window, judge
from mailproc.core.letters import Letter
from mailproc.core.message import Address
from mailproc.store import budgets, tickets
from mailproc.store.db import transaction
from mailproc.store.tickets import NewTicket
from tests.testlib.plans import asked
from tests.testlib.store import NOW, fresh_store, on_both

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SMALL = Budgets(
    address=(Window(1000, DAY),),
    ticket=(Window(10_000, DAY),),
    domain=(Window(130, HOUR), Window(300, DAY)),
    unanswered=(Window(1000, DAY),),
    unproven=(Window(1000, DAY),),
    breaker=(Window(60, timedelta(minutes=1)), Window(220, HOUR)),
)


async def a_ticket() -> int:
    person = await tickets.learn_person(Address("clara@customer.example"), "en", NOW)
    return await tickets.open_ticket(NewTicket("support", "support", "s", "key", person.id, "en", NOW, None, None))


@on_both
@pytest.mark.parametrize("seed", range(2))
async def test_whoever_remembers_judges_like_whoever_counts(store_url: str, seed: int) -> None:
    dice, now, verdicts = random.Random(seed), NOW, set()
    async with fresh_store(store_url):
        ticket, remembering = await a_ticket(), budgets.Books(SMALL)
        for _ in range(200):
            now += timedelta(seconds=dice.choice([0, 1, 5, 600, -300]) if dice.random() < 0.9 else 7200)
            address = f"p{dice.randrange(60)}@{dice.choice(['big', 'big', 'small'])}.example"
            author = dice.choice(list(Author))
            spent = await remembering.spent(address, ticket, author, now)
            exact = await budgets.Books(SMALL).spent(address, ticket, author, now)
            question = Asked(Letter.ACKNOWLEDGEMENT, author, dice.randrange(3))
            verdict = judge(SMALL, spent.counts, question)
            assert (verdict, spent.stranger) == (judge(SMALL, exact.counts, question), exact.stranger)
            assert all(map(int.__ge__, spent.counts, exact.counts))
            verdicts.add(verdict)
            sent = [budgets.Letter(address, ticket, "acknowledgement", spent.stranger, dice.random() < 0.1)]
            await budgets.let_go(sent * dice.choice([1, 1, 1, 12]), now)
            if dice.random() < 0.02:
                await budgets.answered([address])
    assert len(verdicts) > 2  # some left, some were held for the domain and for all


@on_both
async def test_a_window_far_from_its_limit_is_counted_once(store_url: str) -> None:
    async with fresh_store(store_url):
        ticket, books = await a_ticket(), budgets.Books(Budgets())
        await books.spent("clara@customer.example", ticket, Author.UNTOLD, NOW)
        await budgets.let_go([budgets.Letter("clara@customer.example", ticket, "acknowledgement", True, False)], NOW)
        with asked() as questions:
            spent = await books.spent("dora@customer.example", ticket, Author.UNTOLD, NOW)
    assert len(questions) == 1
    assert spent.counts[4:6] == spent.counts[-2:] == (1, 1)  # her domain's, and all


@on_both
async def test_letters_that_were_undone_make_no_room(store_url: str) -> None:
    few = Budgets(domain=(Window(150, HOUR),), breaker=(Window(10_000, HOUR),))
    async with fresh_store(store_url):
        ticket, books = await a_ticket(), budgets.Books(few)

        async def spent(address: str) -> tuple[int, ...]:
            return (await books.spent(address, ticket, Author.UNTOLD, NOW)).counts

        async def let_go(address: str, number: int) -> None:
            await budgets.let_go([budgets.Letter(address, ticket, "acknowledgement", True, False)] * number, NOW)

        await let_go("clara@big.example", 40)
        with pytest.raises(ZeroDivisionError):
            async with transaction():
                await let_go("dora@small.example", 120)
                await spent("clara@big.example")
                raise ZeroDivisionError
        assert (await spent("clara@big.example"))[4] == 40
