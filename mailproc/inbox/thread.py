"""One thread for one connection, that nobody waits for at the end.

A `ThreadPoolExecutor` is waited for when the interpreter ends, so a stop would take as long as a dead server's connect
timeout: there is no socket yet to hang up. A daemon thread is simply left behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from threading import Thread
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")


class OneThread(Executor):
    """Runs what it is given, one after the other, in a daemon thread of its own."""

    def __init__(self, name: str) -> None:
        self._work: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        Thread(target=self._run, name=name, daemon=True).start()

    def submit(self, work: Callable[_P, _T], /, *arguments: _P.args, **named: _P.kwargs) -> Future[_T]:
        future: Future[_T] = Future()

        def run() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work(*arguments, **named))
            except BaseException as error:  # noqa: BLE001 - it is whoever waits that must know
                future.set_exception(error)

        self._work.put(run)
        return future

    def shutdown(self, wait: bool = False, *, cancel_futures: bool = False) -> None:  # noqa: ARG002 - never waits
        """The thread ends after what it was given so far."""
        self._work.put(None)

    def _run(self, *_: Any) -> None:
        while (run := self._work.get()) is not None:
            run()
            del run  # keeps no mail alive while waiting


def heard(abandoned: asyncio.Future[Any]) -> None:
    """Nobody waits for it any more: else asyncio would log its failure as one that was overlooked."""
    if not abandoned.cancelled():
        abandoned.exception()
