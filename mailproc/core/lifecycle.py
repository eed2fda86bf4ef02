"""The ticket's life: one total table of status x event, and who may cause each event.

Nothing else in mailproc sets a status. A cell is either the next status or a named refusal; `draw()` makes the
diagram that stands in `docs/lifecycle.md` from the same table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Where a ticket stands; the comment names whose turn it is."""

    NEW = "New"  # system
    ASSIGNED = "Assigned"  # agent
    IN_PROGRESS = "In Progress"  # agent
    WAITING_FOR_CUSTOMER = "Waiting for Customer"  # customer
    WAITING_FOR_THIRD_PARTY = "Waiting for Third-Party"  # third party
    RESOLVED = "Resolved"  # customer: solution given, pending verification
    CLOSED = "Closed"  # system
    REOPENED = "Reopened"  # agent


class Outcome(StrEnum):
    """How a closed ticket ended."""

    CONFIRMED = "confirmed"  # the customer said so
    UNCONFIRMED = "unconfirmed"  # silence after a resolution
    CLOSED_BY_AGENT = "agent"  # an agent closed it without asking
    HANDED_OFF = "handed off"  # another team has it now
    MERGED = "merged"  # it lives on in another ticket
    SPAM = "spam"


class Actor(StrEnum):
    """Who causes an event."""

    CUSTOMER = "customer"
    COPIED = "copied person"
    AGENT = "agent"
    THIRD_PARTY = "third party"
    CLOCK = "clock"
    RULE = "rule"
    ROBOT = "robot"


class Event(StrEnum):
    """What can happen to a ticket."""

    ASSIGNED = "assigned"  # taken by an agent, given to one, or by a rule
    RETURNED = "returned to the team"
    AGENT_ANSWERED = "agent answers"
    AGENT_ASKED = "agent asks the customer"
    AGENT_ASKED_VENDOR = "agent waits for a third party"
    THIRD_PARTY_ANSWERED = "third party answers"
    RESOLVED = "resolved"
    CUSTOMER_WROTE = "customer writes"  # a question, or anything unclear, is this too
    CUSTOMER_CONFIRMED = "customer confirms"
    CUSTOMER_DENIED = "still broken"
    CUSTOMER_THANKED = "customer only thanks"
    COPIED_WROTE = "copied person writes"
    ROBOT_WROTE = "robot writes"
    REMINDER_DUE = "reminder due"
    SILENCE = "silence"
    AGENT_CLOSED = "agent closes"
    HANDED_OFF = "handed off"
    MERGED = "merged"
    MARKED_SPAM = "marked as spam"
    ARCHIVED = "archived"


class Refusal(StrEnum):
    """Why an event may not move a ticket; shown to whoever asked."""

    NOT_RESOLVED = "nothing was resolved yet"
    ALREADY_CLOSED = "the ticket is closed"
    ALREADY_RESOLVED = "the ticket is resolved already"
    NOT_CLOSED = "only a closed ticket can be archived"
    NOT_ALLOWED = "this person may not do that"
    # Of what agents ask for beside the table.
    UNKNOWN_TICKET = "there is no such ticket"
    SAME_TICKET = "that is this ticket"
    OTHER_TEAM = "that ticket is another team's"
    OTHER_CUSTOMER = "that ticket is another customer's"
    OTHER_CLOSED = "that ticket is closed"
    NO_SECURITY_TEAM = "no team for security is configured"
    RESTRICTED = "that is for the security team only"
    NOBODY_TO_ASK = "there is nobody else to ask"
    NOT_A_CUSTOMER = "only customers can be blocked"
    NOTHING_TO_SPLIT = "the customer wrote only once"


S, E, A, R = Status, Event, Actor, Refusal

