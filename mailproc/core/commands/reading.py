"""Taking the commands off an agent's own words.

They stand in one block of lines that begin with `#` and a word: above everything else, or below everything else after
an empty line. What is between is the answer. A line of a block that is not understood stops the whole mail: nothing is
done by halves.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from mailproc.core.commands.grammar import PSEUDO_HEADERS, WORDS, Rule
from mailproc.core.commands.values import Command, Note
from mailproc.core.letters import BadLine

_C = TypeVar("_C")
#: What nobody sees (Unicode, Default_Ignorable_Code_Point): clients put direction marks before a "#" in text from right
#: to left, and selectors behind it.
_UNSEEN = "\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u2060\u20e3\ufe0e\ufe0f\ufeff"
EDGES: Final = _UNSEEN + "".join(filter(str.isspace, map(chr, range(0x3001))))


def _command_line(space: str) -> re.Pattern[str]:
    r"""Clients dress what is bold, listed or escaped, in the plain text too: "*#note*", "* #note", "\#note"."""
    mark = rf"(?:[-*•]\s+)?[*_`\\{_UNSEEN}]{{0,6}}[#＃﹟][{_UNSEEN}]{{0,6}}{space}"
    return re.compile(rf"{mark}([^\W\d_](?:[\w-]{{0,29}}[^\W_])?)[*_`{_UNSEEN}]{{0,6}}\s*[:=]?\s*(.*)")


_LINE = _command_line(r"\s?")
#: Below the answer a mark with a space behind it is a heading or a remark in a script.
_LOW_LINE = _command_line("")
_PSEUDO_HEADER = re.compile(r"([A-Za-z]{2,12}):[ \t]+(\S.*)")
_DRESS = "*_`"
_MOST_LINES = 40
_LONGEST_LINE = 500


@dataclass(frozen=True, slots=True)
class AgentText:
    """An agent's new words, taken apart."""

    commands: tuple[Command, ...]
    body: str  # for the customer, or the note
    bad: tuple[BadLine, ...]  # lines that were not understood
    lines: tuple[str, ...] = ()  # as written, one for each command

    def first(self, kind: type[_C]) -> _C | None:
        """The first command of this kind."""
        return next((command for command in self.commands if isinstance(command, kind)), None)

    def has(self, *kinds: type[Command]) -> bool:
        """Whether there is a command of one of these kinds."""
        return any(isinstance(command, kinds) for command in self.commands)


@dataclass(slots=True)
class _Block:
    """What was understood so far."""

    commands: list[Command]
    lines: list[str]
    bad: list[BadLine]
    kept: list[str]  # words on a #note line
    literal: Collection[str] = ()  # lines that are words, whatever they look like

    def take(self, line: str, word: str, argument: str) -> None:
        if line[:200] in self.literal:
            self.kept.append(line)
            return
        said = argument.strip().rstrip(".!" + _DRESS)
        rule = WORDS.get(word.casefold())
        command = rule.read(said) if rule is not None else None
        if command is None:
            self.bad.append(BadLine(line[:200], _nearest(word, rule)))
            return
        self.commands.append(command)
        self.lines.append(line[:200])
        if isinstance(command, Note) and argument:
            self.kept.append(argument)


def read(text: str, literal: Collection[str] = ()) -> AgentText:
    """Take the command block off an agent's own text; `literal` lines, as in `BadLine`, are words."""
    lines = text.split("\n")
    block = _Block([], [], [], [], literal)
    begins = _take_top(lines, block)
    above, block.kept = block.kept, []
    ends = _take_bottom(lines, begins, block)
    misplaced = _misplaced(lines[begins:ends], block.commands)
    bad = [*block.bad, *(each for each in misplaced if each.line not in literal)]
    body = "\n".join([*above, *lines[begins:ends], *block.kept]).strip()
    return AgentText(tuple(block.commands), body, tuple(bad), tuple(block.lines))


def _take_top(lines: Sequence[str], block: _Block) -> int:
    """Read the block above; where the answer begins."""
    for number, line in enumerate(lines[:_MOST_LINES]):
        stripped = line.strip(EDGES)
        if not stripped:
            continue
        match = _LINE.fullmatch(stripped[:_LONGEST_LINE])
        if match is not None:
            block.take(stripped, match[1], match[2])
        elif not _take_pseudo_header(stripped[:_LONGEST_LINE], block):
            return number
    return min(len(lines), _MOST_LINES)


