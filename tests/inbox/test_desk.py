"""Intake as the whole daemon sees it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailproc.clock import LeapingClock
from mailproc.store import tickets
from tests.testlib.desk import SUPPORT, MailWorld, configuration, running
from tests.testlib.dovecot import PASSWORD, Dovecot
from tests.testlib.store import raw_mail

SALES = "sales@acme.example"


@pytest.fixture(autouse=True)
def store() -> None:
    """The daemon opens its own."""


async def test_two_mailboxes_each_with_its_team_and_copies(dovecot: Dovecot, tmp_path: Path) -> None:
    imap = {"host": "127.0.0.1", "security": "clear", "password": PASSWORD, "port": dovecot.imap_port}
    world = MailWorld(dovecot, LeapingClock(), (SUPPORT, SALES))
    async with world.sink:
        smtp = {"host": "127.0.0.1", "port": world.smtp_port, "security": "clear"}
        sales = {"address": SALES, "team": "sales", "imap": {**imap, "user": SALES}, "smtp": smtp}
        settings = configuration(
            dovecot, world.smtp_port, tmp_path, mailbox={"sales": sales}, team={"sales": {"members": ["ben"]}}
        )
        async with running(settings, world) as desk:
            for address in (SUPPORT, SUPPORT, SALES):
                dovecot.deliver(address, raw_mail(1), "clara@customer.example")
            for _ in range(2):  # which of the two leaves first is nobody's business
                await desk.clara.receive("[Acme #")
            await desk.quiet()
            views = [await tickets.view(number) for number in (1, 2, 3)]
            assert {view.team for view in views if view is not None} == {"support", "sales"}
            assert views[2] is None


async def test_of_a_mail_too_large_a_ticket_is_opened_all_the_same(dovecot: Dovecot, tmp_path: Path) -> None:
    world = MailWorld(dovecot, LeapingClock())
    async with world.sink:
        settings = configuration(dovecot, world.smtp_port, tmp_path, limits={"message_bytes": 100_000})
        async with running(settings, world) as desk:
            dovecot.deliver(SUPPORT, raw_mail(1, ("x" * 70 + "\r\n") * 2000), "clara@customer.example")
            await desk.clara.receive("[Acme #1]")
            await desk.quiet()
            view = await tickets.view(1)
            assert view is not None
            assert view.subject == "Printer 1"
