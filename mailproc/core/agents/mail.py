"""An agent's mail: proven or not, understood or not, and then all of it or nothing."""

from __future__ import annotations

from dataclasses import replace

from mailproc.core import commands, safety
from mailproc.core.agents import behalf, canned, routing, sides, undo
from mailproc.core.agents.carrying_out import carry_out
from mailproc.core.agents.nonsense import impossible
from mailproc.core.agents.personal import back_by_writing
from mailproc.core.agents.proof import asked_first, enclosures, proof, proven, said_in_vain
from mailproc.core.commands import AgentText
from mailproc.core.effects import (
    Decision,
    Effect,
    HoldForAgent,
    Outcome,
    Reason,
    SendHeld,
    SendReceipt,
)
from mailproc.core.facts import Facts, TicketView
from mailproc.core.letters import BadLine, Caution, Change, Done, Exchange, HeldBecause
from mailproc.core.lifecycle import Refusal
from mailproc.core.message import Attachment
from mailproc.core.policy import Agent, Rule
from mailproc.core.safety import Outgoing
from mailproc.core.tokens import Capability

_TNEF = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})


def agent_mail(facts: Facts) -> Decision | None:
    """A mail with an agent's token from that agent's registered address."""
    agent, token, ticket = facts.agent, facts.match.token, facts.match.ticket
    if agent is None or token is None or ticket is None:
        return None
    if token.capability not in {Capability.AGENT_REPLY, Capability.NOTE, Capability.SIDE_ANSWER}:
        return None
    if token.capability is Capability.SIDE_ANSWER and facts.side is None:
        return None
    note, theirs = token.capability is Capability.NOTE, token.person == facts.agent_person
    if not (theirs or note):
        return None  # a colleague's mail that was passed on: whose words were these?
    # Who answers all to a colleague's note writes to that colleague's address: it proves nothing of who writes.
    if not proven(facts, theirs):
        side = facts.side.id if facts.side is not None else None
        return asked_first(facts, agent, [said_in_vain(facts, agent)], ticket.number, note=note, side=side)
    if not facts.policy.sees(agent.name, ticket.restricted):
        return refused(facts, agent, ticket, Refusal.RESTRICTED)
    words = _words(facts, agent, ticket)
    is_note = sides.is_note(facts, words) or routing.stays_inside(words)
    bad = not_understood(facts, agent, ticket, words)
    if bad:
        meant = commands.meant(facts.own_words, bad) is not None
        held = SendHeld(
            agent.name, HeldBecause.UNKNOWN_COMMAND, bad, facts.text, note, facts.side, decide=True, meant=meant,
            cautions=() if is_note else _cautions(facts, agent, ticket, words), since=_since(facts),
        )  # fmt: skip
        return _held(facts, agent, ticket, held, Reason.COMMAND_NOT_UNDERSTOOD)
    if canned.only_shown(words):
        text, once_more = canned.filled_in(facts, words).body, canned.again(words)
        held = SendHeld(agent.name, HeldBecause.PREVIEW, (), text, note, facts.side, again=once_more)
        return _held(facts, agent, ticket, held, Reason.PREVIEWED)
    words = canned.filled_in(facts, words)
    if undo.wished(words):
        return undo.take_back(facts, agent, ticket, words)
    unfit = _unfit(facts, words, is_note)
    if unfit is not None:
        because, reason = unfit
        return _held(facts, agent, ticket, SendHeld(agent.name, because, (), facts.text, note, facts.side), reason)
    cautions = () if is_note else _cautions(facts, agent, ticket, words)
    if cautions:
        held = SendHeld(
            agent.name, HeldBecause.CAUTION, (), facts.text, note, cautions=cautions, since=_since(facts), decide=True,
            again=behalf.first_line(words),
        )  # fmt: skip
        return _held(facts, agent, ticket, held, Reason.CAUTION)
    if behalf.opens(words):
        return back_by_writing(facts, agent, behalf.open_for(facts, agent, words))
    return back_by_writing(facts, agent, carry_out(facts, agent, ticket, words, is_note))


