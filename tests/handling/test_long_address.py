"""A support address with a long name: no room for a token behind it, and none is put there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailproc.core.letters import Acknowledgement, Letter
from mailproc.core.tokens import Capability, KeyRing
from mailproc.handling.correspondence import Correspondence, Occasion
from mailproc.render.draft import Draft
from tests.render.reading import WORDS
from tests.testlib.decisions import CLARA, MAILBOX, NOW, POLICY, TICKET

KEYS = KeyRing({1: b"a key for tests of at least 32 by"}, 1)


def writing_from(address: str) -> Correspondence:
    policy = replace(POLICY, mailboxes={"support": replace(MAILBOX, address=address)})
    return Correspondence(policy, KEYS, WORDS, {"anna": 11, "ben": 12})


@pytest.mark.parametrize("local", ["service", "customer-service", "the-friendly-help-desk-of-acme-and-its-partners"])
def test_letters_are_written_from_any_address(local: str) -> None:
    address = f"{local}@acme.example"
    desk = writing_from(address)
    values = Acknowledgement(desk.facts(TICKET), None)
    letter = desk.to_customer(TICKET, CLARA, Letter.ACKNOWLEDGEMENT, values, Occasion(NOW, "in1", answers_mail=True))
    assert isinstance(letter.content, Draft)
    content, roomy = letter.content.written(), len(local) < 20
    assert (f"Reply-To: {local}+".encode() in content) == roomy
    assert (f"Reply-To: {address}\r\n".encode() in content) != roomy
    assert KEYS.find(letter.message_id, NOW.date()) is not None


def test_a_button_carries_the_token_in_its_subject_instead() -> None:
    address = "the-friendly-help-desk-of-acme-and-its-partners@acme.example"
    action = writing_from(address).action(TICKET, CLARA.id, Capability.YES, NOW)
    assert action.address == address
    found = KEYS.find(action.reference, NOW.date())
    assert found is not None
    assert found.capability is Capability.YES
