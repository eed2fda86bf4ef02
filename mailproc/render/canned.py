"""Canned answers: texts that agents put into their mails by name, in the customer's language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import jinja2
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mailproc.render import check, text
from mailproc.render.languages import fall_back_chain, language_code
from mailproc.render.letters import TemplateError

FOLDER: Final = "canned"
_FILE: Final = re.compile(r"([\w-]{1,60})\.([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*)\.txt")
#: What a canned answer may speak of.
_VARIABLES: Final[check.Names] = {"customer": str, "number": int, "agent": str}


class Canned:
    """All of them, checked. `folders` are searched in order: the operator's own replace ours file by file."""

    def __init__(self, folders: Sequence[Path], default_language: str) -> None:
        """Raises TemplateError when any of them can't work, one line for each fault."""
        self._default = default_language
        self._environment = ImmutableSandboxedEnvironment(
            undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, auto_reload=False
        )
        self._texts: dict[str, dict[str, Template]] = {}
        wrong: list[str] = []
        for folder in folders:
            for path in sorted((folder / FOLDER).glob("*")):
                wrong += self._take(path)
        if wrong:
            raise TemplateError("\n".join(wrong))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._texts))

    def fill(self, name: str, language: str, *, customer: str, number: int, agent: str) -> str | None:
        """The text in this language, or the next best there is; None where nothing is called so."""
        texts = self._texts.get(name.casefold())
        if texts is None:
            return None
        chain = (*fall_back_chain(language[:35], self._default), *texts)
        template = texts[next(code for code in chain if code in texts)]
        shown = template.render(customer=text.line(customer, 80), number=number, agent=text.line(agent, 80))
        return text.tidied(shown).strip()

    def _take(self, path: Path) -> list[str]:
        """Read one file; what is wrong with it."""
        named = _FILE.fullmatch(path.name)
        if named is None:
            return [f"{path}: a canned answer is called NAME.LANGUAGE.txt, like reset-password.en.txt"]
        texts = self._texts.setdefault(named[1].casefold(), {})
        code = language_code(named[2])
        if code in texts:
            return []  # the operator's own stands already
        try:
            source = path.read_text("utf-8-sig")
            tree = self._environment.parse(source)
            faults = check.faults(tree, {**dict.fromkeys(self._environment.globals), **_VARIABLES}, {})
            found = [f"{path}, line {fault.line}: {fault.words}" for fault in faults]
            texts[code] = self._environment.from_string(source)
            if not found:  # what only running it shows, is better seen now than when an agent's mail waits for it
                texts[code].render(customer="Clara", number=1, agent="Anna")
        except (OSError, UnicodeDecodeError) as error:
            return [f"{path}: can't be read as UTF-8: {error}"]
        except jinja2.TemplateSyntaxError as error:
            return [f"{path}, line {error.lineno}: {error.message}"]
        except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            return [f"{path}: {error}"]
        return found
