"""A letter to an agent that brings somebody's words leaves once; if it may be lost, another says so, then a colleague hears."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mailproc.demo.people import words_of
from mailproc.demo.servers import Delivered
from mailproc.mime.compose import text_of
from mailproc.outbox.settlement import FOLLOW
from mailproc.outbox.transport import Reason, Refused, Sent, Unknown
from mailproc.store import history, outbox
from mailproc.store.outbox import OutboxRow, OutboxState
from tests.testlib.by_hand import PROVEN, STRICT, Hand, by_hand, read
from tests.testlib.desk import PEOPLE, SUPPORT

pytestmark = pytest.mark.row("C10", "C11")

DAY = timedelta(days=1)


@pytest.fixture
async def hand(tmp_path: Path) -> AsyncIterator[Hand]:
    async with by_hand(tmp_path, agents=STRICT) as hand:
        yield hand


async def leave(hand: Hand, *lost: str, reason: Reason = Reason.CUT) -> None:
    """All that is due is sent; what went to these people may have arrived, or not."""
    now, last = hand.clock.now(), (await newest()).id
    addresses = {PEOPLE[name][1] for name in lost}
    while claimed := await outbox.claim("support", 100, now, now + DAY):
        for mail in claimed:
            doubtful = mail.recipient in addresses and mail.id <= last
            await hand.app._sender._ledger.write([(mail, Unknown(reason, "lost") if doubtful else Sent(250, "OK"))])


async def to_the_ticket(hand: Hand, text: str, fields: dict[str, str] | None = None) -> None:
    await hand.reply("anna", await hand.last("anna", "notification"), text, PROVEN if fields is None else fields)


async def states(letter: str, name: str) -> list[OutboxState]:
    rows = [row for row in await outbox.listing(limit=100) if row.letter == letter]
    return [row.state for row in rows if row.recipient == PEOPLE[name][1]]


async def newest() -> OutboxRow:
    return (await outbox.listing(limit=1))[0]


async def missed(hand: Hand) -> Delivered:
    (letter,) = await hand.letters("anna", "missed")
    return letter


class TestTheLetterThatFollows:
    async def test_says_so_under_a_message_id_of_its_own_and_the_first_is_never_sent_again(self, hand: Hand) -> None:
        await hand.write("clara", "It prints two pages.")
        first = await hand.last("anna", "notification")
        await leave(hand, "anna")

        follow = await missed(hand)
        assert "YOU MAY HAVE MISSED A MAIL from us, of" in words_of(follow)
        assert "It prints two pages." in words_of(follow)
        assert "mailto:" not in text_of(follow.content)
        assert follow.header("Message-ID") != first.header("Message-ID")
        assert follow.header("Subject") == first.header("Subject")
        assert follow.header("In-Reply-To") == first.header("Message-ID")
        assert follow.header("X-Mailproc-Ticket") == "1"

        hand.clock.advance(DAY)
        await leave(hand)
        assert await states("notification", "anna") == [OutboxState.UNKNOWN]
        assert await states("missed", "anna") == [OutboxState.SENT]

    async def test_encloses_the_first_with_its_buttons_and_files(self, hand: Hand) -> None:
        await hand.write("clara", "See the log.", attachments=(("printer.log", b"jam"),))
        first = await hand.last("anna", "notification")
        await leave(hand, "anna")

        follow = await missed(hand)
        (enclosed,) = read(follow).iter_attachments()
        assert (enclosed.get_filename(), enclosed.get_content_type()) == ("letter.eml", "message/rfc822")
        assert first.content in follow.content
        within = read(replace(follow, content=first.content))
        assert [part.get_content_type() for part in enclosed.walk()][1:] == [
            p.get_content_type() for p in within.walk()
        ]

    async def test_leaves_out_our_own_buttons_and_nothing_the_customer_wrote(self, hand: Hand) -> None:
        """Words out of HTML are full of such links."""
        said = f"Write to clara@customer.example <mailto:clara@customer.example>.\n\nCc: <mailto:{SUPPORT}>"
        await hand.write("clara", said)
        await leave(hand, "anna")
        text = words_of(await missed(hand)).partition("<!DOCTYPE")[0]
        assert "> Write to clara@customer.example <mailto:clara@customer.example>." in text
        assert f"> Cc: <mailto:{SUPPORT}>" in text
        assert "?subject=" not in text

    async def test_names_the_command_where_the_first_is_too_large(self, tmp_path: Path) -> None:
        async with by_hand(tmp_path, agents=STRICT, attachments={"most_bytes": 1000}) as hand:
            await hand.write("clara", "It prints two pages.")
            await leave(hand, "anna")
            follow = await missed(hand)
            (lost,) = [row for row in await outbox.listing() if row.state is OutboxState.UNKNOWN]
            assert f"mailproc outbox show {lost.id} --raw" in " ".join(words_of(follow).split())
            assert not list(read(follow).iter_attachments())

    async def test_leaves_within_minutes_and_at_once_where_only_we_were_killed(self, hand: Hand) -> None:
        await hand.write("clara", "It prints two pages.")
        await leave(hand, "anna")
        await leave(hand)
        assert await states("missed", "anna") == [OutboxState.QUEUED]
        hand.clock.advance(FOLLOW)
        await leave(hand)
        assert await states("missed", "anna") == [OutboxState.SENT]

        await hand.write("dieter", "It prints nothing.")
        await leave(hand, "anna", reason=Reason.STOPPED)
        assert await states("missed", "anna") == [OutboxState.SENT] * 2

    async def test_is_noted_on_the_ticket(self, hand: Hand) -> None:
        await hand.write("clara", "It prints two pages.")
        await leave(hand, "anna")
        told = [entry.text for entry in await history.of_ticket(1)]
        assert any("it is not sent again, another letter says so" in text for text in told)
        assert any(text.startswith("missed to anna@acme.example: about the notification") for text in told)

    async def test_does_not_follow_what_tells_an_agent_only_what_they_did(self, hand: Hand) -> None:
        await hand.write("clara", "It prints two pages.")
        await leave(hand, "clara")
        await to_the_ticket(hand, "#close")
        await leave(hand, "anna", "clara")
        assert await states("receipt", "anna") == [OutboxState.UNKNOWN]
        assert await states("acknowledgement", "clara") == [OutboxState.UNKNOWN]
        assert not await hand.letters(kind="missed")


class TestAReplyToIt:
    async def test_is_the_answer_to_the_customer(self, hand: Hand) -> None:
        await hand.write("clara", "It prints two pages.")
        await leave(hand, "anna")
        await hand.reply("anna", await missed(hand), "Install driver 4.2.", PROVEN)
        assert "Install driver 4.2." in words_of(await hand.last("clara", "answer"))

    async def test_waits_where_the_customer_wrote_after_the_first_though_before_it(self, hand: Hand) -> None:
        """It says what the first said, and no more: whoever answers it has not seen what came since."""
        await hand.write("clara", "It prints two pages.")
        (first,) = await hand.letters("anna", "notification")
        hand.clock.advance(timedelta(minutes=5))
        await hand.write("clara", "Leave it, it was the cable.", fields=await _about(hand))
        hand.clock.advance(timedelta(minutes=25))
        await leave(hand, "anna", reason=Reason.STOPPED)
        follow = (await hand.letters("anna", "missed"))[0]
        assert follow.header("In-Reply-To") == first.header("Message-ID")
        await hand.reply("anna", follow, "Install driver 4.2.", PROVEN)
        assert not await hand.letters("clara", "answer")
        assert "it was the cable" in words_of(await hand.last("anna", "held"))

    async def test_passes_on_what_the_first_brought_and_nothing_that_came_since(self, hand: Hand) -> None:
        await hand.write("clara", "It prints two pages.")
        await leave(hand)
        await to_the_ticket(hand, "#ask victor@vendor.example\nWhich driver?")
        await leave(hand)
        asked = await hand.last("victor", "side")
        await hand.reply("victor", asked, "Driver 4.2.")
        hand.clock.advance(timedelta(minutes=5))
        await hand.reply("victor", asked, "Do not tell them: it is our fault.")
        hand.clock.advance(timedelta(minutes=25))
        await leave(hand, "anna", reason=Reason.STOPPED)
        follow = (await hand.letters("anna", "missed"))[0]
        await hand.reply("anna", follow, "#share", PROVEN)
        told = words_of(await hand.last("clara", "answer"))
        assert "Driver 4.2." in told
        assert "our fault" not in told

    async def test_never_takes_the_enclosed_one_along(self, hand: Hand) -> None:
        """Some clients attach what was attached; it has the agent's own addresses in it, and perhaps a note."""
        await hand.write("clara", "It prints two pages.")
        await leave(hand, "anna")
        letter = (await hand.last("anna", "notification")).content
        await hand.reply("anna", await missed(hand), "See there.", PROVEN, (("letter.eml", letter),))
        assert not await hand.letters("clara", "answer")
        assert await hand.letters("anna", "held")

    @pytest.mark.parametrize("above", [True, False])
    async def test_is_read_where_the_client_quotes_the_enclosed_one_as_well(self, hand: Hand, above: bool) -> None:
        """As mutt does, header and all."""
        await hand.write("clara", "#close\n\nIt prints two pages.\n\nWhat now?")
        first = await hand.last("anna", "notification")
        await leave(hand, "anna")
        follow = await missed(hand)
        header = first.content.decode().replace("\r\n", "\n").partition("\n\n")[0]
        quote = "\n\n".join(
            _quoted(text) for text in (text_of(follow.content), f"{header}\n\n{text_of(first.content)}")
        )
        quote = f"On Sat, Nov 21, 2026 at 12:00:00PM +0000, Acme Support wrote:\n{quote}"
        words = "Install driver 4.2."
        await hand.reply("anna", follow, f"{words}\n\n{quote}" if above else f"{quote}\n\n{words}", PROVEN)
        assert text_of((await hand.last("clara", "answer")).content).split("\n\n")[1:] == [f"{words}\n"]

    async def test_decides_about_an_answer_that_was_held(self, hand: Hand) -> None:
        await hand.write("clara", "It prints two pages.")
        await leave(hand)
        await to_the_ticket(hand, "#frobnicate\nInstall driver 4.2.")
        await leave(hand, "anna")
        follow = await missed(hand)
        assert "Install driver 4.2." in words_of(follow)
        await hand.reply("anna", follow, "#send-as-is", PROVEN)
        assert "Install driver 4.2." in words_of(await hand.last("clara", "answer"))

    async def test_confirms_a_mail_once_whichever_of_the_two_is_answered(self, hand: Hand) -> None:
        await hand.write("clara", "It prints two pages.")
        await leave(hand)
        await to_the_ticket(hand, "Install driver 4.2.", {})
        asked = await hand.last("anna", "confirmation")
        await leave(hand, "anna")
        await hand.reply("anna", await missed(hand), "yes")
        await hand.reply("anna", asked, "yes")
        assert len(await hand.letters("clara", "answer")) == 1

    async def test_names_the_lines_of_a_list(self, hand: Hand) -> None:
        await hand.write("clara", "It prints two pages.")
        await hand.write("anna", "list", subject="list", fields=PROVEN)
        await hand.reply("anna", await hand.last("anna", "digest"), "1 frobnicate", PROVEN)
        await leave(hand, "anna")
        (row,) = [row for row in await outbox.listing() if row.letter == "missed" and row.ticket_id is None]
        content = await outbox.content(row.id)
        assert content is not None
        await hand.reply("anna", Delivered(row.created_at, row.sender, row.recipient, content), "#1 take", PROVEN)
        assert (await newest()).letter == "digest"
        assert "NOT DONE" not in words_of(await hand.last("anna", "digest"))


