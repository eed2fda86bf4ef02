"""What is new in a plain-text reply."""

from __future__ import annotations

import pytest

from mailproc.mime.quoting import is_reply_marker, split_reply, words_of_page

NEW = "It works again, thank you."
OLD = "Have you tried to switch it off and on?"

INTRODUCTIONS = """\
On Mon, 3 Mar 2025 at 10:15, Anna Support <help@acme.example> wrote:
On Mar 3, 2025, at 10:15 AM, Anna <help@acme.example> wrote:
On 03/03/25 10:15 AM, Anna Support wrote:
Am Mo., 3. März 2025 um 10:15 Uhr schrieb Anna <help@acme.example>:
Am 03.03.2025 um 10:15 schrieb Anna Support:
Anna <help@acme.example> schrieb am Mo., 3. März 2025, 10:15:
Le lun. 3 mars 2025 à 10:15, Anna <help@acme.example> a écrit :
El lun, 3 mar 2025 a las 10:15, Anna (<help@acme.example>) escribió:
Il giorno lun 3 mar 2025 alle ore 10:15 Anna <help@acme.example> ha scritto:
Em seg., 3 de mar. de 2025 às 10:15, Anna <help@acme.example> escreveu:
Op ma 3 mrt 2025 om 10:15 schreef Anna <help@acme.example>:
Den mån 3 mars 2025 kl 10:15 skrev Anna <help@acme.example>:
Den man. 3. mar. 2025 kl. 10.15 skrev Anna <help@acme.example>:
ma 3. maalisk. 2025 klo 10.15 Anna (help@acme.example) kirjoitti:
pon., 3 mar 2025 o 10:15 Anna <help@acme.example> napisał(a):
W dniu 03.03.2025 o 10:15, Anna Support pisze:
po 3. 3. 2025 v 10:15 odesílatel Anna <help@acme.example> napsal:
пн, 3 мар. 2025 г. в 10:15, Anna <help@acme.example>:
03.03.2025 10:15, Anna Support пишет:
пн, 3 бер. 2025 р. о 10:15 Anna <help@acme.example> пише:
3 Mar 2025 Pzt, 10:15 tarihinde Anna <help@acme.example> şunu yazdı:
2025年3月3日(月) 10:15 Anna <help@acme.example>:
在 2025/3/3 10:15, Anna 写道:
Anna <help@acme.example> 於 2025年3月3日 週一 上午10:15寫道：
2025년 3월 3일 (월) 오전 10:15, Anna <help@acme.example>님이 작성:
في الاثنين، 3 مارس 2025 في 10:15 ص تمت كتابة ما يلي بواسطة Anna <help@acme.example>:
\u202bבתאריך יום ב׳, 3 במרץ 2025 ב-10:15 מאת \u202aAnna\u202c <\u202ahelp@acme.example\u202c>:\u202c
Στις Δευ 3 Μαρ 2025 στις 10:15 π.μ., ο/η Anna <help@acme.example> έγραψε:
Anna <help@acme.example> ezt írta (időpont: 2025. márc. 3., H, 10:15):
În lun., 3 mar. 2025 la 10:15, Anna <help@acme.example> a scris:
На пн, 3.03.2025 г. в 10:15 Anna <help@acme.example> написа:
Vào Th 2, 3 thg 3, 2025 vào lúc 10:15 Anna <help@acme.example> đã viết:
सोम, 3 मार्च 2025 को 10:15 am बजे को Anna <help@acme.example> ने लिखा:
On Monday, March 3, 2025, 10:15:00 AM GMT+1, Anna <help@acme.example> wrote:
Anna Support/DE/ACME wrote on 03/03/2025 10:15:00:
---- On Mon, 03 Mar 2025 10:15:00 +0100 Anna <help@acme.example> wrote ----
-----Original Message-----
-----Ursprüngliche Nachricht-----
-------- Message d'origine --------
*------ Mensaje original ------*
------------------ 原始邮件 ------------------
-----Oryginalna wiadomość-----""".splitlines()

