"""What is new in an HTML reply: clients' containers."""

from __future__ import annotations

import pytest

from mailproc.mime.quoting import split_html_reply

NEW = "It works again, thank you."
OLD = "<p>Have you tried to switch it off and on?</p>"

CONTAINERS = {
    "Gmail": '<div dir="ltr">{new}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">'
    "Skribis Anna lunde:<br></div><blockquote class='gmail_quote'>{old}</blockquote></div>",
    "old Gmail": '{new}<div class="gmail_extra"><br><div class="gmail_quote">On Mon, Anna wrote:<br>{old}</div></div>',
    "Apple": '{new}<div><br><blockquote type="cite"><div>Op 3 mrt 2025 heeft Anna het volgende:</div>{old}</blockquote></div>',
    "Thunderbird": '<p>{new}</p><div class="moz-cite-prefix">Skribis Anna lunde:</div><blockquote type="cite">{old}</blockquote>',
    "Outlook": '<p>{new}</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3pt 0 0 0"><p><b>Ekde:</b> Anna<br>'
    "<b>Sendita:</b> lunde<br><b>Temo:</b> X</p></div>{old}",
    "Outlook on the web": '<div>{new}</div><div id="appendonsend"></div><hr><div id="x_divRplyFwdMsg"><b>Ekde:</b> Anna</div>{old}',
    "old Outlook": '{new}<div class="OutlookMessageHeader"><b>Ekde:</b> Anna</div>{old}',
    "Yahoo": '<div>{new}</div><div id="ydp1yahoo_quoted_1" class="ydp1yahoo_quoted yahoo_quoted_77"><div>Anna:</div>{old}</div>',
    "Proton": '<div>{new}</div><div class="protonmail_quote">Anna, lunde:<br><blockquote>{old}</blockquote></div>',
    "rewritten names": '<div>{new}</div><div class="x_x_gmail_quote">Skribis Anna:{old}</div>',
}


@pytest.mark.parametrize("html", CONTAINERS.values(), ids=CONTAINERS.keys())
class TestContainers:
    def test_hold_what_is_quoted(self, html: str) -> None:
        reply = split_html_reply(html.format(new=NEW, old=OLD))
        assert reply.text == NEW
        assert "switch it off" in reply.quoted

    def test_whole_document(self, html: str) -> None:
        document = f"<html><head><title>Re</title></head><body>{html.format(new=NEW, old=OLD)}</body></html>"
        assert split_html_reply(document).text == NEW


def test_answers_between_and_below_stay() -> None:
    html = (
        '<div class="gmail_quote"><div class="gmail_attr">On Mon, 3 Mar 2025 Anna wrote:</div>'
        '<blockquote class="gmail_quote">Which version?</blockquote><div>3.2</div>'
        '<blockquote class="gmail_quote">Which system?</blockquote><div>Linux</div></div>'
    )
    reply = split_html_reply(html)
    assert reply.unquoted.split() == ["3.2", "Linux"]
    assert "> Which system?" in reply.text


@pytest.mark.parametrize(
    "html",
    [
        '<div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: <b>Carol</b></div>{old}</div>',
        '<blockquote type="cite"><div>Begin forwarded message:</div><br>From: Carol<br>{old}</blockquote>',
        '<div class="moz-forward-container">-------- Forwarded Message --------<br>From: Carol<br>{old}</div>',
    ],
)
def test_a_forward_is_kept(html: str) -> None:
    reply = split_html_reply(f"<p>Look:</p>{html.format(old=OLD)}")
    assert reply.forwarded
    assert "switch it off" in reply.text


def test_nothing_but_a_quote_is_nothing_new() -> None:
    assert split_html_reply(f'<blockquote type="cite">{OLD}</blockquote>').text == ""


def test_an_indented_paragraph_is_the_writers() -> None:
    html = f'<p>I see:</p><blockquote style="margin: 0 0 0 40px; border: none; padding: 0px">Error 17</blockquote><p>{NEW}</p>'
    assert split_html_reply(html).unquoted.split() == f"I see: Error 17 {NEW}".split()


def test_a_signature_goes_into_its_field_but_never_takes_all() -> None:
    signed = split_html_reply(f'<p>{NEW}</p><div class="gmail_signature">Bob<br>Acme</div>')
    assert (signed.text, signed.signature) == (NEW, "Bob\nAcme")
    assert split_html_reply(f'<div id="Signature">{NEW}</div>').text == NEW


def test_our_marker_and_our_words_are_known_in_html_too() -> None:
    letter = "We have looked at the printer and found that the drum is worn."
    assert split_html_reply(f"<p>{NEW}</p><p>##- Please write above -##</p><p>{letter}</p>").text == NEW
    assert split_html_reply(f"<p>{NEW}</p><p>{letter}</p>", [letter]).text == NEW


@pytest.mark.parametrize(
    "html", ["", " ", "<", "<!-- -->", "\0", "<p>\ue0f2</p>", "<blockquote type=cite>", "</div></blockquote>x"]
)
def test_rubbish_is_no_error(html: str) -> None:
    assert "<" not in split_html_reply(html).text.strip("<")
