"""The ticket's whole life, by mail, on a real Dovecot."""

from __future__ import annotations

import pytest

from mailproc.core.lifecycle import Status
from mailproc.demo.people import text_of
from mailproc.demo.servers import Delivered
from mailproc.store import history, tickets
from tests.testlib.desk import PEOPLE, SUPPORT, Desk
from tests.testlib.store import on_both

_DRIVER = "Please install driver 4.2: it prints all pages again."


async def opened(desk: Desk, text: str = "Our printer prints two pages and stops.") -> Delivered:
    """Clara's ticket 1; Anna's notification of it."""
    await desk.clara.write(SUPPORT, "Printer stops after page two", text)
    await desk.clara.receive("[Acme #1]")
    return await desk.anna.receive("[Acme #1]")


async def resolved(desk: Desk) -> Delivered:
    """Anna has resolved it; Clara's letter that asks."""
    news = await opened(desk)
    await desk.anna.reply(news, f"#resolve driver\n\n{_DRIVER}")
    return await desk.clara.receive(_DRIVER)


async def status(number: int = 1) -> Status:
    ticket = await tickets.view(number)
    assert ticket is not None
    return ticket.status


async def test_a_first_mail_opens_a_ticket_is_acknowledged_and_told(desk: Desk) -> None:
    await desk.clara.write(SUPPORT, "Printer stops", "It prints two pages.")
    acknowledgement = await desk.clara.receive("[Acme #1]")
    for agent in (desk.anna, desk.ben):
        assert "It prints two pages." in text_of(await agent.receive("[Acme #1]"))
    await desk.quiet()
    assert await status() is Status.NEW
    assert acknowledgement.sender == ""  # RFC 3834, 3.3
    assert acknowledgement.header("Auto-Submitted") == "auto-replied"
    assert "two pages" not in text_of(acknowledgement)
    assert len(desk.clara.inbox()) == 1


@on_both
@pytest.mark.row("A21")
async def test_the_answer_reaches_the_customer_as_from_the_desk_and_nothing_else(desk: Desk) -> None:
    sent = await desk.clara.write(SUPPORT, "Printer stops", "It prints two pages.")
    news = await desk.anna.receive("[Acme #1]")
    await desk.anna.reply(news, "Dear Clara,\n\nwhich driver is it?", attachment=("guide.txt", b"turn it on"))
    answer = await desk.clara.receive("which driver")
    words = text_of(answer)
    assert (
        answer.header("From") == f'"Anna at Acme Support" <{SUPPORT}>'
        or answer.header("From") == f"Anna at Acme Support <{SUPPORT}>"
    )
    assert answer.header("In-Reply-To") == sent
    assert "Auto-Submitted" not in answer.content.decode()
    assert "guide.txt" in answer.content.decode()
    assert PEOPLE["anna"][1] not in answer.content.decode()
    assert "It prints two pages" not in words
    assert "mailto:" not in words
    receipt = await desk.anna.receive(PEOPLE["clara"][1])
    assert "In Progress" in text_of(receipt)
    await desk.quiet()
    ticket = await tickets.view(1)
    assert ticket is not None
    assert (ticket.status, ticket.owner) == (Status.IN_PROGRESS, "anna")


async def test_only_the_owner_is_told_once_someone_has_it(desk: Desk) -> None:
    news = await opened(desk)
    await desk.anna.reply(news, "Which driver?")
    answer = await desk.clara.receive("Which driver")
    await desk.quiet()
    before = len(desk.ben.inbox())
    await desk.clara.reply(answer, "Version 4.1.")
    await desk.anna.receive("Version 4.1.")
    await desk.quiet()
    assert len(desk.ben.inbox()) == before


@pytest.mark.row("A21")
async def test_a_note_stays_inside(desk: Desk) -> None:
    news = await opened(desk)
    await desk.anna.reply(news, "#note\nHe is a difficult one.")
    await desk.ben.receive("difficult")
    await desk.quiet()
    assert all("difficult" not in mail.content.decode() for mail in desk.clara.inbox())
    assert await status() is Status.NEW


async def test_an_answer_to_a_note_stays_a_note(desk: Desk) -> None:
    news = await opened(desk)
    await desk.anna.reply(news, "#note\nHe is a difficult one.")
    told = await desk.ben.receive("difficult")
    await desk.ben.reply(told, "I know him, be patient.")
    await desk.anna.receive("be patient")
    await desk.quiet()
    assert len(desk.clara.inbox()) == 1


async def test_a_note_that_was_held_does_not_slip_out_when_it_is_mended(desk: Desk) -> None:
    news = await opened(desk)
    await desk.anna.press(news, "Note", add="#asign ben\nHe is a difficult one.")
    held = await desk.anna.receive("#asign")
    await desk.anna.reply(held, "#assign ben\nHe is a difficult one.")
    await desk.ben.receive("difficult")
    await desk.quiet()
    assert len(desk.clara.inbox()) == 1


async def test_the_note_button_s_address_takes_notes_only(desk: Desk) -> None:
    news = await opened(desk)
    await desk.anna.press(news, "Note", add="Call him on Monday.")
    await desk.ben.receive("Call him on Monday.")
    await desk.quiet()
    assert len(desk.clara.inbox()) == 1


async def test_a_button_of_the_notification_takes_the_ticket(desk: Desk) -> None:
    news = await opened(desk)
    await desk.ben.press(news, "Take")  # a stranger to this token
    await desk.anna.press(news, "Take")
    await desk.anna.receive("Assigned")
    await desk.quiet()
    ticket = await tickets.view(1)
    assert ticket is not None
    assert (ticket.owner, ticket.status) == ("anna", Status.ASSIGNED)
    assert len(desk.clara.inbox()) == 1


