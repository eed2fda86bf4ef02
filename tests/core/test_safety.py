"""The safety catch: each rule holds what it is for, lets everything else pass, and can be switched off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mailproc.core.cautions import announced, internal
from mailproc.core.effects import Decision, HoldForAgent, Reason, SendAnswer, SendHeld, SendResolution
from mailproc.core.facts import Around, SaidSince
from mailproc.core.letters import HeldBecause
from mailproc.core.message import Attachment
from mailproc.core.policy import Rule, SafetyPolicy
from mailproc.core.tokens import Capability
from tests.testlib.decisions import ANNA, CLARA, NOW, POLICY, decided, mail, of, token

BEN_SAID = SaidSince(by_agent=True, author="ben", name="Ben", at=NOW, text="Please install driver 4.1.")
CLARA_SAID = SaidSince(by_agent=False, author=CLARA.address, name="Clara", at=NOW, text="It works again!")

#: What each rule sees, and the detail it tells.
HELD: dict[str, tuple[Rule, str, Around, str]] = {
    "words that are internal": (Rule.INTERNAL_WORDS, "Internal only: he is slow.", Around(), "Internal"),
    "an address of nobody here": (
        Rule.OTHER_ADDRESS, "Write to erik@other.example.", Around(), "erik@other.example",
    ),
    "another customer's ticket": (Rule.OTHER_TICKET, "As in [Acme #12].", Around(others=frozenset({12})), "#12"),
    "the ticket is another's now": (
        Rule.OTHER_CUSTOMER, "Your driver is 4.2.", Around(turned_over="erik@other.example"), "erik@other.example",
    ),
    "a colleague was faster": (Rule.COLLEAGUE_ANSWERED, "Install driver 4.2.", Around(since=(BEN_SAID,)), "Ben"),
    "the customer wrote on": (Rule.CUSTOMER_WROTE, "Install driver 4.2.", Around(since=(CLARA_SAID,)), "Clara"),
    "no file": (Rule.MISSING_ATTACHMENT, "Please find the driver attached.", Around(), "find the driver attached"),
    "only a signature": (Rule.ONLY_SIGNATURE, "Best regards\nAnna Berg", Around(), ""),
}  # fmt: skip


def policy(*off: Rule) -> Any:
    return replace(POLICY, safety=SafetyPolicy(rules=frozenset(Rule) - set(off)))


def cautions(decision: Decision) -> list[tuple[str, str]]:
    return [(each.rule, each.detail) for held in of(decision, SendHeld) for each in held.cautions]


@pytest.mark.parametrize(("rule", "text", "around", "detail"), HELD.values(), ids=HELD)
class TestARule:
    def test_holds_the_mail_and_says_why(self, rule: Rule, text: str, around: Around, detail: str) -> None:
        decision = decided(ANNA, text, around=around)
        assert decision.reason is Reason.CAUTION
        ((found, told),) = cautions(decision)
        assert found == rule
        assert told.casefold().startswith(detail.casefold())
        assert not of(decision, SendAnswer)
        (held,), (hold,) = of(decision, SendHeld), of(decision, HoldForAgent)
        assert (held.because, held.decide, held.text) == (HeldBecause.CAUTION, True, text)
        assert (hold.because, hold.until) == ("caution", NOW + POLICY.confirm_within)

    def test_holds_a_resolution_too(self, rule: Rule, text: str, around: Around, detail: str) -> None:
        if rule is Rule.ONLY_SIGNATURE:
            return  # see below: it is no answer then
        decision = decided(ANNA, f"#resolve\n{text}", around=around)
        assert cautions(decision)[0][0] == rule
        assert detail is not None
        assert not of(decision, SendResolution)

    def test_can_be_switched_off(self, rule: Rule, text: str, around: Around, detail: str) -> None:
        decision = decided(ANNA, text, around=around, policy=policy(rule))
        assert [sent.text for sent in of(decision, SendAnswer)] == [text]
        assert detail is not None

    def test_leaves_alone_what_is_for_colleagues(self, rule: Rule, text: str, around: Around, detail: str) -> None:
        for said in (decided(ANNA, f"#note\n{text}", around=around),
                     decided(ANNA, text, around=around, token=token(Capability.NOTE, ANNA))):  # fmt: skip
            assert said.reason is Reason.AGENT_NOTED, (rule, detail)

    def test_leaves_alone_what_the_agent_has_looked_at_unless_it_came_since(
        self, rule: Rule, text: str, around: Around, detail: str
    ) -> None:
        decision = decided(ANNA, text, around=replace(around, released=True))
        came_since = rule in {Rule.OTHER_CUSTOMER, Rule.COLLEAGUE_ANSWERED, Rule.CUSTOMER_WROTE}
        assert bool(of(decision, SendAnswer)) != came_since, (rule, detail)

    def test_leaves_alone_what_customers_write(self, rule: Rule, text: str, around: Around, detail: str) -> None:
        assert not of(decided(CLARA, text, around=around), SendHeld), (rule, detail)


def test_a_line_that_would_be_left_out_unasked_is_shown_to_the_agent() -> None:
    decision = decided(ANNA, "Please run", stray="> ls -l")
    assert cautions(decision) == [("stray_quote", "> ls -l")]
    assert not of(decision, SendAnswer)
    assert of(decided(ANNA, "Please run", stray="> ls -l", policy=policy(Rule.STRAY_QUOTE)), SendAnswer)
    assert of(decided(ANNA, "Please run", stray="> ls -l", around=Around(released=True)), SendAnswer)
    assert not of(decided(CLARA, "Please run", stray="> ls -l"), SendHeld)


def test_all_that_was_seen_is_told_at_once() -> None:
    around = Around(since=(BEN_SAID, CLARA_SAID))
    decision = decided(ANNA, "Internal only: see the attached file, erik@other.example.", around=around)
    assert [rule for rule, _ in cautions(decision)] == [
        "internal_words", "other_address", "colleague_answered", "customer_wrote", "missing_attachment",
    ]  # fmt: skip
    (held,) = of(decision, SendHeld)
    assert [each.text for each in held.since] == [BEN_SAID.text, CLARA_SAID.text]


@pytest.mark.parametrize("words", [
    "Ask clara@x.example or chief@x.example.", "Write to sales@acme.example.",
    "See https://social.example/@anna and user@host.", "It is ticket #7, [Acme #7].",
])  # fmt: skip
def test_who_takes_part_and_our_own_house_may_be_named(words: str) -> None:
    assert not cautions(decided(ANNA, words))


def test_an_address_that_was_named_before_may_be_named_again() -> None:
    around = Around(mentioned=frozenset({"erik@other.example"}))
    assert not cautions(decided(ANNA, "Yes, Erik@Other.example is right.", around=around))


def test_one_s_own_earlier_answer_is_no_collision() -> None:
    own = replace(BEN_SAID, author="anna")
    assert not cautions(decided(ANNA, "And restart it.", around=Around(since=(own,))))


def test_a_file_that_is_there_was_not_forgotten() -> None:
    enclosed = Attachment("driver.zip", "application/zip", b"zip")
    message = mail(ANNA, "Anbei der Treiber.", attachments=(enclosed,))
    assert of(decided(ANNA, "Anbei der Treiber.", message=message), SendAnswer)


def test_a_picture_inside_the_text_is_not_the_announced_file() -> None:
    logo = Attachment("logo.png", "image/png", b"png", inline=True)
    message = mail(ANNA, "Anbei der Treiber.", attachments=(logo,))
    assert cautions(decided(ANNA, "Anbei der Treiber.", message=message)) == [("missing_attachment", "Anbei")]


@pytest.mark.parametrize("text", ["#assign me\n\nBest regards\nAnna Berg", "#assign me\n\nAnna Berg"])
def test_a_signature_below_a_button_s_command_goes_to_nobody(text: str) -> None:
    decision = decided(ANNA, text)
    assert not of(decision, SendAnswer)
    assert decision.reason is Reason.AGENT_COMMANDED


def test_commands_alone_are_not_held_for_what_was_said_since() -> None:
    assert not cautions(decided(ANNA, "#resolve", around=Around(since=(CLARA_SAID,))))


@pytest.mark.parametrize("words", [
    "Internal only: he is difficult.", "internal: he is angry", "Please don't tell the customer that we knew.",
    "This is not for the customer.", "Bitte nicht an den Kunden weiterleiten!", "Intern: der Kunde nervt", "Das bleibt bitte intern.",
    "Sag dem Kunden nichts.", "Der Kunde darf das nicht erfahren.", "Ne pas le dire au client", "Usage interne.",
    "No decir al cliente", "Dem Kunden bitte nicht sagen, dass", "Keep this between us", "Nicht für den Kunden!",
    "We must not tell our client", "Do\u00a0not\nshow this to the customer",
])  # fmt: skip
def test_words_for_colleagues_are_known(words: str) -> None:
    assert internal(words)


@pytest.mark.parametrize("words", [
    "Please restart the internal disk only once.", "We have told the customer service.", "Our internal systems were down.",
    "Die interne Festplatte ist defekt.", "Sie können den Kundendienst anrufen.", "The difference between us and them",
    "Please do not share your password with anyone.", "Bitte sagen Sie niemandem Ihre PIN.", "Der interne Speicher ist voll.",
    "Our customer portal does not show this.", "International: 00 49", "Internet: www.acme.example",
])  # fmt: skip
def test_ordinary_words_are_not_taken_for_them(words: str) -> None:
    assert not internal(words)


@pytest.mark.parametrize("words", [
    "Please find the invoice attached.", "I have attached the driver.", "I\u2019ve attached a screenshot", "See attachment.",
    "See the attached PDF", "Attached is the form", "Im Anhang finden Sie die Rechnung.", "Anbei der Treiber.",
    "Ich habe Ihnen die Datei angehängt.", "siehe Anhang", "Veuillez trouver ci-joint le pilote.", "Je vous joins le document",
    "Vous le trouverez en pièce jointe.", "Adjunto le envío la factura", "Le adjunto el archivo", "En el archivo adjunto",
    "In allegato trova la fattura", "Zie het document in de bijlage", "ファイルを添付しました", "Use the attached installer.",
    "You did not get it, so I have attached it again.",
])  # fmt: skip
def test_announced_files_are_known(words: str) -> None:
    assert announced(words)


@pytest.mark.parametrize("words", [
    "I could not open the attached file you sent.", "Your attachment did not arrive.", "Thanks for the screenshot you attached.",
    "There is no attachment in your mail.", "A keyboard attached to the computer", "Please attach a screenshot.",
    "Could you attach the log?", "Im Anhang Ihrer Mail sehe ich nichts", "Leider war kein Anhang dabei", "In Ihrem Anhang",
    "Sie haben nichts angehängt", "the file attached to your mail", "We did not attach anything", "Sans pièce jointe",
    "You forgot to attach the file", "I did not find the file attached", "votre pièce jointe", "el archivo adjunto que envió",
    "I see the attachment you sent.", "I have opened the attached picture and can see the error.", "sin adjunto",
])  # fmt: skip
def test_files_of_others_and_files_that_are_none_are_not_taken_for_them(words: str) -> None:
    assert not announced(words)


def test_unknown_commands_are_words_where_the_operator_says_so() -> None:
    decision = decided(ANNA, "#resovle driver\nInstall it.", policy=policy(Rule.UNKNOWN_COMMAND))
    assert [sent.text for sent in of(decision, SendAnswer)] == ["#resovle driver\nInstall it."]


def test_a_mail_with_nothing_in_it_does_nothing_where_the_operator_says_so() -> None:
    decision = decided(ANNA, "", policy=policy(Rule.EMPTY))
    assert not of(decision, SendHeld)
    assert not of(decision, SendAnswer)
