"""Side conversations: who gets an agent's words, and what a third party's mail does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mailproc.core.automatic import Automatic, AutomaticKind
from mailproc.core.effects import (
    AddMessage,
    AddParticipant,
    Decision,
    GiveTo,
    HoldForAgent,
    Kind,
    Outcome,
    Reason,
    SendAnswer,
    SendHeld,
    SendReceipt,
    SendResolution,
    SendStatus,
    TellAgents,
)
from mailproc.core.effects_sides import AnswerThirdParty, AskThirdParty, HearThirdParty
from mailproc.core.facts import MatchedBy, Person, SideView
from mailproc.core.letters import Change, HeldBecause, News
from mailproc.core.lifecycle import Status
from mailproc.core.message import Attachment
from mailproc.core.policy import Trust
from mailproc.core.tokens import Capability
from tests.testlib.decisions import (
    ANNA,
    CHIEF,
    CLARA,
    MALLORY,
    POLICY,
    TICKET,
    after,
    at,
    decided,
    mail,
    of,
    token,
)

VICTOR = Person(21, "victor@vendor.example", "Victor")
SIDE = SideView(5, TICKET.number, VICTOR, "anna", ("<ours@acme.example>",))
DEVELOPED = replace(POLICY, development="dev@engineering.example")


def asks(decision: Decision) -> list[str]:
    return [effect.address.address for effect in of(decision, AskThirdParty)]


def answers(text: str, **other: Any) -> Decision:
    """Anna's reply to what Victor wrote."""
    return decided(ANNA, text, token=token(Capability.SIDE_ANSWER, ANNA, SIDE.id), side=SIDE, **other)


def writes(sender: Person, text: str, **other: Any) -> Decision:
    """Somebody's mail with the token that Victor got."""
    other = {"side": SIDE, "token": token(Capability.SIDE_REPLY, VICTOR, SIDE.id), **other}
    return decided(sender, text, **other)


def bad_lines(decision: Decision) -> list[str]:
    return [line.line for held in of(decision, SendHeld) for line in held.lines]


# --- asking ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ticket", [TICKET, replace(TICKET, status=Status.NEW, owner=""), at(Status.RESOLVED)])
def test_asking_writes_to_them_alone_and_the_customer_hears_that_we_wait(ticket: Any) -> None:
    decision = decided(ANNA, "#ask victor@vendor.example\nDoes 4.2 print?", ticket=ticket)
    assert asks(decision) == ["victor@vendor.example"]
    assert of(decision, AskThirdParty)[0].text == "Does 4.2 print?"
    assert not of(decision, SendAnswer)
    assert not of(decision, AddMessage)  # the record writes it, into the side conversation
    assert of(decision, SendStatus)
    assert after(decision) is Status.WAITING_FOR_THIRD_PARTY
    assert decision.reason is Reason.AGENT_ASKED
    changes = {done.change for done in of(decision, SendReceipt)[0].done}
    assert {Change.ASKED_OUTSIDE, Change.TOLD, Change.STATUS} <= changes


def test_the_customer_hears_it_once_for_each_wait() -> None:
    assert not of(decided(ANNA, "#ask v@w.example\nAnd you?", ticket=at(Status.WAITING_FOR_THIRD_PARTY)), SendStatus)


def test_who_asks_takes_what_nobody_has() -> None:
    assert of(decided(ANNA, "#ask v@w.example\nWell?", ticket=replace(TICKET, owner="")), GiveTo)[0].agent == "anna"


def test_several_are_asked_each_in_a_conversation_of_their_own() -> None:
    assert asks(decided(ANNA, "#ask a@v.example, b@w.example a@v.example\nWell?")) == ["a@v.example", "b@w.example"]


@pytest.mark.parametrize("line", ["#ask engineering", "#ask development", "#ask Entwicklung", "#bug"])
def test_the_developers_are_asked_at_their_address(line: str) -> None:
    decision = decided(ANNA, f"{line}\nIt leaks.", policy=DEVELOPED)
    assert asks(decision) == ["dev@engineering.example"]
    assert of(decision, AskThirdParty)[0].bug is (line == "#bug")
    refused = decided(ANNA, f"{line}\nIt leaks.")
    assert of(refused, SendHeld)[0].because is HeldBecause.NO_DEVELOPERS
    assert not asks(refused)


