"""Mail clients answering a mail: what Outlook, Gmail, Apple Mail and others make of a person's words and a quote.

    content = CLIENTS["gmail"].reply(QuotedMail.of(notification), Draft("Try it again.", Posting.TOP, "de"), "Anna <...>")

Each is written after mails of the real program: how it introduces, marks or does not mark, wraps and encodes.
"""

from __future__ import annotations

import html as markup
import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from enum import StrEnum

from babel.dates import format_datetime as written

from tests.testlib.client_words import LANGUAGES, Language
from tests.testlib.quoted_mail import QuotedMail, woven, woven_page

_WINDOWS = str.maketrans({"·": "-", "\u202f": " "})
_LINK_ANGLES, _LINK_SPACE, _LINK_NONE = "{text}<{url}>", "{text} <{url}>", "{text}"


class Posting(StrEnum):
    TOP = "top"
    BOTTOM = "bottom"
    BETWEEN = "between"


@dataclass(frozen=True, slots=True)
class Draft:
    """What the agent typed, and where: `words` above or below the quote, `answers` below words of it."""

    words: str
    posting: Posting
    language: str
    answers: Mapping[str, str] = field(default_factory=dict)
    signature: str = ""  # as the program adds it, with its delimiter if it sets one


@dataclass(frozen=True, slots=True)
class Body:
    """What a program makes of it."""

    text: str
    page: str = ""
    charset: str = "utf-8"
    encoding: str = "quoted-printable"
    flowed: bool = False
    only_page: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """A program. `signature` is what it adds below everything written with it."""

    write: Callable[[QuotedMail, Draft, Language], Body]
    signature: Callable[[Language], str] = lambda _language: ""
    postings: frozenset[Posting] = frozenset(Posting)
    agent: str = ""

    def reply(self, mail: QuotedMail, draft: Draft, author: str, now: datetime) -> bytes:
        """The mail this program sends."""
        body = self.write(mail, draft, LANGUAGES[draft.language])
        message = EmailMessage(policy=SMTP)
        message["From"], message["To"], message["Subject"] = author, mail.reply_to, _answered(mail.subject)
        message["Date"] = format_datetime(now)
        message["Message-ID"] = make_msgid(domain="acme.example")
        message["In-Reply-To"] = mail.message_id
        message["References"] = f"{mail.references} {mail.message_id}".strip()
        if self.agent:
            message["User-Agent"] = self.agent
        _fill(message, body)
        return message.as_bytes()


def _answered(subject: str) -> str:
    return subject if subject.startswith("Re: ") else f"Re: {subject}"


def _fill(message: EmailMessage, body: Body) -> None:
    if not body.only_page:
        charset, text = _encodable(body.text, body.charset)
        message.set_content(text, charset=charset, cte=_transport(body.encoding, charset))
        if body.flowed:
            message.set_param("format", "flowed")
    if body.page:
        charset, page = _encodable(f"<html><head></head><body>{body.page}</body></html>", body.charset)
        add = message.set_content if body.only_page else message.add_alternative
        add(page, subtype="html", charset=charset, cte=_transport(body.encoding, charset))


def _encodable(text: str, charset: str) -> tuple[str, str]:
    """In an old charset if it holds the words, as clients do; what the words lack, they write otherwise."""
    text = text.translate(_WINDOWS) if charset != "utf-8" else text
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return "utf-8", text
    return charset, text


def _transport(encoding: str, charset: str) -> str:
    return "7bit" if charset == "iso-2022-jp" else encoding


# --- pieces ---------------------------------------------------------------------------------------


def _date(mail: QuotedMail, pattern: str, draft: Draft) -> str:
    return written(mail.date, pattern, locale=draft.language)


def _introduction(mail: QuotedMail, draft: Draft, form: tuple[str, str]) -> str:
    return form[1].format(date=_date(mail, form[0], draft), who=mail.who, name=mail.name, address=mail.address)


