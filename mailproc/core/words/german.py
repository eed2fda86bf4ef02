"""German answers to "is it solved?"."""

from __future__ import annotations

from mailproc.core.words.lexicon import Sense, Table

GERMAN = Table(
    code="de",
    phrases={
        Sense.ROBOT: """
            wir haben ihre anfrage|nachricht|email|mail|meldung erhalten|bekommen
            ihre anfrage|nachricht|email|mail .. eingegangen|erhalten|registriert|erfasst|weitergeleitet
            vielen? dank|danke fuer ihre|deine anfrage|nachricht|email|mail|meldung|kontaktaufnahme
            ticket wurde .. erstellt|eroeffnet|angelegt
            automatische|automatisch antwort|nachricht|email|mail|generierte|generiert|erzeugte|erstellt|erstellte|eingangsbestaetigung
            eingangsbestaetigung; antworten sie nicht auf; nicht auf diese email|mail|nachricht antworten
            nicht im buero|haus|dienst; ausser haus; im urlaub; bin .. abwesend|unterwegs|verreist; abwesend
            abwesenheit; abwesenheitsnotiz; ab dem; wieder erreichbar|da|im|zurueck ab|am|buero
            bin wieder ab|erreichbar|im|zurueck; in dringenden faellen; ihre email|mail|nachricht wird nicht
            weitergeleitet; werden uns .. bei ihnen melden|kuemmern; wir melden uns; bearbeitungsnummer; ticketnummer
            vorgangsnummer; newsletter; unzustellbar; konnte nicht zugestellt
        """,
        Sense.BROKEN: """
            geht|gehen|ging|gehts|laeuft|klappt|funktioniert|tut immer noch? nicht|nix|nichts
            nicht geloest|behoben|erledigt|gefixt|repariert|geklaert|geholfen|funktioniert|geklappt
            keine aenderung|veraenderung|verbesserung|besserung|wirkung; kein erfolg|unterschied
            ohne erfolg|wirkung|ergebnis
            gleicher|gleiche|gleiches|selbe|selber|selbes|derselbe|dieselbe|dasselbe problem|fehler|meldung|fehlermeldung|ergebnis|spiel|symptom|symptome|effekt
            der|das|die gleiche|selbe problem|fehler|meldung|fehlermeldung|ergebnis|effekt; wie vorher|zuvor schon
            nach wie vor; immer noch; noch immer; weiterhin nicht|problem|probleme
            noch nicht geloest|behoben|erledigt|gut|ok|fertig|weg|da|funktioniert
            brauche|brauchen|benoetige|benoetigen .. hilfe|unterstuetzung
            brauche|brauchen|benoetige|benoetigen noch|weiter|weiterhin|weitere|dringend|mehr|immer hilfe|unterstuetzung|noch
            brauche|brauchen|benoetige|benoetigen hilfe|unterstuetzung
            hat|haben leider? nichts|nicht gebracht|geholfen|geaendert|funktioniert|geklappt|gewirkt
            hilft|half leider? nicht|nichts|nix; bringt|brachte leider? nicht|nichts|nix
            nichts geaendert|gebracht|geholfen|passiert|hilft; nix gebracht|geaendert; noch schlimmer; schlimmer
            schlechter; geht gar|ueberhaupt nicht|nichts|nix|nicht
            kein|keine|keinen internet|ton|bild|zugriff|zugang|verbindung|netz|netzwerk|strom|empfang|signal|wlan|emails|mails|licht|anzeige
            leider nicht|nein|nichts|nix|negativ|ohne; ungeloest; unveraendert; unbehoben
            besteht|bestehen|existiert|bleibt|bleiben|tritt|treten|kommt|kommen leider? immer? noch|weiterhin|weiter|fort|erneut
            tritt|treten .. wieder|erneut|weiterhin auf; problem|fehler bleibt
            ist|sind leider? wieder kaputt|defekt|weg|ausgefallen|abgestuerzt|offline|tot|rot
            kommt|kommen immer|wieder|weiterhin|leider|erneut wieder?|noch|die|der|das|dieselbe|diese
            fehler|problem|fehlermeldung|meldung .. ist wieder da|zurueck
            fehler|problem|fehlermeldung|meldung kommt|erscheint; schon wieder; alles beim alten
            wieder oeffnen|aufmachen|eroeffnen; erneut oeffnen; bitte weiter; von wegen; keineswegs; mitnichten
            noch lange nicht; noch? nicht in ordnung|ok|okay; 👎
        """,
        Sense.IRONY: """
            na toll|super|klasse|prima|bravo|danke|dann|ja; danke fuer nichts|garnichts|nix; danke fuer gar nichts
            ja klar; ja ja; jaja; ja sicher; von wegen; tolle leistung; super leistung; ganz toll; sehr witzig; witz
            lachhaft; laecherlich; ein witz; schlechter scherz; scherz; angeblich; vergessen sie; vergiss es
            wie immer; wie ueblich; mal wieder; endlich nach
            zum wiederholten|x|dritten|zweiten|vierten|fuenften|zehnten|hundertsten mal; wunder; ein wunder; o wunder
            oh wunder; bravo; glueckwunsch; gratuliere; gratulation; enttaeuscht; enttaeuschend; unverschaemt
            frechheit; unmoeglich; peinlich; haha; hahaha; lol; 🙄; 😒; 😡; 😠; 🤬; 😤; 😢; 😭; 😞; 🙁; ☹; 😕; 😟; 💩; 🤡; 🤦; 😂; 🤣
            😅; 😏; 🙃; sagenhaft; hat ja lange; wurde auch zeit; lange genug; meinetwegen; wenn sie meinen; wers glaubt
            geloest haha; tolle wurst; pustekuchen
        """,
        Sense.CONTRAST: """
            aber; jedoch; allerdings; doch; nur; bloss; lediglich; ausser; bis auf; trotzdem; dennoch; obwohl
            obgleich; wobei; waehrend; hingegen; dagegen; stattdessen; statt; sondern; ausgenommen; abgesehen
            mit ausnahme; ansonsten; sonst; leider; bedauerlicherweise; bis; einzig; schade; dafuer; zwar
        """,
        Sense.CONDITION: """
            wenn; falls; ob; sobald; sofern; solange; sollte; sollten; vorausgesetzt; kommt darauf an; kommt drauf an
            je nachdem; im fall; haengt davon ab; ab morgen; erst wenn; wann; wie lange; warum; wieso; bevor; ehe
            insofern; damit es
        """,
        Sense.FUTURE: """
            werde; werden; wird; wirst; morgen; spaeter; gleich; nachher; bald; demnaechst
            heute abend|nachmittag|mittag; naechste|naechsten|kommende|kommenden woche|tage|tagen|monat|mal
            naechster|naechstes mal|woche; am montag|dienstag|mittwoch|donnerstag|freitag|samstag; am wochenende
            in kuerze
            muss|muessen|will|wollen|moechte|kann|probiere|teste|pruefe|checke|versuche|schaue|schau noch|erst|das|es|gleich|mal|ich testen|probieren|pruefen|ausprobieren|schauen|sehen|warten|checken|verifizieren|versuchen
            probiere|teste|pruefe|checke|versuche|schaue|schau; testen; probieren; ausprobieren; pruefen; ueberpruefen
            versuchen; abwarten; beobachten; beobachte; melde mich; melden uns; gebe bescheid; gebe rueckmeldung
            halte sie|dich auf; noch nicht getestet|probiert|ausprobiert|geprueft|geschaut|dazu|gesehen|versucht
            noch am testen|probieren; bin noch; warte; warten; noch zu; vor zu; bin gespannt; gespannt; mal sehen
            schauen wir|mal; ich|wir will|wollen; will; wollen; moechte; moechten; wuerde; wuerden
        """,
        Sense.HEDGE: """
            joa; naja; na ja
            bei euch|ihnen|dir|anderen|allen|manchen|einigen; auf dem|meinem handy|smartphone|tablet|iphone|ipad
            umgehung; umgehungsloesung; notloesung; uebergangsloesung; provisorium; provisorisch; ersatzgeraet; leihgeraet
            glaube; denke; vermute; hoffe; hoffen; hoffentlich; scheint; scheinen; scheinbar; anscheinend; offenbar
            offensichtlich; wohl; vermutlich; wahrscheinlich; vielleicht; evtl; eventuell; moeglicherweise; womoeglich
            koennte; koennten; muesste; muessten; duerfte; duerften; soll; sollen; bin nicht sicher; unsicher
            nicht sicher; mehr oder weniger; halbwegs; einigermassen; teilweise; zum teil; teils; meistens; meist
            groesstenteils; weitgehend; fast; beinahe; nahezu; halb; zur haelfte; haelfte; manchmal; gelegentlich
            ab und zu; ab und an; hin und wieder; zeitweise; geht so; laeuft so; so lala; naja; nja; na ja; nunja
            nun ja; hm; hmm; tja; ach; bisher; bislang; bis jetzt; bis dato; soweit; so weit; vorerst; vorlaeufig
            erstmal; erst mal; erst; zunaechst; fuer den moment; im moment; momentan; derzeit; zurzeit; aktuell
            gerade; fuers erste; fuer heute; voruebergehend; temporaer; provisorisch; uebergangsweise; notloesung
            umweg; gestern; vorgestern; letzte|letzten|letztes woche|nacht|mal|monat|tage|tagen; frueher; vorher
            vorhin; zuerst; anfangs; zuletzt; kurz; kurzzeitig; kurze zeit; eine weile; eine zeit; einmal; zweimal
            irgendwie; eigentlich; im prinzip; prinzipiell; grundsaetzlich; theoretisch; praktisch; quasi; sozusagen
            noch; nochmal; nochmals; drei; zwei; eins; ersten; erste; erster; erstes; einige; einzelne; manche; etwas
            bisschen; ein wenig; wenig; besser; daumen druecken; toi toi; auf holz; mal; sagt; sagen sie; sie sagen
            laut; behauptet; heisst; angeblich; fraglich; zweifel; ungewiss; unklar; 🤔; 🤷; 😬; 😐; 😑; 🤞; tagsueber
            minuten; stunden; tage; wochen; mal ja; gar; gilt; sporadisch; unregelmaessig; stueckweise; schleppend
            muehsam; unzuverlaessig; wackelig; eingeschraenkt; bedingt; ansatzweise; unrund; holprig
            einer|eine|eines der|von; vier; fuenf; sechs; dritte; dritter; dritten; jeder|jede|jedes dritte|zweite
            muss; muessen; musst; ging; gingen; lief; liefen; funktionierte; klappte; liefs; steht; stehen; erwarte
            wuensche mir; tun als; als ob; glauben; meint; meinen; angezeigt als; mit viel|mit glueck
            hat|hatte mal|frueher; bezweifle; bezweifeln; zweifle; zweifeln; montag; dienstag; mittwoch; donnerstag
            freitag; samstag; sonntag; januar; februar; maerz; april; juni; juli; august; september; oktober; november
            dezember; morgens; abends; mittags; nachts; vormittags; nachmittags; vormittag; nachmittag; abend; mittag
            wochenende; termin; uhr; uhrzeit; zeit; besprechung; zu hause; zuhause; daheim; im buero; erzaehlt; erzaehlen; hoere; hoeren; gehoert; versprochen; verspricht; gemeldet
        """,
        Sense.MORE: """
            alte; alter; altes; alten; leite|leiten|gebe|geben|reiche ich|wir|es|das|sie .. weiter; konkurrenz; mitbewerber; kuendige; kuendigen; kuendigung; gekuendigt
            ausserdem; uebrigens; zusaetzlich; zudem; desweiteren; des weiteren; darueber hinaus
            noch eine|ein|einen|was|etwas; eine andere|weitere; ein anderes|weiteres|neues
            einen anderen|weiteren|neuen; neues problem; neuer fehler; neue frage|meldung|fehlermeldung; andere
            anderes; anderen; anderer; weitere; weiteres; weiteren; weiterer; sonst noch; nebenbei; apropos; ps; frage
            fragen; anliegen; wuesste; kollege; kollegin; kollegen; kolleginnen; chef; chefin; mann; frau meine
            nachbar; nachbarin; jemand; andere leute; leute; mitarbeiter; mitarbeiterin; mitarbeitern; nutzer
            benutzer; anbei; anhang; angehaengt; beigefuegt; screenshot; siehe; unten; rechnung; jetzt aber
            stattdessen; dafuer jetzt; auch noch; zweite; zweiter; zweites; zweiten; naechstes; naechste; auch; ebenso
            ebenfalls; gleichzeitig
        """,
        Sense.REQUEST: """
            bitte; ja bitte; bitten; koennen|koennten|kannst|koenntest|wuerden|wuerdest sie|du|wir|ihr; rufen sie
            ruf mich; rueckruf; schicken sie; sagen sie; erklaeren sie; helfen sie; hilf mir; dringend; eilt
            schnellstmoeglich; umgehend; storno; stornieren; kuendigen; kuendigung; erstattung; anwalt; beschweren
            beschwerde; vorgesetzten; wuensche; brauche; brauchen; benoetige; benoetigen; sagt bescheid; gib bescheid
            geben sie
        """,
        Sense.ASKING: """
            wie; warum; wieso; weshalb; weswegen; wann; wo; wer; wen; wem; welche; welcher; welches; welchen; wozu
            woran; womit; wofuer; wodurch; woher; wohin; was; ist das|es|die|der|da|dies|damit|denn; sind sie|das|die
            haben sie; habt ihr; hast du; kann ich|man|das|es; koennen wir|sie; koennten sie; koennt ihr; kannst du
            gibt es; gibts; geht es|das; soll ich; sollen wir; darf ich; muss ich; muessen wir; bin ich; haette
            hat das|es|sich|jemand; wird das|es; wuerde das; irgendeine idee; gibt's; funktioniert es|das
            laeuft es|das
        """,
        Sense.NEGATION: """
            noch nicht; gar nicht; ueberhaupt nicht; nicht wirklich; gar nichts|kein|keine; nicht; nie; niemals
            nichts; nix; niemand; nirgends; weder; kein; keine; keinen; keinem; keiner; keines; keins; ohne; kaum; nit
            net; ned; selten; garnicht; garnichts; nichtmehr; fehlt; fehlen; no; not
        """,
        Sense.STILL: """
            immer noch; noch immer; nach wie vor; weiterhin; unveraendert; nachwievor; immernoch; weiter; staendig
            dauernd; immer wieder; andauernd; fortwaehrend; jedes mal; jedesmal
        """,
        Sense.ENDED: """
            mehr; seitdem; seither; seit gestern|heute|montag|dienstag|mittwoch|donnerstag|freitag|tagen|wochen
            seit dem update|neustart|wechsel|austausch|termin; nicht laenger
        """,
        Sense.PROBLEM: """
            problem|problems|probleme|problemen|fehler|fehlern|stoerung|stoerungen|schwierigkeit|schwierigkeiten|fehlermeldung|fehlermeldungen|meldung|meldungen|warnung|warnungen|abbruch|abbrueche|absturz|abstuerze|aussetzer|ausfall|ausfaelle|ruckler|beschwerden|mangel|maengel|haenger|papierstau|stau|hilfe|unterstuetzung|geraeusch|geraeusche|panne|verzoegerung|verzoegerungen|bug|bugs|einschraenkungen|beanstandungen|error
        """,
        Sense.FAILS: """
            kaputt; defekt; fehlerhaft; haengt; haengen; haengengeblieben; spinnt; spinnen; ruckelt; klemmt; blinkt
            blinken; flackert; piept; piepst; leuchtet; offline; tot; ausgefallen; abgestuerzt; gecrasht; crasht
            langsam; lahm; zu langsam; lahmt; schwarz; leer; weiss; gesperrt; blockiert; eingefroren; stuerzt ab
            stuerzt; abstuerzt; abstuerzen; stockt; verschwindet; verschwunden sind; bricht ab; abgebrochen; scheitert
            gescheitert; fehlgeschlagen; schlaegt fehl; falsch; falsche; falschen; verkehrt; ungueltig; abgelaufen
            unbrauchbar; unlesbar; streikt; streiken; muckt; zickt; macht probleme; macht aerger; macht mucken
            faellt aus; nervt; aergerlich; unerreichbar; getrennt; verloren; geloescht; beschaedigt; doppelt; schlecht
            schrecklich; furchtbar; stecken; steckt; stehengeblieben; abgelehnt; verweigert; raucht; brennt; qualmt
            stinkt; leckt; tropft; instabil; aufgetreten; auftritt; auftreten; tritt auf; tritt; treten; passiert
            passierte; vorgekommen; vorkommt; wiederholt; erscheint; erschienen; wirft; schaltet; startet neu; stoppt
            verschwommen; unvollstaendig; verzerrt; mist; scheisse; scheiss; muell; besteht; bestehen; existiert
        """,
        Sense.GONE: "weg; verschwunden; fort; vom tisch; passe",
        Sense.SOLVED: """
            ja hat|ist .. geklappt|funktioniert|geholfen|geloest|behoben|erledigt
            geloest; behoben; erledigt; gefixt; gefixed; repariert; geklaert; bereinigt; beseitigt; gegessen; abgehakt
            problem geloest; hat sich .. erledigt|geklaert|geloest
            ist|waere damit|somit|hiermit erledigt|geloest|behoben
            alles gut|ok|okay|bestens|super|prima|fein|paletti|roger|perfekt|wunderbar|erledigt|geloest|top|fit
            alles in ordnung; alles ist? wieder|jetzt|nun gut|ok|okay|normal|da|heil|bestens|fit
            alles ist? wieder? in ordnung; alles ist? wieder? im lot|gruenen
            alles gut|ok|okay|bestens jetzt|nun|wieder
            ist|sind wieder|jetzt|nun alles? gut|ok|okay|heil|ganz|normal|fit|online|repariert|bestens; in ordnung
            wieder okay|ok|normal|heil|ganz|online|flott|fit; im lot; im gruenen bereich
            passt jetzt|so|alles|wieder|soweit; passt jetzt alles; passts; stimmt jetzt|wieder|alles
            das wars|war|wars's; das war es|alles|schon|die|der|loesung|richtig; das war es schon
            das war der|die|das loesung|fehler|grund|ursache|problem|tipp|knackpunkt; das ist es
            hat|haben .. geholfen
            hat super|gut|prima|bestens|toll|perfekt|sofort|direkt|wunderbar|einwandfrei|sehr geholfen|geklappt|funktioniert
            hat .. geklappt|hingehauen|gefunzt; hat .. funktioniert; hat gewirkt; war die loesung|ursache
            war der grund|fehler|uebeltaeter|knackpunkt|richtige|entscheidende
            kann|koennt|koennen|darf|kannst sie|ihr|du|wir|das|es|den .. geschlossen|schliessen|zumachen
            kann .. geschlossen|zu|weg werden?; kann|koennen zu
            ticket|vorgang|fall|anfrage kann|darf .. geschlossen|zu|weg werden?
            kann|koennt|koennen|darf|kannst .. ticket|vorgang|fall|anfrage gerne? geschlossen|schliessen|zumachen|zu werden?
            ticket|vorgang|fall|anfrage schliessen|zumachen; bitte schliessen; bitte das ticket|den|vorgang schliessen
            bitte ticket schliessen; brauche|brauchen|benoetige|benoetigen keine hilfe|unterstuetzung mehr
            keine weitere hilfe|unterstuetzung|fragen|aktion|massnahmen noetig|notwendig|erforderlich|mehr?
            kein problem mehr; keine weiteren fragen|probleme|schritte|massnahmen; nichts weiter|mehr noetig|zu|offen?
            nichts mehr zu tun; kein handlungsbedarf mehr?; sieht .. gut|super|prima|bestens|perfekt|top aus
            bin|sind wieder|jetzt|nun online|drin|drinnen|arbeitsfaehig|zufrieden|gluecklich; bin|sind zufrieden
            komme|kommen|kam wieder|jetzt|nun rein|drauf|dran|durch|ran|ins|an|hinein
            komme|kommen jetzt|nun wieder rein|drauf|dran|durch|ran|ins|an|hinein
            laeuft wie geschmiert|vorher|frueher|gewohnt; laeuft wie am schnuerchen; wie neu; bestaetige; bestaetigt
            kann ich? bestaetigen; zur vollsten? zufriedenheit; zufriedenheit; klappte; hat hingehauen
            laufen wieder alle; haut hin; habe es|das hinbekommen|geschafft; hab es|das|s hinbekommen|geschafft
            habs hinbekommen|geschafft; hinbekommen; habs; konnte .. loesen|beheben; konnten .. loesen|beheben
            ist|sind|alles wieder da mit; volltreffer; bingo; treffer; genau das wars|war
            wieder einsatzbereit|verfuegbar|erreichbar|betriebsbereit
            konnte|konnten .. problem|fehler .. loesen|beheben
        """,
        Sense.WORKS: """
            kommt|kommen|komme .. an|rein|durch|drauf|drin
            geht; gehen; passt; passts; funktioniert; funktionieren; klappt; klappen; klappts; laeuft; laufen; laeufts
            funzt; funktionierts; tut; tuts; ging; liefs; lief; funzen; spielt; rennt; einsatzbereit; erreichbar
            verfuegbar; betriebsbereit; funktionsfaehig; lauffaehig; flutscht; funktionierte
        """,
        Sense.FUNCTION: """
            druckt|drucken|gedruckt|scannt|scannen|laedt|laden|startet|starten|oeffnet|oeffnen|verbindet|verbinden|verbunden|synchronisiert|synchronisieren|sendet|senden|empfaengt|empfangen|anmelden|einloggen|zugreifen|speichert|speichern|reagiert|antwortet|zeigt|arbeitet|arbeiten|hochfahren|bootet|telefonieren|exportieren|importieren|hochladen|herunterladen|angezeigt|aufrufen|bearbeiten|einwaehlen|login|anmeldung|zugriff|schreiben|lesen|hoeren|sehen|ankommen|zugestellt|ausdrucken|benutzen|nutzen|angekommen|eingegangen
        """,
        Sense.ABLE: "kann; koennen; konnte; konnten; laesst sich; lassen sich",
        Sense.STRONG: """
            jetzt; nun; einwandfrei; problemlos; reibungslos; perfekt; super; bestens; prima; tadellos; fehlerfrei
            wunderbar; gut; sehr gut; toll; normal; korrekt; richtig; stabil; endlich; heute; schon; bereits
            wie gewohnt|gewuenscht|erwartet|vorgesehen|frueher|gehabt|geschmiert|beschrieben; so wie es soll
            wie es soll; ohne probleme|fehler|schwierigkeiten|problem|stoerung|stoerungen|aussetzer|murren|abstuerze
            sofort; auf anhieb; direkt; klasse; hervorragend; fluessig; schnell; schneller
            nach .. neustart|update|reset|wechsel|austausch; zuverlaessig; top; alles; mittlerweile; inzwischen
            wie am schnuerchen; vollstaendig; damit; super gut; okay; ok; spitze; blendend; astrein; ausgezeichnet
            ohne weitere? probleme|fehler|stoerungen|stoerung|abstuerze|aussetzer|murren; dank
            heute morgen|frueh|vormittag|mittag|nachmittag|abend; seit heute morgen|frueh|vormittag|mittag
            rechtzeitig; zum glueck; gluecklicherweise
        """,
        Sense.AGAIN: "wieder",
        Sense.YES: """
            ja; jap; jep; jepp; jup; jupp; jo; jawohl; jawoll; yes; jau; genau; korrekt; stimmt; richtig; absolut
            definitiv; auf jeden fall; ja genau|ist|hat|das|doch|absolut|klar; ja das ist|hat; ja ist es|so
            ja hat es|sie; ja tut es; ist es; 👍; ✅; ✔; ☑; 👌; aber ja; in der tat; so ist es; j
        """,
        Sense.NO: """
            nein; noe; nee; ne; nope; nein danke; leider nein; negativ; auf keinen fall; keinesfalls; ❌; ✖; 🚫; n
        """,
        Sense.THANKS: """
            danke; dank; dankeschoen
            danke schoen|sehr|vielmals|dir|ihnen|euch|nochmal|nochmals|herzlich|trotzdem nicht; danke noch mal
            danke dafuer
            vielen|besten|herzlichen|tausend|lieben|schoenen|recht|grossen|super|1000|allerbesten|allerherzlichsten dank
            vielen lieben|herzlichen dank; recht herzlichen dank; vielen vielen dank
            haben|habt vielen|besten|herzlichen dank; nochmal|nochmals vielen|danke|besten|herzlichen dank?
            danke auch|noch; thx; thanks; thank you; dankend; bedanke mich; bedanken uns; bedanken; sage danke; merci
            1000 dank; tausend dank; hab|habt dank; mfd; 🙏; ❤; ♥; 💐; 🌹; 💪; ty; danke danke; dankee; many thanks
            sehr dankbar; dankbar; dickes danke|dankeschoen; grosses danke|dankeschoen|lob; lob
            ein herzliches dankeschoen; dank dir|ihnen|euch; fuers helfen; haben sie vielen|besten|herzlichen dank
            haben sie recht? herzlichen dank
        """,
        Sense.OKAY: """
            ok; okay; oki; alles klar; verstanden; in ordnung danke; notiert; einverstanden; gut zu wissen; ist gut
            aha; gelesen; erhalten; angekommen danke; zur kenntnis; klingt gut|super|prima; hoert sich gut
            zur kenntnis genommen; roger; mache|machen ich|wir; wird gemacht; geht klar; gern; gerne; okidoki
        """,
        Sense.COURTESY: """
            kein problem|ding|thema|stress; keine ursache; macht nichts; nichts zu danken; gern geschehen
            schoenen|schoenes|schoene|guten|gute|angenehmen|entspanntes|entspannten tag|abend|wochenende|woche|feierabend|rest|restwoche|zeit|feiertage|ostern|weihnachten|urlaub noch?
            einen schoenen|guten|angenehmen tag|abend noch?; einen schoenen|guten|angenehmen feierabend
            ein schoenes|entspanntes wochenende noch?; eine schoene|gute woche|zeit noch?
            noch einen|ein|eine schoenen|schoenes|schoene tag|abend|wochenende|woche|zeit
            wuensche|wuenschen|wuensch ihnen|dir|euch|noch|allen|einen|ein .. tag|abend|wochenende|woche|zeit|feierabend
            frohe weihnachten|ostern|feiertage; frohes fest; bis bald|dann|zum naechsten mal; alles gute
            auf wiedersehen|hoeren; tschuess; ciao; servus
            entschuldigung|entschuldigen|sorry|tschuldigung|verzeihung sie? fuer|die .. stoerung|umstaende|verspaetung|muehe|verzoegerung|antwort|rueckmeldung
            sorry|entschuldigung|entschuldigen sie? die .. verspaetung|antwort|rueckmeldung|stoerung
            toller|super|guter|klasse|spitzen|prima|hervorragender|perfekter|schneller|bester|top|netter|freundlicher|erstklassiger service|support|job|einsatz|kundendienst
            tolle|super|gute|klasse|schnelle|rasche|prima|prompte|perfekte|nette|hervorragende|unkomplizierte|kompetente|freundliche|sehr arbeit|hilfe|unterstuetzung|antwort|reaktion|loesung|betreuung|beratung|rueckmeldung|zusammenarbeit|bearbeitung|gute
            tolles team; super team; gutes team; weiter so
            ihr seid|sie sind die|der|ein|echt|super|klasse|spitze|toll|grossartig|wirklich|besten|beste|engel|held|helden|schatz
            du bist der|die|ein|echt|super|klasse|spitze|toll|grossartig|beste|held|engel|schatz; freut mich|uns
            freue mich; bin begeistert|happy|froh
            fuer die|ihre|deine|eure|den|das|ihren|euren|deinen .. hilfe|unterstuetzung|antwort|rueckmeldung|muehe|bemuehungen|bemuehung|geduld|support|service|einsatz|info|information|tipp|hinweis|loesung|bearbeitung|reaktion|beratung|anleitung|zeit|arbeit|erklaerung|auskunft
            fuer alles; gut gemacht; super gemacht; toll gemacht; das ging .. schnell|fix|flott|rasch; ging schnell
            super schnell|nett; sehr nett|freundlich|schnell|hilfreich|kompetent|gut|zufrieden|lieb|gerne
            echt super|klasse|toll|gut|stark; super; klasse; toll; prima; perfekt; spitze; genial; wunderbar
            ausgezeichnet; grossartig; fantastisch; hervorragend; bestens; top; cool; stark; geil; mega; hammer
            schoen; gut; sehr gut; juhu; hurra; yeah; yippie; yay; great; perfect; nice; lieb; nett; 🎉; 😊; 🙂; 😀; 😃; 😄
            😁; 😍; 🥳; 🤩; 🙌; 👏; ☺; 😉; 🤗; 🥰; ⭐; 🌟; ✨; 💯; 🚀; 😎; freundlicherweise; prompt; vorbildlich; tiptop
            einsame spitze; daumen hoch; sehr
        """,
        Sense.GREETING: """
            hallo; hi; hey; moin; moinmoin; servus; gruezi; guten tag|morgen|abend; gruess gott|dich|euch; gruss gott
            liebe; lieber; liebes; sehr geehrte|geehrter; sehr geehrte damen und? herren; geehrte; geehrter
            tag zusammen; morgen zusammen|allerseits; hallo zusammen|nochmal|team|liebes|liebe|an|ihr|support
            hi zusammen|team; moin moin|zusammen; guten morgen zusammen; werte; werter; hallihallo; damen; herren
            mahlzeit
        """,
        Sense.SIGNOFF: """
            mit freundlichen|freundlichem|besten|herzlichen|lieben|vielen|schoenen|sonnigen|freundl gruessen|gruss|gruesse|gruessen|gr
            freundliche|viele|liebe|beste|herzliche|schoene|sonnige|freundlichen gruesse|gruessen|gruss|gruesse
            freundlichen|lieben|besten|schoenen|herzlichen gruss; gruss; gruesse; gruessle; mfg; lg; vg; bg; hg
            mit gruss; mit gruessen; hochachtungsvoll
            von meinem iphone|ipad|handy|samsung|mobiltelefon|smartphone gesendet?|aus?; gesendet von|mit
            gesendet vom; von unterwegs gesendet?; diese nachricht wurde von meinem; ihr; ihre familie; gez; dlg; glg
            vlg
        """,
        Sense.STORY: """
            hab; habe; haben; hatte; hatten; musste; mussten
            ich|wir hab|habe|haben|hatte|hatten|musste|mussten|bin|war
        """,
        Sense.CAUSE: """
            es lag|hat am|an|daran; lag am|an|daran
            der|die|das fehler|grund|ursache|problem|loesung|uebeltaeter war|lag; war das|der|die; nachdem
            nach dem|der|einem|einer|neustart|nochmaligem|update|ihrem|ihrer|deinem|deiner|eurem|eurer; weil
            seit ich|wir|dem|der; seitdem ich|wir
            wie beschrieben|besprochen|empfohlen|vorgeschlagen|erklaert|angegeben|von; ihrer|deiner|eurer anleitung
            dank ihrer|deiner|eurer|der|ihres|des|dem
            der|die|ihr|ihre|dein|deine|euer|eure tipp|hinweis|anleitung|neustart|treiber|tip|ratschlag|rat|erklaerung|link|loesung|idee|update|kabel|trick|patch|reset
            neu gestartet|installiert|eingerichtet|verbunden; neustart; durch; wegen; aufgrund
        """,
        Sense.BLOCK: """
            das|die|der? update|installation|scan|download|upload|import|export|migration|test|pruefung|kopie|setup laeuft|laufen
            sie|du|ihr koennen|kannst|koennt .. zugreifen|einloggen|anmelden|kommen|drucken|arbeiten|testen
            koennen|kannst|koennt sie|du|ihr .. zugreifen|einloggen|anmelden|kommen; ich bin .. erreichbar|verfuegbar
            bestaetige|bestaetigen .. eingang|erhalt|empfang|termin|adresse|bestellung
            mir|uns|ihm geht es|das; geht schon; bitte? schliessen|schliesse|schliesst sie? mein|meinen|meine|das|den|unser konto|zugang|vertrag|account|abo|fenster|datei
            geht es um; geht um; es geht .. um|darum
            geht|gehen .. an|zu|zurueck|zur|zum|los|raus|weiter|aus|unter|verloren|auf|ins
            laeuft|laufen .. aus|ab|gegen|ueber|rein|wasser|an|durch|davon; ging um; tut mir|uns leid|weh; tut weh
            als geloest|erledigt|behoben|geschlossen; auf geloest|erledigt|geschlossen; geloest markiert|gesetzt
            status; betreff; nicht nur; nicht allein; geht weiter; spielt .. rolle|keine; tut so; tut sich
            laeuft noch; faellt; auf|in arbeit; erledige; zu erledigen|loesen|klaeren; ich|wir gehen|laufen
            gehen wir|sie|davon; so gut wie; tut not; tut er|sie
            macht|mach|machen|sorgt|sorg|sorgen|sorge .. dass|dafuer; laeuft bei dir|euch|ihnen
            geht mir|uns|ihnen|dir|euch auf|gut|schlecht; laeuft .. bis|an; es geht mir|uns; geht mir um
            geht nach|von|mit|in|ueber|per|vor|hin|heim|her|schief|daneben; laeuft schief|ab|aus; laufen lassen
            gehen lassen; geht .. schief|hoch|runter; laeuft .. schief|voll|heiss|hoch|leer; geht .. gut an; so laeuft
            spielt keine; rennt; passt|passen mir|uns|dir|ihnen|euch; passt .. uhr|termin|zeit; passt zu|auf|nicht; bei ihnen|dir|euch|ihm|ihr; geht|laeuft|funktioniert|klappt .. bei ihnen|dir|euch|ihm
        """,
        Sense.ARTICLE: """
            der; die; das; den; dem; des; ein; eine; einen; einem; einer; eines; mein; meine; meinen; meinem; meiner
            dein; deine; deinem; ihre; ihren; ihrem; ihrer; unser; unsere; unserem; unseren; unserer; euer; eure
            eurem; dies; diese; dieser; dieses; diesen; diesem; alle; alles
        """,
        Sense.WITH: """
            mit; seit; nach; dank; durch
            mit|seit|nach|dank|durch dem|der|den|einem|einer|meinem|meiner|ihrem|ihrer|ihren|deinem|deiner|eurem|eurer|diesem|dieser
        """,
        Sense.DEGREE: "so; sehr; zu; ziemlich; recht; echt; total; voll; ganz; ziemlich; wirklich; als; wie",
        Sense.FILLER: """
            ich; du; er; sie; es; wir; ihr; mich; dich; sich; uns; euch; mir; dir; ihm; ihnen; ist; sind; war; waren
            bin; hat; habe; hab; haben; hatte; hatten; und; oder; so; da; dann; hier; bei; beim; von; vom; zu; zum
            zur; im; in; am; an; auf; aus; fuer; fuers; ueber; um; nach; durch; dass; alle; allem; alles; ganz; total
            voll; wirklich; tatsaechlich; echt; sehr; viel; damit; somit; hiermit; ja; hiervon; davon; daran; darauf
            dazu; nun; denn; halt; eben; einfach; selbst; selber; zusammen; ticket; anfrage; vorgang; fall; sache
            thema; angelegenheit; loesung; antwort; mail; email; tipp; hinweis; anleitung; neustart; treiber; drucker
            scanner; computer; rechner; laptop; pc; bildschirm; monitor; telefon; handy; maus; tastatur; netzwerk
            internet; wlan; vpn; passwort; kennwort; konto; programm; anwendung; app; software; website; webseite
            seite; system; server; verbindung; zugang; link; geraet; maschine; outlook; excel; word; browser; datei
            dateien; bestellung; lieferung; zahlung; wunderbar; schnelle; froh; kurze; rueckmeldung; info; information
            mitteilen; melden; sagen; freude; als; was; auch; bis; team; support; service; herr; frau; es war; wurde
            wurden; worden; geworden; erfolgreich; endgueltig; dauerhaft; komplett; vollkommen; vollends; gluecklich
            leute; teilen; teile; freut; ins; hoch; kann; die loesung; per; via; neue; neuen; neuer; neues; nochmals
            seit; also; man
        """,
    },
    spellings={
        "funktioinert": "funktioniert", "funktoniert": "funktioniert", "funktionert": "funktioniert",
        "funktionier": "funktioniert", "funktionirt": "funktioniert", "funkt": "funktioniert",
        "funktioniet": "funktioniert", "funktionniert": "funktioniert", "fuktioniert": "funktioniert",
        "klapt": "klappt", "gelost": "geloest", "geloesst": "geloest", "erledigd": "erledigt", "behobn": "behoben",
        "lauft": "laeuft", "leuft": "laeuft", "widder": "wieder", "wider": "wieder", "weider": "wieder",
        "jtzt": "jetzt", "jezt": "jetzt", "jetz": "jetzt", "etz": "jetzt", "dnake": "danke", "dake": "danke",
        "dankr": "danke", "dannke": "danke", "dange": "danke", "nciht": "nicht", "nich": "nicht", "nih": "nicht",
        "nichtt": "nicht", "nciths": "nichts", "imer": "immer", "iwi": "irgendwie", "gehr": "geht", "gheht": "geht",
        "geth": "geht", "vilen": "vielen", "viele dank": "vielen dank", "vieln": "vielen", "ned": "nicht",
        "net": "nicht", "nit": "nicht", "hats": "hat es", "ists": "ist es", "wars": "war es", "gehts": "geht es",
        "funktionierts": "funktioniert es", "klappts": "klappt es", "laeufts": "laeuft es", "tuts": "tut es",
        "funzts": "funzt es", "passts": "passt es", "hab's": "habe es", "habs": "habe es", "is": "ist",
        "isses": "ist es", "issues": "probleme", "ichs": "ich es", "gibts": "gibt es", "immernoch": "immer noch",
        "garnicht": "gar nicht", "garnichts": "gar nichts", "nichtmehr": "nicht mehr", "nochwas": "noch was",
        "nochnicht": "noch nicht", "nurnoch": "nur noch", "nen": "einen", "ne'": "eine", "n'": "ein",
        "vllt": "vielleicht", "viell": "vielleicht", "evt": "eventuell", "glaub": "glaube", "denk": "denke",
        "hoff": "hoffe", "meld": "melde", "werd": "werde", "teste's": "teste", "guden": "guten",
        "gruesse": "gruesse", "grusse": "gruesse", "gruse": "gruesse", "aba": "aber", "abr": "aber",
        "prob": "problem", "probs": "probleme", "fehlr": "fehler", "probelm": "problem", "leder": "leider",
        "laider": "leider",
    },
    endings={"'s": "es", "'n": "ein", "'ne": "eine", "'nen": "einen"},
    pronouns=frozenset({"es", "dass", "das", "alles", "mir", "uns", "ihnen"}),
    joining=frozenset({"und", "u", "&", "+", "sowie", "sodass"}),
    done=r"(?:\w{0,9}ge\w{2,}(?:t|en)|\w{3,}iert|(?:ver|be|ent|er|zer)\w{2,}(?:t|en)|\w{0,6}(?:ausprobiert|aktualisiert))",
)  # fmt: skip
