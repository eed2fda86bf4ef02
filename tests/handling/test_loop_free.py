"""No mail, however long its words, keeps the event loop from its other work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailproc.demo.people import text_of
from mailproc.mime.pool import ParserPool
from tests.testlib.by_hand import by_hand
from tests.testlib.desk import PEOPLE
from tests.testlib.growth import no_collector
from tests.testlib.hostile import HOSTILE

pytestmark = [pytest.mark.slow, pytest.mark.row("A17")]

LONGEST = 0.05  # seconds of processor time without a turn for others
TRIES = 3  # before a mail is called too long: other work on the machine is sometimes counted as ours
CHARACTERS = 200_000  # more than is read


@dataclass
class Turns:
    """How long the others were kept from their turn, at most."""

    longest: float = 0.0

    async def take(self) -> None:
        last = time.thread_time()
        while True:
            await asyncio.sleep(0)
            now = time.thread_time()
            self.longest, last = max(self.longest, now - last), now


@asynccontextmanager
async def watched() -> AsyncIterator[Turns]:
    turns = Turns()
    task = asyncio.create_task(turns.take())
    try:
        with no_collector():
            yield turns
    finally:
        task.cancel()


@pytest.mark.parametrize("kind", ["wrote", "sentences"])
async def test_a_long_answer_leaves_the_loop_to_others(tmp_path: Path, kind: str) -> None:
    async with by_hand(tmp_path, ParserPool) as hand:
        await hand.write("clara", "It prints two pages.")
        letter = await hand.last("clara", "acknowledgement")
        fields = {
            "From": PEOPLE["clara"][1],
            "To": letter.header("Reply-To"),
            "In-Reply-To": letter.header("Message-ID"),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        longest: list[float] = []
        while len(longest) < TRIES and min(longest, default=LONGEST) >= LONGEST:
            content = f"{head}X-Try: {len(longest)}\r\n\r\n{HOSTILE[kind](CHARACTERS)}".encode()
            async with watched() as turns:
                number = await hand.arrives(content)
            assert await hand.reason(number)
            longest.append(turns.longest)
        assert min(longest) < LONGEST
        assert "CUSTOMER WROTE" in text_of(await hand.last("anna", "notification"))


@pytest.mark.row("A18")
async def test_hundreds_of_files_under_an_agent_s_address_are_not_all_searched_for_tokens(tmp_path: Path) -> None:
    near_token = "aiaqcaiayelmboehb72krh4b7xke7djnp25fu2x "  # each is looked at closely
    files = "".join(
        f"--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename={number}.txt\r\n\r\n"
        f"{near_token * 2_500}\r\n"
        for number in range(150)
    )
    head = f"From: {PEOPLE['anna'][1]}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    async with by_hand(tmp_path, ParserPool) as hand, watched() as turns:
        await hand.arrives(f"{head}{files}--b--\r\n".encode())
    assert turns.longest < 6 * LONGEST, "fifteen megabytes come in, too"
