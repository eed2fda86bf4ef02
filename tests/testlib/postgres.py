"""A private PostgreSQL on a loopback port: started once per test run, a fresh database for each test.

Nothing of a server that the machine may run is touched: own folder, own port, own account.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from mailproc.store import db, schema
from tests.testlib.dovecot import HOST, free_ports
from tests.testlib.programs import require

USER = "mailproc"
START_LIMIT = 20.0  # seconds; it takes 0.2, and longer after a power cut
_TEMPLATE = "template_mailproc"
#: Small, with commits on disk as in earnest; `max_connections` for several daemons and their tests.
_SETTINGS = {
    "listen_addresses": HOST,
    "shared_buffers": "64MB",
    "max_connections": "100",
    "fsync": "on",
    "max_wal_size": "256MB",
    "autovacuum": "on",
    "logging_collector": "off",
}


def programs() -> Path:
    """The folder of the newest installed server; skips or fails the test as `require` does."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    for folder in reversed(folders):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return Path(require("postgres", package="postgresql")).resolve().parent


class Postgres:
    """A running server."""

    def __init__(self) -> None:
        self._bin = programs()
        # A short path outside pytest's own folder, which keeps other accounts out: the server refuses to be root.
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-", dir="/tmp"))
        self._account = _account()
        if os.geteuid() == 0:
            os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self._data = self.folder / "data"

    def create(self) -> None:
        """Make the cluster and start it."""
        done = subprocess.run(
            [str(self._bin / "initdb"), "-D", str(self._data), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C",
             "--no-sync"],
            capture_output=True, text=True, check=False, **self._as_account(),
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"initdb failed:\n{done.stdout}{done.stderr}")
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(f"unix_socket_directories = '{self.folder}'\n")
            settings.writelines(f"{name} = {value!r}\n" for name, value in _SETTINGS.items())
        self.start()

    def start(self) -> None:
        """Start and wait until it takes connections; the port is chosen at the first start and kept."""
        self.port = self.port or free_ports(1)[0]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._bin / "postgres"), "-D", str(self._data), "-p", str(self.port)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **self._as_account(),
            )  # fmt: skip
        limit = time.monotonic() + START_LIMIT
        ready = [str(self._bin / "pg_isready"), "-q", "-h", HOST, "-p", str(self.port), "-d", "postgres"]
        while subprocess.run(ready, check=False).returncode:
            if self._process.poll() is not None or time.monotonic() > limit:
                self.kill()
                raise RuntimeError(f"PostgreSQL did not start:\n{self.log()}")
            time.sleep(0.02)

    def stop_at_once(self) -> None:
        """As after a power cut, but for the page cache: connections are dropped, nothing is tidied."""
        self._end(signal.SIGQUIT)

    def kill(self) -> None:
        """End it and every process it started, whatever they do."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(START_LIMIT)
            self._process = None

    def close(self) -> None:
        """Stop it and forget everything."""
        self.stop_at_once()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        """What the server said."""
        return (self.folder / "log").read_text(errors="replace")

    def url(self, database: str) -> str:
        return f"postgresql://{USER}@{HOST}:{self.port}/{database}"

    async def empty_database(self) -> str:
        """A new database without any table; its URL."""
        return await self._create("template0")

    async def database(self) -> str:
        """A new database with our tables; its URL."""
        if not await self._has(_TEMPLATE):
            await self._statement(f'CREATE DATABASE "{_TEMPLATE}"')
            async with db.connected(self.url(_TEMPLATE)) as connection:
                await schema.upgrade(connection, datetime(2026, 11, 21, tzinfo=UTC))
        return await self._create(_TEMPLATE)

    async def drop(self, url: str) -> None:
        """Forget a database, whoever is connected to it."""
        await self._statement(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)')

    async def _create(self, template: str) -> str:
        self._databases += 1
        name = f"test_{self._databases}"
        # WAL_LOG copies without a checkpoint, which costs half a second.
        await self._statement(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY wal_log')
        return self.url(name)

    async def _has(self, database: str) -> bool:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            return bool(await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname = $1", database))
        finally:
            await connection.close()

    async def _statement(self, sql: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    def _as_account(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {"cwd": self.folder}
        account = self._account
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": self.folder}


def _account() -> pwd.struct_passwd:
    """Who the server runs as: root is refused."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    with contextlib.suppress(KeyError):
        return pwd.getpwnam("postgres")
    return pwd.getpwnam("nobody")


@contextlib.contextmanager
def server() -> Iterator[Postgres]:
    """A server of one's own, from created to gone."""
    postgres = Postgres()
    try:
        postgres.create()
        yield postgres
    finally:
        postgres.close()
