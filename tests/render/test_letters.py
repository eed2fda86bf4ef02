"""What every letter says, in every language, as text and as a page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mailproc.core import commands, letters
from mailproc.core.letter_values import LetterValues
from mailproc.core.letters import Action, BadLine, Change, Done, HeldBecause, Letter, News
from mailproc.core.lifecycle import Outcome, Refusal, Status
from mailproc.mime.quoting import is_reply_marker
from tests.render.reading import Page, every_language, flat, links, opened, render, said
from tests.testlib.pictures import AT, DUE, TICKET, action, notification, others, samples

SAMPLES = [(letter.value, letter, values) for letter, values in samples().items()]
EVERY = [*SAMPLES, *others()]
TO_AGENTS = {Letter(name) for name in ("notification", "receipt", "held", "confirmation", "help", "missed")}
ROBOTIC = re.compile(r"do not reply|no-?reply|nicht antworten", re.IGNORECASE)

every_letter = pytest.mark.parametrize(
    ("letter", "values"), [(letter, values) for _, letter, values in EVERY], ids=[name for name, *_ in EVERY]
)


class TestEveryLetter:
    @every_language
    @every_letter
    def test_reads_the_same_as_text_and_as_page(self, letter: Letter, values: LetterValues, language: str) -> None:
        rendered = render(letter, values, language)
        assert said(rendered.text) == Page(rendered.html).text
        assert set(links(rendered.text).items()) <= set(Page(rendered.html).links.items())

    @every_language
    @every_letter
    def test_is_laid_out_cleanly(self, letter: Letter, values: LetterValues, language: str) -> None:
        rendered = render(letter, values, language)
        assert rendered.language == language
        assert rendered.text.endswith("\n") and not rendered.text.endswith("\n\n")
        assert "\n\n\n" not in rendered.text
        assert not re.search(r"[ \t]$", rendered.text, re.MULTILINE)
        assert "{" not in rendered.text and "Undefined" not in rendered.html and "None" not in rendered.text
        assert rendered.subject == flat(rendered.subject)
        theirs = {mark + line for mark in ("", "> ") for line in getattr(values, "text", "").splitlines()}
        ours = [line for line in rendered.text.splitlines() if line not in theirs and "mailto:" not in line]
        assert max(map(len, ours)) <= 72

    @every_language
    @every_letter
    def test_begins_with_the_marker_that_our_own_reply_cutter_knows(
        self, letter: Letter, values: LetterValues, language: str
    ) -> None:
        rendered = render(letter, values, language)
        assert is_reply_marker(rendered.text.split("\n", 1)[0])
        assert Page(rendered.html).text.startswith(rendered.text.split("\n", 1)[0])

    @every_language
    @every_letter
    def test_carries_the_tag_in_its_subject(self, letter: Letter, values: LetterValues, language: str) -> None:
        expected = "[Acme #1042] Printer stops after page two"
        if letter not in TO_AGENTS:
            expected = "Re: Printer stops after page two [Acme #1042]"
        subject = render(letter, values, language).subject
        if letter is Letter.SIDE:  # a third party learns nothing of the customer's matter
            assert subject.endswith(" Acme Support [Acme #1042]")
        else:
            assert letter is Letter.DIGEST or subject == expected

    @every_language
    @every_letter
    @pytest.mark.row("A15", "A16")
    def test_page_fetches_nothing_runs_nothing_and_is_small(
        self, letter: Letter, values: LetterValues, language: str
    ) -> None:
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
    def test_never_sounds_like_a_robot_that_does_not_listen(
        self, letter: Letter, values: LetterValues, language: str
    ) -> None:
        assert not ROBOTIC.search(render(letter, values, language).text)

    @every_language
    @pytest.mark.parametrize(
        "letter", [Letter.RESOLUTION, Letter.REMINDER, Letter.SURVEY, Letter.NOTIFICATION, Letter.HELD]
    )
    def test_keeps_the_reference_in_subjects_where_addresses_carry_no_token(
        self, letter: Letter, language: str
    ) -> None:
        bare = Action("support@acme.example", "ref:abc234")
        values = notification(News.STRANGER) if letter is Letter.NOTIFICATION else samples()[letter]
        names = (
            "yes",
            "no",
            "take",
            "note",
            "resolve",
            "wait",
            "snooze",
            "escalate",
            "close",
            "accept",
            "help",
            "send",
        )
        changed: dict[str, Any] = {name: bare for name in names if hasattr(values, name)}
        if letter is Letter.SURVEY:
            changed = {"ratings": (bare,) * 5}
        if hasattr(values, "queue"):
            changed["queue"] = None
        found = links(render(letter, replace(values, **changed), language).text)
        assert found
        for address, subject, _ in map(opened, found.values()):
            assert address == "support@acme.example"
            assert "[Acme #1042]" in subject
            assert subject.endswith(" ref:abc234")


class TestCustomers:
    @every_language
    def test_are_told_when_they_hear_from_us(self, language: str) -> None:
        words = said(render(Letter.ACKNOWLEDGEMENT, letters.Acknowledgement(TICKET, DUE), language).text)
        expected = {
            "en": "by Monday 23 November, 10:30 (your time, Berlin).",
            "de": "bis Montag, 23. November, 10:30 Uhr (Ihre Zeit, Berlin).",
        }
        assert expected[language] in words
        assert "1042" in words

    @every_language
    def test_get_no_promise_where_none_is_configured(self, language: str) -> None:
        words = said(render(Letter.ACKNOWLEDGEMENT, letters.Acknowledgement(TICKET, None), language).text)
        assert not re.search(r"November|None|\bbis\b|\bby [A-Z]", words)

    def test_find_their_own_subject_nowhere_in_the_acknowledgement(self) -> None:
        rendered = render(Letter.ACKNOWLEDGEMENT, letters.Acknowledgement(TICKET, DUE))
        assert "Printer" not in rendered.text + rendered.html

    @every_language
    def test_read_an_agents_answer_and_nothing_else(self, language: str) -> None:
        rendered = render(Letter.ANSWER, letters.Answer(TICKET, "Hello,\n\n  it works:   so.\n\nAnna"), language)
        marker, words = rendered.text.split("\n", 1)
        assert is_reply_marker(marker)
        assert words == "\nHello,\n\n  it works:   so.\n\nAnna\n"

    @every_language
    @pytest.mark.parametrize("letter", [Letter.RESOLUTION, Letter.REMINDER])
    def test_say_yes_and_no_by_a_mail_with_a_short_line(self, letter: Letter, language: str) -> None:
        values = samples()[letter]
        assert isinstance(values, letters.Resolution | letters.Reminder)
        found = links(render(letter, values, language).text)
        yes, no = {"en": ("Yes, it is solved", "No, I still need help"),
                   "de": ("Ja, es ist gelöst", "Nein, ich brauche noch Hilfe")}[language]  # fmt: skip
        assert list(found) == [yes, no]
        assert opened(found[yes]) == (values.yes.address, f"{yes} [Acme #1042]", f"{yes}.")
        assert opened(found[no]) == (values.no.address, f"{no} [Acme #1042]", f"{no}.")

    @every_language
    def test_read_a_sentence_where_the_agent_only_resolved(self, language: str) -> None:
        values = letters.Resolution(TICKET, "", "Anna", action("yes"), action("no"), DUE)
        expected = {"en": "We believe that ticket 1042 is solved.", "de": "Wir glauben, dass Ticket 1042 gelöst ist."}
        assert expected[language] in said(render(Letter.RESOLUTION, values, language).text)

    @every_language
    def test_rate_with_five_mails(self, language: str) -> None:
        values = samples()[Letter.SURVEY]
        assert isinstance(values, letters.Survey)
        found = [opened(link) for link in links(render(Letter.SURVEY, values, language).text).values()]
        assert [address for address, _, _ in found] == [action.address for action in values.ratings]
        assert [body for *_, body in found] == ["1", "2", "3", "4", "5"]

    @every_language
    def test_read_something_of_its_own_about_every_status(self, language: str) -> None:
        told = {
            said(render(Letter.STATUS, letters.StatusUpdate(TICKET, each.value, ""), language).text) for each in Status
        }
        assert len(told) == len(Status)

    @pytest.mark.parametrize(("agent", "who"), [("Anna", "Anna has asked"), ("", "We have asked")])
    def test_hear_who_waits_for_a_third_party(self, agent: str, who: str) -> None:
        values = letters.StatusUpdate(TICKET, Status.WAITING_FOR_THIRD_PARTY.value, agent)
        words = said(render(Letter.STATUS, values).text)
        assert f"{who} someone outside our company; their answer is still to come." in words

    @every_language
    @pytest.mark.parametrize("outcome", sorted({*Outcome} - {Outcome.MERGED}))
    def test_are_told_how_it_ended_and_until_when_they_may_come_back(self, outcome: Outcome, language: str) -> None:
        words = said(render(Letter.CLOSURE, letters.Closure(TICKET, outcome.value, DUE), language).text)
        assert {"en": "closed", "de": "geschlossen"}[language] in words
        assert {"en": "until Monday 23 November", "de": "bis Montag, 23. November"}[language] in words

    @every_language
    def test_whose_ticket_goes_on_elsewhere_are_not_asked_whether_something_is_wrong(self, language: str) -> None:
        told = {
            outcome: said(render(Letter.CLOSURE, letters.Closure(TICKET, outcome.value, DUE), language).text)
            for outcome in Outcome
        }
        asked = {"en": "If something is still wrong", "de": "Wenn noch etwas nicht stimmt"}[language]
        elsewhere = {outcome for outcome, text in told.items() if asked not in text}
        assert elsewhere == {Outcome.HANDED_OFF, Outcome.MERGED}
        there = {
            "en": ("mail of the other team", "reach the same ticket"),
            "de": ("Mail des anderen Teams", "erreichen dasselbe Ticket"),
        }
        for outcome, words in zip((Outcome.HANDED_OFF, Outcome.MERGED), there[language], strict=True):
            assert words in told[outcome]

    def test_hear_that_we_are_sorry(self) -> None:
        assert "We are sorry" in render(Letter.REOPENED, letters.Reopened(TICKET, "")).text
        assert "Es tut uns leid" in render(Letter.REOPENED, letters.Reopened(TICKET, "Anna"), "de").text

    def test_read_moments_in_their_own_zone(self) -> None:
        values = letters.Acknowledgement(TICKET, datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
        assert "Friday 1 January, 00:30 (your time, Berlin)" in said(render(Letter.ACKNOWLEDGEMENT, values).text)
        vienna = render(Letter.ACKNOWLEDGEMENT, values, "de", "Europe/Vienna")
        assert "Freitag, 1. Januar, 00:30 Uhr (Ihre Zeit, Wien)" in said(vienna.text)
        york = render(Letter.ACKNOWLEDGEMENT, values, "en", "America/New_York")
        assert "Thursday 31 December, 18:30 (your time, New York)" in said(york.text)

    def test_read_march_with_its_umlaut(self) -> None:
        values = letters.Acknowledgement(TICKET, datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
        assert "Montag, 2. März, 10:00 Uhr" in said(render(Letter.ACKNOWLEDGEMENT, values, "de").text)

    @pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../../etc/passwd", "/etc/passwd", "\0", "Europe"])
    def test_of_a_zone_that_does_not_exist_still_get_their_letter(self, zone: str) -> None:
        words = said(render(Letter.ACKNOWLEDGEMENT, letters.Acknowledgement(TICKET, DUE), "en", zone).text)
        assert "09:30 (your time, UTC)" in words


class TestAgents:
    @every_language
    def test_have_every_action_one_tap_away(self, language: str) -> None:
        values = notification(News.STRANGER)
        found = [opened(link) for link in links(render(Letter.NOTIFICATION, values, language).text).values()]
        bodies = [
            "#assign me", "", "#resolve", "#wait customer", "#snooze 2d", "#escalate", "#close",
            "#accept clara@customer.example", "#help", "list",
        ]  # fmt: skip
        assert [body for *_, body in found] == bodies
        assert values.queue is not None and found.pop()[0] == values.queue.address
        assert {address for address, *_ in found} == {values.help.address, values.note.address}
        assert found[1][0] == values.note.address
        assert all(subject.startswith("[Acme #1042] ") for _, subject, _ in found)

    def test_commands_in_links_are_understood_by_our_own_grammar(self) -> None:
        for link in links(render(Letter.NOTIFICATION, notification(News.STRANGER)).text).values():
            body = opened(link)[2]
            read = commands.read("" if body == "list" else body)  # which is a question, to their own address
            assert not read.bad and not read.body
            assert len(read.commands) == (body not in {"", "list"})

    @every_language
    def test_read_first_what_a_plain_reply_does(self, language: str) -> None:
        first = render(Letter.NOTIFICATION, notification(), language).text.split("\n\n")[1]
        assert first.startswith(
            {"en": "Your reply goes to Clara Jones,", "de": "Ihre Antwort geht an Clara Jones,"}[language]
        )
        alone = render(Letter.NOTIFICATION, replace(notification(), reply_reaches=()), language).text.split("\n\n")[1]
        assert alone == {"en": "Your reply goes to nobody outside.",
                         "de": "Ihre Antwort erreicht niemanden außerhalb."}[language]  # fmt: skip

    @every_language
    def test_are_told_each_news_in_words_of_its_own(self, language: str) -> None:
        heads = set()
        for news in News:
            third = render(Letter.NOTIFICATION, notification(news, "2"), language).text.split("\n\n")[2]
            heads.add(third.splitlines()[0].partition("Clara")[0])
        assert len(heads) == len(News)
        assert "" not in heads

    @pytest.mark.parametrize(
        ("news", "ours"),
        [
            (News.NEW, "From does not name one person (two addresses in one)"),
            (News.NEW, "From names nobody"),
            (News.NEW, "nobody reads this address (no-reply@shop.example)"),
            (News.NEW, "the sender asks for no automatic answer (All)"),
            (News.NEW, "another program's loop mark (x)"),
            (News.NEW, "list mail: a list's own field (list-id: <staff>)"),
            (News.NEW, "it answers an automatic letter of ours"),
            (News.NEW, "nothing proves the sender, and its return path leads elsewhere (x@y.example)"),
            (News.NEW, "machine-made: a rule of another day"),
            (News.UNDELIVERED, "given up after 11 attempts: 451 4.7.1 greylisted"),
            (News.UNDELIVERED, "it may have arrived (cut: the connection ended)"),
        ],
    )
    def test_read_nothing_of_ours_in_another_language(self, news: News, ours: str) -> None:
        told = said(render(Letter.NOTIFICATION, notification(news, ours), "de").text)
        assert ours.partition(" (")[0].partition(":")[0] not in told
        assert "given up" not in told
        if "451" in ours:
            assert "aufgegeben nach 11 Versuchen: 451 4.7.1 greylisted" in told

    def test_find_all_facts(self) -> None:
        words = said(render(Letter.NOTIFICATION, notification()).text)
        for fact in ("German", "printer.log", "Foto vom Gerät.jpg", "Assigned", "with Anna", "P3", "follows #977",
                     "answer due Mon 23 Nov 10:30", "chief@customer.example", "Sat 21 Nov 14:05",
                     "The driver of build 4.1 is our fault.", "(colleagues only)"):  # fmt: skip
            assert fact in words

    def test_of_a_ticket_nobody_has_are_told_so(self) -> None:
        values = replace(
            notification(),
            owner="",
            answer_by=None,
            previous=None,
            copied=(),
            attachments=(),
            earlier=(),
            customer=None,
        )
        words = render(Letter.NOTIFICATION, values).text
        assert "Assigned · nobody has it · P3\n" in words
        assert "due" not in words and "follows" not in words and "copy" not in words and "Before" not in words

    @every_language
    def test_get_a_receipt_that_tells_what_was_sent_and_until_when_it_may_be_disputed(self, language: str) -> None:
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
    def test_get_a_receipt_for_every_change(self, change: Change, language: str) -> None:
        detail = Refusal.ALREADY_CLOSED.value if change is Change.REFUSED else "Ben"
        values = letters.Receipt(TICKET, AT, (Done(change, detail),), "Assigned", None, None)
        paragraph = render(Letter.RECEIPT, values, language).text.split("\n\n")[1]
        first = flat(paragraph).partition(" Ticket 1042: ")[0]
        assert first.endswith(".")
        assert change not in {Change.SENT, Change.STATUS, Change.ASSIGNED, Change.ACCEPTED} or "Ben" in first
        assert change is not Change.REFUSED or first.startswith(("NOT DONE: ", "NICHT AUSGEFÜHRT: "))

    @every_language
    @pytest.mark.parametrize("refusal", Refusal)
    def test_read_every_refusal_in_their_language(self, refusal: Refusal, language: str) -> None:
        values = letters.Receipt(TICKET, AT, (Done(Change.REFUSED, refusal.value),), "Assigned", None, None)
        words = said(render(Letter.RECEIPT, values, language).text)
        assert (refusal.value in words) == (language == "en" and refusal is not Refusal.NOT_ALLOWED)

    @every_language
    @pytest.mark.parametrize("status", Status)
    def test_read_every_status_in_their_language(self, status: Status, language: str) -> None:
        values = replace(notification(), status=status.value)
        assert (f"\n{status.value} · " in render(Letter.NOTIFICATION, values, language).text) == (language == "en")

    @every_language
    def test_are_shown_the_line_that_was_not_understood(self, language: str) -> None:
        text = render(Letter.HELD, samples()[Letter.HELD], language).text
        assert re.search(r"(?m)^    #resovle driver   .* #resolve\?$", text)
        assert "Please install driver 4.2." in text
        (link,) = links(text).values()
        assert opened(link)[0] == action("reply").address

    @every_language
    @pytest.mark.parametrize("because", HeldBecause)
    def test_are_told_why_a_mail_was_held_and_what_to_do(self, because: HeldBecause, language: str) -> None:
        values = letters.Held(TICKET, because, (BadLine("#x", ""), BadLine("#y", "")), "text", action("reply"))
        text = render(Letter.HELD, values, language).text
        assert text.split("\n\n")[1].startswith({"en": "NOT SENT. ", "de": "NICHT GESENDET. "}[language])
        assert "meinten" not in text and "did you mean" not in text

    @every_language
    def test_are_not_told_that_they_wrote_what_nobody_proved(self, language: str) -> None:
        text = render(Letter.CONFIRMATION, samples()[Letter.CONFIRMATION], language).text
        assert {"en": "You wrote:", "de": "Sie schrieben:"}[language] not in text
        (link,) = links(text).values()
        assert (opened(link)[0], opened(link)[2]) == (action("confirm").address, "#confirm")
        assert "#7, #12" in text

    @every_language
    def test_are_told_which_files_were_held_with_it(self, language: str) -> None:
        values = letters.Held(TICKET, HeldBecause.EMPTY, (), "", action("reply"), ("plan.pdf", "log.txt"))
        page = render(Letter.HELD, values, language)
        told = {"en": "Attached, and not sent:", "de": "Angehängt und nicht gesendet:"}[language]
        assert f"{told} plan.pdf, log.txt" in page.text
        assert f"{told} plan.pdf, log.txt" in Page(page.html).text

    @every_language
    def test_mending_a_line_read_whom_their_words_will_reach(self, language: str) -> None:
        words = said(render(Letter.HELD, samples()[Letter.HELD], language).text)
        assert {"en": "It goes to the customer; #note", "de": "Das geht an den Kunden; mit #note"}[language] in words
