"""`mailproc customers import`: the whole file or nothing, and every mistake with its line."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest

from mailproc.core.message import Address
from mailproc.store import tickets
from mailproc.store.db import deciding
from tests.cli.conftest import CONFIGURATION, Shell
from tests.testlib.by_hand import by_hand
from tests.testlib.desk import SUPPORT
from tests.testlib.store import NOW, fresh_store

pytestmark = pytest.mark.slow
GOOD = (
    "address,name,organisation,vip,language,time_zone\nclara@customer.example, Clara Jones ,ACME,yes,de,Europe/Berlin\n"
)


@pytest.fixture
async def shell(tmp_path: Path) -> Shell:
    file = tmp_path / "mailproc.toml"
    file.write_text(CONFIGURATION.format(folder=tmp_path, support=SUPPORT, password="x", imap_port=9, smtp_port=9))
    async with by_hand(tmp_path):
        pass
    return Shell(file)


@pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
async def test_an_import_waits_for_a_mail_that_makes_one_of_them_known(
    shell: Shell, store_url: str, tmp_path: Path
) -> None:
    words = shell.file.read_text()
    shell.file.write_text(words.replace(f"sqlite://{tmp_path}/mailproc.db", store_url))
    file = tmp_path / "customers.csv"
    file.write_text(GOOD)
    other = await asyncpg.connect(store_url)
    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with fresh_store(store_url), asyncio.timeout(30):
        async with deciding():
            await tickets.learn_person(Address("clara@customer.example", "Clara"), "en", NOW)
            told = asyncio.create_task(shell("customers", "import", str(file)))
            while not await other.fetchval(waits):  # noqa: ASYNC110 - another process is waited for
                await asyncio.sleep(0.05)
        await other.close()
        assert (await told).out == "1 customer: 0 new, 1 brought up to date.\n"


async def test_what_the_file_says_is_known_and_a_second_import_brings_it_up_to_date(
    shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(GOOD)
    assert (await shell("customers", "import", str(file))).out == "1 customer: 1 new, 0 brought up to date.\n"
    file.write_text("address,organisation\nClara@customer.example,Customer & Sons\n")
    assert (await shell("customers", "import", str(file))).out == "1 customer: 0 new, 1 brought up to date.\n"
    async with by_hand(tmp_path):
        clara = await tickets.find_person("clara@customer.example")
    assert clara is not None
    assert (clara.name, clara.organisation, clara.vip, clara.language) == (
        "Clara Jones",
        "Customer & Sons",
        False,
        "de",
    )


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("address,vip\nclara@customer.example,maybe\n", "line 2: vip is maybe; write yes or no."),
        ("address\nclara\n", "line 2: clara is no mail address."),
        ("adress\nclara@customer.example\n", "line 2: more cells than columns, or unknown columns (adress)"),
        ("address,time_zone\na@x.example,\nb@x.example,Berlin\n", "line 3: there is no time zone Berlin"),
        ("", "no customers in it"),
    ],
)
async def test_a_mistake_is_told_with_its_line_and_nothing_is_imported(
    shell: Shell, tmp_path: Path, lines: str, told: str
) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(lines)
    answer = await shell("customers", "import", str(file))
    assert (answer.code, told in answer.err, "Nothing was imported." in answer.err) == (1, True, True), answer.err
