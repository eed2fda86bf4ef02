"""The words mail clients write around a quote, by language: data only, read by the modules beside it.

Everything is in the form the scanner compares with: NFC, case folded. Where a client writes several words
("a écrit", "ha scritto"), the one that carries the meaning stands here.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Label(StrEnum):
    """What a line of a quoted header block names (RFC 5322, 3.6)."""

    FROM = "from"
    TO = "to"
    CC = "cc"
    DATE = "date"
    SUBJECT = "subject"
    REPLY_TO = "reply-to"
    OTHER = "other"  # importance, attachments: seen inside a block, never the proof of one


def _words(text: str) -> frozenset[str]:
    return frozenset(text.casefold().split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip().casefold() for phrase in text.split(",") if phrase.strip())


# en de fr es pt it nl da no sv fi is pl cs sk ru uk bg sr hr sl tr hu ro el he ar fa hi lt lv et vi th id ca eu
WROTE: Final = _words(
    "wrote writes schrieb schreibt geschrieben écrit ecrit escribió escribio escreveu scritto scrisse schreef geschreven"
    " skrev skreiv skrifaði kirjoitti napisał napisała pisze napsal napsala napísal napísala написал написала пишет"
    " написав написала пише написа napisao napisala pisao napisal yazdı yazdi yazmış írta scris έγραψε כתב כתבה كتب كتبت"
    " نوشت rašė parašė rakstīja kirjutas viết เขียน เขียนว่า menulis escrigué escriure escrit idatzi"
)
WROTE_WITHOUT_SPACES: Final = (
    "लिखा",
    "写道",
    "寫道",
    "写到",
    "書きました",
    "書いた",
    "のメッセージ",
    "작성",
    "님이 쓴",
    "เขียน",
)

# What a sentence of the customer's own begins with, and a client's line never does.
PRONOUNS: Final = _words(
    "i we you he she they your my our ich wir sie er ihr mein unser je nous vous il elle j yo nosotros usted ella io noi"
    " voi lui lei eu nós você ele ela ik wij jij hij zij jag vi ni han hon jeg du hun"
)
SPEAKER: Final = _words("i we ich wir je nous yo io eu ik wij jag jeg")

# What a client's line begins with, before the date.
LEADS: Final = _words(
    "on at am le el il em op den dne dňa dnia w в на у во pe la la în στις στις ב ב- في در em den på datum date am"
)

MONTHS: Final = (
    "jan|feb|mar|mär|mrz|apr|maj|mai|may|mei|jun|jul|aug|ago|sep|set|oct|okt|out|ott|nov|dec|dez|dic|déc|janv|févr|fév|avr"
    "|juin|juil|août|ene|abr|gen|mag|giu|lug|mrt|maa|tammi|helmi|huhti|touko|kesä|heinä|elo|syys|loka|marras|joulu"
    "|sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru|янв|фев|мар|апр|мая|май|июн|июл|авг|сен|окт|ноя|дек"
    "|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру|oca|şub|nis|haz|tem|ağu|eyl|eki|kas|ara"
)

_LABELS: Final[dict[Label, str]] = {
    Label.FROM: "from, von, de, desde, da, van, fra, från, lähettäjä, od, от, від, kimden, gönderen, feladó, de la, από, "
    "发件人, 寄件者, 寄件人, 差出人, 送信者, 보낸 사람, 보낸사람, من, מאת, expéditeur, remitente, mittente, remetente, afzender, avsändare, "
    "absender, nuo, kellelt, từ, จาก, dari, ผู้ส่ง, sender, frá, odesílatel, odosielateľ, nadawca, отправитель, відправник, "
    "saatja, šalje, salje, pošiljatelj, pošiljalac, expeditor, expeditorul, от кого, від кого, αποστολέας, sūtītājs, "
    "siuntėjas, подател, изпращач, пошиљалац, المرسل, فرستنده, از, השולח, प्रेषक, pengirim, người gửi, remitent",
    Label.TO: "to, an, à, a, para, aan, til, till, vastaanottaja, do, komu, кому, до, kime, alıcı, címzett, către, pentru, προς, "
    "收件人, 收件者, 宛先, 받는 사람, 받는사람, إلى, אל, destinataire, destinatario, destinatário, adresat, за, kam, kellele, đến, "
    "ถึง, kepada, empfänger, za, prima, prejemnik, ontvanger, získatel, pre, pro, pour, alıcılar, destinatarul, către, primatelj, "
    "primalac, példány, gavėjas, saņēmējs, saaja, получател, прималац, 宛て, 受信者, המקבל, per a, nori, kenelle, mottaker, modtager, "
    "mottagare, příjemce, príjemca, odbiorca, címzettek, destinatarios, destinatari, destinatários, destinataires, penerima",
    Label.CC: "cc, kopie, copie, copia, cópia, kopi, kopia, kopio, kopia do, dw, do wiadomości, копия, копія, bilgi, másolat, "
    "抄送, 副本, 참조, نسخة, עותק, bcc, copie à, κοιν., kopija, kópia, cópia para, cco, ccn, kopie (cc), másolatot kap, kopi til, "
    "kopiert, kopia till, копия до, скрытая копия, kópia (cc), kopie an, blindkopie, copia (cc), κοινοποίηση, ｃｃ, koopia, "
    "kopijos, عطف, afrit, samrit",
    Label.DATE: "date, sent, datum, gesendet, gesendet am, date d'envoi, envoyé, envoyé le, fecha, enviado, enviado el, enviado em, "
    "enviada em, enviada, data, inviato, data invio, verzonden, verzonden op, dato, sendt, skickat, skickad, päiväys, lähetetty, "
    "päivämäärä, wysłano, wysłane, data wysłania, odesláno, odoslané, dátum, отправлено, дата, отправлен, надіслано, tarih, "
    "gönderildi, gönderme tarihi, gönderilme tarihi, elküldve, küldve, küldés ideje, trimis, trimis la, dată, ημερομηνία, "
    "στάλθηκε, εστάλη, 发送时间, 发送日期, 日期, 時間, 寄件日期, 傳送時間, 日時, 送信日時, 보낸 날짜, 날짜, تاريخ الإرسال, التاريخ, "
    "נשלח, תאריך, poslano, poslato, изпратено, išsiųsta, nosūtīts, saadetud, đã gửi, ngày, ส่ง, วันที่, dikirim, tanggal, "
    "date sent, sent on, sent at, dags, gönderilen, gönderim tarihi, відправлено, отправленное, отправлена, 日付, 送信日, "
    "发件时间, 日期和时间, kuupäev, datums, data i godzina, datum i vreme, време, изпратена, data trimiterii, elküldés dátuma, sendt den, "
    "lähetysaika, lähetyspäivä, odeslané, odesláno dne, tanggal kirim, ngày gửi, gửi, تاريخ, تم الإرسال, पर भेजा गया, दिनांक, "
    "enviat, envoi, date et heure, sent date",
    Label.SUBJECT: "subject, betreff, objet, asunto, assunto, oggetto, onderwerp, emne, ämne, aihe, temat, předmět, predmet, тема, "
    "konu, tárgy, subiect, θέμα, 主题, 主旨, 主題, 件名, 제목, الموضوع, נושא, zadeva, naslov, относно, sujet, efni, teema, "
    "tēma, chủ đề, เรื่อง, subjek, hal, assumpte, re, naslov poruke, predmet poruke, dalykas, predmet správy, předmět zprávy, "
    "subiectul, tittel, rubrik, otsikko, başlık, 標題, 标题, विषय, موضوع, موضوع الرسالة, הנושא, perihal, efnislína",
    Label.REPLY_TO: "reply-to, reply to, antwort an, antworten an, répondre à, responder a, rispondi a, risposta, antwoord aan, "
    "svar til, svara till, vastaus, odpowiedz do, odpověď komu, ответить, 回复, 返信先, svar till",
    Label.OTHER: "importance, priority, attachments, wichtigkeit, priorität, anlagen, anhänge, importance, pièces jointes, "
    "importancia, datos adjuntos, importância, anexos, priorità, allegati, urgentie, bijlagen, prioritet, bilagor, ważność, "
    "załączniki, důležitost, přílohy, важность, вложения, 重要性, 附件, 添付ファイル, 중요도, sensitivity, organization, organisation, "
    "mailed-by, signed-by, delivered-to, message-id, in-reply-to, references, list-id, newsgroups, user-agent, x-mailer, mime-version, "
    "content-type, content-transfer-encoding, return-path, organizzazione, société, firma",
}
LABELS: Final[dict[str, Label]] = {
    name: label for label in reversed(Label) for name in _phrases(_LABELS[label]) if name != "re"
}

# Inside a rule: "-----Original Message-----".
ORIGINAL: Final = _phrases(
    "original message, original, original email, original mail, originalnachricht, original-nachricht, ursprüngliche nachricht, "
    "ursprüngliche mail, urspr. nachricht, original nachricht, message d'origine, message d’origine, message original, "
    "message initial, mensaje original, mensagem original, messaggio originale, messaggio di origine, oorspronkelijk bericht, "
    "origineel bericht, oorspronkelijke bericht, oprindelig meddelelse, oprindelig besked, original meddelelse, "
    "opprinnelig melding, opprinnelig e-post, ursprungligt meddelande, originalmeddelande, ursprungsmeddelande, "
    "alkuperäinen viesti, oryginalna wiadomość, wiadomość oryginalna, wiadomość oryginalna, původní zpráva, původní e-mail, "
    "pôvodná správa, исходное сообщение, оригинальное сообщение, первоначальное сообщение, вихідне повідомлення, "
    "оригінальне повідомлення, оригінал повідомлення, оригинално съобщение, orijinal ileti, orijinal mesaj, özgün ileti, "
    "asıl mesaj, eredeti üzenet, mesaj original, mesajul original, mesajul inițial, αρχικό μήνυμα, πρωτότυπο μήνυμα, "
    "izvorna poruka, originalna poruka, оригинална порука, izvirno sporočilo, הודעה מקורית, ההודעה המקורית, الرسالة الأصلية, "
    "پیام اصلی, 元のメッセージ, オリジナルメッセージ, 原始邮件, 原邮件, 邮件原件, 原始郵件, 原始信件, 원본 메시지, 원본 메일, 원본 이메일, "
    "pesan asli, tin nhắn gốc, thư gốc, ข้อความต้นฉบับ, missatge original, originali žinutė, algne kiri, reply message, "
    "original-mail, ursprungliga meddelandet, message replied, antwortnachricht, mensagem respondida"
)

# Inside a rule, or alone before a colon: "Begin forwarded message:".
FORWARDED: Final = _phrases(
    "forwarded message, begin forwarded message, start of forwarded message, forwarded by, forwarded email, weitergeleitete nachricht, "
    "anfang der weitergeleiteten nachricht, anfang der weitergeleiteten e-mail, weitergeleitet von, message transféré, "
    "message réexpédié, début du message réexpédié, début du message transféré, message transmis, mensaje reenviado, "
    "inicio del mensaje reenviado, messaggio inoltrato, inizio messaggio inoltrato, inizio del messaggio inoltrato, "
    "mensagem encaminhada, mensagem reencaminhada, início da mensagem encaminhada, início da mensagem reencaminhada, "
    "doorgestuurd bericht, begin doorgestuurd bericht, doorgestuurde bericht, vidarebefordrat meddelande, vidarebefordrat brev, "
    "vidarebefordrat mejl, vidarebefordrat mail, videresendt meddelelse, videresendt besked, videresendt melding, "
    "start på videresendt besked, start på videresendt melding, videresendt e-mail, videresendt e-post, välitetty viesti, "
    "edelleenlähetetty viesti, välitetty viesti alkaa, wiadomość przekazana, przekazana wiadomość, "
    "początek przekazywanej wiadomości, treść przekazanej wiadomości, přeposlaná zpráva, začátek přeposílané zprávy, "
    "předávaná zpráva, preposlaná správa, пересылаемое сообщение, пересланное сообщение, перенаправленное сообщение, "
    "начало переадресованного сообщения, переслане повідомлення, початок листа що пересилається, препратено съобщение, "
    "iletilen ileti, iletilmiş ileti, iletilen mesaj, yönlendirilen mesaj, továbbított üzenet, továbbított levél kezdete, "
    "mesaj redirecționat, mesaj redirectionat, începutul mesajului redirecționat, προωθημένο μήνυμα, "
    "proslijeđena poruka, prosleđena poruka, posredovano sporočilo, הודעה שהועברה, תחילת ההודעה שהועברה, رسالة معاد توجيهها, "
    "転送されたメッセージ, 転送メッセージ, 転送されたメール, 转发的邮件, 转发邮件, 转发邮件信息, 被转发邮件, 开始转发的邮件, 轉寄郵件, 轉寄的郵件, 已轉寄的訊息, "
    "전달된 메시지, 전달된 메일, thư đã chuyển tiếp, pesan terusan, ข้อความที่ส่งต่อ, missatge reenviat, započni proslijeđenu poruku, "
    "početak proslijeđene poruke, прослеђена порука, továbbított üzenet kezdete, továbbított e-mail, "
    "továbbított levél, începutul mesajului redirecţionat, mesaj redirecţionat, mesaj retrimis, početak prosleđene poruke, "
    "začiatok preposlanej správy, začátek předávané zprávy, přeposlaný e-mail, preposlaný e-mail, iletilen ileti başlangıcı, "
    "iletilen iletinin başlangıcı, ileti başlangıcı, iletilmiş mesaj, yönlendirilmiş mesaj, yönlendirilen ileti, iletilen e-posta, "
    "перенаправлене повідомлення, переадресоване повідомлення, пересилане повідомлення, початок переадресованого повідомлення, "
    "переадресованное сообщение, пересылаемое письмо, пересланное письмо, перенаправляемое сообщение, начало пересылаемого сообщения, "
    "vidarebefordrat e-postmeddelande, början på vidarebefordrat mejl, välitetty sähköposti, "
    "välitetyn viestin alku, edelleen lähetetty viesti, przesłana dalej wiadomość, wiadomość przesłana dalej, przesłana wiadomość, "
    "weitergeleitete e-mail, weitergeleitete mail, beginn der weitergeleiteten nachricht, weitergeleitet, e-mail transféré, "
    "courriel transféré, mail transféré, transféré par, correo reenviado, comienzo del mensaje reenviado, reenviado por, "
    "e-mail inoltrata, email inoltrata, inoltrato da, messaggio inoltrato da, e-mail encaminhado, email encaminhado, encaminhado por, "
    "doorgestuurde e-mail, doorgestuurde mail, doorgezonden bericht, begin doorgestuurde bericht, doorgestuurd door, áframsent bréf, "
    "áframsend skilaboð, framsent bréf, persiųsta žinutė, persiųstas laiškas, pārsūtīta ziņa, pārsūtīts ziņojums, edastatud kiri, "
    "edastatud sõnum, начало на препратеното съобщение, препратено писмо, αρχή προωθημένου μηνύματος, αρχή του προωθημένου μηνύματος, "
    "پیام بازارسال شده, پیام هدایت شده, رسالة مُعاد توجيهها, بداية الرسالة المعاد توجيهها, अग्रेषित संदेश, 転送された電子メール, 転送開始, "
    "转发的消息, 转发消息, 已转发的邮件, 转发的信息, 轉寄訊息, 轉寄的信件, 開始轉寄郵件, 以下是轉寄的郵件, 전달 메시지, 전달된 이메일, "
    "전달된 편지, tin nhắn được chuyển tiếp, tin nhắn chuyển tiếp, email diteruskan, pesan yang diteruskan, birtargiitutako mezua"
)

# Inside a rule, below what was forwarded: "----- End forwarded message -----".
FORWARD_ENDS: Final = _phrases(
    "end forwarded message, end of forwarded message, end of the forwarded message, ende der weitergeleiteten nachricht, "
    "fin du message transféré, fin du message réexpédié, fin del mensaje reenviado, fine messaggio inoltrato, "
    "fine del messaggio inoltrato, fim da mensagem encaminhada, fim da mensagem reencaminhada, einde doorgestuurd bericht, "
    "slut på vidarebefordrat meddelande, slut på videresendt meddelelse, slutt på videresendt melding, välitetty viesti päättyy, "
    "koniec przekazywanej wiadomości, konec přeposlané zprávy, koniec preposlanej správy, конец пересылаемого сообщения, "
    "конец переадресованного сообщения, кінець пересланого повідомлення, iletilen iletinin sonu, továbbított üzenet vége, "
    "sfârșitul mesajului redirecționat, 転送メッセージ終わり, 转发邮件结束"
)

# Devices and programs that sign for their owner; whole words, case folded. Japanese puts no space behind a name.
DEVICES: Final = re.compile(
    r"i-?(?:phon|pad|pod)|(?<![a-z0-9_])(android|galaxy|samsung|htc|nokia|blackberry|huawei|honor|xiaomi|redmi|oneplus|oppo|vivo|lumia"
    r"|motorola|moto|sony|xperia|nexus|pixel|alcatel|lg|zte|phone|smartphone|handy|mobile?|mobil\w*|móvil|celular"
    r"|cellulare|téléphone|telefon\w*|telefoon|tablet\w*|cell|cellphone|device|gerät|outlook|mail|e-?mail|mailbox|airmail|yahoo"
    r"|gmail|gmx|aol|web\.de|t-online|windows|mac|macbook|imac|proton|protonmail|tutanota|tuta|thunderbird|spark|k-9|k9"
    r"|aquamail|bluemail|nine|webmail|inbox|newton|canary|hey|fastmail|mailspring|postbox|superhuman|zoho|yandex|mobiltelefon"
    r"|bb10|treo|palm|kindle|surface|verizon|at&t|t-mobile|verzend\w*|телефона?|смартфона?|устройства)(?![a-z0-9_])"
)
# How such a line begins; a device must follow.
SENT_FROM: Final = re.compile(
    r"(?:(?:sent|send|written|typed|composed|mailed) (?:from|via|with|by|using|on)\b|from my\b|[^\W\d]{2,20} from (?=mobile$)"
    r"|(?:gesendet|verschickt|geschrieben|versendet|versandt) (?:von|mit|über|via|aus)\b"
    r"|envoyée? (?:de|depuis|à partir|par|avec)\b|enviad[oa] (?:desde|de|do|a partir|através|com|con|por|via|mediante)\b"
    r"|inviat[oa] (?:da|dal|dall|con|tramite)\b|(?:verzonden|verstuurd) (?:vanaf|met|via|van|vanuit)\b"
    r"|skickat (?:från|med|via)\b|skickades från\b|sendt (?:fra|med|via)\b|lähetetty\b|wysłan[eoay] (?:z|za|przez|ze)\b"
    r"|odesláno (?:z|ze|pomocí)\b|odoslané (?:z|zo)\b|отправлено (?:с|из|от|через)\b|надіслано (?:з|із)\b|изпратено от\b"
    r"|poslano (?:s|sa|z|iz|mog)\b|küldve\b|elküldve\b|trimis (?:de pe|din|cu)\b|στάλθηκε από\b|enviat (?:des|de)\b"
    r"|gửi từ\b|dikirim dari\b)"
)
# Whole lines, where the word for sending stands last, and advertisements of mail programs.
SENT_LINES: Final = re.compile(
    r"(?:von meine[mr]? [^.,!?]{2,60} (?:gesendet|verschickt|geschrieben|versendet)"
    r"|diese (?:nachricht|e-?mail|mail) wurde (?:von|mit) [^.,!?]{2,90} (?:gesendet|verschickt|geschrieben|versendet)"
    r"|(?:從我的|从我的) ?[^.,。，]{2,30} ?(?:傳送|傳來|发送|寄出)|(?:发自|發自|來自|来自|傳送自)(?:我的)? ?[^.,。，]{2,30}"
    r"|(?:私の)? ?[^.,。、]{2,30}から送信(?:されました)?|(?:나의|내) ?[^.,]{2,30}에서 보냄|[^.,]{2,30}에서 보냄"
    r"|[^.,]{2,30}(?:dan|den) gönderildi|נשלח מ[^.,]{2,30}|أ?ُ?رسلت? من [^.,]{2,30}|मेरे [^.,]{2,30} से भेजा गया"
    r"|(?:get|holen sie sich|laden sie|obtenir|téléchargez?|télécharger|obtén|obtenga|obtener|obter|obtenha|ottieni|scarica"
    r"|download|hämta|hent|få|hanki|pobierz|получите|скачать|获取|取得) ?[^.,!?]{2,30} (?:for|für|pour|para|per|voor|til|till|för"
    r"|dla|для) (?:systemu )?(?:ios|android|mac|windows|iphone|ipad|mobile)[^.,!?]{0,12}"
    r"|outlook (?:für|voor|til|for|til) (?:ios|android|mac) ?(?:beziehen|herunterladen|holen|downloaden|を入手(?:する)?|を取得)"
    r"|(?:ios|android) ?版 ?outlook ?を(?:入手|取得|ダウンロード)(?:する)?)"
)
EXCUSES: Final = re.compile(
    r"\b(excuse|pardon|forgive|sorry|apolog\w*|typo\w*|brevity|autocorrect|spelling|tippfehler|fautes)\b"
)
# What a sentence of a person's own has and a client's line has not.
SENTENCE_WORDS: Final = _words(
    "but and is was are were never not does doesn't did didn't has had will would can can't when it this that to"
    " aber und nicht ist war kann mais et pas est était pero y no es e non è ma nie jest maar niet en och inte og ikke"
)
