"""STAND-IN for smoke tests, to be overwritten."""
from __future__ import annotations
from dataclasses import dataclass
from enum import StrEnum
class Answer(StrEnum):
    CONFIRMED = "confirmed"; STILL_BROKEN = "still broken"; THANKS = "thanks"; QUESTION = "question"; UNCLEAR = "unclear"
@dataclass(frozen=True)
class Verdict:
    answer: Answer; sentence: str; rule: str
def judge(text: str, *, asked: bool, attachments: int = 0) -> Verdict:
    t=text.casefold()
    if "?" in t: return Verdict(Answer.QUESTION, text[:80], "x")
    if "not work" in t or t.startswith(("no","nein")): return Verdict(Answer.STILL_BROKEN, text[:80], "x")
    if "erledigt" in t or t.startswith(("yes","ja")) or "works now" in t: return Verdict(Answer.CONFIRMED, text[:80], "x")
    return Verdict(Answer.UNCLEAR, text[:80], "x")
