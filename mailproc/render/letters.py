"""Letters: from values to a subject, a text and an HTML page, by templates that were all checked when loaded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import jinja2
from jinja2 import BaseLoader, Environment, StrictUndefined, Template, nodes
from jinja2.environment import TemplateModule

from mailproc.core.letter_values import VALUES_OF, LetterValues
from mailproc.core.letters import Letter
from mailproc.render import check, filters, text
from mailproc.render.languages import LAST_RESORT, Shelf, fall_back_chain
from mailproc.render.sandbox import Sandbox

_FILES: Final = ("subject.txt", "body.txt", "body.html")

#: What a template says that it needs, read without understanding it.
_NEEDED: Final = re.compile(r'\{%-? *(?:extends|include|import|from) +"([^"]+)"')

#: How a language writes a moment: at length, in a line of text.
_MOMENTS: Final = ("moment", "shortly")

#: The file in which a language keeps what filters need: how it writes a moment.
_WORDS: Final = "words.txt"


#: What stood in each file of a language, and where it was; and which language each letter is in.
_Read = tuple[Mapping[str, tuple[str, str]], Mapping[Letter, str]]


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

    `proven`: these very files were checked before, as those we deliver are; looking at them again takes a second.
    """

    def __init__(self, folders: Sequence[Path], default_language: str, *, proven: bool = False) -> None:
        self._default = default_language
        try:
            self._shelf = shelf = Shelf.of(folders)
        except OSError as error:
            raise TemplateError(
                f"{error.filename}: the folder of the letters can't be read: {error.strerror}"
            ) from error
        wrong = list(_misnamed(shelf))
        self._languages: dict[str, _Language] = {}
        for code in sorted({*shelf.languages, LAST_RESORT}):
            language = _Language(shelf, code, fall_back_chain(code, default_language))
            wrong += language.held() if proven else language.faults()
            self._languages[code] = language
        if wrong:
            raise TemplateError("\n".join(dict.fromkeys(wrong)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled with all that was read: elsewhere it is the same letters, whatever became of the files."""
        read = {code: (each.texts, each.spoken) for code, each in self._languages.items()}
        return _read_before, (self._shelf, self._default, read)

    def render(self, letter: Letter, values: LetterValues, language: str, time_zone: str) -> Rendered:
        """The letter for a reader. Raises TypeError when the values are another letter's."""
        if type(values) is not VALUES_OF[letter]:
            raise TypeError(f"{letter} is not written from {type(values).__name__}")
        templates = self._languages[self._nearest(language)].templates(letter)
        context = {name: getattr(values, name) for name in _FIELDS[type(values)]}
        context["reader"] = filters.reader(templates.language, time_zone)
        return Rendered(
            subject=text.line(templates.subject.render(context), 300),
            text=text.tidied(templates.text.render(context).replace(text.TIE, " ")) + "\n",
            html=_plain_page(text.tidied(templates.html.render(context)) + "\n"),
            language=templates.language,
        )

    def _nearest(self, language: str) -> str:
        return next(code for code in fall_back_chain(language[:35], self._default) if code in self._languages)


def _read_before(shelf: Shelf, default_language: str, read: Mapping[str, _Read]) -> Letters:
    words = Letters.__new__(Letters)
    words._shelf, words._default = shelf, default_language  # noqa: SLF001 - the other half of `__reduce__`
    words._languages = {  # noqa: SLF001 - the same
        code: _Language(shelf, code, fall_back_chain(code, default_language), each) for code, each in read.items()
    }
    return words


def _plain_page(page: str) -> str:
    """The page in ASCII, so that it is sent as it is; as it came where that would be a quarter longer.

    All but its styles, in which a character reference means nothing (HTML, 13.1.2.1).
    """
    styles, end, body = page.rpartition("</style>")
    plain = body.encode("ascii", "xmlcharrefreplace")
    return f"{styles}{end}{plain.decode('ascii')}" if 4 * len(plain) <= 5 * len(body) else page


def words_of(folders: Sequence[Path], language: str) -> Mapping[str, Any]:
    """What a language's words define, by name: for documents. Raises TemplateError."""
    try:
        return vars(_Language(Shelf.of(folders), language, fall_back_chain(language, LAST_RESORT)).words())
    except (OSError, jinja2.TemplateError) as error:
        raise TemplateError(f"{_WORDS} ({language}): {error}") from error


_FIELDS: Mapping[type[LetterValues], tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in VALUES_OF.values()
}


@dataclass(frozen=True, slots=True)
class _File:
    """A template file, read once: its syntax tree, what it needs, and what it gives to who imports it."""

    path: str
    tree: nodes.Template
    used: tuple[tuple[str, bool], ...]
    exported: frozenset[str]


class _Loader(BaseLoader):
    """Reads templates along one language's chain, each once, and gives out those that were found to be sound.

    Of a sound one there is Python; it becomes code when it is first asked for, as a run needs few of all letters.
    """

    def __init__(self, shelf: Shelf, chain: Sequence[str], texts: Mapping[str, tuple[str, str]]) -> None:
        self._shelf, self._chain = shelf, chain
        self.texts = dict(texts)
        self._read: dict[str, _File] = {}
        self._sound: dict[str, tuple[str, str]] = {}

    def hold(self, environment: Environment) -> Iterator[str]:
        """Read every file, so that none can change before it is used; what is not there, or was cut to nothing."""
        for name in self._shelf.names():
            with suppress(jinja2.TemplateNotFound):
                self.get_source(environment, name)
        needed = {_WORDS, *(f"{letter}/{file}" for letter in Letter for file in _FILES)}
        needed |= {_file(used) for source, _ in self.texts.values() for used in _NEEDED.findall(source)}
        for name in sorted(needed):
            try:
                source, path, _ = self.get_source(environment, name)
            except jinja2.TemplateNotFound:
                yield f"{name}: no such template"
            else:
                if not source.strip():
                    yield f"{path}: it is empty"

    def read(self, environment: Environment, name: str) -> _File:
        """A file. Raises TemplateNotFound, TemplateSyntaxError or TemplateError."""
        if name not in self._read:
            source, path, _ = self.get_source(environment, name)
            tree = environment.parse(source, name, path)
            self._read[name] = _File(path, tree, tuple(_used(tree)), check.exported(tree))
        return self._read[name]

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002  - what jinja2 calls it with
        file = _file(template)
        if file not in self.texts:
            found = None if ".." in file.split("/") else self._shelf.find(file, self._chain)
            if found is None:
                raise jinja2.TemplateNotFound(template)
            try:
                self.texts[file] = found[0].read_text("utf-8-sig"), str(found[0])
            except (OSError, UnicodeDecodeError) as error:
                raise TemplateError(f"{found[0]}: can't be read as UTF-8: {error}") from error
        return *self.texts[file], lambda: True

    def translate(self, environment: Environment) -> Iterator[jinja2.TemplateSyntaxError]:
        """All that was read, to Python; what can't be. It takes the trees to pieces, so they are given up."""
        for name, file in self._read.items():
            try:
                self._sound[name] = environment.compile(file.tree, name, file.path, raw=True), file.path
            except jinja2.TemplateSyntaxError as error:
                yield error
        self._read.clear()

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002  - what jinja2 calls it
    ) -> Template:
        if name not in self._sound:
            return super().load(environment, name, globals)
        source, path = self._sound.pop(name)  # jinja2 keeps the template
        return environment.template_class.from_code(environment, compile(source, path, "exec"), globals or {})


def _file(template: str) -> str:
    """A language has its words once: `words.html` is the file `words.txt`, compiled so that it escapes its values.

    A macro escapes as the file it stands in does, but its result counts as safe where it is called.
    """
    return _WORDS if template == "words.html" else template


class _Language:
    """All templates as a reader of one language gets them; ready for letters when `faults` or `held` found none."""

    def __init__(self, shelf: Shelf, code: str, chain: Sequence[str], read: _Read | None = None) -> None:
        """`read`: elsewhere, before."""
        self._shelf, self._code, self._chain = shelf, code, chain
        self._loader = _Loader(shelf, chain, read[0] if read else {})
        self.spoken = read[1] if read else {letter: self._language_of(letter) for letter in Letter}
        self._letters: dict[Letter, _Templates] = {}
        self._has_moments = False
        self._environment = Sandbox(
            loader=self._loader, undefined=StrictUndefined, autoescape=lambda name: bool(name and name.endswith(".html")),
            trim_blocks=True, lstrip_blocks=True, auto_reload=False, cache_size=-1, optimized=False,
        )  # fmt: skip
        del self._environment.globals["lipsum"]
        everyday = filters.moment_in("")
        self._environment.filters |= {
            "moment": everyday, "shortly": everyday, "language_name": filters.language_name,
            "mailto": filters.mailto, "paragraphs": filters.paragraphs, "wrap": text.wrapped, "line": text.line,
            "joined": text.joined, "headline": text.headline, "beginning": text.beginning, "quoted": text.quoted,
        }  # fmt: skip

    # -- checking

    def faults(self) -> Iterator[str]:
        """What is wrong in any template this language uses, one line each."""
        imported: set[str] = set()
        for letter in Letter:
            known = {**check.fields_of(VALUES_OF[letter]), "reader": filters.Reader}
            for file in _FILES:
                yield from self._faults_in(f"{letter}/{file}", known, set(), imported)
        yield from self._faults_in(_WORDS, {}, imported, imported)
        for error in self._loader.translate(self._environment):
            yield f"{error.filename or error.name}, line {error.lineno}: {error.message}"
        yield from self._moments()

    def held(self) -> Iterator[str]:
        """What isn't there or can't be read, of files that are known to work."""
        try:
            yield from (f"{fault} ({self._code})" for fault in self._loader.hold(self._environment))
        except TemplateError as error:
            yield str(error)

    def _moments(self) -> Iterator[str]:
        """Write moments as the language's words say; what they don't."""
        self._has_moments = True
        try:
            module = self._environment.get_template(_WORDS).module
        except (jinja2.TemplateNotFound, jinja2.TemplateSyntaxError, TemplateError):
            return  # which was told
        except jinja2.TemplateError as error:
            yield f"{_WORDS} ({self._code}): {error}"
            return
        for name in _MOMENTS:
            pattern = getattr(module, f"{name}_pattern", None)
            if isinstance(pattern, str):
                self._environment.filters[name] = filters.moment_in(pattern)
            else:
                yield f"{_WORDS} ({self._code}): {name}_pattern is not set"

    def _faults_in(self, name: str, known: check.Names, seen: set[str], imported: set[str]) -> Iterator[str]:
        """Of a file and all it needs. What is imported has no values, so it is `imported` once for all letters."""
        if name in seen:
            return
        seen.add(name)
        try:
            file = self._loader.read(self._environment, name)
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
        for used, own in file.used:
            if name.endswith(".html") and not used.endswith(".html"):
                yield f"{file.path}: uses {used!r}, which does not escape; a page may use only .html files"
            if own:
                yield from self._faults_in(used, {}, imported, imported)
            else:
                yield from self._faults_in(used, known, seen, imported)
            modules[used] = self._exported(used)
        builtin: check.Names = dict.fromkeys(self._environment.globals)
        for fault in check.faults(file.tree, {**builtin, **known}, modules):
            yield f"{file.path}, line {fault.line}: {fault.words}"

    def _exported(self, name: str) -> frozenset[str]:
        """What an imported file gives; nothing when it can't be read, which is a fault of its own."""
        try:
            return self._loader.read(self._environment, name).exported
        except (jinja2.TemplateError, TemplateError):
            return frozenset()

    # -- rendering

    @property
    def texts(self) -> Mapping[str, tuple[str, str]]:
        return self._loader.texts

    def words(self) -> TemplateModule:
        return self._environment.get_template(_WORDS).module

    def templates(self, letter: Letter) -> _Templates:
        """A letter, ready to render."""
        if not self._has_moments:
            wrong = list(self._moments())
            assert not wrong, wrong
        if letter not in self._letters:
            subject, body, page = (self._environment.get_template(f"{letter}/{file}") for file in _FILES)
            self._letters[letter] = _Templates(subject, body, page, self.spoken[letter])
        return self._letters[letter]

    def _language_of(self, letter: Letter) -> str:
        found = self._shelf.find(f"{letter}/body.txt", self._chain)
        return (found and found[1]) or self._code


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