def _headers(mail: QuotedMail, draft: Draft, language: Language, form: str = "{} {}") -> list[str]:
    labels = language.outlook
    values = (mail.who, _date(mail, language.outlook_date, draft), mail.to, mail.subject)
    return [
        form.format(label, value)
        for label, value in zip((labels.sender, labels.date, labels.to, labels.subject), values, strict=True)
    ]


def _put(draft: Draft, above: list[str], quote: list[str]) -> str:
    """Words, signature, introduction and quote as one text, in the order of the posting."""
    own = [part for part in (draft.words, draft.signature) if part]
    quoted = "\n".join([*above, *quote])
    match draft.posting:
        case Posting.TOP:
            return "\n\n".join([*own, quoted]) + "\n"
        case Posting.BOTTOM:
            return "\n\n".join([quoted, *own]) + "\n"
        case Posting.BETWEEN:
            return "\n\n".join([*([draft.words] if draft.words else []), quoted, draft.signature]).rstrip() + "\n"


def _marked(text: str, prefix: str = "> ", width: int = 0) -> list[str]:
    lines = []
    for line in text.rstrip("\n").split("\n"):
        pieces = textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) if width else [line]
        lines += [f"{prefix}{piece}".rstrip() for piece in pieces or [""]]
    return lines


def _quoted(draft: Draft, lines: list[str]) -> list[str]:
    return woven(lines, draft.answers)


def _page(text: str, line: str = "<div>{}</div>", blank: str = "<div><br></div>") -> str:
    return "".join(line.format(markup.escape(each, quote=False)) if each else blank for each in text.split("\n"))


def _pages(draft: Draft, above: str, quote: str, line: str = "<div>{}</div>") -> str:
    own = _page(draft.words, line) + (_page(f"\n{draft.signature}", line) if draft.signature else "")
    return above + quote + own if draft.posting is Posting.BOTTOM else own + above + quote


def _blockquote(mail: QuotedMail, draft: Draft, opening: str, introduction: str = "") -> str:
    answers = {
        words: markup.escape(answer, quote=False).replace("\n", "<br>") for words, answer in draft.answers.items()
    }
    inner = woven_page(mail.html, answers, "<div>{}</div>", around=(opening, "</blockquote>"))
    return f"{opening}{introduction}{inner}</blockquote>"


# --- programs -------------------------------------------------------------------------------------


def _gmail(mail: QuotedMail, draft: Draft, language: Language) -> Body:
    introduction = _introduction(mail, draft, language.gmail)
    lines = _marked(mail.page_text(link=_LINK_SPACE), width=74)
    if draft.language in {"en", "de"}:  # Gmail breaks its own line too
        introduction = "\n".join(textwrap.wrap(introduction, 70, break_long_words=False, break_on_hyphens=False))
    text = _put(draft, [introduction, ""], _quoted(draft, lines))
    opening = '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204)">'
    attribution = f'<div dir="ltr" class="gmail_attr">{markup.escape(introduction)}<br></div>'
    quote = f'<br><div class="gmail_quote gmail_quote_container">{attribution}{_blockquote(mail, draft, opening)}</div>'
    return Body(text, f'<div dir="ltr">{_pages(draft, "", quote)}</div>', encoding="base64")


def _apple(mail: QuotedMail, draft: Draft, language: Language) -> Body:
    introduction = _introduction(mail, draft, language.apple)
    quote = _marked(f"{introduction}\n\n{mail.page_text(link=_LINK_SPACE)}")
    opening = '<blockquote type="cite">'
    first = f'<div>{markup.escape(introduction)}</div><br class="Apple-interchange-newline">'
    page = _pages(draft, "", f"<div><br>{_blockquote(mail, draft, opening, first)}</div>")
    return Body(_put(draft, [], _quoted(draft, quote)), page)


def _iphone(mail: QuotedMail, draft: Draft, language: Language) -> Body:
    introduction = _introduction(mail, draft, language.apple)
    quote = _marked(f"{introduction}\n\n\ufeff{mail.page_text(link=_LINK_NONE)}")
    cited = _blockquote(mail, draft, '<blockquote type="cite">', markup.escape(introduction))
    page = f'<div dir="ltr">{_pages(draft, "<br>", cited)}</div>'
    return Body(_put(draft, [], _quoted(draft, quote)), page, encoding="base64")


