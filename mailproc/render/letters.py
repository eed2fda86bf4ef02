"""Letters: from values to a subject, a text and an HTML page, by templates that were all checked when loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import jinja2
from jinja2 import BaseLoader, Environment, StrictUndefined, Template, nodes
from jinja2.environment import TemplateModule
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from mailproc.core.letter_values import VALUES_OF, LetterValues
from mailproc.core.letters import Action, Exchange, Letter, TicketFacts
from mailproc.render import check, filters, text
from mailproc.render.languages import LAST_RESORT, Shelf, fall_back_chain

_FILES: Final = ("subject.txt", "body.txt", "body.html")

#: How a language writes a moment: at length, in a line of text.
_MOMENTS: Final = ("moment", "shortly")

#: The file in which a language keeps what filters need: how it writes a moment.
_WORDS: Final = "words.txt"


class TemplateError(Exception):
    """A template that can't work: one line for each fault, with file, line, variable and the nearest name."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter's words. `language` is the one they are in, which may be another than was asked for."""

    subject: str
    text: str
    html: str
    language: str


@dataclass(frozen=True, slots=True)
class _Templates:
    """One letter in one language, compiled."""

    subject: Template
    text: Template
    html: Template
    language: str


class Letters:
    """Every letter in every language. Raises TemplateError when any template of any of them can't work.

    `folders` are searched in order, so the operator's own stand before ours and replace them file by file; within the
    folders a file is looked for in the reader's language, the default language, and English.
    """

    def __init__(self, folders: Sequence[Path], default_language: str) -> None:
        self._default = default_language
        try:
            shelf = Shelf.of(folders)
        except OSError as error:
            raise TemplateError(
                f"{error.filename}: the folder of the letters can't be read: {error.strerror}"
            ) from error
        wrong = list(_misnamed(shelf))
        self._languages: dict[str, dict[Letter, _Templates]] = {}
        for code in sorted({*shelf.languages, LAST_RESORT}):
            language = _Language(shelf, code, fall_back_chain(code, default_language))
            found = list(language.faults())
            wrong += found
            if not found:
                self._languages[code] = language.compiled()
        if wrong:
            raise TemplateError("\n".join(dict.fromkeys(wrong)))

    def render(self, letter: Letter, values: LetterValues, language: str, time_zone: str) -> Rendered:
        """The letter for a reader. Raises TypeError when the values are another letter's."""
        if type(values) is not VALUES_OF[letter]:
            raise TypeError(f"{letter} is not written from {type(values).__name__}")
        templates = self._languages[self._nearest(language)][letter]
        context = {name: getattr(values, name) for name in _names(type(values))}
        context["reader"] = filters.reader(templates.language, time_zone)
        return Rendered(
            subject=text.line(templates.subject.render(context), 300),
            text=text.tidied(templates.text.render(context).replace(text.TIE, " ")) + "\n",
            html=text.tidied(templates.html.render(context)) + "\n",
            language=templates.language,
        )

    def _nearest(self, language: str) -> str:
        return next(code for code in fall_back_chain(language[:35], self._default) if code in self._languages)


def words_of(folders: Sequence[Path], language: str) -> Mapping[str, Any]:
    """What a language's words define, by name: for documents. Raises TemplateError."""
    try:
        return vars(_Language(Shelf.of(folders), language, fall_back_chain(language, LAST_RESORT)).words())
    except (OSError, jinja2.TemplateError) as error:
        raise TemplateError(f"{_WORDS} ({language}): {error}") from error


_FIELDS: Mapping[type[LetterValues], tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in VALUES_OF.values()
}


def _names(kind: type[LetterValues]) -> tuple[str, ...]:
    return _FIELDS[kind]


class _Loader(BaseLoader):
    """Finds a template along one language's chain."""

    def __init__(self, shelf: Shelf, chain: Sequence[str]) -> None:
        self._shelf, self._chain = shelf, chain

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002  - what jinja2 calls it with
        found = None if ".." in template.split("/") else self._shelf.find(_file(template), self._chain)
        if found is None:
            raise jinja2.TemplateNotFound(template)
        try:
            return found[0].read_text("utf-8-sig"), str(found[0]), lambda: True
        except (OSError, UnicodeDecodeError) as error:
            raise TemplateError(f"{found[0]}: can't be read as UTF-8: {error}") from error


def _file(template: str) -> str:
    """A language has its words once: `words.html` is the file `words.txt`, compiled so that it escapes its values.

    A macro escapes as the file it stands in does, but its result counts as safe where it is called.
    """
    return _WORDS if template == "words.html" else template


#: What templates ask for fields of. On these the sandbox's long rule comes down to the short one.
_VALUES = frozenset({Action, TicketFacts, Exchange, filters.Reader, TemplateModule})


