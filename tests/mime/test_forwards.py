"""Mails forwarded within the words of another: found in every client's form, in many languages, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.core.forward import Forwarded
from mailproc.mime.forwards import read_forward
from mailproc.mime.quoting import split_reply
from tests.testlib.forwarding import (
    ALL,
    BODY,
    CLARA,
    LANGUAGES,
    MARKED,
    OWN_FORMS,
    SUPPORT,
    UNMARKED,
    Client,
    apple,
    gmail,
    mutt,
    outlook,
    outlook_for_mac,
    thunderbird,
    yandex,
)  # fmt: skip

NOTE = "Can you take this one?"


def name(client: Client) -> str:
    return client.__name__


def is_claras(found: Forwarded | None) -> bool:
    assert found is not None
    assert (found.address, found.name, found.subject) == ("clara@customer.example", "Clara Customer", "The lamp")
    assert found.body.strip() == BODY
    return True


class TestClients:
    @pytest.mark.parametrize("client", [*MARKED, gmail], ids=name)
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_that_say_so(self, client: Client, language: str) -> None:
        text = client(LANGUAGES[language], CLARA, BODY)
        for subject in (None, "Fwd: The lamp", "A question"):
            found = read_forward(text, subject)
            assert is_claras(found)
            assert found is not None
            assert found.message == ""

    @pytest.mark.parametrize("client", UNMARKED, ids=name)
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_that_only_write_the_header(self, client: Client, language: str) -> None:
        text = client(LANGUAGES[language], CLARA, BODY)
        for subject in (None, "Fwd: The lamp", "A question"):
            assert is_claras(read_forward(text, subject))
        assert read_forward(text, "Re: The lamp") is None

    @pytest.mark.parametrize("client", OWN_FORMS, ids=lambda client: client.__name__)
    def test_in_their_own_form(self, client: Callable[[str, str], str]) -> None:
        assert is_claras(read_forward(client(CLARA, BODY)))

    def test_that_introduce_the_mail(self) -> None:
        found = read_forward(yandex(BODY), "Fwd: The lamp")
        assert is_claras(found)

    @pytest.mark.parametrize("client", ALL)
    def test_what_the_forwarder_wrote_above(self, client: str) -> None:
        text = f"{NOTE}\n\nAdam\n\n{ALL[client](CLARA, BODY)}"
        found = read_forward(text, "Fwd: The lamp")
        assert is_claras(found)
        assert found is not None
        assert found.message == f"{NOTE}\n\nAdam"

    @pytest.mark.parametrize("client", ALL)
    def test_a_mail_forwarded_twice_is_read_from_the_outside(self, client: str) -> None:
        inner = outlook(LANGUAGES["en"], "Dora <dora@elsewhere.example>", "Hello Clara!")
        found = read_forward(ALL[client](CLARA, f"See below.\n\n{inner}"), "Fwd: The lamp")
        assert found is not None
        assert found.address == "clara@customer.example"
        assert "Dora <dora@elsewhere.example>" in found.body

    def test_date_and_recipients_as_they_stand_there(self) -> None:
        found = read_forward(thunderbird(LANGUAGES["de"], CLARA, BODY))
        assert found is not None
        assert (found.date, found.to) == ("Wed, 3 May 2023 10:15:00 +0200", SUPPORT)

    def test_what_stands_below_the_end(self) -> None:
        found = read_forward(mutt(CLARA, BODY) + "\nCan you help her?\n")
        assert is_claras(found)
        assert found is not None
        assert found.message == "Can you help her?"

    def test_a_blank_before_the_colon(self) -> None:
        head = f"Sujet : \tThe lamp\nDate : \tWed, 3 May 2023 10:15:00 +0200\nDe : \t{CLARA}\nPour : \t{SUPPORT}"
        assert is_claras(read_forward(f"-------- Message transféré --------\n{head}\n\n{BODY}\n"))

    def test_a_sender_in_a_language_nobody_knows(self) -> None:
        assert is_claras(read_forward(gmail(("Saadja nimi",), CLARA, BODY)))


#: Outlook on a Mac, where it forwards as others answer.
INTRODUCTIONS = {
    "en": 'On 03/05/2023, 10:15, "Clara Customer" <clara@customer.example> wrote:',
    "de": 'Am 03.05.23, 10:15 schrieb "Clara Customer" <clara@customer.example>:',
    "fr": "Le 03/05/2023 10:15, « Clara Customer » <clara@customer.example> a écrit :",
    "es": 'El 03/05/2023 10:15, "Clara Customer" <clara@customer.example> escribió:',
    "it": 'Il giorno 03/05/2023 10:15, "Clara Customer" <clara@customer.example> ha scritto:',
    "nl": "Op 03/05/2023 10:15 heeft Clara Customer <clara@customer.example> geschreven:",
    "pl": "Dnia 03/05/2023, 10:15 użytkownik „Clara Customer” <clara@customer.example> napisał:",
    "cs": "Dne 03/05/2023 10:15, Clara Customer <clara@customer.example> napsal(a):",
    "sk": "03/05/2023 10:15 používateľ Clara Customer (<clara@customer.example>) napísal:",
    "hu": "03/05/2023 10:15 időpontban Clara Customer (clara@customer.example) ezt írta:",
    "fi": "Clara Customer <clara@customer.example> kirjoitti 3.5.2023 10.15:",
    "sv": 'Den 2023-05-03 10:15 skrev "Clara Customer" <clara@customer.example>:',
    "da": 'Den 03/05/2023 10.15 skrev "Clara Customer" <clara@customer.example>:',
    "ru": '03.05.2023, 10:15 пользователь "Clara Customer" <clara@customer.example> написал:',
    "tr": '"Clara Customer" <clara@customer.example>, 03/05/2023 10:15 tarihinde şunu yazdı:',
}


class TestIntroductions:
    """The same line stands above an answer: only the subject tells, and it tells what the line does not."""

    @pytest.mark.parametrize("language", INTRODUCTIONS)
    def test_above_an_indented_mail(self, language: str) -> None:
        indented = "".join(f"    {line}".rstrip() + "\n" for line in BODY.split("\n"))
        text = f"{NOTE}\n\n{INTRODUCTIONS[language]}\n\n{indented}"
        found = read_forward(text, "FW: The lamp")
        assert is_claras(found)
        assert found is not None
        assert found.message == NOTE
        assert [read_forward(text, subject) for subject in ("Re: The lamp", "A question", None)] == [None] * 3

    @pytest.mark.parametrize("language", INTRODUCTIONS)
    def test_above_a_quoted_mail(self, language: str) -> None:
        text = f"{INTRODUCTIONS[language]}\n\n" + "".join(f"> {line}\n" for line in BODY.split("\n"))
        assert is_claras(read_forward(text, "Fwd: The lamp"))
        assert [read_forward(text, subject) for subject in ("Re: The lamp", "A question", None)] == [None] * 3


@pytest.mark.parametrize(
    ("written", "address", "name"),
    [
        ("Clara <clara@customer.example>", "clara@customer.example", "Clara"),
        ('"Customer, Clara" <clara@customer.example>', "clara@customer.example", "Customer, Clara"),
        ("clara@customer.example", "clara@customer.example", ""),
        ("<clara@customer.example>", "clara@customer.example", ""),
        ("clara@customer.example <clara@customer.example>", "clara@customer.example", ""),
        ("Clara [mailto:clara@customer.example]", "clara@customer.example", "Clara"),
        ("Clara <clara@customer.example<mailto:clara@customer.example>>", "clara@customer.example", "Clara"),
        ("Clara <clara@customer.example <mailto:clara@customer.example> >", "clara@customer.example", "Clara"),
        ("[clara@customer.example](mailto:clara@customer.example)", "clara@customer.example", ""),
        ("Clara<mailto:clara@customer.example>", "clara@customer.example", "Clara"),
        ("Clara (clara@customer.example)", "clara@customer.example", "Clara"),
        ("Clara <clara@customer.example> on behalf of Desk <desk@customer.example>", "clara@customer.example", "Clara"),
        ("Clara <clara@customer.example>;", "clara@customer.example", "Clara"),
        ("* Clara <clara@CUSTOMER.example>", "clara@customer.example", "Clara"),
        ("clara@bücher.example", "clara@xn--bcher-kva.example", ""),
        ('"boss@acme.example" <clara@customer.example>', "clara@customer.example", "boss@acme.example"),
        ("Clara Customer", "", "Clara Customer"),
        ("Clara Customer/SALES@ACME", "", "Clara Customer"),
        ("\u202aClara\u202c\u200f \u202a<clara@customer.example>\u202c", "clara@customer.example", "Clara"),
        ("", "", ""),
    ],
)
def test_a_sender_in_every_spelling(written: str, address: str, name: str) -> None:
    found = read_forward(f"---------- Forwarded message ---------\nFrom: {written}\nSubject: The lamp\n\n{BODY}")
    assert found is not None
    assert (found.address, found.name, found.body) == (address, name, BODY)


class TestHeaders:
    def test_that_are_wrapped(self) -> None:
        head = "From: Clara Customer\n <clara@customer.example>\nDate: Wed, 3 May 2023\nSubject: The lamp in the hall\n that flickers"
        to = "To: Support <support@acme.example>,\n Bob <bob@customer.example>,\n Dora <dora@elsewhere.example>"
        found = read_forward(f"---------- Forwarded message ---------\n{head}\n{to}\n\n{BODY}")
        assert found is not None
        assert (found.address, found.subject) == ("clara@customer.example", "The lamp in the hall that flickers")
        assert found.to.endswith("Dora <dora@elsewhere.example>")
        assert found.body == BODY

    def test_with_empty_lines_between(self) -> None:
        head = "\n\n".join([f"From: {CLARA}", "Sent: 3 May 2023 10:15", f"To: {SUPPORT}", "Subject: The lamp"])
        assert is_claras(read_forward(f"{head}\n\n{BODY}", "FW: The lamp"))

    def test_a_body_that_looks_like_more_of_them(self) -> None:
        body = "Hello,\nplease note\nDate: tomorrow\nImportance: high\n\nClara"
        found = read_forward(outlook_for_mac(LANGUAGES["en"], CLARA, body), "FW: The lamp")
        assert found is not None
        assert found.body == body

    def test_none_at_all(self) -> None:
        found = read_forward(f"{NOTE}\n\n---------- Forwarded message ---------\n\n{BODY}", "Fwd: The lamp")
        assert found == Forwarded("", "", "The lamp", "", "", BODY, NOTE)

    def test_quotes_within_the_forwarded_mail_stay(self) -> None:
        body = "> Is it the lamp?\nYes, it is.\n\n> In the hall?\nYes."
        for client in ("gmail", "apple", "thunderbird", "mailmate", "outlook"):
            found = read_forward(ALL[client](CLARA, body), "Fwd: The lamp")
            assert found is not None
            assert found.body.strip() == body


def quoted(text: str) -> str:
    return "".join(f"> {line}\n" for line in text.split("\n"))


SAYS = "On Wed, 3 May 2023 at 10:15, Clara Customer <clara@customer.example> wrote:"
ANSWERS = {
    "Gmail": f"Screw it in.\n\n{SAYS}\n\n{quoted(BODY)}",
    "Gmail, below": f"{SAYS}\n\n{quoted(BODY)}\nScrew it in.\n",
    "to a forwarded mail": f"Thanks!\n\n{SAYS}\n\n{quoted(gmail(LANGUAGES['en'], CLARA, BODY))}",
    "to a mail forwarded by Apple Mail": f"Thanks!\n\n> On 3 May 2023, at 10:15, Adam <adam@acme.example> wrote:\n> \n{quoted(apple(LANGUAGES['en'], CLARA, BODY))}",
    "Outlook on a phone": f"Screw it in.\n\nGet Outlook for iOS\n\n{SAYS}\n\n{BODY}\n",
    "Outlook on a phone, to a forwarded mail": f"Thanks!\n\n{SAYS}\n\n{gmail(LANGUAGES['en'], CLARA, BODY)}",
    "header lines, quoted": f"Screw it in.\n\n{quoted(outlook(LANGUAGES['en'], CLARA, BODY))}",
    "answers between": f"{quoted(outlook(LANGUAGES['en'], CLARA, 'Which?'))}\nThis one.\n\n> And then?\nNothing.\n",
    "a form": "From: Berlin\nTo: Hamburg\nDate: 3 May\n\nTwo persons, please.",
    "of a forward one only speaks": "The forwarded message from: Clara never came.\n\nForwarded message: none\n",
}  # fmt: skip


class TestAnswers:
    """Never taken for a forward: what was answered would be taken for somebody's new matter."""

    @pytest.mark.parametrize("name", ANSWERS)
    def test_are_none(self, name: str) -> None:
        subjects: Sequence[str | None] = ("Re: The lamp", "AW: The lamp", "A question", None)
        if name == "Outlook on a phone, to a forwarded mail":
            subjects = subjects[:2]  # without a mark it may as well be a forward with its introduction
        assert [read_forward(ANSWERS[name], subject) for subject in subjects] == [None] * len(subjects)

    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("client", UNMARKED, ids=[client.__name__ for client in UNMARKED])
    @pytest.mark.parametrize("mark", ["RE", "AW", "SV", "Antw", "RIF", "Odp", "Ynt", "回复", "Re: Fwd"])
    def test_that_are_marked_in_the_subject(self, language: str, client: Client, mark: str) -> None:
        text = f"Screw it in.\n\n{client(LANGUAGES[language], CLARA, BODY)}"
        assert read_forward(text, f"{mark}: The lamp") is None

    def test_vs_answers_in_finland_and_forwards_in_denmark(self) -> None:
        for client in UNMARKED:
            assert read_forward(f"Kiitos!\n\n{client(LANGUAGES['fi'], CLARA, BODY)}", "VS: The lamp") is None
            assert is_claras(read_forward(f"Se her.\n\n{client(LANGUAGES['da'], CLARA, BODY)}", "VS: The lamp"))

    def test_an_answer_that_passes_another_mail_on(self) -> None:
        text = f"Screw it in, as she did.\n\n{SAYS}\n\n{quoted('Which?')}\n\n{gmail(LANGUAGES['en'], CLARA, BODY)}"
        assert is_claras(read_forward(text, "Re: The lamp"))