HEADER_BLOCKS = (
    "From: Anna <help@acme.example>\nSent: Monday, 3 March 2025 10:15\nTo: Bob\nSubject: Printer",
    "*From:* Anna Support\n*Sent:* Monday, 3 March 2025 10:15\n*To:* Bob\n*Subject:* Printer",
    "Von: Anna Support\nGesendet: Montag, 3. März 2025 10:15\nAn: Bob\nBetreff: Drucker",
    "De : Anna <help@acme.example>\nEnvoyé : lundi 3 mars 2025 10:15\nÀ : Bob\nObjet : Imprimante",
    "De: Anna\nEnviado el: lunes, 3 de marzo de 2025 10:15\nPara: bob@example.org\nAsunto: Impresora",
    "Da: Anna\nInviato: lunedì 3 marzo 2025 10:15\nA: Bob\nOggetto: Stampante",
    "Van: Anna\nVerzonden: maandag 3 maart 2025 10:15\nAan: Bob\nOnderwerp: Printer",
    "Fra: Anna\nSendt: 3. marts 2025 10:15\nTil: Bob\nEmne: Printer",
    "Från: Anna\nSkickat: den 3 mars 2025 10:15\nTill: Bob\nÄmne: Skrivare",
    "Od: Anna\nWysłano: poniedziałek, 3 marca 2025 10:15\nDo: Bob\nTemat: Drukarka",
    "От: Anna\nОтправлено: 3 марта 2025 г. 10:15\nКому: Bob\nТема: Принтер",
    '发件人: "Anna" <help@acme.example>;\n发送时间: 2025年3月3日(星期一) 上午10:15\n收件人: "Bob"\n主题: 打印机',
    "差出人: Anna\n送信日時: 2025年3月3日 10:15\n宛先: Bob\n件名: プリンター",
    "보낸 사람: Anna\n보낸 날짜: 2025년 3월 3일 10:15\n받는 사람: Bob\n제목: 프린터",
    "Kimden: Anna\nGönderildi: 3 Mart 2025 10:15\nKime: Bob\nKonu: Yazıcı",
)


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
class TestIntroductionsOfEveryClient:
    def test_above_unmarked_text(self, introduction: str) -> None:
        assert split_reply(f"{NEW}\n\n{introduction}\n\n{OLD}\n").text == NEW

    def test_above_marked_text(self, introduction: str) -> None:
        assert split_reply(f"{NEW}\n{introduction}\n> {OLD}\n").text == NEW

    def test_within_the_marked_text(self, introduction: str) -> None:
        assert split_reply(f"{NEW}\n> {introduction}\n>\n> {OLD}\n").text == NEW

    def test_with_the_answer_below(self, introduction: str) -> None:
        assert split_reply(f"{introduction}\n> {OLD}\n\n{NEW}\n").text == NEW

    def test_broken_over_two_lines_before_the_address(self, introduction: str) -> None:
        head, bracket, tail = introduction.partition(" <")
        broken = f"{head}\n<{tail}" if bracket else introduction
        assert split_reply(f"{NEW}\n\n{broken}\n\n{OLD}\n").text == NEW

    def test_broken_within_the_address(self, introduction: str) -> None:
        broken = introduction.replace("<", "<\n", 1)
        assert split_reply(f"{NEW}\n\n{broken}\n\n> {OLD}\n").text == NEW


