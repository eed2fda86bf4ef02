"""A letter before it is written: whoever has time does it, we or a process of its own."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field, fields, is_dataclass, replace
from operator import attrgetter
from struct import Struct
from typing import Any

from mailproc.core.letter_values import LetterValues
from mailproc.core.letters import Letter
from mailproc.mime.compose import OutgoingMail, compose
from mailproc.render.letters import Letters

FRAME = Struct("!QI")  # before each draft and each letter on a pipe: its number, and its bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a letter is made of. The same draft always becomes the same bytes, in every process."""

    words: Letters = field(repr=False, compare=False)
    letter: Letter
    values: LetterValues
    language: str
    time_zone: str
    mail: OutgoingMail  # but for its subject and its words

    def written(self) -> bytes:
        """The letter's final bytes. Raises what rendering and composing raise."""
        words = self.words.render(self.letter, self.values, self.language, self.time_zone)
        return compose(replace(self.mail, subject=words.subject, text=words.text, html=words.html))

    @property
    def enclosed(self) -> int:
        """Bytes of files that go out with it."""
        return sum(attachment.size for attachment in self.mail.attachments)

    def packed(self) -> bytes:
        """For a process of ours that has the same words: see `unpacked`."""
        buffer = io.BytesIO()
        pickler = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
        pickler.dispatch_table = _REDUCERS
        pickler.dump((self.letter, self.values, self.language, self.time_zone, self.mail))
        return buffer.getvalue()


def unpacked(words: Letters, packed: bytes) -> Draft:
    """A draft that a process of ours packed; from nobody else, as unpickling runs what it is told to."""
    return Draft(words, *pickle.loads(packed))  # noqa: S301 - the daemon's own bytes, by a pipe nobody else has


class _Reducers(dict[type, Callable[[Any], Any]]):
    """How pickle takes values apart: ours into what they are made from, which is half the work of asking them."""

    def __missing__(self, kind: type) -> Callable[[Any], Any]:
        if issubclass(kind, type):
            raise KeyError(kind)  # a class: by its name
        if not is_dataclass(kind):
            return self.setdefault(kind, lambda value: value.__reduce_ex__(pickle.HIGHEST_PROTOCOL))
        names = [each.name for each in fields(kind)]
        made_from = attrgetter(names[0], *names)  # of one name alone it would give no tuple
        return self.setdefault(kind, lambda value: (kind, made_from(value)[1:]))


_REDUCERS = _Reducers()
