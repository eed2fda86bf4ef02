"""Whether work grows with what it is given and no faster: where tests measure time, this is how.

Measured is the processor time of this process, the least of several runs, so other work on the machine does not count.
The cyclic collector rests meanwhile: it would count everything the tests before have left behind. Quadratic work takes
sixteen times as long for four times as much; more than eight times is too much.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

Given = TypeVar("Given")

TIMES = 4  # as much is given the second time
MOST = 8  # times as long for that
FLOOR = 0.004  # seconds: shorter is the clock's grain
TRIES = 8  # before anything is called too much


def _nothing() -> None: ...


def seconds(work: Callable[[Given], object], given: Given, before: Callable[[], object] = _nothing) -> float:
    """The processor time of this work; what is done `before` is not measured."""
    before()
    with no_collector():
        began = time.process_time()
        work(given)
        return time.process_time() - began


def costs_more(
    work: Callable[[Given], object],
    large: Given,
    most: float,
    small: Given,
    before: Callable[[], object] = _nothing,
) -> str:
    """What was measured, if this work takes more than `most` times as long for the large as for the small."""
    least = seconds(work, large, before)
    if least <= most * FLOOR:
        return ""  # whatever less takes
    measure = min(seconds(work, small, before) for _ in range(2))
    for _ in range(TRIES):
        if least <= most * max(measure, FLOOR):
            return ""
        measure = min(measure, seconds(work, small, before))
        least = min(least, seconds(work, large, before))
    return f"{measure:.4f} s, then {least:.4f} s: {least / max(measure, FLOOR):.0f} times as long"


def grows_faster(
    work: Callable[[Given], object],
    generate: Callable[[int], Given],
    length: int,
    before: Callable[[], object] = _nothing,
) -> str:
    """What was measured, if this work takes much more than four times as long for four times the length."""
    return costs_more(work, generate(length * TIMES), MOST, generate(length), before)


@contextmanager
def no_collector() -> Iterator[None]:
    """Without the cyclic collector: see the module."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
