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
    FAILS = "something fails"
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
    SMALL = "nothing but small words"
    OKAY = "understood"
    STORY = "story"
    CAUSE = "cause"
    UNKNOWN = "not understood"


DOUBTS = frozenset(
    {Part.IRONY, Part.CONTRAST, Part.CONDITION, Part.FUTURE, Part.HEDGE, Part.MORE, Part.NEGATED, Part.TROUBLE}
)
_CAUTION = {part: place for place, part in enumerate(Part)}
#: What makes a clause doubtful, whatever else it says; the first that is there names it.
_DOUBTFUL = (
    (Sense.IRONY, Part.IRONY),
    (Sense.CONDITION, Part.CONDITION),
    (Sense.FUTURE, Part.FUTURE),
    (Sense.REQUEST, Part.QUESTION),
    (Sense.CONTRAST, Part.CONTRAST),
    (Sense.HEDGE, Part.HEDGE),
    (Sense.MORE, Part.MORE),
)
#: Where none of these is, nothing speaks against a confirmation.
_LOUD = frozenset({
    Sense.ROBOT, Sense.BROKEN, Sense.ASKING, Sense.NEGATION, Sense.NO_MORE, Sense.STILL, Sense.PROBLEM, Sense.FAILS,
    *(sense for sense, _ in _DOUBTFUL),
})  # fmt: skip
_SMALL = frozenset({Sense.FILLER, Sense.DEGREE, Sense.ARTICLE, Sense.WITH})
_KIND = _SMALL | {
    Sense.THANKS, Sense.OKAY, Sense.COURTESY, Sense.GREETING, Sense.SIGNOFF, Sense.STRONG, Sense.AGAIN, Sense.YES,
}  # fmt: skip
_MOST_UNKNOWN = 6  # words of a clause that says clearly that something works: what it is, where, for whom
_AS_MANY = 3  # known words: by fewer, one language is not clearly ahead of another
_LONGEST_STORY = 16  # words
_LONGEST_NAME = 6  # words, with titles and company
#: Every language we read answers in. One more table is one more language.
_LEXICONS = (Lexicon(ENGLISH), Lexicon(GERMAN))


@dataclass(frozen=True, slots=True)
class Reading:
    """A clause as one language reads it."""

    part: Part
    words: int
    signs: bool = False  # begins the end of a letter: "best regards"
    like_a_name: bool = False  # says nothing, in capitals: who signs, of what company


def read_sentence(sentence: Sentence) -> list[Reading]:
    """The parts of a sentence in the language that knows most of its words; of two, the more cautious reading."""
    if not sentence.clauses:
        return [Reading(Part.QUESTION, 0)] if sentence.asks else []
    rows = [
        [_Clause(clause, lexicon) for clause in _joined(sentence.clauses, lexicon)] for lexicon in _fitting(sentence)
    ]
    known = [sum(clause.known for clause in row) for row in rows]
    readings = [_read(sentence, row) for row, words in zip(rows, known, strict=True) if words == max(known)]
    return readings[0] if len(readings) == 1 else min(readings, key=_boldness)


def _fitting(sentence: Sentence) -> Sequence[Lexicon]:
    """The languages the sentence may be in: all whose tables know about as many of its words as the best does."""
    known = [sum(lexicon.knows(word) for clause in sentence.clauses for word in clause.words) for lexicon in _LEXICONS]
    return [lexicon for lexicon, words in zip(_LEXICONS, known, strict=True) if words + _AS_MANY > max(known)]


def _boldness(readings: Sequence[Reading]) -> int:
    return min((_CAUTION[reading.part] for reading in readings), default=len(_CAUTION))