@pytest.mark.parametrize("block", HEADER_BLOCKS)
class TestHeaderBlocksOfEveryLanguage:
    def test_ends_the_new_text(self, block: str) -> None:
        assert split_reply(f"{NEW}\n\n{block}\n\n{OLD}\n").text == NEW

    def test_together_with_the_line_drawn_above_it_and_answers_below(self, block: str) -> None:
        letter = "Which model do you have in the office?\n\nWould you like us to come on Tuesday?"
        answered = letter.replace("office?", "office?\nThe L-2000.")
        body = f"{NEW}\n________________________________\n{block}\n\n{answered}"
        assert split_reply(body, [letter]).text.split() == f"{NEW} The L-2000.".split()
        marked = "\n".join(f"> {line}" for line in block.splitlines())
        assert split_reply(f"{NEW}\n_____\n{marked}\n> {OLD}").text == NEW

    def test_together_with_the_line_drawn_above_it(self, block: str) -> None:
        assert split_reply(f"{NEW}\n________________________________\n{block}\n{OLD}").text == NEW

    def test_alone_on_top_is_somebody_showing_us_a_mail(self, block: str) -> None:
        assert split_reply(f"{block}\n\n{OLD}\n").text == f"{block}\n\n{OLD}"


@pytest.mark.parametrize(
    "body",
    [
        "On Monday Anna wrote:\nthat the printer would be repaired.",
        "I wrote to you on 3 March 2025 at 10:00:\nnothing happened.",
        "Am 3.3.2025 um 10:00 schrieb ich Ihnen:\nEs geht nicht.",
        "You wrote on 3.3.2025 10:00:\nthat it works",
        "I need a ticket.\nFrom: Berlin\nTo: Hamburg\nDate: 3 March 2025, 10:30\nPassengers: 2",
        "Name: Bob\nEmail: bob@example.org\nSubject: Printer\nDate: 3.3.2025 10:00",
        "It says:\n-----\nError 17: no paper",
        "Steps:\n--\n1. open the lid",
        "The log says:\n2025-03-03 10:15:02 error: user <bob@example.org> unknown:\ngiving up",
        "Sent from my phone but it never arrived",
        "Sent from my desk, is much easier than my mobile phone.",
        "Von meinem Handy geht es nicht",
        "Get the phone fixed please",
        "```\n--\nnot a signature\n```",
        ">>> import os\n>>> os.getcwd()",
        "Hello,\n\nit is broken.\n\nBest regards,\nAnna",
        "On your machine run:\n\n    telnet 192.0.2.1 25\n\nOn 3 March that helped:",
        "> How are you?",
        "> How are you?\n\nFine.",
    ],
)
def test_what_only_looks_like_a_quote_is_kept_whole(body: str) -> None:
    assert split_reply(body).text == body


@pytest.mark.parametrize("quoted", [f"> {OLD}", OLD])
def test_the_date_may_stand_in_a_line_of_its_own_above_the_name(quoted: str) -> None:
    """As Sylpheed and Claws Mail write it."""
    name = f"Anna <help@acme.example> wrote:\n\n{quoted}\n"
    assert split_reply(f"{NEW}\n\nOn Mon, 3 Mar 2025 10:15:00 +0100\n{name}").text == NEW
    for own in ("On Monday, 3 March, we meet at 10:15", "It broke on 3 March 2025 10:15:00"):
        assert split_reply(f"{NEW}\n{own}\n{name}").text == f"{NEW}\n{own}"


