"""Which languages and files there are, and which one a reader gets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")

#: Every chain ends here: the language in which each letter exists.
LAST_RESORT = "en"


def fall_back_chain(language: str, default: str) -> tuple[str, ...]:
    """Where to look for a letter in `language`, best first: `de-AT`, `de`, the default's own chain, `en`."""
    wanted = (*_shortened(language), *_shortened(default), LAST_RESORT)
    return tuple(dict.fromkeys(code for code in wanted if code))


def languages_in(folders: Sequence[Path]) -> Iterator[Path]:
    """The language folders, in search order."""
    for folder in folders:
        yield from sorted(path for path in folder.iterdir() if path.is_dir() and _LANGUAGE.fullmatch(path.name))


def language_code(tag: str) -> str:
    """A language tag (RFC 5646) as the folders are named: `DE_at` becomes `de-AT`."""
    first, *rest = tag.strip().replace("_", "-").split("-")
    return "-".join((first.lower(), *(part.upper() if len(part) == 2 else part.title() for part in rest)))


def _shortened(language: str) -> Iterator[str]:
    parts = language_code(language).split("-")
    for count in range(len(parts), 0, -1):
        yield "-".join(parts[:count])
