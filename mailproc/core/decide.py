"""What is done about a mail: the steps for everyone who is not an agent.

Each step takes the facts and returns a decision, or None when the mail is not its business. Their order is
`handling.pipeline.INBOUND_STEPS`, and it matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from mailproc.core import lifecycle, survey, verification
from mailproc.core.automatic import AutomaticKind
from mailproc.core.budgets import Author, comes_from_there
from mailproc.core.copied import copied
from mailproc.core.effects import (
    AddMessage,
    CancelDeadlines,
    Decision,
    Effect,
    Kind,
    Move,
    OpenTicket,
    Outcome,
    Rate,
    Reason,
    SendAcknowledgement,
    SendClosure,
    SendOversize,
    SendReopened,
    SendSurvey,
    TellAgents,
)
from mailproc.core.effects_delivery import MarkUndelivered, Suppress, Unsuppress
from mailproc.core.facts import Facts, MatchedBy, Role, TicketView
from mailproc.core.language import language_of
from mailproc.core.letters import News
from mailproc.core.lifecycle import Actor, Event, Status, Transition
from mailproc.core.lifecycle import Outcome as Ending
from mailproc.core.message import Address, ReportKind
from mailproc.core.policy import Policy
from mailproc.core.refusals import nobody_there
from mailproc.core.snooze import woken
from mailproc.core.tokens import Capability

#: Customer of a mail that names nobody. `.invalid` (RFC 2606, 2) can never be written to.
NOBODY = Address("unknown@sender.invalid")


def duplicate(facts: Facts) -> Decision | None:
    """The same bytes in the same mailbox again: a copy to an alias, or a folder that was rebuilt."""
    if facts.duplicate_of is None:
        return None
    return Decision(Outcome.DUPLICATE, Reason.SAME_MAIL_AGAIN, f"inbound {facts.duplicate_of}")


def robot(facts: Facts) -> Decision | None:
    """Automatic mail is recorded where it belongs and has no other effect; a failed answer is told to the owner."""
    found = facts.automatic
    if found is None or _person_behind_a_list(facts) or _person_behind_a_desk(facts):
        return None
    why = f"{found.kind}: {found.rule}"
    report, failed, ticket = facts.message.delivery_report, facts.failed_mail, facts.match.ticket
    if report is not None and report.kind is ReportKind.FAILED and failed is not None and ticket is not None:
        words = report.diagnostic or report.status
        effects: list[Effect] = [_said(facts, Kind.AUTOMATIC), MarkUndelivered(failed.outbox_id, words)]
        if nobody_there(f"{report.status} {words}"):
            effects.append(Suppress(failed.recipient, facts.now + facts.policy.suppress_for, words))
        if failed.human:
            told = TellAgents(audience(facts.policy, ticket), News.UNDELIVERED, detail=words, author=failed.recipient)
            effects.append(told)
        return Decision(Outcome.AUTOMATIC, Reason.UNDELIVERED, f"{why}; {words}", ticket.number, tuple(effects))
    if ticket is None:
        return Decision(Outcome.AUTOMATIC, Reason.ROBOT, why)
    return Decision(Outcome.AUTOMATIC, Reason.ROBOT, why, ticket.number, (_said(facts, Kind.AUTOMATIC),))


def reached(facts: Facts, decision: Decision) -> Decision:
    """The decision, and that its sender is there, whatever a report said: those can be forged, and accounts come back."""
    if facts.sender is None or not facts.sender.suppressed or facts.automatic or not facts.evidence.proven:
        return decision
    return replace(decision, effects=(*decision.effects, Unsuppress(facts.sender.address)))


def _person_behind_a_list(facts: Facts) -> bool:
    """A support address behind a list server brings every customer with list headers: they get a ticket, no letter."""
    found = facts.automatic
    if found is None or found.kind is not AutomaticKind.LIST:
        return False
    # A list may take the token out of the address; where its mail opens tickets, its answers are heard too.
    return facts.policy.list_mail_opens_tickets or facts.match.by is MatchedBy.TOKEN


_DESK_MARKS = frozenset({AutomaticKind.GENERATED, AutomaticKind.BULK})


def _person_behind_a_desk(facts: Facts) -> bool:
    """Third parties have help desks too, which mark their people's answers as made by a machine.

    Nothing of ours answers them, so hearing a robot for once costs agents a mail; what answers by itself stays unheard.
    """
    found, token, ticket = facts.automatic, facts.match.token, facts.match.ticket
    if found is None or found.kind not in _DESK_MARKS or ticket is None or facts.sender is None or facts.agent:
        return False
    beside = token is not None and token.capability is Capability.SIDE_REPLY
    return beside and ticket.role_of(facts.sender.id) is Role.STRANGER


def button(facts: Facts) -> Decision | None:
    """A mail to one of the addresses behind yes, no and the ratings, from the person it was made for."""
    token, ticket = facts.match.token, facts.match.ticket
    if token is None or ticket is None or facts.sender is None or token.person != facts.sender.id:
        return None
    if ticket.role_of(facts.sender.id) is not Role.CUSTOMER:
        return None
    if facts.oversize:
        return None  # a button's mail is tiny; of this one the words are unread, and may say anything
    if token.capability.rating is not None:
        rate = Rate(token.capability.rating, survey.comment_below(facts.own_words), token.round)
        return _rated(facts, facts.match.was or ticket, rate, Reason.RATING_BUTTON)
    if token.capability is Capability.YES:
        return _yes(facts, ticket, token.round if facts.match.was is None else _NO_ROUND)
    if token.capability is Capability.NO and not _too_late(facts, ticket):
        return customer_event(facts, ticket, Event.CUSTOMER_DENIED, Reason.NO_BUTTON, "")
    return None


_NO_ROUND = -1  # a yes to what was solved on a ticket that was merged since says nothing about the other


def _yes(facts: Facts, ticket: TicketView, round_: int) -> Decision | None:
    """A yes counts for the resolution it was asked about, unless the words written with it say otherwise."""
    verdict = verification.judge(facts.own_words, asked=True, attachments=len(facts.message.attachments))
    if verdict.answer in {verification.Answer.STILL_BROKEN, verification.Answer.QUESTION}:
        return None
    if ticket.status is not Status.RESOLVED or round_ != ticket.round:
        if verdict.answer is verification.Answer.UNCLEAR and (facts.own_words or facts.message.attachments):
            return None  # more than the button: it is for people to read
        return Decision(Outcome.ACTION, Reason.OLD_BUTTON, "", ticket.number, (_said(facts, Kind.CUSTOMER),))
    return customer_event(facts, ticket, Event.CUSTOMER_CONFIRMED, Reason.YES_BUTTON, "")


def rating(facts: Facts) -> Decision | None:
    """The customer of a closed ticket answers with nothing but a rating."""
    token = facts.match.token
    asked = token is not None and token.capability is Capability.SURVEY_REPLY
    ticket = (facts.match.was if asked else None) or facts.match.ticket
    if ticket is None or facts.sender is None or ticket.role_of(facts.sender.id) is not Role.CUSTOMER:
        return None
    if not (facts.theirs and (asked or _may_still_rate(facts, ticket))):
        return None
    read = survey.read_rating(facts.own_words)
    if read is None:
        return None
    round_ = token.round if token is not None and asked else ticket.round
    return _rated(facts, ticket, Rate(read.score, read.comment, round_), Reason.RATING_WORDS)


def _may_still_rate(facts: Facts, ticket: TicketView) -> bool:
    """Without a token of the survey, which expires by itself: as long as one would last."""
    if ticket.status is not Status.CLOSED or ticket.closed_at is None:
        return False
    return facts.now - ticket.closed_at <= facts.policy.survey_window


def _rated(facts: Facts, ticket: TicketView, rate: Rate, reason: Reason) -> Decision:
    rated = ticket.resolver(rate.round)
    agents = (rated,) if rated in facts.policy.agents else audience(facts.policy, ticket)
    told = _news(facts, agents, News.RATED, str(rate.score), rate.comment)
    return Decision(Outcome.ACTION, reason, str(rate.score), ticket.number, (_said(facts, Kind.CUSTOMER), rate, told))


def participant(facts: Facts) -> Decision | None:
    """The customer, or someone in copy, goes on with the conversation."""
    ticket = facts.match.ticket
    if ticket is None or facts.sender is None:
        return None
    role = ticket.role_of(facts.sender.id)
    if role is Role.STRANGER:
        return None
    if not facts.text and not facts.message.attachments and not facts.oversize:
        kind = Kind.CUSTOMER if role is Role.CUSTOMER else Kind.COPIED
        told = _news(facts, audience(facts.policy, ticket), _wrote(role))
        return Decision(Outcome.MESSAGE, Reason.EMPTY_REPLY, "", ticket.number, (_said(facts, kind), told))
    return _customer_wrote(facts, ticket) if role is Role.CUSTOMER else _copied_wrote(facts, ticket)


def _wrote(role: Role) -> News:
    return News.CUSTOMER_WROTE if role is Role.CUSTOMER else News.COPIED_WROTE


#: What a judged answer does. Whatever is not clearly a confirmation goes to a person.
_MEANT: Mapping[verification.Answer, tuple[Event, Reason]] = {
    verification.Answer.CONFIRMED: (Event.CUSTOMER_CONFIRMED, Reason.SAYS_SOLVED),
    verification.Answer.THANKS: (Event.CUSTOMER_THANKED, Reason.SAYS_THANKS),
    verification.Answer.STILL_BROKEN: (Event.CUSTOMER_DENIED, Reason.SAYS_BROKEN),
    verification.Answer.QUESTION: (Event.CUSTOMER_WROTE, Reason.WROTE),
    verification.Answer.UNCLEAR: (Event.CUSTOMER_WROTE, Reason.WROTE),
}
_ENDS = frozenset({Event.CUSTOMER_CONFIRMED, Event.CUSTOMER_THANKED})


def _customer_wrote(facts: Facts, ticket: TicketView) -> Decision | None:
    if ticket.status not in {Status.RESOLVED, Status.CLOSED}:
        return customer_event(facts, ticket, Event.CUSTOMER_WROTE, Reason.WROTE, "")
    asked = ticket.status is Status.RESOLVED
    verdict = verification.judge(facts.own_words, asked=asked, attachments=len(facts.message.attachments))
    event, reason = _MEANT[verdict.answer]
    if asked and event in _ENDS and not facts.theirs:
        event, reason = _MEANT[verification.Answer.UNCLEAR]
    if event in {Event.CUSTOMER_DENIED, Event.CUSTOMER_WROTE} and _too_late(facts, ticket):
        return None
    return customer_event(facts, ticket, event, reason, verdict.sentence)


def _copied_wrote(facts: Facts, ticket: TicketView) -> Decision | None:
    """Thanks from someone in copy are recorded; anything else is heard, as the customer's words would be."""
    if ticket.status in {Status.RESOLVED, Status.CLOSED}:
        verdict = verification.judge(facts.own_words, asked=ticket.status is Status.RESOLVED)
        if verdict.answer in {verification.Answer.THANKS, verification.Answer.CONFIRMED}:
            effects: list[Effect] = [_said(facts, Kind.COPIED)]
            if ticket.status is Status.RESOLVED:
                effects.append(_news(facts, audience(facts.policy, ticket), News.COPIED_WROTE, verdict.sentence))
            return Decision(Outcome.MESSAGE, Reason.COPIED_WROTE, verdict.sentence, ticket.number, tuple(effects))
        if _too_late(facts, ticket):
            return None
    return customer_event(facts, ticket, Event.COPIED_WROTE, Reason.COPIED_WROTE, "")


