"""Subjects: what is left of one when answering and forwarding are taken away."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping

from mailproc.core.words.subject_lines import AMBIGUOUS, ANSWERS, FORWARDS, GATEWAY_TAGS, GENERIC

_LIMIT = 500  # characters that are looked at; a longer subject is not told apart by its end


def _all_words(table: Mapping[str, str]) -> frozenset[str]:
    return frozenset(word.casefold() for words in table.values() for word in words.split())


_ANSWERS = _all_words(ANSWERS)
_FORWARDS = _all_words(FORWARDS)
_AMBIGUOUS = _all_words(AMBIGUOUS)
_MARKS = _ANSWERS | _FORWARDS
_GENERIC = _all_words(GENERIC)
_WORD = re.compile(r"\w+")
_LEAST = 5  # characters a subject needs to be told from others

#: "Re:", "RE[2]:", "Re^2:", "AW (3) :", "回复：". Between words there is one space at most when this is tried.
_MARK = re.compile(r" ?([^\W\d_]{1,15}) ?(?:\[[0-9]{1,4}\]|\([0-9]{1,4}\)|\^[0-9]{1,4})?\.? ?[:：] ?")
#: A tag a list, a gateway or a help desk put there: "[users]", "[EXTERN]", "[Acme #1042]".
_TAG = re.compile(r" ?\[ ?([^\[\]]{1,60}?) ?\] ?")
_DESK_TAG = re.compile(r"\[ ?([^\[\]#]{1,40}?) ?# ?[0-9]{1,12} ?\]")
#: A reply token, which ends the subject where there is no room for it in an address: whoever reads it may use it.
_REFERENCE = re.compile(r"ref: ?[a-z2-7]{32,56}(?![a-z2-7])", re.IGNORECASE)
#: RFC 5256, 2.1: what old clients put around or behind a forwarded subject.
_WRAPPED = re.compile(r" ?\[ ?(?:fwd|fw|wg) ?: ?(.*)\] ?", re.IGNORECASE)
_TRAILER = re.compile(r"(?: ?\((?:fwd|fw)\))+ ?$", re.IGNORECASE)


def base_subject(subject: str, prefix: str = "") -> str:
    """The subject without marks of answering and forwarding, without our tag, in one case (after RFC 5256, 2.1).

    `prefix` is the word of our tag: "Acme" takes "[Acme #1042]" away and leaves another desk's "[Other #7]", which tells
    matters apart. Without it every such tag goes.
    """
    text = unicodedata.normalize("NFKC", subject[:_LIMIT])
    return " ".join(_peeled(text, prefix)[1].split()).casefold()


def subject_key(subject: str, prefix: str = "") -> str:
    """A digest (SHA-256, hexadecimal) to find the same matter by; empty when the subject is too common to tell any."""
    base = base_subject(subject, prefix)
    if len(base) < _LEAST or _GENERIC.issuperset(_WORD.findall(base)):
        return ""
    return hashlib.sha256(base.encode("utf-8", "replace")).hexdigest()


def is_answer(subject: str, prefix: str = "") -> bool:
    """Whether a client marked it as an answer, or it bears our tag, which nobody writes unasked."""
    marks, _ = _peeled(subject[:_LIMIT], prefix)
    if marks:
        return marks[0] in _ANSWERS
    return bool(prefix) and any(_is_own(tag, prefix) for tag in _DESK_TAG.finditer(_one_space(subject[:_LIMIT])))


def is_forward(subject: str) -> bool:
    """Whether a client marked it as forwarded: by the outermost mark, so an answer to a forwarded mail is none."""
    marks, _ = _peeled(subject[:_LIMIT], "")
    return bool(marks) and marks[0] in _FORWARDS


def is_ambiguous(subject: str) -> bool:
    """Whether its outermost mark says "forwarded" in one language and "answered" in another."""
    marks, _ = _peeled(subject[:_LIMIT], "")
    return bool(marks) and marks[0] in _AMBIGUOUS


def clean_subject(subject: str, limit: int, prefix: str = "") -> str:
    """For showing: one line, without our tag and the marks of answering, at most `limit` characters.

    `prefix` as for `base_subject`.
    """
    text = _peeled(subject[:_LIMIT], prefix)[1]
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _peeled(subject: str, prefix: str) -> tuple[list[str], str]:
    """The marks a subject begins with, outermost first, and what is left of it. Tags between marks stay, in front."""
    text = _REFERENCE.sub(" ", _one_space(subject))
    text = _DESK_TAG.sub(lambda tag: " " if _is_own(tag, prefix) else tag[0], text)
    text = _TRAILER.sub("", _one_space(text))
    marks: list[str] = []
    tags: list[str] = []
    at = 0
    while at < len(text):
        if (mark := _MARK.match(text, at)) and mark[1].casefold() in _MARKS:
            marks.append(mark[1].casefold())
            at = mark.end()
        elif wrapped := _WRAPPED.fullmatch(text, at):
            marks.append("fwd")
            text, at = wrapped[1], 0
        elif tag := _TAG.match(text, at):
            if tag[1].casefold() not in GATEWAY_TAGS and tag[0].strip() not in tags:
                tags.append(tag[0].strip())
            at = tag.end()
        else:
            break
    return marks, _one_space(" ".join([*tags, text[at:]]))


def _one_space(text: str) -> str:
    return " ".join(text.split())


def _is_own(tag: re.Match[str], prefix: str) -> bool:
    return not prefix or tag[1].casefold() == prefix.casefold()
