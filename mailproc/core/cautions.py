"""Words that should give an agent pause: what is for colleagues only, and what announces a file.

Whole phrases, few and plain: a mail that is held for nothing costs more trust than one that is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_LONGEST: Final = 20_000  # characters that are looked at
_SPACES: Final = re.compile(r"[ \t\r\n\u00a0]+")
_APOSTROPHES: Final = str.maketrans({"\u2019": "'", "\u2018": "'", "\u00b4": "'", "\u2010": "-", "\u2011": "-"})

_NOT_TELL = r"(?:don't|do not|dont|never|please don't|must not|mustn't)"
_CUSTOMER = r"(?:customer|client)s?"
_INTERNAL: Final = (
    # English
    r"internal(?:ly)? only", r"for internal use", r"internal (?:note|comment|remark|discussion)\b",
    rf"{_NOT_TELL} (?:tell|inform|show|mention|send|share|forward|say|reveal)(?: \w+){{0,4}}? (?:the|this|our) {_CUSTOMER}\b",
    rf"(?:not|nothing) (?:for|to) (?:the|this|our) {_CUSTOMER}(?:'s)? (?:eyes|ears|to (?:see|know))",
    rf"not for (?:the|our) {_CUSTOMER}\b", rf"(?:the|our) {_CUSTOMER} (?:must|should|may) not (?:know|see|hear|learn)\b",
    rf"without (?:telling|informing) the {_CUSTOMER}\b", r"(?:keep|stays?) (?:this |it |that )?(?:between us|internal)\b",
    r"(?:colleagues|team|staff) only\b", r"(?:just )?between you and me\b",
    # German
    r"nicht (?:an|für) (?:den|die|diesen|unseren) kunden?\b", r"nicht (?:dem|der) kund(?:en|in) (?:sagen|zeigen|schicken|senden)",
    r"(?:dem|der) kund(?:en|in)(?: \w+){0,3}? nicht(?:s)? (?:sagen|mitteilen|verraten|schreiben|erzählen|weitergeben|schicken)",
    r"sag(?:t|en sie)? (?:dem|der|den) kund(?:en|in)(?: \w+){0,3}? nicht(?:s)?\b",
    r"kunde (?:darf|soll|sollte)(?: \w+){0,3}? nicht(?:s)?(?: \w+){0,2}? (?:wissen|sehen|erfahren)",
    r"nur (?:für )?(?:den )?intern(?:en gebrauch)?\b", r"interne (?:notiz|anmerkung|info|bemerkung)\b", r"interner (?:hinweis|vermerk)\b",
    r"(?:bleibt|bleiben) (?:bitte )?(?:intern|unter uns)\b", r"nur für (?:kollegen|das team|euch)\b",
    # French
    r"ne (?:pas|rien) (?:le |lui |en )?(?:dire|envoyer|transmettre|communiquer|parler|montrer)(?: \w+){0,3}? au client\b",
    r"pas pour le client\b", r"(?:usage|note|remarque|commentaire) interne\b", r"en interne uniquement|interne uniquement",
    # Spanish, Italian, Dutch, Portuguese
    r"no (?:se lo |le )?(?:decir|digas|digan|enviar|envíes|comentar|mencionar|mostrar)(?: \w+){0,3}? al cliente\b",
    r"(?:solo|sólo) (?:para )?(?:uso )?interno\b", r"nota interna\b", r"no para el cliente\b",
    r"non (?:dire|dirlo|inviare|mandare)(?: \w+){0,3}? al cliente\b", r"(?:solo )?(?:per )?uso interno\b",
    r"niet (?:naar|voor|aan) de klant\b", r"(?:alleen|enkel) intern\b", r"interne notitie\b", r"não (?:diga|enviar|envie)(?: \w+){0,3}? ao cliente\b",
)  # fmt: skip
#: A line of its own that says what the mail is.
_LABEL: Final = re.compile(
    r"(?m)^[ \t*_\[(]{0,4}(?:internal|intern|interne|interno|internes|staff|colleagues|kollegen)[\])]?[ \t*_]{0,3}:",
    re.IGNORECASE,
)

_OURS = r"(?:i|we)(?:'ve| have|'m| am| are|'ll| will)?(?: \w+ed)?(?: also| just| now| hereby)?"
_FILE = (
    r"(?:files?|documents?|pdf|screen ?shots?|images?|pictures?|logs?|sheets?|guides?|manuals?|instructions|forms?|invoices?|zip"
    r"|drivers?|patch(?:es)?|scripts?|lists?|quotes?|offers?|contracts?|reports?)"
)
_ANNOUNCED: Final = (
    # English
    r"(?:find|see|open|use|check|read|review|install)(?: \w+){0,2}? (?:the |an? |my |our )?(?:\w+ ){0,2}?(?:attached|enclosed|attachments?)\b",
    rf"\b{_OURS} (?:attached|attaching|enclosed|enclosing)\b", r"\b(?:i|we)(?:'ll| will)? attach\b",
    r"\b(?:attached|enclosed) (?:is|are|you(?:'ll| will)?|please|find|here(?:with|to)?|below|to this (?:e-?mail|mail|message|reply))\b",
    rf"\battached {_FILE}\b", r"\b(?:as an|in the) attachment\b",
    # German
    r"\bim anhang\b", r"\banbei\b", r"\bals anhang\b", r"\bin der anlage\b", r"\bsiehe (?:den )?anhang\b",
    r"\bangehängte[nrms]? \w+", r"\bbeigefügte[nrms]? \w+", r"\bbeiliegende[nrms]? \w+",
    r"\b(?:ich|wir)\b(?: \w+){0,8}? (?:angehängt|beigefügt|beigelegt)\b", r"\b(?:hänge|füge) (?:ich )?(?:ihnen )?(?:\w+ ){0,5}(?:an|bei)\b",
    # French
    r"\bci-joint(?:e|s|es)?\b", r"\ben pièces? jointes?\b", r"\ben annexe\b", r"\b(?:je|nous) (?:vous )?(?:joins|joignons)\b",
    r"\bj'ai joint\b", r"\bnous avons joint\b",
    # Spanish, Italian, Dutch, Portuguese, Polish
    r"\b(?:le|te|les|os) adjunt(?:o|amos)\b", r"\badjunt(?:o|amos|a)(?: le| les)? (?:el|la|los|las|un|una|encontrar\w*)\b", r"\bse adjunta\b",
    r"\badjunto (?:le|les|te) \w+", r"\b(?:he|hemos) adjuntado\b", r"\ben (?:el )?(?:archivo |fichero |documento )?adjunto\b",
    r"\bin allegato\b", r"\ballego\b", r"\bin de bijlage\b", r"\bals bijlage\b", r"\bbijgevoegd\b", r"\bem anexo\b", r"\bsegue(?:m)? (?:em )?anexo\b",
    r"\bw załączniku\b", r"\bw załączeniu\b",
)  # fmt: skip
_ANNOUNCED_WITHOUT_SPACES: Final = (
    "添付いたし",
    "添付致し",
    "添付します",
    "添付しました",
    "添付のファイル",
    "见附件",
    "附件中",
)
#: Of somebody else's file, or of none: behind the phrase, and shortly before it.
_THEIRS_BEHIND: Final = re.compile(
    r"[ ,]*(?:that |which )?(?:you(?:'ve| have)? (?:sent|attached|gave)|(?:ihrer|deiner|eurer|votre|de votre|de su|tu) \w+|from your|of your|to your)",
    re.IGNORECASE,
)
_NEGATED: Final = re.compile(
    r"\b(?:not|never|no|without|cannot|nothing|forgot|nicht|kein\w*|ohne|nie|vergessen|pas|sans|aucune?|sin|no|ningún|senza|non|geen|niet|zonder|sem|não|nie|bez"
    r"|you|your|if|opened|received|got|saw|checked|read|sie haben|ihr\w*|wenn|falls)\b[^.!?,;]{0,24}$|n't\b[^.!?,;]{0,24}$",
    re.IGNORECASE,
)  # fmt: skip

_INTERNALLY: Final = re.compile("|".join(rf"\b(?:{phrase})" for phrase in _INTERNAL), re.IGNORECASE)
_ANNOUNCING: Final = re.compile("|".join((*_ANNOUNCED, *_ANNOUNCED_WITHOUT_SPACES)), re.IGNORECASE)


def internal(words: str) -> str:
    """The phrase that says that words are not for the customer; empty when none does."""
    label = _LABEL.search(words[:_LONGEST])
    if label is not None:
        return label[0].strip()
    return next((match[0] for match in _INTERNALLY.finditer(_plain(words))), "")


def announced(words: str) -> str:
    """The phrase that announces a file of the writer's own; empty when none does."""
    return next((match[0] for match in _announcements(_plain(words))), "")


def _announcements(text: str) -> Iterator[re.Match[str]]:
    for match in _ANNOUNCING.finditer(text):
        theirs = "your" in match[0].casefold() or _THEIRS_BEHIND.match(text, match.end())
        if not theirs and not _NEGATED.search(text[max(0, match.start() - 60) : match.start()]):
            yield match


def _plain(words: str) -> str:
    return _SPACES.sub(" ", words[:_LONGEST].translate(_APOSTROPHES))