def customer_event(facts: Facts, ticket: TicketView, event: Event, reason: Reason, sentence: str) -> Decision:
    """What follows when the customer, or someone in copy, causes an event of the lifecycle."""
    copied = event is Event.COPIED_WROTE
    actor = Actor.COPIED if copied else Actor.CUSTOMER
    moved = lifecycle.move(ticket.status, event, actor)
    effects: list[Effect] = [_said(facts, Kind.COPIED if copied else Kind.CUSTOMER)]
    if isinstance(moved, Transition):
        effects.append(Move(moved, _name(facts), sentence))
        effects += _after_customer(facts, ticket, moved)
    effects += woken(ticket, _name(facts), event.value)
    if not copied and _tells_oversize(facts):
        effects.append(SendOversize(facts.author))
    news = _news_of(ticket, event, moved)
    if news is not None:
        effects.append(_news(facts, audience(facts.policy, ticket), news, sentence))
    outcome = Outcome.ACTION if reason in {Reason.YES_BUTTON, Reason.NO_BUTTON} else Outcome.MESSAGE
    return Decision(outcome, reason, sentence or facts.match.by, ticket.number, tuple(effects))


def _tells_oversize(facts: Facts) -> bool:
    return facts.oversize and facts.policy.tell_oversize and not _unacknowledged(facts)


