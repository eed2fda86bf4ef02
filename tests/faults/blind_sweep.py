"""The blind sweep: the daemon's n-th system call of a kind kills it or fails, for n over a whole scenario, by strace.

python -m tests.faults.blind_sweep               every call that writes, by kill, EIO and ENOSPC
python -m tests.faults.blind_sweep --every 5     every fifth of them
python -m tests.faults.blind_sweep --minutes 30  as many as half an hour allows, spread over all
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.faults.keeper import Keeper
from tests.faults.life import life_of
from tests.faults.oracle import Verdict, judge
from tests.testlib.certificate import make_certificate
from tests.testlib.dovecot import Dovecot
from tests.testlib.programs import require

KILL = "signal=SIGKILL"
INJECTIONS = (
    ("fdatasync", KILL), ("pwrite64", KILL), ("sendto", KILL), ("write", KILL),
    ("fdatasync", "error=EIO"), ("pwrite64", "error=EIO"), ("pwrite64", "error=ENOSPC"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Blow:
    """The n-th call of one kind, and what becomes of it. strace counts in each thread for itself."""

    call: str
    effect: str
    number: int

    def strace(self) -> tuple[str, ...]:
        inject = f"inject={self.call}:{self.effect}:when={self.number}"
        quiet = ("-f", "-qqq", "-o", "/dev/null")
        return (require("strace", package="strace"), *quiet, "-e", f"trace={self.call}", "-e", inject)


async def strike(dovecot: Dovecot, folder: Path, address: str, blow: Blow) -> tuple[Verdict, int]:
    """One run of the scenario's beginning, and how often the daemon was killed. A fault may be logged, or end it."""
    folder.mkdir(exist_ok=True)  # noqa: ASYNC240 - a test's own folder, nobody waits
    async with Keeper() as keeper:
        life = life_of(folder, dovecot, keeper, f"sqlite://{folder}/mailproc.db", address)
        try:
            await life.beginning(blow.strace())
            late = blow.effect == KILL and -9 in life.stops  # the blow fell when it was asked to end
            life.stops = [code for code in life.stops if not (late and code == -9)]
            return await judge(life, forgiving=blow.effect != KILL), life.program.kills + late
        except (TimeoutError, AssertionError) as failure:
            return Verdict([str(failure)]), life.program.kills
        finally:
            await life.program.kill()


async def count(dovecot: Dovecot, folder: Path) -> Counter[str]:
    """The most calls of each kind that any one thread makes when nothing happens."""
    calls = {call for call, _ in INJECTIONS}
    trace = (
        require("strace", package="strace"),
        "-f",
        "-qqq",
        "-o",
        str(folder / "trace"),
        "-e",
        f"trace={','.join(calls)}",
    )
    async with Keeper() as keeper:
        life = life_of(folder, dovecot, keeper, f"sqlite://{folder}/mailproc.db", "count@acme.example")
        try:
            await life.beginning(trace)
        finally:
            await life.program.kill()
    by_thread: defaultdict[tuple[str, str], int] = defaultdict(int)
    for line in (folder / "trace").read_text(errors="replace").splitlines():
        thread, _, rest = line.partition(" ")
        by_thread[thread, rest.strip().partition("(")[0]] += 1
    most: Counter[str] = Counter()
    for (_, call), number in by_thread.items():
        if call in calls:
            most[call] = max(most[call], number)
    return most


async def main(options: argparse.Namespace) -> int:
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="blind-")))
        dovecot = Dovecot(make_certificate(folder))
        stack.callback(dovecot.close)
        dovecot.start()
        (folder / "count").mkdir()
        most = await count(dovecot, folder / "count")
        print(f"calls in one thread: {dict(most)}", flush=True)
        blows = [
            Blow(call, effect, number)
            for call, effect in INJECTIONS
            for number in range(1, most[call] + 1, options.every)
        ]
        random.Random(1).shuffle(blows)  # whatever part of it is struck is spread over the whole
        results: list[tuple[Blow, Verdict, int]] = []
        waiting = iter(enumerate(blows))

        async def strike_on() -> None:
            for number, blow in waiting:
                if time.monotonic() - began > 60 * options.minutes:
                    return
                verdict, kills = await strike(dovecot, folder / f"run{number}", f"blind{number}@acme.example", blow)
                shutil.rmtree(folder / f"run{number}")  # some 5 MB each
                for words in verdict.wrong:
                    print(f"  {blow.call}:{blow.effect}:{blow.number}: {words}", flush=True)
                results.append((blow, verdict, kills))
                if len(results) % 25 == 0:
                    print(f"{len(results):5} of {len(blows)}  {time.monotonic() - began:6.0f} s", flush=True)

        await asyncio.gather(*(strike_on() for _ in range(options.jobs)))
    _tell(results)
    print(f"{len(results)} of {len(blows)} blows, {time.monotonic() - began:.0f} s")
    return 1 if any(verdict.wrong for _, verdict, _ in results) else 0


def _tell(results: list[tuple[Blow, Verdict, int]]) -> None:
    print(
        f"{'call':<12}{'effect':<16}{'runs':>6}{'killed':>8}{'wrong':>7}{'lost':>6}{'answers twice':>15}{'followed':>10}"
        f"{'withheld':>10}"
    )
    for call, effect in INJECTIONS:
        found = [(verdict, kills) for blow, verdict, kills in results if (blow.call, blow.effect) == (call, effect)]
        killed, wrong = sum(kills > 0 for _, kills in found), sum(len(verdict.wrong) for verdict, _ in found)
        answers, followed = sum(v.answers_doubled for v, _ in found), sum(v.followed for v, _ in found)
        lost = sum(v.lost for v, _ in found)
        withheld = sum(v.withheld for v, _ in found)
        print(
            f"{call:<12}{effect:<16}{len(found):>6}{killed:>8}{wrong:>7}{lost:>6}{answers:>15}{followed:>10}{withheld:>10}"
        )


if __name__ == "__main__":
    command = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    command.add_argument("--every", type=int, default=1, help="every so-manieth call (1)")
    command.add_argument("--minutes", type=float, default=600, help="begin no more blows after that")
    command.add_argument("--jobs", type=int, default=4)
    sys.exit(asyncio.run(main(command.parse_args())))
