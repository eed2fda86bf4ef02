"""Bad input through the real intake, spool to outbox: a ticket or quarantine, never a crash, and the next mail is fine.

The parser is the real one, in its process; what it may cost is looked at from outside, as the kernel counts it.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mailproc.app import App
from mailproc.core.facts import TicketView
from mailproc.store import inbound, outbox, tickets
from mailproc.store.inbound import Line
from tests.testlib.bad_mails import BAD, Bad
from tests.testlib.budgets import WIDE_BUDGETS
from tests.testlib.idle_desk import idle_desk
from tests.testlib.store import raw_mail, spooled

pytestmark = [pytest.mark.slow]

MOST_SECONDS = 2.0
MOST_MEMORY = 300_000_000  # bytes
TICK = os.sysconf("SC_CLK_TCK")


def workers() -> dict[int, tuple[float, int]]:
    """The parser's processes: seconds of processor time, most bytes held."""
    found = {}
    for child in {pid for task in Path("/proc/self/task").iterdir() for pid in (task / "children").read_text().split()}:
        if b"mailproc.mime.worker" in Path(f"/proc/{child}/cmdline").read_bytes():
            used = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            held = Path(f"/proc/{child}/status").read_text().partition("VmHWM:")[2].split()[0]
            found[int(child)] = ((int(used[11]) + int(used[12])) / TICK, int(held) * 1024)
    return found


@dataclass
class Intake:
    """A desk that takes mails one by one, a good one after each bad one."""

    app: App
    taken: int = 0

    async def take(self, raw: bytes) -> tuple[Line, TicketView | None]:
        """What became of a mail, within its time and memory; the mail behind it must open its ticket."""
        first = self.taken + 1
        before = workers()
        await spooled(raw, raw_mail(first), first_uid=first)
        await self.app._handler.work_off()
        self.taken += 2
        after = workers()
        assert after.keys() == before.keys()  # nobody died
        assert all(after[pid][0] - before[pid][0] < MOST_SECONDS and after[pid][1] < MOST_MEMORY for pid in after)
        found, behind = await inbound.get(first), await inbound.get(first + 1)
        assert found is not None
        assert behind is not None
        assert behind[0].ticket_id
        return found[0], await tickets.view(found[0].ticket_id) if found[0].ticket_id else None


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[Intake]:
    async with idle_desk(tmp_path, budgets=WIDE_BUDGETS) as (app, _):
        assert await app._handler._parser.warmed()
        yield Intake(app)


async def told(number: int) -> str:
    """All that the outbox holds about a ticket."""
    rows = await outbox.listing(ticket=number)
    return "".join([str((await outbox.content(row.id) or b"").decode()) for row in rows])


async def check(intake: Intake, bad: Bad) -> None:
    line, ticket = await intake.take(bad.raw)
    if bad.refused:
        assert (line.state, ticket) == ("quarantined", None), line
        assert bad.refused in line.reason
        assert "; at most " in line.reason
        return
    assert line.state == "done", line.reason
    assert ticket is not None
    assert bad.subject in ticket.subject
    said = (await tickets.said(ticket.number, 1))[0]
    assert bad.words in said.text
    assert not bad.customer or ticket.customer.address == bad.customer
    letters = [row.letter for row in await outbox.listing(ticket=ticket.number)]
    assert letters.count("notification") == 2  # Anna and Ben
    assert bad.thanked is None or ("acknowledgement" in letters) == bad.thanked
    passed = (await told(ticket.number)).replace("\r\n ", "")
    assert all(name in passed for name in bad.files)


async def check_rows(intake: Intake, *rows: str) -> None:
    for row in rows:
        for bad in BAD[row]:
            try:
                await check(intake, bad)
            except AssertionError as failure:
                raise AssertionError(f"{row}, {bad.name}: {failure}") from failure


@pytest.mark.row("I1", "I2", "I3", "I18", "I19")
async def test_whoever_wrote_and_whenever(intake: Intake) -> None:
    await check_rows(intake, "I1", "I2", "I3", "I18", "I19")


@pytest.mark.row("I6", "I7", "I8", "I15", "I21", "I23", "I24")
async def test_whatever_it_says_and_however_it_is_written(intake: Intake) -> None:
    await check_rows(intake, "I6", "I7", "I8", "I15", "I21", "I23", "I24")


@pytest.mark.row("I12", "I13", "I14", "I16", "I17", "I22")
async def test_whatever_lies_in_it(intake: Intake) -> None:
    await check_rows(intake, "I12", "I13", "I14", "I16", "I17", "I22")


@pytest.mark.row("I9", "I10", "A17", "A18")
async def test_however_much_it_is(intake: Intake) -> None:
    await check_rows(intake, "I9", "I10", "A18")