def _after_customer(facts: Facts, ticket: TicketView, moved: Transition) -> list[Effect]:
    effects: list[Effect] = []
    if ticket.status is Status.RESOLVED and moved.after is not Status.RESOLVED:
        effects.append(CancelDeadlines(moved.event.value))
    if moved.closes:
        effects += closing_letters(facts.policy, facts.now, moved)
    elif moved.reopens and facts.may_be_answered and moved.event in {Event.CUSTOMER_DENIED, Event.CUSTOMER_WROTE}:
        effects.append(SendReopened())
    return effects


def closing_letters(policy: Policy, now: datetime, moved: Transition) -> list[Effect]:
    """The closure, and the survey where surveys are on."""
    closure = SendClosure(moved.outcome or Ending.CONFIRMED, now + policy.reopen_window)
    return [closure, SendSurvey()] if policy.survey else [closure]


def _news_of(ticket: TicketView, event: Event, moved: Transition | lifecycle.Refusal) -> News | None:
    reopens = isinstance(moved, Transition) and moved.reopens
    match event:
        case Event.CUSTOMER_THANKED:
            return News.CONFIRMED if ticket.status is Status.RESOLVED else None
        case Event.CUSTOMER_CONFIRMED:
            return News.CONFIRMED if ticket.status is not Status.CLOSED else None
        case Event.COPIED_WROTE:
            return News.COPIED_WROTE
        case _:
            return News.REOPENED if reopens else News.CUSTOMER_WROTE


