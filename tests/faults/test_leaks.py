"""Whatever happens, a customer reads only what was meant for them: random walks over the whole handling of mail."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from dataclasses import dataclass, field
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailproc.demo.people import link_of, text_of
from mailproc.demo.servers import Delivered
from mailproc.store import tickets
from tests.testlib.by_hand import PROVEN, STRICT, Hand, by_hand, decoded
from tests.testlib.desk import PEOPLE

CUSTOMERS, AGENTS = ("clara", "dieter"), ("anna", "ben")
_TOKEN = re.compile(r"[a-z2-7]{32,56}")
#: Words of a walk: what kind, a number, and whom they may reach ("nobody": no customer at all).
_WORD = re.compile(r"(?:tabled|asked|answered|noted|forged|strange|sought|replied)[0-9]+for([a-z]+)")
_FROM_OUTSIDE = "ANSWER FROM OUTSIDE"
_BELOW = (
    "On Sat, 21 Nov 2026, Acme Support wrote:\n{quoted}",
    "-----Original Message-----\nFrom: Acme Support\nSent: Saturday\nSubject: x\n\n{text}",
    "{text}",
    "",
)
STEPS = ("ask", "ask", "ask again", "answer", "answer", "resolve", "note", "note by address", "question", "assign", "forge", "confirm",
         "deny", "stranger", "rate", "seek", "seek", "vendor answers", "vendor answers", "answer vendor", "share", "steal",
         "forward", "forward", "begin", "correct", "settle")  # fmt: skip


@dataclass
class Walk:
    """A desk, and what was said on it."""

    hand: Hand
    said: int = 0
    forged: set[str] = field(default_factory=set)

    def word(self, kind: str, reaches: str) -> str:
        self.said += 1
        return f"{kind}{self.said}for{reaches}"

    async def letter(self, name: str, pick: int, kind: str = "") -> Delivered | None:
        found = await self.hand.letters(name, kind)
        return found[pick % len(found)] if found else None

    def page(self, word: str) -> dict[str, Any]:
        """The same in HTML, with a table and a file that only agents may see."""
        secret = self.word("tabled", "nobody")
        page = f"<p>It says {word}.</p><table><tr><td>a<td>{secret}<tr><td>c<td><s>{secret}</s></table>"
        return {"page": page, "attachments": (("report.html", page.encode()),)}

    async def take(self, step: str, who: int, pick: int) -> None:
        customer, agent = CUSTOMERS[who % 2], AGENTS[pick % 2]
        if step == "ask":
            word = self.word("asked", customer)
            await self.hand.write(customer, f"It says {word}.", subject=f"Trouble {pick % 3}", **self.page(word))
        elif step in {"ask again", "stranger", "rate"}:
            letter = await self.letter(customer, pick)
            if letter is not None:
                writer, words = (
                    ("mallory", self.word("strange", "nobody")) if step == "stranger"
                    else (customer, "5" if step == "rate" else f"Yes, but {self.word('asked', customer)}?")
                )  # fmt: skip
                await self.hand.reply(writer, letter, words, **self.page(words))
        elif step in {"forward", "begin"}:
            await self.begin(step, customer, agent)
        elif step in {"vendor answers", "steal"}:
            letter = await self.letter("victor", pick, "side")
            if letter is not None:
                writer = "victor" if step == "vendor answers" else (customer, "mallory")[pick % 2]
                word = self.word("replied", await self.owner_of_reply(letter) if writer == "victor" else "nobody")
                await self.hand.reply(
                    writer, letter, f"{word}\n\n{_BELOW[pick % 3].format(quoted='', text=text_of(letter))}"
                )
        elif step in {"confirm", "deny"}:
            letter = await self.letter(agent, pick, "confirmation")
            if letter is not None:
                await self.hand.reply(agent, letter, "No, that was not me." if step == "deny" else "#confirm")
        else:
            await self.agent(step, agent, pick)

    async def agent(self, step: str, agent: str, pick: int) -> None:
        """An agent, or somebody in their name, answers one of the letters they got."""
        letter = await self.notification(step, agent, pick)
        if letter is None:
            return
        owner = await self.owner(letter)
        if step == "note by address":
            address = parseaddr(link_of(letter, "Note").removeprefix("mailto:").partition("?")[0].replace("%2B", "+"))[
                1
            ]
            await self.hand.write(agent, self.word("noted", "nobody"), address, "Note", fields=PROVEN)
            return
        words = {
            # What answers the news of a third party's words goes to them.
            "answer": self.word("answered", "victor" if _FROM_OUTSIDE in text_of(letter) else owner),
            "resolve": f"#resolve\n{self.word('answered', owner)}",
            "note": f"#note\n{self.word('noted', 'nobody')}",
            "question": f"#note @ben {self.word('noted', 'nobody')}",
            "assign": f"#note\n#assign ben\n{self.word('noted', 'nobody')}",
            "forge": self.word("forged", owner),
            "seek": f"#ask {PEOPLE['victor'][1]}\n{self.word('sought', 'victor')}",
            "answer vendor": self.word("sought", "victor"),
            "correct": f"#customer {PEOPLE[CUSTOMERS[pick % 2]][1]}",
            "settle": "#confirm",
            "share": f"#share\n{self.word('answered', owner)}",
        }[step]
        quoted = "\n".join(f"> {line}" for line in text_of(letter).splitlines())
        below = _BELOW[pick % len(_BELOW)].format(quoted=quoted, text=text_of(letter))
        await self.hand.reply(agent, letter, f"{words}\n\n{below}\n", {} if step == "forge" else PROVEN)

    async def begin(self, step: str, customer: str, agent: str) -> None:
        """An agent begins a ticket of a customer's: with a mail of theirs, or with a letter to them."""
        address = PEOPLE[customer][1]
        text = f"#new {address}\n{self.word('answered', customer)}"
        if step == "forward":
            above, said = self.word("noted", "nobody"), self.word("asked", customer)
            text = f"{above}\n\n---------- Forwarded message ---------\nFrom: X <{address}>\nSubject: Trouble\n\n{said}"
        await self.hand.write(agent, text, subject="Fwd: Trouble" if step == "forward" else "News", fields=PROVEN)

    async def notification(self, step: str, agent: str, pick: int) -> Delivered | None:
        """One of the agent's; to answer or share a third party's words, of those that told them."""
        if step not in {"answer vendor", "share"}:
            return await self.letter(agent, pick, "notification")
        told = [each for each in await self.hand.letters(agent, "notification") if _FROM_OUTSIDE in text_of(each)]
        return told[pick % len(told)] if told else None

    async def owner_of_reply(self, letter: Delivered) -> str:
        """Whose ticket a letter to a third party is about."""
        numbers = re.findall(r"\[Acme #(\d+)\]", letter.header("Subject"))
        ticket = await tickets.view(int(numbers[0]))
        assert ticket is not None
        return next((name for name in CUSTOMERS if PEOPLE[name][1] == ticket.customer.address), "nobody")

    async def owner(self, letter: Delivered) -> str:
        """The customer a letter's ticket belongs to."""
        ticket = await tickets.view(int(letter.header("X-Mailproc-Ticket")))
        assert ticket is not None
        return next((name for name in CUSTOMERS if PEOPLE[name][1] == ticket.customer.address), "nobody")

    async def check(self) -> None:
        """No word, token or address in any part of any mail to a customer that is not theirs to read."""
        desk = self.hand.app._handler._desk
        inside = [PEOPLE[name][1] for name in AGENTS]
        for letter in await self.hand.letters():
            if letter.recipient in inside:
                continue
            whole = decoded(letter)
            name = next(name for name in PEOPLE if PEOPLE[name][1] == letter.recipient)
            person = await tickets.find_person(letter.recipient)
            assert person is not None
            assert {found[1] for found in _WORD.finditer(whole)} <= {name}, whole
            assert not [address for address in inside if address in whole], whole
            tokens = (desk.keys.find(found, self.hand.clock.now().date()) for found in _TOKEN.findall(whole.lower()))
            assert {token.person for token in tokens if token is not None} <= {person.id}, whole


async def _walk(steps: list[tuple[str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with by_hand(Path(folder), agents=STRICT) as hand:
            walk = Walk(hand)
            await walk.take("ask", 0, 0)
            await walk.take("ask", 1, 0)
            for step in steps:
                await walk.take(*step)
            await walk.check()


_STEPS = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 1), st.integers(0, 30)), min_size=4, max_size=14)


@pytest.mark.row("A3", "A6", "A21", "A25", "A30")
@pytest.mark.slow
@settings(max_examples=int(os.environ.get("LEAK_WALKS", "8")))  # more by hand: LEAK_WALKS=200
@given(_STEPS)
def test_no_customer_reads_a_note_a_token_an_agent_s_address_or_another_customer_s_words(
    steps: list[tuple[str, int, int]],
) -> None:
    asyncio.run(_walk(steps))
