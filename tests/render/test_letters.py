"""What every letter says, in every language, as text and as a page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from html.parser import HTMLParser
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from mailproc.core import commands, letters
from mailproc.core.letters import Action, BadLine, Change, Done, HeldBecause, Letter, News, TicketFacts
from mailproc.core.lifecycle import Outcome, Refusal, Status
from mailproc.mime.quoting import is_reply_marker
from mailproc.render.letters import Letters, Rendered
from mailproc.resources import templates_folder
from tests.testlib.pictures import AT, DUE, LANGUAGES, TICKET, ZONE, notification, others, samples

WORDS = Letters([templates_folder()], "en")
SAMPLES = [(letter.value, letter, values) for letter, values in samples().items()]
EVERY = [*SAMPLES, *others()]
TO_AGENTS = {Letter.NOTIFICATION, Letter.RECEIPT, Letter.HELD, Letter.HELP}
ROBOTIC = re.compile(r"do not reply|no-?reply|nicht antworten", re.IGNORECASE)

every_letter = pytest.mark.parametrize(
    ("letter", "values"), [(letter, values) for _, letter, values in EVERY], ids=[name for name, *_ in EVERY]
)
every_language = pytest.mark.parametrize("language", LANGUAGES)


def render(letter: Letter, values: letters.LetterValues, language: str = "en", zone: str = ZONE) -> Rendered:
    return WORDS.render(letter, values, language, zone)


class Page(HTMLParser):
    """What a reader sees of a page, and where its links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: dict[str, str] = {}
        self.attributes: list[tuple[str, str, str]] = []
        self._hidden = 0
        self._link = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in {"style", "title", "script"}
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag == "a":
            self._link = dict(attrs)["href"] or ""
        if tag in {"p", "br", "td", "div"}:
            self.words.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"style", "title", "script"}
        self._link = "" if tag == "a" else self._link

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words.append(data)
        if self._link:
            self.links[data] = self._link

    @property
    def text(self) -> str:
        return flat("".join(self.words))


def flat(words: str) -> str:
    return " ".join(words.split())


def said(text: str) -> str:
    """The words of a plain text: without links, rules and quote marks."""
    return flat(re.sub(r"(?m)<mailto:[^>]*>|^-{20,}$|^> ?", " ", text))


def links(text: str) -> dict[str, str]:
    """Each button of a plain text, and where it leads."""
    return {label: link for label, link in re.findall(r"(?m)^(.+?) +<(mailto:[^>]*)>$", text)}


def opened(link: str) -> tuple[str, str, str]:
    """The mail a link opens: its address, subject and body."""
    parts = urlsplit(link)
    fields = parse_qs(parts.query, keep_blank_values=True, strict_parsing=True)
    assert "+" not in link
    return unquote(parts.path), fields["subject"][0], fields.get("body", [""])[0]


class TestEveryLetter:
    @every_language
    @every_letter
    def test_reads_the_same_as_text_and_as_page(self, letter, values, language):
        rendered = render(letter, values, language)
        assert said(rendered.text) == Page(rendered.html).text
        assert set(links(rendered.text).items()) <= set(Page(rendered.html).links.items())

    @every_language
    @every_letter
    def test_is_laid_out_cleanly(self, letter, values, language):
        rendered = render(letter, values, language)
        assert rendered.language == language
        assert rendered.text.endswith("\n") and not rendered.text.endswith("\n\n")
        assert "\n\n\n" not in rendered.text
        assert not re.search(r"[ \t]$", rendered.text, re.MULTILINE)
        assert "{" not in rendered.text and "Undefined" not in rendered.html and "None" not in rendered.text
        assert rendered.subject == flat(rendered.subject)
        theirs = {line for field in ("text",) for line in getattr(values, field, "").splitlines()}
        ours = [line for line in rendered.text.splitlines() if line not in theirs and "mailto:" not in line]
        assert max(map(len, ours)) <= 72

    @every_language
    @every_letter
    def test_begins_with_the_marker_that_our_own_reply_cutter_knows(self, letter, values, language):
        rendered = render(letter, values, language)
        assert is_reply_marker(rendered.text.split("\n", 1)[0])
        assert Page(rendered.html).text.startswith(rendered.text.split("\n", 1)[0])

    @every_language
    @every_letter
    def test_carries_the_tag_in_its_subject(self, letter, values, language):
        expected = "[Acme #1042] Printer stops after page two"
        if letter not in TO_AGENTS:
            expected = "Re: Printer stops after page two [Acme #1042]"
        assert render(letter, values, language).subject == expected

    @every_language
    @every_letter
    def test_page_fetches_nothing_runs_nothing_and_is_small(self, letter, values, language):
        page = render(letter, values, language).html
        assert len(page.encode()) < 12_000
        assert "url(" not in page and "@import" not in page
        for tag, name, value in Page(page).attributes:
            assert tag not in {"script", "img", "link", "iframe", "form", "object", "svg"}
            assert name != "src" and not name.startswith("on")
            assert name != "href" or value.startswith(("mailto:", "https://acme.example/"))
        assert f'<html lang="{language}">' in page
        assert "prefers-color-scheme: dark" in page and 'content="light dark"' in page

    @every_language
    @every_letter
    def test_never_sounds_like_a_robot_that_does_not_listen(self, letter, values, language):
        assert not ROBOTIC.search(render(letter, values, language).text)

    @every_language
    @every_letter
    def test_keeps_the_reference_where_addresses_carry_no_token(self, letter, values, language):
        bare = Action("support@acme.example", "ref:abc234")
        fields = {name: bare for name in ("yes", "no", "take", "note", "resolve", "wait", "close", "help", "send")}
        changed = {name: action for name, action in fields.items() if hasattr(values, name)}
        if isinstance(values, letters.Survey):
            changed = {"ratings": (bare,) * 5}
        found = links(render(letter, replace(values, **changed), language).text) if changed else {}
        for label, link in found.items():
            if values != replace(values, **changed) and label not in {"Accept as participant", "Aufnehmen"}:
                address, subject, _ = opened(link)
                assert address == "support@acme.example"
                assert subject.endswith(" ref:abc234") and "[Acme #1042]" in subject