class TestPlacesOfTheAnswer:
    def test_answers_between_quotes_keep_what_they_answer(self) -> None:
        body = "Hello!\n\nAnna wrote:\n> Which version?\n3.2\n> Which system?\nLinux\n> Yours, Anna\n"
        reply = split_reply(body)
        assert reply.text == "Hello!\n\n> Which version?\n3.2\n> Which system?\nLinux"
        assert reply.unquoted == "Hello!\n\n3.2\nLinux"
        assert reply.quoted == "Anna wrote:\n> Yours, Anna"

    def test_a_greeting_above_the_quote_and_the_answer_below(self) -> None:
        body = f"Hi Anna,\n\nOn 3 Mar 2025, at 10:15, Anna wrote:\n> {OLD}\n\n{NEW}"
        assert split_reply(body).text.split() == f"Hi Anna, {NEW}".split()

    def test_text_below_the_quote_is_never_lost(self) -> None:
        body = f"First.\nAlso this.\n\nAnna wrote:\n> {OLD}\n\nLast."
        assert split_reply(body).unquoted.split() == ["First.", "Also", "this.", "Last."]

    def test_nothing_but_a_quote_with_its_introduction_is_nothing_new(self) -> None:
        reply = split_reply(f"Anna <help@acme.example> wrote:\n> {OLD}")
        assert (reply.text, reply.unquoted) == ("", "")
        assert OLD in reply.quoted

    def test_an_introduction_alone_on_top_hides_nothing(self) -> None:
        body = f"On 3 Mar 2025, at 10:15, Anna <help@acme.example> wrote:\n\n{NEW}"
        assert split_reply(body).text == NEW

    def test_a_line_the_mail_box_escaped_is_the_writers(self) -> None:
        assert split_reply(f"{NEW}\n>From now on it is quick.").text == f"{NEW}\n>From now on it is quick."

    def test_old_style_marks_with_initials(self) -> None:
        assert split_reply(f"{NEW}\n\nAS> Have you tried\nAS> to switch it off?").text == NEW

    def test_line_endings_of_every_system(self) -> None:
        assert split_reply(f"{NEW}\r\nBye\r\r\n> {OLD}").text == f"{NEW}\nBye"


class TestForwards:
    @pytest.mark.parametrize(
        "line",
        ["---------- Forwarded message ---------", "Begin forwarded message:", "-------- Weitergeleitete Nachricht --------",
         "Anfang der weitergeleiteten Nachricht:", "---------- Message transféré ---------", "---------- 転送メッセージ ----------"],
    )  # fmt: skip
    @pytest.mark.parametrize("above", ["", "Please look at this:\n\n"])
    def test_what_is_forwarded_is_what_is_said(self, line: str, above: str) -> None:
        body = f"{above}{line}\n{HEADER_BLOCKS[0]}\n\n> quoted\n\n-- \nCarol\n"
        reply = split_reply(body)
        assert reply.text == body.strip()
        assert reply.forwarded

    def test_a_letter_of_ours_is_no_forward(self) -> None:
        body = f"{NEW}\n\n---------- Forwarded message ---------\n{HEADER_BLOCKS[0]}\n\n##- Write above -##\n\n{OLD}"
        assert split_reply(body).text == NEW


class TestReplyMarker:
    MARKER = "##- Please write above this line / Bitte oberhalb dieser Zeile antworten -##"

    @pytest.mark.parametrize(
        "line",
        [
            MARKER,
            f"> > {MARKER}",
            f"  *{MARKER}*  ",
            "## - Please write above -  ##".replace("-  ##", "- ##"),
            f"|{MARKER}",
        ],
    )
    def test_is_known_behind_quote_marks_and_emphasis(self, line: str) -> None:
        assert is_reply_marker(line)

    @pytest.mark.parametrize("line", ["", "##", "##-##", "## Heading", "##- begun", "ended -##", f"see {MARKER}"])
    def test_is_nothing_else(self, line: str) -> None:
        assert not is_reply_marker(line)

    def test_ends_the_new_text(self) -> None:
        assert split_reply(f"{NEW}\n\n{self.MARKER}\n\n{OLD}").text == NEW

    def test_with_what_a_client_in_an_unknown_language_put_above_it(self) -> None:
        body = f"{NEW}\n\nSkribis Anna <help@acme.example> je 3.3.2025:\n{self.MARKER}\n\n{OLD}"
        assert split_reply(body).text == NEW

    @pytest.mark.parametrize("above", ["", HEADER_BLOCKS[0] + "\n\n", INTRODUCTIONS[0] + "\n\n"])
    def test_with_nothing_above_nothing_is_new(self, above: str) -> None:
        assert split_reply(f"{above}{self.MARKER}\n\n{OLD}").text == ""

    def test_broken_over_two_lines(self) -> None:
        first, second = self.MARKER[:40], self.MARKER[40:]
        assert split_reply(f"{NEW}\n\n{first}\n{second}\n\n{OLD}").text == NEW
        assert split_reply(f"{NEW}\n\n> {first}\n> {second}\n>\n> {OLD}").text == NEW