#: Who may cause each event.
MAY_CAUSE: Mapping[Event, frozenset[Actor]] = {
    E.ASSIGNED: frozenset({A.AGENT, A.CLOCK, A.RULE}),
    E.RETURNED: frozenset({A.AGENT, A.CLOCK, A.RULE}),
    E.AGENT_ANSWERED: frozenset({A.AGENT}),
    E.AGENT_ASKED: frozenset({A.AGENT}),
    E.AGENT_ASKED_VENDOR: frozenset({A.AGENT}),
    E.THIRD_PARTY_ANSWERED: frozenset({A.THIRD_PARTY}),
    E.RESOLVED: frozenset({A.AGENT}),
    E.CUSTOMER_WROTE: frozenset({A.CUSTOMER}),
    E.CUSTOMER_CONFIRMED: frozenset({A.CUSTOMER}),
    E.CUSTOMER_DENIED: frozenset({A.CUSTOMER}),
    E.CUSTOMER_THANKED: frozenset({A.CUSTOMER}),
    E.COPIED_WROTE: frozenset({A.COPIED}),
    E.ROBOT_WROTE: frozenset({A.ROBOT}),
    E.REMINDER_DUE: frozenset({A.CLOCK}),
    E.SILENCE: frozenset({A.CLOCK}),
    E.AGENT_CLOSED: frozenset({A.AGENT}),
    E.HANDED_OFF: frozenset({A.AGENT, A.RULE}),
    E.MERGED: frozenset({A.AGENT, A.RULE}),
    E.MARKED_SPAM: frozenset({A.AGENT, A.RULE}),
    E.ARCHIVED: frozenset({A.CLOCK}),
}

#: How the events that close a ticket end it.
ENDS_AS: Mapping[Event, Outcome] = {
    E.CUSTOMER_CONFIRMED: Outcome.CONFIRMED,
    E.SILENCE: Outcome.UNCONFIRMED,
    E.AGENT_CLOSED: Outcome.CLOSED_BY_AGENT,
    E.HANDED_OFF: Outcome.HANDED_OFF,
    E.MERGED: Outcome.MERGED,
    E.MARKED_SPAM: Outcome.SPAM,
}

_STAYS = {status: status for status in Status}


def _open(**exceptions: Status | Refusal) -> dict[Status, Status | Refusal]:
    """A row that leaves every status as it is, but for the exceptions (by the status's name)."""
    return {**_STAYS, **{Status[name]: cell for name, cell in exceptions.items()}}


def _everywhere(target: Status | Refusal, **exceptions: Status | Refusal) -> dict[Status, Status | Refusal]:
    """A row that leads to one cell from every status, but for the exceptions."""
    return {**dict.fromkeys(Status, target), **{Status[name]: cell for name, cell in exceptions.items()}}


#: The whole life. Rows are events, columns statuses; a test proves that no cell is missing.
TABLE: Mapping[Event, Mapping[Status, Status | Refusal]] = {
    # Taking a ticket that is being worked on changes its owner, not its status.
    E.ASSIGNED: _open(NEW=S.ASSIGNED, CLOSED=R.ALREADY_CLOSED),
    E.RETURNED: _open(ASSIGNED=S.NEW, IN_PROGRESS=S.NEW, REOPENED=S.NEW, CLOSED=R.ALREADY_CLOSED),
    # An answer stops the clock of an earlier resolution; after closing it is still sent, and opens nothing.
    E.AGENT_ANSWERED: _everywhere(S.IN_PROGRESS, CLOSED=S.CLOSED),
    E.AGENT_ASKED: _everywhere(S.WAITING_FOR_CUSTOMER, CLOSED=R.ALREADY_CLOSED),
    E.AGENT_ASKED_VENDOR: _everywhere(S.WAITING_FOR_THIRD_PARTY, CLOSED=R.ALREADY_CLOSED),
    E.THIRD_PARTY_ANSWERED: _open(WAITING_FOR_THIRD_PARTY=S.IN_PROGRESS),
    # Resolving again is a new solution and asks again.
    E.RESOLVED: _everywhere(S.RESOLVED, CLOSED=R.ALREADY_CLOSED),
    # A question or anything unclear never counts as a confirmation: it goes to the agent and opens what was shut.
    E.CUSTOMER_WROTE: _open(WAITING_FOR_CUSTOMER=S.IN_PROGRESS, RESOLVED=S.REOPENED, CLOSED=S.REOPENED),
    # Only a resolution can be confirmed; before that, kind words are words.
    E.CUSTOMER_CONFIRMED: _open(WAITING_FOR_CUSTOMER=S.IN_PROGRESS, RESOLVED=S.CLOSED),
    E.CUSTOMER_DENIED: _open(WAITING_FOR_CUSTOMER=S.IN_PROGRESS, RESOLVED=S.REOPENED, CLOSED=S.REOPENED),
    # "Thanks" confirms what was resolved and never opens anything.
    E.CUSTOMER_THANKED: _open(RESOLVED=S.CLOSED),
    # A person in copy is heard like the customer; confirming and closing is the customer's alone.
    E.COPIED_WROTE: _open(WAITING_FOR_CUSTOMER=S.IN_PROGRESS, RESOLVED=S.REOPENED, CLOSED=S.REOPENED),
    E.ROBOT_WROTE: _open(),
    E.REMINDER_DUE: _everywhere(R.NOT_RESOLVED, RESOLVED=S.RESOLVED),
    E.SILENCE: _everywhere(R.NOT_RESOLVED, RESOLVED=S.CLOSED),
    E.AGENT_CLOSED: _everywhere(S.CLOSED, CLOSED=R.ALREADY_CLOSED),
    E.HANDED_OFF: _everywhere(S.CLOSED, CLOSED=R.ALREADY_CLOSED),
    E.MERGED: _everywhere(S.CLOSED),
    E.MARKED_SPAM: _everywhere(S.CLOSED),
    E.ARCHIVED: _everywhere(R.NOT_CLOSED, CLOSED=S.CLOSED),
}


