"""Subjects: what is left of one when answering and forwarding are taken away."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_LIMIT = 500  # characters that are looked at

#: What mail clients put before a subject when answering: by language, as they write it.
_ANSWERS = frozenset(
    "re aw antw antwort sv vs vá ynt res rif r odp ang ref отв ответ השב תשובה رد 回复 答复 回覆 返信 회신 atb σχετ απ".split()
)
_FORWARDS = frozenset("fw fwd wg tr rv vl doorst vb enc pd továbbítás пересл הועבר 转发 轉寄 転送 전달 ilt πρθ".split())
_MARKS = _ANSWERS | _FORWARDS
_PREFIX = re.compile(r"\s*([^\W\d_]{1,10})\s*(?:\[\d{1,4}\]|\(\d{1,4}\)|\^\d{1,4})?\s*[:：]\s*")
_TAG = re.compile(r"\[[^\[\]]{0,40}#\s?\d{1,12}\]")

#: Subjects so common that they tell nothing.
_GENERIC = frozenset(
    (
        "", "help", "help me", "hello", "hi", "hey", "question", "a question", "problem", "issue", "support", "urgent",
        "test", "info", "information", "request", "no subject", "(no subject)", "<no subject>", "none", "contact",
        "hallo", "hilfe", "frage", "anfrage", "eine frage", "dringend", "kein betreff", "(kein betreff)", "kontakt",
        "rechnung", "invoice", "order", "bestellung", "termin", "aide", "bonjour", "ayuda", "hola", "consulta", "aiuto",
        "ciao", "ajuda", "olá", "pomoc", "vraag",
    )
)  # fmt: skip


def base_subject(subject: str, prefix: str = "") -> str:
    """The subject without answer and forward marks, our tag, and case (after RFC 5256, 2.1)."""
    text = unicodedata.normalize("NFKC", subject[:_LIMIT])
    text = _TAG.sub(" ", text) if prefix else text
    while True:
        match = _PREFIX.match(text)
        if match is None or match[1].casefold() not in _MARKS:
            return " ".join(text.split()).casefold()
        text = text[match.end() :]


def subject_key(subject: str, prefix: str = "") -> str:
    """A digest to find the same matter by; empty when the subject is too common to tell anything."""
    base = base_subject(subject, prefix)
    if base.strip(" .!?") in _GENERIC or len(base) < 5:
        return ""
    return hashlib.sha256(base.encode()).hexdigest()


def is_answer(subject: str) -> bool:
    """Whether a client marked it as an answer."""
    match = _PREFIX.match(subject[:_LIMIT])
    return match is not None and match[1].casefold() in _ANSWERS


def is_forward(subject: str) -> bool:
    """Whether a client marked it as forwarded."""
    match = _PREFIX.match(subject[:_LIMIT])
    return match is not None and match[1].casefold() in _FORWARDS


def clean_subject(subject: str, limit: int) -> str:
    """For showing: one line, without our own tag and the marks of answering, at most `limit` characters."""
    text = " ".join(_TAG.sub(" ", subject[:_LIMIT]).split())
    while True:
        match = _PREFIX.match(text)
        if match is None or match[1].casefold() not in _MARKS:
            break
        text = text[match.end() :]
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