class TestSignatures:
    @pytest.mark.parametrize("delimiter", ["-- ", "--", "__", "\u2014", "_______________"])
    def test_go_into_a_field_of_their_own(self, delimiter: str) -> None:
        reply = split_reply(f"{NEW}\n\n{delimiter}\nBob Example\nbob@example.org\n\n> {OLD}")
        assert reply.text == NEW
        assert reply.signature == f"{delimiter}\nBob Example\nbob@example.org"

    @pytest.mark.parametrize(
        "line",
        ["Sent from my iPhone", "Sent from my Samsung Galaxy smartphone.", "Von meinem iPhone gesendet", "Envoyé de mon iPhone",
         "Enviado desde mi iPhone", "Inviato da iPhone", "Enviado do meu iPhone", "Verstuurd vanaf mijn iPhone",
         "Skickat från min iPhone", "Sendt fra min iPhone", "Lähetetty iPhonesta", "Wysłane z iPhone'a", "Odesláno z iPhonu",
         "Отправлено с iPhone", "Надіслано з iPhone", "iPhone'umdan gönderildi", "iPhoneから送信", "发自我的iPhone",
         "從我的 iPhone 傳送", "나의 iPhone에서 보냄", "نُرسلت من iPhone".replace("نُ", "أُ"), "נשלח מה-iPhone שלי",
         "Get Outlook for iOS<https://aka.example/o>", "Holen Sie sich Outlook für Android", "Sent with Proton Mail secure email.",
         "Sent from [Mail](https://mail.example/x) for Windows 10", "(sent from my mobile, please excuse typos)",
         "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet."],
    )  # fmt: skip
    def test_telephones_and_programs_sign_in_many_languages(self, line: str) -> None:
        reply = split_reply(f"{NEW}\n\n{line}\n\n> {OLD}")
        assert (reply.text, reply.signature) == (NEW, line)

    def test_a_long_text_below_two_dashes_is_no_signature(self) -> None:
        body = f"{NEW}\n--\n" + "\n".join(f"Line {number} of it." for number in range(30))
        assert split_reply(body).text == body

    @pytest.mark.parametrize(
        "card",
        ["-----\nBob Example\nTel.: +49 30 1234567", "_____\nBob Example\nHead of IT", "_____\nPaper is patient.", "__________",
         "_______________\nUsers mailing list\nusers@lists.example.org\nhttps://lists.example.org/users"],
    )  # fmt: skip
    def test_a_visiting_card_or_a_motto_below_a_drawn_line(self, card: str) -> None:
        assert split_reply(f"{NEW}\n\n{card}").text == NEW

    @pytest.mark.parametrize("drawn", ["________", "_" * 32, "----------"])
    @pytest.mark.parametrize(
        "below",
        [
            "Then the scanner: please send it to us, it needs a new lamp.",
            "2. print a page\n3. close the lid\n\nThanks, Bob",
        ],
    )
    def test_what_somebody_says_below_a_line_they_drew_is_no_signature(self, drawn: str, below: str) -> None:
        body = f"{NEW}\n\n{drawn}\n\n{below}"
        assert split_reply(body).text == body
        assert split_reply(f"{body}\n\n{INTRODUCTIONS[0]}\n> {OLD}").text == body


