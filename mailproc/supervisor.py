"""Keeps the loops running: one that dies stops all, a signal stops them in order, systemd is told.

It knows none of the loops.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from mailproc import eventlog
from mailproc.crashpoints import reached

Loop = Callable[[], Awaitable[None]]
DRAIN_SECONDS = 10.0
_CANCEL_AGAIN = 1.0  # seconds for a loop to end


class Notifier:
    """Tells systemd how we are (sd_notify(3)); silent when not started by it."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        microseconds = environment.get("WATCHDOG_USEC", "")
        self.watchdog_seconds = int(microseconds) / 1e6 if microseconds.isdigit() else None

    def tell(self, state: str) -> None:
        """Send `READY=1`, `WATCHDOG=1`, `STOPPING=1` or `STATUS=...`."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.sendto(state.encode(), address)


async def supervise(loops: Mapping[str, Loop], drain: Loop, stop: asyncio.Event, notifier: Notifier) -> None:
    """Run all loops until `stop` is set or one of them ends; then stop the others and drain what is under way.

    Raises the exception group of the loops that failed.
    """
    tasks = {asyncio.create_task(_named(loop), name=name) for name, loop in loops.items()}
    stopping = asyncio.create_task(stop.wait(), name="stop")
    watchdog = asyncio.create_task(_watch(notifier), name="watchdog")
    notifier.tell("READY=1")
    eventlog.event("daemon.ready", loops=",".join(loops))
    try:
        await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        notifier.tell("STOPPING=1")
        eventlog.event("daemon.stopping")
        reached("draining")
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await drain()
        except TimeoutError:
            eventlog.warning("daemon.drain_cut", seconds=DRAIN_SECONDS)
        failures = await _end([stopping, watchdog, *tasks])
    if failures:
        raise ExceptionGroup("a loop died", failures)
    eventlog.event("daemon.stopped")


async def _named(loop: Loop) -> None:
    await loop()


async def _end(tasks: Iterable[asyncio.Task[Any]]) -> list[Exception]:
    ending = list(tasks)
    left = set(ending)
    while left:  # said again until it is heard: Python 3.11 can lose one that comes just as a connection is made
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=_CANCEL_AGAIN)
    results = await asyncio.gather(*ending, return_exceptions=True)
    return [result for result in results if isinstance(result, Exception)]


async def _watch(notifier: Notifier) -> None:
    """Pat the watchdog twice as often as it asks: a blocked event loop is a dead daemon."""
    if notifier.watchdog_seconds is None:
        await asyncio.Event().wait()
        return
    while True:
        notifier.tell("WATCHDOG=1")
        await asyncio.sleep(notifier.watchdog_seconds / 2)


def stop_on_signals(stop: asyncio.Event) -> None:
    """SIGTERM and SIGINT stop the daemon in order; a second one leaves at once."""
    loop = asyncio.get_running_loop()

    def asked(number: int) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked, number)