def _thunderbird(mail: QuotedMail, draft: Draft, language: Language) -> Body:
    introduction = _introduction(mail, draft, language.thunderbird)
    text = _put(draft, [introduction], _quoted(draft, _marked(mail.text)))
    return Body(_flowed(text), flowed=True, encoding="8bit")


def _flowed(text: str) -> str:
    """Long lines of one's own broken softly, lines that look quoted stuffed (RFC 3676, 4.2)."""
    out = []
    for line in text.split("\n"):
        if line.startswith(">") or len(line) <= 72:
            out.append(line.rstrip() if line != "-- " else line)
        else:
            out.append(" \n".join(textwrap.wrap(line, 71, break_long_words=False, break_on_hyphens=False)))
    return "\n".join(f" {line}" if line.startswith((" ", "From ")) else line for line in "\n".join(out).split("\n"))


def _mutt(mail: QuotedMail, draft: Draft, _language: Language) -> Body:
    introduction = f"On {mail.date:%a, %b %d, %Y at %I:%M:%S%p %z}, {mail.name} wrote:"
    charset = "iso-2022-jp" if draft.language == "ja" else "iso-8859-1"
    return Body(_put(draft, [introduction], _quoted(draft, _marked(mail.text))), charset=charset)


def _neomutt(mail: QuotedMail, draft: Draft, _language: Language) -> Body:
    lead = {"de": "Am {}, schrieb {}:", "fr": "Le {}, {} a écrit :", "es": "El {}, {} escribió:"}
    introduction = lead.get(draft.language, "* {} wrote on {}:").format(f"{mail.date:%d.%m.%Y um %H:%M}", mail.name)
    if draft.language not in lead:
        introduction = f"* {mail.who} [{mail.date:%Y-%m-%d %H:%M}]:"
    text = _put(draft, [introduction, ""], _quoted(draft, _marked(mail.text)))
    return Body(_flowed(text), flowed=True, encoding="8bit")


def _k9(mail: QuotedMail, draft: Draft, language: Language) -> Body:
    introduction = _introduction(mail, draft, (language.thunderbird[0] + ":ss z", language.apple[1]))
    return Body(_put(draft, [introduction], _quoted(draft, _marked(mail.text, prefix=">"))))


def _outlook(mail: QuotedMail, draft: Draft, language: Language) -> Body:
    """The desktop: nothing is marked, its header block stands above our marker."""
    quoted = _quoted(draft, mail.page_text(link=_LINK_ANGLES).split("\n"))
    text = _put(draft, [*_headers(mail, draft, language), ""], quoted)
    block = "<br>".join(_headers_page(mail, draft, language))
    answers = {words: markup.escape(answer).replace("\n", "<br>") for words, answer in draft.answers.items()}
    red = "<p class=MsoNormal><span style='color:#C00000'>{}</span></p>"
    page = (
        f"<div class=WordSection1>{_page(draft.words, '<p class=MsoNormal>{}<o:p></o:p></p>', '<p class=MsoNormal><o:p>&nbsp;</o:p></p>')}"
        "<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>"
        f"<p class=MsoNormal>{block}</p></div></div>{woven_page(mail.html, answers, red, around=('', ''))}</div>"
    )
    charset = {"ja": "iso-2022-jp", "pl": "iso-8859-2"}.get(draft.language, "windows-1252")
    return Body(text, page, charset=charset)


def _headers_page(mail: QuotedMail, draft: Draft, language: Language) -> list[str]:
    return [
        f"<b>{label}</b> {markup.escape(value)}"
        for label, _, value in (line.partition("\0") for line in _headers(mail, draft, language, "{}\0{}"))
    ]