class TestWhatWeSent:
    LETTER = (
        "Hello Bob,\n\nthank you for your message. We have looked at the printer and found that the drum is worn.\n\n"
        "Which model of the printer do you have in the office?\n\nWould you like us to send somebody on Tuesday?\n\nAnna\nAcme"
    )

    def test_is_known_without_any_mark(self) -> None:
        assert split_reply(f"{NEW}\n\n{self.LETTER}", [self.LETTER]).text == NEW

    def test_is_known_in_other_lines(self) -> None:
        wrapped = self.LETTER.replace("looked at", "looked\nat").replace("do you", "do\nyou")
        assert split_reply(f"{NEW}\n\n{wrapped}", ["Something else altogether was sent then.", self.LETTER]).text == NEW

    @pytest.mark.parametrize("above", ["", "See below.\n\n" + HEADER_BLOCKS[0] + "\n\n", INTRODUCTIONS[0] + "\n"])
    def test_answers_between_its_lines_are_new(self, above: str) -> None:
        body = above + self.LETTER.replace("office?", "office?\nThe L-2000.").replace(
            "Tuesday?", "Tuesday?\nYes please."
        )
        new = "See below. The L-2000. Yes please." if above.startswith("See") else "The L-2000. Yes please."
        assert split_reply(body, [self.LETTER]).text.split() == new.split()

    def test_an_answer_below_it_is_new(self) -> None:
        assert split_reply(f"{INTRODUCTIONS[0]}\n\n{self.LETTER}\n\n{NEW}", [self.LETTER]).text == NEW

    def test_quoted_whole_without_introduction_leaves_the_answer(self) -> None:
        quoted = "\n".join(f"> {line}" for line in self.LETTER.split("\n"))
        assert split_reply(f"{quoted}\n\n{NEW}", [self.LETTER]).text == NEW
        assert split_reply(quoted, [self.LETTER]).text == ""

    def test_sent_back_empty_is_empty(self) -> None:
        assert split_reply(f"{HEADER_BLOCKS[0]}\n\n{self.LETTER}", [self.LETTER]).text == ""

    def test_cited_within_a_sentence_stays(self) -> None:
        body = "You say that you have looked at the printer and\nfound that the drum is worn. Which model is that?"
        assert split_reply(body, [self.LETTER]).text == body

    def test_short_words_in_common_stay(self) -> None:
        body = "Hello Bob,\n\nmy printer is still broken.\n\nAnna"
        assert split_reply(body, [self.LETTER]).text == body

    def test_a_mail_that_says_the_same_again_is_not_emptied(self) -> None:
        said = "My printer is broken and the paper is stuck in it since Monday."
        assert split_reply(said, [f"You wrote:\n\n{said}\n\nWe will look."]).text == said


LETTER = (
    "##- Please write above this line -##\n\nYour reply goes to Clara Jones and to nobody else.\n\nWhich one?\n\n#close\n\n"
    "Where is the driver that you spoke of?\n\nTake Note Help\n\nDear Clara,\n\nplease tell us which driver you use.\n\nAnna"
)


class TestOurOwnLetterInAnAnswer:
    HEADERS = "From: Acme <help@acme.example>\nSent: Monday, 3 March 2025 10:15\nTo: Anna\nSubject: Printer"

    def test_a_greeting_below_its_marked_lines_is_the_writer_s_own(self) -> None:
        quote = "\n".join(f"> {line}".rstrip() for line in LETTER.splitlines())
        reply = split_reply(
            f"On Mon, 3 Mar 2025, Acme wrote:\n{quote}\n\nDear Clara,\n\n{NEW}\n\n-- \nAnna\n", [LETTER]
        )
        assert (reply.text, reply.signature) == (f"Dear Clara,\n\n{NEW}", "-- \nAnna")

    def test_its_short_lines_between_answers_are_known_where_nothing_is_marked(self) -> None:
        answered = LETTER.replace("Which one?", "Which one?\n\nThe new one.").replace("of?", "of?\n\nOn our page.")
        assert split_reply(f"{NEW}\n\n{self.HEADERS}\n\n{answered}", [LETTER]).unquoted.split() == [
            *NEW.split(), *["The", "new", "one.", "On", "our", "page."],
        ]  # fmt: skip

    def test_the_buttons_of_its_page_are_no_answer(self) -> None:
        page = words_of_page(
            '<p><a href="mailto:x@acme.example?body=%23close">Take</a> <a href="y">Note</a> and Help</p>'
        )
        assert page.strip() == "Take Note and Help"