class TestCustomers:
    @every_language
    def test_are_told_when_they_hear_from_us(self, language):
        words = said(render(Letter.ACKNOWLEDGEMENT, letters.Acknowledgement(TICKET, DUE), language).text)
        expected = {
            "en": "by Monday 23 November, 10:30 (your time, Berlin).",
            "de": "bis Montag, 23. November, 10:30 Uhr (Ihre Zeit, Berlin).",
        }
        assert expected[language] in words
        assert "1042" in words

    @every_language
    def test_get_no_promise_where_none_is_configured(self, language):
        words = said(render(Letter.ACKNOWLEDGEMENT, letters.Acknowledgement(TICKET, None), language).text)
        assert not re.search(r"November|None|\bbis\b|\bby [A-Z]", words)

    def test_find_their_own_subject_nowhere_in_the_acknowledgement(self):
        rendered = render(Letter.ACKNOWLEDGEMENT, letters.Acknowledgement(TICKET, DUE))
        assert "Printer" not in rendered.text + rendered.html

    @every_language
    def test_read_an_agents_answer_and_nothing_else(self, language):
        rendered = render(Letter.ANSWER, letters.Answer(TICKET, "Hello,\n\n  it works:   so.\n\nAnna"), language)
        marker, words = rendered.text.split("\n", 1)
        assert is_reply_marker(marker)
        assert words == "\nHello,\n\n  it works:   so.\n\nAnna\n"

    @every_language
    @pytest.mark.parametrize("letter", [Letter.RESOLUTION, Letter.REMINDER])
    def test_say_yes_and_no_by_a_mail_with_a_short_line(self, letter, language):
        values = samples()[letter]
        assert isinstance(values, letters.Resolution | letters.Reminder)
        found = links(render(letter, values, language).text)
        yes, no = {"en": ("Yes, it is solved", "No, I still need help"),
                   "de": ("Ja, es ist gelöst", "Nein, ich brauche noch Hilfe")}[language]  # fmt: skip
        assert list(found) == [yes, no]
        assert opened(found[yes]) == (values.yes.address, f"{yes} [Acme #1042]", f"{yes}.")
        assert opened(found[no]) == (values.no.address, f"{no} [Acme #1042]", f"{no}.")

    @every_language
    def test_read_a_sentence_where_the_agent_only_resolved(self, language):
        values = letters.Resolution(TICKET, "", "Anna", *(samples()[Letter.RESOLUTION].yes,) * 2, DUE)
        expected = {"en": "We believe that ticket 1042 is solved.", "de": "Wir glauben, dass Ticket 1042 gelöst ist."}
        assert expected[language] in said(render(Letter.RESOLUTION, values, language).text)

    @every_language
    def test_rate_with_five_mails(self, language):
        values = samples()[Letter.SURVEY]
        assert isinstance(values, letters.Survey)
        found = [opened(link) for link in links(render(Letter.SURVEY, values, language).text).values()]
        assert [address for address, _, _ in found] == [action.address for action in values.ratings]
        assert [body for *_, body in found] == ["1", "2", "3", "4", "5"]

    @every_language
    @pytest.mark.parametrize("status", Status)
    def test_read_something_of_their_own_about_every_status(self, status, language):
        values = letters.StatusUpdate(TICKET, status.value, "")
        others = {said(render(Letter.STATUS, letters.StatusUpdate(TICKET, s.value, ""), language).text) for s in Status}
        assert len(others) == len(Status)
        assert status.value not in {"In Progress", "Waiting for Third-Party"} or status.value not in said(
            render(Letter.STATUS, values, language).text
        )

    @every_language
    @pytest.mark.parametrize("outcome", Outcome)
    def test_are_told_how_it_ended_and_until_when_they_may_come_back(self, outcome, language):
        words = said(render(Letter.CLOSURE, letters.Closure(TICKET, outcome.value, DUE), language).text)
        assert {"en": "closed", "de": "geschlossen"}[language] in words
        assert {"en": "until Monday 23 November", "de": "bis Montag, 23. November"}[language] in words

    def test_hear_that_we_are_sorry(self):
        assert "We are sorry" in render(Letter.REOPENED, letters.Reopened(TICKET, "")).text
        assert "Es tut uns leid" in render(Letter.REOPENED, letters.Reopened(TICKET, "Anna"), "de").text

    def test_read_moments_in_their_own_zone(self):
        values = letters.Acknowledgement(TICKET, datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
        assert "Friday 1 January, 00:30 (your time, Berlin)" in said(render(Letter.ACKNOWLEDGEMENT, values).text)
        vienna = render(Letter.ACKNOWLEDGEMENT, values, "de", "Europe/Vienna")
        assert "Freitag, 1. Januar, 00:30 Uhr (Ihre Zeit, Wien)" in said(vienna.text)
        york = render(Letter.ACKNOWLEDGEMENT, values, "en", "America/New_York")
        assert "Thursday 31 December, 18:30 (your time, New York)" in said(york.text)

    def test_read_march_with_its_umlaut(self):
        values = letters.Acknowledgement(TICKET, datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
        assert "Montag, 2. März, 10:00 Uhr" in said(render(Letter.ACKNOWLEDGEMENT, values, "de").text)

    @pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "/etc/passwd", "\0", "Europe"])
    def test_of_a_zone_that_does_not_exist_still_get_their_letter(self, zone):
        words = said(render(Letter.ACKNOWLEDGEMENT, letters.Acknowledgement(TICKET, DUE), "en", zone).text)
        assert "09:30 (your time, UTC)" in words


