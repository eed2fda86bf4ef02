"""Nothing but a closing and a name is no answer; the shortest answer is one."""

from __future__ import annotations

import pytest

from mailproc.core.closings import only_signature

NAMES = ("Anna Agent", "Acme Support")


@pytest.mark.parametrize(
    "words",
    [
        "Best regards\n\nAnna Agent\nAcme Support",
        "Mit freundlichen Grüßen,\nAnna Agent\nLeiterin IT und Support\n+49 30 123456\nanna@acme.example",
        "Viele Grüße, Anna",
        "Viele Gruesse\nAnna",
        "Cordialement,\nAnna Agent",
        "Un saludo.\n\nAnna",
        "よろしくお願いいたします。\n\nアンナ\nAcme Support",
        "Met vriendelijke groet\nAnna Agent | Acme Support",
        "KR\nAnna",
        "Anna",
        "Anna Agent\nAcme Support\nwww.acme.example",
        "--\nBest,\nAnna",
        "Best regards",
        "mfg",
    ],
)
def test_a_closing_alone(words: str) -> None:
    assert only_signature(words, NAMES)


@pytest.mark.parametrize(
    "words",
    [
        "", "  \n", "Yes.", "No", "Thanks!\nAnna", "Danke und viele Grüße\nAnna", "Done.\n\nBest regards\nAnna", "4.2",
        "Best regards\nplease restart the router", "Best regards\nAnna\n\nPS: restart it.", "Best regards\nIs it on?",
        "Hi Clara,\nBest regards\nAnna", "Restart", "Ben", "Best\n" + "Anna\n" * 20, "Best regards " * 10,
        "はい、できます。\nよろしくお願いいたします。", "Grüße an Ben", "Regards the printer: restart it",
    ],
)  # fmt: skip
def test_an_answer_however_short(words: str) -> None:
    assert not only_signature(words, NAMES)


@pytest.mark.timeout(5)
@pytest.mark.parametrize("piece", ["a", "A ", "Best regards\n", "+1 ", "a@", "-", "www.", "\n"])
def test_a_book_is_read_in_no_time(piece: str) -> None:
    for _ in range(20):
        assert not only_signature(piece * 10**6, NAMES)
