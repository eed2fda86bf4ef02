"""`#undo`: an agent takes back what a mail of theirs did."""

from __future__ import annotations

from mailproc.core.agents.proof import proof, said_in_vain
from mailproc.core.commands import AgentText
from mailproc.core.commands.values import Undo
from mailproc.core.effects import Decision, Effect, Outcome, Reason, SendReceipt
from mailproc.core.effects_safety import UndoAction
from mailproc.core.facts import Facts, PastAction, TicketView
from mailproc.core.letters import BadLine, Change, Done
from mailproc.core.policy import Agent


def wished(words: AgentText) -> bool:
    """Whether the mail asks for it."""
    return words.has(Undo)


def not_alone(words: AgentText) -> tuple[BadLine, ...]:
    """Commands beside it: are they to be done, or is that what is to be undone?"""
    if len(words.commands) < 2:
        return ()
    written = zip(words.commands, words.lines, strict=True)
    return tuple(BadLine(line, "") for command, line in written if isinstance(command, Undo))


def take_back(facts: Facts, agent: Agent, ticket: TicketView, words: AgentText) -> Decision:
    """Words beside the command (a phone's signature) go nowhere; colleagues find them on the ticket."""
    said: tuple[Effect, ...] = (said_in_vain(facts, agent),) if words.body else ()
    why = "; ".join((*words.lines, proof(facts)))
    past = facts.undoable
    if past is None or past.undone or not past.stands:
        receipt = SendReceipt(agent.name, _refused(past))
        return Decision(Outcome.NOTE, Reason.NOT_UNDONE, why, ticket.number, (*said, receipt))
    effects = (*said, UndoAction(past.id, agent.name), SendReceipt(agent.name, ()))
    return Decision(Outcome.ACTION, Reason.AGENT_UNDID, why, ticket.number, effects)


def _refused(past: PastAction | None) -> tuple[Done, ...]:
    if past is None:
        return (Done(Change.NOT_UNDONE, "unknown"),)
    if past.undone:
        return (Done(Change.NOT_UNDONE, "undone"),)
    return (Done(Change.NOT_UNDONE, "changed"), *(Done(Change.MEANWHILE, line) for line in past.meanwhile))