class TestAgents:
    @every_language
    def test_have_every_action_one_tap_away(self, language):
        values = notification(News.STRANGER)
        found = [opened(link) for link in links(render(Letter.NOTIFICATION, values, language).text).values()]
        bodies = ["#assign me", "", "#resolve", "#wait customer", "#close", "#accept clara@customer.example", "#help"]
        assert [body for *_, body in found] == bodies
        assert {address for address, *_ in found} == {values.take.address, values.note.address}
        assert found[1][0] == values.note.address
        assert all(subject.startswith("[Acme #1042] ") for _, subject, _ in found)

    def test_commands_in_links_are_understood_by_our_own_grammar(self):
        for link in links(render(Letter.NOTIFICATION, notification(News.STRANGER)).text).values():
            body = opened(link)[2]
            read = commands.read(body)
            assert not read.bad and not read.body
            assert len(read.commands) == bool(body)

    @every_language
    def test_read_first_what_a_plain_reply_does(self, language):
        first = render(Letter.NOTIFICATION, notification(), language).text.split("\n\n")[1]
        assert first.startswith({"en": "Your reply goes to Clara Jones,", "de": "Ihre Antwort geht an Clara Jones,"}[language])
        alone = render(Letter.NOTIFICATION, replace(notification(), reply_reaches=()), language).text.split("\n\n")[1]
        assert alone == {"en": "Your reply goes to nobody outside.",
                         "de": "Ihre Antwort erreicht niemanden außerhalb."}[language]  # fmt: skip

    @every_language
    def test_are_told_each_news_in_words_of_its_own(self, language):
        heads = set()
        for news in News:
            third = render(Letter.NOTIFICATION, notification(news, "2"), language).text.split("\n\n")[2]
            heads.add(third.splitlines()[0].partition("Clara")[0])
        assert len(heads) == len(News)
        assert "" not in heads

    def test_find_all_facts(self):
        words = said(render(Letter.NOTIFICATION, notification()).text)
        for fact in ("German", "printer.log", "Foto vom Gerät.jpg", "Assigned", "with Anna", "P3", "follows #977",
                     "answer due Mon 23 Nov 10:30", "chief@customer.example", "Sat 21 Nov 14:05",
                     "The driver of build 4.1 is our fault.", "(colleagues only)"):  # fmt: skip
            assert fact in words

    def test_of_a_ticket_nobody_has_are_told_so(self):
        values = replace(notification(), owner="", answer_by=None, previous=None, copied=(), attachments=(), earlier=())
        words = render(Letter.NOTIFICATION, values).text
        assert "Assigned · nobody has it · P3\n" in words
        assert "due" not in words and "follows" not in words and "copy" not in words and "Before" not in words

    @every_language
    def test_get_a_receipt_that_tells_what_was_sent_and_until_when_it_may_be_disputed(self, language):
        words = said(render(Letter.RECEIPT, samples()[Letter.RECEIPT], language).text)
        expected = {
            "en": ["Sent to clara@customer.example, chief@customer.example, Sat 21 Nov 14:05.", "is Resolved now",
                   "until Mon 23 Nov 10:30 to object; a reminder goes out Sun 22 Nov 10:30"],
            "de": ["Gesendet an clara@customer.example, chief@customer.example, Sa. 21. Nov. 14:05.", "Gelöst",
                   "bis Mo. 23. Nov. 10:30"],
        }  # fmt: skip
        for part in expected[language]:
            assert part in words

    @every_language
    @pytest.mark.parametrize("change", Change)
    def test_get_a_receipt_for_every_change(self, change, language):
        detail = Refusal.ALREADY_CLOSED.value if change is Change.REFUSED else "Ben"
        values = letters.Receipt(TICKET, AT, (Done(change, detail),), "Assigned", None, None)
        paragraph = render(Letter.RECEIPT, values, language).text.split("\n\n")[1]
        assert paragraph.splitlines()[0].endswith(".")
        assert (detail in paragraph) == (change not in {Change.NOTED, Change.NOTHING, Change.REFUSED}) or language == "en"

    @every_language
    @pytest.mark.parametrize("refusal", Refusal)
    def test_read_every_refusal_in_their_language(self, refusal, language):
        values = letters.Receipt(TICKET, AT, (Done(Change.REFUSED, refusal.value),), "Assigned", None, None)
        words = said(render(Letter.RECEIPT, values, language).text)
        assert (refusal.value in words) == (language == "en" and refusal is not Refusal.NOT_ALLOWED)

    @every_language
    @pytest.mark.parametrize("status", Status)
    def test_read_every_status_in_their_language(self, status, language):
        values = replace(notification(), status=status.value)
        assert (f"\n{status.value} · " in render(Letter.NOTIFICATION, values, language).text) == (language == "en")

    @every_language
    def test_are_shown_the_line_that_was_not_understood(self, language):
        text = render(Letter.HELD, samples()[Letter.HELD], language).text
        assert re.search(r"(?m)^    #resovle driver   .* #resolve\?$", text)
        assert "Please install driver 4.2." in text
        (link,) = links(text).values()
        assert opened(link)[0] == samples()[Letter.HELD].send.address

    @every_language
    @pytest.mark.parametrize("because", HeldBecause)
    def test_are_told_why_a_mail_was_held_and_what_to_do(self, because, language):
        values = letters.Held(TICKET, because, (BadLine("#x", ""), BadLine("#y", "")), "text", samples()[Letter.HELD].send)
        text = render(Letter.HELD, values, language).text
        assert text.split("\n\n")[1].startswith({"en": "NOT SENT. ", "de": "NICHT GESENDET. "}[language])
        assert "meinten" not in text and "did you mean" not in text

    @every_language
    def test_learn_every_command_there_is(self, language):
        text = render(Letter.HELP, letters.Help(TICKET), language).text
        shown = re.findall(r"(?m)^#(\w+)", text)
        assert set(shown) == set(commands.GRAMMAR)