class TestIfItMayBeLostToo:
    async def test_the_colleagues_are_asked_to_see_to_it(self, hand: Hand) -> None:
        await hand.write("clara", "It prints two pages.")
        await to_the_ticket(hand, "#assign me")
        await leave(hand)
        await hand.write(
            "clara", "Now it prints one.", subject="Re: Printer stops [Acme #1]", fields=await _about(hand)
        )
        await leave(hand, "anna")
        hand.clock.advance(FOLLOW)
        await leave(hand, "anna")

        told = words_of(await hand.last("ben", "notification"))
        assert "PERHAPS MISSED by Anna" in told
        assert "Now it prints one." in told
        assert await states("missed", "anna") == [OutboxState.UNKNOWN]

    async def test_they_are_when_it_was_refused_and_nothing_else_is_said_of_why(self, hand: Hand) -> None:
        await hand.write("clara", "It prints two pages.")
        await leave(hand, "anna")
        await leave(hand)
        hand.clock.advance(FOLLOW)
        for mail in await outbox.claim("support", 100, hand.clock.now(), hand.clock.now() + DAY):
            await hand.app._sender._ledger.write([(mail, Refused(Reason.REFUSED, 552, "too large"))])
        told = words_of(await hand.last("ben", "notification"))
        assert "PERHAPS MISSED by Anna" in told
        assert "connection" not in told

    async def test_a_team_hears_once_of_what_all_of_it_may_have_missed(self, tmp_path: Path) -> None:
        """Each of ten is not told of each of nine others: a server that cuts would be sent a hundred letters for one."""
        names = [f"agent{number}" for number in range(10)]
        agents: dict[str, object] = {name: {"name": name, "address": f"{name}@acme.example"} for name in names}
        team: dict[str, object] = {"support": {"members": names}}
        async with by_hand(tmp_path, agents=STRICT, agent=agents, team=team) as hand:
            await hand.write("clara", "It prints two pages.")
            for _ in range(3):
                now = hand.clock.now()
                for mail in await outbox.claim("support", 100, now, now + DAY):
                    await hand.app._sender._ledger.write([(mail, Unknown(Reason.CUT, "lost"))])
                hand.clock.advance(FOLLOW)
            letters = Counter((row.letter, row.recipient) for row in await outbox.listing(limit=1000))
        assert {letters["missed", f"{name}@acme.example"] for name in names} == {1}
        assert {letters["notification", f"{name}@acme.example"] for name in names} == {2}

    async def test_nothing_follows_the_third_letter(self, hand: Hand) -> None:
        await hand.write("clara", "It prints two pages.")
        for _ in range(9):
            await leave(hand, "anna", "ben")
            hand.clock.advance(FOLLOW)
        letters = await hand.letters("anna"), await hand.letters("ben")
        # The news; that it may be missed; that the colleague may have missed both.
        assert [len(each) for each in letters] == [3, 3]

    async def test_they_are_of_a_letter_to_somebody_who_is_no_agent_there_any_more(self, tmp_path: Path) -> None:
        """A configuration that changed: nobody reads that address for the desk now, nor would answer what comes there."""
        async with by_hand(tmp_path, agents=STRICT) as hand:
            await hand.write("clara", "It prints two pages.")
        moved: dict[str, object] = {"anna": {"name": "Anna", "address": "anna.new@acme.example"}}
        async with by_hand(tmp_path, agents=STRICT, agent=moved) as hand:
            await leave(hand, "anna")
            told = await outbox.listing(limit=2)
            assert {row.recipient for row in told} == {"anna.new@acme.example", PEOPLE["ben"][1]}
            words = words_of(await hand.last("ben", "notification"))
        assert "PERHAPS MISSED by anna@acme.example" in words
        assert "It prints two pages." in words

    async def test_an_agent_without_colleagues_is_left_to_the_operator(self, tmp_path: Path) -> None:
        alone: dict[str, object] = {"support": {"members": ["anna"]}}
        async with by_hand(tmp_path, agents=STRICT, team=alone) as hand:
            await hand.write("clara", "It prints two pages.")
            for _ in range(3):
                await leave(hand, "anna")
                hand.clock.advance(FOLLOW)
            assert len(await hand.letters("anna")) == 2
            findings = {finding.name: finding.words for finding in await hand.app._findings()}
            assert "unknown letters" in findings

    async def test_so_is_one_on_no_ticket(self, hand: Hand) -> None:
        await hand.write("anna", "list", subject="list", fields=PROVEN)
        await leave(hand)
        await hand.reply("anna", await hand.last("anna", "digest"), "1 frobnicate", PROVEN)
        for _ in range(3):
            await leave(hand, "anna")
            hand.clock.advance(FOLLOW)
        assert [row.letter for row in await outbox.listing()] == ["missed", "digest", "digest"]


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n"))


async def _about(hand: Hand) -> dict[str, str]:
    """What makes a mail of Clara's an answer on her ticket."""
    identity = (await hand.last("clara", "acknowledgement")).header("Message-ID")
    return {"In-Reply-To": identity, "References": identity}
