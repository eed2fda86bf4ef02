"""What agents set by mail: away and back, muted tickets, the daily list, quiet receipts; and who hears of what."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from mailproc.core.agents.personal import clock
from mailproc.core.automatic import Automatic, AutomaticKind
from mailproc.core.effects import (
    AddMessage,
    Decision,
    GiveTo,
    Move,
    Outcome,
    Reason,
    SendAnswer,
    SendDigest,
    SendHeld,
    SendReceipt,
    TellAgents,
)
from mailproc.core.effects_agents import MuteTicket, SendHistory, SetState, State
from mailproc.core.facts import Named, Standing, TicketView
from mailproc.core.letters import Change, Done, News
from mailproc.core.lifecycle import Refusal
from mailproc.core.policy import Trust
from mailproc.core.staff import AwayBy, Staff, hears_receipt, who_hears
from mailproc.core.tokens import Capability
from tests.core.test_desk_mail import decided as to_own_address
from tests.core.test_desk_mail import letter
from tests.testlib.decisions import ANNA, BEN, CLARA, NOW, POLICY, TICKET, decided, of, token

AWAY = Standing(away_since=NOW - timedelta(days=1), away_by=AwayBy.COMMAND)
OTHER = replace(TICKET, number=12)
NOTED = replace(AWAY, away_by=AwayBy.NOTE)


def state(decision: Decision) -> dict[State, Any]:
    return {name: value for each in of(decision, SetState) for name, value in each.changes}


@pytest.mark.parametrize("line", ["#away until monday 9:00", "#abwesend bis montag 9:00", "#vacation monday 9:00"])
def test_away_until_a_moment_says_until_when_and_sends_nothing(line: str) -> None:
    decision = decided(ANNA, line)
    until = NOW.replace(day=23, hour=9)
    assert state(decision) == {State.AWAY_SINCE: NOW, State.AWAY_UNTIL: until, State.AWAY_BY: "command"}
    assert [receipt.done for receipt in of(decision, SendReceipt)] == [(Done(Change.AWAY, "", until),)]
    assert not of(decision, SendAnswer)
    assert not of(decision, GiveTo)


@pytest.mark.parametrize(
    ("line", "changes", "told"),
    [
        ("#back", {State.AWAY_SINCE: None, State.AWAY_UNTIL: None, State.AWAY_BY: ""}, Done(Change.BACK)),
        ("#only mine", {State.ONLY_MINE: True}, Done(Change.ONLY_MINE)),
        ("#nur alle", {State.ONLY_MINE: False}, Done(Change.TOLD_ALL)),
        ("#quiet", {State.QUIET: True}, Done(Change.QUIET)),
        ("#leise aus", {State.QUIET: False}, Done(Change.NOT_QUIET)),
        ("#digest 17:30", {State.DIGEST_AT: "17:30"}, Done(Change.DIGEST_AT, "17:30")),
        ("#digest 8", {State.DIGEST_AT: "08:00", State.DIGEST_SENT_AT: NOW}, Done(Change.DIGEST_AT, "08:00")),
        ("#digest off", {State.DIGEST_AT: ""}, Done(Change.NO_DIGEST)),
    ],
)
def test_each_setting_is_kept_and_told(line: str, changes: dict[State, Any], told: Done) -> None:
    by_answer, by_address = decided(ANNA, line), to_own_address(ANNA, line)
    assert state(by_answer) == state(by_address) == changes
    assert of(by_answer, SendReceipt)[0].done == of(by_address, SendDigest)[0].digest.settings == (told,)


def test_a_ticket_is_muted_at_hand_or_by_number() -> None:
    assert of(decided(ANNA, "#mute"), MuteTicket) == [MuteTicket("anna", 7, muted=True)]
    by_answer = decided(ANNA, "#mute 12", named=Named(tickets={12: OTHER}))
    assert of(by_answer, MuteTicket) == [MuteTicket("anna", 12, muted=True)]
    by_address = to_own_address(ANNA, "unmute #12", tickets={12: OTHER})
    assert of(by_address, MuteTicket) == [MuteTicket("anna", 12, muted=False)]


@pytest.mark.parametrize("known", [{}, {12: replace(OTHER, restricted=True)}])
def test_a_ticket_that_there_is_not_is_not_muted(known: dict[int, TicketView]) -> None:
    told = Done(Change.REFUSED, Refusal.UNKNOWN_TICKET.value)
    policy = replace(POLICY, routes=replace(POLICY.routes, security_team="second"))  # Anna is not in it
    by_answer = decided(ANNA, "#mute 12\n#priority 2", named=Named(tickets=known), policy=policy)
    assert of(by_answer, SendReceipt)[0].done == (told,)
    assert len(by_answer.effects) == 2  # that, and what was said in vain
    by_address = to_own_address(ANNA, "mute 12; quiet", tickets=known, policy=policy)
    assert not of(by_address, MuteTicket)
    assert of(by_address, SendDigest)[0].digest.settings == (told, Done(Change.QUIET))


@pytest.mark.parametrize(
    "line", ["#away until the cows come home", "#digest noonish", "#digest 25:00", "#away yesterday"]
)
def test_a_moment_that_is_none_stops_the_mail(line: str) -> None:
    assert [each.lines[0].line for each in of(decided(ANNA, line), SendHeld)] == [line]
    told = letter(to_own_address(ANNA, f"{line}\nlist"))
    assert [each.line for each in told.bad] == [line]


@pytest.mark.parametrize("line", ["#away", "#back", "#quiet", "#mute"])
def test_customers_set_nothing(line: str) -> None:
    decision = decided(CLARA, line)
    assert not of(decision, SetState)
    assert not of(decision, MuteTicket)


@pytest.mark.parametrize(
    ("written", "read"),
    [("8", time(8)), ("8:05", time(8, 5)), ("08.30 Uhr", time(8, 30)), ("5pm", time(17)), ("12am", time(0)),
     ("24:00", None), ("13pm", None), ("8:60", None), ("soon", None)],
)  # fmt: skip
def test_times_of_day_are_read_as_people_write_them(written: str, read: time | None) -> None:
    assert clock(written) == read


class TestWhoHears:
    def heard(
        self, told: tuple[str, ...], staff: Staff, news: News = News.CUSTOMER_WROTE, **ticket: Any
    ) -> tuple[str, ...]:
        return who_hears(told, news, replace(TICKET, **ticket), staff, POLICY, NOW)

    def test_without_settings_everyone_who_would(self) -> None:
        assert self.heard(("anna", "ben"), Staff(), owner="") == ("anna", "ben")

    @pytest.mark.parametrize("standing", [AWAY, NOTED, Standing(only_mine=True)])
    def test_of_a_ticket_nobody_has_not_those_who_are_away_or_want_their_own(self, standing: Standing) -> None:
        assert self.heard(("anna", "ben"), Staff({"anna": standing}), News.NEW, owner="") == ("ben",)

    def test_never_nobody(self) -> None:
        staff = Staff({"anna": AWAY, "ben": Standing(only_mine=True)})
        assert self.heard(("anna", "ben"), staff, News.NEW, owner="") == ("anna", "ben")
        assert self.heard(("anna",), Staff(muted=frozenset({"anna"}))) == ("anna",)

    def test_of_a_muted_ticket_the_others(self) -> None:
        assert self.heard(("anna", "ben"), Staff(muted=frozenset({"anna"})), News.NOTE) == ("ben",)

    @pytest.mark.parametrize("news", [News.ASSIGNED, News.ASKED])
    def test_what_was_made_for_them_reaches_them(self, news: News) -> None:
        staff = Staff({"ben": AWAY}, frozenset({"ben"}))
        assert self.heard(("ben", "anna"), staff, news, owner="") == ("ben", "anna")

    def test_the_team_of_an_owner_who_is_away_too(self) -> None:
        assert self.heard(("anna",), Staff({"anna": AWAY})) == ("anna", "ben")
        over = replace(AWAY, away_until=NOW)
        assert self.heard(("anna",), Staff({"anna": over})) == ("anna",)

    def test_their_own_with_only_mine(self) -> None:
        assert self.heard(("anna",), Staff({"anna": Standing(only_mine=True)})) == ("anna",)


def test_quiet_receipts_come_on_trouble_and_settings_alone() -> None:
    quiet = Standing(quiet=True)
    assert not hears_receipt(quiet, (Done(Change.SENT, "clara@x.example"), Done(Change.STATUS, "Resolved")))
    assert hears_receipt(quiet, (Done(Change.REFUSED, "x"),))
    assert hears_receipt(quiet, (Done(Change.SENT, "x"), Done(Change.DOUBTFUL, "x")))
    assert hears_receipt(quiet, (Done(Change.MUTED, "7"),))
    assert hears_receipt(Standing(), (Done(Change.SENT, "x"),))


@pytest.mark.parametrize(
    "change",
    [Change.NOT_REACHED, Change.LEFT_OUT, Change.NOT_SHARED, Change.UNCONFIRMED, Change.IS_AWAY, Change.NOTHING],
)
def test_what_did_not_go_as_meant_or_waits_for_them_is_trouble(change: Change) -> None:
    assert hears_receipt(Standing(quiet=True), (Done(Change.SENT, "x"), Done(change, "y")))


NOTE = Automatic(AutomaticKind.OUT_OF_OFFICE, "subject", "Out of office")
REPLY = Automatic(AutomaticKind.AUTO_REPLY, "auto-submitted", "auto-replied")


class TestAbsenceNotes:
    def test_marks_away_tells_them_once_and_nobody_else(self) -> None:
        decision = decided(ANNA, "I am away until Monday 9:00. Regards, Anna", automatic=NOTE)
        until = NOW.replace(day=23, hour=9)
        assert (decision.outcome, decision.reason) == (Outcome.AUTOMATIC, Reason.AGENT_AWAY)
        assert state(decision) == {State.AWAY_SINCE: NOW, State.AWAY_UNTIL: until, State.AWAY_BY: "note"}
        assert [sent.digest.settings for sent in of(decision, SendDigest)] == [(Done(Change.AWAY, "", until),)]
        assert [said.private for said in of(decision, AddMessage)] == [True]
        assert not [each for each in decision.effects if isinstance(each, TellAgents | SendAnswer | Move | GiveTo)]

    def test_one_who_is_away_already_is_told_nothing_more(self) -> None:
        decision = decided(ANNA, "I am away.", automatic=NOTE, standing=AWAY)
        assert decision.reason is Reason.ROBOT
        assert not of(decision, SetState)
        assert not of(decision, SendDigest)

    @pytest.mark.parametrize(
        ("words", "day"),
        [
            ("I will be out of the office until 24 December and have no access to mail.", (12, 24)),
            ("Ich bin bis zum 24.12. nicht im Büro.", (12, 24)),
            ("Back on Monday.", (11, 23)), ("I'll be back on Thursday, 26 November.", (11, 26)),
            ("I return to the office on 2026-12-01", (12, 1)), ("Ich bin ab dem 1. Dezember wieder da.", (12, 1)),
            ("wieder im Büro ab 30.11.", (11, 30)), ("Ich bin am 30.11. nicht da", None), ("I am on vacation.", None),
            ("Ab heute bin ich im Urlaub und ab dem 7. Dezember wieder da.", (12, 7)), ("Ab 7.12. bin ich im Urlaub.", None),
            ("Ab 1.12. nicht erreichbar, zurück am 7.12.", (12, 7)), ("Ab 7.12. bin ich zurück.", (12, 7)),
            ("Until further notice I am away, call 555-0100.", None),
        ],
    )  # fmt: skip
    def test_dates_are_read_where_they_stand(self, words: str, day: tuple[int, int] | None) -> None:
        until = state(decided(ANNA, words, automatic=NOTE))[State.AWAY_UNTIL]
        assert (until and (until.month, until.day)) == day

    def test_an_automatic_reply_counts_where_it_says_so(self) -> None:
        assert decided(ANNA, "I am out of office.", automatic=REPLY).reason is Reason.AGENT_AWAY
        assert decided(ANNA, "We have received your mail.", automatic=REPLY).reason is Reason.ROBOT

    def test_marks_nobody_away_but_a_proven_agent_with_a_token_of_theirs(self) -> None:
        theirs = token(Capability.AGENT_REPLY, ANNA)
        strict = replace(POLICY, trust=Trust.AUTHENTICATED)
        for decision in (
            decided(CLARA, "I am away.", automatic=NOTE),
            decided(CLARA, "I am away.", automatic=NOTE, token=theirs),
            decided(BEN, "I am away.", automatic=NOTE, token=theirs),
            decided(ANNA, "I am away.", automatic=NOTE, policy=strict),
        ):
            assert decision.reason is Reason.ROBOT
            assert not of(decision, SetState)

    @pytest.mark.parametrize("words", ["Please try it again.", "#note she called", "#resolve"])
    def test_writing_ends_what_the_mail_client_began(self, words: str) -> None:
        decision = decided(ANNA, words, standing=NOTED)
        assert state(decision)[State.AWAY_SINCE] is None
        assert Done(Change.BACK) in of(decision, SendReceipt)[0].done
        assert Done(Change.BACK) in letter_settings(to_own_address(ANNA, "list", standing=NOTED))

    def test_writing_does_not_end_what_they_said_themselves(self) -> None:
        assert not of(decided(ANNA, "Please try it again.", standing=AWAY), SetState)

    def test_saying_away_now_is_not_ended_by_the_mail_that_says_it(self) -> None:
        assert state(decided(ANNA, "#away", standing=NOTED))[State.AWAY_BY] == "command"


def letter_settings(decision: Decision) -> tuple[Done, ...]:
    settings: tuple[Done, ...] = of(decision, SendDigest)[0].digest.settings
    return settings


def test_history_is_shown_to_whoever_asks_and_to_nobody_else() -> None:
    decision = decided(ANNA, "#verlauf")
    assert decision.effects == (SendHistory("anna"),)
    assert not of(decided(CLARA, "#history"), SendHistory)
