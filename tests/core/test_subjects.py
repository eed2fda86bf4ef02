"""Subjects: the same matter keeps one subject, however often it is answered, forwarded and tagged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.core.subjects import base_subject, clean_subject, is_answer, is_forward, subject_key

MATTER = "Printer stops after page two"
BASE = MATTER.casefold()


class TestBaseSubject:
    @pytest.mark.parametrize(
        "subject",
        [
            MATTER,
            "PRINTER STOPS AFTER PAGE TWO",
            "  Printer  stops\tafter page two ",
            f"Re: {MATTER}",
            f"RE: {MATTER}",
            f"re:{MATTER}",
            f"Re : {MATTER}",
            f"Re[2]: {MATTER}",
            f"Re(3): {MATTER}",
            f"Re^4: {MATTER}",
            f"AW: {MATTER}",
            f"AW: WG: AW: {MATTER}",
            f"Antw: {MATTER}",
            f"Antwort: {MATTER}",
            f"SV: {MATTER}",
            f"VS: {MATTER}",
            f"Vá: {MATTER}",
            "Va\u0301: " + MATTER,  # the accent as a mark of its own
            f"R: {MATTER}",
            f"RIF: {MATTER}",
            f"Res: {MATTER}",
            f"Odp: {MATTER}",
            f"YNT: {MATTER}",
            f"İLT: {MATTER}",
            f"Отв: {MATTER}",
            f"ΑΠ: {MATTER}",
            f"回复：{MATTER}",
            f"回覆： {MATTER}",
            f"返信: {MATTER}",
            f"RE： {MATTER}",
            f"Fwd: {MATTER}",
            f"FW: {MATTER}",
            f"WG: {MATTER}",
            f"TR: {MATTER}",
            f"RV: {MATTER}",
            f"Doorst: {MATTER}",
            f"转发: {MATTER}",
            f"[Fwd: {MATTER}]",
            f"{MATTER} (fwd)",
            f"Re: {MATTER} (fwd) (fwd)",
            f"[Acme #1042] {MATTER}",
            f"Re: [Acme #1042] {MATTER}",
            f"[Acme #1042] AW: {MATTER}",
            f"AW: {MATTER} [Acme #1042]",
            "AW: Printer stops [ACME #1042] after page two",
            f"[EXTERN] AW: [EXTERNAL] Re: {MATTER}",
        ],
    )
    def test_is_the_same_however_it_was_answered(self, subject: str) -> None:
        assert base_subject(subject, "Acme") == BASE

    @pytest.mark.parametrize(
        ("subject", "base"),
        [
            ("", ""),
            ("Re:", ""),
            ("Re: Aw: Fwd:", ""),
            ("Release 4: broken", "release 4: broken"),
            ("Printer: out of order", "printer: out of order"),  # no mark, though it ends in a colon
            ("Tr 1042 delayed", "tr 1042 delayed"),
            ("Reminder re: invoice", "reminder re: invoice"),  # only in front
            ("[Other #7] Printer", "[other #7] printer"),  # another desk's tag tells matters apart
            ("Re: [users] Printer", "[users] printer"),
            ("[users] Re: Printer", "[users] printer"),
            ("[users] Re: [users] Printer", "[users] printer"),
            ("Straße gesperrt", "strasse gesperrt"),
            ("Ｐｒｉｎｔｅｒ", "printer"),
        ],
    )
    def test_is_what_is_left(self, subject: str, base: str) -> None:
        assert base_subject(subject, "Acme") == base

    def test_without_a_prefix_every_desk_tag_goes(self) -> None:
        assert base_subject("[Other #7] Printer") == "printer"

    @given(
        st.lists(st.sampled_from(["Re: ", "AW:", "WG: ", "[Acme #7] ", "回复：", "RE[3]: ", "[Fwd: "])),
        st.text(max_size=60),
    )
    def test_answering_changes_nothing(self, marks: list[str], text: str) -> None:
        assert base_subject("".join(marks[:5]).replace("[Fwd: ", "Fwd: ") + text, "Acme") == base_subject(text, "Acme")

    @given(st.text(max_size=80))
    def test_is_its_own_base(self, text: str) -> None:
        base = base_subject(text, "Acme")

        assert base_subject(base, "Acme") == base


class TestSubjectKey:
    def test_answers_find_the_matter(self) -> None:
        key = subject_key(MATTER, "Acme")

        assert len(key) == 64
        assert subject_key(f"AW: [Acme #1042] {MATTER}", "Acme") == key

    def test_other_matters_have_other_keys(self) -> None:
        assert subject_key("Printer stops after page two", "Acme") != subject_key(
            "Printer stops after page three", "Acme"
        )
        assert subject_key("[Other #7] Printer", "Acme") != subject_key("[Other #8] Printer", "Acme")

    @pytest.mark.parametrize(
        "subject",
        [
            "",
            "Re:",
            "help",
            "Help!",
            "HELP ME PLEASE",
            "Re: question",
            "Quick question",
            "Urgent!!! Help needed",
            "hello",
            "Hi there",
            "(no subject)",
            "<no subject>",
            "Your order",
            "Good morning",
            "???",
            "Hilfe",
            "AW: Anfrage",
            "Eine Frage zur Rechnung",
            "Guten Tag",
            "(Kein Betreff)",
            "Dringend!",
            "Bestellung",
            "Bonjour",
            "Problème",
            "(sin asunto)",
            "Ayuda",
            "Vraag",
            "Pytanie",
            "PC",
            "v2.1",
        ],
    )
    def test_what_everybody_writes_finds_nothing(self, subject: str) -> None:
        assert subject_key(subject, "Acme") == ""

    @pytest.mark.parametrize(
        "subject", ["Printer help", "Frage zu Drucker", "Order 48213", "Login broken", "打印机坏了吗"]
    )
    def test_one_telling_word_is_enough(self, subject: str) -> None:
        assert subject_key(subject, "Acme")


class TestMarks:
    @pytest.mark.parametrize(
        "subject",
        ["Fwd: x", "FW: x", "WG: x", "TR: x", "RV: x", "ENC: x", "转发：x", "[Fwd: x]", "[EXTERN] WG: x", "Fwd: Re: x"],
    )
    def test_of_forwarding(self, subject: str) -> None:
        assert is_forward(subject)
        assert not is_answer(subject, "Acme")

    @pytest.mark.parametrize(
        "subject", ["Re: x", "AW: x", "Re: Fwd: x", "RE[2]: x", "[users] Re: x", "回复：x", "[Acme #7] x"]
    )
    def test_of_answering(self, subject: str) -> None:
        assert is_answer(subject, "Acme")
        assert not is_forward(subject)

    @pytest.mark.parametrize("subject", ["", "x", "Forward planning", "Re x", "Return: x", "[Other #7] x", "a  b"])
    def test_of_neither(self, subject: str) -> None:
        assert not is_answer(subject, "Acme")
        assert not is_forward(subject)


class TestShowing:
    @pytest.mark.parametrize(
        ("subject", "shown"),
        [
            (MATTER, MATTER),
            (f"AW: Re: {MATTER} [Acme #1042]", MATTER),
            ("  Straße   gesperrt ", "Straße gesperrt"),
            ("two\r\nlines", "two lines"),
            ("[Other #7] Printer", "[Other #7] Printer"),
            ("Re:", ""),
            (f"{MATTER} [Acme #7] ref:{'a2' * 20}", MATTER),  # nobody else's to read
            (f"{MATTER} ref: {'A2' * 20}", MATTER),
        ],
    )
    def test_is_one_line_as_it_was_written(self, subject: str, shown: str) -> None:
        assert clean_subject(subject, 80, "Acme") == shown

    def test_is_cut_where_it_is_too_long(self) -> None:
        assert clean_subject("Printer stops after page two", 14) == "Printer stops…"

    @given(st.text(), st.integers(1, 100))
    def test_is_never_longer_and_never_two_lines(self, subject: str, limit: int) -> None:
        shown = clean_subject(subject, limit, "Acme")

        assert len(shown) <= limit
        assert len(shown.splitlines()) <= 1
