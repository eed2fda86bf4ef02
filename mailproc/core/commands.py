"""The commands an agent writes at the top of a mail: one grammar, read from the agent's own words only.

A block of lines that begin with `#` and a word, before anything else. The text below the block is the answer.
A line in the block that is not understood stops the whole mail: nothing is done by halves.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from mailproc.core.letters import BadLine

#: Clients dress what is bold, listed or escaped, in the plain text too: "*#note*", "* #note", "\\#note".
_LINE = re.compile(r"(?:[-*•]\s+)?[*_`\\]{0,3}[#＃]\s?([^\W\d_](?:[\w-]{0,29}[^\W_])?)[*_`]{0,3}\s*[:=]?\s*(.*)")
_DRESS = "*_`"
_MOST_LINES = 40
#: Addresses as people have them: what could not be written to would hold up every later answer on the ticket.
_ADDRESS = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}")


class WaitFor(StrEnum):
    CUSTOMER = "customer"
    VENDOR = "vendor"


@dataclass(frozen=True, slots=True)
class Resolve:
    cause: str  # the agent's word for the solution; may be empty


@dataclass(frozen=True, slots=True)
class Note:
    pass


@dataclass(frozen=True, slots=True)
class Wait:
    who: WaitFor


@dataclass(frozen=True, slots=True)
class Assign:
    target: str  # "me", an agent's or a team's name as typed


@dataclass(frozen=True, slots=True)
class Close:
    pass


@dataclass(frozen=True, slots=True)
class Accept:
    address: str  # of a stranger who wrote with a valid token


@dataclass(frozen=True, slots=True)
class ShowHelp:
    pass


Command = Resolve | Note | Wait | Assign | Close | Accept | ShowHelp


@dataclass(frozen=True, slots=True)
class AgentText:
    """An agent's new words, taken apart."""

    commands: tuple[Command, ...]
    body: str  # for the customer, or the note
    bad: tuple[BadLine, ...]  # lines that were not understood


def _wait(argument: str) -> Command | None:
    words = {"customer": WaitFor.CUSTOMER, "kunde": WaitFor.CUSTOMER, "": WaitFor.CUSTOMER}
    words |= {"vendor": WaitFor.VENDOR, "third-party": WaitFor.VENDOR, "lieferant": WaitFor.VENDOR}
    who = words.get(argument.casefold())
    return Wait(who) if who else None


def _address(argument: str) -> Command | None:
    address = argument.strip("<>").removeprefix("mailto:")
    return Accept(address) if _ADDRESS.fullmatch(address) else None


def _bare(command: Command) -> Callable[[str], Command | None]:
    """A command that takes no argument."""
    return lambda argument: None if argument else command


#: Every command: how it is read from its argument. None: the argument makes no sense.
GRAMMAR: Mapping[str, Callable[[str], Command | None]] = {
    "resolve": Resolve,
    "note": lambda _argument: Note(),  # the rest of the line belongs to the note
    "wait": _wait,
    "assign": lambda argument: Assign(argument if argument.casefold() != "me" else "me") if argument else None,
    "close": _bare(Close()),
    "accept": _address,
    "help": _bare(ShowHelp()),
}

#: Other words for the same commands.
ALIASES: Mapping[str, str] = {
    "resolved": "resolve",
    "solved": "resolve",
    "gelöst": "resolve",
    "erledigt": "resolve",
    "notiz": "note",
    "private": "note",
    "internal": "note",
    "intern": "note",
    "warten": "wait",
    "owner": "assign",
    "zuweisen": "assign",
    "closed": "close",
    "schließen": "close",
    "hilfe": "help",
}


def read(text: str) -> AgentText:
    """Take the command block off an agent's own text."""
    lines = text.split("\n")
    commands: list[Command] = []
    bad: list[BadLine] = []
    kept: list[str] = []  # words on a #note line
    for number, line in enumerate(lines[:_MOST_LINES]):
        stripped = line.strip()
        if not stripped:
            continue
        match = _LINE.fullmatch(stripped[:500])
        if match is None:
            misplaced = () if commands else _misplaced(lines[number:])
            return AgentText(tuple(commands), _body(kept, lines[number:]), (*bad, *misplaced))
        word, argument = match[1].casefold(), match[2].strip().rstrip(".!" + _DRESS)
        command = GRAMMAR[ALIASES.get(word, word)](argument) if ALIASES.get(word, word) in GRAMMAR else None
        if command is None:
            bad.append(BadLine(stripped[:200], _nearest(word)))
        else:
            commands.append(command)
            if isinstance(command, Note) and match[2]:
                kept.append(match[2])
    return AgentText(tuple(commands), _body(kept, lines[_MOST_LINES:]), tuple(bad))


def _misplaced(lines: list[str]) -> Iterator[BadLine]:
    """Commands alone on a line below other words: whoever writes "Hi," and then "#note" wants no letter sent."""
    for line in lines:
        match = _LINE.fullmatch(line.strip()[:80])
        if match is not None and not match[2] and ALIASES.get(match[1].casefold(), match[1].casefold()) in GRAMMAR:
            yield BadLine(line.strip(), "")


def _body(kept: list[str], rest: list[str]) -> str:
    return "\n".join([*kept, *rest]).strip()


def _nearest(word: str) -> str:
    found = difflib.get_close_matches(word, [*GRAMMAR, *ALIASES], n=1, cutoff=0.6)
    return f"#{ALIASES.get(found[0], found[0])}" if found else ""
