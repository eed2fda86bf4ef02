"""What an agent may write to their own address: questions, and what is to be done with the lines of a list.

`breaching`, `find printer`, `show 1042`; `1 done; 3,4 assign ben; 5 snooze friday`; `#digest 8:00`. One a line, or with
a semicolon between two; the `#` of a command may be left out. What is not understood stops the whole mail.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, get_args

from mailproc.core.commands import values as v
from mailproc.core.commands.grammar import WORDS
from mailproc.core.commands.values import Command
from mailproc.core.letters import BadLine

_LONGEST: Final = 500
_MOST_TICKETS: Final = 100  # that one mail acts on
_MOST_LINES: Final = _MOST_TICKETS  # "Undo it all" writes one for each
_FEW_WORDS: Final = 4  # of a search that comes without a token: more of them are a sentence


class View(StrEnum):
    """A list of tickets."""

    LIST = "list"  # what wants work: the agent's own, and their teams' that nobody has
    MINE = "mine"  # all they have
    TEAM = "team"  # all their teams have
    BREACHING = "breaching"  # unanswered, and promised for within the hour or earlier
    WAITING = "waiting"  # somebody else's turn


@dataclass(frozen=True, slots=True)
class Find:
    words: str


@dataclass(frozen=True, slots=True)
class Show:
    ticket: int


@dataclass(frozen=True, slots=True)
class Past:
    """Everything that happened on a ticket."""

    ticket: int


@dataclass(frozen=True, slots=True)
class Figures:
    pass


@dataclass(frozen=True, slots=True)
class Help:
    pass


Query = View | Find | Show | Past | Figures | Help


@dataclass(frozen=True, slots=True)
class Act:
    """A command for one ticket. `place`: its line in the list; None: it was named by its own number."""

    place: int | None
    ticket: int
    command: Command
    body: str  # of a note
    line: str


@dataclass(frozen=True, slots=True)
class Personal:
    command: v.Personal
    line: str


@dataclass(slots=True)
class QueryText:
    """A mail to an agent's own address, taken apart."""

    queries: list[Query] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    personal: list[Personal] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)


#: Each question with its words; what follows it stands in `SYNTAX`.
QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "list": ("queue", "my queue", "liste", "offen", "open"),
    "mine": ("my tickets", "meine", "meine tickets"),
    "team": ("gruppe",),
    "breaching": ("due", "late", "overdue", "fällig", "überfällig"),
    "waiting": ("wartend", "wartet"),
    "find": ("search", "finde", "suche", "suchen"),
    "show": ("zeige", "zeig"),
    "history": ("verlauf",),
    "report": ("figures", "bericht", "zahlen"),
    "help": ("hilfe", "?"),
}
SYNTAX: Mapping[str, str] = {"find": "WORDS", "show": "NUMBER", "history": "NUMBER"}
_QUESTION: Final = {word: name for name, words in QUESTIONS.items() for word in (name, *words)}
#: Short forms for a line of a list.
VERBS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("done", "fertig"), ("resolve", "")),
    **dict.fromkeys(("take", "nehmen", "nehme", "mine", "meins"), ("assign", "me")),
    **{f"p{level}": ("priority", f"p{level}") for level in range(1, 5)},
}
#: What may be done with several tickets at once: nothing whose words go outside, nothing that names a second ticket.
IN_BULK: Final = (
    v.Resolve, v.Wait, v.Close, v.MarkSpam, v.Assign, v.Escalate, v.Restrict, v.Note, v.Prioritise, v.Classify,
    v.Retag, v.Spend, v.NoteCause, v.WantArticle, v.Promise, v.Snooze, v.Remind, v.Undo,
)  # fmt: skip
#: Commands about the agent, by name: they stand here, too.
PERSONAL: Final = frozenset({"away", "back", "only", "mute", "unmute", "digest", "quiet"})
_PERSONAL: Final = get_args(v.Personal)
_NOTE: Final = re.compile(r"[#\d,&\s–-]+[:.)]?\s*#?(?:note|notiz)\b", re.IGNORECASE)
_NUMBERS: Final = re.compile(r"\s*(#?)(\d{1,9})(?:\s*[-–]\s*(\d{1,9}))?(?![^\W_])\s*(?:,|&|and\b|und\b|[:.)])?")


def read(text: str, listed: Sequence[int] = ()) -> QueryText:
    """Take a mail apart. `listed`: the tickets behind the lines of the list it answers, the first is line 1."""
    found = QueryText()
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for line in lines[_MOST_LINES:]:
        found.bad.append(BadLine(line[:200], ""))
    for line in lines[:_MOST_LINES]:
        for part in _parts(line[:_LONGEST]):
            _take(part, listed, found)
    return found


def nothing_but_questions(text: str) -> bool:
    """Whether a mail that came without a token asks for lists, and says nothing else."""
    found = read(text)
    if not found.queries or found.acts or found.personal or found.bad:
        return False
    return all(len(each.words.split()) <= _FEW_WORDS for each in found.queries if isinstance(each, Find))


