"""A server without plus-addresses: tokens travel in Message-IDs and in subjects."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailproc.core.lifecycle import Status
from mailproc.demo.people import text_of
from mailproc.store import history
from tests.e2e.test_life import opened, status
from tests.testlib.desk import SUPPORT, MailWorld, configuration, running

pytestmark = pytest.mark.slow


async def test_the_whole_life_without_plus_addresses(world: MailWorld, tmp_path: Path) -> None:
    settings = configuration(world.dovecot, world.smtp_port, tmp_path, mailbox={})
    mailbox = settings.mailbox["support"].model_copy(update={"plus_addressing": False})
    async with running(settings.model_copy(update={"mailbox": {"support": mailbox}}), world) as desk:
        news = await opened(desk)
        assert news.header("Reply-To") == SUPPORT
        await desk.anna.reply(news, "#resolve\nInstall driver 4.2.")
        solved = await desk.clara.receive("driver 4.2")
        assert "+" not in solved.header("Reply-To")
        assert "ref:" in text_of(solved).replace("%3A", ":")
        await desk.clara.press(solved, "Yes, it is solved")
        survey = await desk.clara.receive("great")
        assert await status() is Status.CLOSED
        await desk.clara.press(survey, "great")
        await desk.anna.receive("5")
        await desk.quiet()
        assert [entry.text for entry in await history.of_ticket(1) if entry.kind == "rated"] == ["5 of 5"]


async def test_a_reply_by_message_id_alone_finds_its_ticket(world: MailWorld, tmp_path: Path) -> None:
    settings = configuration(world.dovecot, world.smtp_port, tmp_path)
    mailbox = settings.mailbox["support"].model_copy(update={"plus_addressing": False})
    async with running(settings.model_copy(update={"mailbox": {"support": mailbox}}), world) as desk:
        await opened(desk)
        await desk.clara.reply(desk.clara.inbox()[0], "It is model X100.")
        await desk.anna.receive("model X100")
        await desk.quiet()
        assert await status(1) is Status.NEW
