"""What follows a transaction: it is told, others are woken. Nobody hears of what is undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass
class _Transaction:
    follows: list[Callable[[], object]] = field(default_factory=list)
    ended: bool = False


_here: ContextVar[_Transaction | None] = ContextVar("transaction", default=None)


def when_committed(action: Callable[[], object]) -> None:
    """Do this when the transaction is committed in which we are; at once, where we are in none."""
    here = _here.get()
    if here is None or here.ended:  # a task that was begun in one, and outlived it
        action()
    else:
        here.follows.append(action)


@contextmanager
def committing() -> Iterator[None]:
    """Around a transaction. What is to follow a savepoint follows the transaction that holds it."""
    outer, ours = _here.get(), _Transaction()
    _here.set(ours)
    try:
        yield
    finally:
        ours.ended = True
        _here.set(outer)
    for action in ours.follows:
        when_committed(action)
