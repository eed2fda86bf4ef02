"""What people write and get, worked by hand without any server: who is told what, and what nobody must be told."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from pathlib import Path

import pytest

from mailproc.app import App
from mailproc.mime.compose import text_of
from mailproc.store import inbound, outbox, tickets
from mailproc.store.outbox import OutboxRow
from tests.testlib.idle_desk import InThisProcess, idle_desk
from tests.testlib.store import spooled

CLARA, ANNA, BEN = "clara@customer.example", "anna@acme.example", "ben@acme.example"
SUPPORT = "support@acme.example"


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    """A desk that is open, whose mail goes nowhere."""
    async with idle_desk(tmp_path, "", InThisProcess) as (app, _):
        yield app


_uids = count(1)


async def arrives(app: App, mail: EmailMessage) -> None:
    number = next(_uids)
    if "Message-ID" not in mail:
        mail["Message-ID"] = f"<{number}@people.example>"
    await spooled(mail.as_bytes(), first_uid=number)
    await app._handler.work_off()


def mail(sender: str, text: str, to: str = SUPPORT, subject: str = "Printer stops", **fields: str) -> EmailMessage:
    written = EmailMessage(policy=policy.SMTPUTF8)
    for name, value in {"From": sender, "To": to, "Subject": subject, **fields}.items():
        written[name.replace("_", "-")] = value
    written.set_content(text)
    return written


async def letters(recipient: str) -> list[OutboxRow]:
    """What a person was sent, oldest first."""
    return [row for row in reversed(await outbox.listing(limit=100)) if row.recipient == recipient]


async def read(row: OutboxRow) -> EmailMessage:
    content = await outbox.content(row.id)
    assert content is not None
    return message_from_bytes(content, policy=policy.default)  # noqa: TID251 - our own mail, in a test


async def words(row: OutboxRow) -> str:
    content = await outbox.content(row.id)
    assert content is not None
    return text_of(content)


async def reply(row: OutboxRow, text: str, **fields: str) -> EmailMessage:
    """An answer to a letter, as its recipient writes it."""
    letter = await read(row)
    return mail(row.recipient, text, letter["Reply-To"], f"Re: {letter['Subject']}", **fields)


async def test_who_is_given_a_ticket_sees_what_it_is_about(app: App) -> None:
    await arrives(app, mail(CLARA, "It prints two pages."))
    [news] = await letters(ANNA)
    await arrives(app, await reply(news, "#assign ben"))
    assert "It prints two pages." in await words((await letters(BEN))[-1])


async def test_a_note_with_an_assignment_tells_both(app: App) -> None:
    await arrives(app, mail(CLARA, "It prints two pages."))
    [news] = await letters(ANNA)
    await arrives(app, await reply(news, "#note\n#assign ben\nShe has the old model."))
    told = [await words(row) for row in (await letters(BEN))[1:]]
    assert any("She has the old model." in text for text in told)
    assert len(told) == 2


@pytest.mark.parametrize(
    "copied", ['"a b"@customer.example', f"{'x' * 70}@customer.example", "x=?utf-8?q?y?=@customer.example"]
)
async def test_a_copy_nobody_can_write_to_holds_up_no_answer(app: App, copied: str) -> None:
    await arrives(app, mail(CLARA, "It prints two pages.", Cc=f"{copied}, chief@customer.example"))
    [news] = await letters(ANNA)
    await arrives(app, await reply(news, "Install driver 4.2."))
    assert [row.letter for row in await letters(CLARA)] == ["acknowledgement", "answer"]
    assert [row.letter for row in await letters("chief@customer.example")] == ["answer"]


async def test_a_copy_beyond_ascii_burdens_nobody_else_s_mail(app: App) -> None:
    await arrives(app, mail(CLARA, "It prints two pages.", Cc="jürgen@kunde.example"))
    [news] = await letters(ANNA)
    await arrives(app, await reply(news, "Install driver 4.2."))
    for recipient, shown in ((CLARA, [CLARA]), ("jürgen@kunde.example", [CLARA, "jürgen@kunde.example"])):
        content = await outbox.content((await letters(recipient))[-1].id)
        assert content is not None
        header = content.partition(b"\r\n\r\n")[0].decode()
        assert [address for address in (CLARA, "jürgen@kunde.example") if address in header] == shown


async def test_an_answer_to_nobody_is_told_as_not_sent(app: App) -> None:
    await arrives(app, mail('"a b"@customer.example', "It prints two pages."))
    [news] = await letters(ANNA)
    await arrives(app, await reply(news, "Install driver 4.2."))
    receipt = (await letters(ANNA))[-1]
    assert receipt.letter == "receipt"
    assert "NOT SENT" in await words(receipt)
    assert await inbound.listing("quarantined", 10) == []


@pytest.mark.row("A3", "A30")
async def test_no_token_of_ours_is_passed_on_whatever_the_agent_s_client_quotes(app: App) -> None:
    await arrives(app, mail(CLARA, "It prints two pages."))
    [news] = await letters(ANNA)
    unmarked = re.sub(r"(?m)^", " ", await words(news))
    await arrives(app, await reply(news, f"Install driver 4.2.\n\n{unmarked}"))
    for row in (await letters(CLARA))[1:]:
        text = await words(row)
        assert "support+" not in text.replace("mailto:", ""), text


@pytest.mark.row("A21")
async def test_a_notification_enclosed_as_a_file_stays_inside(app: App) -> None:
    await arrives(app, mail(CLARA, "It prints two pages."))
    [news] = await letters(ANNA)
    answer = await reply(news, "Install driver 4.2.")
    answer.add_attachment(await read(news))
    await arrives(app, answer)
    assert [row.letter for row in await letters(CLARA)] == ["acknowledgement"]
    assert (await letters(ANNA))[-1].letter == "held"


@pytest.mark.row("A21")
@pytest.mark.parametrize("name", ["news.eml", "NEWS.EML"])
async def test_so_does_one_that_was_saved_and_attached(app: App, name: str) -> None:
    await arrives(app, mail(CLARA, "It prints two pages."))
    [news] = await letters(ANNA)
    answer = await reply(news, "Install driver 4.2.")
    saved = (await read(news)).as_bytes()
    answer.add_attachment(saved, maintype="application", subtype="octet-stream", filename=name)
    await arrives(app, answer)
    assert [row.letter for row in await letters(CLARA)] == ["acknowledgement"]
    assert (await letters(ANNA))[-1].letter == "held"


@pytest.mark.row("A21")
async def test_an_agent_s_signature_file_is_not_passed_on(app: App) -> None:
    await arrives(app, mail(CLARA, "It prints two pages."))
    [news] = await letters(ANNA)
    answer = await reply(news, "Install driver 4.2.")
    answer.add_attachment(b"certificate of Anna Private", maintype="application", subtype="pkcs7-signature")
    await arrives(app, answer)
    sent = await read((await letters(CLARA))[-1])
    assert [part.get_content_type() for part in sent.iter_attachments()] == []


async def test_tickets_outlive_the_mailbox_and_the_team_they_came_to(app: App) -> None:
    await arrives(app, mail(CLARA, "It prints two pages."))
    [letter], [news] = await letters(CLARA), await letters(ANNA)
    await tickets.save(1, {"mailbox": "renamed", "team": "dissolved"})
    await arrives(app, await reply(letter, "And now it smokes."))
    assert "And now it smokes." in await words((await letters(ANNA))[-1])
    await arrives(app, await reply(news, "Unplug it."))
    answer = (await letters(CLARA))[-1]
    assert (answer.letter, answer.mailbox) == ("answer", "support")


async def test_an_answer_by_a_list_that_took_the_token_away_is_heard(app: App) -> None:
    await arrives(app, mail(CLARA, "It prints two pages."))
    [letter] = await letters(CLARA)
    fields = {"In_Reply_To": letter.message_id, "List_Id": "<support.acme.example>"}
    await arrives(app, mail(CLARA, "And now it smokes.", subject="Re: Printer stops", **fields))
    assert "And now it smokes." in await words((await letters(ANNA))[-1])
    assert await tickets.view(2) is None