def test_files_go_along() -> None:
    log = Attachment("printer.log", "text/plain", b"E-42")
    decision = decided(
        ANNA, "#ask v@w.example\nLook.", message=mail(ANNA, "#ask v@w.example\nLook.", attachments=(log,))
    )
    assert of(decision, AskThirdParty)[0].attachments == (log,)
    assert not of(decision, SendAnswer)


@pytest.mark.parametrize(
    "text",
    [
        "#ask clara@x.example\nWell?",  # the customer
        "#ask Chief@X.example\nWell?",  # in copy
        "#ask ben@acme.example\nWell?",  # a colleague
        "#ask support+x@acme.example\nWell?",  # ourselves
        "#ask a@v.example\n#ask b@w.example\nWell?",
        "#ask a@v.example b@v.example c@v.example d@v.example e@v.example f@v.example\nWell?",
        "#note\n#ask v@w.example\nWell?",
        "#ask v@w.example\n#resolve\nWell?",
        "#ask v@w.example\n#wait customer\nWell?",
        "#ask v@w.example\n#close\nWell?",
        "#ask v@w.example\n#share\nWell?",
        "#ask somebody\nWell?",
    ],
)
def test_where_it_is_not_clear_whom_the_words_are_for_nothing_is_done(text: str) -> None:
    decision = decided(ANNA, text, shareable="4.2 prints.")
    assert bad_lines(decision)
    assert not of(decision, AskThirdParty)
    assert not of(decision, SendAnswer)


def test_asking_without_words_asks_nothing() -> None:
    assert of(decided(ANNA, "#ask v@w.example"), SendHeld)[0].because is HeldBecause.EMPTY


def test_a_note_s_address_asks_nobody_outside() -> None:
    decision = decided(ANNA, "#ask v@w.example\nWell?", token=token(Capability.NOTE, ANNA))
    assert bad_lines(decision)
    assert not asks(decision)


@pytest.mark.row("A3")
@pytest.mark.parametrize("sender", [CLARA, CHIEF, MALLORY])
def test_nobody_but_an_agent_asks_or_shares(sender: Person) -> None:
    for text in ("#ask v@w.example\nWell?", "#share", "#bug\nWell?"):
        decision = decided(sender, text, shareable="secret", policy=DEVELOPED)
        assert not of(decision, AskThirdParty)
        assert not of(decision, SendAnswer)


def test_with_wait_for_vendor_it_is_one_wait() -> None:
    decision = decided(ANNA, "#wait vendor\n#ask v@w.example\nWell?")
    assert asks(decision) == ["v@w.example"]
    assert len(of(decision, SendStatus)) == 1


# --- their answer ----------------------------------------------------------------------------------


def test_an_answer_is_kept_inside_wakes_the_ticket_and_tells_the_owner() -> None:
    decision = writes(VICTOR, "4.2 prints.", ticket=at(Status.WAITING_FOR_THIRD_PARTY))
    said = of(decision, AddMessage)[0]
    assert (said.kind, said.private, said.side) == (Kind.THIRD_PARTY, True, SIDE.id)
    assert of(decision, HearThirdParty)[0].side == SIDE.id
    assert after(decision) is Status.IN_PROGRESS
    told = of(decision, TellAgents)[0]
    assert (told.news, told.agents, told.side) == (News.VENDOR_ANSWERED, ("anna",), SIDE)
    assert decision.outcome is Outcome.MESSAGE
    assert not of(decision, SendAnswer)


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("text", ["Thanks.", "#resolve", "#close\nIt is solved.", "5", "Yes, it is solved.", ""])
def test_whatever_they_write_moves_nothing_but_the_wait(status: Status, text: str) -> None:
    decision = writes(VICTOR, text, ticket=at(status))
    expected = Status.IN_PROGRESS if status is Status.WAITING_FOR_THIRD_PARTY else status
    assert after(decision) in {expected, None}
    assert {type(effect) for effect in decision.effects} <= {*_HEARD}


