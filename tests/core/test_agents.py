"""What an agent's mail does: the answer, the note, the commands; all of it or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from mailproc.core.effects import (
    AddMessage,
    DeadlineKind,
    GiveTo,
    HoldForAgent,
    Move,
    Reason,
    SendAnswer,
    SendConfirmation,
    SendHeld,
    SendHelp,
    SendReceipt,
    SendResolution,
    SendStatus,
    SetDeadline,
    TellAgents,
)
from mailproc.core.evidence import Evidence, Level
from mailproc.core.letters import Change, HeldBecause
from mailproc.core.lifecycle import Status
from mailproc.core.message import Attachment, Protection
from mailproc.core.policy import Trust
from mailproc.core.tokens import Capability
from tests.testlib.decisions import (
    ANNA,
    BEN,
    CLARA,
    NOW,
    POLICY,
    TICKET,
    after,
    at,
    decided,
    mail,
    of,
    token,
)

# --- agents -----------------------------------------------------------------------------------------


def test_an_answer_goes_out_with_a_receipt() -> None:
    decision = decided(ANNA, "Please restart it.")
    assert of(decision, SendAnswer)[0].text == "Please restart it."
    assert [done.change for done in of(decision, SendReceipt)[0].done] == [Change.SENT, Change.SENT]


def test_the_first_answer_takes_the_ticket() -> None:
    decision = decided(ANNA, "Please restart it.", ticket=replace(TICKET, status=Status.NEW, owner=""))
    assert of(decision, GiveTo)[0].agent == "anna"
    assert after(decision) is Status.IN_PROGRESS


def test_resolving_asks_and_sets_the_clock() -> None:
    decision = decided(ANNA, "#resolve driver\nInstall 4.2.")
    assert after(decision) is Status.RESOLVED
    assert of(decision, SendResolution)[0].text == "Install 4.2."
    assert [(d.kind, d.due_at - NOW) for d in of(decision, SetDeadline)] == [
        (DeadlineKind.REMINDER, timedelta(hours=24)),
        (DeadlineKind.CLOSING, timedelta(hours=48)),
    ]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("#wait customer\nWhich one?", Status.WAITING_FOR_CUSTOMER),
        ("#wait vendor", Status.WAITING_FOR_THIRD_PARTY),
        ("#close", Status.CLOSED),
        ("#resolve", Status.RESOLVED),
    ],
)
def test_commands_move_the_ticket(text: str, status: Status) -> None:
    assert after(decided(ANNA, text)) is status


def test_waiting_for_a_vendor_tells_the_customer() -> None:
    assert of(decided(ANNA, "#wait vendor"), SendStatus)
    assert not of(decided(ANNA, "#wait vendor\nWe asked them."), SendStatus)


@pytest.mark.parametrize("text", ["#note\nDo not tell him.", "#note do not tell him"])
@pytest.mark.row("A21")
def test_a_note_reaches_no_customer(text: str) -> None:
    decision = decided(ANNA, text, ticket=replace(TICKET, owner="ben"))
    assert not of(decision, SendAnswer)
    assert of(decision, AddMessage)[0].private
    assert of(decision, TellAgents)[0].agents == ("ben",)


def test_the_note_address_takes_everything_as_a_note() -> None:
    assert not of(decided(ANNA, "Do not tell him.", token=token(Capability.NOTE, ANNA)), SendAnswer)


@pytest.mark.parametrize(
    ("target", "agent", "team"),
    [
        ("me", "anna", "desk"),
        ("Me", "anna", "desk"),
        ("Ben", "ben", "desk"),
        ("second", "", "second"),
        ("Second line", "", "second"),
    ],
)
def test_assigning(target: str, agent: str, team: str) -> None:
    given = of(decided(ANNA, f"#assign {target}"), GiveTo)[0]
    assert (given.agent, given.team) == (agent, team)


@pytest.mark.parametrize("text", ["#resovle\nDone.", "#assign nobody", "#wait\nx\n", "#resolve\n#close\nDone."])
@pytest.mark.row("A6")
def test_what_is_not_understood_does_nothing_at_all(text: str) -> None:
    if text.startswith("#wait"):  # a bare #wait means the customer
        assert after(decided(ANNA, text)) is Status.WAITING_FOR_CUSTOMER
        return
    decision = decided(ANNA, text)
    assert [type(effect) for effect in decision.effects] == [AddMessage, HoldForAgent, SendHeld]
    assert of(decision, SendHeld)[0].because is HeldBecause.UNKNOWN_COMMAND


@pytest.mark.parametrize("address", ["x@acme..example", "support+abc@acme.example", "ben@acme.example", '"a@b.example'])
def test_nobody_is_accepted_whom_letters_would_not_reach(address: str) -> None:
    assert of(decided(ANNA, f"#accept {address}"), SendHeld)[0].because is HeldBecause.UNKNOWN_COMMAND


def test_a_mail_only_the_desk_could_open_is_no_answer() -> None:
    sealed = Attachment("smime.p7m", "application/pkcs7-mime", b"x")
    message = mail(ANNA, "", attachments=(sealed,), protection=Protection.SMIME)
    for text in ("", "#note", "See the file."):
        decision = decided(ANNA, text, message=message)
        assert [type(effect) for effect in decision.effects] == [AddMessage, SendHeld]
        assert of(decision, SendHeld)[0].because is HeldBecause.PROTECTED
        assert of(decision, AddMessage)[0].text == (text or "[smime.p7m]")


def test_what_is_impossible_is_refused_and_nothing_is_sent() -> None:
    decision = decided(ANNA, "#resolve\nDone.", ticket=at(Status.CLOSED))
    assert decision.reason is Reason.COMMAND_IMPOSSIBLE
    assert not of(decision, SendResolution)
    assert of(decision, SendReceipt)[0].done[0].change is Change.REFUSED


def test_what_was_attached_to_a_held_mail_is_told() -> None:
    message = mail(ANNA, "", attachments=(Attachment("plan.pdf", "application/pdf", b"x"),))
    assert of(decided(ANNA, "#resovle", message=message), SendHeld)[0].attachments == ("plan.pdf",)


def test_nothing_but_a_quote_is_held() -> None:
    assert of(decided(ANNA, ""), SendHeld)[0].because is HeldBecause.EMPTY


@pytest.mark.row("A6")
def test_a_forward_within_an_answer_is_held() -> None:
    assert of(decided(ANNA, "See below.", forwards=True), SendHeld)[0].because is HeldBecause.FORWARDED


def test_help_alone_is_help_alone() -> None:
    assert [type(effect) for effect in decided(ANNA, "#help").effects] == [SendHelp]


@pytest.mark.row("A1")
@pytest.mark.parametrize("level", [Level.NONE, Level.FAILED])
def test_an_agent_without_proof_is_held(level: Level) -> None:
    strict = replace(POLICY, trust=Trust.AUTHENTICATED)
    decision = decided(ANNA, "#resolve\nDone.", policy=strict, evidence=Evidence(level, "x"))
    assert [type(effect) for effect in decision.effects] == [AddMessage, HoldForAgent, SendConfirmation]
    assert of(decision, AddMessage)[0].private
    assert (
        after(decided(ANNA, "#resolve", policy=strict, evidence=Evidence(Level.AUTHENTICATED, "x"))) is Status.RESOLVED
    )


@pytest.mark.row("A3")
def test_an_agent_with_a_colleague_s_token_is_a_stranger() -> None:
    decision = decided(BEN, "#close", token=token(Capability.AGENT_REPLY, ANNA))
    assert decision.reason is Reason.STRANGER_WITH_TOKEN
    assert not of(decision, Move)


@pytest.mark.row("A3", "A7")
def test_a_customer_with_an_agent_s_token_stays_a_customer() -> None:
    decision = decided(CLARA, "#close", token=token(Capability.AGENT_REPLY, ANNA))
    assert decision.reason is Reason.WROTE
    assert of(decision, AddMessage)[0].text == "#close"
