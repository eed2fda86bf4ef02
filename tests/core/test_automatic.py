"""Which mails no person wrote, and which must not be answered by a machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailproc.core.absence import announces_absence, announces_automatic_reply
from mailproc.core.automatic import AutomaticKind, OwnMail, Refusal, recognise, refusal
from mailproc.core.message import Address, DeliveryReport, Message, ReportKind

JANE = Address("jane@example.org", "Jane Roe")
OWN = OwnMail(frozenset({"support@desk.example"}), lambda message_id: message_id.startswith("<ours."))
PERSONS = Message(
    message_id="<1@example.org>",
    subject="The printer is broken",
    from_=(JANE,),
    from_fields=1,
    to=(Address("support@desk.example"),),
    return_path="jane@example.org",
    headers=(("received", "from mail.example.org"), ("subject", "The printer is broken")),
    text="Hello, it does not print.",
)


def with_fields(*fields: tuple[str, str]) -> Message:
    return replace(PERSONS, headers=PERSONS.headers + fields)


def kind(message: Message) -> AutomaticKind | None:
    found = recognise(message, OWN)
    return found.kind if found else None


def answering(message: Message) -> Refusal | None:
    """Why no machine may answer it."""
    return refusal(message, recognise(message, OWN))


def refused(message: Message) -> str:
    """The named reason why no letter may go back; empty when one may."""
    found = answering(message)
    return found.rule if found else ""


def from_(address: str) -> Message:
    return replace(PERSONS, from_=(Address(address),))


def test_a_persons_mail_is_a_persons_and_may_be_answered() -> None:
    assert recognise(PERSONS, OWN) is None
    assert answering(PERSONS) is None


# --- RFC 3834 -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("auto-replied", AutomaticKind.AUTO_REPLY),
        ("Auto-Replied", AutomaticKind.AUTO_REPLY),
        ("auto-replied; owner-email=jane@example.org", AutomaticKind.AUTO_REPLY),
        ("auto-replied (vacation)", AutomaticKind.AUTO_REPLY),
        ("(vacation; no) auto-replied; x=y (c)", AutomaticKind.AUTO_REPLY),
        ("auto-generated", AutomaticKind.GENERATED),
        ("auto-notified; owner-email=jane@example.org", AutomaticKind.GENERATED),
        ("x-something-new", AutomaticKind.GENERATED),
        ("no", None),
        ("No", None),
        ("no; by=hand", None),
        ("(really) no (it is me)", None),
        ("", None),
    ],
)
def test_auto_submitted_is_automatic_unless_it_says_no(value: str, expected: AutomaticKind | None) -> None:
    assert kind(with_fields(("auto-submitted", value))) is expected


def test_one_no_does_not_hide_another_auto_submitted_field() -> None:
    message = with_fields(("auto-submitted", "no"), ("auto-submitted", "auto-generated"))
    assert kind(message) is AutomaticKind.GENERATED


@pytest.mark.parametrize(
    "address",
    [
        "no-reply@shop.example", "noreply@shop.example", "No_Reply@shop.example", "do-not-reply@shop.example",
        "donotreply@shop.example", "orders-noreply@shop.example", "noreply+123@shop.example", "bounce@shop.example",
        "bounces+77@shop.example", "owner-news@lists.example", "news-request@lists.example", "news-bounces@lists.example",
        "majordomo@lists.example", "root@host.example", "nicht-antworten@shop.example", "notifications@shop.example",
    ],
)  # fmt: skip
def test_an_address_that_nobody_reads_gets_no_letter_but_its_mail_may_be_a_ticket(address: str) -> None:
    assert recognise(from_(address), OWN) is None
    assert refused(from_(address)) == "nobody reads this address"


@pytest.mark.parametrize(
    "address",
    [
        "info@shop.example", "support@shop.example", "sales@shop.example", "norbert.reply@example.org",
        "joan.owner@example.org", "bouncer@club.example", "requests@example.org", "autohaus@dealer.example",
        "rootbeer@example.org", "nora@example.org", "alerter@example.org",
    ],
)  # fmt: skip
def test_an_address_that_people_read_is_answered(address: str) -> None:
    assert answering(from_(address)) is None


def test_a_reply_to_that_nobody_reads_counts_as_well() -> None:
    message = replace(PERSONS, reply_to=(Address("no-reply@shop.example"),))
    assert refused(message) == "nobody reads this address"


@pytest.mark.parametrize("address", ["MAILER-DAEMON@mx.example", "mailer-daemon+x@mx.example", "postmaster@mx.example"])
def test_a_mail_systems_own_address_is_a_robot(address: str) -> None:
    assert kind(from_(address)) is AutomaticKind.GENERATED


def test_an_empty_return_path_is_a_robots_and_no_return_path_is_not() -> None:
    assert kind(replace(PERSONS, return_path="")) is AutomaticKind.GENERATED
    assert kind(replace(PERSONS, return_path=None)) is None


def test_a_from_that_does_not_name_exactly_one_person_gets_no_letter() -> None:
    nobody = replace(PERSONS, from_=())
    two = replace(PERSONS, from_=(JANE, Address("joe@example.org")))
    two_fields = replace(PERSONS, from_fields=2)
    broken = replace(PERSONS, from_defects=("two addresses in one",))
    for message in (nobody, two, two_fields, broken):
        assert recognise(message, OWN) is None
        assert refused(message) == "From does not name one person"
    assert str(answering(broken)) == "From does not name one person (two addresses in one)"


def test_a_wish_for_no_automatic_answer_is_granted_but_is_no_mark_of_a_robot() -> None:
    for value in ("All", "OOF, AutoReply", "DR, RN, NRN, AutoReply"):
        message = with_fields(("x-auto-response-suppress", value))
        assert recognise(message, OWN) is None
        assert refused(message) == "the sender asks for no automatic answer"
    assert answering(with_fields(("x-auto-response-suppress", "DR, RN"))) is None


# --- other marks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("x-autoreply", "yes", AutomaticKind.AUTO_REPLY),
        ("x-autorespond", "anything", AutomaticKind.AUTO_REPLY),
        ("x-auto-reply-from", "jane@example.org", AutomaticKind.AUTO_REPLY),
        ("x-autoreply-from", "jane@example.org", AutomaticKind.AUTO_REPLY),
        ("x-mail-autoreply", "true", AutomaticKind.AUTO_REPLY),
        ("precedence", "auto_reply", AutomaticKind.AUTO_REPLY),
        ("x-precedence", "Auto_Reply", AutomaticKind.AUTO_REPLY),
        ("preference", "auto_reply", AutomaticKind.AUTO_REPLY),
        ("x-apple-action", "VACATION", AutomaticKind.OUT_OF_OFFICE),
        ("x-autogenerated", "Reply", AutomaticKind.GENERATED),
        ("x-fc-machinegenerated", "true", AutomaticKind.GENERATED),
        ("x-cron-env", "<SHELL=/bin/sh>", AutomaticKind.GENERATED),
        ("x-failed-recipients", "joe@example.org", AutomaticKind.DELIVERY_REPORT),
        ("x-autoreply", "no", None),
        ("x-autogenerated", "false", None),
        ("precedence", "normal", None),
    ],
)
def test_fields_of_machines(name: str, value: str, expected: AutomaticKind | None) -> None:
    assert kind(with_fields((name, value))) is expected


def test_a_delivery_to_an_autoresponder_is_its_echo() -> None:
    assert kind(replace(PERSONS, delivered_to=("Autoresponder",))) is AutomaticKind.AUTO_REPLY


def test_reports_by_their_type() -> None:
    bounced = replace(PERSONS, delivery_report=DeliveryReport(ReportKind.FAILED))
    assert kind(bounced) is AutomaticKind.DELIVERY_REPORT
    for report_type, expected in (
        ("delivery-status", AutomaticKind.DELIVERY_REPORT),
        ("disposition-notification", AutomaticKind.READ_RECEIPT),
        ("feedback-report", AutomaticKind.GENERATED),
        ("tlsrpt", AutomaticKind.GENERATED),
    ):
        assert kind(replace(PERSONS, content_type="multipart/report", report_type=report_type)) is expected


# --- our own mail, and loops --------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["support@desk.example", "Support@Desk.Example", "support+t.12.abc@desk.example"])
@pytest.mark.row("A10")
def test_mail_from_our_own_address_is_our_own(address: str) -> None:
    assert kind(from_(address)) is AutomaticKind.OWN


@pytest.mark.row("A10")
def test_a_mailbox_may_have_a_plus_in_its_address() -> None:
    own = OwnMail(frozenset({"acme+support@mail.example"}), lambda _: False)
    assert [address for address in (
        "Acme+Support@mail.example", "acme+support+t.12.abc@mail.example", "acme@mail.example", "acme+sales@mail.example",
        "acme+supporters@mail.example", "acme+support@other.example", "acme+support",
    ) if own.has(address)] == ["Acme+Support@mail.example", "acme+support+t.12.abc@mail.example"]  # fmt: skip


@pytest.mark.row("A10")
def test_mail_under_our_own_message_id_is_our_own_whoever_it_is_from() -> None:
    assert kind(replace(PERSONS, message_id="<ours.1@desk.example>")) is AutomaticKind.OWN


def test_a_customers_mail_that_a_list_of_ours_rewrote_is_not_taken_for_ours() -> None:
    rewritten = replace(
        from_("support@desk.example"),
        reply_to=(JANE,),
        headers=(("list-id", "<support.desk.example>"), ("x-original-from", "Jane <jane@example.org>")),
    )
    assert kind(rewritten) is AutomaticKind.LIST
    assert answering(rewritten) is not None
    assert kind(replace(rewritten, headers=())) is AutomaticKind.OWN


@pytest.mark.row("A10")
def test_fifty_hops_are_a_loop() -> None:
    hop = ("received", "from mx.example by mx.example")
    assert kind(replace(PERSONS, headers=(hop,) * 50)) is AutomaticKind.LOOP
    assert kind(replace(PERSONS, headers=(hop,) * 49)) is None


def test_our_own_mark_come_back_is_a_loop_and_another_programs_mark_only_stops_our_letters() -> None:
    for name in ("x-mailproc-loop", "x-loop"):
        assert kind(with_fields((name, "<support@desk.example>"))) is AutomaticKind.LOOP
    foreign = with_fields(("x-loop", "jane@example.org"))
    assert recognise(foreign, OWN) is None
    assert refused(foreign) == "another program's loop mark"


def test_loops_are_seen_before_anything_else() -> None:
    message = replace(with_fields(("auto-submitted", "auto-replied")), message_id="<ours.2@desk.example>")
    assert kind(message) is AutomaticKind.OWN


# --- lists --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fields",
    [
        [("list-id", "<support.desk.example>")],
        [("list-post", "<mailto:support@desk.example>")],
        [("mailing-list", "list support@desk.example; contact support-owner@desk.example")],
        [("precedence", "list")],
        [
            ("precedence", "list"), ("mailing-list", "list support@desk.example"), ("list-id", "<support.desk.example>"),
            ("x-google-group-id", "123"), ("list-post", "<https://groups.example/post>, <mailto:support@desk.example>"),
            ("list-unsubscribe", "<mailto:googlegroups-manage+123+unsubscribe@desk.example>"),
        ],
        [("precedence", "bulk"), ("list-id", "<users.desk.example>"), ("list-post", "<mailto:users@desk.example>")],
    ],
    ids=["List-Id", "List-Post", "Mailing-List", "Precedence", "a Google group", "an old Mailman"],
)  # fmt: skip
def test_mail_through_a_list_is_told_apart_so_that_it_can_be_a_ticket_without_an_answer(
    fields: list[tuple[str, str]],
) -> None:
    assert kind(with_fields(*fields)) is AutomaticKind.LIST
    assert refused(with_fields(*fields)).startswith("list mail: ")


@pytest.mark.parametrize(
    "fields",
    [
        [("precedence", "bulk")],
        [("precedence", "junk")],
        [("list-unsubscribe", "<https://news.example/u/1>")],
        [("list-id", "<news.shop.example>"), ("list-post", "NO")],
        [("list-id", "<news.shop.example>"), ("list-unsubscribe-post", "List-Unsubscribe=One-Click")],
    ],
    ids=["Precedence bulk", "Precedence junk", "a way out only", "nobody may post", "one-click way out"],
)
def test_newsletters_are_bulk(fields: list[tuple[str, str]]) -> None:
    assert kind(with_fields(*fields)) is AutomaticKind.BULK
    assert answering(with_fields(*fields)) is not None


def test_a_robot_on_a_list_is_a_robot() -> None:
    message = with_fields(("list-id", "<support.desk.example>"), ("auto-submitted", "auto-replied"))
    assert kind(message) is AutomaticKind.AUTO_REPLY


# --- subjects as the only sign ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "subject",
    [
        "Out of Office: Re: [Desk #12] Your order", "Out of office", "OUT OF OFFICE AutoReply: Your order", "OOO - Jane Roe",
        "Out of the office until Monday", "[EXTERNAL] Out of Office: Your order", "I am out of the office until 5 May.",
        "Abwesenheitsnotiz: Ihre Anfrage", "Abwesenheit", "Abwesend bis 9. Mai", "Nicht im Büro: Ihre Anfrage",
        "Absence du bureau : votre demande", "Message d'absence", "Fuera de la oficina: Re: pedido",
        "Fora do escritório: pedido", "Fuori ufficio: ordine", "Afwezig: bestelling", "Niet aanwezig: bestelling",
        "Frånvaro: beställning", "Ikke til stede: bestilling", "Fravær: bestilling", "Poissa toimistosta: tilaus",
        "Poza biurem: zamówienie", "Nieobecność: zamówienie", "Nejsem v kanceláři: objednávka", "Irodán kívül: rendelés",
        "Нет на рабочем месте: заказ", "Ofis dışında: sipariş", "Εκτός γραφείου: παραγγελία", "不在通知：ご注文",
        "不在办公室: 订单", "부재중: 주문", "On vacation", "On leave until 5 May", "Absence: Re: votre demande",
        "Out of the office Re: Your order", "Abwesenheit vom 3.3. bis 7.3.", "Fravær fra 3. mars", "Out of office until further notice",
        "AUTO: Jane Roe is out of the office (returning 05/03/2025)", "AUTO: Jane Roe ist außer Haus (Rückkehr am 05.03.2025)",
        "AUTO: Jane Roe est absente du bureau (retour 05/03/2025)", "Out of office until 3 Dec. I will answer then",
        "On leave until Monday, 3 December.", "On vacation until Dec 3, 2025!", "Im Urlaub bis 3. Dezember", "Im Urlaub vom 1. bis 3.12.",
        "On leave 3 Dec", "On leave until 5 May: Re: Your order",
    ],
)  # fmt: skip
@pytest.mark.row("A8")
def test_absence_notes_by_their_subject(subject: str) -> None:
    assert announces_absence(subject)
    assert kind(replace(PERSONS, subject=subject)) is AutomaticKind.OUT_OF_OFFICE


@pytest.mark.row("A8")
def test_an_absence_note_speaks_of_its_own_author_and_a_person_of_others() -> None:
    jane = replace(PERSONS, from_=(Address("jane@example.org", "Jane Roe"),))
    assert kind(replace(jane, subject="Jane Roe is out of the office.")) is AutomaticKind.OUT_OF_OFFICE
    assert kind(replace(jane, subject="Joe Roe is out of the office.")) is None
    assert kind(replace(jane, subject="Jane Roe is out of the office?")) is None


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Your order", "Automatic reply", "AUTOMATIC  REPLY: x", "Auto-Reply: x", "Auto Response: x",
        "AutoReply", "Automatische Antwort: Ihre Anfrage", "Réponse automatique : votre demande",
        "Respuesta automática: pedido", "Resposta automática: pedido", "Risposta automatica: ordine",
        "Automatisch antwoord: bestelling", "Autosvar: beställning", "Automaattinen vastaus: tilaus",
        "Automatyczna odpowiedź: zamówienie", "Odpowiedź automatyczna: x", "Automatická odpověď: x", "Automatikus válasz: x",
        "Автоответ: заказ", "Автоматический ответ: заказ", "Otomatik yanıt: sipariş", "Αυτόματη απάντηση: x",
        "自動返信：ご注文", "自动回复: 订单", "자동 회신: 주문", "תשובה אוטומטית: הזמנה", "Auto: Re: [Desk #12] Your order",
        "[Auto-Reply] Your order", "【自動返信】お問い合わせありがとうございます", "[자동 회신] 주문", "Automatic reply Re: Your order",
    ],
)  # fmt: skip
def test_automatic_replies_by_their_subject(subject: str) -> None:
    assert announces_automatic_reply(subject)
    assert kind(replace(PERSONS, subject=subject)) is AutomaticKind.AUTO_REPLY


@pytest.mark.parametrize(
    "subject",
    [
        "", "Re: Out of office reply does not work", "Out of office reply does not work", "How do I set out of office?",
        "Out of office from 5 May?", "Automatic reply to all my mails", "Automatic replies: wrong text?",
        "Re: Automatic reply: Your order", "AW: Abwesenheitsnotiz", "Auto: Motor defekt", "Auto replies are broken",
        "On vacation next week, please change the delivery", "I am on vacation, please deliver later",
        "I am out of the office, please call me", "Absence de réponse", "Absence: congé de mon collègue",
        "Im Urlaub wurde eingebrochen", "外出できない", "Oooh, broken", "Vacation request form", "OOF files corrupted",
        "Abwesenheiten im Kalender falsch", "In ferie, problema con la prenotazione", "Automatic reply system: offer",
        "Auto: Rechnung fehlt", "AUTO: Reifen defekt", "Auto: award missing", "Fravær fra skolen", "Abwesenheit vom Unterricht",
        "Absence from school", "On leave until 3 Dec. My laptop is broken", "On vacation until Dec 3, please deliver later",
        "Im Urlaub bis Montag, bitte später liefern", "On leave 3 Dec; who has my laptop", "Absence until Monday! My son is ill",
        "AUTO: seller is out of the office hours", "Joe is out of the office.",
    ],
)  # fmt: skip
def test_subjects_that_people_write(subject: str) -> None:
    assert recognise(replace(PERSONS, subject=subject), OWN) is None


def test_every_finding_names_its_rule_and_keeps_its_evidence_short() -> None:
    found = recognise(with_fields(("x-autorespond", "y" * 5000)), OWN)
    assert found is not None
    assert (found.rule, len(found.evidence)) == ("x-autorespond", 80)


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "piece",
    ["*", " *", "[a]", "ext:", "(", '"', "out of office", "auto: ", "on leave until 1. ", " ", "((x) ", "\u0300"],
)
def test_no_subject_or_field_takes_long(piece: str) -> None:
    hostile = piece * 5000
    fields = tuple((name, hostile) for name in ("auto-submitted", "precedence", "x-loop", "list-post"))
    recognise(replace(PERSONS, subject=hostile, headers=fields), OWN)
    answering(replace(PERSONS, subject=hostile, from_=(Address(hostile + "@example.org"),)))