def _words(facts: Facts, agent: Agent, ticket: TicketView) -> AgentText:
    """What the agent wrote, taken apart; lines that are no commands are words where the agent, or the operator, says so."""
    words, rules = commands.read(facts.own_words), facts.policy.safety.rules
    bad = words.bad if Rule.UNKNOWN_COMMAND not in rules else ()
    if facts.around.as_it_stands:
        bad = not_understood(facts, agent, ticket, words)
    if bad:
        words = commands.read(facts.own_words, frozenset(each.line for each in bad))
    # A button's mail bears the signature that the agent's client writes below everything.
    if words.commands and Rule.ONLY_SIGNATURE in rules and safety.only_signs(facts, agent, words.body):
        return replace(words, body="")
    return words


def not_understood(facts: Facts, agent: Agent, ticket: TicketView, words: AgentText) -> tuple[BadLine, ...]:
    """The lines for which nothing of the mail is done."""
    return words.bad or undo.not_alone(words) or impossible(facts, agent, ticket, words)


def _cautions(facts: Facts, agent: Agent, ticket: TicketView, words: AgentText) -> tuple[Caution, ...]:
    """What should be looked at before the words go to the customer."""
    if sides.reaches_third_party(facts, words):
        return ()  # they go to somebody else
    if behalf.opens(words):
        return behalf.cautions(facts, agent, words)
    enclosed = bool(enclosures(facts) or sides.shared_files(facts, words))
    return safety.found(Outgoing(facts, agent, safety.readers(ticket), words.body, enclosed))


def _since(facts: Facts) -> tuple[Exchange, ...]:
    return tuple(Exchange(each.name, each.at, each.text, private=False) for each in facts.around.since)


def _unfit(facts: Facts, words: AgentText, is_note: bool) -> tuple[HeldBecause, Reason] | None:
    """Why words that were understood can't be carried out all the same."""
    if facts.oversize:
        return HeldBecause.OVERSIZE, Reason.UNSENDABLE
    if facts.unread:
        return HeldBecause.TOO_LONG, Reason.UNSENDABLE
    if facts.message.protection:
        return HeldBecause.PROTECTED, Reason.UNSENDABLE
    if not is_note and facts.forwards:
        return HeldBecause.FORWARDED, Reason.NOTHING_TO_SEND
    if not is_note and facts.reveals:
        return HeldBecause.REVEALS, Reason.NOTHING_TO_SEND
    if not is_note and any(_rich_text(each) for each in enclosures(facts)):
        return HeldBecause.RICH_TEXT, Reason.UNSENDABLE
    held = Rule.EMPTY in facts.policy.safety.rules
    if held and not words.commands and not words.body and not enclosures(facts):
        return HeldBecause.EMPTY, Reason.NOTHING_TO_SEND
    missing = sides.unfit(facts, words) or behalf.unfit(facts, words)
    return (missing, Reason.NOTHING_TO_SEND) if missing is not None else None


def _rich_text(attachment: Attachment) -> bool:
    """Whether Outlook packed words or files into it in a form of its own (MS-OXTNEF)."""
    return attachment.content_type in _TNEF or attachment.filename.casefold() == "winmail.dat"


def refused(facts: Facts, agent: Agent, ticket: TicketView, refusal: Refusal) -> Decision:
    """Nothing of it is done, and the agent is told why."""
    receipt = SendReceipt(agent.name, (Done(Change.REFUSED, refusal.value),))
    effects = (said_in_vain(facts, agent), receipt)
    return Decision(Outcome.NOTE, Reason.COMMAND_IMPOSSIBLE, f"{refusal}; {proof(facts)}", ticket.number, effects)


def _held(facts: Facts, agent: Agent, ticket: TicketView, held: SendHeld, reason: Reason) -> Decision:
    said = said_in_vain(facts, agent)
    why = "; ".join([*(line.line for line in held.lines), *safety.told(held.cautions), proof(facts)])
    held = replace(held, attachments=tuple(each.filename for each in enclosures(facts)))
    effects: tuple[Effect, ...] = (said, held)
    if held.decide:
        until, side = facts.now + facts.policy.confirm_within, facts.side.id if facts.side is not None else None
        effects = (said, HoldForAgent(agent.name, held.note, until, False, side, held.because.value), held)
    return Decision(Outcome.NOTE, reason, why, ticket.number, effects)
