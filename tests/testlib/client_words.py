"""What mail clients write around a quote, by language. `{who}` is name and address, `{name}` and `{address}` one of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Labels:
    """Of a header block: sender, date, recipient, subject, each as written, its colon included."""

    sender: str
    date: str
    to: str
    subject: str


@dataclass(frozen=True, slots=True)
class Language:
    """One language of a client. Patterns of dates are Babel's (Unicode TR 35)."""

    gmail: tuple[str, str]  # pattern of the date, and the introduction
    apple: tuple[str, str]
    thunderbird: tuple[str, str]
    outlook: Labels
    outlook_date: str
    original: str  # "Original message"
    phone: str  # "Sent from my iPhone"
    galaxy: str
    get_outlook: str


LANGUAGES = {
    "en": Language(
        ("EEE, MMM d, y 'at' h:mm a", "On {date} {who} wrote:"),
        ("MMM d, y, 'at' h:mm a", "On {date}, {who} wrote:"),
        ("M/d/yy HH:mm", "On {date}, {name} wrote:"),
        Labels("From:", "Sent:", "To:", "Subject:"), "EEEE, MMMM d, y h:mm a",
        "Original message", "Sent from my iPhone", "Sent from my Galaxy", "Get Outlook for iOS",
    ),
    "de": Language(
        ("EEE, d. MMM y 'um' HH:mm 'Uhr'", "Am {date} schrieb {who}:"),
        ("dd.MM.y 'um' HH:mm", "Am {date} schrieb {who}:"),
        ("dd.MM.yy 'um' HH:mm", "Am {date} schrieb {name}:"),
        Labels("Von:", "Gesendet:", "An:", "Betreff:"), "EEEE, d. MMMM y HH:mm",
        "Ursprüngliche Nachricht", "Von meinem iPhone gesendet", "Von meinem Galaxy gesendet", "Outlook für iOS beziehen",
    ),
    "fr": Language(
        ("EEE d MMM y 'à' HH:mm", "Le {date}, {who} a écrit\xa0:"),
        ("d MMM y 'à' HH:mm", "Le {date}, {who} a écrit\xa0:"),
        ("dd/MM/y 'à' HH:mm", "Le {date}, {name} a écrit\xa0:"),
        Labels("De :", "Envoyé :", "À :", "Objet :"), "EEEE d MMMM y HH:mm",
        "Message d'origine", "Envoyé de mon iPhone", "Envoyé depuis mon appareil Galaxy", "Télécharger Outlook pour iOS",
    ),
    "es": Language(
        ("EEE, d MMM y 'a las' H:mm", "El {date}, {who} escribió:"),
        ("d MMM y, 'a las' H:mm", "El {date}, {who} escribió:"),
        ("dd/MM/yy 'a las' HH:mm", "El {date}, {name} escribió:"),
        Labels("De:", "Enviado:", "Para:", "Asunto:"), "EEEE, d 'de' MMMM 'de' y H:mm",
        "Mensaje original", "Enviado desde mi iPhone", "Enviado desde mi Galaxy", "Obtener Outlook para iOS",
    ),
    "ja": Language(
        ("y年M月d日(EEE) H:mm", "{date} {who}:"),
        ("y/MM/dd H:mm", "{date}、{who}のメール:"),
        ("y/MM/dd H:mm", "On {date}, {name} wrote:"),
        Labels("差出人:", "送信日時:", "宛先:", "件名:"), "y年M月d日 H:mm",
        "元のメッセージ", "iPhoneから送信", "Galaxyから送信", "iOS 版 Outlook を入手する",
    ),
    "it": Language(
        ("EEE d MMM y 'alle' 'ore' HH:mm", "Il giorno {date} {who} ha scritto:"),
        ("d MMM y, 'alle' 'ore' HH:mm", "Il giorno {date}, {who} ha scritto:"),
        ("dd/MM/yy HH:mm", "Il {date}, {name} ha scritto:"),
        Labels("Da:", "Inviato:", "A:", "Oggetto:"), "EEEE d MMMM y HH:mm",
        "Messaggio originale", "Inviato da iPhone", "Inviato dal mio Galaxy", "Ottieni Outlook per iOS",
    ),
    "nl": Language(
        ("EEE d MMM y 'om' HH:mm", "Op {date} schreef {who}:"),
        ("d MMM y 'om' HH:mm", "Op {date} heeft {who} het volgende geschreven:"),
        ("dd-MM-y 'om' HH:mm", "Op {date} schreef {name}:"),
        Labels("Van:", "Verzonden:", "Aan:", "Onderwerp:"), "EEEE d MMMM y HH:mm",
        "Oorspronkelijk bericht", "Verstuurd vanaf mijn iPhone", "Verzonden vanaf mijn Galaxy", "Outlook voor iOS downloaden",
    ),
    "pl": Language(
        ("EEE, d MMM y 'o' HH:mm", "{date} {who} napisał(a):"),
        ("d MMM y, 'o' HH:mm", "Wiadomość napisana przez {who} w dniu {date}:"),
        ("dd.MM.y 'o' HH:mm", "W dniu {date}, {name} pisze:"),
        Labels("Od:", "Wysłano:", "Do:", "Temat:"), "EEEE, d MMMM y HH:mm",
        "Oryginalna wiadomość", "Wysłane z iPhone'a", "Wysłano z telefonu Galaxy", "Pobierz program Outlook dla systemu iOS",
    ),
}  # fmt: skip
