"""The effects of an agent's mail as they are collected."""

from __future__ import annotations

from dataclasses import dataclass, field

from mailproc.core import lifecycle
from mailproc.core.decide import NOBODY
from mailproc.core.effects import (
    CancelDeadlines,
    Effect,
    Move,
    SendReceipt,
)
from mailproc.core.facts import Facts, Person, TicketView
from mailproc.core.letters import Change, Done
from mailproc.core.lifecycle import Actor, Event, Refusal, Status, Transition
from mailproc.core.policy import Agent


@dataclass(slots=True)
class Plan:
    """The effects collected so far, and the status they lead to."""

    facts: Facts
    agent: Agent
    ticket: TicketView
    status: Status
    effects: list[Effect] = field(default_factory=list)
    done: list[Done] = field(default_factory=list)
    refused: Refusal | None = None
    receipt: SendReceipt | None = None

    def move(self, event: Event) -> Transition | None:
        moved = lifecycle.move(self.status, event, Actor.AGENT)
        if isinstance(moved, Refusal):
            self.refused = self.refused or moved
            return None
        self.effects.append(Move(moved, self.agent.name))
        if (self.status is Status.RESOLVED and moved.after is not Status.RESOLVED) or event is Event.RESOLVED:
            self.effects.append(CancelDeadlines(event.value))
        if moved.after is not self.status:
            self.done = [done for done in self.done if done.change is not Change.STATUS]
            self.done.append(Done(Change.STATUS, moved.after.value))
        self.status = moved.after
        return moved


def unseen(plan: Plan) -> tuple[Person, ...]:
    """People in copy whom the mail that is answered could not name: it is of a ticket that lives on in this one.

    What its first line said holds: the answer does not reach them.
    """
    was = plan.facts.match.was
    if was is None:
        return ()
    seen = {person.id for person in (was.customer, *was.copied)}
    return tuple(person for person in plan.ticket.copied if person.id not in seen)


def sent(plan: Plan) -> None:
    """Note for the receipt whom the words go to."""
    left_out = unseen(plan)
    people = tuple(each for each in (plan.ticket.customer, *plan.ticket.copied) if each not in left_out)
    doubtful = [person.address for person in people if person.address.casefold() in plan.facts.suppressed]
    plan.done += [Done(Change.DOUBTFUL, address) for address in doubtful]
    reached = [Done(Change.SENT, person.address) for person in people if person.address != NOBODY.address]
    plan.done = [*reached, *plan.done] if len(reached) == len(people) else [Done(Change.NOT_SENT), *reached, *plan.done]
    plan.done += [Done(Change.NOT_REACHED, person.address) for person in left_out]
