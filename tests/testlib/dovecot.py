"""A private Dovecot on loopback ports: IMAP, IMAPS and LMTP, any user name, one password.

Nothing of a Dovecot that the machine may run is touched: own folder, own ports, own account. Speaks the
configuration of 2.3 and of 2.4.
"""

from __future__ import annotations

import contextlib
import grp
import imaplib
import os
import pwd
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.testlib.certificate import Certificate
from tests.testlib.programs import require

PASSWORD = "secret"
HOST = "127.0.0.1"
START_LIMIT = 15.0  # seconds; it takes 0.1 to 0.2
STOP_LIMIT = 3.0

SAME_IN_BOTH = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
listen = {host}
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
recipient_delimiter = +
auth_failure_delay = 0
mail_fsync = never
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = {imaps_port}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp_port}
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
"""

ONLY_2_3 = """
protocols = imap lmtp
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home/%u
}}
"""

ONLY_2_4 = """
protocols {{
  imap = yes
  lmtp = yes
}}
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = {folder}/mail/%{{user}}
ssl = yes
ssl_server_cert_file = {certificate}
ssl_server_key_file = {key}
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {user}
    gid = {group}
    home = {folder}/home/%{{user}}
  }}
}}
"""

WITHOUT_MOVE_2_3 = "imap_capability = IMAP4rev1 IDLE UIDPLUS CHILDREN NAMESPACE\n"
WITHOUT_MOVE_2_4 = "imap_capability {\n  MOVE = no\n}\n"


def version(dovecot: str) -> tuple[int, int]:
    """Major and minor version, as (2, 3)."""
    told = subprocess.run([dovecot, "--version"], check=True, capture_output=True, text=True).stdout
    found = re.match(r"(\d+)\.(\d+)", told)
    assert found, f"dovecot --version says {told!r}"
    return int(found[1]), int(found[2])


class Dovecot:
    """A running server. Every user name exists and has the password `password`."""

    host = HOST
    password = PASSWORD

    def __init__(self, certificate: Certificate, *, can_move: bool = True, sent: str = "") -> None:
        self._can_move = can_move  # whether it offers MOVE (RFC 6851)
        self._sent = sent  # a folder it makes and marks as the one for sent mail (RFC 6154)
        self._program = require("dovecot", package="dovecot-imapd and dovecot-lmtpd")
        self._version = version(self._program)
        # A short path outside pytest's own folder: UNIX sockets allow 107 bytes, and root's folder keeps others out.
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))
        # Dovecot's login processes refuse to run as root.
        self._account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self._process: subprocess.Popen[bytes] | None = None
        self._dropped = 0
        self.imap_port = self.imaps_port = self.lmtp_port = 0
        self.ca_file = self.folder / "certificate.pem"
        shutil.copyfile(certificate.certificate, self.ca_file)
        shutil.copyfile(certificate.key, self.folder / "key.pem")
        for name in ("mail", "home"):
            (self.folder / name).mkdir()
        for path in (self.folder, *self.folder.iterdir()):
            self._hand_over(path)

    def start(self) -> None:
        """Start and wait until both doors greet. Ports are chosen at the first start and kept."""
        chosen = bool(self.imap_port)
        for _ in range(1 if chosen else 3):  # someone may take a port between choosing and using it
            if not chosen:
                self.imap_port, self.imaps_port, self.lmtp_port = free_ports(3)
            self._write_configuration()
            self._process = self._launch()
            if self._greets(self._process):
                return
            self.kill()
        raise RuntimeError(f"Dovecot did not start:\n{self.log()}")

    def stop(self) -> None:
        """End as an operator would; connections are closed."""
        if self._process is None:
            return
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_LIMIT)
        self.kill()

    def kill(self) -> None:
        """End at once, with every process it started: a power cut."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        (self.folder / "run" / "master.pid").unlink(missing_ok=True)

    def restart(self) -> None:
        """Stop and start on the same ports, with the mail kept."""
        self.stop()
        self.start()

    def close(self) -> None:
        """Kill and remove everything: Dovecot takes a second to end in peace."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def deliver(self, recipient: str, raw: bytes, sender: str = "") -> None:
        """Hand a mail over by LMTP (RFC 2033), as a mail server would; `recipient` may be a plus-address."""
        with smtplib.LMTP(self.host, self.lmtp_port) as lmtp:
            lmtp.sendmail(sender, [recipient], raw)

    def drop(self, user: str, mails: Iterable[bytes], folder: str = "INBOX") -> None:
        """Lay many mails into a folder at once, past LMTP; they are there at the next SELECT or NOOP."""
        maildir = self.folder / "mail" / user
        if folder != "INBOX":
            maildir /= "." + folder.replace("/", ".")
        for part in (maildir, maildir / "tmp", maildir / "new", maildir / "cur"):
            if not part.exists():
                part.mkdir()
                self._hand_over(part)
        for raw in mails:
            self._dropped += 1
            name = f"{int(time.time())}.M{self._dropped:09d}.test"  # Dovecot gives UIDs in the order of names
            (maildir / "tmp" / name).write_bytes(raw)
            self._hand_over(maildir / "tmp" / name)
            (maildir / "tmp" / name).rename(maildir / "new" / name)

    def mails(self, user: str, folder: str = "INBOX") -> list[bytes]:
        """Every mail in a folder, oldest first, read over IMAP; a folder that is not there is empty."""
        with self.imap(user) as imap:
            if imap.select(f'"{folder}"', readonly=True)[0] != "OK":
                return []
            found = imap.uid("SEARCH", "ALL")[1][0].split()
            answers = imap.uid("FETCH", b",".join(found).decode(), "(BODY.PEEK[])")[1] if found else []
            return [answer[1] for answer in answers if isinstance(answer, tuple)]

    def folders(self, user: str) -> set[str]:
        """Names of the user's folders."""
        with self.imap(user) as imap:
            lines = [line for line in imap.list()[1] if isinstance(line, bytes)]
        return {line.decode().rpartition(' "/" ')[2].strip('"') for line in lines}

    @contextlib.contextmanager
    def imap(self, user: str) -> Iterator[imaplib.IMAP4]:
        """A logged-in connection, for looking at what the program under test left behind."""
        imap = imaplib.IMAP4(self.host, self.imap_port, timeout=10)
        try:
            imap.login(user, PASSWORD)
            yield imap
        finally:
            try:
                imap.logout()
            except (imaplib.IMAP4.error, OSError):  # a test may have killed the server meanwhile
                imap.shutdown()

    def log(self) -> str:
        """What the server wrote."""
        parts = (self.folder / "stderr", self.folder / "dovecot.log")
        return "".join(part.read_text(errors="replace") for part in parts if part.exists())

    def _write_configuration(self) -> None:
        newer = self._version >= (2, 4)
        text = SAME_IN_BOTH + (ONLY_2_4 if newer else ONLY_2_3)
        text = text.format(
            folder=self.folder,
            host=self.host,
            user=self._account.pw_name,
            group=group_name(self._account.pw_gid),
            certificate=self.ca_file,
            key=self.folder / "key.pem",
            password=PASSWORD,
            imap_port=self.imap_port,
            imaps_port=self.imaps_port,
            lmtp_port=self.lmtp_port,
        )
        if self._sent:
            marked = f"mailbox {self._sent} {{\n    special_use = \\Sent\n    auto = create\n  }}"
            text = text.replace("  separator = /\n", f"  separator = /\n  {marked}\n")
        if newer:  # 2.4 wants its version on the first line
            text = "dovecot_config_version = 2.4.0\ndovecot_storage_version = 2.4.0\n" + text
        if not self._can_move:
            text += WITHOUT_MOVE_2_4 if newer else WITHOUT_MOVE_2_3
        (self.folder / "dovecot.conf").write_text(text)

    def _hand_over(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)

    def _launch(self) -> subprocess.Popen[bytes]:
        command = [self._program, "-F", "-c", str(self.folder / "dovecot.conf")]
        root = os.geteuid() == 0
        with (self.folder / "stderr").open("ab") as errors:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,  # so that `kill` reaches every process of it
                user=self._account.pw_uid if root else None,
                group=self._account.pw_gid if root else None,
                extra_groups=[] if root else None,
            )

    def _greets(self, process: subprocess.Popen[bytes]) -> bool:
        limit = time.monotonic() + START_LIMIT
        waiting = [(self.imap_port, b"* OK"), (self.lmtp_port, b"220 ")]
        while waiting and time.monotonic() < limit:
            if process.poll() is not None:
                return False
            port, greeting = waiting[0]
            if greets(self.host, port, greeting):
                waiting.pop(0)
            else:
                time.sleep(0.01)
        return not waiting


def greets(host: str, port: int, greeting: bytes) -> bool:
    """Whether a server answers a connection with `greeting`."""
    try:
        with socket.create_connection((host, port), timeout=START_LIMIT) as connection:
            return connection.recv(len(greeting)) == greeting
    except OSError:
        return False


def free_ports(count: int) -> list[int]:
    """Loopback ports that nobody listens on now, all different."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]


def group_name(number: int) -> str:
    """Name of a group, as Dovecot wants it."""
    return grp.getgrgid(number).gr_name
