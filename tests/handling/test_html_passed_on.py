"""HTML that people send: agents get it cleaned, where it says more than the text or is a file; nobody else gets any of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailproc.app import policy_of
from mailproc.core.enclosures import sorted_out, with_words
from mailproc.core.letters import WithheldBecause
from mailproc.core.message import Attachment
from mailproc.demo.people import text_of
from mailproc.demo.servers import Delivered
from tests.testlib.by_hand import PROVEN, STRICT, Hand, by_hand, decoded, read
from tests.testlib.desk import PEOPLE, SUPPORT
from tests.testlib.harmless import harm
from tests.testlib.idle_desk import nowhere_settings

pytestmark = [pytest.mark.row("A15", "A16", "A27", "I15")]

TABLE = (
    "<p>See the pages.</p><table><tr><td>page one</td><td>prints</td></tr><tr><td>page two</td><td>does not</td></tr></table>"
    '<img src="https://canary.example/1.gif" width="1" height="1"><script>alert(1)</script>'
)
REPORT = b"<title>x</title><h1>Report</h1><script>alert(1)</script><a href='javascript:a()'>more</a><img src=//canary.example/2>"


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    async with by_hand(tmp_path, agents=STRICT) as hand:
        yield hand


def files(letter: Delivered) -> dict[str, EmailMessage]:
    return {str(part.get_filename()): part for part in read(letter).walk() if part.get_filename()}


def page_of(file: EmailMessage) -> str:
    """What is in a page that an agent got; it is harmless."""
    content = file.get_payload(decode=True)
    assert isinstance(content, bytes)
    assert file["Content-Type"] == 'text/html; charset="utf-8"'
    assert file.get_content_disposition() == "attachment"
    assert not harm(content)
    assert b"canary" not in content
    assert b"alert" not in content
    return content.decode()


async def test_a_table_in_a_customer_s_mail_reaches_the_agent_as_a_table_and_no_pixel_does(hand: Hand) -> None:
    await hand.write("clara", "See the pages.", page=TABLE)
    news = await hand.last("anna", "notification")
    page = page_of(files(news)["as-written.html"])
    assert "<td>page two</td><td>does not</td>" in page
    words = " ".join(text_of(news).split())
    assert "Attached: as-written.html" in words
    assert "The mail has tables, colours or struck words: see as-written.html." in words


async def test_so_does_one_in_a_mail_that_an_agent_forwards(hand: Hand) -> None:
    text = f"See below.\n\n---------- Forwarded message ---------\nFrom: Clara <{PEOPLE['clara'][1]}>\nSubject: Trouble\n\nSee the pages."
    await hand.write("anna", text, subject="Fwd: Trouble", fields=PROVEN, page=f"<p>{text}</p>{TABLE}")
    assert "<td>page two</td>" in page_of(files(await hand.last("ben", "notification"))["as-written.html"])


async def test_a_mail_that_says_the_same_in_html_gets_no_file(hand: Hand) -> None:
    await hand.write("clara", "See the pages.", page='<div dir="ltr"><div>See the <b>pages</b>.</div><br></div>')
    news = await hand.last("anna", "notification")
    assert not files(news)
    assert "as-written" not in decoded(news)


async def test_so_it_is_where_html_is_all_there_is_and_from_somebody_in_copy(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.", cc=PEOPLE["chief"][1])
    await hand.reply("anna", await hand.last("anna", "notification"), "Install driver 4.2.", PROVEN)
    letter = await hand.last("chief", "answer")
    head = f"From: {PEOPLE['chief'][1]}\r\nTo: {letter.header('Reply-To')}\r\nIn-Reply-To: {letter.header('Message-ID')}\r\n"
    await hand.arrives(f"{head}Content-Type: text/html\r\n\r\n<p>We need <s>five</s> six.</p>{TABLE}".encode())
    assert "<s>five</s> six" in page_of(files(await hand.last("anna", "notification"))["as-written.html"])


@pytest.mark.parametrize(
    ("name", "named"),
    [("report.html", "report.html"), ("REPORT.HTM", "REPORT.HTM"), ("report.xhtml", "report.xhtml.html")],
)
async def test_an_html_file_is_passed_on_cleaned_and_says_so(hand: Hand, name: str, named: str) -> None:
    await hand.write("clara", "See the report.", attachments=((name, REPORT),))
    news = await hand.last("anna", "notification")
    assert "<h1>Report</h1><a rel" in page_of(files(news)[named])
    assert f"Cleaned, without scripts, pictures and anything remote: {named}" in " ".join(text_of(news).split())


async def test_a_file_whose_type_alone_is_html_is_cleaned_too(hand: Hand) -> None:
    part = f"--b\r\nContent-Type: text/html; charset=iso-8859-1\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nGr\xfc\xdfe{TABLE}\r\n--b--\r\n"
    head = f"From: {PEOPLE['clara'][1]}\r\nTo: {SUPPORT}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHello\r\n"
    await hand.arrives((head + part).encode("latin-1"))
    assert "Gr\xfc\xdfe" in page_of(files(await hand.last("anna", "notification"))["a.txt.html"])


@pytest.mark.parametrize("content", [b"<p>x</p>" * 300_000, b"<script>alert(1)</script>", b""])
async def test_what_can_t_be_cleaned_stays_here_and_is_named(hand: Hand, content: bytes) -> None:
    number = await hand.write("clara", "See.", attachments=(("a.log", b"log"), ("big.html", content)))
    news = await hand.last("anna", "notification")
    assert list(files(news)) == ["a.log"]
    assert "), it could not be cleaned." in " ".join(text_of(news).split())
    assert f"mailproc inbound attachment {number} 2 > file" in text_of(news)


async def test_no_html_of_a_customer_s_is_in_any_letter_to_a_customer(hand: Hand) -> None:
    await hand.write(
        "clara", "See the pages.", page=TABLE, cc=PEOPLE["chief"][1], attachments=(("report.html", REPORT),)
    )
    await hand.reply("anna", await hand.last("anna", "notification"), "#resolve\nInstall driver 4.2.", PROVEN)
    for name in ("clara", "chief"):
        for letter in await hand.letters(name):
            assert not files(letter)
            assert "does not" not in decoded(letter)
            assert "Report" not in decoded(letter)


async def test_a_third_party_s_page_is_shared_cleaned_and_the_form_of_their_mail_is_not(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.")
    news = await hand.last("anna", "notification")
    await hand.reply("anna", news, f"#ask {PEOPLE['victor'][1]}\nWhich driver?", PROVEN)
    asked = await hand.last("victor", "side")
    await hand.reply(
        "victor", asked, "Driver 4.2.", page=f"<p>Driver 4.2.</p>{TABLE}", attachments=(("report.html", REPORT),)
    )
    told = await hand.last("anna", "notification")
    assert sorted(files(told)) == ["as-written.html", "report.html"]
    await hand.reply("anna", told, "#share", PROVEN)
    answer = await hand.last("clara", "answer")
    assert list(files(answer)) == ["report.html"]
    page_of(files(answer)["report.html"])


@pytest.mark.parametrize("name", ["as-written.html", "as-written (1).html"])
async def test_what_shows_one_customer_s_mail_to_agents_goes_to_no_other_with_an_agent_s_forward(
    hand: Hand, name: str
) -> None:
    await hand.write("clara", "See the pages.", page=TABLE)
    page = page_of(files(await hand.last("anna", "notification"))["as-written.html"])
    text = f"#new {PEOPLE['chief'][1]}\nHere is the driver."
    attachments = ((name, page.encode()), ("driver.txt", b"4.2"))
    await hand.write("anna", text, subject="Driver", fields=PROVEN, attachments=attachments)
    assert list(files(await hand.last("chief", "answer"))) == ["driver.txt"]
    told = " ".join(text_of(await hand.last("anna", "receipt")).split())
    assert f"{name} does not go along: it is for agents only." in told


async def test_a_file_that_takes_its_name_is_not_taken_for_it(hand: Hand) -> None:
    await hand.write("clara", "See the report.", attachments=(("As-Written.html", REPORT),))
    news = await hand.last("anna", "notification")
    assert list(files(news)) == ["As-Written.html.html"]
    assert "The mail has tables" not in " ".join(text_of(news).split())


async def test_a_mail_of_an_agent_s_that_is_put_aside_is_shown_to_colleagues_too(hand: Hand) -> None:
    await hand.write(
        "anna",
        f"#new {SUPPORT}\nSee the pages.",
        subject="Trouble",
        fields=PROVEN,
        page=f"<p>#new {SUPPORT}</p>{TABLE}",
    )
    assert "<td>page two</td>" in page_of(files(await hand.last("ben", "notification"))["as-written.html"])


async def test_an_html_file_an_agent_attaches_goes_as_it_is(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.")
    await hand.reply(
        "anna", await hand.last("anna", "notification"), "See the file.", PROVEN, attachments=(("report.html", REPORT),)
    )
    assert files(await hand.last("clara", "answer"))["report.html"].get_payload(decode=True) == REPORT


def html(name: str, kind: str = "text/html", cleaned: bytes = b"<p>a") -> Attachment:
    return Attachment(name, kind, b"<p onclick=x>a", cleaned=cleaned)


def test_the_places_of_files_are_those_they_came_in(tmp_path: Path) -> None:
    policy = policy_of(nowhere_settings(tmp_path)).enclosures
    came = (html("a.html"), html("b.html", cleaned=b""), html("c.html"), Attachment("d.exe", "application/pdf", b"MZ"))
    passed, withheld = with_words(came, "", b"<p>page", policy, 17)
    assert [(each.filename, each.content) for each in passed] == [
        ("as-written.html", b"<p>page"),
        ("a.html", b"<p>a"),
        ("c.html", b"<p>a"),
    ]
    assert [(each.name, each.place) for each in withheld] == [("b.html", 2), ("d.exe", 4)]


def test_html_that_the_operator_blocks_is_not_even_passed_on_cleaned(tmp_path: Path) -> None:
    policy = policy_of(nowhere_settings(tmp_path, attachments={"blocked_extensions": ["html"]})).enclosures
    [withheld] = sorted_out([html("a.html")], policy, 17)[1]
    assert withheld.because is WithheldBecause.KIND


def test_no_setting_passes_on_html_as_it_came(tmp_path: Path) -> None:
    policy = policy_of(
        nowhere_settings(tmp_path, attachments={"blocked_extensions": [], "blocked_types": []})
    ).enclosures
    for name, kind in (
        ("a.html", "text/plain"),
        ("a.txt", "text/html"),
        ("a.shtml", "x/y"),
        ("a", "application/xhtml+xml"),
    ):
        passed, withheld = sorted_out([html(name, kind, cleaned=b"")], policy, 17)
        assert (passed, [each.because for each in withheld]) == ((), [WithheldBecause.HTML])
        assert [each.content for each in sorted_out([html(name, kind)], policy, 17)[0]] == [b"<p>a"]


def test_the_copies_count_against_the_bytes_of_a_letter(tmp_path: Path) -> None:
    policy = policy_of(nowhere_settings(tmp_path, attachments={"most_bytes": 10})).enclosures
    passed, withheld = with_words([html("a.html"), html("b.html", cleaned=b"<p>too large")], "", b"<p>ab", policy, 17)
    assert [each.filename for each in passed] == ["as-written.html", "a.html"]
    assert [(each.name, each.because) for each in withheld] == [("b.html", WithheldBecause.SIZE)]
    assert with_words([], "", b"<p>too large", policy, 17) == ((), ())


@pytest.mark.parametrize("name", ["report.xml", "report.xsl", "report.rss"])
async def test_xml_comes_as_a_text_that_no_browser_runs(hand: Hand, name: str) -> None:
    content = b'<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>'
    await hand.write("clara", "Our invoice.", attachments=((name, content),))
    file = files(await hand.last("anna", "notification"))[f"{name}.txt"]
    assert (file.get_content_type(), file.get_payload(decode=True)) == ("text/plain", content)


def test_so_does_what_only_its_type_says_is_xml_and_a_blocked_type_stays_here(tmp_path: Path) -> None:
    policy = policy_of(nowhere_settings(tmp_path, attachments={"blocked_types": ["text/xml"]})).enclosures
    atom, blocked = (Attachment("a", kind, b"<r/>") for kind in ("application/atom+xml", "text/xml"))
    passed, withheld = sorted_out([atom, blocked], policy, 17)
    assert [(each.filename, each.content_type) for each in passed] == [("a.txt", "text/plain")]
    assert [(each.because, each.place) for each in withheld] == [(WithheldBecause.KIND, 2)]


async def test_xml_that_an_agent_attaches_goes_as_it_is(hand: Hand) -> None:
    await hand.write("clara", "Where is it?")
    news = await hand.last("anna", "notification")
    await hand.reply("anna", news, "Our invoice.", PROVEN, (("invoice.xml", b"<Invoice/>"),))
    assert files(await hand.last("clara", "answer"))["invoice.xml"].get_payload(decode=True) == b"<Invoice/>"
