"""The filters our templates may use: moments, mailto links, and other people's words made safe."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from urllib.parse import quote
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, get_timezone_location
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from mailproc.core.letters import Action
from mailproc.render import text

_URL = re.compile(r"https?://[^\s<>\"'`\\^{|}]+", re.IGNORECASE)
_LITERAL = re.compile(r"'[^']*'")  # of a pattern, and what of it tells seconds or parts of them (UTS 35)
_SECONDS = re.compile(r"[sSA]")
_AFTER_URL = ".,;:!?)…*_"


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a letter is for; templates know it as `reader`."""

    language: str  # of the words
    time_zone: str
    zone: tzinfo
    city: str  # how the reader's language calls the zone's place: "Berlin"


@lru_cache(maxsize=1024)
def reader(language: str, time_zone: str) -> Reader:
    """A zone that does not exist counts as UTC: a letter is never lost to a wrong setting of its reader."""
    locale = locale_of(language)
    try:
        zone: tzinfo = ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):
        return Reader(language, "UTC", UTC, "UTC")
    return Reader(language, time_zone, zone, str(get_timezone_location(zone, locale=locale, return_city=True)))


@lru_cache(maxsize=256)
def locale_of(language: str) -> Locale:
    """What babel knows of a language; English where it knows nothing."""
    for code in (language, language.partition("-")[0]):
        try:
            return Locale.parse(code, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def moment_in(pattern: str) -> Callable[[Context, datetime], str]:
    """A filter that writes a moment by this pattern (CLDR) in the reader's zone.

    In the pattern `[city]` stands for the zone's place, and `~` for a space at which no line is broken. Names of days
    and months are in the language of the letter's words, which may be another than the reader's.
    """

    @lru_cache(maxsize=4096)
    def written(at: datetime, to: Reader, page: bool) -> str:
        words = format_datetime(at, pattern, tzinfo=to.zone, locale=locale_of(to.language)).replace("[city]", to.city)
        # A page has the entity, not the character: `text.tidied` is quick with what is printable.
        return escape(words).replace("~", Markup("&nbsp;")) if page else words.replace("~", text.TIE)

    to_the_minute = not _SECONDS.search(_LITERAL.sub("", pattern))

    @pass_context
    def moment(context: Context, at: datetime) -> str:
        if to_the_minute:  # one text for all letters of a minute
            at = at.replace(second=0, microsecond=0)
        return written(at, context["reader"], bool(context.eval_ctx.autoescape))

    return moment


@pass_context
def language_name(context: Context, code: str) -> str:
    """A language's name in the language of the letter's words: `de` is "German"."""
    return _language_name(code, context["reader"].language)


@lru_cache(maxsize=1024)
def _language_name(code: str, told_in: str) -> str:
    names = locale_of(told_in).languages
    return str(names.get(code.replace("-", "_")) or names.get(code.partition("-")[0]) or code)


def mailto(action: Action, subject: str, body: str = "", tag: str = "") -> str:
    """A link that opens a mail to the action's address (RFC 6068). The tag begins the subject; the reference, when there
    is one, ends it.

    Everything is percent-encoded, also the `+` of the address: some clients read a bare one as a space (section 5).
    """
    words = "%20".join(filter(None, map(_encoded, (tag, subject, action.reference))))
    link = f"{_written_to(action.address)}?subject={words}"
    return f"{link}&body={_proposed(body)}" if body else link


@lru_cache(maxsize=64)
def _written_to(address: str) -> str:
    """One address serves most buttons of a letter, in both its forms."""
    local, _, domain = address.rpartition("@")
    return f"mailto:{quote(local, safe='')}@{quote(domain, safe='')}"


@lru_cache(maxsize=1024, typed=True)
def _encoded(words: str) -> str:
    """Words of a subject, percent-encoded: the same in every letter, but for the ticket's tag."""
    return quote(text.line(_bare(words)), safe="")


@lru_cache(maxsize=64, typed=True)
def _proposed(words: str) -> str:
    """Words of a mail, percent-encoded: commands are the same in every letter."""
    return quote(text.tidied(_bare(words)).replace("\n", "\r\n"), safe="")


def _bare(words: str) -> str:
    """What a macro says on a page is escaped already; the page escapes the whole link."""
    return words.unescape() if isinstance(words, Markup) else words


def paragraphs(words: str) -> Markup:
    """Other people's words as HTML: escaped, line breaks and indentation kept, web addresses as links to what they show."""
    blocks = _linked(text.tidied(words)).split("\n\n")
    html = "\n".join(["<p>" + block.replace("\n", "<br>\n") + "</p>" for block in blocks if block])
    return Markup(html)  # noqa: S704 - all words in it are escaped below


def _linked(words: str) -> str:
    """All lines at once: a mail may be nothing but line ends."""
    if "://" not in words:
        return _spaced(words)
    parts = []
    at = 0
    for found in _URL.finditer(words):
        url = found[0].rstrip(_AFTER_URL)
        if "(" in url and found[0][len(url) :].startswith(")"):
            url += ")"
        end = found.start() + len(url)
        shown = escape(url)
        parts += [_spaced(words[at : found.start()]), f'<a href="{shown}">{shown}</a>']
        at = end
    return "".join([*parts, _spaced(words[at:])])


def _spaced(words: str) -> str:
    """Runs of spaces stay: tables and code in a mail are made of them."""
    safe = str(escape(words.replace("\t", "    "))).replace("  ", "&nbsp; ")
    safe = safe.replace("\n ", "\n&nbsp;")
    return f"&nbsp;{safe[1:]}" if safe.startswith(" ") else safe