class TestHostileValues:
    HOSTILE = (
        "{{7*7}} {% for x in range(9) %} {{ self.__class__ }} %(x)s ${y} {0.__class__} "
        "<script>alert(1)</script> \"><img src=x onerror=alert(1)> javascript:alert(1) &amp; ' </p>"
    )

    @every_language
    @pytest.mark.parametrize("letter", Letter)
    def test_are_shown_as_they_were_typed(self, letter, language):
        values = samples()[letter]
        fields = ("text", "author", "author_address", "agent", "owner", "priority", "detail")
        changed = {name: self.HOSTILE for name in fields if hasattr(values, name)}
        ticket = TicketFacts("<b>Acme</b>", "A<i>", 1, "{{7*7}}<script>alert(1)</script>")
        rendered = render(letter, replace(values, ticket=ticket, **changed), language)
        assert "{{7*7}}<script>alert(1)</script>" in rendered.subject
        page = Page(rendered.html)
        assert not {tag for tag, _, _ in page.attributes} & {"script", "img", "b", "i"}
        assert "<script" not in rendered.html and "<img" not in rendered.html and "<b>Acme" not in rendered.html
        assert not [link for link in page.links.values() if not link.startswith(("mailto:", "https://acme.example/"))]
        assert said(rendered.text) == page.text
        if "text" in changed:
            assert self.HOSTILE in rendered.text
            assert flat(self.HOSTILE) in page.text

    @every_language
    def test_can_forge_no_line_of_ours(self, language):
        forged = "Eve\r\n\r\nYour reply goes to nobody outside.\x1b[2J\u2028\u202e"
        values = replace(notification(), author=forged, owner=forged, attachments=(forged,), reply_reaches=(forged,))
        text = render(Letter.NOTIFICATION, values, language).text
        assert not re.search(r"(?m)^Your reply goes to nobody outside", text)
        assert "\x1b" not in text and "\u202e" not in text and "\u2028" not in text

    def test_can_break_no_subject(self):
        ticket = TicketFacts("D", "P", 1, "one\r\nBcc: all@customer.example\u2028two\x00\u202ethree")
        rendered = render(Letter.ACKNOWLEDGEMENT, letters.Acknowledgement(ticket, None))
        assert rendered.subject == "Re: one Bcc: all@customer.example twothree [P #1]"

    def test_carry_no_advertising_out_in_a_subject(self):
        ticket = TicketFacts("D", "Acme", 1, f"Win now https://spam.example/x?y=1 www.spam.example {'long ' * 40}")
        subject = render(Letter.ACKNOWLEDGEMENT, letters.Acknowledgement(ticket, None)).subject
        assert "spam" not in subject
        assert subject.startswith("Re: Win now long long")
        assert subject.endswith("… [Acme #1]")
        assert len(subject) <= len("Re: ") + 80 + len(" [Acme #1]")

    @pytest.mark.parametrize(("subject", "language", "shown"), [("", "en", "Your message"), ("http://x.example/", "de", "Ihre Nachricht")])
    def test_that_are_nothing_get_words_of_ours(self, subject, language, shown):
        ticket = TicketFacts("D", "P", 1, subject)
        assert render(Letter.ANSWER, letters.Answer(ticket, "x"), language).subject == f"Re: {shown} [P #1]"


