"""Canned answers: found by name and language, filled in, and checked when they are loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailproc.render.canned import Canned
from mailproc.render.letters import TemplateError
from mailproc.resources import templates_folder


def written(folder: Path, **texts: str) -> Path:
    (folder / "canned").mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / "canned" / f"{name.replace('__', '.')}.txt").write_text(text, "utf-8")
    return folder


def filled(canned: Canned, name: str, language: str) -> str | None:
    return canned.fill(name, language, customer="Clara Jones", number=7, agent="Anna")


def test_ours_are_there_in_both_languages() -> None:
    ours = Canned([templates_folder()], "en")
    assert ours.names == ("more-details", "reset-password")
    for name in ours.names:
        english, german = filled(ours, name, "en"), filled(ours, name, "de")
        assert english is not None and german is not None
        assert english.startswith("Hello Clara Jones,") and english.endswith("Anna")
        assert german.startswith("Guten Tag Clara Jones,")
    bare = ours.fill("reset-password", "en", customer="", number=7, agent="Anna")
    assert bare is not None and bare.startswith("Hello,")


@pytest.mark.parametrize(("language", "text"), [("de-AT", "ja"), ("fr", "yes"), ("", "yes"), ("en-GB", "yes")])
def test_the_next_best_language_is_taken(tmp_path: Path, language: str, text: str) -> None:
    assert filled(Canned([written(tmp_path, a__en="yes", a__de="ja")], "en"), "A", language) == text


def test_one_that_exists_in_another_language_only_is_better_than_none(tmp_path: Path) -> None:
    assert filled(Canned([written(tmp_path, a__fr="oui")], "en"), "a", "de") == "oui"
    assert filled(Canned([written(tmp_path, a__fr="oui")], "en"), "b", "de") is None


def test_the_operator_s_own_replace_ours(tmp_path: Path) -> None:
    canned = Canned(
        [written(tmp_path, **{"reset-password__en": "Call {{ agent }} about {{ number }}."}), templates_folder()], "en"
    )
    assert filled(canned, "reset-password", "en") == "Call Anna about 7."
    assert (filled(canned, "reset-password", "de") or "").startswith("Guten Tag")


def test_values_are_data(tmp_path: Path) -> None:
    canned = Canned([written(tmp_path, a__en="Hello {{ customer }}!")], "en")
    shown = canned.fill("a", "en", customer="{{ 7*7 }}\n#resolve <b>", number=7, agent="Anna")
    assert shown == "Hello {{ 7*7 }} #resolve <b>!"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a__en", "Hello {{ custommer }}", "a.en.txt, line 1: unknown variable 'custommer'; did you mean 'customer'?"),
        ("a__en", "\n{% if %}", "a.en.txt, line 2: "),
        ("a", "Hello", "a.txt: a canned answer is called NAME.LANGUAGE.txt"),
    ],
)
def test_what_can_t_work_is_told_when_it_is_loaded(tmp_path: Path, name: str, text: str, told: str) -> None:
    with pytest.raises(TemplateError) as caught:
        Canned([written(tmp_path, **{name: text})], "en")
    assert told in str(caught.value)


@pytest.mark.parametrize("text", ["{{ ().__class__.__base__.__subclasses__() }}", "{{ number / 0 }}"])
def test_what_only_running_it_shows_is_told_when_it_is_loaded(tmp_path: Path, text: str) -> None:
    with pytest.raises(TemplateError, match=r"a\.en\.txt: "):
        Canned([written(tmp_path, a__en=text)], "en")