async def test_confirmed_by_the_button(desk: Desk) -> None:
    solved = await resolved(desk)
    await desk.clara.press(solved, "Yes, it is solved")
    await desk.anna.receive("[Acme #1]", "Closed")
    await desk.quiet()
    assert await status() is Status.CLOSED
    letters = [mail.header("Subject") for mail in desk.clara.inbox()]
    assert len(letters) == 4  # acknowledgement, resolution, closure, survey


async def test_confirmed_in_own_words(desk: Desk) -> None:
    solved = await resolved(desk)
    await desk.clara.reply(solved, "Thanks, it works now.")
    await desk.quiet()
    assert await status() is Status.CLOSED


async def test_a_question_never_closes(desk: Desk) -> None:
    solved = await resolved(desk)
    await desk.clara.reply(solved, "Where do I find this driver?")
    await desk.anna.receive("Where do I find")
    await desk.quiet()
    assert await status() is Status.REOPENED


@on_both
async def test_still_broken_reopens_with_the_same_owner(desk: Desk) -> None:
    solved = await resolved(desk)
    await desk.clara.press(solved, "No, I still need help", add="It stops after page three now.")
    await desk.clara.receive("sorry")
    await desk.anna.receive("page three")
    await desk.quiet()
    ticket = await tickets.view(1)
    assert ticket is not None
    assert (ticket.status, ticket.owner) == (Status.REOPENED, "anna")
    await desk.leap(hours=72)
    assert await status() is Status.REOPENED  # the clock of the first resolution has stopped


@on_both
async def test_silence_reminds_then_closes(desk: Desk) -> None:
    await resolved(desk)
    await desk.leap(hours=23)
    assert len(desk.clara.inbox()) == 2
    await desk.leap(hours=2)
    assert len(desk.clara.inbox()) == 3
    assert desk.clara.inbox()[-1].header("Auto-Submitted") == "auto-generated"
    await desk.leap(hours=24)
    assert await status() is Status.CLOSED
    assert len(desk.clara.inbox()) == 5  # closure and survey
    await desk.leap(hours=72)
    assert len(desk.clara.inbox()) == 5


async def test_writing_after_closing_reopens_within_the_window(desk: Desk) -> None:
    solved = await resolved(desk)
    await desk.clara.press(solved, "Yes, it is solved")
    await desk.leap(days=10)
    await desk.clara.reply(solved, "It stopped again, same error.")
    await desk.anna.receive("same error")
    await desk.quiet()
    assert await status() is Status.REOPENED


async def test_writing_after_the_window_opens_a_linked_ticket(desk: Desk) -> None:
    solved = await resolved(desk)
    await desk.clara.press(solved, "Yes, it is solved")
    await desk.leap(days=15)
    await desk.clara.reply(solved, "It stopped again, same error.")
    await desk.clara.receive("[Acme #2]")
    await desk.quiet()
    assert await status() is Status.CLOSED
    second = await tickets.view(2)
    assert second is not None
    assert second.previous == 1


async def test_thanks_after_closing_open_nothing(desk: Desk) -> None:
    solved = await resolved(desk)
    await desk.clara.press(solved, "Yes, it is solved")
    await desk.quiet()
    mails = len(desk.world.delivered)
    await desk.clara.reply(solved, "Thank you!")
    await desk.quiet()
    assert await status() is Status.CLOSED
    assert len(desk.world.delivered) == mails + 1  # hers


@on_both
@pytest.mark.row("A19")
async def test_a_rating_is_taken_once_and_may_be_changed(desk: Desk) -> None:
    solved = await resolved(desk)
    await desk.clara.press(solved, "Yes, it is solved")
    survey = await desk.clara.receive("great")
    await desk.clara.press(survey, "1", add="Slow.")
    await desk.anna.receive("Slow.")
    await desk.clara.reply(survey, "5\nI was wrong, it was quick.")
    await desk.anna.receive("it was quick")
    await desk.quiet()
    ratings = [entry.text for entry in await history.of_ticket(1) if entry.kind == "rated"]
    assert ratings == ["1 of 5", "5 of 5, in place of the first answer"]
    assert await status() is Status.CLOSED


@pytest.mark.row("A19")
async def test_nobody_else_can_rate_or_confirm(desk: Desk) -> None:
    solved = await resolved(desk)
    await desk.mallory.press(solved, "Yes, it is solved")
    await desk.anna.receive("mallory@stranger.example")
    await desk.quiet()
    assert await status() is Status.RESOLVED
    await desk.clara.press(solved, "Yes, it is solved")
    survey = await desk.clara.receive("great")
    await desk.mallory.press(survey, "1")
    await desk.quiet()
    assert not [entry for entry in await history.of_ticket(1) if entry.kind == "rated"]


@on_both
async def test_the_whole_life_in_german(desk: Desk) -> None:
    await desk.dieter.write(
        SUPPORT, "Drucker druckt nicht", "Guten Tag,\n\nder Drucker druckt seit gestern nicht mehr."
    )
    acknowledgement = text_of(await desk.dieter.receive("[Acme #1]"))
    assert "Sie" in acknowledgement
    assert "Montag" in acknowledgement or "Uhr" in acknowledgement or "tag" in acknowledgement
    news = await desk.anna.receive("seit gestern")
    await desk.anna.reply(news, "#erledigt\nBitte schalten Sie ihn ein.")
    solved = await desk.dieter.receive("schalten Sie ihn ein")
    await desk.dieter.reply(solved, "Super, jetzt geht er wieder. Vielen Dank!")
    await desk.quiet()
    assert await status() is Status.CLOSED
    assert len(desk.dieter.inbox()) == 4
