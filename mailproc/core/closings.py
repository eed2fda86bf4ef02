"""Whether an agent's words are nothing but a closing: "Best regards, Anna Agent, Acme Support"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

_MOST_LINES: Final = 12  # of a closing with its card; and no line of it is long
_LONGEST_LINE: Final = 80
_MOST_WORDS: Final = 8

#: Closings by themselves, without the punctuation behind them. Thanks are no closing: "Thanks!" is an answer.
_CLOSINGS: Final = frozenset(
    " ".join(phrase.split())
    for phrase in """
    best | regards | best regards | kind regards | warm regards | kindest regards | with best regards | with kind regards | br | kr
    | all the best | best wishes | cheers | sincerely | yours sincerely | sincerely yours | yours | yours truly | yours faithfully
    | mit freundlichen grüßen | mit freundlichem gruß | freundliche grüße | mit besten grüßen | beste grüße | viele grüße | liebe grüße
    | herzliche grüße | schöne grüße | gruß | grüße | mfg | lg | vg | bg | viele liebe grüße | freundlichst | mit freundlichen gruessen
    | viele gruesse | mit besten gruessen | mit freundlichem gruss | freundliche gruesse
    | cordialement | bien cordialement | bien à vous | salutations | meilleures salutations | sincères salutations | cdlt
    | un saludo | saludos | saludos cordiales | atentamente | un cordial saludo | cordialmente
    | cordiali saluti | distinti saluti | saluti | un saluto | met vriendelijke groet | met vriendelijke groeten | groet | groeten | mvg
    | pozdrawiam | z poważaniem | serdecznie pozdrawiam | atenciosamente | cumprimentos | com os melhores cumprimentos | abraços
    | med vänlig hälsning | vänliga hälsningar | mvh | hälsningar | med venlig hilsen | venlig hilsen | vennlig hilsen
    | ystävällisin terveisin | s pozdravem | с уважением | с наилучшими пожеланиями | saygılarımla | üdvözlettel
    | よろしくお願いいたします | よろしくお願いします | 宜しくお願いいたします | 以上よろしくお願いいたします | 敬具 | 此致 | 敬礼 | 감사합니다
    """.casefold().split("|")
)
_CONTACT: Final = re.compile(
    r"(?:[^\W\d]{1,12}\.?:? ?)?(?:<?[^\s@<>]{1,64}@[^\s@<>]{2,200}>?|(?:https?://|www\.)\S{3,200}|\+?\d[\d ()/.-]{5,24})$"
)
_RULE: Final = re.compile(r"[-_=*~–—\s]+$")
_PARTICLES: Final = frozenset({
    "of", "and", "und", "&", "der", "die", "das", "de", "du", "des", "la", "le", "di", "da", "van", "von", "zu", "for", "für",
    "et", "y", "e", "i", "/", "|", "-", "–", "im", "in",
})  # fmt: skip


def only_signature(words: str, names: Iterable[str] = ()) -> bool:
    """Whether these words, quotes and delimited signatures gone, say nothing but who writes; not of empty ones.

    That is a closing with lines below it as a card has them (names, titles, ways to reach somebody), or lines of nothing
    but the words of `names`: the agent's, the desk's.
    """
    lines = [
        line.strip() for line in words[: 40 * _LONGEST_LINE].splitlines() if line.strip() and not _RULE.match(line)
    ]
    if not lines or len(lines) > _MOST_LINES or any(len(line) > _LONGEST_LINE for line in lines):
        return False
    known = {word for name in names for word in _words(name)}
    closed = False
    for line in lines:
        if _closes(line, known):
            closed = True
        elif not (_names_only(line, known) or _CONTACT.match(line) or (closed and like_a_card(line))):
            return False
    return True


def _closes(line: str, known: set[str]) -> bool:
    """A closing, alone or with the name behind it: "Viele Grüße, Anna"."""
    phrase, _, name = line.partition(",")
    return _folded(phrase) in _CLOSINGS and (not name.strip() or _names_only(name, known) or like_a_card(name.strip()))


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFC", text.replace("\N{NO-BREAK SPACE}", " ")).casefold()
    return " ".join(plain.split()).strip(" .,!;:。、！-–—")


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold())


def _names_only(line: str, known: set[str]) -> bool:
    words = _words(line)
    return bool(words) and known.issuperset(words)


def like_a_card(line: str) -> bool:
    """Short, no sentence, and every word begins like a name: "Anna Agent", "Leiterin IT und Support"."""
    words = line.split()
    if len(words) > _MOST_WORDS or line.endswith((".", "!", "?", ":", "。", "？", "！")):
        return False
    return all(word.casefold() in _PARTICLES or not word[0].islower() for word in words)
