"""Which lines of a body are our own words, come back without any mark.

Clients wrap, indent and strip what they quote, so lines are not compared but words: a line is ours if every word of it
lies in a run of at least `RUN` words that stands so in a letter we sent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import Final

from mailproc.mime.html import html_to_text
from mailproc.mime.quoting.lines import Line

#: Words in a row that must agree. Fewer, and "thank you very much" would be ours.
RUN: Final = 6

_WRAPPED: Final = 40  # characters from which on a line may have been broken by the width of a window
_RULED: Final = 40  # dashes above and below what our letters pass on
_WORD: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+")
_LINK: Final = re.compile(r'\shref="[^"]*"')
_ENDS_A_THOUGHT: Final = tuple('.!?:;…>)]"”»。！？：-')


def words_of_page(page: str) -> str:
    """The words of an HTML letter of ours as clients write them down that leave out where links lead."""
    return html_to_text(_LINK.sub("", page))


def not_in_letters(lines: Sequence[Line], sent: Iterable[str]) -> list[bool]:
    """For each line whether it is another than those of our letter, each of which is expected once.

    Only for a stretch that is known to quote the letter: there "Which one?" between two answers is ours, too short as it
    is for a run.
    """
    expected: Counter[tuple[str, ...]] = reduce(
        or_, (Counter(tuple(_words(row)) for row in text.splitlines()) for text in sent), Counter()
    )
    others = []
    for line in lines:
        words = tuple(_words(line.content))
        others.append(not words or expected[words] <= 0)
        expected[words] -= 1
    return others


def strangers(lines: Sequence[Line], sent: Iterable[str]) -> list[bool]:
    """For each line whether nothing of it stands in a letter of ours: no two words in a row, nor its only word."""
    written = [_words(text) for text in sent]
    singles = {word for words in written for word in words}
    pairs = {pair for words in written for pair in pairwise(words)}

    def strange(words: list[str]) -> bool:
        return words[0] not in singles if len(words) == 1 else bool(words) and pairs.isdisjoint(pairwise(words))

    return [strange(_words(line.content)) for line in lines]


def lines_of_ours(lines: Sequence[Line], sent: Iterable[str]) -> list[bool]:
    """For each line of the body whether it is ours. Blank lines never are. Time and space in proportion to both texts."""
    sent = list(sent)
    runs = {run for text in sent for run in _runs(_words(text))}
    if not runs:
        return [False] * len(lines)
    per_line = [_words(line.content) for line in lines]
    ours = _covered(per_line, lambda run: run in runs)
    short = {tuple(_words(line)) for text in sent for line in text.splitlines()}
    _spread(lines, per_line, ours, short)
    _spread_backwards(lines, per_line, ours, short)
    for text in sent if any(ours) else ():
        _claim_closing(lines, per_line, ours, text)
    _give_back_sentences(lines, ours)
    return ours


def said_again(lines: Sequence[Line], sent: Iterable[str]) -> list[bool]:
    """For each line whether our letter holds it, and the lines above it have held that as often as the letter does.

    Who puts right what we held answers a letter in which their own words stand, and may say them below its quote.
    """
    sent = list(sent)
    left: Counter[int] = reduce(or_, (_runs(_words(text)) for text in sent), Counter())
    known = frozenset(left)

    def again(run: int) -> bool:
        left[run] -= 1
        return run in known and left[run] < 0

    per_line = [_words(line.content) for line in lines]
    short = {tuple(_words(row)) for text in sent for row in text.splitlines()}
    return [
        within or (0 < len(words) < RUN and tuple(words) in short and more)
        for words, within, more in zip(per_line, _covered(per_line, again), not_in_letters(lines, sent), strict=True)
    ]


def torn_off(lines: Sequence[Line], sent: Iterable[str]) -> list[bool]:
    """For each line whether it is the rest of a marked one, broken by the width of a window: one line in our letter."""
    runs = {run for text in sent for row in text.splitlines() for run in _runs(_words(row))}
    torn = [False] * len(lines)
    tail: list[str] = []  # of the marked line, and what was torn off it
    for at, line in enumerate(lines):
        words = _words(line.content)
        if not line.depth:
            torn[at] = bool(tail) and any(run in runs for run in _runs([*tail, *words[: RUN - 1]]))
        tail = [*tail, *words][1 - RUN :] if torn[at] else words[1 - RUN :] if line.depth else []
    return torn


def begins_unmarked(lines: Sequence[Line], sent: Iterable[str]) -> int:
    """The line in which a quote of our letter begins that no client marked; the number of lines if there is none.

    Told by words of the letter's own, which nobody says again: what it passes on they may.
    """
    runs = {run for text in sent for part in _own_parts(text) for run in _runs(part)}
    flat = [(word, at) for at, line in enumerate(lines) if not line.depth for word in _words(line.content)]
    words = [word for word, _ in flat]
    for start in range(len(words) - RUN + 1):
        if hash(tuple(words[start : start + RUN])) in runs:
            return flat[start][1]
    return len(lines)


def _own_parts(text: str) -> Iterator[list[str]]:
    """The words of a letter above and below what it passes on between rules; where it draws none, how it begins."""
    rows = text.splitlines()
    rules = [at for at, row in enumerate(rows) if len(row) >= _RULED and not row.strip("-")]
    if len(rules) < 2:  # one above, one below
        yield _words(text)[: 2 * RUN]
        return
    yield _words("\n".join(rows[: rules[0]]))
    yield _words("\n".join(row for row in rows[rules[-1] :] if not row.startswith(">")))


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


def _covered(per_line: Sequence[list[str]], wanted: Callable[[int], bool]) -> list[bool]:
    flat = [word for words in per_line for word in words]
    covered = bytearray(len(flat))
    reach = 0
    for at in range(len(flat) - RUN + 1):
        if wanted(hash(tuple(flat[at : at + RUN]))):
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
