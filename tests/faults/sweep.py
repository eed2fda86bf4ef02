"""The crash sweep: the real program is killed at every named point, and nothing may be lost or doubled.

python -m tests.faults.sweep              every point x first, second, last x SQLite, PostgreSQL
python -m tests.faults.sweep committed    only these points
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from mailproc.crashpoints import POINTS
from tests.faults.keeper import Keeper, Manner
from tests.faults.life import Life, life_of
from tests.faults.oracle import Verdict, judge
from tests.testlib import postgres
from tests.testlib.certificate import make_certificate
from tests.testlib.dovecot import Dovecot
from tests.testlib.postgres import Postgres

ONLY_COPIED = frozenset({"copied", "deleted"})  # points reached only where a server can't MOVE
STOPPED = "(asked to end)"  # no point: SIGTERM, and no kill
LETTERS = (1, 6, 15)  # letters that have left when the daemon is asked to end


@dataclass(frozen=True, slots=True)
class Case:
    """One run."""

    point: str
    time: int  # the how-manieth
    database: str = "sqlite"
    manner: Manner = Manner.TAKES

    @property
    def name(self) -> str:
        return self.point + (", and not taken" if self.manner is Manner.LOOKS else "")


@dataclass(frozen=True, slots=True)
class Result:
    case: Case
    verdict: Verdict
    kills: int
    seconds: float


@dataclass(slots=True)
class Stand:
    """The servers all runs share; each has a mailbox, a database and an SMTP server of its own."""

    folder: Path
    dovecot: Dovecot
    without_move: Dovecot
    postgresql: Postgres | None = None
    runs: int = 0
    traces: dict[tuple[str, bool], Counter[str]] = field(default_factory=dict)

    async def run(self, case: Case) -> Result:
        began = time.monotonic()
        async with Keeper(case.manner) as keeper:
            life = await self._life(case.database, keeper, can_move=case.point not in ONLY_COPIED)
            try:
                await _live(life, case)
                verdict = await judge(life)
            except (TimeoutError, AssertionError) as failure:
                verdict = Verdict([str(failure)])
            finally:
                await life.program.kill()
        if not life.program.kills and case.point in POINTS and case.time > 1:  # it worked in larger batches this time
            earlier = await self.run(replace(case, time=max(1, case.time * 3 // 4)))
            return replace(earlier, case=case)
        return Result(case, verdict, life.program.kills, time.monotonic() - began)

    async def counts(self, database: str, *, can_move: bool) -> Counter[str]:
        """How often each point is reached when nothing happens."""
        if (database, can_move) not in self.traces:
            async with Keeper() as keeper:
                life = await self._life(database, keeper, can_move=can_move)
                try:
                    await life.all_of_it("trace")
                finally:
                    await life.program.kill()
                verdict = await judge(life)
                assert not verdict.wrong, f"without any kill: {verdict.wrong}"
                self.traces[database, can_move] = life.program.points()
        return self.traces[database, can_move]

    async def _life(self, database: str, keeper: Keeper, *, can_move: bool) -> Life:
        self.runs += 1
        address, folder = f"desk{self.runs}@acme.example", self.folder / f"run{self.runs}"
        folder.mkdir()
        url = f"sqlite://{folder}/mailproc.db"
        if database == "postgresql":
            assert self.postgresql is not None
            url = await self.postgresql.empty_database()
        dovecot = self.dovecot if can_move else self.without_move
        return life_of(folder, dovecot, keeper, url, address)


async def _live(life: Life, case: Case) -> None:
    match case.point:
        case "draining":
            await life.all_of_it("draining", stop_after=case.time)
        case "commanded":
            await life.all_of_it(in_command="commanded")
        case point if point == STOPPED:
            await life.all_of_it(stop_after=case.time)
        case point:
            await life.all_of_it(f"{point}:{case.time}")


async def cases(stand: Stand, points: Iterable[str], databases: Iterable[str]) -> list[Case]:
    """First, second and last of each point; where to end is counted in letters."""
    found = []
    for database in databases:
        for point in points:
            if point in {"draining", STOPPED}:
                times: Iterable[int] = LETTERS
            elif point == "commanded":
                times = (1,)
            else:
                last = (await stand.counts(database, can_move=point not in ONLY_COPIED))[point]
                times = sorted({1, min(2, last), last} - {0})
            manners = list(Manner) if point == "dotted" else [Manner.TAKES]
            found += [Case(point, each, database, manner) for each in times for manner in manners]
    return found


async def sweep(stand: Stand, wanted: list[Case], jobs: int) -> list[Result]:
    """All of them, some at once."""
    places = asyncio.Semaphore(jobs)
    results: list[Result] = []

    async def one(case: Case) -> None:
        async with places:
            result = await stand.run(case)
        for words in result.verdict.wrong:
            print(f"  {case.name}:{case.time} on {case.database}: {words}", flush=True)
        results.append(result)
        if len(results) % 25 == 0:
            print(f"{len(results):5} of {len(wanted)}", flush=True)

    await asyncio.gather(*map(one, wanted))
    return sorted(results, key=lambda result: wanted.index(result.case))


def table(results: list[Result]) -> str:
    """A line a point."""
    by_point: defaultdict[str, list[Result]] = defaultdict(list)
    for result in results:
        by_point[result.case.name].append(result)
    head = (
        "point", "runs", "killed", "wrong", "lost", "answers twice", "followed", "withheld", "extra copies", "seconds",
    )  # fmt: skip
    lines = [head, *((name, *_sums(found)) for name, found in by_point.items()), ("all", *_sums(results))]
    return "\n".join(f"{line[0]:<22}" + "".join(f"{cell:>14}" for cell in line[1:]) for line in lines)


def _sums(results: list[Result]) -> tuple[int, ...]:
    verdicts = [result.verdict for result in results]
    return (
        len(results),
        sum(result.kills > 0 for result in results),
        sum(len(verdict.wrong) for verdict in verdicts),
        sum(verdict.lost for verdict in verdicts),
        sum(verdict.answers_doubled for verdict in verdicts),
        sum(verdict.followed for verdict in verdicts),
        sum(verdict.withheld for verdict in verdicts),
        sum(verdict.extra_copies for verdict in verdicts),
        round(sum(result.seconds for result in results)),
    )


async def main(options: argparse.Namespace) -> int:
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sweep-")))
        certificate = make_certificate(folder)
        stand = Stand(folder, Dovecot(certificate), Dovecot(certificate, can_move=False))
        for server in (stand.dovecot, stand.without_move):
            stack.callback(server.close)
            server.start()
        if "postgresql" in options.on:
            stand.postgresql = stack.enter_context(postgres.server())
        points = options.points or [*POINTS, STOPPED]
        results = await sweep(stand, await cases(stand, points, options.on), options.jobs)
    print(table(results))
    print(f"{time.monotonic() - began:.0f} s")
    unkilled = [result.case for result in results if not result.kills and result.case.point != STOPPED]
    for case in unkilled:
        print(f"never reached: {case.name}:{case.time} on {case.database}")
    return 1 if any(result.verdict.wrong for result in results) else 0


if __name__ == "__main__":
    command = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    command.add_argument("points", nargs="*")
    command.add_argument("--on", nargs="+", choices=("sqlite", "postgresql"), default=["sqlite", "postgresql"])
    command.add_argument("--jobs", type=int, default=4)
    sys.exit(asyncio.run(main(command.parse_args())))
