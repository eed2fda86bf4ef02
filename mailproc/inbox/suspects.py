"""Whose fault it is that the server gives nothing of a mail: the mail's, or the server's.

A damaged mail must not hold up those behind it, and an hour in which a server gives nothing must not cost any of them. So
what counts against a mail is that it was not given right after another one was. Where none is given, patience decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

_OFTEN = 3  # asked for in vain
_REFUSED_FOR = timedelta(minutes=5)  # it may be in use, or come from slow storage
_CUT_FOR = timedelta(hours=1)  # a connection that ends meanwhile is mostly the network's doing
_ALONE_FOR = timedelta(hours=4)  # no other to compare with
_NONE_FOR = timedelta(days=1)  # every other is suspected as well
_COMPARED = 1_000  # of the mails that wait


@dataclass(slots=True)
class _Suspect:
    since: datetime
    asked: int = 0  # in vain
    blamed: int = 0  # of these, right after another mail was given
    cut: bool = False  # one of these ended the connection
    blamed_since: datetime | None = None


class Suspects:
    """The mails of one folder that were asked for in vain."""

    def __init__(self) -> None:
        self._known: dict[int, _Suspect] = {}

    def asked_in_vain(self, uids: Sequence[int], now: datetime) -> None:
        """Of several asked for together none is accused: they are asked for one by one from now on."""
        for uid in uids:
            suspect = self._known.setdefault(uid, _Suspect(now))
            suspect.since = min(suspect.since, now)  # the clock may have been ahead
            suspect.asked += len(uids) == 1

    def blame(self, uid: int, now: datetime, *, cut: bool) -> None:
        """It was asked for in vain, and another one was given right before."""
        suspect = self._known[uid]
        suspect.blamed += 1
        suspect.cut |= cut
        suspect.blamed_since = min(suspect.blamed_since or now, now)

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

    def hopeless(self, uid: int, uids: Sequence[int], now: datetime) -> bool:
        """Whether it is to be given up, one of `uids`."""
        suspect = self._known[uid]
        if suspect.blamed >= _OFTEN and suspect.blamed_since is not None:
            return now - suspect.blamed_since >= (_CUT_FOR if suspect.cut else _REFUSED_FOR)
        witness = self.witness(uid, uids)
        if suspect.asked < _OFTEN or (witness is not None and self.times(witness) < _OFTEN):
            return False
        return now - suspect.since >= (_ALONE_FOR if witness is None else _NONE_FOR)

    def times(self, uid: int) -> int:
        """How often it was asked for alone, and in vain."""
        return self._known[uid].asked if uid in self._known else 0

    def witness(self, uid: int, uids: Sequence[int]) -> int | None:
        """Another mail that shows whether the server gives any: the one least suspected itself."""
        others = (other for other in uids[:_COMPARED] if other != uid)
        return min(others, key=lambda other: (self.times(other), other), default=None)
