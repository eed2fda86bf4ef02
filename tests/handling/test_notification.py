"""What a notification tells beside the customer's words: whose ticket it is, what was before, what clients can sort by."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from mailproc.core.message import Address
from mailproc.core.reply import MOST_READ
from mailproc.demo.people import text_of
from mailproc.store import people
from tests.render.reading import Page, links, opened
from tests.testlib.by_hand import Hand, by_hand, read
from tests.testlib.desk import PEOPLE


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    async with by_hand(tmp_path) as hand:
        yield hand


async def words(hand: Hand) -> str:
    return " ".join(text_of(await hand.last("anna", "notification")).split())


async def test_the_first_one_tells_of_no_other_ticket(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.")
    assert "Customer: Clara" in await words(hand)
    assert "Before:" not in await words(hand)


async def test_earlier_tickets_stand_there_with_their_outcome_and_rating(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.")
    await hand.reply("anna", await hand.last("anna", "notification"), "#resolve driver\nInstall it.")
    await hand.reply("clara", await hand.last("clara", "resolution"), "Yes, it is solved.")
    await hand.reply("clara", await hand.last("clara", "survey"), "4")
    await hand.write("clara", "Now it is the scanner.", subject="Scanner")
    assert "Before: #1 Printer stops: solved, they said, rated 4" in await words(hand)


async def test_a_closed_ticket_has_no_buttons_that_would_be_refused(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.")
    await hand.reply("anna", await hand.last("anna", "notification"), "#resolve driver\nInstall it.")
    await hand.reply("clara", await hand.last("clara", "resolution"), "Yes, it is solved.")
    letter = await hand.last("anna", "notification")
    page = read(letter).get_body(("html",))
    assert page is not None
    left = ["Note", "Escalate", "Help", "My queue"]
    assert [list(links(text_of(letter))), list(Page(page.get_content()).links)] == [left, left]
    for button in left[1:]:
        address, subject, body = opened(links(text_of(letter))[button])
        await hand.write("anna", body, address, subject)
    assert not [each for each in await hand.letters("anna", "receipt") if "NOT DONE" in text_of(each)]


async def test_a_mail_in_which_nothing_stood_is_no_exchange(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.")
    await hand.reply("anna", await hand.last("anna", "notification"), "")
    await hand.write("clara", "And now none.", (await hand.last("clara", "acknowledgement")).header("Reply-To"))
    assert "Before: Clara" in await words(hand)


async def test_what_the_operator_knows_of_a_customer_stands_there(hand: Hand) -> None:
    customer = people.Known(Address(PEOPLE["clara"][1], "Clara Jones"), "Customer & Sons", vip=True)
    await people.learn([customer], hand.clock.now())
    await hand.write("clara", "It prints two pages.")
    assert "Customer: Clara Jones, Customer & Sons (VIP), English" in await words(hand)


async def test_mail_clients_can_sort_by_its_header(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.")
    letter = await hand.last("anna", "notification")
    fields = {name: letter.header(f"X-Mailproc-{name}") for name in ("Ticket", "Status", "Priority", "News")}
    assert fields == {"Ticket": "1", "Status": "New", "Priority": "P3", "News": "new"}


async def test_a_tap_on_a_subject_of_a_list_shows_the_ticket(hand: Hand) -> None:
    await hand.write("clara", "It prints two pages.")
    address, _, body = opened(links(text_of(await hand.last("anna", "notification")))["My queue"])
    await hand.write("anna", body, address)
    page = read(await hand.last("anna", "digest")).get_body(("html",))
    assert page is not None
    address, subject, body = opened(Page(page.get_content()).links["#1 Printer stops"])
    await hand.write("anna", body, address, subject)
    shown = text_of(await hand.last("anna", "digest"))
    assert "#1 Printer stops\nNew · P3" in shown
    assert "> It prints two pages." in shown


class TestTextTooLongToBeShown:
    LONG = "\n".join(f"{number}: the printer stops." for number in range(MOST_READ // 20)) + "\nThe last words."

    @staticmethod
    async def files(hand: Hand) -> dict[str | None, str]:
        found = {}
        for part in read(await hand.last("anna", "notification")).iter_attachments():
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            found[part.get_filename()] = content.decode()
        return found

    async def told(self, hand: Hand) -> str:
        """What stands around the customer's words."""
        text = text_of(await hand.last("anna", "notification"))
        assert "0: the printer stops." in text
        assert "The last words." not in text
        return " ".join(line for line in text.splitlines() if "the printer stops" not in line)

    async def test_is_said_to_be_cut_and_all_of_it_is_attached(self, hand: Hand) -> None:
        await hand.write("clara", self.LONG, attachments=(("log.txt", b"a log"),))
        assert "THIS IS ONLY THE BEGINNING of a very long text. All of it is in whole-text.txt, attached." in (
            await self.told(hand)
        )
        files = await self.files(hand)
        assert list(files) == ["whole-text.txt", "log.txt"]
        assert files["whole-text.txt"].splitlines() == self.LONG.splitlines()

    async def test_so_is_that_of_an_answer(self, hand: Hand) -> None:
        await hand.write("clara", "It prints two pages.")
        assert "BEGINNING" not in await words(hand)
        await hand.reply("clara", await hand.last("clara", "acknowledgement"), self.LONG)
        assert "All of it is in whole-text.txt, attached." in await self.told(hand)
        assert (await self.files(hand))["whole-text.txt"].rstrip().endswith("The last words.")

    async def test_no_file_is_made_of_a_long_quote(self, hand: Hand) -> None:
        await hand.write("clara", "It prints two pages.")
        quote = "\n".join(f"> {line}" for line in self.LONG.splitlines())
        await hand.reply(
            "clara", await hand.last("clara", "acknowledgement"), f"Still.\n\nOn Monday, we wrote:\n{quote}"
        )
        assert "BEGINNING" not in await words(hand)
        assert not await self.files(hand)

    async def test_lies_in_the_mailbox_where_it_is_too_large_to_be_passed_on(self, tmp_path: Path) -> None:
        async with by_hand(tmp_path, attachments={"most_bytes": 50_000}) as hand:
            await hand.write("clara", self.LONG)
            assert "All of it lies in the folder" in await self.told(hand)
            assert not await self.files(hand)
