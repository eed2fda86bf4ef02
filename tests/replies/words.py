"""What Anna writes, in the languages of her clients."""

from __future__ import annotations

from tests.testlib.client_words import LANGUAGES

TEXTS = {
    "en": "Dear Clara,\n\nplease install driver 4.2. It prints all pages again.\n\nBest regards\nAnna",
    "de": "Hallo Clara,\n\nbitte installieren Sie Treiber 4.2. Er druckt wieder alle Seiten.\n\nViele Grüße\nAnna",
    "fr": "Bonjour Clara,\n\nmerci d'installer le pilote 4.2 : il imprime à nouveau toutes les pages.\n\nCordialement\nAnna",
    "es": "Hola Clara:\n\ninstale el controlador 4.2, por favor. ¿Imprime de nuevo?\n\nUn saludo\nAnna",
    "ja": "クララ様\n\nドライバー4.2をインストールしてください。\nもう一度お試しください。\n\nよろしくお願いいたします。\nアンナ",
    "it": "Ciao Clara,\n\ninstalla il driver 4.2. Così stampa di nuovo tutte le pagine.\n\nCordiali saluti\nAnna",
    "nl": "Beste Clara,\n\ninstalleer driver 4.2. Die print weer alle pagina's.\n\nMet vriendelijke groet\nAnna",
    "pl": "Dzień dobry,\n\nproszę zainstalować sterownik 4.2. Drukuje znów wszystkie strony.\n\nPozdrawiam\nAnna",
}
CLOSINGS = {
    "en": "Best regards\n\nAnna Agent\nAcme Support",
    "de": "Mit freundlichen Grüßen\n\nAnna Agent\nAcme Support",
    "fr": "Cordialement\n\nAnna Agent\nAcme Support",
    "es": "Saludos cordiales\n\nAnna Agent\nAcme Support",
    "ja": "よろしくお願いいたします。\n\nアンナ\nAcme Support",
    "it": "Cordiali saluti\n\nAnna Agent\nAcme Support",
    "nl": "Met vriendelijke groet\n\nAnna Agent\nAcme Support",
    "pl": "Pozdrawiam\n\nAnna Agent\nAcme Support",
}
assert TEXTS.keys() == CLOSINGS.keys() == LANGUAGES.keys()
