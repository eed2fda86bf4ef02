"""How a customer answered "is it solved?", in their own words.

Closing a ticket that isn't solved is the worst that can happen, so CONFIRMED is never guessed: **every** clause must be
understood and none may take back what another says. Whatever is not understood leaves the answer to a person.

A mail is cut into sentences and clauses; each clause gets one `Part` from the senses of its words (`clauses.py`), in the
language that knows most of them; the rules below read the parts from the most to the least cautious.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from mailproc.core.words.clauses import DOUBTS, Part, Reading, read_sentence
from mailproc.core.words.sentences import Sentence, sentences

_READ = 4_000  # characters: nobody confirms in more
_MOST_WORDS = 90  # of a confirmation; who writes more has more to say
_MOST_PARTS = 60  # clauses


class Answer(StrEnum):
    CONFIRMED = "confirmed"
    STILL_BROKEN = "still broken"
    THANKS = "thanks"
    QUESTION = "question"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer, the sentence that decided it as it was written ("" when none did), and the rule that read it."""

    answer: Answer
    sentence: str
    rule: str


def judge(text: str, *, asked: bool, attachments: int = 0) -> Verdict:
    """What the new text of a reply (quotes and signature already cut) says about whether it is solved.

    `asked`: the ticket is Resolved and "is it solved?" stands, so that a bare yes means something. English and German;
    in any other language nothing is understood and the answer is UNCLEAR.
    """
    spoken = list(islice(_spoken(text[:_READ]), _MOST_PARTS + 1))
    parts = list(_without_names(spoken))
    if not parts:
        return Verdict(Answer.UNCLEAR, "", "nothing written")
    long = len(text) > _READ or len(spoken) > _MOST_PARTS
    return _refused(parts) or _agreed(parts, asked=asked, silent=attachments == 0, long=long)


@dataclass(frozen=True, slots=True)
class _Spoken:
    reading: Reading
    sentence: Sentence

    @property
    def part(self) -> Part:
        return self.reading.part

    def verdict(self, answer: Answer, rule: str) -> Verdict:
        return Verdict(answer, self.sentence.text, rule)


def _first(parts: Sequence[_Spoken], *wanted: Part) -> _Spoken | None:
    return next((spoken for spoken in parts if spoken.part in wanted), None)


def _refused(parts: Sequence[_Spoken]) -> Verdict | None:
    """What rules a confirmation out, the clearest first."""
    robot, broken, no = _first(parts, Part.ROBOT), _first(parts, Part.BROKEN), _first(parts, Part.NO)
    good, question = _first(parts, Part.GOOD), _first(parts, Part.QUESTION)
    fails = _first(parts, Part.FAILS)
    doubt = next((spoken for spoken in parts if spoken.part in DOUBTS), None)
    if robot is not None:
        return robot.verdict(Answer.UNCLEAR, "a machine speaks")
    if broken is not None:
        return broken.verdict(Answer.STILL_BROKEN, "says that it is broken")
    if fails is not None:  # what works and what fails may be two things
        both = good is not None or _first(parts, Part.YES) is not None
        return (
            fails.verdict(Answer.UNCLEAR, "works, and fails")
            if both
            else fails.verdict(Answer.STILL_BROKEN, "names a fault")
        )
    if no is not None and (good is not None or _first(parts, Part.YES) is not None):
        return no.verdict(Answer.UNCLEAR, "no, and yes")
    if no is not None and (question is None or parts[0].part is Part.NO):
        return no.verdict(Answer.STILL_BROKEN, "no")
    if question is not None:
        return question.verdict(Answer.QUESTION, "asks")
    if doubt is not None:
        return doubt.verdict(Answer.UNCLEAR, doubt.part.value)
    return None


def _agreed(parts: Sequence[_Spoken], *, asked: bool, silent: bool, long: bool) -> Verdict:
    """What is left when nothing rules a confirmation out."""
    good, yes, thanks = _first(parts, Part.GOOD), _first(parts, Part.YES), _first(parts, Part.THANKS)
    decisive = good or (yes if asked else None)
    strange = _first(parts, Part.UNKNOWN) or _told_after(parts)
    if good is None and yes is not None:  # "yes, I have read it", "yes, it is on" answer other questions
        strange = strange or _first(parts, Part.OKAY, Part.STORY, Part.CAUSE, Part.SMALL)
    if decisive is None and thanks is None and strange is None and yes is None:
        return parts[0].verdict(Answer.UNCLEAR, "says nothing about it")
    if strange is not None:
        return strange.verdict(Answer.UNCLEAR, "not understood")
    if long or sum(spoken.reading.words for spoken in parts) > _MOST_WORDS:
        return parts[0].verdict(Answer.UNCLEAR, "long")
    if not silent:
        return parts[0].verdict(Answer.UNCLEAR, "something is attached")
    if decisive is not None:
        return decisive.verdict(Answer.CONFIRMED, "says that it is solved" if good is not None else "yes")
    told = _first(parts, Part.STORY, Part.CAUSE)
    if thanks is not None and told is None:
        return thanks.verdict(Answer.THANKS, "thanks")
    return (told or yes or parts[0]).verdict(Answer.UNCLEAR, "says nothing about it")


def _told_after(parts: Sequence[_Spoken]) -> _Spoken | None:
    """What was done *before* it worked explains it ("I restarted it, works now"); what was done after may be a new matter."""
    ends = max((at for at, spoken in enumerate(parts) if spoken.part in {Part.GOOD, Part.YES}), default=len(parts))
    return _first(parts[ends:], Part.STORY)


def _spoken(text: str) -> Iterator[_Spoken]:
    return (_Spoken(reading, sentence) for sentence in sentences(text) for reading in read_sentence(sentence))


def _without_names(parts: Sequence[_Spoken]) -> Iterator[_Spoken]:
    """Without the names of who is greeted and who signs. Anywhere else a name may be that of something broken."""
    end = len(parts)
    while end and (parts[end - 1].reading.like_a_name or parts[end - 1].part is Part.COURTESY):
        end -= 1
    signed = False
    for at, spoken in enumerate(parts):
        signed = signed or spoken.reading.signs
        follows_kindness = at > 0 and parts[at - 1].part in {Part.THANKS, Part.COURTESY}
        begins_line = spoken.sentence.first_of_line and (at == 0 or _apart(parts[at - 1], spoken))
        framed = signed or at == 0 or (at >= end and (follows_kindness or begins_line))
        if not (spoken.reading.like_a_name and framed):
            yield spoken


def _apart(before: _Spoken, spoken: _Spoken) -> bool:
    """Whether a clause goes on with nothing but names: "Yes, I have Windows 11" names no one."""
    return before.sentence is not spoken.sentence or before.reading.like_a_name