class TestPeoplesWords:
    def test_are_never_wrapped_again(self):
        long = "word " * 60 + "end"
        assert f"\n{long}\n" in render(Letter.ANSWER, letters.Answer(TICKET, long)).text

    def test_keep_their_lines_and_indentation_on_the_page(self):
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
    def test_link_to_just_what_they_show(self, typed, target):
        page = Page(render(Letter.ANSWER, letters.Answer(TICKET, typed)).html)
        assert page.links == {target: target}
        assert typed in page.text

    @pytest.mark.parametrize("typed", ["javascript:alert(1)", "data:text/html,x", "ftp://a.example", "file:///etc/passwd"])
    def test_link_to_the_web_only(self, typed):
        assert Page(render(Letter.ANSWER, letters.Answer(TICKET, typed)).html).links == {}

    def test_of_any_length_cost_time_in_proportion(self):
        for unit in ("https://", "(http://a.example", "))))", " ", "\n", "<", "http://a.example/(((", "\r"):
            rendered = render(Letter.ANSWER, letters.Answer(TICKET, unit * (1_000_000 // len(unit))))
            assert rendered.html.endswith("</html>\n")

    def test_of_earlier_mails_are_cut_and_marked(self):
        earlier = letters.Exchange("Ben", AT - timedelta(days=1), "line\n" * 5000, private=False)
        text = render(Letter.NOTIFICATION, replace(notification(), earlier=(earlier,))).text
        assert "\n> line\n" in text
        assert text.count("\n> line") < 500
        assert text.rstrip().endswith("…")


def test_addresses_of_any_shape_survive_the_link():
    for address in ("support+a2b3@acme.example", "o'brien&co=x?y#z%20@acme.example", "a/b@[192.0.2.1]"):
        values = letters.Reminder(TICKET, Action(address), Action("x@acme.example"), DUE)
        rendered = render(Letter.REMINDER, values)
        for link in (next(iter(links(rendered.text).values())), Page(rendered.html).links["Yes, it is solved"]):
            assert opened(link)[0] == address
    assert Address(addr_spec=opened(link)[0] if "[" not in address else "x@acme.example").domain == "acme.example"
