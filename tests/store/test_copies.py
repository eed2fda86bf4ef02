"""A backup is whole and usable, and a move to PostgreSQL loses nothing."""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import subprocess
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailproc.cli import database
from mailproc.core.budgets import Stopped
from mailproc.core.message import Address
from mailproc.store import budgets, copies, db, deadlines, history, inbound, models, outbox, schema, tickets
from mailproc.store.db import DatabaseError
from mailproc.store.history import Entry
from mailproc.store.tickets import NewTicket
from tests.faults.several import configuration
from tests.testlib.postgres import Postgres, programs
from tests.testlib.sending import mail
from tests.testlib.store import NOW, fresh_store, raw_mail, spooled


async def lived_in() -> None:
    """Something in every table, also what is rare: no value, bytes of every kind, other alphabets, a hostile zero."""
    await spooled(raw_mail(1), bytes(range(256)) * 4000, b"")
    await inbound.enter("support", "INBOX", inbound.Folder(7, NOW, 3, 3))
    clara = await tickets.learn_person(Address("clara@customer.example", "Клара \U0001f5a8"), "en", NOW)
    chief = await tickets.learn_person(Address("chief@customer.example"), "", NOW + timedelta(microseconds=1))
    first = await tickets.open_ticket(NewTicket("support", "support", "s", "k", clara.id, "en", NOW, None, None))
    new = NewTicket("support", "support", "t", "k", clara.id, "en", NOW, NOW, first, ("<1@x.example>",))
    second = await tickets.open_ticket(new)
    await tickets.add_copied(second, [chief], NOW)
    words: dict[str, Any] = {"kind": "customer", "author": "c@customer.example", "author_name": "", "attachments": "[]"}
    words |= {"inbound_id": None, "private": False, "created_at": NOW}
    await tickets.add_message(first, text="zero \0 here\r\n", full_text="'quoted' \\ \u2028", **words)
    await tickets.remember_id(first, "<1@x.example>")
    await tickets.await_ids(second, ["<2@x.example>"])
    await tickets.rate(first, clara.id, 1, agent="anna", team="support", score=5, comment="", rated_at=NOW)
    await deadlines.put(first, "reminder", 1, NOW, NOW)
    await budgets.let_go(
        [budgets.Letter("Clara@customer.example", first, "acknowledgement", stranger=True, held=False)], NOW
    )
    await budgets.stopped([Stopped.BREAKER], NOW)
    await tickets.save(first, {"merged_into_id": second})
    await models.TicketLink.create(ticket_id=first, other_id=second, linked_at=NOW)
    await models.SideConversation.create(ticket_id=first, person_id=chief.id, agent="anna", asked_at=NOW)
    await models.AgentAction.create(ticket_id=first, agent="anna", inbound_id=1, at=NOW, before="{}", after="{}")
    await models.AgentState.create(agent="anna", away_since=NOW)
    await models.MutedTicket.create(agent="anna", ticket_id=first)
    await models.Digest.create(agent="anna", sent_at=NOW, tickets="1 2")
    async with db.transaction():
        await outbox.enqueue([mail("a"), mail("b", ticket_id=None, not_before=NOW)])
        await history.append([Entry(NOW, "mail", "clara", "a line", "why", first, 1, 1), Entry(NOW, "note", "", "")])


async def counted(url: str) -> dict[str, int]:
    async with db.connected(url) as connection:
        rows = [await connection.execute_query_dict(f'SELECT count(*) AS n FROM "{table}"') for table in copies.TABLES]
    return {table: row["n"] for table, (row,) in zip(copies.TABLES, rows, strict=True)}


@pytest.fixture
async def source(tmp_path: Path) -> Path:
    async with fresh_store(f"sqlite:///{tmp_path}/mailproc.db"):
        await lived_in()
    return tmp_path / "mailproc.db"


def test_every_table_is_moved_but_those_of_the_moment() -> None:
    made = {
        line.split('"')[1]
        for step in schema.migrations("postgresql")
        for line in step.sql.splitlines()
        if line.startswith("CREATE TABLE")
    }
    assert made - set(copies.TABLES) == {"node", "mailbox_lease", "health", "alert"}