class _Template(Template):
    """Jinja's, that looks for no globals of a render's own: there are none, so what it imports is always the same."""

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:  # noqa: ARG002  - what jinja2 calls it with
        return super()._get_default_module()


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, quick with what letters are made of."""

    template_class = _Template

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """One dictionary, as nothing changes here any more: a chain of two is slow to copy for every render."""
        return {**self.globals, **(d or {})}

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        if type(obj) in _VALUES:
            return not attr.startswith("_")
        return super().is_safe_attribute(obj, attr, value)


class _Language:
    """All templates as a reader of one language gets them."""

    def __init__(self, shelf: Shelf, code: str, chain: Sequence[str]) -> None:
        self._shelf, self._code, self._chain = shelf, code, chain
        self._loader = _Loader(shelf, chain)
        self._trees: dict[str, tuple[nodes.Template, str]] = {}
        self._environment = _Sandbox(
            loader=self._loader, undefined=StrictUndefined, autoescape=lambda name: bool(name and name.endswith(".html")),
            trim_blocks=True, lstrip_blocks=True, auto_reload=False, cache_size=-1,
        )  # fmt: skip
        del self._environment.globals["lipsum"]
        everyday = filters.moment_in("")
        self._environment.filters |= {
            "moment": everyday, "shortly": everyday, "language_name": filters.language_name,
            "mailto": filters.mailto, "paragraphs": filters.paragraphs, "wrap": text.wrapped, "line": text.line,
            "headline": text.headline, "beginning": text.beginning, "quoted": text.quoted,
        }  # fmt: skip

    # -- checking

    def faults(self) -> Iterator[str]:
        """What is wrong in any template this language uses, one line each."""
        imported: set[str] = set()
        for letter in Letter:
            known = {**check.fields_of(VALUES_OF[letter]), "reader": filters.Reader}
            for file in _FILES:
                yield from self._faults_in(f"{letter}/{file}", known, set(), imported)
        try:
            module = self._environment.get_template(_WORDS).module
        except (jinja2.TemplateError, TemplateError) as error:
            yield f"{_WORDS} ({self._code}): {error}"
            return
        for name in _MOMENTS:
            if not isinstance(getattr(module, f"{name}_pattern", None), str):
                yield f"{_WORDS} ({self._code}): {name}_pattern is not set"

    def _faults_in(self, name: str, known: check.Names, seen: set[str], imported: set[str]) -> Iterator[str]:
        """Of a file and all it needs. What is imported has no values, so it is `imported` once for all letters."""
        if name in seen:
            return
        seen.add(name)
        try:
            tree, path = self._parsed(name)
            self._environment.get_template(name)  # compiles it, and keeps it
        except jinja2.TemplateNotFound:
            yield f"{name} ({self._code}): no such template{check.nearest(name, self._shelf.names())}"
            return
        except jinja2.TemplateSyntaxError as error:
            yield f"{error.filename or name}, line {error.lineno}: {error.message}"
            return
        except TemplateError as error:
            yield str(error)
            return
        modules = {}
        for used, own in _used(tree):
            if name.endswith(".html") and not used.endswith(".html"):
                yield f"{path}: uses {used!r}, which does not escape; a page may use only .html files"
            if own:
                yield from self._faults_in(used, {}, imported, imported)
            else:
                yield from self._faults_in(used, known, seen, imported)
            modules[used] = self._exported(used)
        builtin: check.Names = dict.fromkeys(self._environment.globals)
        for fault in check.faults(tree, {**builtin, **known}, modules):
            yield f"{path}, line {fault.line}: {fault.words}"

    def _exported(self, name: str) -> frozenset[str]:
        """What an imported file gives; nothing when it can't be read, which is a fault of its own."""
        try:
            return check.exported(self._parsed(name)[0])
        except (jinja2.TemplateError, TemplateError):
            return frozenset()

    def _parsed(self, name: str) -> tuple[nodes.Template, str]:
        """A file's syntax tree and path. Raises TemplateNotFound, TemplateSyntaxError or TemplateError."""
        if name not in self._trees:
            source, path, _ = self._loader.get_source(self._environment, name)
            self._trees[name] = self._environment.parse(source, name, path), path
        return self._trees[name]

    # -- rendering

    def words(self) -> TemplateModule:
        return self._environment.get_template(_WORDS).module

    def compiled(self) -> dict[Letter, _Templates]:
        """Every letter, ready to render."""
        get = self._environment.get_template
        words = get(_WORDS).module
        for name in _MOMENTS:
            self._environment.filters[name] = filters.moment_in(getattr(words, f"{name}_pattern"))
        compiled = {}
        for letter in Letter:
            subject, body, page = (get(f"{letter}/{file}") for file in _FILES)
            compiled[letter] = _Templates(subject, body, page, self._language_of(letter))
        return compiled

    def _language_of(self, letter: Letter) -> str:
        found = self._shelf.find(f"{letter}/body.txt", self._chain)
        assert found is not None
        return found[1] or self._code


def _used(tree: nodes.Template) -> Iterator[tuple[str, bool]]:
    """The files a template needs, and whether each has a world of its own (an import) or shares the letter's values."""
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        template: nodes.Node = node.template  # type: ignore[attr-defined]  # all four have it, their base class has not
        if isinstance(template, nodes.Const) and isinstance(template.value, str):
            own = isinstance(node, nodes.Import | nodes.FromImport) and not node.with_context
            yield template.value, own


def _misnamed(shelf: Shelf) -> Iterator[str]:
    """Folders that no letter is read from: a slip that would otherwise go unnoticed."""
    for folders in shelf.languages.values():
        for folder in folders:
            for path in sorted(folder.iterdir()):
                if path.is_dir() and path.name not in set(Letter):
                    yield f"{path}: no letter is called {path.name!r}{check.nearest(path.name, Letter)}"
