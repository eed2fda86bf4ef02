"""One run of the fixed scenario: about twenty mails in three steps, with whatever is done to the daemon meanwhile."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mailproc.crashpoints import Point
from tests.faults import letters
from tests.faults.keeper import REFUSED, Keeper
from tests.faults.ledger import Ledger
from tests.faults.letters import ANNA, Kind, Mail, answer, matter
from tests.faults.program import Program, configure
from tests.testlib.dovecot import Dovecot

_LOOK = 0.1  # seconds between looks at the database
PATIENCE = 120.0  # seconds until it must be quiet


@dataclass(slots=True)
class Life:
    """A daemon in its world. `injected` is every mail that was laid into the mailbox."""

    dovecot: Dovecot
    keeper: Keeper
    ledger: Ledger
    program: Program
    address: str
    injected: list[Mail] = field(default_factory=list)
    commands: list[tuple[int, str]] = field(default_factory=list)
    stops: list[int] = field(default_factory=list)  # exit codes of daemons that were asked to end and not killed
    _last: bool = False

    async def all_of_it(self, crashpoint: str = "", *, stop_after: int = 0, in_command: str = "") -> None:
        """From the first mail to the last, and quiet.

        `crashpoint` arms the first daemon, `in_command` the operator's commands. `stop_after`: the daemon is asked to
        end when that many letters have left.
        """
        self._lay(letters.first_mails(self.address))
        await self.program.start(crashpoint)
        stopping = asyncio.create_task(self._stop(stop_after)) if stop_after else None
        await self._until_quiet()
        operator = asyncio.create_task(self._operate(in_command)) if in_command or stop_after else None
        await self._second_step()
        await self._until_quiet()
        if operator is not None:
            await operator
        await self._third_step()
        await self._until_quiet()
        if stopping is not None:
            await stopping
        await self._copied()
        await self._until(self.program.is_up)
        self.stops.append(await self.program.terminate())

    async def beginning(self, before: tuple[str, ...] = ()) -> None:
        """The first mails, their letters, and one answer of an agent; `before` starts the first daemon."""
        self._lay(letters.first_mails(self.address))
        await self.program.start(before=before)
        await self._until_quiet()
        await self._deliver(answer(await self._written(ANNA, 0), "Please switch it off and on."))
        await self._until_quiet()
        await self._copied()
        await self._until(self.program.is_up)
        self.stops.append(await self.program.terminate())

    async def killed_at_each(self, points: Iterable[Point]) -> None:
        """The first mails and one answer of an agent; each daemon lives as far as the next of these points."""
        self._lay(letters.first_mails(self.address))
        for point in points:
            await self.program.start(f"{point}:1")
            await self._until(self.program.has_ended)
            if point == "committed":
                await self._deliver(answer(await self._written(ANNA, 0), "Please switch it off and on."))
        await self._until_quiet()
        await self._copied()
        await self._until(self.program.is_up)
        self.stops.append(await self.program.terminate())

    async def _second_step(self) -> None:
        """Agents answer, customers write more, some of it large, some of it one after the other."""
        await self._deliver(answer(await self._written(ANNA, 0), "Please switch it off and on."))
        await self._deliver(answer(await self._written(ANNA, 3), "#resolve\n\nIt is mended."))
        await self._deliver(answer(await self._written(ANNA, 5), "The manual is enclosed.", attachment=120_000))
        acknowledged = await self._written("c4@customer.example", 4, "acknowledgement")
        await self._deliver(answer(acknowledged, "It got worse.", 0, "c4@customer.example", Kind.MORE))
        await self._deliver(matter(self.address, 8, attachment=150_000))
        await self._deliver(matter(self.address, REFUSED))

    async def _third_step(self) -> None:
        await self._deliver(answer(await self._written(ANNA, 1), "Yours as well."))
        answered = await self._written("c0@customer.example", 0, "answer")
        await self._deliver(answer(answered, "That helped, but now it smokes.", 0, "c0@customer.example", Kind.MORE))
        await self._until_quiet()
        await self._deliver(matter(self.address, 9))

    async def _operate(self, in_command: str) -> None:
        """The operator replays what is in quarantine while the daemon works."""
        for row in await self.ledger.rows("SELECT id FROM inbound_mail WHERE state = 'quarantined' ORDER BY id"):
            self.commands.append(await self.program.command("inbound", "replay", str(row["id"]), crashpoint=in_command))

    async def _stop(self, after: int) -> None:
        while len(self.keeper.taken) < after:  # noqa: ASYNC110 - a look costs nothing
            await asyncio.sleep(0.005)
        code = await self.program.terminate()
        if code != -signal.SIGKILL:
            self.stops.append(code)

    def _lay(self, mails: list[Mail]) -> None:
        self.injected += mails
        self.dovecot.drop(self.address, [mail.raw for mail in mails])

    async def _deliver(self, mail: Mail) -> None:
        self.injected.append(mail)
        await asyncio.to_thread(self.dovecot.deliver, mail.recipient, mail.raw, mail.sender)

    async def _written(self, recipient: str, number: int, letter: str = "notification") -> bytes:
        """A letter as we wrote it, whether or not it arrived: people of this world read the outbox."""
        found = await self.ledger.letter(recipient, letter, f"c{number}@customer.example")
        assert found is not None, f"no {letter} to {recipient} about the matter of c{number}"
        return found

    async def _until_quiet(self) -> None:
        """Until nothing that was injected, written or due is left to do; a daemon that died is started again."""
        await self._until(self._is_quiet)

    async def _is_quiet(self) -> bool:
        await self.program.keep_up()
        unrest = await self.ledger.unrest()
        if unrest is None or unrest["mails"] < len(self.injected):
            return False
        return not (unrest["inbound"] or unrest["outbox"] or unrest["deadlines"] or (self._last and unrest["copies"]))

    async def _copied(self) -> None:
        """Until every answer has its copy in the Sent folder, some seconds after it left."""
        self._last = True
        await self._until_quiet()

    async def _until(self, holds: Callable[[], Awaitable[bool]]) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not await holds():  # noqa: ASYNC110 - another process's doings have no event
                    await asyncio.sleep(_LOOK)
        except TimeoutError:
            raise TimeoutError(f"not quiet: {await self.ledger.unrest()}\n{self.program.log()[-3000:]}") from None


def life_of(folder: Path, dovecot: Dovecot, keeper: Keeper, url: str, address: str) -> Life:
    """A daemon that was never started, and its world; `folder` takes its configuration and log."""
    configuration = configure(folder, dovecot, keeper.port, url, address)
    return Life(dovecot, keeper, Ledger(url), Program(configuration), address)
