"""Wars of robots: the desk beside machines that answer whatever comes, through days of virtual time.

None of them carries a mark that one could know it by, unless it says so. A war is over when nobody writes any more, and
the desk has sent three letters into it at the most.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from itertools import count
from pathlib import Path

import pytest

from mailproc.core.budgets import counted_address
from mailproc.demo.people import text_of
from mailproc.demo.servers import Delivered, bare
from mailproc.scheduler.loop import Heard
from mailproc.store import inbound, outbox, tickets
from mailproc.store.outbox import OutboxState
from tests.testlib.by_hand import Hand, by_hand, read
from tests.testlib.desk import SUPPORT
from tests.testlib.idle_desk import InThisProcess

MOST = 3  # mails of ours in one war
DAYS = 10
ROBOT = "robot@vendor.example"

Answering = Callable[["Robot", Delivered], bytes | None]


@dataclass
class Robot:
    """Somebody's machine, that answers each mail after a while."""

    answers: Answering
    delay: timedelta = timedelta(seconds=5)
    address: str = ROBOT
    numbers: count[int] = field(default_factory=lambda: count(1))
    due: list[tuple[datetime, bytes]] = field(default_factory=list)

    def gets(self, letter: Delivered, now: datetime) -> None:
        answer = self.answers(self, letter)
        if answer is not None:
            self.due.append((now + self.delay, answer))

    def writes(self, subject: str, text: str, to: str = SUPPORT, **fields: str) -> bytes:
        number = next(self.numbers)
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = f"Vendor <{self.address}>", to, subject
        mail["Message-ID"] = f"<{number}@vendor.example>"
        for name, value in fields.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(text)
        return mail.as_bytes()


def thanks(robot: Robot, letter: Delivered) -> bytes:
    """Answers as a person's client would, in the thread."""
    identity = letter.header("Message-ID")
    return robot.writes(
        f"Re: {letter.header('Subject')}", "Thank you for your message. We will come back to you soon.",
        letter.header("Reply-To"), In_Reply_To=identity, References=f"{letter.header('References')} {identity}",
    )  # fmt: skip


def forgetful(robot: Robot, letter: Delivered) -> bytes:
    """Starts anew with each answer: a mail to the desk's address, without any reference."""
    del letter
    return robot.writes(f"Your request of today, no. {next(robot.numbers)}", "Thank you for your message.")


def help_desk(robot: Robot, letter: Delivered) -> bytes:
    """Opens a ticket for whatever comes and acknowledges it under a new number."""
    number = next(robot.numbers)
    subject = f"[VND-{number}] Request received: {letter.header('Subject')}"
    return robot.writes(subject, f"Your request has been registered under VND-{number}.\n\n{text_of(letter)}")


def bouncing(robot: Robot, letter: Delivered) -> bytes:
    """A mail server of the sloppy kind: says in words that nobody is there, from an address like any other."""
    text = f"Sorry, we were unable to deliver your message to {letter.recipient}.\n550 5.1.1 no such user\n"
    return robot.writes("Undelivered Mail Returned to Sender", text)


def nobody(robot: Robot, letter: Delivered) -> None:
    del robot, letter


def ticketing(robot: Robot, letter: Delivered) -> bytes:
    """A new address for each of its tickets, as many desks have them."""
    del letter
    number = next(robot.numbers)
    mail = robot.writes(f"Ticket {number} received", "Thank you for your message.")
    return mail.replace(b"<robot@", f"<robot+id{number}@".encode(), 1)


