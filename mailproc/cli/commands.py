"""`mailproc commands`: everything an agent may write in a mail, drawn from the grammar and the words of help."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping

from mailproc.core import queries
from mailproc.core.commands import RULES
from mailproc.core.commands.grammar import PSEUDO_HEADERS, Rule
from mailproc.render.letters import words_of
from mailproc.resources import templates_folder

#: One argument of each kind: which of them a command takes shows what it is.
_ARGUMENTS = ("", "me", "p2", "friday", "+a", "25m", "words", "a@b.example")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    command = commands.add_parser("commands", help="what agents may write in a mail")
    command.add_argument("--markdown", action="store_true", help="the page docs/commands.md (the default)")
    command.set_defaults(run=show)


async def show(_options: argparse.Namespace) -> int:
    print(document(), end="")
    return 0


def document() -> str:
    """The page `docs/commands.md`."""
    words = words_of([templates_folder()], "en")
    meanings, asked = words["meanings"], words["queries"]
    personal = [rule for rule in RULES if rule.name in queries.PERSONAL]
    usages = [(queries.usage(name), asked[name], others) for name, others in queries.QUESTIONS.items()]
    verbs = sorted({(command, given) for command, given in queries.VERBS.values()})
    short = [
        (f"`{'`, `'.join(word for word, meant in queries.VERBS.items() if meant == (command, given))}`",
         f"`#{command} {given}`".replace(" `", "`"))
        for command, given in verbs
    ]  # fmt: skip
    parts = [
        "# What agents write",
        (
            "Drawn from `mailproc/core/commands/grammar.py`, `mailproc/core/queries.py` and the words of `#help` by"
            " `mailproc commands --markdown`; a test keeps them equal."
        ),
        "## In an answer to a ticket's mail",
        (
            "One command a line, above everything else, or below everything else after an empty line. Capitals stand for"
            " something, brackets for what may be left out. A line that is not understood stops the whole mail."
        ),
        _table(_rows((rule for rule in RULES if rule not in personal), meanings)),
        f"As the first lines, these are understood as well: {', '.join(f'`{word}:`' for word in PSEUDO_HEADERS)}.",
        "## About yourself",
        "In any mail to us: an answer, or one to your own address (“My queue”).",
        _table(_rows(personal, meanings)),
        "## To your own address",
        "One question a line, or with a semicolon between two; `#` may be left out. The answer is one letter.",
        _table(usages),
        "## In answer to a list",
        "The numbers of lines, and what is to be done with them, one a line or with a semicolon between two:",
        "    1 done; 3,4 assign NAME; 5 snooze friday; 2-4 p2; 6 note call them",
        "`#1042 done` names a ticket by its own number. Short forms:",
        "| word | command |\n|---|---|\n" + "\n".join(f"| {words_} | {command} |" for words_, command in short),
        (
            f"These go with several tickets: {', '.join(f'`{rule.name}`' for rule in RULES if _in_bulk(rule))}."
            " The others name a second ticket, or send words outside: they want a mail of their own."
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _rows(rules: Iterable[Rule], meanings: Mapping[str, str]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    return ((rule.usage, meanings[rule.name], rule.aliases) for rule in rules)


def _table(rows: Iterable[tuple[str, str, tuple[str, ...]]]) -> str:
    lines = (
        f"| `{usage.replace('|', chr(92) + '|')}` | {meaning} | {', '.join(f'`{other}`' for other in others)} |"
        for usage, meaning, others in rows
    )
    return "\n".join(("| written | what it does | other words |", "|---|---|---|", *lines))


def _in_bulk(rule: Rule) -> bool:
    return any(isinstance(rule.read(argument), queries.IN_BULK) for argument in _ARGUMENTS)
