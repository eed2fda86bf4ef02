"""What is found, and what is refused, when the letters are loaded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, nodes
from jinja2.exceptions import SecurityError

from mailproc.core import letters
from mailproc.core.letters import Letter, TicketFacts
from mailproc.render.languages import fall_back_chain
from mailproc.render.letters import Letters, TemplateError
from mailproc.resources import templates_folder

TICKET = TicketFacts("Acme Support", "Acme", 7, "Printer")
VALUES = letters.Acknowledgement(TICKET, None)


@pytest.fixture(scope="module", autouse=True)
def ours_are_read_once() -> Iterator[None]:
    """Every test loads all we deliver beside its own file, always the same: jinja2 reads and translates them once."""
    trees: dict[tuple[str, ...], nodes.Template] = {}
    python: dict[int, Any] = {}
    parse, translate = Environment.parse, Environment.compile

    def parse_once(environment: Environment, *file: str) -> nodes.Template:
        if file not in trees:
            trees[file] = parse(environment, *file)
        return trees[file]

    def translate_once(environment: Environment, tree: Any, *rest: Any, **options: Any) -> Any:
        if not isinstance(tree, nodes.Template):
            return translate(environment, tree, *rest, **options)
        if id(tree) not in python:
            python[id(tree)] = translate(environment, tree, *rest, **options)
        return python[id(tree)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "parse", parse_once)
        patch.setattr(Environment, "compile", translate_once)
        yield


def put(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    return path


def load(own: Path, default: str = "en") -> Letters:
    return Letters([own, templates_folder()], default)


def refusal(own: Path) -> str:
    with pytest.raises(TemplateError) as caught:
        load(own)
    return str(caught.value)


def acknowledged(words: Letters, language: str) -> str:
    return words.render(Letter.ACKNOWLEDGEMENT, VALUES, language, "UTC").text


def test_all_we_deliver_is_sound() -> None:
    Letters([templates_folder()], "en")


class TestTheFallBackChain:
    @pytest.mark.parametrize(
        ("language", "default", "chain"),
        [
            ("de-AT", "fr", ("de-AT", "de", "fr", "en")),
            ("DE_at", "en", ("de-AT", "de", "en")),
            ("en", "de", ("en", "de")),
            ("", "de", ("de", "en")),
            ("zh-Hant-TW", "", ("zh-Hant-TW", "zh-Hant", "zh", "en")),
        ],
    )
    def test_goes_from_the_region_to_the_language_the_default_and_english(
        self, language: str, default: str, chain: tuple[str, ...]
    ) -> None:
        assert fall_back_chain(language, default) == chain

    def test_a_region_changes_single_files_of_its_language(self, tmp_path: Path) -> None:
        put(tmp_path, "de-AT/acknowledgement/subject.txt", "Servus [Acme #{{ ticket.number }}]\n")
        words = load(tmp_path)
        austrian = words.render(Letter.ACKNOWLEDGEMENT, VALUES, "de-AT", "UTC")
        assert austrian.subject == "Servus [Acme #7]"
        assert "Vielen Dank" in austrian.text
        assert austrian.language == "de"
        assert words.render(Letter.ACKNOWLEDGEMENT, VALUES, "de", "UTC").subject == "Re: Printer [Acme #7]"

    def test_an_unknown_language_gets_the_default(self, tmp_path: Path) -> None:
        words = load(tmp_path, "de")
        assert "Vielen Dank" in acknowledged(words, "fr")
        assert words.render(Letter.ACKNOWLEDGEMENT, VALUES, "fr", "UTC").language == "de"
        assert "Thank you" in acknowledged(words, "en-GB")

    def test_a_default_nobody_has_written_in_ends_at_english(self, tmp_path: Path) -> None:
        assert "Thank you" in acknowledged(load(tmp_path, "fr"), "nl")

    def test_a_hostile_language_is_only_an_unknown_one(self, tmp_path: Path) -> None:
        words = load(tmp_path)
        for hostile in ("../../etc", "de/../en", "x" * 10_000, "-" * 50, "\0", "{{7*7}}", " "):
            assert "Thank you" in acknowledged(words, hostile)


class TestTheOperatorsOwn:
    def test_letters_stand_before_ours_one_by_one(self, tmp_path: Path) -> None:
        put(tmp_path, "en/acknowledgement/body.txt", "We got {{ ticket.number }}.\n")
        words = load(tmp_path)
        assert acknowledged(words, "en") == "We got 7.\n"
        assert "Vielen Dank" in acknowledged(words, "de")
        assert "sorry" in words.render(Letter.REOPENED, letters.Reopened(TICKET, ""), "en", "UTC").text

    def test_base_replaces_ours_for_every_page(self, tmp_path: Path) -> None:
        put(tmp_path, "base.html", '<html lang="{{ reader.language }}">{% block letter %}{% endblock %}')
        words = load(tmp_path)
        for language in ("en", "de"):
            page = words.render(Letter.ACKNOWLEDGEMENT, VALUES, language, "UTC").html
            assert page.startswith(f'<html lang="{language}"><p>')

    def test_language_may_be_one_we_do_not_have(self, tmp_path: Path) -> None:
        put(tmp_path, "nl/acknowledgement/body.txt", "Dank u wel, {{ ticket.number }}.\n")
        words = load(tmp_path)
        assert acknowledged(words, "nl-BE") == "Dank u wel, 7.\n"
        assert words.render(Letter.REOPENED, letters.Reopened(TICKET, ""), "nl", "UTC").language == "en"

    def test_language_names_days_and_languages_in_its_own_letters_only(self, tmp_path: Path) -> None:
        put(
            tmp_path,
            "nl/acknowledgement/body.txt",
            "Antwoord: {{ answer_by | shortly }}, {{ 'de' | language_name }}.\n",
        )
        words, monday = load(tmp_path), datetime(2026, 3, 2, 9, tzinfo=UTC)
        own = words.render(Letter.ACKNOWLEDGEMENT, letters.Acknowledgement(TICKET, monday), "nl", "UTC")
        assert own.text == "Antwoord: ma 2 mrt 09:00, Duits.\n"
        fallen_back = words.render(Letter.CLOSURE, letters.Closure(TICKET, "confirmed", monday), "nl", "UTC")
        assert "Monday 2 March" in fallen_back.text


class TestRefusedWhenLoaded:
    @pytest.mark.parametrize(
        ("content", "line", "fault"),
        [
            ("Hello\n{{ tikcet.number }}", 2, "unknown variable 'tikcet'; did you mean 'ticket'?"),
            ("\n\n{{ ticket.numbr }}", 3, "unknown variable 'ticket.numbr'; did you mean 'number'?"),
            ("{% if answer_bye %}x{% endif %}", 1, "'answer_bye'; did you mean 'answer_by'?"),
            ("{% for x in ticket.number.items %}{% endfor %}", 1, "'ticket.number.items'"),
            ("{% set t = ticket %}\n{{ t.numbr }}", 2, "'t.numbr'; did you mean 'number'?"),
            ("{% import 'words.txt' as words %}\n{{ words.makrer }}", 2, "'words.makrer'; did you mean 'marker'?"),
            ("{{ ticket.number | momnt }}", 1, "No filter named 'momnt'"),
            ("a\n{% if answer_by %}", 2, "Unexpected end of template"),
            ("{{ reader.tongue }}", 1, "'reader.tongue'"),
            ("{% include 'wodrs.txt' %}", None, "no such template; did you mean 'words.txt'?"),
            ("{% macro m(a) %}{{ b }}{% endmacro %}{{ m(1) }}", 1, "unknown variable 'b'"),
            ("{% for each in [1] %}{{ each }}{% endfor %}\n{{ each }}", 2, "unknown variable 'each'"),
        ],
    )
    def test_what_a_letter_has_not(self, tmp_path: Path, content: str, line: int | None, fault: str) -> None:
        path = put(tmp_path, "en/acknowledgement/body.txt", content)
        said = refusal(tmp_path)
        assert fault in said
        if line is not None:
            assert f"{path}, line {line}: " in said

    @pytest.mark.parametrize(
        ("letter", "content", "fault"),
        [
            (
                "survey",
                "{% for rating in ratings %}{{ rating.adress }}{% endfor %}",
                "'rating.adress'; did you mean 'address'?",
            ),
            (
                "notification",
                "{% for one in earlier %}{{ one.autor }}{% endfor %}",
                "'one.autor'; did you mean 'author'?",
            ),
            ("notification", "{{ accept.addres }}", "'accept.addres'; did you mean 'address'?"),
            ("notification", "{{ earlier[0].autor }}", "'earlier[].autor'; did you mean 'author'?"),
            ("receipt", "{% for one in done if one.chnge %}{% endfor %}", "'one.chnge'; did you mean 'change'?"),
        ],
    )
    def test_attributes_of_nested_values(self, tmp_path: Path, letter: str, content: str, fault: str) -> None:
        put(tmp_path, f"en/{letter}/body.txt", content)
        assert fault in refusal(tmp_path)

    def test_every_fault_of_every_language_is_told_at_once(self, tmp_path: Path) -> None:
        put(tmp_path, "en/acknowledgement/body.txt", "{{ one }}\n{{ two }}")
        put(tmp_path, "de/survey/subject.txt", "{{ three }}")
        said = refusal(tmp_path)
        assert all(name in said for name in ("'one'", "'two'", "'three'"))
        assert len(said.splitlines()) == len(set(said.splitlines())) == 3

    def test_a_folder_that_is_no_letter(self, tmp_path: Path) -> None:
        put(tmp_path, "en/acknowlegement/body.txt", "x")
        assert "did you mean 'acknowledgement'?" in refusal(tmp_path)

    def test_a_file_that_is_not_utf8(self, tmp_path: Path) -> None:
        put(tmp_path, "en/answer/body.txt", "").write_bytes("Grüße".encode("latin-1"))
        assert "UTF-8" in refusal(tmp_path)

    def test_a_page_that_takes_words_from_a_file_that_does_not_escape(self, tmp_path: Path) -> None:
        put(tmp_path, "en/mine.txt", "{% macro m(x) %}{{ x }}{% endmacro %}")
        put(tmp_path, "en/answer/body.html", "{% import 'mine.txt' as mine %}{{ mine.m(text) }}")
        assert "does not escape" in refusal(tmp_path)

    def test_words_without_a_pattern_for_moments(self, tmp_path: Path) -> None:
        put(tmp_path, "nl/words.txt", "{% set marker = '##- x -##' %}")
        assert "moment_pattern is not set" in refusal(tmp_path)

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        assert str(tmp_path / "none") in refusal(tmp_path / "none")

    def test_a_folder_without_any_letter(self, tmp_path: Path) -> None:
        with pytest.raises(TemplateError, match="no such template"):
            Letters([tmp_path], "en")


@pytest.mark.parametrize(
    "reach",
    [
        "words.buttons.clear()", "words.buttons.__class__.__mro__", "words.tag.__call__.__globals__", "words['__class__'].x",
        "(ticket | attr('__class__')).x", "('' ~ ticket.desk).__class__.x", "words.marker.format.__self__.__class__.x",
    ],
)  # fmt: skip
def test_an_operator_s_letter_reaches_values_and_nothing_behind_them(tmp_path: Path, reach: str) -> None:
    put(tmp_path, "en/acknowledgement/subject.txt", '{% import "words.txt" as words %}{{ ' + reach + " }}")
    with pytest.raises((TemplateError, SecurityError)):
        load(tmp_path).render(Letter.ACKNOWLEDGEMENT, VALUES, "en", "UTC")


def test_values_of_another_letter_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="acknowledgement is not written from Help"):
        load(tmp_path).render(Letter.ACKNOWLEDGEMENT, letters.Help(TICKET, ()), "en", "UTC")


class TestProven:
    """Files that were checked before: they are read, and not looked at."""

    def test_letters_are_what_was_read_whatever_becomes_of_the_file(self, tmp_path: Path) -> None:
        path = put(tmp_path, "en/acknowledgement/body.txt", "We got {{ ticket.number }}.\n")
        words = Letters([tmp_path, templates_folder()], "en", proven=True)
        path.write_text("{{ nonsense }}")
        assert acknowledged(words, "en") == "We got 7.\n"

    def test_say_the_same_as_if_they_were_looked_at(self, tmp_path: Path) -> None:
        proven, looked_at = Letters([templates_folder()], "de", proven=True), load(tmp_path, "de")
        closed = letters.Closure(TICKET, "confirmed", datetime(2026, 3, 2, 9, tzinfo=UTC))
        for language in ("en", "de"):
            both = [words.render(Letter.CLOSURE, closed, language, "Europe/Berlin") for words in (proven, looked_at)]
            assert both[0] == both[1]

    def test_one_that_can_t_be_read_is_told(self, tmp_path: Path) -> None:
        put(tmp_path, "en/answer/body.txt", "").write_bytes("Grüße".encode("latin-1"))
        with pytest.raises(TemplateError, match="UTF-8"):
            Letters([tmp_path, templates_folder()], "en", proven=True)

    @pytest.mark.parametrize("name", ["parts.txt", "base.html", "en/words.txt", "en/answer/body.txt"])
    @pytest.mark.parametrize("cut", [True, False])
    def test_an_installation_that_is_not_whole_is_told(self, tmp_path: Path, name: str, *, cut: bool) -> None:
        shutil.copytree(templates_folder(), tmp_path, dirs_exist_ok=True)
        (tmp_path / name).write_text("") if cut else (tmp_path / name).unlink()
        with pytest.raises(TemplateError, match=rf"{Path(name).name}: (it is empty|no such template)"):
            Letters([tmp_path], "en", proven=True)