class Arena:
    """The desk, worked by hand, and one machine; time goes from one mail to the next."""

    def __init__(self, hand: Hand, robot: Robot) -> None:
        self.hand, self.robot = hand, robot
        self.sent: list[Delivered] = []  # by the desk, to the machine
        self._seen = 0
        hand.app._scheduler._heard = self._heard  # no folder was looked at: all there is was heard

    async def _heard(self) -> Heard:
        return Heard(self.hand.clock.now(), frozenset())

    async def fight(self, first: bytes, days: int = DAYS) -> list[Delivered]:
        """What the desk wrote until the machine had nothing to answer, or so many days were over."""
        clock, before = self.hand.clock, len(self.sent)
        end = clock.now() + timedelta(days=days)
        self.robot.due.append((clock.now(), first))
        while clock.now() < end:
            moment = min([clock.now() + timedelta(hours=1), *(due for due, _ in self.robot.due)])
            clock.advance(max(timedelta(0), moment - clock.now()))
            due = [mail for at, mail in self.robot.due if at <= clock.now()]
            self.robot.due = [(at, mail) for at, mail in self.robot.due if at > clock.now()]
            for mail in due:
                await self.hand.arrives(mail)
            await self.deliver()
            assert len(self.sent) < 50, "no end in sight"
        return self.sent[before:]

    async def deliver(self) -> None:
        """What was due in the meantime, and every letter to the machine since."""
        await self.hand.app._scheduler.carry_out_due()
        rows = [row for row in reversed(await outbox.listing(limit=1000)) if row.id > self._seen]
        for row in rows:
            self._seen = row.id
            if counted_address(row.recipient) != self.robot.address or row.state is not OutboxState.QUEUED:
                continue
            content = await outbox.content(row.id)
            assert content is not None
            letter = Delivered(row.created_at, row.sender, row.recipient, content)
            self.sent.append(letter)
            self.robot.gets(letter, self.hand.clock.now())


@pytest.mark.row("A9")
@pytest.mark.parametrize("delay", [timedelta(seconds=5), timedelta(minutes=25), timedelta(hours=5)], ids=str)
@pytest.mark.parametrize("answers", [thanks, forgetful, help_desk, bouncing, ticketing], ids=lambda each: each.__name__)
@pytest.mark.slow
async def test_each_war_ends_after_three_letters_of_ours(tmp_path: Path, answers: Answering, delay: timedelta) -> None:
    async with by_hand(tmp_path) as hand:
        robot = Robot(answers, delay)
        sent = await Arena(hand, robot).fight(robot.writes("Offer", "We have an offer for you."))
        assert 1 <= len(sent) <= MOST
        assert not robot.due


@pytest.mark.row("A9")
@pytest.mark.parametrize("answers", [thanks, forgetful, help_desk], ids=lambda each: each.__name__)
@pytest.mark.slow
async def test_an_agent_who_answers_a_robot_starts_one_more_war_that_ends_too(
    tmp_path: Path, answers: Answering
) -> None:
    async with by_hand(tmp_path) as hand:
        robot = Robot(answers)
        arena = Arena(hand, robot)
        await arena.fight(robot.writes("Offer", "We have an offer for you."), days=1)
        await hand.reply("anna", await hand.last("anna", "notification"), "#resolve\n\nNo, thank you.")
        await arena.deliver()  # the agent's own words
        first = robot.due.pop()[1] if robot.due else b""
        sent = await arena.fight(first)
        by_clock = [letter for letter in sent if letter.header("Auto-Submitted") == "auto-generated"]
        assert len(by_clock) <= 3  # a reminder, a closing, a survey: once, for what the agent did
        assert len(sent) - len(by_clock) <= MOST
        assert not robot.due


@pytest.mark.row("A9")
@pytest.mark.slow
async def test_a_list_that_sends_everything_back_gets_nothing(tmp_path: Path) -> None:
    async with by_hand(tmp_path) as hand:
        robot = Robot(thanks, address="users@list.example")
        mail = robot.writes(
            "Digest", "What was said.", List_Id="<users.list.example>", List_Post="<mailto:u@list.example>"
        )
        assert await Arena(hand, robot).fight(mail) == []
        assert await tickets.view(1) is not None