@pytest.mark.parametrize(
    "client", ["gmail", "thunderbird", "yahoo", "yahoo_in_lines", "mailmate", "mutt", "zoho", "lotus"]
)
def test_the_reply_cutter_sees_the_same_forwards(client: str) -> None:
    """Where a client says so on a line that is not marked as quoted."""
    assert split_reply(ALL[client](CLARA, BODY)).forwarded


def test_a_mark_glued_to_no_header_is_none() -> None:
    assert read_forward("---Forwarded message---y:") is None


PIECES = [
    "Hello", "", " ", "> quoted", ">> deep", "_____", SAYS, "From: a@b.example", "*Von:* Clara <a@b.example>", "Sent: 3.3.2025 10:00",
    "To: c", "An:", "Subject: x", "-----Original Message-----", "---------- Forwarded message ----------", "| From | a@b |",
    "> Begin forwarded message:", "Begin forwarded message:", "> From: a@b.example", "--- Forwarded message --- From: a@bTo: cSubject: d",
    "---Forwarded message---y:",
    "----- End forwarded message -----", "From:", "<", "[mailto:", "a@", "@", "\ufeff", "\u2028", "x" * 1200,
]  # fmt: skip


@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=60), max_size=16),
    st.sampled_from([None, "", "Fwd: x", "Re: x", "VS: x"]),
)
def test_whatever_comes_nothing_is_invented(pieces: list[str], subject: str | None) -> None:
    text = "\n".join(pieces)
    found = read_forward(text, subject)
    if found is not None:
        assert is_subsequence(found.body.split(), text.replace(">", "> ").split()) or ">" in text
        assert all(line in text for line in found.message.split("\n"))


def is_subsequence(few: Sequence[str], many: Sequence[str]) -> bool:
    rest = iter(many)
    return all(word in rest for word in few)
