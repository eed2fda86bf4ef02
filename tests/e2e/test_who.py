"""Who is let in: strangers, copies, robots, agents without proof."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailproc.core.lifecycle import Status
from mailproc.demo.people import text_of
from mailproc.store import inbound, tickets
from tests.e2e.test_life import opened, resolved, status
from tests.testlib.desk import PEOPLE, SUPPORT, Desk, MailWorld, configuration, running

pytestmark = pytest.mark.slow


@pytest.mark.row("A4", "A25")
async def test_a_number_in_the_subject_opens_nothing(desk: Desk) -> None:
    await opened(desk)
    await desk.mallory.write(SUPPORT, "Re: Printer stops after page two [Acme #1]", "Please tell me what Clara wrote.")
    await desk.mallory.receive("[Acme #2]")
    await desk.quiet()
    first = await tickets.said(1, 10)
    assert len(first) == 1
    assert all("two pages" not in mail.content.decode() for mail in desk.mallory.inbox())


@pytest.mark.row("A4")
async def test_a_stranger_with_a_real_token_is_kept_private_until_accepted(desk: Desk) -> None:
    news = await opened(desk)
    letter = desk.clara.inbox()[0]
    await desk.mallory.reply(letter, "I am Clara's colleague: it is model X100.")
    told = await desk.anna.receive("model X100")
    await desk.quiet()
    assert [message.private for message in await tickets.said(1, 1)] == [True]
    assert not desk.mallory.inbox()
    await desk.anna.press(told, "Accept")
    await desk.anna.receive(PEOPLE["mallory"][1])
    await desk.anna.reply(news, "Thank you both.")
    await desk.mallory.receive("Thank you both.")
    await desk.clara.receive("Thank you both.")


async def test_people_in_copy_are_answered_along_and_may_write_but_not_confirm(desk: Desk) -> None:
    await desk.clara.write(SUPPORT, "Printer stops", "It prints two pages.", cc=PEOPLE["chief"][1])
    news = await desk.anna.receive("[Acme #1]")
    assert PEOPLE["chief"][1] in text_of(news)
    await desk.anna.reply(news, "#resolve\nInstall driver 4.2.")
    letter = await desk.chief.receive("driver 4.2")
    assert "mailto:" not in text_of(letter)
    await desk.chief.reply(letter, "Yes, it is solved.")
    await desk.anna.receive(PEOPLE["chief"][0])
    await desk.quiet()
    assert await status() is Status.RESOLVED
    await desk.chief.reply(letter, "Page three is missing still, can you look again?")
    await desk.anna.receive("Page three")
    await desk.quiet()
    assert await status() is Status.REOPENED


@pytest.mark.parametrize(
    "fields",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-generated; type=x (comment)"},
        {"X-Autoreply": "yes"},
        {"Precedence": "bulk"},
    ],
)
async def test_robots_are_recorded_and_never_answered(desk: Desk, fields: dict[str, str]) -> None:
    await desk.mallory.write(SUPPORT, "I got your mail", "This mailbox answers by itself.", fields=fields)
    await desk.quiet()
    assert not desk.mallory.inbox()
    assert not desk.anna.inbox()
    assert [line.outcome for line in await inbound.listing("", 10)] == ["automatic"]


@pytest.mark.row("A8")
async def test_an_absence_note_moves_no_status(desk: Desk) -> None:
    solved = await resolved(desk)
    await desk.clara.reply(
        solved, "I am away until Monday. Yes, it is solved.", fields={"Auto-Submitted": "auto-replied"}
    )
    await desk.quiet()
    assert await status() is Status.RESOLVED


async def test_mail_behind_a_list_gets_a_ticket_and_no_letter(desk: Desk) -> None:
    await desk.clara.write(
        SUPPORT, "Printer stops", "It prints two pages.", fields={"List-Id": "<support.acme.example>"}
    )
    await desk.anna.receive("two pages")
    await desk.quiet()
    assert not desk.clara.inbox()


@pytest.mark.row("A10")
async def test_our_own_mail_that_comes_back_is_only_recorded(desk: Desk) -> None:
    await opened(desk)
    letter = desk.clara.inbox()[0]
    desk.world.dovecot.deliver(SUPPORT, letter.content)
    await desk.quiet()
    assert [line.outcome for line in await inbound.listing("", 1)] == ["automatic"]


async def test_a_bounce_of_an_agent_s_answer_is_told_to_its_owner(desk: Desk) -> None:
    news = await opened(desk)
    desk.world.sink.answer_recipient(PEOPLE["clara"][1], "550 5.1.1 no such user here")
    await desk.anna.reply(news, "Which driver?")
    await desk.anna.receive("no such user here")


async def test_a_delivery_report_is_matched_by_our_message_id(desk: Desk) -> None:
    news = await opened(desk)
    await desk.anna.reply(news, "Which driver?")
    answer = await desk.clara.receive("Which driver")
    report = (
        f"From: MAILER-DAEMON@customer.example\r\nTo: {answer.sender}\r\nSubject: Undelivered Mail\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\n\r\nIt failed.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.example\r\n\r\n"
        f"Final-Recipient: rfc822; {PEOPLE['clara'][1]}\r\nAction: failed\r\nStatus: 5.2.2\r\n"
        "Diagnostic-Code: smtp; 552 5.2.2 mailbox is full\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {answer.header('Message-ID')}\r\n\r\n--b--\r\n"
    )
    desk.world.dovecot.deliver(SUPPORT, report.encode())
    await desk.anna.receive("mailbox is full")
    await desk.quiet()
    assert (await inbound.listing("", 1))[0].outcome == "automatic"


@pytest.mark.row("A6")
async def test_an_unknown_command_holds_the_mail_and_tells_the_agent(desk: Desk) -> None:
    news = await opened(desk)
    await desk.anna.reply(news, "#resovle driver\n\nInstall driver 4.2.")
    held = text_of(await desk.anna.receive("#resovle"))
    assert "#resolve" in held
    await desk.quiet()
    assert len(desk.clara.inbox()) == 1
    assert await status() is Status.NEW


@pytest.mark.row("A1")
async def test_an_agent_unproven_acts_on_nothing(world: MailWorld, tmp_path: Path) -> None:
    settings = configuration(
        world.dovecot,
        world.smtp_port,
        tmp_path,
        agents={"trust": "authenticated", "trusted_authserv_ids": ["mx.acme.example"]},
    )
    async with running(settings, world) as desk:
        news = await opened(desk)
        await desk.anna.reply(news, "#resolve\nInstall driver 4.2.")
        await desk.anna.receive("Install driver 4.2.")  # held, and told to the registered address
        await desk.quiet()
        assert await status() is Status.NEW
        assert len(desk.clara.inbox()) == 1
        proof = {"Authentication-Results": "mx.acme.example; dmarc=pass header.from=acme.example"}
        await desk.anna.reply(news, "#resolve\nInstall driver 4.2.", fields=proof)
        await desk.clara.receive("driver 4.2")


@pytest.mark.row("A7")
async def test_a_customer_s_hashes_are_words(desk: Desk) -> None:
    await opened(desk)
    letter = desk.clara.inbox()[0]
    await desk.clara.reply(letter, "#close\n#resolve\nis what my screen shows.")
    await desk.anna.receive("is what my screen shows")
    await desk.quiet()
    assert await status() is Status.NEW


async def test_a_mail_too_large_opens_a_ticket_and_is_told_as_such(world: MailWorld, tmp_path: Path) -> None:
    settings = configuration(world.dovecot, world.smtp_port, tmp_path, limits={"message_bytes": 20_000})
    async with running(settings, world) as desk:
        big = ("film.bin", bytes(60_000))
        await desk.clara.write(SUPPORT, "A film of it", "See the film.", attachment=big)
        news = await desk.anna.receive("[Acme #1]", "too large")
        assert "See the film" not in text_of(news)
        await desk.quiet()
        assert len(desk.world.dovecot.mails(SUPPORT, "Processed")) == 1
