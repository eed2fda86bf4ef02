"""What is wrong with a configuration, in words: where it stands, the cause, and what to write instead.

`config/mailproc.toml, line 14, mailbox.support.imap.port: is to be a number.`
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PREFIX, DELIMITER = "MAILPROC_", "__"
Key = tuple[str, ...]
Siblings = Callable[[Key], Sequence[str]]


class ConfigurationError(Exception):
    """The configuration can't be used; each problem names where it stands and what to do."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


class Wrong(ValueError):
    """A value that can't be used: `cause` says why, `mend` what to write instead; {variable} in it is the key's own."""

    def __init__(self, cause: str, mend: str = "") -> None:
        super().__init__(f"{cause}. {mend}".strip())
        self.cause, self.mend = cause, mend


class NotTogether(ValueError):
    """Values that are right by themselves and wrong together, each with its key below the table that was checked."""

    def __init__(self, problems: Mapping[Key, Wrong]) -> None:
        super().__init__("; ".join(f"{'.'.join(key)}: {wrong}" for key, wrong in problems.items()))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Source:
    """The text of the file and the environment on top of it: where each setting comes from."""

    file: Path
    text: str
    environment: Mapping[str, str] = field(repr=False)

    def place(self, key: Key) -> tuple[int, str]:
        """The line (0: none) and the words that lead a person there."""
        dotted = ".".join(key)
        variable = variable_of(key)
        if any(name.upper() == variable for name in self.environment):
            return 0, f"environment, {variable}"
        line = _line_of(self.text, key)
        return (line, f"{self.file}, line {line}, {dotted}") if line else (0, f"{self.file}, {dotted}")


def variable_of(key: Key) -> str:
    """The environment variable that sets a key."""
    return PREFIX + DELIMITER.join(part.upper() for part in key)


def not_toml(file: Path, error: tomllib.TOMLDecodeError) -> str:
    """The parser's words, with the place in front."""
    found = re.fullmatch(r"(.*) \(at (line \d+, column \d+)\)", str(error))
    return f"{file}, {found[2]}: is not TOML: {found[1]}." if found else f"{file}: is not TOML: {error}."


def in_words(source: Source, errors: Sequence[Mapping[str, Any]], siblings: Siblings) -> list[str]:
    """Every error of pydantic's as a problem of the operator's, in the order of the file, each once."""
    problems: dict[Key, tuple[int, str]] = {}
    for error in errors:
        key = tuple(str(part) for part in error["loc"] if part != "[key]")
        for where, wrong in _problems(key, error, siblings).items():
            line, place = source.place(where)
            mend = wrong.mend.replace("{variable}", variable_of(where))
            mend = f"\n  {mend}{'' if mend.endswith('?') else '.'}" if mend else ""
            problems.setdefault(where, (line, f"{place}: {wrong.cause}.{mend}"))
    return [words for _, words in sorted(problems.values(), key=lambda problem: problem[0])]


def _problems(key: Key, error: Mapping[str, Any], siblings: Siblings) -> Mapping[Key, Wrong]:
    match error.get("ctx", {}).get("error"):
        case NotTogether(problems=problems):
            return {(*key, *inner): wrong for inner, wrong in problems.items()}
        case Wrong() as wrong:
            return {key: wrong}
        case ValueError() as error_of_core:  # "'9 to 5' is no working time; write it as ..."
            cause, _, mend = str(error_of_core).partition("; ")
            return {key: Wrong(cause, mend[:1].upper() + mend[1:])}
        case _:
            return {key: _in_our_words(key, error, siblings)}


def _in_our_words(key: Key, error: Mapping[str, Any], siblings: Siblings) -> Wrong:
    kind, limits = str(error["type"]), error.get("ctx", {})
    match kind:
        case "missing":
            return Wrong("is missing", "Write it there, or set {variable}")
        case "extra_forbidden":
            known = siblings(key[:-1])
            near = difflib.get_close_matches(key[-1], known, 1)
            return Wrong("is not a setting", f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(known)}")
        case "too_short":
            return Wrong("is empty", f"Write a [{key[0]}.NAME] section")
        case "string_too_short":
            return Wrong("is empty")
        case "string_too_long":
            return Wrong(f"is longer than {limits['max_length']} characters")
        case "literal_error":
            return Wrong(f"is to be {str(limits['expected']).replace(chr(39), chr(34))}")
        case "greater_than_equal" | "greater_than":
            return Wrong(
                f"is to be {'at least' if 'ge' in limits else 'more than'} {limits.get('ge', limits.get('gt'))}"
            )
        case "less_than_equal":
            return Wrong(f"is to be at most {limits['le']}")
        case _:
            return Wrong(_KINDS.get(kind.partition("_")[0], f"can't be read: {error['msg']}"))


#: By the first word of pydantic's name for the error: int_type, int_parsing, int_from_float, ...
_KINDS = {
    "string": "is to be text, in quotes",
    "path": "is to be a path, in quotes",
    "int": "is to be a whole number",
    "float": "is to be a number",
    "bool": "is to be true or false",
    "tuple": 'is to be a list, as ["one", "two"]',
    "date": "is to be a date, as 2026-12-24",
    "model": "is to be a table, with keys of its own",
    "mapping": "is to be a table, with keys of its own",
}


def _line_of(text: str, key: Key) -> int:
    """The line of a key; for one that isn't there, of the closest section around it. 0: nowhere."""
    section: Key = ()
    best, depth = 0, 0
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            header = _written(line)
            if header:
                section = header
                around = min(len(header), len(key))
                if header[:around] == key[:around] and around > depth:
                    best, depth = number, around
        elif "=" in line:
            written = _written(line.partition("=")[0] + "= 0")
            full = section + written
            if written and (full == key[: len(full)] or full[: len(key)] == key):
                return number
    return best


def _written(line: str) -> Key:
    """The key a line of TOML writes, read by the parser itself: it knows about quotes and dots."""
    try:
        value: object = tomllib.loads(line)
    except tomllib.TOMLDecodeError:
        return ()
    parts = []
    while isinstance(value, dict) and value:
        (name,) = value
        parts.append(str(name))
        value = value[name]
    return tuple(parts)
