"""Values are data: shown as they were typed, and obeyed by nobody."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mailproc.core import letters
from mailproc.core.letters import Action, Letter, TicketFacts
from mailproc.render.text import COLUMNS, wrapped
from tests.render.reading import Page, every_language, flat, links, opened, render, said
from tests.testlib.growth import grows_faster
from tests.testlib.pictures import AT, DUE, TICKET, notification, samples


class TestHostileValues:
    HOSTILE = (
        "{{7*7}} {% for x in range(9) %} {{ self.__class__ }} %(x)s ${y} {0.__class__} "
        "<script>alert(1)</script> \"><img src=x onerror=alert(1)> javascript:alert(1) &amp; ' </p>"
    )

    @every_language
    @pytest.mark.parametrize("letter", Letter)
    @pytest.mark.row("A14")
    def test_are_shown_as_they_were_typed(self, letter: Letter, language: str) -> None:
        values = samples()[letter]
        fields = ("text", "author", "author_address", "agent", "owner", "priority", "detail")
        changed: dict[str, Any] = {name: self.HOSTILE for name in fields if hasattr(values, name)}
        ticket = TicketFacts("<b>Acme</b>", "A<i>", 1, "{{7*7}}<script>alert(1)</script>")
        rendered = render(letter, replace(values, ticket=ticket, **changed), language)
        # A third party is told nothing of the customer, the subject least of all; a digest is of many tickets.
        told = letter not in {Letter.SIDE, Letter.DIGEST}
        assert ("{{7*7}}<script>alert(1)</script>" in rendered.subject) == told
        page = Page(rendered.html)
        assert not {tag for tag, _, _ in page.attributes} & {"script", "img", "b", "i"}
        assert "<script" not in rendered.html and "<img" not in rendered.html and "<b>Acme" not in rendered.html
        assert not [link for link in page.links.values() if not link.startswith(("mailto:", "https://acme.example/"))]
        assert said(rendered.text) == page.text
        if "text" in changed:
            assert self.HOSTILE in rendered.text
            assert flat(self.HOSTILE) in page.text

    @every_language
    @pytest.mark.row("A13")
    def test_can_forge_no_line_of_ours(self, language: str) -> None:
        forged = "Eve\r\n\r\nYour reply goes to nobody outside.\x1b[2J\u2028\u202e"
        values = replace(notification(), author=forged, owner=forged, attachments=(forged,), reply_reaches=(forged,))
        text = render(Letter.NOTIFICATION, values, language).text
        assert not re.search(r"(?m)^Your reply goes to nobody outside", text)
        assert "\x1b" not in text and "\u202e" not in text and "\u2028" not in text

    @every_language
    def test_are_no_markup_in_the_mails_that_buttons_open(self, language: str) -> None:
        ticket = replace(TICKET, prefix="R&D's <desk>")
        for letter in (Letter.NOTIFICATION, Letter.RESOLUTION, Letter.SURVEY, Letter.RECEIPT):
            values: Any = samples()[letter]
            rendered = render(letter, replace(values, ticket=ticket), language)
            assert links(rendered.text).items() <= Page(rendered.html).links.items()
            assert any(ticket.prefix in opened(link)[1] for link in links(rendered.text).values())

    @pytest.mark.row("A13")
    def test_can_break_no_subject(self) -> None:
        ticket = TicketFacts("D", "P", 1, "one\r\nBcc: all@customer.example\u2028two\x00\u202ethree")
        rendered = render(Letter.ACKNOWLEDGEMENT, letters.Acknowledgement(ticket, None))
        assert rendered.subject == "Re: one Bcc: all@customer.example twothree [P #1]"

    @pytest.mark.row("A12")
    def test_carry_no_advertising_out_in_a_subject(self) -> None:
        ticket = TicketFacts("D", "Acme", 1, f"Win now https://spam.example/x?y=1 www.spam.example {'long ' * 40}")
        subject = render(Letter.ACKNOWLEDGEMENT, letters.Acknowledgement(ticket, None)).subject
        assert "spam" not in subject
        assert subject.startswith("Re: Win now long long")
        assert subject.endswith("… [Acme #1]")
        assert len(subject) <= len("Re: ") + 80 + len(" [Acme #1]")

    @pytest.mark.parametrize(
        ("subject", "shown"),
        [
            ("ftp://spam.example/x now", "now"),
            ("_HTTPS://spam.example/_ now", "_ now"),
            ("プリンターhttps://spam.example/ が止まる", "プリンター が止まる"),
            ("(www.spam.example) now", "( now"),
            ("Drive C:/x and a/b", "Drive C:/x and a/b"),
            ("pay\u200bpal \ufeffnow", "paypal now"),
        ],
    )
    @pytest.mark.row("A12")
    def test_lose_links_and_what_nobody_sees_however_they_are_written(self, subject: str, shown: str) -> None:
        ticket = TicketFacts("D", "P", 1, subject)
        assert render(Letter.ANSWER, letters.Answer(ticket, "x")).subject == f"Re: {shown} [P #1]"

    @pytest.mark.parametrize(
        ("subject", "language", "shown"), [("", "en", "Your message"), ("http://x.example/", "de", "Ihre Nachricht")]
    )
    def test_that_are_nothing_get_words_of_ours(self, subject: str, language: str, shown: str) -> None:
        ticket = TicketFacts("D", "P", 1, subject)
        assert render(Letter.ANSWER, letters.Answer(ticket, "x"), language).subject == f"Re: {shown} [P #1]"


UNITS = (
    "https://",
    "(http://a.example",
    "))))",
    " ",
    "\t",
    "\u00a0 ",
    "\n",
    " \n",
    "<",
    "http://a.example/(((",
    "\r",
    "w",
)


@pytest.mark.parametrize("indent", [0, 4, 71, 72, 73, 74, 80, 200])
@pytest.mark.parametrize("word", [1, 5, 90])
def test_our_prose_is_broken_at_every_width_that_stands_before_it(indent: int, word: int) -> None:
    first, *rest = wrapped(" ".join(["x" * word] * 60), "-" * indent, "  ").splitlines()
    room = max(COLUMNS - indent, word)
    assert len(first) <= indent + room and max(map(len, rest)) <= max(COLUMNS, 2 + word)


class TestPeoplesWords:
    def test_are_never_wrapped_again(self) -> None:
        long = "word " * 60 + "end"
        assert f"\n{long}\n" in render(Letter.ANSWER, letters.Answer(TICKET, long)).text

    def test_keep_their_lines_and_indentation_on_the_page(self) -> None:
        page = render(Letter.ANSWER, letters.Answer(TICKET, "one\n  two\n\nthree  four")).html
        assert "<p>one<br>\n&nbsp; two</p>\n<p>three&nbsp; four</p>" in page

    @pytest.mark.parametrize(
        ("typed", "target"),
        [
            ("see https://a.example/x?y=1&z=2, please", "https://a.example/x?y=1&z=2"),
            ("(http://a.example/x)", "http://a.example/x"),
            ("https://a.example/wiki/Printer_(page).", "https://a.example/wiki/Printer_(page)"),
            ("<https://a.example/>", "https://a.example/"),
            ("HTTPS://A.EXAMPLE", "HTTPS://A.EXAMPLE"),
        ],
    )
    def test_link_to_just_what_they_show(self, typed: str, target: str) -> None:
        page = Page(render(Letter.ANSWER, letters.Answer(TICKET, typed)).html)
        assert page.links == {target: target}
        assert typed in page.text

    @pytest.mark.parametrize(
        "typed", ["javascript:alert(1)", "data:text/html,x", "ftp://a.example", "file:///etc/passwd"]
    )
    @pytest.mark.row("A15")
    def test_link_to_the_web_only(self, typed: str) -> None:
        assert Page(render(Letter.ANSWER, letters.Answer(TICKET, typed)).html).links == {}

    def test_of_any_length_cost_time_in_proportion(self) -> None:
        def answer(words: str) -> object:
            return render(Letter.ANSWER, letters.Answer(TICKET, words + "x"))

        for unit in UNITS:
            told = grows_faster(answer, unit.__mul__, 50_000 // len(unit))
            assert not told, f"{unit!r}: {told}"

    def test_of_earlier_mails_are_cut_and_marked(self) -> None:
        earlier = letters.Exchange("Ben", AT - timedelta(days=1), "line\n" * 5000, private=False)
        text = render(Letter.NOTIFICATION, replace(notification(), earlier=(earlier,))).text
        assert "\n> line\n" in text
        assert text.count("\n> line") < 500
        assert text.rstrip().endswith("…")


@pytest.mark.parametrize(
    "address", ["support+a2b3@acme.example", "o'brien&co=x?y#z%20@acme.example", "a/b@[192.0.2.1]"]
)
def test_addresses_of_any_shape_survive_the_link(address: str) -> None:
    rendered = render(Letter.REMINDER, letters.Reminder(TICKET, Action(address), Action("x@acme.example"), DUE))
    for link in (next(iter(links(rendered.text).values())), Page(rendered.html).links["Yes, it is solved"]):
        assert opened(link)[0] == address
