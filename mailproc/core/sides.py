"""What is done about a third party's mail: kept inside, told to who asked, and the ticket wakes."""

from __future__ import annotations

from mailproc.core import lifecycle
from mailproc.core.decide import NOBODY, audience
from mailproc.core.effects import AddMessage, Decision, Effect, Kind, Move, Outcome, Reason, TellAgents
from mailproc.core.effects_sides import HearThirdParty
from mailproc.core.facts import Facts, Role, SideView, TicketView
from mailproc.core.letters import News
from mailproc.core.lifecycle import Actor, Event, Transition
from mailproc.core.tokens import Capability


def third_party(facts: Facts) -> Decision | None:
    """A mail with the token of a side conversation. What a participant writes with it stays a participant's mail."""
    token, ticket, side = facts.match.token, facts.match.ticket, facts.side
    if token is None or ticket is None or token.capability is not Capability.SIDE_REPLY:
        return None
    if facts.sender is not None and ticket.role_of(facts.sender.id) is not Role.STRANGER:
        return None
    if side is None or side.ticket != token.ticket or facts.sender is None or facts.sender.id != side.person.id:
        return _somebody_else(facts, ticket, side)
    moved = lifecycle.move(ticket.status, Event.THIRD_PARTY_ANSWERED, Actor.THIRD_PARTY)
    effects: list[Effect] = [_said(facts, Kind.THIRD_PARTY, side), HearThirdParty(side.id)]
    if isinstance(moved, Transition):
        effects.append(Move(moved, side.person.address))
    effects.append(_told(facts, ticket, News.VENDOR_ANSWERED, side))
    return Decision(Outcome.MESSAGE, Reason.THIRD_PARTY_ANSWERED, facts.match.by, ticket.number, tuple(effects))


def _somebody_else(facts: Facts, ticket: TicketView, side: SideView | None) -> Decision:
    """Their colleague, or anybody they passed the mail on to: kept, told, and the ticket waits on."""
    effects = (_said(facts, Kind.STRANGER, side), _told(facts, ticket, News.SIDE_STRANGER, side))
    return Decision(Outcome.NOTE, Reason.STRANGER_WITH_TOKEN, facts.match.by, ticket.number, effects)


def _said(facts: Facts, kind: Kind, side: SideView | None) -> AddMessage:
    author = facts.message.author or NOBODY
    return AddMessage(kind, True, author.address, author.name, facts.text, side.id if side is not None else None)


def _told(facts: Facts, ticket: TicketView, news: News, side: SideView | None) -> TellAgents:
    author, asked = facts.message.author or NOBODY, side.person if side is not None else None
    return TellAgents(
        audience(facts.policy, ticket),
        news,
        facts.text,
        facts.message.attachments,
        detail=asked.address if asked is not None else "",
        author=author.name or author.address,
        author_address=author.address,
        oversize=facts.oversize,
        protection=facts.message.protection,
        side=side if news is News.VENDOR_ANSWERED else None,
        cut=facts.cut,
        whole=facts.whole,
        as_written=facts.message.as_written,
    )
