"""Mails encrypted and signed, as the programs make them: S/MIME by openssl, OpenPGP written down."""

from __future__ import annotations

import subprocess
from base64 import encodebytes
from pathlib import Path

from tests.testlib.certificate import Certificate
from tests.testlib.programs import require

HEAD = "From: Clara Jones <clara@customer.example>\r\nTo: support@acme.example\r\nSubject: The lamp\r\nMIME-Version: 1.0\r\n"
HEAD += "Message-ID: <lamp@customer.example>\r\n"
WORDS = "It flickers, and it hums."
INNER = (
    "Content-Type: multipart/mixed; boundary=inner\r\n\r\n--inner\r\nContent-Type: text/plain\r\n\r\n"
    f"{WORDS}\r\n--inner\r\nContent-Type: image/jpeg; name=lamp.jpg\r\n\r\nphoto\r\n--inner--\r\n"
)
ARMOR = (
    "-----BEGIN PGP MESSAGE-----\r\n\r\nhF4DZyM9Pj8d0bUSAQdAq0hYw9c2vJm1oVtHn1vY5k1b8n9m2Qx3Zr4s5t6u7v8w\r\n"
    "0kcBe1r2t3y4u5i6o7p8\r\n=aB3d\r\n-----END PGP MESSAGE-----"
)
SIGNATURE = "-----BEGIN PGP SIGNATURE-----\r\n\r\niHUEARYIAB0WIQTest\r\n=xY1z\r\n-----END PGP SIGNATURE-----"


def of(content_type: str, body: str, *fields: str) -> bytes:
    head = "\r\n".join((f"Content-Type: {content_type}", *fields))
    return f"{HEAD}{head}\r\n\r\n{body}\r\n".encode()


def parts(kind: str, *each: str) -> bytes:
    return of(f"multipart/{kind}; boundary=mark", "".join(f"--mark\r\n{part}\r\n" for part in each) + "--mark--")


def attached(content_type: str, content: bytes) -> bytes:
    body = encodebytes(content).decode().replace("\n", "\r\n")
    named = 'Content-Disposition: attachment; filename="smime.p7m"'
    return of(content_type, body, "Content-Transfer-Encoding: base64", named)


def cms(folder: Path, certificate: Certificate, *options: str, content: str | bytes = INNER) -> bytes:
    """The bytes openssl makes of a mail: DER, or BER without lengths for `-stream`, as Outlook's are."""
    source = folder / "inner.eml"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    command = [require("openssl", package="openssl"), "cms", *options, "-binary", "-in", str(source), "-outform", "DER"]
    return subprocess.run(command, check=True, capture_output=True, cwd=certificate.key.parent).stdout


def signer(certificate: Certificate) -> tuple[str, ...]:
    return "-signer", str(certificate.certificate), "-inkey", str(certificate.key)


PGP_MIME = parts(
    'encrypted; protocol="application/pgp-encrypted"',
    "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n",
    f"Content-Type: application/octet-stream; name=encrypted.asc\r\nContent-Disposition: inline\r\n\r\n{ARMOR}",
)
PGP_INLINE = of("text/plain; charset=utf-8", ARMOR)
