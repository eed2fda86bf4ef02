"""Ratings: a customer's answer to "how was it?", read from the first line of their mail.

Five steps, 1 bad to 5 great, given as a number ("4", "4/5", "4 von 5", "4 - quick"), stars, a face or a word:

| | English | German |
|---|---|---|
| 5 | great, excellent, perfect, awesome, fantastic, amazing, outstanding, very good, very satisfied | sehr gut, super, perfekt, toll, klasse, ausgezeichnet, hervorragend, prima, spitze, bestens, top, sehr zufrieden |
| 4 | good, satisfied, happy | gut, zufrieden |
| 3 | ok, okay, average, fair, neutral, so-so, mediocre | geht so, mittel, mittelmäßig, durchschnittlich, befriedigend, teils teils |
| 2 | poor, unsatisfied, dissatisfied, not good, not satisfied, unhappy | mäßig, nicht gut, unzufrieden, nicht zufrieden |
| 1 | bad, terrible, awful, horrible, very bad, very poor, worst | schlecht, sehr schlecht, schrecklich, furchtbar, miserabel, katastrophe, katastrophal, ungenügend |

German school marks ("Note 1") run the other way and are no rating.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_SCALE = {
    5: """great|excellent|perfect|awesome|fantastic|amazing|outstanding|brilliant|very good|very satisfied|sehr gut|super|
        perfekt|toll|top|bestens|klasse|ausgezeichnet|hervorragend|prima|spitze|sehr zufrieden""",
    4: "good|satisfied|happy|gut|zufrieden",
    3: "ok|okay|average|fair|neutral|so so|mediocre|geht so|mittel|mittelmässig|durchschnittlich|befriedigend|teils teils",
    2: "poor|unsatisfied|dissatisfied|not good|not satisfied|unhappy|mässig|nicht gut|unzufrieden|nicht zufrieden",
    1: """bad|terrible|awful|horrible|very bad|very poor|worst|schlecht|sehr schlecht|schrecklich|furchtbar|miserabel|
        katastrophe|katastrophal|ungenügend""",
}
_WORDS = {word.strip().casefold(): score for score, words in _SCALE.items() for word in words.split("|")}
_FACES = {
    5: ("😀", "😃", "😄", "😁", "😍", "🤩", "🥰", "😊", "🎉", "👍", "❤", ":-D", ":D"),
    4: ("🙂", "☺", ":-)", ":)"),
    3: ("😐", "😑", ":-|", ":|"),
    2: ("🙁", "☹", "😕", "😟", ":-(", ":("),
    1: ("😞", "😡", "😠", "🤬", "😢", "😭", "👎", "😤"),
}
_FACE_SCORES = {face: score for score, faces in _FACES.items() for face in faces}
#: Emoji presentation, skin tone, joiners: the face is the same without them.
_VARIATIONS = re.compile("[\ufe0e\ufe0f\u200d\U0001f3fb-\U0001f3ff]")

_READ = 400  # characters of a first line: a rating stands at its beginning
_SHORT = 80  # characters of a line that is nothing but a greeting or a number in letters
_STARS = re.compile(r"\s*(?:(?P<filled>[★⭐🌟✭✮⋆]{1,5})(?P<empty>[☆✩]{0,4})|(?P<ascii>\*{1,5}))(?=$|[\s,.:;!(–—-])")
_LABEL = re.compile(r"\s*(?:rating|bewertung|score)\s*[:=]?\s*", re.IGNORECASE)
_NUMBER = re.compile(
    r"""\s*(?P<score>[1-5])\ufe0f?\u20e3?                                    # 5, and the keycap emoji of it
        (?:\s*(?:/|von|of|out\ of|aus)\s*(?P<most>\d{1,3})(?!\d))?
        (?:\s*(?:stars?|sterne?n?|points?|punkte?n?)(?!\w))?""",
    re.IGNORECASE | re.VERBOSE,
)
_SPELLED = re.compile(
    r"""\s*(?:(?P<one>one|eins?|einen?)|(?P<two>two|zwei)|(?P<three>three|drei)|(?P<four>four|vier)|(?P<five>five|fünf))
        (?:\s+(?:out\ of|of|von)\s+(?:five|fünf))?(?:\s+(?:stars?|sterne?n?|points?|punkte?n?))?\s*[.!]*\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_SPELLED_SCORES = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
#: Possessive throughout: a line of a hundred thousand spaces is read once.
_SEPARATED = re.compile(
    r"\s*+(?:[!.]*+\s*+$|[-–—:;,!=(](?!\s*+\d)|(?<=\s)(?:because|weil|da|since|as)\s)", re.IGNORECASE
)
#: "1: the printer" and below it "2: the scanner": a list is no rating.
_LISTED = re.compile(r"^[ \t]*+[1-9]\d?[ \t]*+[-–:;,.)=][ \t]*+\S", re.MULTILINE)
#: A whole answer in bold or in quotes: "**5**", "„4“ schnell".
_DRESSED = re.compile(r"^\s*[*_\"'“„«»]{1,3}([^*_\"'“”„«»]{1,40})[*_\"'“”«»]{1,3}")
_FULL_WIDTH = str.maketrans("１２３４５", "12345")
_GREETING = re.compile(
    r"\s*(?:hi|hello|hey|dear|hallo|moin|servus|guten\s+(?:tag|morgen|abend)|good\s+(?:morning|day|evening))"
    r"(?:\s+[^\W\d_][\w.-]*){0,3}\s*[,!.]*\s*",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"[\s.]+(?:thanks|thank\s+you|thx|many\s+thanks|danke|dankeschön|vielen\s+dank|merci)(?!\w)", re.IGNORECASE
)
#: Beside a word of the scale these take it back, or tell a new story: "Super, jetzt geht nichts mehr".
_RESERVED = re.compile(
    r"\b(?:but|however|except|not|no|never|nothing|none|again|still|broken|error|problem|aber|allerdings|jedoch|nur|nicht"
    r"|nichts|nie|kein\w*|wieder|noch|kaputt|fehler|defekt)\b",
    re.IGNORECASE,
)
_LETTERS_ONLY = re.compile(r"[^\W\d_]+")
_LEADING = re.compile(r"^[\s\-–—:;,.!=(]+|\)$")


