"""A mail of Clara's as the clients forward it, in the languages they speak."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

BODY = "Hello,\nthe lamp in the hall flickers.\n\nWhat shall I do?\nClara"
CLARA = "Clara Customer <clara@customer.example>"

#: As the clients write them: From, Date, Sent, Subject, To, Cc; "Forwarded message" in a rule; Apple's line.
LANGUAGES: Mapping[str, Sequence[str]] = {
    "en": ("From", "Date", "Sent", "Subject", "To", "Cc", "Forwarded Message", "Begin forwarded message:"),
    "de": ("Von", "Datum", "Gesendet", "Betreff", "An", "Kopie", "Weitergeleitete Nachricht", "Anfang der weitergeleiteten Nachricht:"),
    "fr": ("De", "Date", "Envoyé", "Objet", "À", "Cc", "Message transféré", "Début du message réexpédié :"),
    "es": ("De", "Fecha", "Enviado", "Asunto", "Para", "CC", "Mensaje reenviado", "Inicio del mensaje reenviado:"),
    "it": ("Da", "Data", "Inviato", "Oggetto", "A", "Cc", "Messaggio inoltrato", "Inizio messaggio inoltrato:"),
    "pt": ("De", "Data", "Enviado", "Assunto", "Para", "Cc", "Mensagem encaminhada", "Início da mensagem reencaminhada:"),
    "nl": ("Van", "Datum", "Verzonden", "Onderwerp", "Aan", "CC", "Doorgestuurd bericht", "Begin doorgestuurd bericht:"),
    "sv": ("Från", "Datum", "Skickat", "Ämne", "Till", "Kopia", "Vidarebefordrat meddelande", "Vidarebefordrat brev:"),
    "da": ("Fra", "Dato", "Sendt", "Emne", "Til", "Cc", "Videresendt meddelelse", "Start på videresendt besked:"),
    "nb": ("Fra", "Dato", "Sendt", "Emne", "Til", "Kopi", "Videresendt melding", "Videresendt melding:"),
    "fi": ("Lähettäjä", "Päivämäärä", "Lähetetty", "Aihe", "Vastaanottaja", "Kopio", "Välitetty viesti", "Välitetty viesti alkaa:"),
    "pl": ("Od", "Data", "Wysłano", "Temat", "Do", "DW", "Przekazana wiadomość", "Początek przekazywanej wiadomości:"),
    "cs": ("Od", "Datum", "Odesláno", "Předmět", "Komu", "Kopie", "Přeposlaná zpráva", "Začátek přeposílané zprávy:"),
    "sk": ("Od", "Dátum", "Odoslané", "Predmet", "Komu", "Kópia", "Preposlaná správa", "Začiatok preposlanej správy:"),
    "hu": ("Feladó", "Dátum", "Elküldve", "Tárgy", "Címzett", "Másolatot kap", "Továbbított üzenet", "Továbbított levél kezdete:"),
    "ro": ("De la", "Dată", "Trimis", "Subiect", "Către", "Cc", "Mesaj redirecționat", "Începutul mesajului redirecționat:"),
    "hr": ("Šalje", "Datum", "Poslano", "Predmet", "Prima", "Cc", "Proslijeđena poruka", "Započni proslijeđenu poruku:"),
    "ru": ("От", "Дата", "Отправлено", "Тема", "Кому", "Копия", "Пересылаемое сообщение", "Начало переадресованного сообщения:"),
    "uk": ("Від", "Дата", "Надіслано", "Тема", "Кому", "Копія", "Переслане повідомлення", "Початок листа, що пересилається:"),
    "bg": ("От", "Дата", "Изпратено", "Относно", "До", "Копие", "Препратено съобщение", "Начало на препратеното съобщение:"),
    "el": ("Από", "Ημερομηνία", "Στάλθηκε", "Θέμα", "Προς", "Κοιν.", "Προωθημένο μήνυμα", "Αρχή προωθημένου μηνύματος:"),
    "tr": ("Kimden", "Tarih", "Gönderildi", "Konu", "Kime", "Bilgi", "İletilen İleti", "İleti başlangıcı:"),
    "ja": ("差出人", "日付", "送信日時", "件名", "宛先", "CC", "転送メッセージ", "転送されたメッセージ："),
    "zh": ("发件人", "日期", "发送时间", "主题", "收件人", "抄送", "转发的邮件", "开始转发的邮件："),
    "ko": ("보낸 사람", "날짜", "보낸 날짜", "제목", "받는 사람", "참조", "전달된 메시지", "전달된 메시지:"),
}  # fmt: skip

Client = Callable[[Sequence[str], str, str], str]
SUPPORT = "support@acme.example"


def gmail(words: Sequence[str], who: str, body: str) -> str:
    """Only "From" is in the forwarder's language."""
    head = f"{words[0]}: {who}\nDate: Wed, 3 May 2023 at 10:15\nSubject: The lamp\nTo: <{SUPPORT}>\nCc: Bob <bob@customer.example>"
    return f"---------- Forwarded message ---------\n{head}\n\n\n{body}\n"


