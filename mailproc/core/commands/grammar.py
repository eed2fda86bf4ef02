"""The one grammar of commands: each word, what may follow it, and its other names.

`#help` and `docs/commands.md` are written from this table; what each command means stands with the words of the
letters (`templates/LANGUAGE/words.txt`), and a test compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mailproc.core.commands import values as v
from mailproc.core.commands.values import Command, Field, WaitFor
from mailproc.core.domains import reachable

#: Addresses as people have them: what could not be written to would hold up every later answer on the ticket.
ADDRESS = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}")
_TAG = re.compile(r"[+-]?[^\W_][\w.-]{0,39}")
_NUMBER = re.compile(r"#?(\d{1,9})")
_PRIORITIES: Mapping[str, str] = {
    **{f"p{level}": f"P{level}" for level in range(1, 5)},
    **{str(level): f"P{level}" for level in range(1, 5)},
    "critical": "P1", "urgent": "P1", "kritisch": "P1", "dringend": "P1",
    "high": "P2", "hoch": "P2",
    "medium": "P3", "normal": "P3", "mittel": "P3",
    "low": "P4", "niedrig": "P4",
}  # fmt: skip
_WAITED_FOR: Mapping[str, WaitFor] = {
    **dict.fromkeys(("", "customer", "user", "kunde", "kunden"), WaitFor.CUSTOMER),
    **dict.fromkeys(("vendor", "third-party", "third party", "lieferant", "hersteller"), WaitFor.VENDOR),
}
#: Words of other desks for a status: RT, Zendesk, Deskpro.
_STATUSES: Mapping[str, Command] = {
    **dict.fromkeys(("solved", "resolved", "gelöst", "erledigt"), v.Resolve("")),
    **dict.fromkeys(("pending", "waiting", "stalled", "wartet"), v.Wait(WaitFor.CUSTOMER)),
    **dict.fromkeys(("hold", "on-hold", "on hold"), v.Wait(WaitFor.VENDOR)),
    **dict.fromkeys(("closed", "geschlossen"), v.Close()),
    **dict.fromkeys(("spam",), v.MarkSpam(block=False)),
}
_OFF = frozenset({"off", "no", "none", "never", "aus", "nein", "nie"})

Reader = Callable[[str], Command | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """One command."""

    name: str
    read: Reader  # from the argument; None: the argument makes no sense
    syntax: str = ""  # of the argument: capitals stand for something, brackets for what may be left out
    aliases: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        return f"#{self.name} {self.syntax}".rstrip()


def _bare(command: Command) -> Reader:
    return lambda argument: None if argument else command


def _words(make: Callable[[str], Command]) -> Reader:
    return lambda argument: make(argument) if argument else None


def _words_or_off(make: Callable[[str], Command]) -> Reader:
    return _words(lambda argument: make("" if argument.casefold() in _OFF else argument))


def _address(make: Callable[[str], Command]) -> Reader:
    return lambda argument: make(found) if (found := _one_address(argument)) else None


def _number(make: Callable[[int], Command]) -> Reader:
    return lambda argument: make(int(match[1])) if (match := _NUMBER.fullmatch(argument)) else None


def _one_address(written: str) -> str:
    address = written.strip("<>,;").removeprefix("mailto:")
    return address if is_address(address) else ""


def is_address(written: str) -> bool:
    """Whether mail can be sent there."""
    return ADDRESS.fullmatch(written) is not None and reachable(written)


def _addresses(argument: str) -> tuple[str, ...]:
    """All of them, or none when one is no address."""
    found = [_one_address(part) for part in re.split(r"[\s,;]+", argument) if part]
    return tuple(found) if all(found) else ()


def _signed(argument: str, known: Callable[[str], object]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """What is added and what is taken away: "+a -b c"."""
    parts = [part for part in re.split(r"[\s,;]+", argument) if part]
    if not parts or not all(known(part.lstrip("+-<").rstrip(">")) for part in parts):
        return None
    bare = [(part[0] == "-", part.lstrip("+-<").rstrip(">")) for part in parts]
    return tuple(word for minus, word in bare if not minus), tuple(word for minus, word in bare if minus)


def _note(argument: str) -> Command | None:
    """The rest of the line belongs to the note; a leading @NAME asks a colleague."""
    asked = []
    for word in argument.split():
        if not (word.startswith("@") and len(word) > 1):
            break
        asked.append(word.strip("@,:"))
    return v.Note(tuple(asked))


def _ask(argument: str) -> Command | None:
    if argument.casefold() in {"engineering", "development", "dev", "entwicklung"}:
        return v.Ask(())
    found = _addresses(argument)
    return v.Ask(found) if found else None


def _copy(argument: str) -> Command | None:
    signed = _signed(argument, is_address)
    return v.Copy(*signed) if signed else None


def _uncopy(argument: str) -> Command | None:
    found = _addresses(argument)
    return v.Copy((), found) if found else None


def _retag(argument: str) -> Command | None:
    signed = _signed(argument.replace("#", ""), _TAG.fullmatch)
    return v.Retag(*(tuple(tag.casefold() for tag in tags) for tags in signed)) if signed else None


def _link(argument: str) -> Command | None:
    remove = argument.startswith("-")
    match = _NUMBER.fullmatch(argument.lstrip("-+ "))
    return v.Link(int(match[1]), remove) if match else None


def _priority(argument: str) -> Command | None:
    level = _PRIORITIES.get(argument.casefold())
    return v.Prioritise(level) if level else None


def _wait(argument: str) -> Command | None:
    who = _WAITED_FOR.get(argument.casefold())
    return v.Wait(who) if who else None


def _undo(argument: str) -> Command | None:
    if not argument:
        return v.Undo(None)
    match = _NUMBER.fullmatch(argument)
    return v.Undo(int(match[1])) if match else None


def _mute(argument: str, *, muted: bool) -> Command | None:
    if not argument:
        return v.Mute(muted, None)
    match = _NUMBER.fullmatch(argument)
    return v.Mute(muted, int(match[1])) if match else None


def _only(argument: str) -> Command | None:
    word = argument.casefold()
    if word in {"mine", "meine", "my tickets"}:
        return v.TellOnly(mine=True)
    return v.TellOnly(mine=False) if word in {"all", "everything", "alle", "alles", *_OFF} else None


def _away(argument: str) -> Command | None:
    """The moment, with or without "until" before it."""
    return v.Away(re.sub(r"(?i)^(?:until|till|til|bis(?: zum)?)\s+", "", argument))


def _quiet(argument: str) -> Command | None:
    word = argument.casefold()
    return v.SetQuiet(word not in _OFF) if word in {"", "on", "an", *_OFF} else None


def _classify(field: Field) -> Reader:
    return _words(lambda value: v.Classify(field, value[:64]))


#: In the order in which help shows them.
RULES: tuple[Rule, ...] = (
    Rule("resolve", v.Resolve, "[CAUSE]", ("resolved", "solve", "solved", "gelöst", "erledigt", "lösen")),
    Rule("wait", _wait, "[customer|vendor]", ("warten", "pending", "stalled")),
    Rule("note", _note, "[@NAME]", ("notiz", "private", "internal", "intern", "comment")),
    Rule("assign", _words(v.Assign), "me|NAME|TEAM", ("owner", "assignee", "group", "queue", "zuweisen")),
    Rule("close", _bare(v.Close()), "", ("closed", "schließen", "schliessen")),
    Rule("status", lambda argument: _STATUSES.get(argument.casefold()), "solved|pending|hold|closed"),
    Rule("priority", _priority, "P1|P2|P3|P4", ("prio", "priorität", "severity")),
    Rule("category", _classify(Field.CATEGORY), "NAME", ("kategorie",)),
    Rule("type", _classify(Field.TYPE), "NAME", ("art", "typ")),
    Rule("product", _classify(Field.PRODUCT), "NAME", ("produkt",)),
    Rule("tag", _retag, "+NEW -OLD", ("tags", "label", "schlagwort")),
    Rule("cc", _copy, "+ADDRESS -ADDRESS", ("kopie", "addcc")),
    Rule("uncc", _uncopy, "ADDRESS", ("delcc",)),
    Rule("accept", _address(v.Accept), "ADDRESS", ("zulassen",)),
    Rule("customer", _address(v.SetCustomer), "ADDRESS", ("kunde", "requester", "requestor", "submitter")),
    Rule("confirm", _bare(v.ConfirmCustomer()), "", ("bestätigen",)),
    Rule("new", _address(v.OpenFor), "ADDRESS", ("neu", "for")),
    Rule("ask", _ask, "ADDRESS|engineering", ("fragen",)),
    Rule("share", _bare(v.Share()), "", ("teilen", "weitergeben")),
    Rule("bug", lambda _argument: v.Ask((), bug=True), "", ("fehler",)),
    Rule("escalate", v.Escalate, "[NAME|TEAM]", ("eskalieren",)),
    Rule("security", _bare(v.Restrict()), "", ("sicherheit",)),
    Rule("handoff", _words(v.HandOff), "TEAM|ADDRESS", ("übergeben", "forward")),
    Rule("eta", _words_or_off(v.Promise), "WHEN|off", ("bis", "promise")),
    Rule("snooze", _words_or_off(v.Snooze), "WHEN|off", ("später", "schlummern")),
    Rule("remind", _words_or_off(v.Remind), "WHEN|off", ("erinnern", "erinnere")),
    Rule("merge", _number(v.Merge), "NUMBER", ("zusammenführen",)),
    Rule("split", v.Split, "[SUBJECT]", ("abtrennen",)),
    Rule("link", _link, "NUMBER|-NUMBER", ("verknüpfen",)),
    Rule("spam", _bare(v.MarkSpam(block=False))),
    Rule("block", _bare(v.MarkSpam(block=True)), "", ("sperren",)),
    Rule("time", _words(v.Spend), "SPAN", ("timeworked", "zeit")),
    Rule("cause", _words(lambda words: v.NoteCause(words[:200])), "WORDS", ("ursache",)),
    Rule("kb", _bare(v.WantArticle()), "", ("article", "artikel")),
    Rule("tpl", _words(v.FillIn), "NAME|NAME?", ("template", "macro", "vorlage")),
    Rule("undo", _undo, "[NUMBER]", ("rückgängig", "zurück")),
    Rule("history", _bare(v.ShowHistory()), "", ("verlauf",)),
    Rule("away", _away, "[until WHEN]", ("abwesend", "urlaub", "vacation")),
    Rule("back", _bare(v.Back()), "", ("wieder-da", "anwesend")),
    Rule("only", _only, "mine|all", ("nur",)),
    Rule("mute", lambda argument: _mute(argument, muted=True), "[NUMBER]", ("stumm",)),
    Rule("unmute", lambda argument: _mute(argument, muted=False), "[NUMBER]", ("laut",)),
    Rule("digest", _words_or_off(v.SetDigest), "TIME|off", ("übersicht",)),
    Rule("quiet", _quiet, "[off]", ("leise",)),
    Rule("help", _bare(v.ShowHelp()), "", ("hilfe",)),
)

GRAMMAR: Mapping[str, Rule] = {rule.name: rule for rule in RULES}
#: Every word that is understood.
WORDS: Mapping[str, Rule] = {word: rule for rule in RULES for word in (rule.name, *rule.aliases)}
#: RT's pseudo-headers ("Owner: anna"), which stand at the top without a mark: taken only where their value is understood.
PSEUDO_HEADERS: Mapping[str, Rule] = {
    word: WORDS[name]
    for word, name in (
        ("status", "status"), ("owner", "assign"), ("queue", "assign"), ("priority", "priority"), ("addcc", "cc"),
        ("delcc", "uncc"), ("timeworked", "time"),
    )
}  # fmt: skip
