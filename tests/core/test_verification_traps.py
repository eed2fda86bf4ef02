"""Words of confirmation in mails that confirm nothing: none of them may close a ticket."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailproc.core.verification import Answer, judge

TRAPS = [
    line.replace("|", "\n")
    for line in (Path(__file__).parent / "answers" / "traps.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize("text", TRAPS)
def test_a_trap_closes_nothing(text: str) -> None:
    assert judge(text, asked=True).answer is not Answer.CONFIRMED
    assert judge(text, asked=False).answer is not Answer.CONFIRMED


@pytest.mark.parametrize(
    "text", ["Yes.", "Yes, thanks!", "Ja, danke!", "Ja\n\nPetra Schulz\nAcme GmbH", "Yes\nThanks, Tom"]
)
def test_a_yes_with_nothing_but_kind_words_and_a_name_counts_when_asked(text: str) -> None:
    assert judge(text, asked=True).answer is Answer.CONFIRMED
    assert judge(text, asked=False).answer is not Answer.CONFIRMED


def test_what_comes_again_is_no_good_news() -> None:
    assert judge("Kommt wieder.", asked=True).answer is not Answer.CONFIRMED
    assert judge("Ich komme wieder rein, danke", asked=True).answer is Answer.CONFIRMED
    assert judge("Die Mails kommen wieder an.", asked=True).answer is Answer.CONFIRMED
