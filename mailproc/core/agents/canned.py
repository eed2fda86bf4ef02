"""Canned answers: below the agent's own words, or shown before anything is sent."""

from __future__ import annotations

import difflib
from dataclasses import replace

from mailproc.core.commands import AgentText
from mailproc.core.commands.values import FillIn, Split
from mailproc.core.facts import Facts
from mailproc.core.letters import BadLine

_LONGEST_AGAIN = 1500  # characters that a link to send it holds


def nonsense(facts: Facts, words: AgentText) -> tuple[BadLine, ...]:
    """Names of nothing; and a ticket that is only beginning has no number yet."""
    bad = []
    begins = words.has(Split)
    for command, line in zip(words.commands, words.lines, strict=True):
        if not isinstance(command, FillIn):
            continue
        if command.name not in facts.named.canned:
            near = difflib.get_close_matches(command.name, facts.named.canned_names, n=1)
            bad.append(BadLine(line, f"#tpl {near[0]}" if near else ""))
        elif begins:
            bad.append(BadLine(line, ""))
    return tuple(bad)


def filled_in(facts: Facts, words: AgentText) -> AgentText:
    """The agent's words, an empty line, the canned ones."""
    texts = [facts.named.canned[each.name] for each in dict.fromkeys(words.commands) if isinstance(each, FillIn)]
    return replace(words, body="\n\n".join(part for part in (words.body, *texts) if part)) if texts else words


def only_shown(words: AgentText) -> bool:
    """`#tpl NAME?` asks what it would say."""
    return any(isinstance(command, FillIn) and command.shows for command in words.commands)


def again(words: AgentText) -> str:
    """The same mail without the question; nothing where a link can't hold it."""
    lines = [line.rstrip("?. ") if isinstance(command, FillIn) else line
             for command, line in zip(words.commands, words.lines, strict=True)]  # fmt: skip
    mail = "\n".join((*lines, "", words.body)).strip()
    return mail if len(mail) <= _LONGEST_AGAIN else ""
