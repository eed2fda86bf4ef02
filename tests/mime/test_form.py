"""When the HTML of a mail is shown beside its text: where its form says more, and not for what every client writes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mailproc.core.message import Address
from mailproc.mime.compose import OutgoingMail, compose
from mailproc.mime.parse import parse_mail
from mailproc.mime.sanitise import as_written
from tests.render.reading import render
from tests.testlib.clients import CLIENTS, Draft
from tests.testlib.pictures import samples
from tests.testlib.quoted_mail import QuotedMail

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)

GMAIL = (
    '<div dir="ltr"><div>Hello,</div><div><br></div><div>it <b>still</b> prints <i>two</i> pages, see '
    '<a href="https://acme.example" style="color:rgb(17,85,204)">https://acme.example</a>.</div><div><ul><li>page one</li>'
    '<li>page two</li></ul></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature">'
    '<table cellpadding="0"><tbody><tr><td><img src="https://x.example/logo.png" alt="Customer"></td><td>Clara Jones<br>Customer '
    '&amp; Sons</td></tr></tbody></table></div></div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Sat, '
    '21 Nov 2026 at 14:05, Acme Support &lt;<a href="mailto:support@acme.example">support@acme.example</a>&gt; wrote:<br></div>'
    '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204)"><p>Which driver?'
    "</p></blockquote></div>"
)
OUTLOOK = (
    '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal{margin:0cm;color:black}</style></head>'
    '<body lang=EN-GB link="#0563C1" vlink="#954F72"><div class=WordSection1><p class=MsoNormal><span style=\'font-size:11.0pt;'
    'font-family:"Calibri",sans-serif;color:#1F497D;mso-fareast-language:EN-US\'>It still prints two pages of five.<o:p></o:p>'
    "</span></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><table class=MsoNormalTable border=0 cellspacing=0><tr><td><p class="
    "MsoNormal><b><span style='color:#C00000'>Clara Jones</span></b></p></td></tr><tr><td>Phone:</td><td>+49 30 1234567</td></tr>"
    "<tr><td>Mail:</td><td><a href=\"mailto:clara@customer.example\"><span style='color:#0563C1'>clara@customer.example</span></a>"
    "</td></tr></table><div style='border:none;border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>From:</b> Acme Support<br><b>"
    "Sent:</b> Saturday<br><b>To:</b> Clara<br><b>Subject:</b> Printer</p></div><p class=MsoNormal style='background:white'>"
    "<span style='color:black'>Which driver?</span></p></div></body></html>"
)
APPLE = (
    '<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body style="overflow-wrap: '
    'break-word; -webkit-nbsp-mode: space;">It still prints two pages.<div><br></div><div><font color="#5856d6">Clara</font></div>'
    '<div><br><blockquote type="cite"><div>On 21. Nov 2026, at 14:05, Acme Support wrote:</div><br><div><div>Which driver?</div>'
    "</div></blockquote></div></body></html>"
)
NEWSLETTER = (
    '<table width="100%" bgcolor="#ffcc00"><tr><td><table role="presentation"><tr><td>Home</td><td>Shop</td></tr><tr><td>News</td>'
    '<td>Help</td></tr></table></td></tr><tr><td><a style="background:#ff0000;color:#fff" href="https://x.example">Buy now, it is '
    "cheap</a></td></tr></table>"
)


@pytest.mark.parametrize("html", [GMAIL, OUTLOOK, APPLE, NEWSLETTER], ids=["gmail", "outlook", "apple", "newsletter"])
def test_what_every_client_writes_says_no_more_than_its_text(html: str) -> None:
    assert as_written([html]) == b""


@pytest.mark.parametrize(
    "added",
    [
        "<table border=1><tr><th>Page</th><th>Prints</th></tr><tr><td>1</td><td>yes</td></tr></table>",
        "<table class=MsoTableGrid><tr><td><p>A</p></td><td><p>B</p></td></tr><tr><td><p>C</p></td><td><p>D</p></td></tr></table>",
        "<table><tr><td>a</td><td>+49 30 1234567</td><td>x</td></tr><tr><td>b</td><td>c@d.example</td><td>y</td></tr></table>",
        "<table><tr><td>21.11.2026</td><td>prints two</td></tr><tr><td>2026-11-22 14:05</td><td>none</td></tr></table>",
        "<table><tr><td>Order</td><td>4006381333931</td></tr><tr><td>Total</td><td>1.234.567,00</td></tr></table>",
        "<p>We need <s>five</s> six.</p>",
        "<p>We need <span style='text-decoration:line-through'>five</span> six.</p>",
        "<p>Take the <span style='background:yellow;mso-highlight:yellow'>second</span> one.</p>",
        "<p>Take the <mark>second</mark> one.</p>",
        "<p>My answers are <font color=red>in red, as you see here</font>.</p>",
        "<p>My answers are <span style='color:rgb(0, 176, 80)'>in green, as you see here</span>.</p>",
        "<p>My answers are <span style='color:#0070C0'>in blue, as you see here</span>.</p>",
    ],
)
@pytest.mark.parametrize("html", [GMAIL, OUTLOOK, APPLE], ids=["gmail", "outlook", "apple"])
def test_tables_of_data_struck_highlighted_and_coloured_words_say_more(html: str, added: str) -> None:
    assert as_written([html.replace("It still", f"{added}It still").replace("<div>it <b>", f"{added}<div>it <b>")])


@pytest.mark.parametrize(
    "html",
    [
        "<p style='color:red'>All of it is red, from the first word to the last.</p>",  # one colour says nothing
        "<table><tr><td>one</td><td>row</td></tr></table>",
        "<table><tr><td>one</td></tr><tr><td>column</td></tr></table>",
        "<table><tr><td>&nbsp;</td><td>a</td></tr><tr><td><img src=x alt=y></td><td>b</td></tr></table>",
        "<table><tr><td>Clara</td><td>Jones</td></tr><tr><td>Phone</td><td>030 1234567</td></tr></table>",
        "<table><tr><td>Clara</td><td>Jones</td></tr><tr><td>Phone</td><td>(555) 123-4567</td></tr></table>",
        "<table><tr><td>Clara</td><td>Jones</td></tr><tr><td>Phone</td><td>555-123-4567</td></tr></table>",
        "<table><tr><td>Clara</td><td>Jones</td></tr><tr><td>Tel.</td><td>0041/44/1234567</td></tr></table>",
        "<p>a <s> </s><mark></mark> b</p>",
        "<p>a <span style='background:white'>b</span> <span style='background:transparent'>c</span></p>",
        "<p>a</p><table style='display:none'><tr><td>a<td>b<tr><td>c<td>d</table>",
        "<p>Dear all, the rest is as before.</p><p style='color:#1F497D'>Clara Jones, Customer and Sons, Berlin</p>",
        "<p>Hello</p><p><font color=#e95e0f>Clara Jones</font></p>",
    ],
)
def test_what_only_looks_like_it_does_not(html: str) -> None:
    assert as_written([html]) == b""


@pytest.mark.parametrize("client", CLIENTS)
def test_a_quoted_letter_of_ours_says_no_more(client: str) -> None:
    sender, people = Address("support@acme.example", "Acme Support"), (Address("clara@customer.example", "Clara"),)
    draft = Draft("It still prints two pages.", min(CLIENTS[client].postings), "en")
    for kind, values in samples().items():
        letter = render(kind, values)
        mail = OutgoingMail(
            sender, "support+a2b3@acme.example", people, (), letter.subject, "<1@acme.example>", "", (), NOW, letter.text,
            letter.html,
        )  # fmt: skip
        reply = CLIENTS[client].reply(QuotedMail.of(compose(mail)), draft, "clara@customer.example", NOW)
        assert parse_mail(reply).as_written == b"", kind