def thunderbird(words: Sequence[str], who: str, body: str) -> str:
    head = f"{words[3]}: \tThe lamp\n{words[1]}: \tWed, 3 May 2023 10:15:00 +0200\n{words[0]}: \t{who}\n{words[4]}: \t{SUPPORT}"
    return f"\n-------- {words[6]} --------\n{head}\n{words[5]}: \tBob <bob@customer.example>\n\n\n\n{body}\n"


def apple(words: Sequence[str], who: str, body: str) -> str:
    head = f"{words[0]}: {who}\n{words[3]}: The lamp\n{words[1]}: 3. 5. 2023 10:15:00 CEST\n{words[4]}: {SUPPORT}"
    text = f"{words[7]}\n\n{head}\n\n{body}\n"
    return "".join(f"> {line}".rstrip() + "\n" for line in text.split("\n"))


def yahoo(words: Sequence[str], who: str, body: str) -> str:
    """All on one line, and nothing between one header and the next."""
    head = (
        f'{words[0]}: {who}{words[4]}: "Support" <{SUPPORT}>{words[2]}: 3. 5. 2023, 10:15:00 CEST{words[3]}: The lamp'
    )
    return f"   ----- {words[6]} ----- {head}\n {body}"


def yahoo_in_lines(words: Sequence[str], who: str, body: str) -> str:
    head = f"{words[0]}: {who}\n{words[4]}: Support <{SUPPORT}>\n{words[2]}: 3. 5. 2023, 10:15:00 CEST\n{words[3]}: The lamp"
    return f"----- {words[6]} -----\n{head}\n\n{body}"


def outlook(words: Sequence[str], who: str, body: str) -> str:
    head = f"{words[0]}: {who}\n{words[2]}: 3. 5. 2023 10:15\n{words[4]}: Support <{SUPPORT}>\n{words[5]}: Bob <bob@customer.example>"
    return f"________________________________\n{head}\n{words[3]}: The lamp\n\n{body}\n"


def outlook_in_bold(words: Sequence[str], who: str, body: str) -> str:
    head = f"*{words[0]}:* {who}\n*{words[2]}:* 3. 5. 2023 10:15\n*{words[4]}:* Support <{SUPPORT}>\n*{words[3]}:* The lamp"
    return f"{head}\n\n{body}\n"


def outlook_for_mac(words: Sequence[str], who: str, body: str) -> str:
    """The body follows at once."""
    head = f"{words[0]}: {who}\n{words[1]}: 3. 5. 2023 10:15\n{words[4]}: Support <{SUPPORT}>\n{words[5]}: Bob <bob@customer.example>"
    return f"{head}\n{words[3]}: The lamp\n{body}\n"


def missive(who: str, body: str) -> str:
    """Only the body is marked as quoted."""
    head = f"From: {who}\nDate: May 3, 2023 at 10:15 AM\nTo: {SUPPORT}\nSubject: The lamp"
    quoted = "".join(f"> {line}".rstrip() + "\n" for line in body.split("\n"))
    return f"---------- Forwarded message ----------\n{head}\n\n{quoted}>\n"


def mailmate(who: str, body: str) -> str:
    """All below the first line is marked as quoted."""
    text = f"From: {who}\nTo: {SUPPORT}\nSubject: The lamp\nDate: Wed, 3 May 2023 10:15:00 +0000\n\n{body}"
    return "Forwarded message:\n\n" + "".join(f"> {line}".rstrip() + "\n" for line in text.split("\n"))


