"""Mail that nobody here can read: a ticket like any other, told to the agents with all that came; an agent's is held."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mailproc.core.effects import Reason
from mailproc.demo.people import text_of
from mailproc.demo.servers import Delivered
from mailproc.mime.parse import parse_mail
from mailproc.store import tickets
from tests.testlib.by_hand import Hand, by_hand, read
from tests.testlib.certificate import make_certificate
from tests.testlib.protected import ARMOR, PGP_INLINE, PGP_MIME, SIGNATURE, WORDS, attached, cms, signer

pytestmark = [pytest.mark.row("I14")]


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    async with by_hand(tmp_path) as hand:
        yield hand


def flat(text: str) -> str:
    return " ".join(text.split())


def sealed(folder: Path) -> bytes:
    certificate = make_certificate(folder)
    made = cms(folder, certificate, "-encrypt", "-aes256", "-recip", str(certificate.certificate))
    return attached("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", made)


def enclosed(letter: Delivered) -> dict[str | None, bytes]:
    return {part.get_filename(): part.get_payload(decode=True) for part in read(letter).iter_attachments()}  # type: ignore[misc] # of a leaf: bytes


async def words_kept(ticket: int = 1) -> list[str]:
    return [each.text for each in await tickets.said(ticket, 10)]


@pytest.mark.parametrize("raw", [PGP_MIME, PGP_INLINE], ids=["PGP/MIME", "PGP in the text"])
async def test_a_mail_encrypted_with_openpgp(hand: Hand, raw: bytes) -> None:
    await hand.arrives(raw)
    letter = await hand.last("anna", "notification")
    told = flat(text_of(letter))
    assert "NEW from Clara Jones" in told
    assert "ENCRYPTED with OpenPGP: what it says can't be read here. It is attached as it came" in told
    assert "the whole mail lies in the folder " in told
    assert "(no new words)" not in told
    assert enclosed(letter)["encrypted.asc"].split() == ARMOR.encode().split()
    assert await words_kept() == ["[encrypted.asc]"]


async def test_a_mail_encrypted_with_smime(hand: Hand, tmp_path: Path) -> None:
    raw = sealed(tmp_path)
    await hand.arrives(raw)
    letter = await hand.last("anna", "notification")
    assert "ENCRYPTED with S/MIME: what it says can't be read here." in flat(text_of(letter))
    assert enclosed(letter)["smime.p7m"] == parse_mail(raw).attachments[0].content
    assert await words_kept() == ["[smime.p7m]"]


async def test_a_mail_signed_in_a_form_that_hides_its_words_is_read(hand: Hand, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    made = cms(tmp_path, certificate, "-sign", "-nodetach", "-stream", *signer(certificate))
    await hand.arrives(attached("application/octet-stream", made))
    letter = await hand.last("anna", "notification")
    assert WORDS in text_of(letter)
    assert list(enclosed(letter)) == ["lamp.jpg"]
    assert await words_kept() == [WORDS]


async def test_a_signed_mail_that_is_damaged(hand: Hand, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    made = cms(tmp_path, certificate, "-sign", "-nodetach", *signer(certificate))
    await hand.arrives(attached("application/pkcs7-mime; smime-type=signed-data", made[:60]))
    letter = await hand.last("anna", "notification")
    assert "SIGNED with S/MIME, and damaged: what it says can't be read here." in flat(text_of(letter))
    assert list(enclosed(letter)) == ["smime.p7m"]


async def test_words_beside_what_is_encrypted_are_shown_too(hand: Hand) -> None:
    await hand.write("clara", f"Only you may read this:\n\n{ARMOR}\n\nClara", subject="The lamp")
    told = flat(text_of(await hand.last("anna", "notification")))
    assert "Only you may read this:" in told
    assert "ENCRYPTED with OpenPGP" in told
    assert await words_kept() == ["Only you may read this:\n\n\nClara"]


@pytest.mark.parametrize("raw", [PGP_MIME, PGP_INLINE], ids=["PGP/MIME", "PGP in the text"])
async def test_its_sender_gets_the_acknowledgement_everybody_gets(hand: Hand, raw: bytes) -> None:
    await hand.arrives(raw)
    assert len(await hand.letters("clara", "acknowledgement")) == len(await hand.letters("clara")) == 1


async def test_an_encrypted_answer_is_told_like_any_other(hand: Hand) -> None:
    await hand.write("clara", "It flickers.", subject="The lamp")
    await hand.reply("clara", await hand.last("clara", "acknowledgement"), ARMOR.replace("\r\n", "\n"))
    letter = await hand.last("anna", "notification")
    assert "CUSTOMER WROTE" in text_of(letter)
    assert "ENCRYPTED with OpenPGP" in text_of(letter)
    assert list(enclosed(letter)) == ["encrypted.asc"]


@pytest.mark.parametrize("words", ["", "#note\n", "See below.\n\n"], ids=["nothing else", "a note", "words beside it"])
async def test_an_agents_encrypted_answer_is_held_and_nothing_goes_out(hand: Hand, words: str) -> None:
    await hand.write("clara", "It flickers.", subject="The lamp")
    armor = ARMOR.replace("\r\n", "\n")
    number = await hand.reply("anna", await hand.last("anna", "notification"), f"{words}{armor}")
    assert (await hand.reason(number)).startswith(Reason.UNSENDABLE)
    told = flat(text_of(await hand.last("anna", "held")))
    assert "NOT SENT. Your mail is encrypted, so nobody here can read what it says" in told
    assert "without encryption; a signature may stay" in told
    assert [letter.header("Subject") for letter in await hand.letters("clara")] == [
        letter.header("Subject") for letter in await hand.letters("clara", "acknowledgement")
    ]


async def test_an_agents_signed_answer_goes_out_without_the_signature(hand: Hand) -> None:
    await hand.write("clara", "It flickers.", subject="The lamp")
    body = f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nChange the bulb.\n{SIGNATURE}\n".replace("\r\n", "\n")
    await hand.reply("anna", await hand.last("anna", "notification"), body)
    answer = text_of(await hand.last("clara", "answer"))
    assert "Change the bulb." in answer
    assert "PGP" not in answer
