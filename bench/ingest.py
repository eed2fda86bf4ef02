"""Mails per second, from IMAP to the acknowledgement accepted by SMTP, beside a bare loop of the same libraries.

python -m bench.ingest [--mails 2000] [--seed 1] [--no-bare] [--database postgresql [--nodes 2]] [--profile FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import queue
import time
from dataclasses import dataclass
from pathlib import Path

from bench import bare
from bench.mails import Made, mails
from bench.stand import AGENT, SUPPORT, Stand, stand

_PATIENCE = 120.0  # seconds without a mail: it hangs


@dataclass(frozen=True, slots=True)
class Result:
    """What one run took."""

    mails: int
    start: float  # seconds until the daemon had logged in
    seconds: float  # from then to the last acknowledgement accepted
    processor_seconds: float  # of the daemon without its parser, since then
    peak: int
    parser_peak: int

    @property
    def rate(self) -> float:
        return self.mails / self.seconds


def work_off(on: Stand, made: list[Made], under: tuple[str, ...] = ("-m", "mailproc"), nodes: int = 1) -> Result:
    """Drop all mails, start the daemon, wait until every acknowledgement was accepted and every mail told.

    Memory and processor time are those of the first node.
    """
    on.dovecot.drop(SUPPORT, (mail.raw for mail in made))
    wanted = sum(mail.opens for mail in made)
    on.sink.forget()
    started = time.monotonic()
    with on.daemon(under=under, more=nodes - 1) as daemon:
        daemon.look()
        began, before = time.monotonic(), daemon.processor_seconds
        acknowledged, told, last = 0, 0, began
        while acknowledged < wanted or told < len(made):
            try:
                taken = on.sink.next(_PATIENCE if daemon.process.poll() is None else 0)
            except queue.Empty:
                words = daemon.log.read_text(errors="replace")[-2000:]
                raise RuntimeError(
                    f"{acknowledged} of {wanted} acknowledged, {told} of {len(made)} told\n{words}"
                ) from None
            told += taken.recipient == AGENT
            if taken.recipient != AGENT:
                acknowledged += 1
                last = taken.at
        daemon.look()
    return Result(
        len(made), began - started, last - began, daemon.processor_seconds - before, daemon.peak, daemon.parser_peak
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-bare", action="store_true", help="leave the bare loop out")
    parser.add_argument("--profile", type=Path, help="run the daemon under cProfile, statistics into this file")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--nodes", type=int, default=1, help="daemons on one PostgreSQL")
    options = parser.parse_args()
    if options.nodes > 1 and options.database == "sqlite":
        parser.error("several nodes need --database postgresql")
    made = list(mails(options.mails, to=SUPPORT, seed=options.seed))
    with stand(options.database) as on:
        profiled = ("-m", "cProfile", "-o", str(options.profile), "-m", "mailproc")
        whole = work_off(on, made, profiled if options.profile else ("-m", "mailproc"), options.nodes)
        print(f"mailproc   {whole.rate:7.1f} mails/s   {whole.seconds:6.1f} s, after {whole.start:.1f} s to start")
        print(f"           {1000 * whole.processor_seconds / len(made):7.2f} ms of processor a mail, parser apart")
        print(f"           {whole.peak / 1e6:7.0f} MB at most, parser {whole.parser_peak / 1e6:.0f} MB")
        figures: dict[str, float] = {"rate": whole.rate}
        if not options.no_bare:
            on.dovecot.drop(bare.MAILBOX, (mail.raw for mail in made))
            seconds = asyncio.run(bare.loop(on.dovecot.imap_port, on.sink.port, on.folder / "bare.db"))
            figures |= {"bare": len(made) / seconds, "ratio": whole.rate * seconds / len(made)}
            print(f"bare loop  {figures['bare']:7.1f} mails/s   {seconds:6.1f} s")
            print(f"ratio      {figures['ratio']:7.2f}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
