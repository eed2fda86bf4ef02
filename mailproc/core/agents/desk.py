"""An agent's mail to their own address: questions, and commands for many tickets at once, all of it or nothing."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import groupby

from mailproc.core.agents import undo
from mailproc.core.agents.carrying_out import carry_out
from mailproc.core.agents.nonsense import impossible
from mailproc.core.agents.personal import back_by_writing, refused, sensible, set_
from mailproc.core.agents.proof import proof, proven
from mailproc.core.commands import AgentText
from mailproc.core.commands.values import Note, Personal
from mailproc.core.digest import Acted, Digest
from mailproc.core.effects import Decision, Effect, Outcome, Reason, SendDigest, SendReceipt
from mailproc.core.facts import Asked, Facts, Match
from mailproc.core.letters import BadLine, Change, Done
from mailproc.core.policy import Agent
from mailproc.core.queries import Act


def desk_mail(facts: Facts) -> Decision | None:
    """A mail to an agent's own address from them, or one to the desk that asks for nothing but lists."""
    agent, asked, token = facts.agent, facts.asked, facts.match.token
    if agent is None or asked is None or (token is not None and token.person != facts.agent_person):
        return None
    if not proven(facts, token is not None):
        return _not_proven(facts, agent, asked.found) if token is not None else None
    personal = asked.text.personal
    senseless = (BadLine(each.line, "") for each in personal if not sensible(facts, agent, each.command))
    bad = (*asked.text.bad, *senseless, *_impossible(facts, agent, asked))
    if bad:
        nothing = Digest(asked.found.ticket, asked.found.at, bad=bad)
        return _answered(facts, agent, nothing, Reason.COMMAND_NOT_UNDERSTOOD)
    results = [_on_one(facts, agent, asked, number, acts) for number, acts in _by_ticket(asked)]
    settings = [_setting(facts, agent, each.command) for each in personal]
    acted = tuple(acted for acted, _ in results)
    found = replace(asked.found, acted=acted, settings=tuple(told for _, told in settings))
    more = tuple(decision for _, decision in results if decision is not None)
    reason = Reason.AGENT_COMMANDED if results or settings else Reason.AGENT_QUERIED
    answered = _answered(facts, agent, found, reason, more)
    answered = replace(answered, effects=(*(effect for effect, _ in settings if effect is not None), *answered.effects))
    return back_by_writing(facts, agent, answered)


def _setting(facts: Facts, agent: Agent, command: Personal) -> tuple[Effect | None, Done]:
    refusal = refused(facts, agent, command)
    return (None, Done(Change.REFUSED, refusal.value)) if refusal is not None else set_(facts, agent, command)


def _answered(facts: Facts, agent: Agent, found: Digest, reason: Reason, more: tuple[Decision, ...] = ()) -> Decision:
    letter = SendDigest(agent.name, facts.mailbox.name, found, _once(facts, found))
    why = "; ".join((*(line.line for line in found.bad), proof(facts)))
    return Decision(Outcome.COMMAND, reason, why, None, (letter,), more=more)


def _once(facts: Facts, found: Digest) -> str:
    """The same nonsense is answered once an hour: a robot that nothing marks as one would answer every answer."""
    if not found.bad:
        return ""
    words = hashlib.sha256(facts.own_words.encode()).hexdigest()[:16]
    return f"misread{facts.now:%Y%m%d%H}{words}"


def _not_proven(facts: Facts, agent: Agent, found: Digest) -> Decision:
    """Nothing is shown and nothing done; the agent is told at the registered address, once a day."""
    told = Digest(found.ticket, found.at, unproven=facts.evidence.reason)
    letter = SendDigest(agent.name, facts.mailbox.name, told, f"unproven{facts.now:%Y%m%d}")
    return Decision(Outcome.COMMAND, Reason.AGENT_NOT_PROVEN, facts.evidence.reason, None, (letter,))


def _by_ticket(asked: Asked) -> list[tuple[int, list[Act]]]:
    """What is to be done with each ticket, in the order in which they are first named."""
    first: dict[int, int] = {}
    for at, act in enumerate(asked.text.acts):
        first.setdefault(act.ticket, at)
    ordered = sorted(asked.text.acts, key=lambda act: first[act.ticket])
    return [(number, list(acts)) for number, acts in groupby(ordered, key=lambda act: act.ticket)]


def _impossible(facts: Facts, agent: Agent, asked: Asked) -> tuple[BadLine, ...]:
    """Names nobody bears, and two words on the status of one ticket."""
    found: dict[BadLine, None] = {}
    for number, acts in _by_ticket(asked):
        ticket = asked.tickets.get(number)
        if ticket is not None:
            words = _words(acts)
            found |= dict.fromkeys((*undo.not_alone(words), *impossible(facts, agent, ticket, words)))
    return tuple(found)


def _words(acts: list[Act]) -> AgentText:
    body = "\n".join(act.body for act in acts if act.body)
    return AgentText(tuple(act.command for act in acts), body, (), tuple(act.line for act in acts))


def _on_one(facts: Facts, agent: Agent, asked: Asked, number: int, acts: list[Act]) -> tuple[Acted, Decision | None]:
    """One ticket, by the same plan as a mail on it alone. Its receipt is a line of the one that tells of all."""
    ticket, place = asked.tickets.get(number), acts[0].place or 0
    if ticket is None:
        return Acted(place, number, "", (Done(Change.NOT_YOURS),)), None
    words = _words(acts)
    alone = replace(facts.message, text=words.body, attachments=(), message_id="")
    one = replace(
        facts, message=alone, text=words.body, own_words=words.body, asked=None,
        match=Match(facts.match.by, ticket, facts.match.token),
    )  # fmt: skip
    is_note = any(isinstance(act.command, Note) for act in acts)
    if undo.wished(words):
        decision = undo.take_back(replace(one, undoable=asked.undoable.get(number)), agent, ticket, words)
    else:
        decision = carry_out(one, agent, ticket, words, is_note)
    done = next((effect.done for effect in decision.effects if isinstance(effect, SendReceipt)), ())
    acted = Acted(place, number, ticket.subject, done)
    if decision.reason in {Reason.COMMAND_IMPOSSIBLE, Reason.NOT_UNDONE}:
        return acted, None
    kept = [effect for effect in decision.effects if not isinstance(effect, SendReceipt)]
    return acted, replace(decision, effects=tuple(kept))
