"""The agent's answer to the letter that asked whether a held mail was theirs."""

from __future__ import annotations

from dataclasses import replace

from mailproc.core import verification
from mailproc.core.agents import agent_mail, carry_in, said_in_vain
from mailproc.core.agents.held import decided
from mailproc.core.agents.proof import as_proven
from mailproc.core.effects import Confirm, Decision, Outcome, Reason, SendHeld
from mailproc.core.facts import Facts
from mailproc.core.letters import HeldBecause
from mailproc.core.tokens import Capability

_COMMAND = "#confirm"  # what the button in the letter writes


def confirmation(facts: Facts) -> Decision | None:
    """A mail with the one-time token of a held mail, from the agent it was written to: the held mail is carried out.

    The token went to the registered address and nowhere else: who has it reads the agent's mail, and no more can be
    asked of a sender nobody vouches for. Anything but a yes does nothing: it may say "that was not me".
    """
    agent, token, ticket = facts.agent, facts.match.token, facts.match.ticket
    if agent is None or token is None or ticket is None or token.person != facts.agent_person:
        return None
    if token.capability is not Capability.CONFIRM or not facts.message.identifies_sender:
        return None
    held = facts.held
    if held is not None and held.because and (held.agent, held.ticket) == (agent.name, token.ticket):
        return decided(facts, agent, ticket, held)
    if (
        held is None
        or (held.agent, held.ticket) != (agent.name, token.ticket)  # which may live on in another by now
        or held.settled
        or facts.now > held.waits_until
    ):
        letter = SendHeld(agent.name, HeldBecause.TOO_LATE, (), facts.text)
        effects = (said_in_vain(facts, agent), letter)
        return Decision(Outcome.NOTE, Reason.CONFIRMED_TOO_LATE, "", ticket.number, effects)
    if not _says_yes(facts.own_words):
        letter = SendHeld(agent.name, HeldBecause.NOT_CONFIRMED, (), facts.text)
        effects = (said_in_vain(facts, agent), letter)
        return Decision(Outcome.NOTE, Reason.NOT_CONFIRMED, "", ticket.number, effects)
    mine = as_proven(facts, held)
    decision = carry_in(mine, agent, ticket) if held.bare else agent_mail(mine)
    if decision is None:
        raise AssertionError("a mail that was held as an agent's is one")
    done = Confirm(held.inbound_id, agent.name)
    return replace(decision, effects=(done, *decision.effects), carries_out=held.inbound_id)


def _says_yes(words: str) -> bool:
    first = words.strip().partition("\n")[0].strip().casefold()
    if first == _COMMAND:
        return True
    return verification.judge(words, asked=True).answer is verification.Answer.CONFIRMED