def stranger(facts: Facts) -> Decision | None:
    """Someone with a valid token who takes no part: kept from everyone but the agents, who may accept them."""
    ticket = facts.match.ticket
    if ticket is None or facts.match.by not in {MatchedBy.TOKEN, MatchedBy.OUR_MESSAGE_ID}:
        return None
    if facts.sender is not None and ticket.role_of(facts.sender.id) is not Role.STRANGER:
        return None  # a participant whose answer comes too late
    effects = (_said(facts, Kind.STRANGER), _news(facts, audience(facts.policy, ticket), News.STRANGER))
    return Decision(Outcome.NOTE, Reason.STRANGER_WITH_TOKEN, facts.match.by, ticket.number, effects)


def new_ticket(facts: Facts) -> Decision:
    """Whatever nothing else claimed is a new matter. Its acknowledgement goes only to who may be answered."""
    message, mailbox, old = facts.message, facts.mailbox, facts.match.ticket
    mine = old is not None and facts.sender is not None and old.role_of(facts.sender.id) is not Role.STRANGER
    reason = Reason.NEW_TICKET if old is None else Reason.LATE_REPLY if mine else Reason.REFERENCE_OF_OTHERS
    known = facts.sender.language if facts.sender is not None else ""
    found = message.language or language_of(message, facts.text)
    language = found or known or mailbox.language
    answer_by = None if mailbox.first_answer is None else mailbox.calendar.add(facts.now, mailbox.first_answer)
    previous = old.number if old is not None and mine else None
    effects: list[Effect] = [
        OpenTicket(message.subject, language, copied(facts), previous, answer_by, facts.evidence.proven),
        _said(facts, Kind.CUSTOMER),
    ]
    unacknowledged = _unacknowledged(facts)
    if _tells_oversize(facts):
        effects.append(SendOversize(facts.author))
    elif not unacknowledged:
        effects.append(SendAcknowledgement(answer_by, facts.author))
    told = tuple(agent.name for agent in facts.policy.members(mailbox.team))
    effects.append(_news(facts, told, News.NEW, unacknowledged, facts.text or message.text))
    why = f"{facts.match.by}; not acknowledged: {unacknowledged}" if unacknowledged else facts.match.by
    return Decision(Outcome.MESSAGE, reason, why, None, tuple(effects))