_HEARD = (AddMessage, HearThirdParty, TellAgents, type(of(writes(VICTOR, "x"), object)[2]))


@pytest.mark.row("A4")
@pytest.mark.parametrize("sender", [MALLORY, ANNA])
def test_somebody_else_with_their_token_is_kept_apart(sender: Person) -> None:
    decision = writes(sender, "I answer for him.", ticket=at(Status.WAITING_FOR_THIRD_PARTY))
    assert [said.kind for said in of(decision, AddMessage)] == [Kind.STRANGER]
    assert of(decision, TellAgents)[0].news is News.SIDE_STRANGER
    assert of(decision, TellAgents)[0].detail == VICTOR.address
    assert after(decision) is None


def test_a_stranger_there_is_never_offered_to_take_part() -> None:
    assert not of(writes(MALLORY, "I answer for him."), AddParticipant)


@pytest.mark.parametrize(("sender", "kind"), [(CLARA, Kind.CUSTOMER), (CHIEF, Kind.COPIED)])
def test_a_participant_who_got_hold_of_it_writes_as_what_they_are(sender: Person, kind: Kind) -> None:
    assert of(writes(sender, "He wrote to me, too."), AddMessage)[0].kind is kind


def test_a_third_party_on_another_ticket_is_nobody_here() -> None:
    decision = writes(VICTOR, "4.2 prints.", side=replace(SIDE, ticket=8))
    assert of(decision, TellAgents)[0].news is News.SIDE_STRANGER


@pytest.mark.row("A8")
def test_their_robot_is_recorded_and_wakes_nothing() -> None:
    absent = Automatic(AutomaticKind.OUT_OF_OFFICE, "auto-submitted", "auto-replied")
    decision = writes(VICTOR, "I am away.", automatic=absent, ticket=at(Status.WAITING_FOR_THIRD_PARTY))
    assert [type(effect) for effect in decision.effects] == [AddMessage]
    assert decision.outcome is Outcome.AUTOMATIC


MACHINE_MADE = Automatic(AutomaticKind.GENERATED, "auto-submitted", "auto-generated")


@pytest.mark.parametrize("kind", [AutomaticKind.GENERATED, AutomaticKind.BULK])
def test_an_answer_that_their_help_desk_marks_as_a_machine_s_is_heard(kind: AutomaticKind) -> None:
    decision = writes(VICTOR, "4.2 prints.", automatic=replace(MACHINE_MADE, kind=kind))
    assert of(decision, TellAgents)[0].news is News.VENDOR_ANSWERED
    assert of(decision, HearThirdParty)
    assert not of(decision, SendAnswer)


@pytest.mark.row("A8")
@pytest.mark.parametrize("kind", [AutomaticKind.AUTO_REPLY, AutomaticKind.DELIVERY_REPORT, AutomaticKind.LOOP])
def test_what_answers_there_by_itself_is_not(kind: AutomaticKind) -> None:
    assert writes(VICTOR, "Ticket received.", automatic=replace(MACHINE_MADE, kind=kind)).outcome is Outcome.AUTOMATIC


@pytest.mark.parametrize("sender", [CLARA, CHIEF])
def test_nor_is_a_participant_s_machine_with_their_token(sender: Person) -> None:
    assert writes(sender, "Made by a machine.", automatic=MACHINE_MADE).outcome is Outcome.AUTOMATIC


def test_found_by_our_message_id_alone_it_is_theirs_too() -> None:
    decision = writes(VICTOR, "4.2 prints.", by=MatchedBy.OUR_MESSAGE_ID)
    assert of(decision, AddMessage)[0].kind is Kind.THIRD_PARTY


# --- answering them --------------------------------------------------------------------------------


