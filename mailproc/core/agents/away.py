"""An agent's mail client answers one of our letters with an absence note: they are away, and nobody else is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from mailproc.core.agents.personal import away
from mailproc.core.agents.proof import proven
from mailproc.core.automatic import AutomaticKind
from mailproc.core.digest import Digest
from mailproc.core.effects import AddMessage, Decision, Effect, Kind, Outcome, Reason, SendDigest
from mailproc.core.facts import Facts
from mailproc.core.letters import TicketFacts
from mailproc.core.moments import moment
from mailproc.core.policy import Agent
from mailproc.core.staff import AwayBy

_LOOKED_AT = 2000  # characters of a note
_MOST_WORDS = 6  # of a date
#: What says of an automatic reply that it is an absence note; others are an answering machine's receipts.
_ABSENT = re.compile(
    r"out[ -]of[ -](?:the[ -])?office|\baway\b|vacation|holiday|on leave|annual leave|not in the office|limited access"
    r"|abwesen|nicht im (?:büro|hause?)|außer haus|urlaub|nicht erreichbar",
    re.IGNORECASE,
)
#: Words that lead to the day on which somebody is there again.
_LEADS = re.compile(
    r"\b(?:back(?: in the office)?(?: again)? (?:on|at|by)|back|return(?:ing)?(?: to the office)?(?: on)?|until|till|through"
    r"|bis(?: zum| einschließlich)?|wieder(?: da| erreichbar| im büro| im haus)?(?: ab| am)?|zurück(?: am| ab)?"
    # On that day somebody may be gone, too: "ab 20.12. im Urlaub".
    r"|ab(?: dem)?(?=(?:(?!\b(?:ab|und|im|nicht)\b)[^!?;()\n]){1,60}\b(?:wieder|zurück|erreichbar)))"
    r"\s+(?:and including |the )?",
    re.IGNORECASE,
)
_END = re.compile(r"(?<!\d)\.|[!?;()\n]")  # "1. Dezember" goes on


def absence_note(facts: Facts) -> Decision | None:
    """Marks its agent away. Once: of one who is away already, it is recorded as any robot's mail."""
    agent, token, found = facts.agent, facts.match.token, facts.automatic
    if agent is None or token is None or found is None or token.person != facts.agent_person or not proven(facts):
        return None
    text = f"{facts.message.subject}\n{facts.text or facts.message.text}"[:_LOOKED_AT]
    is_note = found.kind is AutomaticKind.OUT_OF_OFFICE or (
        found.kind is AutomaticKind.AUTO_REPLY and _ABSENT.search(text) is not None
    )
    if not is_note or facts.standing.away(facts.now):
        return None
    until = back_at(text, facts, agent)
    set_away, told = away(agent, facts.now, until, AwayBy.NOTE, f"{found.kind}: {found.rule}")
    blank = Digest(TicketFacts(facts.mailbox.desk, facts.mailbox.prefix, 0, ""), facts.now, settings=(told,))
    ticket = facts.match.ticket
    effects: list[Effect] = [set_away, SendDigest(agent.name, facts.mailbox.name, blank)]
    if ticket is not None:
        effects.append(AddMessage(Kind.AUTOMATIC, True, agent.address, agent.display, facts.text))
    why = f"{found.kind}: {found.rule}"
    number = ticket.number if ticket is not None else None
    return Decision(Outcome.AUTOMATIC, Reason.AGENT_AWAY, why, number, tuple(effects))


def back_at(text: str, facts: Facts, agent: Agent) -> datetime | None:
    """When somebody is there again, by the first date that a note gives behind such words; None where it gives none."""
    zone = ZoneInfo(agent.time_zone)
    for phrase in _phrases(text):
        found = moment(phrase, facts.now, zone, facts.mailbox.calendar)
        if found is not None:
            return found
    return None


def _phrases(text: str) -> Iterator[str]:
    """What may be a date: behind each such word, the longest run of words first."""
    for lead in _LEADS.finditer(text):
        behind = text[lead.end() : lead.end() + 80]
        end = _END.search(behind)
        words = (behind[: end.start()] if end else behind).replace(",", " ").split()
        for count in range(min(len(words), _MOST_WORDS), 0, -1):
            yield " ".join(words[:count])
