"""A certificate for servers on the loopback address, made by the openssl program."""

from __future__ import annotations

import ssl
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.testlib.programs import require

EXTENSIONS = (
    "subjectAltName=IP:127.0.0.1,DNS:localhost",
    "basicConstraints=critical,CA:TRUE",
    "keyUsage=critical,digitalSignature,keyCertSign",
    "extendedKeyUsage=serverAuth",
)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Self-signed, for 127.0.0.1 and localhost: `certificate` is also the authority file a client is given."""

    certificate: Path
    key: Path

    def end(self) -> datetime:
        """Until when it is good."""
        command = [require("openssl", package="openssl"), "x509", "-in", str(self.certificate), "-noout", "-enddate"]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return datetime.strptime(told.strip(), "notAfter=%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)

    def server_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def client_context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate))


def make_certificate(folder: Path) -> Certificate:
    """Write a fresh key and certificate into `folder`; takes about 20 ms."""
    program = require("openssl", package="openssl")
    made = Certificate(folder / "certificate.pem", folder / "key.pem")
    command = [program, "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    command += ["-days", "2", "-subj", "/CN=localhost", "-out", str(made.certificate), "-keyout", str(made.key)]
    for extension in EXTENSIONS:
        command += ["-addext", extension]
    subprocess.run(command, check=True, capture_output=True)
    return made