def _outlook_web(mail: QuotedMail, draft: Draft, language: Language, *, only_page: bool = False) -> Body:
    """In the browser and on phones: a line, header lines, and ids of others with `x_` before them."""
    quoted = _quoted(draft, mail.page_text(link=_LINK_ANGLES).split("\n"))
    text = _put(draft, ["_" * 32, *_headers(mail, draft, language), ""], quoted)
    block = "<br>".join(_headers_page(mail, draft, language))
    answers = {words: markup.escape(answer).replace("\n", "<br>") for words, answer in draft.answers.items()}
    theirs = re.sub(r'(?:(?<=class=")|(?<=id="))[^"]+', lambda names: re.sub(r"(\S+)", r"x_\1", names[0]), mail.html)
    above = (
        '<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1">'
        f'<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif">{block}</font><div>&nbsp;</div></div>'
    )
    quote = f"<div>{woven_page(theirs, answers, '<div>{}</div>', around=('', ''))}</div>"
    page = _pages(draft, above, quote, '<div class="elementToProof">{}</div>')
    return Body(text, page, only_page=only_page, encoding="quoted-printable")


def _outlook_mobile(mail: QuotedMail, draft: Draft, language: Language) -> Body:
    return _outlook_web(mail, draft, language, only_page=draft.posting is Posting.TOP)


def _yahoo(mail: QuotedMail, draft: Draft, language: Language) -> Body:
    introduction = _introduction(mail, draft, language.gmail)
    quoted = [f" {line}" for line in mail.page_text(link=_LINK_NONE).split("\n")]
    text = _put(draft, [f"    {introduction}  ", " "], _quoted(draft, quoted))
    quote = (
        f'<div id="yahoo_quoted_2731" class="yahoo_quoted"><div><div>{markup.escape(introduction)}</div><div><br></div>'
        f"<div>{mail.html}</div></div></div>"
    )
    page = f'<div class="ydp1 yahoo-style-wrap">{_pages(draft, "<div><br></div>", quote)}</div>'
    return Body(text, page)


def _samsung(mail: QuotedMail, draft: Draft, language: Language) -> Body:
    labels = language.outlook
    day = f"{mail.date:%d/%m/%Y %H:%M} (GMT+01:00)"
    block = [
        f"{labels.sender} {mail.who}",
        f"{labels.date} {day}",
        f"{labels.to} {mail.to}",
        f"{labels.subject} {mail.subject}",
    ]
    ruled = f"-------- {language.original} --------"
    quoted = _quoted(draft, mail.page_text(link=_LINK_NONE).split("\n"))
    own = Draft(f"{draft.words}\n", draft.posting, draft.language, draft.answers, draft.signature)
    page = _pages(
        draft,
        f"<div><br></div><div>{ruled}</div>",
        f"<div>{'<br>'.join(map(markup.escape, block))}<br><br></div>{mail.html}",
    )
    return Body(
        _put(own, [ruled, *block, ""], quoted), page, encoding="base64", only_page=draft.language in {"en", "ja"}
    )


_TOP = frozenset({Posting.TOP})
_TOP_OR_BETWEEN = frozenset({Posting.TOP, Posting.BETWEEN})

CLIENTS: Mapping[str, Client] = {
    "outlook": Client(_outlook, postings=_TOP_OR_BETWEEN),
    "outlook-web": Client(_outlook_web, postings=_TOP_OR_BETWEEN),
    "outlook-mobile": Client(_outlook_mobile, lambda language: language.get_outlook, _TOP),
    "gmail": Client(_gmail, lambda _: "-- \nAnna Agent\nAcme Support"),
    "gmail-mobile": Client(_gmail, postings=_TOP),
    "apple-mail": Client(_apple),
    "iphone": Client(_iphone, lambda language: language.phone, _TOP_OR_BETWEEN),
    "thunderbird": Client(_thunderbird, lambda _: "-- \nAnna Agent\nAcme Support", agent="Mozilla Thunderbird"),
    "k-9": Client(_k9, lambda _: "-- \nSent from my Android device with K-9 Mail. Please excuse my brevity."),
    "mutt": Client(_mutt, lambda _: "-- \nAnna Agent\nAcme Support", agent="Mutt/2.2.13 (2024-03-09)"),
    "neomutt": Client(_neomutt, agent="NeoMutt/20250510"),
    "yahoo": Client(_yahoo, postings=_TOP),
    "samsung": Client(_samsung, lambda language: language.galaxy, _TOP),
}
