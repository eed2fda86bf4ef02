"""Which language a mail is written in, by the small words in it and the script of its letters."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from itertools import islice
from operator import itemgetter

from mailproc.core.message import Message
from mailproc.core.words.stopwords import STOPWORDS

_READ = 2_000  # characters: more adds time and no certainty
_MOST_WORDS = 120  # ditto, words
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
#: Addresses, links and paths are written in no language.
_NOT_PROSE = ("@", "/", "\\", "_", "www.")
_LONGEST_WORD = 40  # characters

#: Scripts that one language of ours writes alone, so that its letters are proof. Kana before Han: Japanese has both.
_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
)
_BEYOND_LATIN = re.compile(r"[^\x00-\u036f]")  # many languages share its letters
#: Letters beyond ASCII that speak for a language where its words are not known to us.
_LETTERS: Mapping[str, str] = {
    "de": "ßäöü", "fr": "çèêàœ", "es": "ñ¿¡ó", "it": "ìòù", "pt": "ãõ", "sv": "åäö", "da": "æøå", "nb": "æøå",
    "fi": "äö", "pl": "łżźśćńęą", "cs": "řůěčšž", "hu": "őű", "ro": "șțăâ", "tr": "ışğ", "ru": "ыэъё", "uk": "їєґі",
}  # fmt: skip
_LETTER_WEIGHT = 0.6
_LEAST = 0.6  # one word is enough that at most one other language has, if nothing speaks against it
_AHEAD = 1.25  # how far the best must be ahead of the next


def _weights() -> dict[str, tuple[tuple[str, float], ...]]:
    """What each word says: the more languages have it, the less it tells."""
    owners: dict[str, list[str]] = {}
    for code, words in STOPWORDS.items():
        for word in set(words.split()):
            owners.setdefault(word, []).append(code)
    return {word: tuple((code, 1 / len(codes)) for code in codes) for word, codes in owners.items()}


_WEIGHTS = _weights()
_LETTER_OWNERS: dict[str, tuple[tuple[str, float], ...]] = {
    letter: tuple(
        (code, _LETTER_WEIGHT / sum(letter in letters for letters in _LETTERS.values()))
        for code, letters in _LETTERS.items()
        if letter in letters
    )
    for letter in set("".join(_LETTERS.values()))
}


def detect(text: str) -> str:
    """The code (ISO 639-1) of the language the first 2,000 characters are in; "" when unsure."""
    prose = text[:_READ].casefold()
    found = [mark for mark in _NOT_PROSE if mark in prose]
    if found:
        prose = " ".join(chunk for chunk in prose.split() if not any(mark in chunk for mark in found))
    return _by_script(prose) or _winner(_scores(prose))


def language_of(message: Message, new_words: str) -> str:
    """The language of a mail, by its subject and what is new in it; by all its words where nothing is. As `detect`."""
    return detect(f"{message.subject}\n{new_words.strip() or message.text}")


def _by_script(prose: str) -> str:
    """Most letters in a script of one language."""
    if prose.isascii() or not _BEYOND_LATIN.search(prose):
        return ""
    letters = sum(character.isalpha() for character in prose)
    for code, script in _SCRIPTS:
        # A name or two in another script proves nothing; a fifth of all letters in kana does (the rest is Han).
        if letters and len(script.findall(prose)) >= max(1, letters * (0.2 if code == "ja" else 0.5)):
            return code
    return ""


def _scores(prose: str) -> dict[str, float]:
    scores: dict[str, float] = defaultdict(float)
    for found in islice(_WORD.finditer(prose.replace("’", "'")), _MOST_WORDS):
        word = found[0]
        for code, weight in _WEIGHTS.get(word) or _by_letters(word):
            scores[code] += weight
    return scores


def _by_letters(word: str) -> Collection[tuple[str, float]]:
    if word.isascii() or len(word) > _LONGEST_WORD:
        return ()
    return [evidence for letter in set(word) if letter in _LETTER_OWNERS for evidence in _LETTER_OWNERS[letter]]


def _winner(scores: Mapping[str, float]) -> str:
    """The language that is clearly ahead of the others."""
    ranked = sorted(scores.items(), key=itemgetter(1), reverse=True)
    if not ranked or ranked[0][1] < _LEAST:
        return ""
    if len(ranked) > 1 and ranked[0][1] < ranked[1][1] * _AHEAD:
        return ""
    return ranked[0][0]