@dataclass(frozen=True, slots=True)
class Transition:
    """A move the table allows. `before == after` is a move too: it is recorded and changes nothing."""

    event: Event
    before: Status
    after: Status
    outcome: Outcome | None  # set exactly when this move closes the ticket

    @property
    def reopens(self) -> bool:
        return self.after is Status.REOPENED and self.before is not Status.REOPENED

    @property
    def closes(self) -> bool:
        return self.after is Status.CLOSED and self.before is not Status.CLOSED


def move(status: Status, event: Event, actor: Actor) -> Transition | Refusal:
    """What `event`, caused by `actor`, does to a ticket in `status`."""
    if actor not in MAY_CAUSE[event]:
        return Refusal.NOT_ALLOWED
    cell = TABLE[event][status]
    if isinstance(cell, Refusal):
        return cell
    closes = cell is Status.CLOSED and status is not Status.CLOSED
    outcome = ENDS_AS.get(event, Outcome.CONFIRMED) if closes else None
    return Transition(event, status, cell, outcome)


#: Statuses in which a ticket counts as work.
ACTIVE = frozenset(Status) - {Status.RESOLVED, Status.CLOSED}


def draw() -> str:
    """The table as a Mermaid state diagram: every move that changes the status."""
    lines = ["stateDiagram-v2", "    [*] --> New: first mail"]
    names = {status: "".join(part.capitalize() for part in status.name.split("_")) for status in Status}
    lines += [f"    {names[status]}: {status.value}" for status in Status if names[status] != status.value]
    for status in Status:
        targets: dict[Status, list[str]] = {}
        for event, row in TABLE.items():
            cell = row[status]
            if isinstance(cell, Status) and cell is not status:
                targets.setdefault(cell, []).append(event.value)
        lines += [f"    {names[status]} --> {names[target]}: {', '.join(why)}" for target, why in targets.items()]
    return "\n".join([*lines, "    Closed --> [*]: archived"]) + "\n"


def document() -> str:
    """The page `docs/lifecycle.md`: the diagram, and every cell of the table."""
    head = f"| event | may be caused by | {' | '.join(status.value for status in Status)} |"
    rule = f"|---|---|{'---|' * len(Status)}"
    rows = []
    for event, row in TABLE.items():
        cells = [_cell(status, row[status]) for status in Status]
        causes = ", ".join(sorted(actor.value for actor in MAY_CAUSE[event]))
        rows.append(f"| **{event.value}** | {causes} | {' | '.join(cells)} |")
    table = "\n".join([head, rule, *rows])
    return (
        "# The ticket's life\n\n"
        "Drawn from `mailproc/core/lifecycle.py` by `mailproc lifecycle --markdown`; a test keeps the two equal.\n"
        "Nothing else in mailproc sets a status. A dot means: recorded, the status stays. In italics: refused, and why.\n\n"
        f"```mermaid\n{draw()}```\n\n{table}\n"
    )


def _cell(status: Status, cell: Status | Refusal) -> str:
    if isinstance(cell, Refusal):
        return f"*{cell.value}*"
    return "·" if cell is status else cell.value