def _take_pseudo_header(line: str, block: _Block) -> bool:
    match = _PSEUDO_HEADER.fullmatch(line)
    rule = PSEUDO_HEADERS.get(match[1].casefold()) if match is not None else None
    command = rule.read(match[2].strip()) if match is not None and rule is not None else None
    if command is None:
        return False
    block.commands.append(command)
    block.lines.append(line[:200])
    return True


def _take_bottom(lines: Sequence[str], begins: int, block: _Block) -> int:
    """Read the block below; where the answer ends."""
    first = ends = len(lines)
    for number in range(len(lines) - 1, max(begins, len(lines) - _MOST_LINES) - 1, -1):
        stripped = lines[number].strip(EDGES)
        if stripped:
            match = _LOW_LINE.fullmatch(stripped[:_LONGEST_LINE])
            if match is None or not _is_meant(match[1]):
                break
            first = number
        elif first < ends or not any(line.strip(EDGES) for line in lines[number:]):
            continue
    if first == ends or (first > begins and lines[first - 1].strip(EDGES)):
        return ends
    for line in lines[first:]:
        match = _LOW_LINE.fullmatch(line.strip(EDGES)[:_LONGEST_LINE])
        if match is not None:
            block.take(line.strip(EDGES), match[1], match[2])
    return first


def _is_meant(word: str) -> bool:
    """Whether a word below the answer is a command, or one mistyped: hash tags stand there, too."""
    return word.casefold() in WORDS or bool(difflib.get_close_matches(word.casefold(), WORDS, n=1, cutoff=0.8))


def _misplaced(lines: Sequence[str], commands: Sequence[Command]) -> Iterator[BadLine]:
    """Commands below other words: whoever writes "Hi," and then "#note" alone on a line wants no letter sent.

    What is said behind or below a "#note" among the words for the customer was never meant for them.
    """
    kept = any(isinstance(command, Note) for command in commands)
    for line in (each.strip(EDGES) for each in lines):
        alone, inside = _LINE.fullmatch(line[:80]), _LOW_LINE.fullmatch(line[:_LONGEST_LINE])
        if (not commands and alone is not None and not alone[2] and alone[1].casefold() in WORDS) or (
            not kept and inside is not None and _is_inside(inside[1])
        ):
            yield BadLine(line[:200], "")


def _is_inside(word: str) -> bool:
    """Whether the words of such a command are for colleagues."""
    rule = WORDS.get(word.casefold())
    return rule is not None and rule.name in {"note", "escalate"}


def _nearest(word: str, rule: Rule | None) -> str:
    """What was probably meant: how the command is used, or the command that is written most alike."""
    if rule is not None:
        return rule.usage
    found = difflib.get_close_matches(word.casefold(), WORDS, n=1, cutoff=0.6)
    return f"#{WORDS[found[0]].name}" if found else ""


def meant(text: str, bad: Sequence[BadLine]) -> str | None:
    """The text with each bad line as it was probably meant; None where that is not clear for all of them."""
    lines = text.split("\n")
    for each in bad:
        better = _better(each)
        place = next((number for number, line in enumerate(lines) if line.strip(EDGES)[:200] == each.line), None)
        if better is None or place is None:
            return None
        lines[place] = better
    return "\n".join(lines) if bad else None


_PLACEHOLDER = re.compile(r"[\[\]|]|\b[A-Z]{2,}\b")


def _better(bad: BadLine) -> str | None:
    """The nearest command with the words behind the bad one, or by itself, where that can be read."""
    match = _LINE.fullmatch(bad.line[:_LONGEST_LINE])
    if not bad.nearest or _PLACEHOLDER.search(bad.nearest):
        return None
    for line in (f"{bad.nearest} {match[2]}".strip() if match else "", bad.nearest):
        found = _LINE.fullmatch(line)
        rule = WORDS.get(found[1].casefold()) if found is not None else None
        if found is not None and rule is not None and rule.read(found[2].strip().rstrip(".!" + _DRESS)) is not None:
            return line
    return None
