"""How long a customer waits: from LMTP delivery into Dovecot to the acknowledgement accepted by SMTP.

python -m bench.latency [--mails 50]
"""

from __future__ import annotations

import argparse
import json
import statistics
import time

from bench.mails import mails
from bench.stand import AGENT, SUPPORT, Stand, stand

_PATIENCE = 90.0  # seconds: longer than one idle wait


def latencies(on: Stand, count: int) -> list[float]:
    """Seconds from delivery to acknowledgement for mails that come one by one, each after the one before is answered."""
    made = [mail for mail in mails(2 * count, to=SUPPORT, seed=7, called="w") if mail.opens][:count]
    seconds = []
    with on.daemon(start="now"):
        for number, mail in enumerate(made):
            time.sleep(0.05 * (number % 10))  # at different moments of the daemon's rounds
            began = time.monotonic()
            on.dovecot.deliver(SUPPORT, mail.raw, mail.sender)
            while (taken := on.sink.next(_PATIENCE)).recipient == AGENT:
                continue
            seconds.append(taken.at - began)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--mails", type=int, default=50)
    options = parser.parse_args()
    with stand() as on:
        seconds = latencies(on, options.mails)
    figures = {"median": round(statistics.median(seconds), 3), "worst": round(max(seconds), 3)}
    print(f"acknowledged after {figures['median']:.3f} s (median), {figures['worst']:.3f} s (worst of {len(seconds)})")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
