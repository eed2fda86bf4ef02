"""The inbound steps, in order. The first that claims a mail decides it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mailproc.core import agents, blocked, confirmation, decide, sides
from mailproc.core.effects import Decision
from mailproc.core.facts import Facts
from mailproc.core.joining import joined

Step = Callable[[Facts], Decision | None]

INBOUND_STEPS: tuple[Step, ...] = (
    # The same bytes twice must not even be looked at twice.
    decide.duplicate,
    # Before other robots: an agent's mail client says that they are away. Nobody else is told.
    agents.absence_note,
    # Before anything that could answer, or move a status: no robot gets further.
    decide.robot,
    # Before the agent's own mail: its token says that it is about another one.
    confirmation.confirmation,
    # Before the customer's steps: an agent may be a customer too, but their token says what they are now.
    agents.agent_mail,
    # Before they count as a customer: what they pass on is somebody else's matter.
    agents.on_behalf,
    # Before the customer's steps: what a third party writes is nothing of theirs.
    sides.third_party,
    # Their own address: no ticket is meant, or many.
    agents.desk_mail,
    # Before everything a customer can do: of these, nobody wants to hear.
    blocked.blocked,
    # A button says more than the words around it.
    decide.button,
    # Before words are judged as an answer: "5" is a rating, not a sentence.
    decide.rating,
    decide.participant,
    # After the participants: what is left with a valid token is a stranger's, or too late.
    decide.stranger,
    # Before tickets are opened: a sender may open only so many in a short time.
    decide.flood,
    # Claims whatever is left: no mail falls through.
    decide.new_ticket,
)


@dataclass(frozen=True, slots=True)
class Trace:
    """Which steps looked at a mail, the last one being the one that claimed it."""

    steps: tuple[str, ...]
    decision: Decision


def run(facts: Facts) -> Trace:
    """Decide about a mail."""
    looked: list[str] = []
    for step in INBOUND_STEPS:
        looked.append(step.__name__)
        decision = step(facts)
        if decision is not None:
            return Trace(tuple(looked), decide.reached(facts, joined(facts, decision)))
    raise AssertionError("the last step claims every mail")
