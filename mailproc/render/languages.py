"""Which languages and files there are, and which one a reader gets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*")

#: Every chain ends here: the language in which each letter exists.
LAST_RESORT = "en"


def language_code(tag: str) -> str:
    """A language tag (RFC 5646) in one spelling: `DE_at` is `de-AT`."""
    first, *rest = tag.strip().replace("_", "-").split("-")
    return "-".join((first.lower(), *(part.upper() if len(part) == 2 else part.title() for part in rest)))


@lru_cache(maxsize=1024)
def fall_back_chain(language: str, default: str) -> tuple[str, ...]:
    """Where to look for a letter in `language`, best first: `de-AT`, `de`, then the default's own chain, then `en`."""
    wanted = (*_shortened(language), *_shortened(default), LAST_RESORT)
    return tuple(dict.fromkeys(code for code in wanted if code))


def _shortened(language: str) -> Iterator[str]:
    parts = language_code(language).split("-")
    for count in range(len(parts), 0, -1):
        yield "-".join(parts[:count])


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where each language's templates lie, the operator's folders before ours."""

    folders: tuple[Path, ...]
    languages: dict[str, tuple[Path, ...]]

    @classmethod
    def of(cls, folders: Sequence[Path]) -> Shelf:
        """What the folders hold. Raises OSError when one can't be read."""
        languages: dict[str, list[Path]] = {}
        for folder in folders:
            for path in sorted(folder.iterdir()):
                if _LANGUAGE.fullmatch(path.name) and path.is_dir():
                    languages.setdefault(language_code(path.name), []).append(path)
        return cls(tuple(folders), {code: tuple(paths) for code, paths in languages.items()})

    def find(self, name: str, chain: Sequence[str]) -> tuple[Path, str] | None:
        """The file `name` and its language: by the chain, and last beside the language folders (language empty)."""
        for code in chain:
            for folder in self.languages.get(code, ()):
                if (folder / name).is_file():
                    return folder / name, code
        return next(((folder / name, "") for folder in self.folders if (folder / name).is_file()), None)

    def names(self) -> set[str]:
        """Every template file, by the name another template calls it."""
        roots = (*self.folders, *(path for paths in self.languages.values() for path in paths))
        return {path.relative_to(root).as_posix() for root in roots for path in root.rglob("*.*") if path.is_file()}
