"""Which lines of a body are our own words, come back without any mark.

Clients wrap, indent and strip what they quote, so lines are not compared but words: a line is ours if every word of it
lies in a run of at least `RUN` words that stands so in a letter we sent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Final

from mailproc.mime.html import html_to_text
from mailproc.mime.quoting.lines import Line

#: Words in a row that must agree. Fewer, and "thank you very much" would be ours.
RUN: Final = 6

_WRAPPED: Final = 40  # characters from which on a line may have been broken by the width of a window
_WORD: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
_LINK: Final = re.compile(r'\shref="[^"]*"')
_ENDS_A_THOUGHT: Final = tuple('.!?:;…>)]"”»。！？：-')


def words_of_page(page: str) -> str:
    """The words of an HTML letter of ours as clients write them down that leave out where links lead."""
    return html_to_text(_LINK.sub("", page))


def not_in_letters(contents: Sequence[str], sent: Iterable[str]) -> list[bool]:
    """For each line whether it is another than those of our letter, each of which is expected once.

    Only for a stretch that is known to quote the letter: there "Which one?" between two answers is ours, too short as it
    is for a run.
    """
    expected: Counter[tuple[str, ...]] = reduce(
        or_, (Counter(tuple(_words(line)) for line in text.splitlines()) for text in sent), Counter()
    )
    others = []
    for content in contents:
        words = tuple(_words(content))
        others.append(not words or expected[words] <= 0)
        expected[words] -= 1
    return others


def lines_of_ours(lines: Sequence[Line], sent: Iterable[str]) -> list[bool]:
    """For each line of the body whether it is ours. Blank lines never are. Time and space in proportion to both texts."""
    sent = list(sent)
    runs = {run for text in sent for run in _runs(_words(text))}
    if not runs:
        return [False] * len(lines)
    per_line = [_words(line.content) for line in lines]
    ours = _lines_within(runs, lines, per_line, sent)
    for text in sent if any(ours) else ():
        _claim_closing(lines, per_line, ours, text)
    _give_back_sentences(lines, ours)
    return ours


def said_again(lines: Sequence[Line], sent: Iterable[str]) -> list[bool]:
    """For each line of the body whether it holds that more often than the letter does: once quoted, and once said anew.

    Who puts right what we held answers a letter in which their own words stand, and quotes it.
    """
    sent = list(sent)
    per_line = [_words(line.content) for line in lines]
    expected: Counter[int] = reduce(or_, (_runs(_words(text)) for text in sent), Counter())
    found = _runs([word for words in per_line for word in words])
    return _lines_within({run for run in found if found[run] > expected[run] > 0}, lines, per_line, sent)


def is_quoted_from_its_beginning(lines: Sequence[Line], sent: Iterable[str]) -> bool:
    """Whether the body holds what one of our letters begins with: a client that quotes without any mark quotes all of it."""
    body = _runs([word for line in lines for word in _words(line.content)])
    return any(body[run] for text in sent for run in _runs(_words(text)[: 2 * RUN]))


def _lines_within(
    runs: set[int], lines: Sequence[Line], per_line: Sequence[list[str]], sent: Iterable[str]
) -> list[bool]:
    within = _covered(per_line, runs)
    short = {tuple(_words(line)) for text in sent for line in text.splitlines()}
    _spread(lines, per_line, within, short)
    _spread_backwards(lines, per_line, within, short)
    return within


def _runs(words: Sequence[str]) -> Counter[int]:
    return Counter(hash(tuple(words[at : at + RUN])) for at in range(len(words) - RUN + 1))


def _claim_closing(lines: Sequence[Line], per_line: Sequence[list[str]], ours: list[bool], text: str) -> None:
    """The last lines of a letter ("Anna", "Acme") are ours at the end of a body that quotes it, answers before them or not.

    Not without a mark where the client marked the quote: that is where the writer's own name stands.
    """
    depths = {line.depth for line, mine in zip(lines, ours, strict=True) if mine}
    closing = [words for line in text.splitlines() if (words := _words(line))]
    filled = [at for at, words in enumerate(per_line) if words]
    while closing and filled and closing.pop() == per_line[filled[-1]] and lines[filled[-1]].depth in depths:
        ours[filled.pop()] = True


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _covered(per_line: Sequence[list[str]], runs: set[int]) -> list[bool]:
    flat = [word for words in per_line for word in words]
    covered = bytearray(len(flat))
    reach = 0
    for at in range(len(flat) - RUN + 1):
        if hash(tuple(flat[at : at + RUN])) in runs:
            reach_from = max(at, reach)
            reach = at + RUN
            covered[reach_from:reach] = b"\x01" * (reach - reach_from)
    ours, position = [], 0
    for words in per_line:
        ours.append(bool(words) and 0 not in covered[position : position + len(words)])
        position += len(words)
    return ours


def _spread(
    lines: Sequence[Line], per_line: Sequence[list[str]], ours: list[bool], short: set[tuple[str, ...]]
) -> None:
    """Lines too short for a run ("Hello Anna,") are ours beside one that is, if they stand so in a letter; rules too.

    Not where the client marked only one of the two: below the marks their own "Hello Anna," begins.
    """
    beside = -1  # how deep the line of ours above is quoted
    for index, line in enumerate(lines):
        if line.is_blank:
            continue
        if not ours[index] and beside == line.depth:
            ours[index] = line.is_rule or (0 < len(per_line[index]) < RUN and tuple(per_line[index]) in short)
        beside = line.depth if ours[index] else -1


def _spread_backwards(
    lines: Sequence[Line], per_line: Sequence[list[str]], ours: list[bool], short: set[tuple[str, ...]]
) -> None:
    beside = -1
    for index in range(len(lines) - 1, -1, -1):
        if lines[index].is_blank:
            continue
        if not ours[index] and beside == lines[index].depth:
            ours[index] = 0 < len(per_line[index]) < RUN and tuple(per_line[index]) in short
        beside = lines[index].depth if ours[index] else -1


def _give_back_sentences(lines: Sequence[Line], ours: list[bool]) -> None:
    """A person may cite us within their own sentence: a line of ours that goes on where theirs stopped is theirs."""
    for index in range(1, len(lines)):
        before = lines[index - 1]
        goes_on = len(before.content) > _WRAPPED and not before.content.endswith(_ENDS_A_THOUGHT) and not before.is_rule
        if ours[index] and not ours[index - 1] and goes_on and before.depth == lines[index].depth:
            ours[index] = False
