"""The language of a mail, told from few words: wrong is worse than unsure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.core.language import detect

SHORT = [
    ("de", "Drucker geht nicht"),
    ("de", "Rechnung falsch"),
    ("de", "Kein Zugriff auf Laufwerk P:"),
    ("de", "Update fehlgeschlagen"),
    ("de", "geht wieder, danke"),
    ("de", "2 neue Monitore bitte"),
    ("en", "printer broken"),
    ("en", "Laptop won't start"),
    ("en", "Update failed"),
    ("en", "VPN connection drops"),
    ("en", "Error message when starting Excel"),
    ("en", "thanks, works now"),
    ("fr", "Imprimante en panne"),
    ("fr", "Mot de passe oublié"),
    ("es", "La impresora no funciona"),
    ("it", "Non riesco ad accedere"),
    ("pt", "Não consigo entrar na minha conta"),
    ("nl", "De printer doet het niet"),
    ("pl", "Drukarka nie działa"),
    ("sv", "Skrivaren fungerar inte"),
    ("da", "Printeren virker ikke"),
    ("nb", "Skriveren virker ikke, kan dere hjelpe meg"),
    ("fi", "Tulostin ei toimi"),
    ("cs", "Tiskárna nefunguje"),
    ("hu", "A nyomtató nem működik"),
    ("ro", "Imprimanta nu funcționează"),
    ("tr", "Yazıcı çalışmıyor"),
    ("ru", "Принтер не работает"),
    ("uk", "Принтер не працює"),
    ("el", "Ο εκτυπωτής δεν λειτουργεί"),
    ("ja", "プリンターが動きません"),
    ("zh", "打印机坏了"),
    ("ko", "프린터가 작동하지 않습니다"),
]


#: What people write as a whole mail, or as its subject.
LINES = {
    "en": [
        "printer broken", "my wifi is gone", "Outlook crashes when I open an attachment", "please reset my password",
        "I can't log in", "Screen stays black", "Invoice 4711 is wrong", "How do I change my address?", "need help with VPN",
        "it works now, thanks", "where is my order", "The app shows an error after the update",
    ],
    "de": [
        "Drucker geht nicht", "WLAN weg", "Outlook stürzt ab", "Bitte Passwort zurücksetzen", "Ich kann mich nicht anmelden",
        "Bildschirm bleibt schwarz", "Rechnung 4711 ist falsch", "Wie ändere ich meine Adresse?", "Brauche Hilfe mit VPN",
        "geht wieder, danke", "wo bleibt meine Bestellung", "Seit dem Update zeigt die App einen Fehler",
    ],
    "fr": [
        "imprimante en panne", "Mon écran est noir", "Je n'arrive pas à me connecter", "Merci de réinitialiser mon mot de passe",
        "Bonjour, la facture est fausse", "Ça ne marche toujours pas", "Où est ma commande ?",
    ],
    "es": [
        "La impresora no funciona", "No puedo iniciar sesión", "Hola, necesito ayuda con mi cuenta", "La pantalla está negra",
        "¿Dónde está mi pedido?", "Sigue sin funcionar", "Gracias, ya funciona",
    ],
    "it": [
        "stampante rotta", "Non riesco ad accedere", "Buongiorno, la fattura è sbagliata", "Lo schermo è nero",
        "Dov'è il mio ordine?", "Grazie, adesso funziona", "Ho bisogno di aiuto con la password",
    ],
    "pt": [
        "A impressora não funciona", "Não consigo entrar na minha conta", "Olá, preciso de ajuda", "A tela está preta",
        "Onde está a minha encomenda?", "Obrigado, já está resolvido",
    ],
    "nl": [
        "De printer werkt niet", "Ik kan niet inloggen", "Goedemorgen, de factuur klopt niet", "Mijn scherm is zwart",
        "Waar is mijn bestelling?", "Bedankt, het werkt weer",
    ],
    "sv": ["Skrivaren fungerar inte", "Jag kan inte logga in", "Hej, fakturan är fel", "Var är min beställning?", "Tack, nu funkar det"],
    "da": ["Printeren virker ikke", "Jeg kan ikke logge på, hvad gør jeg?", "Hej, min skærm er sort", "Hvor er jeres faktura?"],
    "nb": ["Skriveren virker ikke", "Hei, jeg får ikke logget inn, hva gjør jeg?", "Skjermen min er ødelagt", "Passord virker ikke"],
    "fi": ["Tulostin ei toimi", "En voi kirjautua sisään", "Hei, lasku on väärin", "Kiitos, nyt se toimii"],
    "pl": ["Drukarka nie działa", "Nie mogę się zalogować", "Dzień dobry, faktura jest błędna", "Dziękuję, już działa"],
    "cs": ["Tiskárna nefunguje", "Nemohu se přihlásit", "Dobrý den, faktura je špatně", "Děkuji, už to funguje"],
    "hu": ["Nem működik a nyomtató", "Nem tudok bejelentkezni", "Jó napot, a számla hibás", "Köszönöm, már működik"],
    "ro": ["Imprimanta nu funcționează", "Nu pot să mă conectez", "Bună ziua, factura este greșită"],
    "tr": ["Yazıcı çalışmıyor", "Giriş yapamıyorum, lütfen yardım", "Merhaba, fatura yanlış", "Teşekkürler, şimdi çalışıyor"],
    "ru": ["Принтер не работает", "Не могу войти", "Здравствуйте, счёт неправильный", "Спасибо, теперь работает"],
    "uk": ["Принтер не працює", "Не можу увійти", "Добрий день, рахунок неправильний", "Дякую, тепер працює"],
    "el": ["Ο εκτυπωτής δεν λειτουργεί", "Δεν μπορώ να συνδεθώ"],
    "ja": ["プリンターが動きません", "ログインできません。助けてください"],
    "zh": ["打印机坏了", "我无法登录"],
    "ko": ["프린터가 작동하지 않습니다"],
    "he": ["המדפסת לא עובדת"],
    "ar": ["الطابعة لا تعمل"],
    "th": ["เครื่องพิมพ์ไม่ทำงาน"],
}  # fmt: skip
ALL = [*SHORT, *((code, text) for code, texts in LINES.items() for text in texts)]


@pytest.mark.parametrize(("code", "text"), ALL)
def test_a_few_words_are_enough(code: str, text: str) -> None:
    assert detect(text) == code


@pytest.mark.parametrize(
    "text",
    ["", "  \n", "12345", "SAP", "Outlook 365", "ERR_CONNECTION_REFUSED 0x80070005", "https://the.example/is/not?and=we",
     "C:\\the\\and\\with.txt", "the.and@we.example"],
)  # fmt: skip
def test_what_is_in_no_language_is_in_none(text: str) -> None:
    assert detect(text) == ""


def test_only_the_beginning_is_read() -> None:
    german = "Der Drucker geht nicht mehr. " * 150

    assert detect(german + "The printer does not work anymore. " * 1_000) == "de"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Hallo Team,\n\nder Server wirft 'Permission denied' and 'No space left on device'.\n\nGruß\nJan", "de"),
        (
            "Hello,\n\nour office in Straße des 17. Juni has no internet since this morning.\n\nRegards, Jürgen Müller",
            "en",
        ),
        ("Hi all, the customer wrote 'geht nicht' again, please have a look at the ticket and answer him.", "en"),
        (
            "Sehr geehrte Damen und Herren, beim Login on the website kommt die Meldung: the page cannot be displayed.",
            "de",
        ),
    ],
)
def test_a_sentence_of_another_language_changes_nothing(text: str, code: str) -> None:
    assert detect(text) == code


def test_a_few_foreign_words_change_nothing() -> None:
    assert (
        detect("Hallo, beim Start kommt 'The file is not there', was kann ich tun? Ich brauche das heute noch.") == "de"
    )


@given(st.text())
def test_any_text_has_one_of_the_languages_or_none(text: str) -> None:
    assert detect(text) in {"", *LINES}


@pytest.mark.parametrize("flood", ["x " * 100_000, "ä" * 200_000, "a@" * 100_000, "a'" * 100_000, "\\" * 200_000])
@pytest.mark.timeout(5)
def test_a_flood_is_not_read_to_its_end(flood: str) -> None:
    for _ in range(50):
        detect(flood)