@dataclass(frozen=True, slots=True)
class Rating:
    """What a customer gave, 1 bad to 5 great, what they said about it, and the words that said how much."""

    score: int
    comment: str
    evidence: str


def read_rating(text: str) -> Rating | None:
    """The rating in the first line that says anything; None when that line is none.

    Other counts and scales ("5 more printers are broken", "10", "7/10") are no ratings.
    """
    line, below = _first_line(text)
    if below and _GREETING.fullmatch(line[:_SHORT]):
        line, below = _first_line(below)
    undressed = _DRESSED.sub(r"\1 ", line)
    found = _stars(line) or _number(undressed, below) or _spelled(undressed) or _face(line) or _word(undressed)
    if found is None:
        return None
    score, evidence, rest = found
    return Rating(score, _joined(_LEADING.sub("", rest), below), evidence.strip())


def comment_below(text: str) -> str:
    """What a customer wrote in a mail whose body began with our rating button's line, "5" or "4 - good": all but that.

    The token says which button it was, so a line that is no such number is all theirs.
    """
    rating = read_rating(text)
    if rating is None or not rating.evidence[:1].isdecimal():
        return text.strip()
    beside, _, below = rating.comment.partition("\n")
    label = beside.strip(" .!").casefold() in _WORDS
    return below.strip() if label else rating.comment


def _first_line(text: str) -> tuple[str, str]:
    for number, line in enumerate(lines := text.splitlines()):
        if any(_says_something(character) for character in line[:_READ]):
            return line, "\n".join(lines[number + 1 :]).strip()
    return "", ""


def _says_something(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNS" or character in "*:"


def _joined(beside: str, below: str) -> str:
    return "\n".join(part for part in (beside.strip(), below) if part)


def _stars(line: str) -> tuple[int, str, str] | None:
    plain = _VARIATIONS.sub("", line)
    found = _STARS.match(plain)
    if found is None:
        return None
    filled, empty = found["filled"] or found["ascii"], found["empty"] or ""
    rest = plain[found.end() :]
    if len(filled) + len(empty) > 5 or (found["ascii"] and rest.strip()):
        return None  # "* first point" is a list
    return len(filled), found[0], rest


def _number(line: str, below: str) -> tuple[int, str, str] | None:
    label = _LABEL.match(line)
    found = _NUMBER.match(line.translate(_FULL_WIDTH), label.end() if label else 0)
    if found is None or found["most"] not in {None, "5"}:
        return None
    rest = line[found.end() :]
    labelled = (
        (label is not None or _out_of_five(found)) and not rest[:1].isalnum() and not _RESERVED.search(rest[:_READ])
    )
    alone = _SEPARATED.match(rest) is not None and not (rest.strip() and _LISTED.search(below))
    if labelled or alone or _begins_with_scale(rest):
        return int(found["score"]), line[: found.end()], rest
    return None


def _out_of_five(found: re.Match[str]) -> bool:
    """Whether it is written "3/5", a score whatever follows; "3 of 5 printers" counts."""
    return found["most"] is not None and "/" in found[0]


def _spelled(line: str) -> tuple[int, str, str] | None:
    """A number in letters, and nothing else: "one" begins too many other sentences."""
    found = _SPELLED.fullmatch(line[:_SHORT])
    if found is None or found.lastgroup is None:
        return None
    return _SPELLED_SCORES[found.lastgroup], line, ""


def _begins_with_scale(rest: str) -> bool:
    """Whether a word of the scale, thanks or a face follows: "5 great", "5 thank you all", but not "5 good printers"."""
    return rest[:1] in {" ", "\t", "."} and (
        _face(rest.lstrip(" \t.")) is not None or _THANKS.match(rest) is not None or _word(rest) is not None
    )


def _face(line: str) -> tuple[int, str, str] | None:
    plain = _VARIATIONS.sub("", line).lstrip()
    for length in (3, 2, 1):
        score = _FACE_SCORES.get(plain[:length])
        if score is not None:
            evidence = plain[:length]
            return score, evidence, plain[length:].lstrip(evidence + " ")
    return None


def _word(line: str) -> tuple[int, str, str] | None:
    """A word of the scale that stands alone, at the end of the line or before punctuation, and isn't taken back."""
    matches = list(_LETTERS_ONLY.finditer(line[:60]))[:2]
    for count in (2, 1):
        if len(matches) < count or line[: matches[0].start()].strip(" \t-–—:\"'"):
            continue
        score = _WORDS.get(" ".join(found[0].casefold() for found in matches[:count]))
        end = matches[count - 1].end()
        if (
            score is not None
            and re.match(r"\s*(?:$|[-–—:;,.!(]|:\)|[^\w\s?])", line[end:_READ])
            and not _RESERVED.search(line[end:_READ])
        ):
            return score, line[matches[0].start() : end], line[end:]
    return None