def ionos(who: str, body: str) -> str:
    text = f"---------- Original Message ----------\nFrom: {who}\nTo: {SUPPORT}\nDate: 05/03/2023 10:15 AM EST\nSubject: The lamp\n\u00a0\n{body}"
    return "".join(f"> {line}\n" for line in text.split("\n"))


def k9(who: str, body: str) -> str:
    return f"\n\n-------- Original Message --------\nFrom: {who}\nSent: May 3, 2023 10:15:00 AM GMT+02:00\nTo: {SUPPORT}\nSubject: The lamp\n\n{body}\n"


def mutt(who: str, body: str) -> str:
    head = (
        f"Date: Wed, 3 May 2023 10:15:00 +0200\nFrom: {who}\nTo: {SUPPORT}\nSubject: The lamp\nUser-Agent: Mutt/2.2\n\n"
    )
    return f"----- Forwarded message from {who} -----\n\n{head}{body}\n\n----- End forwarded message -----\n"


def zoho(who: str, body: str) -> str:
    rule = "============ Forwarded message ============"
    return f"{rule}\nFrom: {who}\nTo: <{SUPPORT}>\nDate: Wed, 03 May 2023 10:15\nSubject: The lamp\n{rule}\n\n{body}\n"


def lotus(who: str, body: str) -> str:
    head = f"From:\t{who}\nTo:\t{SUPPORT}\nDate:\t03.05.2023 10:15\nSubject:\tThe lamp"
    return f"----- Forwarded by Adam Agent/ACME on 03.05.2023 11:00 -----\n\n{head}\n\n{body}\n"


def yandex(body: str) -> str:
    """An introduction instead of header lines."""
    return f'-------- Пересылаемое сообщение --------\n03.05.2023, 10:15, "Clara Customer" <clara@customer.example>:\n\n{body}\n-------- Конец пересылаемого сообщения --------\n'


def netease(who: str, body: str) -> str:
    """A table."""
    head = f"| 发件人 | {who} |\n| 发送日期 | 2023年05月03日 10:15 |\n| 收件人 | {SUPPORT} |\n| 主题 | The lamp |"
    return f"---- 转发的邮件 ----\n{head}\n\n{body}\n"


def emclient(who: str, body: str) -> str:
    """Without colons."""
    head = f"From {who}\nTo {SUPPORT}\nDate 03.05.2023 10:15:00\nSubject The lamp"
    return f"------ Forwarded Message ------\n{head}\n\n{body}\n"


def squirrelmail(who: str, body: str) -> str:
    """Between two lines."""
    head = f"Subject: The lamp\nFrom:    {who}\nDate:    Wed, May 3, 2023 10:15 am\nTo:      {SUPPORT}"
    return f"{' Original Message ':-^76}\n{head}\n{76 * '-'}\n\n{body}\n"


def apple_in_bold(who: str, body: str) -> str:
    head = f"*From: *{who}\n*Subject: **The lamp*\n*Date: *3 May 2023 at 10:15:00 CEST\n*To: *{SUPPORT}"
    return f"Begin forwarded message:\n\n{head}\n\n{body}\n"


def gnus(who: str, body: str) -> str:
    head = f"From: {who}\nTo: {SUPPORT}\nSubject: The lamp\nDate: Wed, 03 May 2023 10:15:00 +0200"
    begin, end = (f"{20 * '-'} {word} of forwarded message {20 * '-'}" for word in ("Start", "End"))
    return f"{begin}\n{head}\n\n{body}\n{end}\n"


MARKED: Sequence[Client] = (thunderbird, apple, yahoo, yahoo_in_lines)
UNMARKED: Sequence[Client] = (outlook, outlook_in_bold, outlook_for_mac)
OWN_FORMS = (
    missive, mailmate, ionos, k9, mutt, zoho, lotus, netease, emclient, squirrelmail, apple_in_bold, gnus,
)  # fmt: skip
#: Every client, in English where it speaks more: sender and body to text.
ALL: Mapping[str, Callable[[str, str], str]] = {
    **{client.__name__: client for client in OWN_FORMS},
    **{client.__name__: partial(client, LANGUAGES["en"]) for client in (gmail, *MARKED, *UNMARKED)},
}