OTHER = "help@other.example"
SERVER = {"host": "127.0.0.1", "port": 9, "security": "clear"}  # nobody listens
OTHER_DESK: dict[str, dict[str, object]] = {
    "desk": {"name": "Other", "prefix": "Other"},
    "mailbox": {"support": {"address": OTHER, "team": "support", "imap": SERVER, "smtp": SERVER}},
    "tokens": {"key": "another desk's key, 32 bytes long"},
}


@pytest.mark.row("A9", "A10")
async def test_two_desks_of_ours_write_each_other_one_letter_each(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    ours.mkdir()
    theirs.mkdir()
    robot = Robot(nobody, address=OTHER)
    async with by_hand(ours) as hand:
        arena = Arena(hand, robot)
        await arena.fight(robot.writes("Offer", "A mail in the other desk's name."), days=1)
        await hand.reply("anna", await hand.last("anna", "notification"), "No, thank you.")
        await arena.deliver()
    assert [bool(letter.header("Auto-Submitted")) for letter in arena.sent] == [True, False]
    acknowledgement, answer = arena.sent
    async with by_hand(theirs, InThisProcess, **OTHER_DESK) as hand:
        assert "never answered" in await hand.reason(await hand.arrives(acknowledgement.content))
        assert await outbox.listing() == []
        await hand.arrives(answer.content)  # a person's words: a new matter there
        (back,) = await hand.letters("", "acknowledgement")
        assert bare(back.recipient) == SUPPORT
    async with by_hand(ours) as hand:
        before, hand.arrived = len(await outbox.listing()), 100
        await hand.arrives(back.content)
        assert "never answered" in (await inbound.listing("", 1))[0].reason
        assert len(await outbox.listing()) == before


@pytest.mark.row("A10")
@pytest.mark.parametrize(
    "header",
    [
        "From: Acme Support <support@acme.example>\r\n",
        "From: support+x@acme.example\r\n",
        "From: clara@customer.example\r\n" + "Received: from a by b; Sat, 21 Nov 2026 10:00:00 +0000\r\n" * 50,
        "From: clara@customer.example\r\nX-Loop: support@acme.example\r\n",
    ],
    ids=["our address", "with a detail", "too many hops", "our mark"],
)
async def test_our_own_mail_come_back_is_filed_and_nothing_else(tmp_path: Path, header: str) -> None:
    async with by_hand(tmp_path) as hand:
        number = await hand.arrives(
            f"{header}To: {SUPPORT}\r\nSubject: Loop\r\nMessage-ID: <l@x>\r\n\r\nx\r\n".encode()
        )
        assert "a robot wrote" in await hand.reason(number)
        assert await outbox.listing() == []


@pytest.mark.row("A12")
async def test_an_acknowledgement_carries_no_word_and_no_link_of_who_wrote(tmp_path: Path) -> None:
    async with by_hand(tmp_path) as hand:
        robot = Robot(nobody, address="victim@customer.example")
        subject = "Win at https://spam.example/x or call +1 555 0100 " + "now " * 60
        mail = robot.writes(subject, "Buy at https://spam.example/body").replace(b"Vendor <", b"spam.example <")
        (letter,) = await Arena(hand, robot).fight(mail, days=1)
        words, subject = text_of(letter), str(read(letter)["Subject"])
        assert "spam.example/body" not in words
        assert "https://" not in words + subject
        assert "spam.example" not in letter.header("To") + words + subject
        assert len(subject) <= 100


@pytest.mark.slow
@pytest.mark.row("A9")
async def test_after_a_war_people_are_answered_as_before(tmp_path: Path) -> None:
    async with by_hand(tmp_path) as hand:
        robot = Robot(help_desk)
        await Arena(hand, robot).fight(robot.writes("Offer", "We have an offer for you."), days=1)
        await hand.write("clara", "It prints two pages.")
        assert len(await hand.letters("clara", "acknowledgement")) == 1
        assert {line.state for line in await inbound.listing("", 100)} == {"done"}
