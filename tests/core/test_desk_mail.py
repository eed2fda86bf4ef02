"""An agent's mail to their own address: shown, carried out in bulk, or nothing at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mailproc.core import queries
from mailproc.core.agents.sight import may_see
from mailproc.core.digest import Digest
from mailproc.core.effects import (
    AddMessage,
    Decision,
    GiveTo,
    Kind,
    Move,
    OpenTicket,
    Outcome,
    Reason,
    SendAnswer,
    SendDigest,
    SendReceipt,
    TellAgents,
)
from mailproc.core.evidence import Evidence, Level
from mailproc.core.facts import Asked, Facts, Match, MatchedBy, Person
from mailproc.core.letters import Change, Done, TicketFacts
from mailproc.core.lifecycle import Status
from mailproc.core.message import Attachment
from mailproc.core.policy import Trust
from mailproc.core.tokens import Capability, Token
from mailproc.handling.pipeline import run
from tests.testlib.decisions import ANNA, BEN, CLARA, NOW, POLICY, TICKET, facts, of

BLANK = Digest(TicketFacts("Acme Support", "Acme", 0, ""), NOW)
LISTED = (7, 8, 9)
TICKETS = {number: replace(TICKET, number=number, subject=f"Matter {number}") for number in LISTED}


def own_address(agent: Person, text: str, **other: Any) -> Facts:
    """A mail of `agent` to the address behind the token of their list."""
    holder = other.pop("holder", agent)
    seen = other.pop("tickets", TICKETS)
    token = Token(Capability.COMMAND, 0, holder.id, 1, NOW.date())
    whole = facts(agent, text, ticket=None, **other)
    asked = Asked(queries.read(text, LISTED), BLANK, seen)
    return replace(whole, match=Match(MatchedBy.TOKEN, None, token), asked=asked if whole.agent else None)


def decided(agent: Person, text: str, **other: Any) -> Decision:
    return run(own_address(agent, text, **other)).decision


def letter(decision: Decision) -> Digest:
    (sent,) = decision.effects
    assert isinstance(sent, SendDigest)
    return sent.digest


def test_a_question_is_answered_and_touches_no_ticket() -> None:
    decision = decided(ANNA, "list")
    assert (decision.outcome, decision.reason, decision.ticket) == (Outcome.COMMAND, Reason.AGENT_QUERIED, None)
    assert letter(decision) == BLANK
    assert decision.more == ()


def test_each_ticket_is_acted_on_as_by_a_mail_of_its_own() -> None:
    decision = decided(ANNA, "1 done; 2 assign ben; 3 note call her")
    assert [each.ticket for each in decision.more] == [7, 8, 9]
    resolved, given, noted = decision.more
    assert [move.transition.after for move in of(resolved, Move)] == [Status.RESOLVED]
    assert [(give.agent, give.team) for give in of(given, GiveTo)] == [("ben", "desk")]
    assert [(said.kind, said.private, said.text) for said in of(noted, AddMessage)] == [(Kind.NOTE, True, "call her")]
    assert [told.agents for told in of(given, TellAgents)] == [("ben",)]
    assert not [effect for each in decision.more for effect in each.effects if isinstance(effect, SendReceipt)]


def test_one_receipt_names_each_line_and_what_became_of_it() -> None:
    acted = letter(decided(ANNA, "3 close; 1 done")).acted
    assert [(each.place, each.ticket, each.subject) for each in acted] == [(3, 9, "Matter 9"), (1, 7, "Matter 7")]
    assert Done(Change.STATUS, "Closed") in acted[0].done
    assert Done(Change.STATUS, "Resolved") in acted[1].done


def test_several_commands_for_a_ticket_are_one_decision() -> None:
    (only,) = decided(ANNA, "1 assign ben; 1 close").more
    assert [give.agent for give in of(only, GiveTo)] == ["ben"]
    assert [move.transition.after for move in of(only, Move)][-1] is Status.CLOSED


@pytest.mark.parametrize(
    "text",
    ["1 done\n2 doen", "1 done; 9 take", "1 done\nThanks, Anna", "1 assign nobody-here; 2 done", "1 done; 1 close"],
)
def test_a_line_that_is_not_understood_stops_all(text: str) -> None:
    decision = decided(ANNA, text)
    assert decision.reason is Reason.COMMAND_NOT_UNDERSTOOD
    assert decision.more == ()
    told = letter(decision)
    assert len(told.bad) == 1
    assert (told.acted, told.lists) == ((), ())


def test_what_is_not_possible_for_one_ticket_is_told_and_done_for_the_others() -> None:
    closed = {**TICKETS, 7: replace(TICKETS[7], status=Status.CLOSED, closed_at=NOW)}
    decision = decided(ANNA, "1,2 done", tickets=closed)
    refused, done = letter(decision).acted
    assert [each.change for each in refused.done] == [Change.REFUSED]
    assert Done(Change.STATUS, "Resolved") in done.done
    assert [each.ticket for each in decision.more] == [8]


def test_a_ticket_that_is_not_theirs_any_more_is_left_alone() -> None:
    decision = decided(ANNA, "1,2 close", tickets={8: TICKETS[8]})
    gone, closed = letter(decision).acted
    assert gone.done == (Done(Change.NOT_YOURS),)
    assert gone.subject == ""
    assert [each.ticket for each in decision.more] == [8]
    assert Done(Change.STATUS, "Closed") in closed.done


def test_what_is_attached_goes_to_nobody() -> None:
    attached = Attachment("plan.pdf", "application/pdf", b"pdf")
    given = own_address(ANNA, "1 close; 2 done")
    decision = run(replace(given, message=replace(given.message, attachments=(attached,)))).decision
    assert len(decision.more) == 2
    assert not [answer for each in decision.more for answer in of(each, SendAnswer)]
    assert "plan.pdf" not in repr(decision)


def test_a_customer_who_holds_an_agents_address_opens_a_ticket_and_moves_none() -> None:
    decision = decided(CLARA, "1 close", holder=ANNA)
    assert of(decision, OpenTicket)
    assert decision.more == ()


def test_a_colleague_can_use_nobody_elses_address() -> None:
    decision = decided(BEN, "1 close", holder=ANNA)
    assert decision.outcome is not Outcome.COMMAND
    assert decision.more == ()


def test_nothing_is_shown_or_done_where_nothing_proves_the_agent() -> None:
    strict = replace(POLICY, trust=Trust.AUTHENTICATED)
    decision = decided(ANNA, "1 close; list", policy=strict)
    assert decision.reason is Reason.AGENT_NOT_PROVEN
    assert decision.more == ()
    (sent,) = of(decision, SendDigest)
    assert sent.once == "unproven20261121"
    assert sent.digest == replace(BLANK, unproven="nothing is trusted")


def test_without_a_token_and_without_proof_a_mail_is_a_customers() -> None:
    asked = Asked(queries.read("list"), BLANK, {})
    decision = run(facts(ANNA, "list", ticket=None, asked=asked)).decision  # tokens are trusted here, and there is none
    assert of(decision, OpenTicket)


def test_a_proven_agents_question_to_the_desk_opens_no_ticket() -> None:
    asked = Asked(queries.read("list"), BLANK, {})
    proof = Evidence(Level.AUTHENTICATED, "dmarc=pass")
    decision = run(facts(ANNA, "list", ticket=None, asked=asked, evidence=proof)).decision
    assert decision.outcome is Outcome.COMMAND
    assert not of(decision, OpenTicket)


def test_agents_see_their_teams_tickets_and_their_own_and_what_is_restricted_only_as_its_team() -> None:
    policy = replace(POLICY, routes=replace(POLICY.routes, security_team="second"))
    anna, second = policy.agents["anna"], replace(TICKET, team="second", owner="")
    assert may_see(policy, anna, TICKET)
    assert not may_see(policy, anna, second)
    assert may_see(policy, anna, replace(second, owner="anna"))
    assert not may_see(policy, anna, replace(second, owner="anna", restricted=True))
    assert not may_see(policy, anna, replace(TICKET, restricted=True))
    assert may_see(policy, policy.agents["ben"], replace(second, restricted=True))
