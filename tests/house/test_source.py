"""What the house asks of source code beyond what linters know."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.testlib.repository import ROOT, files, name

LONGEST_MODULE = 400  # lines
LONGEST_FUNCTION = 60  # lines, decorators and docstring included
EMPTY_WORDS = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc"}
SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|pragma|mypy:|ruff:|nosec|pylint:|pyright:)", re.IGNORECASE)
DIRECTIVE = re.compile(
    r"#\s*(?:ruff:\s*)?noqa(?::\s*[A-Z]+\d+(?:[,\s]+[A-Z]+\d+)*)?|#\s*type:\s*ignore(?:\[[\w\-, ]*\])?"
    r"|#\s*pragma:?\s*no\s*\w+|#\s*(?:mypy|pyright|pylint|ruff):\s*[\w=\-, ]+|#\s*nosec(?:\s+B\d+)*",
    re.IGNORECASE,
)
# Names of the place where this was written, and of the shops its parts came from: nothing may depend on them.
FOREIGN = re.compile(
    "|".join([r"(?<![\w.-])/wo" + r"rk\b", r"\.\./sha" + "red", "pypi" + r"\.org", "python" + "hosted"])
)

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(nodes: Iterable[ast.AST]) -> Iterator[Function]:
    return (node for node in nodes if isinstance(node, Function))


def length(function: Function) -> int:
    first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
    return (function.end_lineno or first) - first + 1


def words(identifier: str) -> set[str]:
    """The words of a name: `MailManager_two` is mail, manager, two."""
    return {word.casefold() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", identifier)}


def unexplained(source: str) -> Iterator[int]:
    """Lines on which a gate is silenced without a reason. The reason may stand in the comment line above."""
    comments = {
        token.start[0]: token
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    for line, token in comments.items():
        if not SUPPRESSION.search(token.string):
            continue
        reason = DIRECTIVE.sub("", token.string)
        above = comments.get(line - 1)
        if above is not None and above.line.strip().startswith("#"):
            reason += above.string
        if len(re.findall(r"\w{2,}", reason)) < 2:
            yield line


@dataclass(frozen=True)
class Source:
    """A file of ours, as text and as Python sees it."""

    path: Path
    text: str
    nodes: list[ast.AST]


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    texts = {path: path.read_text() for path in files(".py")}
    return [Source(path, text, list(ast.walk(ast.parse(text)))) for path, text in texts.items()]


def test_modules_are_short_enough_to_be_read(sources: list[Source]) -> None:
    lines = {name(each.path): len(each.text.splitlines()) for each in sources}
    assert {path: count for path, count in lines.items() if count > LONGEST_MODULE} == {}


def test_functions_are_short_enough_to_be_read(sources: list[Source]) -> None:
    lines = {f"{name(each.path)}: {node.name}": length(node) for each in sources for node in functions(each.nodes)}
    assert {function: count for function, count in lines.items() if count > LONGEST_FUNCTION} == {}


def test_names_say_what_a_thing_is(sources: list[Source]) -> None:
    empty = []
    for each in sources:
        classes = [node.name for node in each.nodes if isinstance(node, ast.ClassDef)]
        places = [part.removesuffix(".py") for part in each.path.relative_to(ROOT).parts]
        empty += [f"{name(each.path)}: {word}" for word in places + classes if words(word) & EMPTY_WORDS]
    assert empty == []


def test_whoever_silences_a_gate_says_why(sources: list[Source]) -> None:
    silent = [each for each in sources if SUPPRESSION.search(each.text)]
    assert [f"{name(each.path)}:{line}" for each in silent for line in unexplained(each.text)] == []


def test_nothing_names_the_place_it_was_written_at() -> None:
    found = []
    for path in files():
        text = path.read_bytes().decode(errors="replace")
        found += [f"{name(path)}:{number}" for number, line in enumerate(text.splitlines(), 1) if FOREIGN.search(line)]

    assert found == []


class TestTheRulesThemselves:
    """A rule that can't fail keeps nothing."""

    def test_length_counts_decorators_and_nested_functions(self) -> None:
        source = "@one\n@two\ndef f():\n    async def g():\n        pass\n    return g\n"

        assert {node.name: length(node) for node in functions(ast.walk(ast.parse(source)))} == {"f": 6, "g": 2}

    @pytest.mark.parametrize("identifier", ["utils", "mail_utils", "MailManager", "HTTPHelper", "common"])
    def test_empty_words_are_seen(self, identifier: str) -> None:
        assert words(identifier) & EMPTY_WORDS

    @pytest.mark.parametrize(
        ("comment", "explained"),
        [
            ("# noqa: BLE001", False),
            ("# noqa", False),
            ("# noqa: BLE001, S110", False),
            ("# noqa: BLE001 - a parser may raise anything", True),
            ("# type: ignore[arg-type]", False),
            ("# type: ignore[arg-type]  # the stub is wrong here", True),
            ("# pragma: no cover", False),
            ("# pragma: no cover - only without a database", True),
            ("# the noqa list is long", True),
        ],
    )
    def test_a_reason_is_more_than_a_code(self, comment: str, explained: bool) -> None:
        assert (list(unexplained(f"x = 1  {comment}\n")) == []) is explained

    def test_a_reason_may_stand_above(self) -> None:
        assert list(unexplained("# The stub is wrong here.\nx = 1  # type: ignore[arg-type]\n")) == []
        assert list(unexplained("y = 2  # something else entirely\nx = 1  # noqa: F401\n")) == [2]

    @pytest.mark.parametrize("parts", [("see /wo", "rk/main"), ("../sha", "red/x"), ("https://pypi", ".org/simple")])
    def test_foreign_names_are_seen(self, parts: tuple[str, str]) -> None:
        assert FOREIGN.search("".join(parts))
        assert not FOREIGN.search("network/work and homework")