def _unacknowledged(facts: Facts) -> str:
    """Why a mail gets no acknowledgement: an answer to a machine, who may not have sent it (RFC 3834); empty when it does."""
    author = facts.message.author
    if facts.unanswerable or not facts.may_be_answered or author is None:
        return facts.unanswerable or "nobody to answer"
    if facts.answers_machine:
        return "it answers an automatic letter of ours"
    if facts.author is Author.UNPROVEN and not comes_from_there(author.domain, facts.message.return_path):
        return f"nothing proves the sender, and its return path leads elsewhere ({facts.message.return_path})"
    return ""


def flood(facts: Facts) -> Decision | None:
    """One sender's many mails: onto their newest ticket, without a letter to them; its agents hear of it once an hour."""
    ticket = facts.floods
    if ticket is None:
        return None
    decision = customer_event(facts, ticket, Event.CUSTOMER_WROTE, Reason.FLOOD, "")
    kept = [effect for effect in decision.effects if not isinstance(effect, TellAgents | SendReopened | SendOversize)]
    told = _news(facts, audience(facts.policy, ticket), News.FLOOD)
    return replace(decision, effects=(*kept, told))


def audience(policy: Policy, ticket: TicketView) -> tuple[str, ...]:
    """Who is told of what happens on a ticket: its owner, or the whole team while nobody has it.

    Everyone where its team is configured no more: somebody must hear of it.
    """
    if ticket.owner in policy.agents and policy.sees(ticket.owner, ticket.restricted):
        return (ticket.owner,)
    if ticket.restricted and policy.routes.security_team in policy.teams:
        return tuple(agent.name for agent in policy.members(policy.routes.security_team))
    return tuple(agent.name for agent in policy.members(ticket.team)) or tuple(policy.agents)


def _too_late(facts: Facts, ticket: TicketView) -> bool:
    if ticket.status is not Status.CLOSED or ticket.closed_at is None:
        return False
    return facts.now - ticket.closed_at > facts.policy.reopen_window


def _said(facts: Facts, kind: Kind) -> AddMessage:
    private = kind in {Kind.STRANGER, Kind.AUTOMATIC, Kind.NOTE, Kind.HELD}
    author = facts.message.author or NOBODY
    return AddMessage(kind, private, author.address, author.name, facts.said)


def _news(facts: Facts, told: tuple[str, ...], news: News, detail: str = "", text: str | None = None) -> TellAgents:
    author = facts.message.author or NOBODY
    words = facts.text if text is None else text
    who, address = author.name or author.address, author.address
    cut = facts.cut and words == facts.text
    return TellAgents(
        told, news, words, facts.message.attachments, detail, who, address, facts.oversize, facts.message.protection,
        cut=cut, whole=facts.whole if cut else "", as_written=facts.message.as_written,
    )  # fmt: skip


def _name(facts: Facts) -> str:
    return (facts.message.author or NOBODY).address
