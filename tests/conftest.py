"""What every test stands on: no task outlives its test, servers are real, examples are random."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.testlib import postgres
from tests.testlib.certificate import Certificate, make_certificate
from tests.testlib.dovecot import Dovecot
from tests.testlib.postgres import Postgres
from tests.testlib.smtp import Sink

# No deadline: other work on the machine is no fault of the code; pytest-timeout catches what hangs.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), max_examples=300, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if os.environ.get("CI") else "dev"))


def pytest_itemcollected(item: pytest.Item) -> None:
    """Whatever needs a mail server is no part of the everyday tests."""
    if "dovecot" in getattr(item, "fixturenames", ()):
        item.add_marker("slow")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may take longest begins first, so that no worker is left alone with it; the rest stays shuffled."""
    items.sort(key=_patience, reverse=True)


def _patience(item: pytest.Item) -> float:
    """The time limit a test asks for, in seconds."""
    mark = item.get_closest_marker("timeout")
    return float(mark.args[0]) if mark and mark.args else 0.0


@pytest.fixture(autouse=True)
def no_task_outlives_its_test(request: pytest.FixtureRequest) -> None:
    """First fixture of every asynchronous test, hence the last to be torn down."""
    if inspect.iscoroutinefunction(getattr(request, "function", None)):
        request.getfixturevalue("tasks_left_behind")


@pytest.fixture
async def tasks_left_behind() -> AsyncIterator[None]:
    """Fails the test when tasks still run after it and after its other fixtures."""
    yield
    await asyncio.sleep(0)  # a task that was cancelled needs one turn of the loop to end
    left = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
    assert not left, f"tasks outlived the test: {left}"


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """For servers on 127.0.0.1."""
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def dovecot(certificate: Certificate) -> Iterator[Dovecot]:
    """A real IMAP and LMTP server of the test's own, without mail."""
    server = Dovecot(certificate)
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    """An SMTP server that takes everything for reserved domains."""
    async with Sink() as server:
        yield server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgres]:
    """The one PostgreSQL of this run; each test has a database of its own on it."""
    with postgres.server() as server:
        yield server


@pytest.fixture
async def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """Where the test's database is: a SQLite file, or on PostgreSQL too with the mark `on_both`."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{tmp_path}/mailproc.db"
        return
    server: Postgres = request.getfixturevalue("postgresql")
    url = await server.database()
    yield url
    await server.drop(url)
