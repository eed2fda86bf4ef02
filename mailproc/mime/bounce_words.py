"""The words of mail systems: what they say when a mail did not arrive, in the languages they say it in.

For reports that follow no standard. Phrases are looked up in text whose case is folded and whose blanks are single, so
that a line break inside one does not matter; the work is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum, auto

LONGEST_LINE = 1_000  # characters of a line that are looked at

# A local part may hold "=" and "+" of rewritten addresses; what ends in a dot is the end of a sentence.
ADDRESS = re.compile(
    r"(?<![A-Za-z0-9.!#$%&'*+/=?^_`{|}~-])([A-Za-z0-9!#$%&'*+/=?^_`{|}~-][A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{0,127}"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?\.){0,10}[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?)"
)
#: RFC 3463, 2: class, subject (0 to 7) and detail. A version such as 4.94.2 is none.
STATUS = re.compile(r"(?<![\d.])([245]\.[0-7]\.\d{1,3})(?![\d]|\.\d)")
#: RFC 5321, 4.2: a reply as servers quote it, at the start of something or behind one of its usual neighbours.
REPLY_CODE = re.compile(r"(?:^|[\s:#('\"<\[;])([45][0-5]\d)(?=[ \-#:,)]|$)(?![ -]\d{3}[ -]\d)", re.MULTILINE)

_DAEMON = re.compile(
    r"mail(?:er)?[-_. ]?daemon|^mdaemon@|^mmdf@|^uucp@|(?:^|internet )mail[-_. ]?deliver(?:y|er)?\b|^post_?master@.*(?:vtext|mail)|"
    r"delivery (?:sub)?system|mail (?:router|administrator|system)|internet mail|microsoft exchange|microsoftexchange[0-9a-f]|"
    r"system administrator|systemadministrator|administrador del sistema|administrateur syst|systemadmin|"
    r"returned mail|mailsystem|mail-?gateway|smtp[-_. ]?(?:mail|gateway|server|daemon)|_for_smtp|^imss@|interscan|"
    r"network mail admin|^sysadmin@|^nondelivery@|^non-delivery@|^mail-?error|^mailerror|undeliver"
)
_MAIL_ROLE = re.compile(r"^(?:post_?master|bounces?|bounced)(?:[+.-][^@]*)?@|-bounces@")
_SHARED_ROLE = re.compile(r"^(?:admin|mail|root)(?:[+.-][^@]*)?@|^no-?reply@|-admin@")  # with people and their forms

#: Of these, what people call a mailbox of theirs too: mail@ is a small firm's only address.
PEOPLES_ROLE = re.compile(r"(?<![^\s<\"])(?:admin|mail)@")

#: Subjects that nothing but a mail system begins with.
_SUBJECT_STARTS = (
    "undeliver", "undelivered mail", "returned mail", "returned to sender", "return mail", "mail returned", "[bounce]", "bounce",
    "delivery status notification", "delivery-status", "delivery status", "delivery failure", "delivery failed",
    "delivery has failed", "delivery fail", "delivery report", "delivery problem", "delivery error", "delivery delay",
    "delivery notification", "delivery incomplete", "delivery temporarily", "failed delivery", "failure delivery", "failure notice",
    "failed mail", "fail to deliver", "failed to deliver", "mail delivery", "mail failure", "mail failed", "mail error",
    "mail system error", "mail could not be delivered", "mail not delivered", "mail undeliverable", "mail status report",
    "message delivery", "message status", "message undeliverable", "message you sent blocked", "message could not be delivered",
    "message not delivered", "message delayed", "message frozen", "nondeliver", "non-deliver", "non deliver", "non remis",
    "not delivered", "permanent delivery failure", "permanent error", "unable to deliver", "unzustellbar", "nicht zustellbar",
    "nicht zugestellt", "undeliverable mail", "user unknown", "unknown user", "notice: mail delivery", "notice of non-delivery",
    "warning: message", "warning: could not send", "warning - delayed mail", "warning: mail", "warning: user", "warning",
    "delayed mail", "delay", "your message could not", "your mail could not", "sorry, your message", "error sending", "error mail",
    "errore", "e-mail delivery", "email delivery", "(delivery failure)", "postmaster notify", "postmaster copy", "problem delivering",
    "status of your message", "the message could not", "could not deliver", "couldn't deliver", "rejected", "mail rejected",
    "unzustellbare", "zustellung", "zustellbericht", "fehler bei der zustellung", "mail-zustellung", "nachricht konnte nicht",
    "nachricht nicht zugestellt", "échec de", "échec", "avis de non-remise", "message non distribué", "notification d'échec",
    "notification d'état de remise", "remise différée", "no se puede entregar", "no se pudo entregar", "mensaje no entregado", "not member article", "ignored not member",
    "no entregado", "correo devuelto", "notificación de estado de entrega", "error de entrega", "fallo en la entrega",
    "não entregue", "não é possível entregar", "mensagem não entregue", "falha na entrega", "notificação de status de entrega",
    "impossibile recapitare", "recapito non riuscito", "mancata consegna", "consegna non riuscita", "mancato recapito", "recapito posticipato", "non recapitabile", "olevererbar",
    "onbestelbaar", "niet bezorgd", "aflevering mislukt", "kan niet worden bezorgd", "går inte att leverera", "olevererat",
    "ikke leveret", "kan ikke leveres", "kan ikke levere", "toimittaminen ei onnistu", "niedostarczon", "nie można dostarczyć",
    "zwrot wiadomości", "nedoručiteln", "nelze doručit", "kézbesíthetetlen", "kézbesítési", "nelivrabil", "не доставлено",
    "недоставлен", "невозможно доставить", "ошибка доставки", "сообщение не доставлено", "не удалось доставить", "teslim edilemedi",
    "μη παραδοτέο", "配信不能", "配信できません", "メール配信", "メッセージを配信できません", "エラーメール", "送信できません",
    "配信エラー", "退信", "系统退信", "无法投递", "未送达", "投递失败", "邮件投递失败", "未傳遞", "無法傳遞", "배달되지 않음", "전송 실패",
    "반송",
)  # fmt: skip
#: What they say in the text when it is over ...
_FAILED = (
    "could not be delivered", "couldn't be delivered", "couldn’t be delivered", "can not be delivered", "cannot be delivered",
    "can't be delivered", "unable to deliver", "unable to be delivered", "unable to send", "was not delivered", "wasn't delivered",
    "wasn’t delivered", "not been delivered", "not be delivered", "were not delivered", "not able to deliver", "failed to deliver",
    "could not deliver", "couldn't deliver", "can't deliver", "cannot deliver", "trouble delivering", "problem delivering",
    "problems delivering", "did not reach", "didn't reach", "could not be reached", "could not be sent", "could not send",
    "cannot send", "not deliverable", "undeliverable", "undelivered", "non-deliver", "nondeliver", "delivery failed", "delivery failure",
    "delivery to the following", "delivery has failed", "delivery error", "delivery problem", "delivery attempt", "failed permanently",
    "fatal error", "permanent failure", "permanent error", "permanently failed", "had delivery errors", "returned to you",
    "returned to sender", "returning message", "returned mail", "has been returned", "is being returned", "user unknown",
    "unknown user", "no such user", "unknown recipient", "recipient unknown", "unknown address", "address unknown", "no such address",
    "no such recipient", "no such mailbox", "no such account", "invalid recipient", "invalid address", "invalid mailbox",
    "invalid user", "recipient rejected", "address rejected", "was rejected", "been rejected", "rejected by", "bad address",
    "bad destination", "no longer valid", "not a valid", "is not valid", "does not exist", "doesn't exist", "doesn’t exist",
    "not found", "couldn't be found", "no mailbox here", "no valid recipients", "mailbox unavailable", "mailbox is disabled",
    "mailbox not found", "not listed in", "not known", "is unknown", "account is disabled", "account has been disabled",
    "account disabled", "account is inactive", "is no longer", "mailbox is full", "mailbox full", "mailbox quota", "over quota", "quota exceeded",
    "exceeded quota", "exceeds quota", "over its quota", "exceeds allowed size", "exceeds the size", "size limit", "host unknown",
    "unknown host", "host not found", "name lookup", "no mx", "unrouteable", "unroutable", "could not find a gateway",
    "too many hops", "retry timeout exceeded", "message expired", "has been in the queue", "giving up", "gave up", "given up",
    "failed recipient", "following recipient", "following address", "following error", "message blocked", "has been blocked",
    "error_code", "not your fault", "failure reasons", "failure notice", "mail loop", "didn't go through", "not a member of",
    "konnte nicht zugestellt", "konnten nicht zugestellt", "nicht zustellbar", "nicht zugestellt", "unzustellbar", "nicht übermittelt",
    "zustellung fehlgeschlagen", "unbekannter empfänger", "empfänger unbekannt", "existiert nicht", "postfach voll",
    "n'a pas pu être", "n’a pas pu être", "n'ont pas pu être", "impossible de remettre", "pas pu être distribué", "utilisateur inconnu",
    "adresse inconnue", "boîte pleine", "non remis", "no se pudo entregar", "no se ha podido entregar", "no pudo ser entregado",
    "no ha podido ser entregado", "no se puede entregar", "usuario desconocido", "destinatario desconocido", "no existe",
    "buzón lleno", "não pôde ser entregue", "não foi entregue", "não foi possível entregar", "usuário desconhecido", "não existe",
    "caixa postal cheia", "impossibile recapitare", "impossibile consegnare", "non è stato possibile", "non è stato consegnato",
    "utente sconosciuto", "non esiste", "casella piena", "kon niet worden bezorgd", "niet worden afgeleverd", "niet bezorgd",
    "bestaat niet", "kunde inte levereras", "kunne ikke leveres", "kunne ikke levere", "ei voitu toimittaa", "nie została dostarczona",
    "nie mogła zostać dostarczona", "nie istnieje", "nemohla být doručena", "nebylo možné doručit", "neexistuje", "nem kézbesíthető",
    "nem sikerült", "не может быть доставлено", "не было доставлено", "не доставлено", "не удалось доставить", "не существует",
    "быть доставлено", "teslim edilemedi", "送信できませんでした", "配信できません", "配信できませんでした", "送信に失敗しました",
    "届けられません", "見つかりません", "宛先不明", "配信に失敗", "配送できません", "送信できません", "リストにありません", "无法投递",
    "无法送达", "退信", "不存在", "投递失败", "未能送达", "無法傳遞", "無法寄達", "전송되지", "배달되지", "보내지 못했습니다",
)  # fmt: skip
#: ... and that it is over although they speak of trying.
_GIVEN_UP = (
    "giving up", "gave up", "given up", "no further attempt", "no further delivery", "not be retried", "will not retry",
    "failed permanently", "permanent error", "permanent fatal error", "permanent failure", "retry timeout exceeded",
    "returned to sender", "returning message to sender", "is being returned", "has been returned", "message expired",
    "could not be delivered for the last", "will not continue",
)  # fmt: skip
_TRYING = (
    "will continue to try", "will keep trying", "will be retried", "will retry", "will try again", "still trying", "still being retried",
    "continue to be attempted", "continue trying", "attempts to deliver the message will", "will continue to be", "further attempts",
    "will be attempted", "will attempt", "not yet been delivered", "has been delayed", "has not been delivered yet", "is delayed",
    "been temporarily delayed", "was delayed", "delivery is delayed", "delivery delayed", "warning message only", "warning only",
    "this is a warning", "do not need to resend", "don't need to resend", "not need to resend", "no action is required on your part",
    "wird weiterhin versucht", "weitere zustellversuche", "verzögert", "sera renouvel", "nouvelle tentative", "a été retardé",
    "se seguirá intentando", "ha sido retrasado", "continuará tentando", "verrà ritentat", "будут продолжены", "再送",
    "再度配送", "遅延",
)  # fmt: skip
_DELAYED_SUBJECTS = (
    "delayed", "delay", "warning: message", "warning: could not send message for past", "still being retried", "transient",
    "temporarily", "verzögert", "retard", "différée", "retrasad", "atrasad", "posticipat", "vertraagd", "försenad", "forsinket",
    "opóźnion", "遅延",
)  # fmt: skip

# Where the returned mail begins: what stands below is somebody else's words.
_ENCLOSED = re.compile(
    r"^[ \t>|*+=_-]*(?:below this line is a copy|this is a copy of (?:the|your) message|the header of the original|"
    r"(?:here is |this is )?(?:a )?copy of (?:the|your) (?:original )?message|a copy of the original message|"
    r"the (?:first|body|text|header)\b.{0,40}\b(?:message|mail)\b.{0,40}(?:follow|is following|below)|"
    r"(?:your )?(?:original|unsent|returned|undelivered|bounced|rejected|forwarded|failed|enclosed)[ _](?:message|mail|e-?mail|text)"
    r"(?:[ _](?:follows|headers?|attached|info|details|as follows|text|is attached|below))?[ .:>|*+=_-]*$|"
    r"(?:start|begin)(?:ning)? of (?:the )?(?:returned|original|undelivered|unsent) m|message (?:header|text|body)s? follows?|"
    r"(?:original|returned|unsent|undelivered) (?:message|mail)(?: is)?(?: as)? (?:follows|below)|no message was collected|"
    r"en-t.tes de message d'origine|message d'origine|ursprüngliche nachricht|urspr.ngliche nachricht(?:enkopfzeilen)?|"
    r"encabezados de mensajes? originales|cabeçalhos de mensagens? origina|intestazioni (?:del )?messaggi[oi]? original|"
    r"元のメッセージ|原邮件|原始邮件)|^(?:content-type: message/rfc822|received: (?:from|by|\()|return-path: ?<)",
    re.IGNORECASE | re.MULTILINE,
)


class Voice(Enum):
    """Who speaks, by From."""

    DAEMON = auto()  # a mail system, and nobody else uses such a name
    ROLE = auto()  # an address that mail systems use, and people too
    PERSON = auto()


def voice(sender: str, answers_to: str = "") -> Voice:
    """Whose name is in From: `sender` is the decoded field. `answers_to`: of Reply-To, by which a form names its writer."""
    folded = sender[:400].casefold().strip()
    address = ADDRESS.search(folded)
    for text in (folded.strip("\"'<> "), address[1] if address else ""):
        if text and _DAEMON.search(text):
            return Voice.DAEMON
    if folded.endswith("<>"):
        return Voice.DAEMON
    if address is not None and _MAIL_ROLE.search(address[1]):
        return Voice.ROLE
    if address is not None and not _SHARED_ROLE.search(address[1]):
        return Voice.PERSON
    return Voice.PERSON if ADDRESS.search(answers_to) and voice(answers_to) is Voice.PERSON else Voice.ROLE


def fold(text: str) -> str:
    """Text as phrases are looked up in it."""
    return " ".join(text.casefold().split())


def reports_in_subject(subject: str) -> bool:
    """Whether a subject begins as those of mail systems do."""
    folded = fold(subject[:300])
    return folded.lstrip("*[(\"' ").startswith(_SUBJECT_STARTS) or folded.partition("] ")[2].startswith(_SUBJECT_STARTS)


def reports_failure(folded: str) -> bool:
    return _any(folded, _FAILED) or _any(folded, _TRYING)


def is_delay(subject: str, folded: str) -> bool:
    """Whether the server goes on trying."""
    if _any(folded, _GIVEN_UP):
        return False
    return _any(fold(subject[:300]), _DELAYED_SUBJECTS) or _any(folded, _TRYING)


def without_enclosed(text: str) -> tuple[str, str]:
    """What the mail system says, and what it returns below."""
    for match in _ENCLOSED.finditer(text):
        if text[: match.start()].strip():
            return text[: match.start()], text[match.start() :]
    return text, ""


def _any(folded: str, phrases: Iterable[str]) -> bool:
    return any(phrase in folded for phrase in phrases)


# --- codes --------------------------------------------------------------------------------------------


def status_in(text: str) -> str:
    """The enhanced status code a text gives, else the class of its reply code (RFC 3463, 3.1); empty without any."""
    code = STATUS.search(text)
    if code is not None and code[1][0] != "2":
        return code[1]
    reply = REPLY_CODE.search(text)
    return f"{reply[1][0]}.0.0" if reply is not None else ""


def reason_in(text: str) -> str:
    """The line that gives the reason: one with a code, else the first that says that something failed."""
    lines = [line.strip()[:LONGEST_LINE] for line in text.splitlines()[:400]]
    for pattern in (STATUS, REPLY_CODE):
        found = next((line for line in lines if pattern.search(line)), "")
        if found:
            return found
    return next((line for line in lines if _any(fold(line), _FAILED)), "")


# --- whom it is about ---------------------------------------------------------------------------------

_ADDRESS_FIRST = re.compile(r"[\s>*•·\-\"'(\[]*(?:(?:e?smtp|rfc822|unknown|mailto|error-for)\s*[:;]\s*)?[<\"']*$")
_LABEL = re.compile(
    r"(?:recipients?|rcpt to|address(?:ed to|es)?|undeliverable to|deliver(?:ed|y)?\b.{0,40}\bto|unable to deliver\b.{0,40}|"
    r"(?:mail|message|sent|send|failed|forwarded)\b.{0,30}\bto|unknown user|user(?: unknown)?|mailbox|account|no such user|"
    r"gateway for|empfänger|adresse|destinataire|destinatario|宛先|受信者|收件人|地址)\W{0,6}$",
    re.IGNORECASE,
)
_NOT_FAILED = re.compile(
    r"(?:from|sender|by|contact|reply-to|cc|message-id|postmaster|id|von|de)\W{0,4}$|mailto:", re.IGNORECASE
)
_HELP = re.compile(
    r"\b(?:contact|assist|help|questions?|report|forward this|write to|send (?:an? )?(?:e-?)?mail to)\b", re.IGNORECASE
)


def failed_recipients(text: str, others: frozenset[str]) -> list[str]:
    """The addresses a mail system speaks of, of the surest kind there is, in order; `others` are known not to be meant."""
    return next((found for found in _by_sureness(text, others) if found), [])


def names_recipient(text: str, others: frozenset[str]) -> bool:
    """Whether an address stands where mail systems put the one that failed, and not just anywhere."""
    return any(_by_sureness(text, others)[:_ANYWHERE])


_ANYWHERE = 3


def _by_sureness(text: str, others: frozenset[str]) -> list[list[str]]:
    """First addresses that begin a line, as in a list; then those behind words such as "Recipient:"; then those in a
    line with a code; then any others. Each once.
    """
    kinds: list[list[str]] = [[] for _ in range(_ANYWHERE + 1)]
    for line in text.splitlines()[:2000]:
        if "@" not in line:
            continue
        shown = line[:LONGEST_LINE]
        for match in ADDRESS.finditer(shown):
            address = match[1].strip("'`*").lower().removeprefix("smtp=")
            if address not in others and not _is_system(address):
                kinds[_sureness(shown, match)].append(address)
    return [list(dict.fromkeys(kind)) for kind in kinds]


def _sureness(line: str, match: re.Match[str]) -> int:
    before, after = line[: match.start()], line[match.end() :]
    if _NOT_FAILED.search(before[-40:]) or _HELP.search(line):
        return _ANYWHERE
    if _ADDRESS_FIRST.fullmatch(before):
        return 0
    if _LABEL.search(before[-80:]):
        return 1
    return (
        2 if STATUS.search(line) or REPLY_CODE.search(line) or after.lstrip(">\"') ").startswith("...") else _ANYWHERE
    )


def _is_system(address: str) -> bool:
    local = address.partition("@")[0]
    return local in {"postmaster", "mailer-daemon", "mailerdaemon", "abuse", "hostmaster"}