def test_a_plain_reply_goes_to_the_third_party() -> None:
    decision = answers("Which build?")
    assert [(sent.side, sent.text) for sent in of(decision, AnswerThirdParty)] == [(SIDE.id, "Which build?")]
    assert not of(decision, SendAnswer)
    assert not of(decision, SendStatus)  # the customer knows already
    assert after(decision) is Status.WAITING_FOR_THIRD_PARTY


def test_thanks_wait_for_nothing() -> None:
    decision = answers("Thank you!")
    assert of(decision, AnswerThirdParty)
    assert after(decision) is None


@pytest.mark.parametrize("status", [Status.RESOLVED, Status.CLOSED, Status.WAITING_FOR_CUSTOMER])
def test_an_answer_to_them_leaves_the_customer_s_turn_alone(status: Status) -> None:
    decision = answers("Which build?", ticket=at(status))
    assert of(decision, AnswerThirdParty)
    assert after(decision) is None


def test_a_note_to_their_address_is_a_note() -> None:
    decision = answers("#note\nHe knows nothing.")
    assert of(decision, AddMessage)[0].kind is Kind.NOTE
    assert not of(decision, AnswerThirdParty)


@pytest.mark.parametrize("command", ["#resolve", "#close", "#wait customer"])
def test_a_word_for_the_customer_with_words_for_the_third_party_is_held(command: str) -> None:
    decision = answers(f"{command}\nInstall 4.2.")
    assert bad_lines(decision) == [command]
    assert of(decision, SendHeld)[0].side == SIDE
    assert not of(decision, AnswerThirdParty)


def test_a_command_alone_is_about_the_ticket() -> None:
    decision = answers("#close")
    assert after(decision) is Status.CLOSED
    assert not of(decision, AnswerThirdParty)


def test_what_is_not_understood_is_held_and_stays_theirs() -> None:
    held = of(answers("#clsoe\nWell?"), SendHeld)[0]
    assert (held.side, held.note) == (SIDE, False)


@pytest.mark.row("A3")
def test_an_unproven_answer_waits_and_stays_theirs() -> None:
    decision = answers("Which build?", policy=replace(POLICY, trust=Trust.AUTHENTICATED))
    assert of(decision, HoldForAgent)[0].side == SIDE.id
    assert not of(decision, AnswerThirdParty)


# --- sharing ---------------------------------------------------------------------------------------

THEIRS = "> Does 4.2 print? Our customer is a pain.\n4.2 prints.\n\n>> and\nIt does."


@pytest.mark.parametrize("capability", [Capability.SIDE_ANSWER, Capability.AGENT_REPLY])
def test_sharing_passes_their_words_on_below_the_agent_s(capability: Capability) -> None:
    decision = decided(
        ANNA, "#share\nDear Clara,\nhere you are.", token=token(capability, ANNA, SIDE.id), shareable=THEIRS,
        side=SIDE if capability is Capability.SIDE_ANSWER else None,
    )  # fmt: skip
    assert of(decision, SendAnswer)[0].text == "Dear Clara,\nhere you are.\n\n> 4.2 prints.\n>\n> It does."
    assert of(decision, AddMessage)[0].text == of(decision, SendAnswer)[0].text
    assert "pain" not in of(decision, SendAnswer)[0].text  # what they quote was written for them alone
    assert not of(decision, AnswerThirdParty)


def test_sharing_by_one_tap_needs_no_words() -> None:
    assert of(answers("#share", shareable="4.2 prints."), SendAnswer)[0].text == "> 4.2 prints."


def test_sharing_can_resolve() -> None:
    decision = answers("#share\n#resolve\nInstall it.", shareable="4.2 prints.")
    assert of(decision, SendResolution)[0].text == "Install it.\n\n> 4.2 prints."


@pytest.mark.parametrize("theirs", ["", "> only a quote"])
def test_nothing_is_shared_where_nobody_said_anything(theirs: str) -> None:
    assert bad_lines(answers("#share\nHere.", shareable=theirs)) == ["#share"]


def test_what_would_give_an_address_of_ours_away_is_not_shared() -> None:
    decision = answers("#share", shareable="4.2", reveals=True)
    assert of(decision, SendHeld)[0].because is HeldBecause.REVEALS
