"""The language of a mail, told from few words: wrong is worse than unsure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.core.language import detect, from_header

SHORT = [
    ("de", "Drucker geht nicht"),
    ("de", "Rechnung falsch"),
    ("de", "Kein Zugriff auf Laufwerk P:"),
    ("de", "Update fehlgeschlagen"),
    ("de", "geht wieder, danke"),
    ("de", "2 neue Monitore bitte"),
    ("en", "printer broken"),
    ("en", "Laptop won't start"),
    ("en", "Update failed"),
    ("en", "VPN connection drops"),
    ("en", "Error message when starting Excel"),
    ("en", "thanks, works now"),
    ("fr", "Imprimante en panne"),
    ("fr", "Mot de passe oublié"),
    ("es", "La impresora no funciona"),
    ("it", "Non riesco ad accedere"),
    ("pt", "Não consigo entrar na minha conta"),
    ("nl", "De printer doet het niet"),
    ("pl", "Drukarka nie działa"),
    ("sv", "Skrivaren fungerar inte"),
    ("da", "Printeren virker ikke"),
    ("nb", "Skriveren virker ikke, kan dere hjelpe meg"),
    ("fi", "Tulostin ei toimi"),
    ("cs", "Tiskárna nefunguje"),
    ("hu", "A nyomtató nem működik"),
    ("ro", "Imprimanta nu funcționează"),
    ("tr", "Yazıcı çalışmıyor"),
    ("ru", "Принтер не работает"),
    ("uk", "Принтер не працює"),
    ("el", "Ο εκτυπωτής δεν λειτουργεί"),
    ("ja", "プリンターが動きません"),
    ("zh", "打印机坏了"),
    ("ko", "프린터가 작동하지 않습니다"),
]


@pytest.mark.parametrize(("code", "text"), SHORT)
def test_a_few_words_are_enough(code: str, text: str) -> None:
    assert detect(text) == code


@pytest.mark.parametrize(("code", "text"), SHORT)
def test_a_language_we_do_not_write_is_not_taken_for_one_we_do(code: str, text: str) -> None:
    assert detect(text, ("de", "en")) == (code if code in {"de", "en"} else "")


@pytest.mark.parametrize(
    "text",
    ["", "  \n", "12345", "SAP", "Outlook 365", "ERR_CONNECTION_REFUSED 0x80070005", "https://the.example/is/not?and=we",
     "C:\\the\\and\\with.txt", "the.and@we.example"],
)  # fmt: skip
def test_what_is_in_no_language_is_in_none(text: str) -> None:
    assert detect(text) == ""


def test_the_code_is_the_one_asked_for() -> None:
    assert detect("Drucker geht nicht", ("en-GB", "de-AT")) == "de-AT"
    assert detect("Drucker geht nicht", ("de", "de-AT")) == "de"


def test_only_the_beginning_is_read() -> None:
    german = "Der Drucker geht nicht mehr. " * 150

    assert detect(german + "The printer does not work anymore. " * 1_000) == "de"


def test_a_few_foreign_words_change_nothing() -> None:
    assert (
        detect("Hallo, beim Start kommt 'The file is not there', was kann ich tun? Ich brauche das heute noch.") == "de"
    )


@given(st.text())
def test_any_text_has_one_of_the_languages_to_choose_from_or_none(text: str) -> None:
    assert detect(text, ("de", "en")) in {"de", "en", ""}


@pytest.mark.parametrize("flood", ["x " * 100_000, "ä" * 200_000, "a@" * 100_000, "a'" * 100_000, "\\" * 200_000])
@pytest.mark.timeout(5)
def test_a_flood_is_not_read_to_its_end(flood: str) -> None:
    for _ in range(50):
        detect(flood)


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("de", "de"),
        ("de-DE", "de"),
        (" EN-us ", "en"),
        ("de-AT, de-DE", "de"),
        ("de, en", ""),
        ("", ""),
        ("i-klingon", ""),
        ("x-private", ""),
        ("deutsch", ""),
        ("zh-Hant-TW", "zh"),
    ],
)
def test_a_header_may_give_a_hint(field: str, code: str) -> None:
    assert from_header(field) == code
