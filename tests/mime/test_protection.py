"""Encrypted and signed mail: what needs a key is named and kept, what needs none is read. Nothing comes out empty."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.core.message import Message, Protection
from mailproc.mime import armor
from mailproc.mime import cms as reader
from mailproc.mime.parse import parse_mail
from mailproc.mime.prescan import Limits
from tests.testlib.certificate import Certificate, make_certificate
from tests.testlib.protected import (
    ARMOR,
    HEAD,
    INNER,
    PGP_INLINE,
    PGP_MIME,
    SIGNATURE,
    WORDS,
    attached,
    cms,
    of,
    parts,
    signer,
)  # fmt: skip

Make = Callable[..., bytes]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("smime"))


@pytest.fixture
def signed(certificate: Certificate, tmp_path: Path) -> Make:
    return lambda *options, content=INNER: cms(
        tmp_path, certificate, "-sign", "-nodetach", *signer(certificate), *options, content=content
    )


@pytest.fixture
def encrypted(certificate: Certificate, tmp_path: Path) -> Make:
    def make(*options: str, content: str | bytes = INNER) -> bytes:
        recipient = str(certificate.certificate)
        return cms(tmp_path, certificate, "-encrypt", *options, "-recip", recipient, content=content)

    return make


def files(message: Message) -> list[str]:
    return [attachment.filename for attachment in message.attachments]


def is_kept(message: Message, protection: Protection, name: str) -> bool:
    """Told as protected, without words, and the protected part attached."""
    assert (message.protection, message.text.strip(), files(message)) == (protection, "", [name])
    assert len(message.attachments[0].content) > 20
    return True


class TestPgp:
    def test_mime(self) -> None:
        assert is_kept(parse_mail(PGP_MIME), Protection.PGP, "encrypted.asc")

    def test_mime_that_exchange_made_a_mixed_mail_of(self) -> None:
        version = 'Content-Type: application/pgp-encrypted; name="PGPMIME version identification"\r\n\r\nVersion: 1'
        empty = "Content-Type: text/plain\r\n\r\n"
        sealed = f"Content-Type: application/octet-stream\r\n\r\n{ARMOR}"
        assert is_kept(parse_mail(parts("mixed", empty, version, sealed)), Protection.PGP, "encrypted.asc")

    def test_in_the_text(self) -> None:
        message = parse_mail(PGP_INLINE)
        assert is_kept(message, Protection.PGP, "encrypted.asc")
        assert message.attachments[0].content.decode().split() == ARMOR.split()

    def test_within_other_words(self) -> None:
        message = parse_mail(of("text/plain", f"Please read this:\r\n\r\n{ARMOR}\r\n\r\n-- \r\nClara"))
        assert (message.protection, files(message)) == (Protection.PGP, ["encrypted.asc"])
        assert message.text.split() == ["Please", "read", "this:", "--", "Clara"]

    def test_in_html(self) -> None:
        assert is_kept(
            parse_mail(of("text/html", f"<pre>{ARMOR}</pre>")), Protection.PGP, "encrypted.asc"
        )  # as Enigmail's were

    def test_as_a_file_and_nothing_else(self) -> None:
        sealed = f"Content-Type: application/octet-stream; name=mail.asc\r\n\r\n{ARMOR}"
        assert is_kept(
            parse_mail(parts("mixed", "Content-Type: text/plain\r\n\r\n", sealed)), Protection.PGP, "mail.asc"
        )

    def test_cut_off(self) -> None:
        assert is_kept(parse_mail(of("text/plain", ARMOR.partition("=aB3d")[0])), Protection.PGP, "encrypted.asc")

    def test_quoted_it_is_what_was_answered(self) -> None:
        quoted = "".join(f"> {line}\r\n" for line in ARMOR.split("\r\n"))
        message = parse_mail(of("text/plain", f"I can't open this.\r\n\r\n{quoted}"))
        assert (message.protection, files(message)) == (Protection.NONE, [])
        assert "BEGIN PGP MESSAGE" in message.text

    def test_clear_signed_text_is_read_without_its_frame(self) -> None:
        body = f"-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA512\r\n\r\n{WORDS}\r\n- -- \r\nClara\r\n{SIGNATURE}\r\n\r\nA footer"
        message = parse_mail(of("text/plain", body))
        assert (message.protection, message.attachments) == (Protection.NONE, ())
        assert message.text.split("\n") == [WORDS, "-- ", "Clara", "", "A footer"]

    @pytest.mark.parametrize(
        "text",
        [
            "-----BEGIN PGP SIGNED MESSAGE-----\nis what stands above", "-----BEGIN PGP SIGNED MESSAGE-----",
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1", "-----BEGIN PGP SIGNATURE-----\nx",
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\nmine\n-----END PGP PUBLIC KEY BLOCK-----",
        ],
    )  # fmt: skip
    def test_no_frame_is_left_as_it_came(self, text: str) -> None:
        assert armor.taken_out(text) == (text, [])

    def test_a_signature_beside_the_text_is_neither_protection_nor_attachment(self) -> None:
        signature = f"Content-Type: application/pgp-signature; name=signature.asc\r\n\r\n{SIGNATURE}"
        message = parse_mail(
            parts("signed; protocol=application/pgp-signature", f"Content-Type: text/plain\r\n\r\n{WORDS}", signature)
        )
        assert (message.text, message.protection, message.attachments) == (WORDS, Protection.NONE, ())


TYPES = [
    "application/pkcs7-mime; smime-type={kind}; name=smime.p7m", "application/x-pkcs7-mime; name=smime.p7m",
    "application/pkcs7-mime", "application/octet-stream; name=smime.p7m", "application/octet-stream",
]  # fmt: skip


class TestSmime:
    @pytest.mark.parametrize("kind", TYPES)
    @pytest.mark.parametrize("options", [("-aes256",), ("-aes256", "-stream"), ("-aes-256-gcm",)])
    def test_encrypted(self, encrypted: Make, kind: str, options: tuple[str, ...]) -> None:
        declared = kind.format(kind="enveloped-data")
        assert is_kept(parse_mail(attached(declared, encrypted(*options))), Protection.SMIME, "smime.p7m")

    @pytest.mark.parametrize("kind", TYPES)
    @pytest.mark.parametrize("options", [(), ("-stream",), ("-nocerts",), ("-nosmimecap", "-noattr")])
    def test_signed_in_a_form_that_hides_the_words_it_is_read(
        self, signed: Make, kind: str, options: tuple[str, ...]
    ) -> None:
        message = parse_mail(attached(kind.format(kind="signed-data"), signed(*options)))
        assert (message.text.strip(), message.protection) == (WORDS, Protection.NONE)
        assert files(message) == ["lamp.jpg"]
        assert message.subject == "The lamp"

    def test_signed_beside_the_text(self, certificate: Certificate, tmp_path: Path) -> None:
        made = cms(tmp_path, certificate, "-sign", *signer(certificate))
        signature = f"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\n{made.hex()}"
        message = parse_mail(
            parts("signed; protocol=application/pkcs7-signature", f"Content-Type: text/plain\r\n\r\n{WORDS}", signature)
        )
        assert (message.text, message.protection, message.attachments) == (WORDS, Protection.NONE, ())

    def test_signed_and_then_encrypted(self, signed: Make, encrypted: Make) -> None:
        inner = attached("application/pkcs7-mime; smime-type=signed-data", signed())
        outer = attached("application/pkcs7-mime; smime-type=enveloped-data", encrypted(content=inner))
        assert is_kept(parse_mail(outer), Protection.SMIME, "smime.p7m")

    def test_encrypted_and_then_signed(self, signed: Make, encrypted: Make) -> None:
        inner = attached("application/pkcs7-mime; smime-type=enveloped-data", encrypted())
        outer = attached("application/pkcs7-mime; smime-type=signed-data", signed(content=inner))
        assert is_kept(parse_mail(outer), Protection.SMIME, "smime.p7m")

    def test_signed_and_damaged(self, signed: Make) -> None:
        whole = signed()
        for damaged in (whole[:80], whole[:25]):
            message = parse_mail(attached("application/pkcs7-mime; smime-type=signed-data", damaged))
            assert is_kept(message, Protection.SIGNED, "smime.p7m")

    def test_rubbish_that_is_called_encrypted(self) -> None:
        message = parse_mail(attached("application/pkcs7-mime; smime-type=enveloped-data", b"MIAG" * 20))
        assert is_kept(message, Protection.SMIME, "smime.p7m")

    def test_certificates_alone_hide_nothing(self, certificate: Certificate, tmp_path: Path) -> None:
        made = cms(tmp_path, certificate, "-sign", *signer(certificate))  # detached: no content within
        message = parse_mail(attached("application/pkcs7-mime; smime-type=certs-only", made))
        assert (message.protection, files(message)) == (Protection.NONE, ["smime.p7m"])

    def test_wrapped_more_often_than_anybody_does(self, signed: Make) -> None:
        content = INNER.encode()
        for _ in range(7):
            content = attached("application/pkcs7-mime; smime-type=signed-data", signed(content=content))
        assert is_kept(parse_mail(content), Protection.SIGNED, "smime.p7m")

    def test_what_is_within_has_the_caps_of_any_mail(self, signed: Make) -> None:
        many = "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + "--b\r\n\r\nx\r\n" * 600 + "--b--\r\n"
        message = parse_mail(attached("application/pkcs7-mime; smime-type=signed-data", signed(content=many)), Limits())
        assert is_kept(message, Protection.SIGNED, "smime.p7m")


@given(st.binary(max_size=200) | st.lists(st.sampled_from([b"0\x80", b"\xa0\x80", b"$\x80", b"\x04\x01a", b"\0\0", b"1\0", b"\x02\x01\1"])).map(b"".join))  # fmt: skip
def test_whatever_bytes_come_are_read_or_refused(data: bytes) -> None:
    head = bytes.fromhex("308006092a864886f70d010702a0803080020101310030800609") + bytes.fromhex(
        "2a864886f70d010701a080"
    )
    for content in (data, head + data):
        found = reader.read(content)
        assert found.content is None or found.kind is reader.Kind.SIGNED
    parse_mail(HEAD.encode() + b"Content-Type: application/pkcs7-mime\r\n\r\n" + head + data)


@given(st.lists(st.sampled_from(["-----BEGIN PGP MESSAGE-----", "-----END PGP MESSAGE-----", "-----BEGIN PGP SIGNED MESSAGE-----", "Hash: x", "", "words", "- -- ", *SIGNATURE.split("\r\n")])))  # fmt: skip
def test_armor_loses_no_words(lines: list[str]) -> None:
    text, blocks = armor.taken_out("\n".join(lines))
    assert sum(each.split("\n").count("words") for each in (text, *blocks)) + _framed(lines) >= lines.count("words")


def _framed(lines: list[str]) -> int:
    """Words between the lines of a signature are no words."""
    return lines.count("words") if SIGNATURE.split("\r\n")[0] in lines else 0
