"""What one clause of an answer to "is it solved?" says: one `Part` from the senses of its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mailproc.core.words.english import ENGLISH
from mailproc.core.words.german import GERMAN
from mailproc.core.words.lexicon import Found, Lexicon, Sense
from mailproc.core.words.sentences import Clause, Sentence


class Part(StrEnum):
    """What a clause contributes. The values of the doubts are the names of the rules they decide."""

    ROBOT = "a machine speaks"
    BROKEN = "broken"
    NO = "no"
    QUESTION = "question"
    IRONY = "not meant as written"
    CONTRAST = "but"
    CONDITION = "if"
    FUTURE = "not yet tried"
    HEDGE = "not sure, or in part"
    MORE = "another matter"
    NEGATED = "something is denied"
    TROUBLE = "names a problem"
    GOOD = "good"
    YES = "yes"
    THANKS = "thanks"
    COURTESY = "courtesy"
    STORY = "story"
    UNKNOWN = "not understood"


DOUBTS = frozenset(
    {Part.IRONY, Part.CONTRAST, Part.CONDITION, Part.FUTURE, Part.HEDGE, Part.MORE, Part.NEGATED, Part.TROUBLE}
)
_DOUBTFUL_SENSES = {
    Sense.IRONY: Part.IRONY,
    Sense.CONDITION: Part.CONDITION,
    Sense.FUTURE: Part.FUTURE,
    Sense.CONTRAST: Part.CONTRAST,
    Sense.HEDGE: Part.HEDGE,
    Sense.MORE: Part.MORE,
}
_KIND = frozenset({
    Sense.THANKS, Sense.OKAY, Sense.COURTESY, Sense.GREETING, Sense.SIGNOFF, Sense.FILLER, Sense.STRONG, Sense.AGAIN,
    Sense.YES,
})  # fmt: skip
_MOST_UNKNOWN = 6  # words of a clause that says clearly that something works: what it is, where, for whom
_LONGEST_STORY = 16  # words
_LONGEST_NAME = 3  # words
#: Every language we read answers in. One more table is one more language.
_LEXICONS = (Lexicon(ENGLISH), Lexicon(GERMAN))


@dataclass(frozen=True, slots=True)
class Reading:
    """A clause as one language reads it."""

    part: Part
    words: int
    known: int  # how many of the words the language knows


def read_sentence(sentence: Sentence) -> list[Reading]:
    """The parts of a sentence in the language that knows most of its words; of two, the more cautious reading."""
    readings = [_read(sentence, lexicon) for lexicon in _LEXICONS]
    return max(readings, key=lambda each: (sum(reading.known for reading in each), -_boldness(each)))


def _boldness(readings: Sequence[Reading]) -> int:
    order = list(Part)
    return min((order.index(reading.part) for reading in readings), default=len(order))


def _read(sentence: Sentence, lexicon: Lexicon) -> list[Reading]:
    readings: list[Reading] = []
    for number, clause in enumerate(_joined(sentence.clauses, lexicon)):
        reading = _Clause(clause, lexicon).reading(opens=number == 0, asks=sentence.asks)
        if reading.part in {Part.GOOD, Part.YES} and sentence.quotes:
            reading = Reading(Part.IRONY, reading.words, reading.known)  # "fixed", in quotation marks
        if reading.part is Part.YES and sentence.trails_off:
            reading = Reading(Part.HEDGE, reading.words, reading.known)
        readings.append(reading)
    return readings


def _joined(clauses: Sequence[Clause], lexicon: Lexicon) -> list[Clause]:
    """Clauses, cut again where the language joins two by a word."""
    cut: list[Clause] = []
    for clause in clauses:
        start = 0
        for at, word in enumerate(clause.words):
            if word in lexicon.joining:
                cut.append(Clause(clause.written[start:at], clause.words[start:at]))
                start = at + 1
        cut.append(Clause(clause.written[start:], clause.words[start:]))
    return [clause for clause in cut if clause.words]


class _Clause:
    """One clause in one language: its senses, and the questions the rules ask of them."""

    def __init__(self, clause: Clause, lexicon: Lexicon) -> None:
        self.clause = clause
        self.lexicon = lexicon
        self.words = [word for written in clause.words for word in lexicon.words(written)]
        self.found: list[Found] = lexicon.read(self.words)
        self.senses = frozenset(found.sense for found in self.found)
        covered = {at for found in self.found for at in range(found.start, found.end)}
        self.known = len(covered)
        self.strange = [at for at in range(len(self.words)) if at not in covered]

    def has(self, *senses: Sense) -> bool:
        return not self.senses.isdisjoint(senses)

    def reading(self, *, opens: bool, asks: bool) -> Reading:
        return Reading(self._part(opens=opens, asks=asks), len(self.words), self.known)

    def _part(self, *, opens: bool, asks: bool) -> Part:
        if self.has(Sense.ROBOT):
            return Part.ROBOT
        asking = asks or (
            opens and bool(self.found) and self.found[0].sense is Sense.ASKING and self.found[0].start == 0
        )
        if asking:
            return Part.BROKEN if self.has(Sense.STILL) and self._is_broken() else Part.QUESTION
        if self._is_broken():
            return Part.BROKEN
        doubt = next((part for sense, part in _DOUBTFUL_SENSES.items() if sense in self.senses), None)
        if doubt is not None:
            return doubt
        if self.has(Sense.REQUEST):
            return Part.QUESTION
        return self._denied() if self.has(Sense.NEGATION) else self._affirmed()

    def _is_broken(self) -> bool:
        denied, good = self.has(Sense.NEGATION), self.has(Sense.WORKS, Sense.SOLVED, Sense.FUNCTION, Sense.ABLE)
        if self.has(Sense.BROKEN):
            return True
        if denied:
            return good or self.has(Sense.STILL)
        if self.has(Sense.STILL):
            return self.has(Sense.PROBLEM, Sense.FAILS) or not good
        return self.has(Sense.FAILS) and not self.has(Sense.SOLVED, Sense.GONE, Sense.STORY, Sense.WORKS)

    def _denied(self) -> Part:
        """Something is denied; it is good only if that something is a problem, and one that was there before."""
        bad = self.has(Sense.PROBLEM, Sense.FAILS)
        if bad and self.has(Sense.ENDED, Sense.AGAIN) and len(self.strange) <= _MOST_UNKNOWN:
            return Part.GOOD
        if self.senses <= {Sense.NEGATION, Sense.YES, Sense.NO, Sense.FILLER, Sense.OKAY} and len(self.words) <= 3:
            return Part.NO if not self.strange else Part.NEGATED
        return Part.NEGATED

    def _affirmed(self) -> Part:
        if self.has(Sense.BLOCK):
            return Part.UNKNOWN
        if self.has(Sense.NO):
            return Part.NO if self.senses <= {Sense.NO, Sense.FILLER, *_KIND} and not self.strange else Part.NEGATED
        if self._is_good():
            return Part.GOOD
        if self.has(Sense.PROBLEM) and not self.has(Sense.COURTESY, Sense.THANKS):
            return Part.TROUBLE
        if self.has(Sense.FAILS):
            return Part.TROUBLE
        if self._is_yes():
            return Part.YES
        if self._is_kind():
            return Part.THANKS if self.has(Sense.THANKS) else Part.COURTESY
        return Part.STORY if self._is_story() else Part.UNKNOWN

    def _is_good(self) -> bool:
        unknown = len(self.strange)
        if any(self.words[at].isdecimal() and len(self.words[at]) < 3 for at in self.strange):
            return False  # "2 of 3 work"
        if self.has(Sense.GONE):
            return self.has(Sense.PROBLEM) and unknown <= _MOST_UNKNOWN
        if self.has(Sense.SOLVED):
            return unknown <= _MOST_UNKNOWN
        if self.has(Sense.PROBLEM, Sense.FAILS):
            return False
        if not self.has(Sense.WORKS):
            able = self.has(Sense.ABLE, Sense.FUNCTION) and self.has(Sense.AGAIN)
            strong = self.has(Sense.FUNCTION) and self.has(Sense.STRONG)
            return (able or strong) and unknown <= _MOST_UNKNOWN
        if self.has(Sense.STRONG, Sense.AGAIN):
            return unknown <= _MOST_UNKNOWN
        return unknown <= 1 and all(at < self._first(Sense.WORKS) for at in self.strange)

    def _first(self, sense: Sense) -> int:
        return next(found.start for found in self.found if found.sense is sense)

    def _is_yes(self) -> bool:
        return self.has(Sense.YES) and not self.strange and self.senses <= {
            Sense.YES, Sense.THANKS, Sense.COURTESY, Sense.GREETING, Sense.STRONG,
        }  # fmt: skip

    def _is_kind(self) -> bool:
        """Thanks, a greeting, kind words, a name or two beside them; or nothing but small words."""
        if self.senses - _KIND - {Sense.PROBLEM}:
            return False
        if self.has(Sense.THANKS, Sense.COURTESY, Sense.GREETING, Sense.SIGNOFF, Sense.OKAY):
            return len(self.strange) <= (2 if self.has(Sense.THANKS, Sense.GREETING, Sense.SIGNOFF) else 1)
        if not self.strange:
            return len(self.words) <= 2 or not self.senses <= {Sense.FILLER}
        return self._is_name()

    def _is_name(self) -> bool:
        written = self.clause.written
        return not self.senses and len(written) <= _LONGEST_NAME and all(word[0].isupper() for word in written)

    def _is_story(self) -> bool:
        if not self.has(Sense.STORY) or len(self.words) > _LONGEST_STORY:
            return False
        return True