async def test_a_backup_of_a_database_at_work_is_whole(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    async with db.connected(f"sqlite:///{source}"):
        await spooled(raw_mail(9), first_uid=9)  # in the write-ahead log only
        await copies.backup(f"sqlite:///{source}", target)
    assert await counted(f"sqlite:///{target}") == await counted(f"sqlite:///{source}")
    assert target.stat().st_mode & 0o077 == 0
    with pytest.raises(DatabaseError, match="exists already"):
        await copies.backup(f"sqlite:///{source}", target)


async def test_a_letter_without_content_is_found(source: Path) -> None:
    async with db.connected(f"sqlite:///{source}") as connection:
        assert await copies.problems(connection) == []
        await models.OutboxContent.filter(id=2).delete()
        assert await copies.problems(connection) == ["outbox_mail 2: has no content, and holds up what comes after it"]


async def test_a_backup_that_fails_leaves_no_file(source: Path, tmp_path: Path) -> None:
    source.write_bytes(source.read_bytes()[:9000] + b"\xff" * 9000)
    with pytest.raises(DatabaseError, match=r"damaged|malformed|could not"):
        await copies.backup(f"sqlite:///{source}", tmp_path / "backup.db")
    assert not list(tmp_path.glob("backup*"))


@pytest.mark.slow
class TestPostgresql:
    async def test_everything_is_there_after_a_move_and_numbers_go_on(self, source: Path, postgresql: Postgres) -> None:
        url = await postgresql.empty_database()
        moved = await copies.copy(source, url, NOW)
        assert moved == await counted(url) == await counted(f"sqlite:///{source}")
        assert {table for table, rows in moved.items() if not rows} == {"held_mail", "suppressed_address"}
        async with db.connected(url) as connection:
            assert await copies.problems(connection) == []
            found = await inbound.get(2)
            assert found is not None
            assert found[1] == bytes(range(256)) * 4000
            assert (await tickets.said(1, 1))[0].text == "zero \ufffd here\r\n"
            new = NewTicket("support", "support", "s", "k", 1, "en", NOW, None, None)
            assert await tickets.open_ticket(new) == 3
            async with db.transaction():
                await outbox.enqueue([mail("c"), mail("d")])
            assert await copies.problems(connection) == []  # some time later, too
        await postgresql.drop(url)

    async def test_a_target_with_rows_is_refused_and_left_alone(self, source: Path, postgresql: Postgres) -> None:
        url = await postgresql.database()
        async with db.connected(url):
            await tickets.learn_person(Address("dieter@customer.example"), "de", NOW)
        with pytest.raises(DatabaseError, match=r"not empty.*person"):
            await copies.copy(source, url, NOW)
        assert sum((await counted(url)).values()) == 1
        await postgresql.drop(url)

    async def test_a_row_that_arrives_changed_undoes_all(self, source: Path, postgresql: Postgres) -> None:
        url = await postgresql.database()
        async with db.connected(url) as connection:
            await connection.execute_script(
                "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.text = 'x'; RETURN NEW; END $$;"
                "CREATE TRIGGER spoil BEFORE INSERT ON history_entry FOR EACH ROW EXECUTE FUNCTION spoil()"
            )
        with pytest.raises(DatabaseError, match=r"history_entry.*others, arrived"):
            await copies.copy(source, url, NOW)
        assert sum((await counted(url)).values()) == 0
        await postgresql.drop(url)

    async def test_a_backup_can_be_restored(self, source: Path, postgresql: Postgres, tmp_path: Path) -> None:
        url, other = await postgresql.empty_database(), await postgresql.empty_database()
        await copies.copy(source, url, NOW)
        target = tmp_path / "backup.dump"
        await copies.backup(url, target)
        restore = [str(programs() / "pg_restore"), "--exit-on-error", f"--dbname={other}", str(target)]
        await asyncio.to_thread(subprocess.run, restore, check=True)
        assert await counted(other) == await counted(url)
        for each in (url, other):
            await postgresql.drop(each)

    async def test_a_password_is_handed_over_where_nobody_sees_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        program = tmp_path / "pg_dump"
        program.write_text(f'#!/bin/sh\necho "$@ / $PGPASSWORD" > {tmp_path}/told\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
        await copies.backup("postgresql://me:s3cret@db.example/desk", tmp_path / "backup")
        arguments, password = (tmp_path / "told").read_text().strip().split(" / ")
        assert (password, "s3cret" in arguments) == ("s3cret", False)
        monkeypatch.setenv("PATH", "/nowhere")
        with pytest.raises(DatabaseError, match="pg_dump is not here"):
            await copies.backup("postgresql://me:s3cret@db.example/desk", tmp_path / "other")
        assert not (tmp_path / "other.unfinished").exists()


async def test_the_commands(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "mailproc.toml"
    file.write_text(configuration(f"sqlite:///{source}", 1, 1))
    options = argparse.Namespace(config=file, file=tmp_path / "backup.db", to="mysql://x/y")
    assert await database.upgrade(options) == 0
    assert await database.check(options) == 0
    assert await database.make_backup(options) == 0
    with pytest.raises(DatabaseError, match="mysql"):
        await database.move(options)
    told = capsys.readouterr().out
    assert "up to date" in told
    assert "whole" in told
    assert "backup.db" in told
    with closing(sqlite3.connect(source)) as plain:
        plain.execute("PRAGMA foreign_keys = OFF")
        plain.execute("DELETE FROM person")
        plain.commit()
    assert await database.check(options) == 1
    assert "refers to nothing" in capsys.readouterr().err
