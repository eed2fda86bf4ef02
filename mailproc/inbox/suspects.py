"""Whose fault it is that the server gives nothing of a mail: the mail's, or the server's.

A damaged mail must not hold up those behind it, and an hour in which a server gives nothing must not cost any of them. So
a mail is left where it lies only when it was refused once more after another one was given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_OFTEN = 3  # asked for in vain
_CUT_FOR = timedelta(hours=1)  # a connection that ends meanwhile is mostly the network's doing
_ALONE_FOR = timedelta(hours=4)  # no other to compare with, and none that waits behind it


@dataclass(slots=True)
class _Suspect:
    since: datetime
    asked: int = 0  # in vain
    refused: int = 0  # of these, how often the server said so and lived on


class Suspects:
    """The mails of one folder that were asked for in vain."""

    def __init__(self) -> None:
        self._known: dict[int, _Suspect] = {}

    def asked_in_vain(self, uids: Sequence[int], now: datetime, *, refused: bool) -> None:
        """Of several asked for together none is accused: they are asked for one by one from now on."""
        for uid in uids:
            suspect = self._known.setdefault(uid, _Suspect(now))
            suspect.asked += len(uids) == 1
            suspect.refused += refused and len(uids) == 1

    def clear(self) -> None:
        """All were taken, or are other mails now."""
        self._known.clear()

    def batches(self, uids: Sequence[int], most: int) -> Iterator[Sequence[int]]:
        """These mails in order: one by one up to the last suspect, then `most` together."""
        last, start = max(self._known, default=0), 0
        while start < len(uids):
            size = 1 if uids[start] <= last else most
            yield uids[start : start + size]
            start += size

    def often(self, uid: int, now: datetime, *, alone: bool) -> bool:
        """Whether it was asked for so often, or so long, that it may be given up if another is given."""
        suspect = self._known.get(uid)
        if suspect is None or suspect.asked < _OFTEN:
            return False
        if alone:
            return now - suspect.since >= _ALONE_FOR
        return suspect.refused >= _OFTEN or now - suspect.since >= _CUT_FOR

    def times(self, uid: int) -> int:
        """How often it was asked for alone, and in vain."""
        return self._known[uid].asked if uid in self._known else 0

    def witness(self, uid: int, uids: Sequence[int]) -> int | None:
        """Another mail that shows whether the server gives any: the one least suspected itself."""
        return min(
            (other for other in uids if other != uid), key=lambda other: (self.times(other), other), default=None
        )
