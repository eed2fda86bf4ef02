"""Phrases with a meaning, found in running text.

A table gives each Sense its phrases, one per line or separated by `;`, in a small notation:

    not working           these words in a row
    works|work again|now  any of the alternatives at each place
    is finally? solved    a word that may be missing
    hat .. geklappt       up to three other words between, none of which may turn the meaning (see `Sense.turns`)

Words are written as `spelled` makes them: lower case, ä as ae, ß as ss. Where two phrases begin at one place the longer one wins.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from itertools import product


class Sense(StrEnum):
    """What a phrase says in an answer to "is it solved?"."""

    ROBOT = "a machine speaks"
    BROKEN = "says that it is broken"
    IRONY = "not meant as written"
    CONTRAST = "but"
    CONDITION = "if"
    FUTURE = "not yet tried"
    HEDGE = "not sure, or in part"
    MORE = "another matter"
    REQUEST = "asks for something"
    ASKING = "opens a question"
    NEGATION = "not"
    STILL = "still"
    ENDED = "any more"
    NO_MORE = "not any more"
    PROBLEM = "names a problem"
    FAILS = "does wrong"
    GONE = "gone"
    SOLVED = "solved"
    WORKS = "works"
    FUNCTION = "what a thing is there for"
    ABLE = "can"
    STRONG = "now, fine"
    AGAIN = "again"
    YES = "yes"
    NO = "no"
    THANKS = "thanks"
    OKAY = "understood"
    COURTESY = "kind words"
    GREETING = "greeting"
    SIGNOFF = "sign-off"
    STORY = "what was done"
    CAUSE = "what was the matter"
    DEGREE = "how much"
    ARTICLE = "the"
    WITH = "with, since"
    BLOCK = "other meaning of a known word"
    FILLER = "small word"

    @property
    def turns(self) -> bool:
        """Whether a word of this sense changes what the words around it say."""
        return self in _TURNING


_TURNING = frozenset({
    Sense.BROKEN, Sense.IRONY, Sense.CONTRAST, Sense.CONDITION, Sense.FUTURE, Sense.HEDGE, Sense.MORE, Sense.NEGATION, Sense.NO_MORE,
    Sense.STILL, Sense.FAILS, Sense.PROBLEM, Sense.REQUEST,
})  # fmt: skip
#: Where a slip of the finger is forgiven: long words whose neighbours mean nothing else.
_FORGIVING = frozenset(
    {Sense.SOLVED, Sense.WORKS, Sense.THANKS, Sense.STRONG, Sense.FAILS, Sense.PROBLEM, Sense.FUNCTION}
)
_LONG_ENOUGH = 6  # letters
_TOO_LONG = 20  # letters: beyond it nothing is a slip of a word of ours
_GAP = ".."
_WIDEST_GAP = 3  # words

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "’": "'", "`": "'", "´": "'", "‘": "'"})
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")


@lru_cache(maxsize=4096)
def spelled(word: str) -> str:
    """A word as tables write it: "Jaaaa" is "ja", "GELÖST" is "geloest"."""
    folded = unicodedata.normalize("NFC", word.casefold()).translate(_UMLAUTS).replace("-", "")
    return _STRETCHED.sub(r"\1", folded)


@dataclass(frozen=True, slots=True)
class Found:
    """A phrase in a row of words: from `start` up to, not including, `end`."""

    sense: Sense
    start: int
    end: int


Pattern = tuple[frozenset[str] | None, ...]  # None: a gap


@dataclass(frozen=True, slots=True)
class Table:
    """The words of one language, as data. `spellings` says what short forms and known misspellings stand for."""

    code: str
    phrases: Mapping[Sense, str]
    spellings: Mapping[str, str] = field(default_factory=dict)
    endings: Mapping[str, str] = field(default_factory=dict)  # after an apostrophe: "n't" is "not"
    pronouns: frozenset[str] = (
        frozenset()
    )  # behind a word that we don't know they show that it is a verb: "she mutters it works"
    joining: frozenset[str] = frozenset()  # words between which clauses end: and
    done: str = ""  # pattern of words that say something was done: participles, past tenses


class Lexicon:
    """One language's table, ready to read with. Reading takes time linear in the number of words."""

    def __init__(self, table: Table) -> None:
        self.code = table.code
        self.joining = table.joining
        self.pronouns = table.pronouns
        self._spellings = {short: meaning.split() for short, meaning in table.spellings.items()}
        self._endings = [(ending, meaning.split()) for ending, meaning in table.endings.items()]
        self._done = re.compile(table.done or r"(?!)")
        self._index: dict[str, list[tuple[Sense, Pattern]]] = {}
        self._barriers: set[str] = set()
        forgiven: set[str] = set()
        for sense, phrase in _phrases(table.phrases):
            for pattern in _patterns(phrase):
                self._enter(sense, pattern)
                if sense in _FORGIVING and len(pattern) == 1 and pattern[0]:
                    forgiven |= {word for word in pattern[0] if len(word) >= _LONG_ENOUGH}
        for entries in self._index.values():
            entries.sort(key=lambda entry: (-len(entry[1]), entry[0] is not Sense.ASKING))
        self._nearly = _nearly(forgiven)
        #: The words a word stands for. People use few words over and over.
        self.words: Callable[[str], Sequence[str]] = lru_cache(maxsize=4096)(self._respelled)

    def _enter(self, sense: Sense, pattern: Pattern) -> None:
        first = pattern[0]
        if first is None:
            raise ValueError(f"{self.code}: a phrase begins with a gap")
        for word in first:
            self._index.setdefault(word, []).append((sense, pattern))
        if len(pattern) == 1 and sense.turns:
            self._barriers |= first

    def _respelled(self, word: str) -> list[str]:
        """A word in this table's spelling: short forms become the words they stand for."""
        known = self._spellings.get(word)
        if known is not None:
            return known
        if "'" in word:
            for ending, meaning in self._endings:
                stem = word.removesuffix(ending)
                if stem and stem != word:
                    return [*self._spellings.get(stem, [stem]), *meaning]
        if word in self._index:
            return [word]
        return [self._meant(word)] if _LONG_ENOUGH <= len(word) <= _TOO_LONG else [word]

    def knows(self, word: str) -> bool:
        """Whether the word, as it is written, has a meaning of its own or begins one."""
        return word in self._index or word in self._spellings

    def turns(self, word: str) -> bool:
        """Whether the word by itself changes what others say (`Sense.turns`)."""
        return any(each in self._barriers for each in self.words(word))

    def is_done(self, word: str) -> bool:
        """Whether the word says that something was done: a participle, or a past tense."""
        return self._done.fullmatch(word) is not None

    def read(self, words: Sequence[str]) -> list[Found]:
        """The phrases in a row of words, from left to right, none over another."""
        found: list[Found] = []
        at = 0
        while at < len(words):
            best: Sense | None = None
            end = at + 1
            for sense, pattern in self._index.get(words[at], ()):
                if at and sense is Sense.ASKING:  # "how" in the middle of a sentence asks nothing
                    continue
                ends = self._match(pattern, words, at)
                if ends > end or (ends and best is None):
                    best, end = sense, ends
            if best is not None:
                found.append(Found(best, at, end))
            at = end
        return found

    def _match(self, pattern: Pattern, words: Sequence[str], at: int) -> int:
        """Where the pattern ends, whose first word stands here; 0 when the others do not follow."""
        if len(pattern) == 1:
            return at + 1
        second = pattern[1]
        if second is not None and (at + 1 == len(words) or words[at + 1] not in second):
            return 0  # most phrases end here
        gap = False
        for element in pattern:
            if element is None:
                gap = True
                continue
            skipped = 0
            while at < len(words) and words[at] not in element:
                if not gap or skipped == _WIDEST_GAP or words[at] in self._barriers:
                    return 0
                skipped += 1
                at += 1
            if at >= len(words):
                return 0
            at += 1
            gap = False
        return at

    def _meant(self, word: str) -> str:
        """The known word that this is a slip of: one letter too many, missing, wrong or swapped inside it."""
        for shorter in _shortened(word):
            for near in self._nearly.get(shorter, ()):
                if near[0] == word[0] and near[-1] == word[-1]:
                    return near
        return word


def _phrases(table: Mapping[Sense, str]) -> Iterator[tuple[Sense, str]]:
    for sense, text in table.items():
        for phrase in text.replace("\n", ";").split(";"):
            if phrase.strip():
                yield sense, phrase.strip()


def _patterns(phrase: str) -> Iterator[Pattern]:
    """The patterns a phrase stands for: one for each way to leave out its optional words."""
    choices: list[tuple[frozenset[str] | str | None, ...]] = []
    for element in phrase.split():
        if element == _GAP:
            choices.append((None,))
        elif element.endswith("?"):
            choices.append((frozenset(element[:-1].split("|")), ""))
        else:
            choices.append((frozenset(element.split("|")),))
    for chosen in product(*choices):
        yield tuple(element for element in chosen if not isinstance(element, str))


def _shortened(word: str) -> Iterator[str]:
    yield word
    for at in range(1, len(word) - 1):
        yield word[:at] + word[at + 1 :]


def _nearly(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Each word under itself and under everything one inner letter shorter."""
    near: dict[str, tuple[str, ...]] = {}
    for word in sorted(words):
        for shorter in _shortened(word):
            near[shorter] = (*near.get(shorter, ()), word)
    return near
