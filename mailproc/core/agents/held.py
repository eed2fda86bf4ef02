"""What an agent says about a mail of theirs that the safety catch holds: send it, keep it as a note, discard it.

The letter that tells of it has a one-time token. Other words in its answer take the place of the held ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum

from mailproc.core import commands, safety
from mailproc.core.agents import behalf
from mailproc.core.agents.behalf import carry_in
from mailproc.core.agents.carrying_out import carry_out
from mailproc.core.agents.mail import agent_mail, not_understood, refused
from mailproc.core.agents.proof import as_addressed, as_proven, proof, proven, said_in_vain
from mailproc.core.commands import AgentText
from mailproc.core.commands.values import Note
from mailproc.core.effects import Confirm, Decision, Outcome, Reason, SendHeld, SendReceipt
from mailproc.core.facts import Facts, HeldMail, TicketView
from mailproc.core.letters import Change, Done, HeldBecause
from mailproc.core.lifecycle import Refusal
from mailproc.core.policy import Agent


class Choice(StrEnum):
    SEND = "sent after all"
    AS_IT_STANDS = "sent as it stands"
    NOTE = "kept as a note"
    DISCARD = "discarded"
    AGAIN = "written again"


_WORDS: Mapping[str, Choice] = {
    **dict.fromkeys(("#send", "#senden", "#confirm", "yes", "ja"), Choice.SEND),
    **dict.fromkeys(("#send-as-is", "#send as is", "#senden-wie-es-ist"), Choice.AS_IT_STANDS),
    **dict.fromkeys(("#note", "#notiz"), Choice.NOTE),
    **dict.fromkeys(("#discard", "#drop", "#verwerfen", "no", "nein"), Choice.DISCARD),
}
_DONE = frozenset({Reason.AGENT_ANSWERED, Reason.AGENT_NOTED, Reason.AGENT_COMMANDED, Reason.OPENED_FOR})


def decided(facts: Facts, agent: Agent, ticket: TicketView, held: HeldMail) -> Decision | None:
    """The decision about an answer to the letter that told of the held mail."""
    choice, below = _choice(facts, agent)
    if choice is Choice.AGAIN:
        return _again(facts, agent, ticket, held)
    if not facts.policy.sees(agent.name, ticket.restricted):
        return refused(facts, agent, ticket, Refusal.RESTRICTED)
    if held.settled or facts.now > held.waits_until:
        late = SendHeld(agent.name, HeldBecause.TOO_LATE, (), facts.text)
        effects = (said_in_vain(facts, agent), late)
        return Decision(Outcome.NOTE, Reason.CONFIRMED_TOO_LATE, "", ticket.number, effects)
    meant = as_proven(facts, held)
    settled = Confirm(held.inbound_id, agent.name, f"was {choice.value}")
    if choice is Choice.DISCARD:
        receipt = SendReceipt(agent.name, (Done(Change.DISCARDED),))
        return Decision(Outcome.ACTION, Reason.DISCARDED, proof(meant), ticket.number, (settled, receipt))
    if choice is Choice.NOTE:
        body = "\n\n".join(part for part in (below, held.own_words) if part)
        decision = carry_out(meant, agent, ticket, AgentText((Note(),), body, (), ("#note",)), is_note=True)
    else:
        decision = _sent(meant, agent, ticket, held, choice)
    return replace(decision, effects=(settled, *decision.effects), carries_out=held.inbound_id)


def _choice(facts: Facts, agent: Agent) -> tuple[Choice, str]:
    """The first line says it. Below it may stand a signature, and above a note more words for colleagues."""
    first, _, below = facts.own_words.strip().partition("\n")
    choice = _WORDS.get(first.strip(commands.EDGES + ".!*_`").casefold(), Choice.AGAIN)
    below = below.strip()
    if safety.only_signs(facts, agent, below):
        below = ""
    return (choice, below) if choice is Choice.NOTE or not below else (Choice.AGAIN, "")


def _again(facts: Facts, agent: Agent, ticket: TicketView, held: HeldMail) -> Decision | None:
    """New words stand for themselves; once they are carried out, the held ones are not asked about any more."""
    if not held.bare or _still_theirs(facts, ticket):
        facts = _to_the_same(facts, held)
    facts = as_addressed(facts, held)
    decision = _anew(facts, agent, ticket, held)
    if decision is None or decision.reason not in _DONE or held.settled:
        return decision
    settled = Confirm(held.inbound_id, decision.agent, f"was {Choice.AGAIN.value}")
    return replace(decision, effects=(settled, *decision.effects))


def _to_the_same(facts: Facts, held: HeldMail) -> Facts:
    """Words in place of a letter that begins a ticket are for its customer, and not for that of the ticket at hand."""
    line, now = behalf.first_line(commands.read(held.own_words)), commands.read(facts.own_words)
    inside = now.has(Note)
    if not line or inside or behalf.opens(now):
        return facts
    return replace(facts, own_words=f"{line}\n{facts.own_words}")


def _still_theirs(facts: Facts, ticket: TicketView) -> bool:
    """Whether a ticket is the agent's own: one that was turned over holds a customer's words by now."""
    return facts.policy.agent_by_address(ticket.customer.address) is not None


def _anew(facts: Facts, agent: Agent, ticket: TicketView, held: HeldMail) -> Decision | None:
    """As any mail of theirs; what came to the bare address turns the ticket over that was opened for it, once."""
    opens = (
        held.bare and _still_theirs(facts, ticket) and behalf.opens(commands.read(facts.own_words)) and proven(facts)
    )
    return carry_in(replace(facts, forwarded=None), agent, ticket) if opens else agent_mail(facts)


def _sent(meant: Facts, agent: Agent, ticket: TicketView, held: HeldMail, choice: Choice) -> Decision:
    """As meant, where the nearest commands make sense; else the lines that are no commands go out as words."""
    bad = not_understood(meant, agent, ticket, commands.read(held.own_words))
    better = commands.meant(held.own_words, bad) if choice is Choice.SEND and bad else None
    around = replace(meant.around, released=True, as_it_stands=better is None)
    decision = _anew(replace(meant, own_words=better or held.own_words, around=around), agent, ticket, held)
    if decision is None:
        raise AssertionError("a mail that was held as an agent's is one")
    return decision
