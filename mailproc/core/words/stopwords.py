"""The words by which a language is told from another: the small ones everyone uses, and a help desk's everyday ones.

Written without regard to what a word means: a word may stand in several languages and then counts less in each.
"""

from __future__ import annotations

STOPWORDS: dict[str, str] = {
    "en": """
        the and is are was were not no it this that these those i you we they he she my your our their me us them with
        without for from of to in on at by as or but if when what which who how why where have has had do does did don't
        doesn't didn't can't cannot won't isn't i'm it's i've would could should will can be been being there here any
        some all more now then again still since after before please thanks thank hello hi hey dear regards best kind
        yes works working work broken printer printing print password screen error issue problem help need want get
        getting account invoice order login log cannot anymore keyboard computer laptop phone mouse out slow crash
        crashes crashed new up down just very good great solved fixed update open opening send sent unable access reset
        forgot shows started stopped using only about because gone later tomorrow today
        wifi's stuck shows blank missing locked upgrade reply yet connection drops failed fails wrong
    """,
    "de": """
        der die das und ist sind war waren nicht nein es dies diese dieser dieses ich du wir ihr sie er mein meine
        meinen meiner unser unsere ihre ihren ihnen mir mich uns mit ohne für fuer von zu zum zur im in am an auf bei
        aus als oder aber wenn was welche wer wie warum wo habe haben hat hatte hab kann können koennen könnte konnte
        bitte danke vielen dank hallo guten tag morgen moin liebe lieber sehr geehrte damen herren grüße gruß gruss
        mfg freundlichen ja geht gehen ging funktioniert klappt kaputt defekt drucker drucken druckt passwort kennwort
        bildschirm fehler fehlermeldung hilfe brauche rechner konto rechnung bestellung anmelden anmeldung mehr noch
        immer wieder jetzt schon seit nach vor ein eine einen einem einer kein keine keinen keinem dass auch nur doch
        leider sich werden wird wurde sein bin alles läuft laeuft neu neue neuen nix nichts gut weiter dem den des über
        damit dann langsam tastatur rechner monitor telefon gelöst erledigt behoben startet hängt öffnen beim kommt meldung wlan weg bleibt bekomme
        verbindung fehlgeschlagen update bricht fehlt falsch zugriff laufwerk vergessen
    """,
    "fr": """
        le la les un une des du de et est sont était pas ne non ce cette ces cela ça je tu nous vous ils elle il mon ma
        mes votre vos notre nos me avec sans pour par sur dans en au aux ou mais si quand quoi que qui comment pourquoi
        où ai avez avons ont suis être avoir fait peut peux pouvez merci bonjour bonsoir salut cordialement oui marche
        fonctionne imprimante écran erreur problème aide besoin compte facture commande mot passe connexion plus encore
        toujours depuis après avant s'il plaît très bien tout panne n'arrive j'ai c'est n'est l'imprimante d'accord
        ordinateur clavier impossible ouvrir marche résolu
    """,
    "es": """
        el la los las un una unos unas de del y es son era está están no este esta esto estos eso yo tú nosotros ustedes
        ellos mi mis su sus nuestro me te se lo le con sin para por en al o pero si cuando qué que quién cómo porqué
        dónde he ha han hay tengo tiene puedo puede hacer gracias hola buenos buenas días tardes saludos sí funciona
        impresora pantalla error problema ayuda necesito cuenta factura pedido contraseña iniciar sesión más todavía
        sigue desde después antes favor muy bien todo ya también ordenador teclado roto rota abrir atentamente estimado
    """,
    "it": """
        il lo la i gli le un uno una di del della dei e è sono era non questo questa questi quello io tu noi voi loro
        mio mia miei vostro nostro mi ti si ci con senza per da dal su in nel al alla o ma se quando cosa che chi come
        perché dove ho hai ha abbiamo avete hanno posso può fare grazie ciao salve buongiorno buonasera saluti cordiali
        sì funziona stampante schermo errore problema aiuto bisogno conto fattura ordine password accesso più ancora
        sempre dopo prima favore molto bene tutto già anche rotto rotta tastiera aprire risolto gentile
        riesco accedere
    """,
    "pt": """
        o a os as um uma uns de do da dos das e é são era não este esta isto isso eu tu você nós vocês eles meu minha
        seu sua nosso me te se lhe com sem para por em no na ao à ou mas quando que quem como porque onde tenho tem têm
        posso pode fazer obrigado obrigada olá oi bom boa dia tarde cumprimentos atenciosamente sim funciona impressora
        ecrã tela erro problema ajuda preciso conta fatura encomenda senha acesso mais ainda continua desde depois
        antes favor muito bem tudo já também está estou foi computador teclado abrir resolvido
    """,
    "nl": """
        de het een en is zijn was waren niet nee dit dat deze die ik jij je wij we jullie zij ze hij mijn uw onze ons
        hun mij met zonder voor van naar te in op aan bij uit als of maar wanneer wat welke wie hoe waarom waar heb
        hebben heeft had kan kunnen kunt graag alstublieft bedankt dank hallo goedemorgen goedemiddag beste groet
        groeten vriendelijke ja werkt werken printer kapot wachtwoord scherm fout foutmelding probleem hulp nodig
        rekening factuur bestelling inloggen meer nog steeds weer nu sinds na geen ook maar alles goed er wordt deed
        toetsenbord openen opgelost gedaan
    """,
    "sv": """
        och är var inte nej det den detta denna dessa jag du vi ni de han hon min mitt mina din er vår våra mig dig oss
        med utan för från av till i på vid som eller men om när vad vilken vem hur varför där har hade kan kunde
        vänligen tack hej hälsningar vänliga ja fungerar funkar skrivare skrivaren trasig lösenord skärm fel
        felmeddelande problem hjälp behöver konto faktura beställning logga mer fortfarande igen nu sedan efter ingen
        inget också bara allt bra en ett att datorn tangentbord öppna löst går skriver
    """,
    "da": """
        og er var ikke nej det den dette denne disse jeg du vi i de han hun min mit mine din jeres vores mig dig os med
        uden for fra af til på ved som eller men hvis når hvad hvilken hvem hvordan hvorfor hvor har havde kan kunne
        venligst tak hej hilsen hilsner venlig ja virker fungerer printer printeren skærm fejl fejlmeddelelse problem
        hjælp brug konto faktura bestilling adgangskode logge mere stadig igen nu siden efter ingen intet også bare alt
        godt en et at computeren tastatur åbne løst går
    """,
    "nb": """
        og er var ikke nei det den dette denne disse jeg du vi dere de han hun min mitt mine din deres vår våre meg deg
        oss med uten for fra av til på ved som eller men hvis når hva hvilken hvem hvordan hvorfor hvor har hadde kan
        kunne vennligst takk hei hilsen vennlig ja virker fungerer skriver skriveren ødelagt skjerm feil feilmelding
        problem hjelp trenger konto faktura bestilling passord logge mer fortsatt igjen nå siden etter ingen ikke noe
        også bare alt bra en et ei å at datamaskinen tastatur åpne løst går
    """,
    "fi": """
        ja on ovat oli ei en et emme että tämä se nämä minä sinä me te he minun sinun meidän teidän minulla kanssa ilman
        mutta tai jos kun mitä mikä kuka miten miksi missä voi voin voitko voisitteko kiitos kiitoksia hei moi terveisin
        ystävällisin kyllä toimi toimii tulostin rikki salasana näyttö virhe virheilmoitus ongelma apua tarvitsen tili
        lasku tilaus kirjautua enää vielä edelleen taas nyt jälkeen myös vain kaikki hyvä hyvin olen ole eikä sitten
        tietokone näppäimistö avata ratkaistu
    """,
    "pl": """
        i w na nie jest są był była było to ten ta te ja ty my wy oni mój moja moje pan pani nasz mnie mi nam z ze bez
        dla od do po przy za o lub ale jeśli kiedy co który która kto jak dlaczego gdzie mam ma mamy mają mogę może
        można proszę dziękuję dzięki dzień dobry cześć witam pozdrawiam pozdrowienia tak działa drukarka ekran błąd
        problem pomoc pomocy potrzebuję konto faktura zamówienie hasło zalogować więcej jeszcze nadal ciągle znowu
        teraz już od się że tylko także wszystko dobrze zepsuta zepsuty komputer klawiatura otworzyć
    """,
    "cs": """
        a v na ne není je jsou byl byla bylo to ten ta ty já my vy oni můj moje váš náš mě mi nám s se bez pro od do po
        při za nebo ale když co který která kdo jak proč kde mám má máme mají mohu může prosím děkuji děkuju díky dobrý
        den ahoj pozdravem zdravím ano funguje nefunguje tiskárna tiskárně obrazovka chyba problém pomoc potřebuji účet
        faktura objednávka heslo přihlásit více ještě stále pořád znovu teď už od že jen také všechno dobře rozbitá
        rozbitý počítač klávesnice otevřít
    """,
    "hu": """
        a az és nem van vannak volt ez ezt én te mi ti ők enyém nekem nekünk velem nélkül hogy vagy de ha amikor mit mi
        melyik ki hogyan miért hol lehet tudom tudok tud kérem kérjük köszönöm köszönjük szia helló jó napot reggelt
        üdvözlettel tisztelt igen működik nyomtató képernyő hiba hibaüzenet probléma segítség kellene számla rendelés
        jelszó bejelentkezni még mindig újra most már óta után is csak minden rossz elromlott számítógép billentyűzet
    """,
    "ro": """
        și si este sunt era nu acest această acesta eu tu noi voi ei meu mea mei nostru vostru mi îmi ne cu fără pentru
        de la din pe în sau dar dacă când ce care cine cum unde am ai are avem aveți au pot poate mulțumesc multumesc
        bună buna ziua salut salutări stimate cu da funcționează functioneaza merge imprimanta ecran eroare problema
        ajutor nevoie cont factură comandă parola conectez mai încă inca iar acum după doar tot bine stricat tastatura
    """,
    "tr": """
        ve bir bu şu o ben sen biz siz onlar benim bizim sizin bana bize ile için değil yok var mı mi mu ama veya eğer ne
        hangi kim nasıl neden nerede olarak olan oldu olmuyor lütfen teşekkürler teşekkür ederim merhaba selam günaydın
        iyi günler saygılarımla evet hayır çalışıyor çalışmıyor yazıcı ekran hata sorun yardım hesap fatura sipariş şifre
        giriş daha hala hâlâ tekrar şimdi sonra çok da de her şey bozuk bozuldu bilgisayar klavye açılmıyor çözüldü
    """,
    "ru": """
        и в на не нет это этот эта эти я ты мы вы они мой моя мои ваш наш мне меня нам с без для от до по при за или но
        если когда что который кто как почему где есть был была было были могу может можно пожалуйста спасибо
        здравствуйте добрый день привет уважением да работает принтер экран ошибка проблема помощь помогите нужна счёт
        счет заказ пароль войти больше ещё еще снова теперь уже только также всё все хорошо сломан сломался
    """,
    "uk": """
        і й та в у на не ні це цей ця ці я ти ми ви вони мій моя мої ваш наш мені мене нам з без для від до по при за
        або але якщо коли що який хто як чому де є був була було були можу може можна ласка дякую вітаю добрий день
        привіт повагою так працює принтер екран помилка проблема допомога допоможіть потрібна рахунок замовлення пароль
        увійти більше ще знову тепер вже тільки також все добре зламаний зламався
    """,
    "el": """
        και το η ο τα οι ένα μια δεν είναι ήταν όχι αυτό αυτός εγώ εσύ εμείς μου σας μας με χωρίς για από στο στη στην
        να θα που πως πώς γιατί πού αν όταν έχω έχει μπορώ παρακαλώ ευχαριστώ γεια καλημέρα καλησπέρα ναι λειτουργεί
        εκτυπωτής οθόνη σφάλμα πρόβλημα βοήθεια λογαριασμός παραγγελία κωδικός ακόμα πάλι τώρα μετά μόνο όλα καλά
    """,
}
