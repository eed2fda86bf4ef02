"""Every letter can be written, in every language that is delivered."""

from __future__ import annotations

import pytest

from mailproc.core.letters import Letter
from mailproc.resources import config_folder, templates_folder

LANGUAGES = ["en", "de"]
PARTS = ["subject.txt", "body.txt", "body.html"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("letter", Letter)
def test_a_letter_is_a_folder_of_three_templates(language: str, letter: Letter) -> None:
    folder = templates_folder() / language / letter.value

    assert [part for part in PARTS if not (folder / part).is_file() or not (folder / part).read_text().strip()] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_template_is_there_for_a_letter_nobody_writes(language: str) -> None:
    folders = {path.name for path in (templates_folder() / language).iterdir() if (path / "subject.txt").exists()}

    assert folders == {letter.value for letter in Letter}


def test_in_a_checkout_templates_and_configuration_are_the_top_level_folders() -> None:
    assert templates_folder().is_dir()
    assert config_folder().is_dir()
    assert templates_folder().parent == config_folder().parent
