"""Mail of somebody an agent wants to hear no more of."""

from __future__ import annotations

from mailproc.core.decide import NOBODY
from mailproc.core.effects import AddMessage, Decision, Kind, Outcome, Reason
from mailproc.core.facts import Facts, Role


def blocked(facts: Facts) -> Decision | None:
    """Recorded where it belongs, or on their last ticket; nobody is told, and nobody is answered."""
    if facts.sender is None or not facts.sender.blocked:
        return None
    ticket = facts.match.ticket
    if ticket is None or ticket.role_of(facts.sender.id) is Role.STRANGER:
        ticket = facts.floods
    if ticket is None:
        return Decision(Outcome.AUTOMATIC, Reason.BLOCKED, facts.sender.address)
    author = facts.message.author or NOBODY
    said = AddMessage(Kind.AUTOMATIC, True, author.address, author.name, facts.text)
    return Decision(Outcome.AUTOMATIC, Reason.BLOCKED, facts.sender.address, ticket.number, (said,))
