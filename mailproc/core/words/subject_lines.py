"""What stands in subjects: the marks of answering and forwarding by language, and the words that tell nothing."""

from __future__ import annotations

#: What mail clients put before a subject when answering, as they write it.
ANSWERS = {
    "nearly everywhere": "Re R",
    "da is nb sv": "SV Svar",
    "fi": "VS",  # also a forward in Norwegian: the harmless reading wins
    "de nl": "AW Antw Antwort Antwoord",
    "it": "Rif",
    "pt": "Res",
    "pl": "Odp",
    "hr sr": "Odg",
    "hu": "Vá Válasz",
    "ro": "Răsp",
    "cy lv": "Atb",
    "ru": "Отв Ответ На",
    "el": "ΑΠ ΣΧΕΤ",
    "tr": "YNT",
    "id": "Bls",
    "he": "השב תשובה",
    "ar": "رد",
    "zh": "回复 回覆 答复",
    "ja": "返信",
    "ko": "회신",
}

#: The same, when forwarding.
FORWARDS = {
    "nearly everywhere": "Fwd Fw",
    "de": "WG Weitergeleitet Weiterleitung",
    "nl": "Doorst Doorgestuurd",
    "da nb": "Videresend Videresendt",
    "fr": "TR",
    "es": "RV Reenv Reenviar",
    "it": "I",
    "pt": "Enc",
    "sv": "VB Vidarebefordrat",
    "fi": "VL",
    "is": "FS",
    "pl": "PD",
    "hu": "Továbbítás Továbbítva",
    "ro": "Redir",
    "cy": "Yml",
    "ru": "Пересл",
    "el": "ΠΡΘ",
    "tr": "İLT",
    "id": "Trs",
    "he": "הועבר",
    "zh": "转发 轉寄 轉發",
    "ja": "転送",
    "ko": "전달",
}

#: Of the answers' marks those which are a forward's elsewhere.
AMBIGUOUS = {"fi, and a forward in da nb": "VS"}

#: Words that tell nothing of a matter. A subject of nothing else is everybody's.
GENERIC = {
    "en": """
        a about an account and assistance bill contact customer dear email enquiry error feedback for from good got hello
        help hey hi i important info information inquiry invoice is issue issues it mail me message morning my need needed
        new no none not of on order our password please problem problems query question questions quick reply request
        service some subject support team test thank thanks the there this ticket to untitled update urgent with you your
    """,
    "de": """
        an anfrage anliegen auftrag bestellung betreff bitte brauche danke das der dringend dringende eine einen einer
        fehler frage fragen guten hallo hilfe ich info information kein keine konto kunde kundenservice mail mein meine
        meinem meiner mit moin morgen nachricht neu neue ohne passwort problem probleme rechnung rückfrage tag termin um
        wichtig zu zum zur
    """,
    "fr": "aide besoin bonjour commande compte d de demande du facture la le merci objet problème question sans un une",
    "es": "asunto ayuda buenas buenos consulta cuenta días factura gracias hola mi necesito pedido pregunta sin tardes",
    "it": "aiuto buongiorno ciao conto domanda fattura grazie informazioni nessun oggetto ordine problema richiesta",
    "pt": "ajuda assunto bom conta dia dúvida encomenda fatura informação obrigado olá pergunta sem",
    "nl": "bestelling een factuur geen goedemorgen hulp onderwerp probleem vraag",
    "pl": "bez dzień dobry faktura konto pilne pomoc prośba pytanie tematu zamówienie",
    "sv": "beställning ett faktura fråga hej hjälp inget konto tack ämne ärende",
    "da": "bestilling emne et faktura hjælp intet konto spørgsmål",
}

#: Tags that a mail gateway writes for its own people; they come and go between one mail and the next.
GATEWAY_TAGS = ("ext", "extern", "external", "external email", "externe", "externo", "esterno", "spam")
