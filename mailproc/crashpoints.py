"""Named places at which a test ends the process as a power cut would: nothing is said, closed or written any more.

`MAILPROC_CRASHPOINT=committed:3` kills with SIGKILL when `committed` is reached for the third time; `trace` kills
nobody and writes each point reached to standard error. Unset, a point is a call that does nothing. In this module, not
in its callers, so that it can be seen that it is the only one of its kind.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from typing import Literal, get_args

#: In the order in which a mail meets them, then those of time, start, end and commands.
Point = Literal[
    "fetched",  # the server's answer is read, nothing is spooled
    "spooling",  # in the transaction that spools
    "spooled",  # it is committed
    "claimed",  # an attempt to handle is committed, nothing is parsed
    "parsed",
    "recording",  # in the transaction that records: one mail's effects are written
    "recorded",  # all is written, nothing is committed
    "committed",
    "filing",  # about to be moved
    "copied",  # to the other folder, where a server can't MOVE
    "deleted",  # flagged, not expunged
    "moved",  # on the server, nothing is noted
    "filed",  # it is noted
    "sending",  # an attempt to send is committed, no connection is made
    "connected",  # and logged in
    "handing over",  # it is noted that the content goes out now, nothing of it has
    "in data",  # all but its end is written
    "dotted",  # the final dot is written, no answer is read
    "answered",  # the server has taken it, nothing is noted
    "settled",  # it is noted
    "appended",  # a copy of an answer lies in the Sent folder, nothing is noted
    "due",  # in the transaction of a deadline
    "carried out",  # it is committed
    "migrating",  # in the transaction of a schema step
    "draining",  # asked to stop
    "commanded",  # a command of the operator has written
]
POINTS: tuple[Point, ...] = get_args(Point)
VARIABLE = "MAILPROC_CRASHPOINT"


def _unarmed(_point: Point, /) -> None:
    """Nothing."""


def armed(words: str) -> Callable[[Point], None]:
    """What `VARIABLE` asks for. Raises ValueError for what is no point."""
    name, _, number = words.partition(":")
    wanted = int(number or 1)
    if name != "trace" and name not in POINTS:
        raise ValueError(f"{VARIABLE}={words}: the points are {', '.join(POINTS)}")
    passed: Counter[str] = Counter()

    def reached(point: Point, /) -> None:
        passed[point] += 1
        if name == "trace":
            os.write(2, f"crashpoint {point}\n".encode())
        elif point == name and passed[point] == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


reached = armed(os.environ[VARIABLE]) if VARIABLE in os.environ else _unarmed
