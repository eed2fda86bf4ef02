"""Subjects that only an answering machine writes: absence notes and automatic replies, in the words of clients.

A phrase counts at the very start and with nothing behind it but a mark or a date: "Out of office: Re: order" is a
robot's, "Out of office reply does not work" is a customer's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from mailproc.core.words.subject_lines import ANSWERS

_LIMIT = 300  # characters that are looked at

#: How clients and servers name an absence note: English, German, French, Spanish, Portuguese, Italian, Dutch, Swedish,
#: Danish and Norwegian, Finnish, Polish, Czech and Slovak, Hungarian, Romanian, Russian and Ukrainian, Greek, Turkish,
#: Japanese, Chinese, Korean, Hebrew.
_ABSENCE = (
    "out of office", "out of the office", "out-of-office", "out-of-the-office", "ooo", "oof", "away from my mail",
    "away from the office", "away from office", "vacation reply", "vacation response", "vacation message",
    "currently out of office", "currently out of the office", "holiday autoreply",
    "abwesenheitsnotiz", "abwesenheit", "abwesenheitsnachricht", "abwesenheitsmeldung", "abwesenheitsassistent",
    "automatische abwesenheitsnotiz", "automatische abwesenheitsnachricht", "abwesend", "nicht im büro", "außer haus",
    "urlaubsabwesenheit", "urlaubsmeldung",
    "absence du bureau", "absent du bureau", "absent(e) du bureau", "absente du bureau", "message d'absence",
    "notification d'absence", "hors du bureau", "réponse automatique d'absence",
    "fuera de la oficina", "fuera de oficina", "ausente de la oficina", "ausencia de la oficina", "ausencia temporal",
    "aviso de ausencia", "mensaje de ausencia",
    "fora do escritório", "ausência do escritório", "ausência temporária", "ausente do escritório", "aviso de ausência",
    "fuori sede", "fuori ufficio", "assente dall'ufficio", "assenza dall'ufficio", "avviso di assenza",
    "afwezig", "afwezigheid", "afwezigheidsbericht", "niet aanwezig", "niet op kantoor", "buiten kantoor",
    "frånvaro", "frånvarande", "frånvaromeddelande", "ej på kontoret", "inte på kontoret",
    "fravær", "fraværsmeddelelse", "fraværsmelding", "fraværende", "ikke til stede", "ikke på kontoret",
    "poissa toimistosta", "poissaoloilmoitus", "en ole paikalla",
    "poza biurem", "nieobecność", "nieobecny", "nieobecna", "informacja o nieobecności", "powiadomienie o nieobecności",
    "mimo kancelář", "nejsem v kanceláři", "nepřítomnost", "oznámení o nepřítomnosti", "mimo kancelárie", "neprítomnosť",
    "irodán kívül", "házon kívül", "távolléti értesítés",
    "în afara biroului", "absent din birou",
    "нет на рабочем месте", "вне офиса", "отсутствует на рабочем месте", "об отсутствии",
    "уведомление об отсутствии", "поза офісом", "немає на робочому місці",
    "εκτός γραφείου", "απουσία από το γραφείο",
    "ofis dışında", "ofis dışındayım", "işyeri dışında", "iş yeri dışında",
    "不在通知", "不在のお知らせ", "不在連絡", "不在にしております",
    "不在办公室", "不在辦公室", "休假通知",
    "부재중", "부재중 알림", "부재 중", "מחוץ למשרד", "הודעת היעדרות",
)  # fmt: skip
#: Names that are also ordinary words: they must be the whole subject, or have a date or our own subject behind them.
_ORDINARY = (
    "on vacation", "on leave", "on annual leave", "on parental leave", "on maternity leave", "im urlaub", "absence",
    "en congé", "en congés", "in ferie", "lomalla", "poissa", "szabadságon", "în concediu", "отсутствую",
    "в отпуске", "у відпустці", "izindeyim", "不在", "外出中", "外出", "休暇中", "休假",
)  # fmt: skip
_REPLY = (
    "automatic reply", "automatic response", "automated reply", "automated response", "automatic answer", "auto reply",
    "auto-reply", "autoreply", "auto response", "auto-response", "autoresponse", "auto responder", "auto-responder",
    "autoresponder", "auto-antwort", "this is an automatic reply", "this is an automated response",
    "automatische antwort", "automatische rückantwort", "automatische rückmeldung", "automatische antwortnachricht",
    "automatisierte antwort", "autoantwort", "automatische e-mail", "automatische eingangsbestätigung",
    "réponse automatique", "réponse automatisée", "message automatique",
    "respuesta automática", "respuesta automatica", "contestación automática",
    "resposta automática", "resposta automatica", "resposta automàtica", "erantzun automatikoa",
    "risposta automatica", "automatische reactie", "automatisch antwoord", "automatisch bericht", "autoantwoord",
    "automatiskt svar", "autosvar", "automatiskt meddelande", "automatisk svar", "automatisk besked",
    "automaattinen vastaus", "automaatne vastus", "automātiska atbilde", "automatinis atsakymas",
    "automatyczna odpowiedź", "odpowiedź automatyczna", "autoodpowiedź",
    "automatická odpověď", "automatická odpoveď", "samodejni odgovor", "automatski odgovor", "automatikus válasz",
    "răspuns automat", "автоответ", "автоматический ответ", "автоматична відповідь", "автоматичен отговор",
    "автоматски одговор", "αυτόματη απάντηση", "otomatik yanıt", "otomatik cevap",
    "自動応答", "自動返信", "自動回覆", "自动回复", "自动答复", "自動答覆", "자동 회신", "자동 응답", "자동회신",
    "תשובה אוטומטית", "מענה אוטומטי", "رد تلقائي", "الرد التلقائي", "trả lời tự động", "balasan otomatis",
    "ตอบกลับอัตโนมัติ", "स्वचालित उत्तर",
)  # fmt: skip
#: What may stand between such a phrase and its end.
_NOUNS = (
    "reply", "autoreply", "auto reply", "auto-reply", "auto response", "response", "message", "notification", "notice",
    "assistant", "alert", "antwort", "nachricht", "benachrichtigung", "notiz",
)  # fmt: skip
#: Words that lead to a date, behind an absence.
_UNTIL = (
    "until", "till", "thru", "through", "bis", "jusqu'au", "jusqu’au", "hasta", "até", "fino al", "fino", "tot", "t/m",
    "till och med", "t.o.m.", "til", "do", "asti", "до", "this week", "today", "heute", "diese woche",
)  # fmt: skip
#: Those that also lead to a place: "Fravær fra skolen" is a parent's.
_SINCE = ("from", "since", "vom", "von", "ab", "seit", "du", "desde", "dal", "van", "fra", "od", "с")
_BEFORE = r"(?:\s*\[[^\[\]]{1,40}\]|\s*\*|\s*(?:ext|external|extern)\s*:)*\s*[\"'«„“(<\[【]?\s*"
# Some put our own subject behind it without any mark between.
_ANSWER = rf"(?:{'|'.join(re.escape(word.casefold()) for words in ANSWERS.values() for word in words.split())})\s*:"
_AFTER = rf"\s*(?:$|[:;\-–—|(\[\]{{)<>!.\"'»“”/*#。【】]|{_ANSWER})"


def _starting(phrases: Iterable[str], after: str) -> re.Pattern[str]:
    ordered = sorted({_plain(phrase) for phrase in phrases}, key=len, reverse=True)
    nouns = "|".join(map(re.escape, _NOUNS))
    return re.compile(rf"{_BEFORE}(?:{'|'.join(map(re.escape, ordered))})(?:[ \-](?:{nouns}))?(?:{after})")


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text[:_LIMIT]).casefold().split())


_TO = rf"\s+(?:{'|'.join(map(re.escape, sorted(_UNTIL, key=len, reverse=True)))})\b"
_FROM = rf"\s+(?:{'|'.join(_SINCE)})\b[^?\d]{{0,20}}\d"
_DATED = rf"{_TO}[^?]{{0,60}}$|{_FROM}[^?]{{0,40}}$|\s+\d"
# Nobody reads on behind "Out of office until 3 Dec.", but "On leave until 3 Dec. My laptop is broken" is a person's: there
# a mark stands within the date ("Monday, 3. Dec.", "9:30") or at its end.
_IN_DATE = r"(?:[^?.,;:!]|(?<=\d)\.|(?:(?<!\d)\.|[,:])(?=\S|\s\d|$))"
_OUR_SUBJECT = r"\s*[:\-–(]\s*(?:re|aw)\s*:"
_ONLY_DATED = rf"(?:{_TO}|{_FROM}|\s+\d){_IN_DATE}{{0,60}}(?:[.!]*$|{_OUR_SUBJECT})"
_ABSENCE_STARTS = _starting(_ABSENCE, f"{_AFTER}|{_DATED}")
_ORDINARY_STARTS = _starting(_ORDINARY, rf"[\s.!]*$|{_OUR_SUBJECT}|{_ONLY_DATED}")
# "I am out of the office until Monday", and no more: "I am on vacation, please send it later" is a person's.
_SENTENCE = re.compile(
    r"(?:(?:i am|i'm|i’m) (?:currently |away and )?out of (?:the )?office"
    r"|ich bin (?:derzeit |zurzeit |momentan )?(?:abwesend|nicht im büro|außer haus|ausser haus)"
    r"|je suis (?:actuellement )?absente?(?: du bureau)?|estoy fuera de la oficina|sono fuori (?:ufficio|sede)"
    r"|ik ben (?:niet op kantoor|afwezig)|jestem poza biurem)"
    r"(?:\s+(?:until|till|from|bis|vom|ab|jusqu|hasta|fino|tot|do)\b[^,?]{0,40})?[.!]*"
)
# Notes speaks of its owner: "Jane Roe is out of the office.", since release 8 with "AUTO:" before it.
_OF_THEM = re.compile(
    r" (?:is (?:currently )?(?:away from|out of) (?:the )?office|ist (?:derzeit |zurzeit )?(?:ausser haus|nicht im büro|abwesend)"
    r"|est absent(?:e|\(e\))?(?: du bureau)?|è fuori (?:ufficio|sede)|está (?:fuera de la oficina|fora do escritório)"
    r"|is (?:niet op kantoor|afwezig))(?:\s*\([^()?]{0,80}\))?[.!]*"
)
_NOTES = re.compile(rf"auto\s*:[^?]{{2,80}}?{_OF_THEM.pattern}")
# "Auto:" alone proves nothing (RFC 3834, 3.1.5), and in half of Europe it is a car; before our own subject it does.
_REPLY_STARTS = _starting(_REPLY, _AFTER)
_AUTO_ANSWER = re.compile(rf"auto(?:mat)?\s*:\s*(?:{_ANSWER}|\[[^\[\]]{{0,40}}#)")


def announces_absence(subject: str, author: str = "") -> bool:
    """Whether the subject is an absence note's. Linear; a decoded subject of any length.

    `author`: the name of the mail's author. Nobody but a machine says of them that they are away.
    """
    text, name = _plain(subject), _plain(author)
    starts = _ABSENCE_STARTS.match(text) or _ORDINARY_STARTS.match(text)
    if starts is not None or _SENTENCE.fullmatch(text) or _NOTES.fullmatch(text):
        return True
    return bool(name) and text.startswith(name) and _OF_THEM.fullmatch(text, len(name)) is not None


def announces_automatic_reply(subject: str) -> bool:
    """Whether the subject is an automatic reply's."""
    text = _plain(subject)
    return _REPLY_STARTS.match(text) is not None or _AUTO_ANSWER.match(text) is not None