def _parts(line: str) -> list[str]:
    """What stands between semicolons; one in the words of a note ends nothing."""
    parts: list[str] = []
    for part in (each.strip() for each in line.split(";")):
        if not part:
            continue
        if parts and not _begins(part) and _NOTE.match(parts[-1]):
            parts[-1] = f"{parts[-1]}; {part}"
        else:
            parts.append(part)
    return parts


def _begins(part: str) -> bool:
    word = _bare(part).partition(" ")[0].casefold()
    return part[0].isdigit() or part[0] == "#" or word in _QUESTION


def _bare(part: str) -> str:
    """Without what clients and people put around a word."""
    return part.strip("*_`").removeprefix("#").strip().rstrip(".!,*_`")


def _take(part: str, listed: Sequence[int], found: QueryText) -> None:
    numbers, rest = _numbered(part)
    if numbers:
        _act(part, numbers, rest, listed, found)
        return
    said = _bare(part)
    query = _query(said, listed)
    if query is not None:
        found.queries.append(query)
        return
    word, _, argument = said.partition(" ")
    rule = WORDS.get(word.casefold())
    command = rule.read(argument.strip()) if rule is not None else None
    if isinstance(command, _PERSONAL) and not (isinstance(command, v.Mute) and command.ticket is None):
        found.personal.append(Personal(command, part[:200]))
        return
    found.bad.append(BadLine(part[:200], _nearest(word)))


def _query(said: str, listed: Sequence[int]) -> Query | None:
    whole = " ".join(said.casefold().split())
    word, _, argument = whole.partition(" ")
    name = _QUESTION.get(whole) or (_QUESTION.get(word) if _QUESTION.get(word) in SYNTAX else None)
    match name:
        case None:
            return None
        case "find":
            return Find(said.partition(" ")[2].strip()) if argument else None
        case "show" | "history":
            ticket = _one(argument, listed)
            return None if ticket is None else Show(ticket) if name == "show" else Past(ticket)
        case "report":
            return Figures()
        case "help":
            return Help()
        case _:
            return View(name)


def _one(argument: str, listed: Sequence[int]) -> int | None:
    """The ticket someone names: a line of the list, where there is one of that number; `#7` is always ticket 7."""
    match = re.fullmatch(r"(#?)(\d{1,9})", argument)
    if match is None:
        return None
    number = int(match[2])
    return listed[number - 1] if not match[1] and 0 < number <= len(listed) else number


def _numbered(part: str) -> tuple[list[tuple[bool, int]], str]:
    """The numbers a part begins with, each as (it is a ticket's own, number), and what stands behind them."""
    numbers: list[tuple[bool, int]] = []
    at = 0
    while (match := _NUMBERS.match(part, at)) and len(numbers) <= _MOST_TICKETS:
        first, last = int(match[2]), int(match[3] or match[2])
        numbers += [(bool(match[1]), number) for number in range(first, min(last, first + _MOST_TICKETS) + 1)]
        at = match.end()
    return numbers, part[at:].strip()


def _act(part: str, numbers: list[tuple[bool, int]], rest: str, listed: Sequence[int], found: QueryText) -> None:
    word, _, argument = rest.removeprefix("#").strip().partition(" ")
    name, given = VERBS.get(word.casefold().rstrip(".!"), (word.casefold(), ""))
    argument = argument.strip() or given
    rule = WORDS.get(name)
    command = rule.read(argument.rstrip(".!")) if rule is not None else None
    unknown = any(not own and not 0 < number <= len(listed) for own, number in numbers)
    many = len(numbers) + len(found.acts) > _MOST_TICKETS
    empty_note = isinstance(command, v.Note) and not argument
    runs_on = not isinstance(command, v.Note) and _goes_on(argument)
    if not isinstance(command, IN_BULK) or unknown or many or empty_note or runs_on:
        near = rule.usage if rule is not None else _nearest(word, verbs=True)
        found.bad.append(BadLine(part[:200], "" if unknown or many else near))
        return
    body = argument if isinstance(command, v.Note) else ""
    for own, number in numbers:
        place, ticket = (None, number) if own else (number, listed[number - 1])
        found.acts.append(Act(place, ticket, command, body, part[:200]))


def _goes_on(argument: str) -> bool:
    """Whether another ticket's command stands behind the first, as in "1 done 2 done": no word of a cause."""
    numbers, rest = _numbered(argument)
    word = rest.removeprefix("#").partition(" ")[0].casefold().rstrip(".!")
    return bool(numbers) and (word in VERBS or word in WORDS)


def _nearest(word: str, *, verbs: bool = False) -> str:
    """What was probably meant."""
    personal = [known for known, rule in WORDS.items() if rule.name in PERSONAL]
    near = difflib.get_close_matches(word.casefold(), [*VERBS, *WORDS] if verbs else [*_QUESTION, *personal], n=1)
    if not near:
        return ""
    if verbs:
        return near[0]
    name = _QUESTION.get(near[0])
    return usage(name) if name is not None else WORDS[near[0]].usage


def usage(name: str) -> str:
    """How a question is written."""
    return f"{name} {SYNTAX.get(name, '')}".rstrip()