def _read(sentence: Sentence, clauses: Sequence[_Clause]) -> list[Reading]:
    readings: list[Reading] = []
    said_good = False
    for number, clause in enumerate(clauses):
        part = clause.part(opens=number == 0, asks=sentence.asks)
        if clause.only_denies() and (said_good or clause.has(Sense.AGAIN)):
            part = Part.BROKEN  # "printing works, but the scanner doesn't"
        if part in {Part.GOOD, Part.YES} and sentence.quotes:
            part = Part.IRONY  # "fixed", in quotation marks
        if part is Part.YES and sentence.trails_off:
            part = Part.HEDGE
        said_good = said_good or part is Part.GOOD
        name = part is Part.UNKNOWN and clause.is_like_a_name()
        readings.append(Reading(part, len(clause.words), signs=clause.has(Sense.SIGNOFF), like_a_name=name))
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
        self.known = sum(found.end - found.start for found in self.found)
        covered = {at for found in self.found for at in range(found.start, found.end)}
        self.strange = [at for at in range(len(self.words)) if at not in covered]

    def has(self, *senses: Sense) -> bool:
        return not self.senses.isdisjoint(senses)

    def only_denies(self) -> bool:
        """Whether the clause ends in its negation and says nothing else but of what: "but the scanner does not"."""
        last = self.found[-1] if self.found else None
        if last is None or last.sense is not Sense.NEGATION or last.end < len(self.words):
            return False
        return self.senses <= _SMALL | {Sense.NEGATION, Sense.CONTRAST, Sense.AGAIN, Sense.YES, Sense.STRONG}

    def part(self, *, opens: bool, asks: bool) -> Part:
        if asks or not self.senses.isdisjoint(_LOUD):
            part = self._loud_part(opens=opens, asks=asks)
            if part is not None:
                return part
        if any(lexicon.turns(self.words[at]) for at in self.strange for lexicon in _LEXICONS):
            return Part.UNKNOWN  # "I don't think that hat funktioniert": half of it is in another language
        return self._denied() if self.has(Sense.NEGATION, Sense.NO_MORE) else self._affirmed()

    def _loud_part(self, *, opens: bool, asks: bool) -> Part | None:
        """What speaks against a confirmation; None for words that may yet turn out to be harmless."""
        if self.has(Sense.ROBOT):
            return Part.ROBOT
        if asks:
            return Part.BROKEN if self.has(Sense.STILL) and self._is_broken() else Part.QUESTION
        if self._is_broken():
            return Part.BROKEN
        if self._fails():
            return Part.FAILS
        if opens and self.has(Sense.ASKING) and not self.has(Sense.FUTURE):
            return Part.QUESTION
        return next((doubt for sense, doubt in _DOUBTFUL if sense in self.senses), None)

    def _is_broken(self) -> bool:
        if self.has(Sense.BROKEN):
            return True
        good = self.has(Sense.WORKS, Sense.SOLVED, Sense.FUNCTION) or (
            self.has(Sense.ABLE) and not self.has(Sense.FUTURE)
        )
        if self.has(Sense.NEGATION, Sense.NO_MORE):
            return (good and not self._fails_no_more() and not self.has(Sense.CONDITION)) or self.has(Sense.STILL)
        if self.has(Sense.STILL):
            return self.has(Sense.PROBLEM, Sense.FAILS) or not good
        if self.has(Sense.FAILS, Sense.PROBLEM) and self.has(Sense.AGAIN):
            return not self.has(Sense.SOLVED, Sense.GONE, Sense.WORKS)
        return False

    def _fails(self) -> bool:
        """A fault is named and nothing said against it; it may be another than the one that was solved."""
        return self.has(Sense.FAILS) and not self.has(
            Sense.NEGATION, Sense.NO_MORE, Sense.SOLVED, Sense.GONE, Sense.STORY, Sense.CAUSE, Sense.WORKS, Sense.IRONY
        )

    def _fails_no_more(self) -> bool:
        """Denied is a fault that was there: "it no longer crashes", "kein Fehler mehr", "has not happened again"."""
        ended = self.has(Sense.NO_MORE) or (self.has(Sense.NEGATION) and self.has(Sense.ENDED, Sense.AGAIN))
        return (
            ended and self.has(Sense.PROBLEM, Sense.FAILS) and not self.has(Sense.WORKS, Sense.SOLVED, Sense.FUNCTION)
        )

    def _denied(self) -> Part:
        if self._fails_no_more() and len(self.strange) <= _MOST_UNKNOWN:
            return Part.GOOD
        bare = self.senses <= _SMALL | {Sense.NEGATION, Sense.YES, Sense.NO, Sense.OKAY} and len(self.words) <= 3
        return Part.NO if bare and not self.strange else Part.NEGATED

    def _affirmed(self) -> Part:
        if self.has(Sense.BLOCK):
            return Part.UNKNOWN
        if self.has(Sense.NO):
            return Part.NO if self.senses <= _KIND | {Sense.NO} and not self.strange else Part.NEGATED
        if self._is_good():
            return Part.GOOD
        if self.has(Sense.PROBLEM) and not self.has(Sense.COURTESY, Sense.THANKS):
            return Part.TROUBLE
        if self.has(Sense.FAILS):
            return Part.TROUBLE
        if self._is_yes():
            return Part.YES
        if self._is_kind():
            return self._kindness()
        return self._told()

    def _is_good(self) -> bool:
        unknown = len(self.strange)
        if self.has(Sense.STILL) and not self.has(Sense.WORKS, Sense.SOLVED):
            return False  # "it constantly starts again"
        if any(self.words[at].isdecimal() and len(self.words[at]) < 3 for at in self.strange):
            return False  # "2 of 3 work"
        if self.has(Sense.GONE):
            return self.has(Sense.PROBLEM) and unknown <= _MOST_UNKNOWN
        if self.has(Sense.SOLVED):
            return not self.has(Sense.FAILS) and self._is_plain()
        if self.has(Sense.PROBLEM, Sense.FAILS):
            return False
        if not self.has(Sense.WORKS):
            told = self.has(Sense.STORY) and not self.has(Sense.ABLE)  # "I had to log in again"
            able = self.has(Sense.ABLE, Sense.FUNCTION) and self.has(Sense.AGAIN) and not told
            strong = self.has(Sense.FUNCTION) and self.has(Sense.STRONG)
            return (able or strong) and self._is_plain()
        if self.has(Sense.STRONG, Sense.AGAIN):
            return self._is_plain()
        return unknown <= 1 and all(at < self._first(Sense.WORKS) for at in self.strange)

    def _first(self, *senses: Sense) -> int:
        return next(found.start for found in self.found if found.sense in senses)

    def _is_plain(self) -> bool:
        """Few words we don't know, and none that may be an adverb or a limit: "works badly", "works for Anna".

        Before what works stands what it is. Behind it, unknown words must follow an article or "with" and "since".
        """
        works = self._first(Sense.WORKS, Sense.SOLVED, Sense.FUNCTION, Sense.ABLE)
        if self.has(Sense.ABLE, Sense.FUNCTION) and not self.has(Sense.WORKS, Sense.SOLVED):
            # "Ich kann wieder auf das Laufwerk zugreifen": what one can do stands last.
            works = max(found.start for found in self.found if found.sense in {Sense.ABLE, Sense.FUNCTION})
        if len(self.strange) > _MOST_UNKNOWN or any(
            self.words[at] in self.lexicon.pronouns for at in self._behind(works)
        ):
            return False  # "she mutters that it works": somebody else's words
        return all(at < works or self._is_led(at) for at in self.strange)

    def _behind(self, works: int) -> list[int]:
        """The places right behind unknown words that stand before what works."""
        return [at + 1 for at in self.strange if at + 1 < works]

    def _is_led(self, at: int) -> bool:
        """Whether an unknown word belongs to a noun that stands alone: "works again, the lift" and not "in the lift"."""
        senses = {place: found.sense for found in self.found for place in range(found.start, found.end)}
        before = at - 1
        while before >= 0 and (before not in senses or senses[before] is Sense.ARTICLE):
            before -= 1
        leader = senses.get(before)
        article = Sense.ARTICLE in {senses.get(place) for place in range(before + 1, at)}
        return leader is Sense.WITH or (
            (article or self._capital(at)) and leader not in {Sense.FILLER, Sense.DEGREE, None}
        )

    def _capital(self, at: int) -> bool:
        return len(self.clause.written) == len(self.words) and self.clause.written[at][0].isupper()

    def _is_yes(self) -> bool:
        """A yes that opens its clause, or a gesture; "thank you very much indeed" is none."""
        opens = any(
            found.sense is Sense.YES and (found.start == 0 or not self.words[found.start].isalpha())
            for found in self.found
        )
        beside = {Sense.YES, Sense.THANKS, Sense.COURTESY, Sense.GREETING, Sense.STRONG}
        return opens and not self.strange and self.senses <= beside

    def _is_kind(self) -> bool:
        """Thanks, a greeting, kind words, a name or two beside them; or nothing but small words."""
        if self.senses - _KIND - {Sense.PROBLEM}:
            return False
        if self.has(Sense.THANKS, Sense.COURTESY, Sense.GREETING, Sense.SIGNOFF, Sense.OKAY):
            return len(self.strange) <= (2 if self.has(Sense.THANKS, Sense.GREETING, Sense.SIGNOFF) else 1)
        if not self.strange:
            return len(self.words) <= 2 or not self.senses <= _SMALL
        return False

    def _kindness(self) -> Part:
        if self.has(Sense.THANKS):
            return Part.THANKS
        if self.has(Sense.OKAY):
            return Part.OKAY
        if self.has(Sense.COURTESY, Sense.GREETING, Sense.SIGNOFF):
            return Part.COURTESY
        return Part.HEDGE if self.has(Sense.AGAIN) else Part.SMALL  # "it starts again, and again"

    def is_like_a_name(self) -> bool:
        """Mostly capitals, numbers and addresses, and no word that says anything in any language we read."""
        written = self.clause.written
        loud = sum(not word[0].islower() for word in written)
        if len(written) > _LONGEST_NAME or loud * 2 < len(written):
            return False
        return all(_Clause(self.clause, lexicon).senses <= _SMALL | {Sense.GREETING} for lexicon in _LEXICONS)

    def _told(self) -> Part:
        if len(self.words) > _LONGEST_STORY:
            return Part.UNKNOWN
        if self.has(Sense.CAUSE):
            return Part.CAUSE
        did = any(self.lexicon.is_done(word) for word in self.words)
        return Part.STORY if self.has(Sense.STORY) and did else Part.UNKNOWN
