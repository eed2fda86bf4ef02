"""What may happen to a desk, one step at a time: mail of every kind, agents, deaths, cuts, clocks, hands."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from mailproc.crashpoints import POINTS
from mailproc.demo.people import link_of, text_of
from mailproc.demo.servers import Delivered
from tests.faults.keeper import REFUSED, Mishap
from tests.faults.machine.daemon import Doom
from tests.faults.machine.world import LARGEST, World, Written
from tests.testlib.by_hand import PROVEN
from tests.testlib.desk import PEOPLE, SUPPORT
from tests.testlib.imap_folders import INBOX, Cut

CUSTOMERS, AGENTS = ("clara", "dieter", "gone"), ("anna", "ben")
ADDRESSES = {name: address for name, (_, address) in PEOPLE.items()} | {
    "gone": REFUSED, "robot": "robot@shop.example", "daemon": "MAILER-DAEMON@customer.example",
}  # fmt: skip
#: Words of a walk: what kind, a number, and whom they may reach, as "clara" or "claraandchief" ("nobody": no customer).
WORD = re.compile(r"(?:asked|answered|consulted|told|noted|forged|strange)[0-9]+for([a-z]+)")
LEAPS = (timedelta(minutes=6), timedelta(hours=2), timedelta(hours=25), timedelta(days=3), timedelta(days=16))
UNPROVEN = frozenset({"unproven", "forge", "forge in"})  # agents' mails that our server does not vouch for
VENDOR = "victor"  # whom agents ask, and of whom no customer hears
FORWARDED = """{above}

---------- Forwarded message ---------
From: {name} <{address}>
Date: Fri, 20 Nov 2026 at 10:00
Subject: The lamp
To: <anna@acme.example>

It flickers, {word}.
"""
#: Where a daemon may die while it works; the points of start and commands have their tests elsewhere.
DEATHS = tuple(point for point in POINTS if point not in {"migrating", "commanded"})


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    who: int
    pick: int

    def __repr__(self) -> str:
        return f"Step({self.name!r}, {self.who}, {self.pick})"


class People:
    """They write what comes to their minds, to a desk they know nothing of."""

    def __init__(self, world: World) -> None:
        self.world, self._said = world, 0

    def word(self, kind: str, reaches: str) -> str:
        self._said += 1
        return f"{kind}{self._said}for{reaches}"

    def write(
        self, kind: str, name: str, text: str, to: str = SUPPORT, subject: str = "Printer stops",
        fields: Mapping[str, str] | None = None, above: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        world, address = self.world, ADDRESSES[name]
        mail = EmailMessage(policy=policy.SMTP)
        mail["From"], mail["To"], mail["Subject"] = address, to, subject
        mail["Date"] = format_datetime(world.clock.now())
        mail["Message-ID"] = identity = f"<{len(world.written)}@{address.rpartition('@')[2]}>"
        for field, value in (fields or {}).items():
            mail[field] = value
        mail.set_content(text)
        found = WORD.search(text)
        written = Written(kind, address, identity, mail.as_bytes(), found[0] if found else "")
        world.arrives(written, "".join(f"{key}: {value}\r\n" for key, value in (above or {}).items()).encode())

    def reply(
        self, kind: str, name: str, letter: Delivered, text: str, fields: Mapping[str, str] | None = None,
        above: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        """An answer as mail clients write it."""
        identity = letter.header("Message-ID")
        threading = {"In-Reply-To": identity, "References": f"{letter.header('References')} {identity}".strip()}
        quoted = "\n".join(f"> {line}".rstrip() for line in text_of(letter).splitlines())
        text = f"{text}\n\nOn {letter.header('Date')}, {letter.header('From')} wrote:\n{quoted}\n"
        to, subject = letter.header("Reply-To"), f"Re: {letter.header('Subject')}"
        self.write(kind, name, text, to, subject, {**threading, **(fields or {})}, above)

    # --- customers

    async def ask(self, step: Step) -> None:
        name = CUSTOMERS[step.who % 3]
        self.write("ask", name, f"It says {self.word('asked', name)}.", subject=f"Trouble {step.pick % 3}")

    async def ask_with_copy(self, step: Step) -> None:
        word = self.word("asked", "claraandchief")
        self.write(
            "ask", "clara", f"It says {word}.", subject=f"Trouble {step.pick % 3}", fields={"Cc": ADDRESSES["chief"]}
        )

    async def copied(self, step: Step) -> None:
        """Somebody in copy answers one of our letters, in their turn."""
        letter = self._picked("chief", step.pick)
        if letter is None:
            await self.ask_with_copy(step)
        else:
            self.reply("copied", "chief", letter, f"I think so too, {self.word('asked', await self._readers(letter))}.")

    async def answer_us(self, step: Step) -> None:
        """A customer, or somebody who got hold of their letter, answers one of our letters."""
        name = (*CUSTOMERS[:2], VENDOR)[step.who % 3 if step.name in {"stranger", "robot"} else step.who % 2]
        letter = self._picked(name, step.pick)
        if letter is None:
            await self.ask(step)
            return
        match step.name:
            case "more":
                self.reply("more", name, letter, f"But why {self.word('asked', await self._readers(letter))}?")
            case "stranger":
                readers = await self._readers(letter)
                kind = "copied" if "mallory" in readers else "stranger"  # an agent may have accepted her
                word = self.word("asked", readers) if kind == "copied" else self.word("strange", "nobody")
                self.reply(kind, "mallory", letter, f"Let me in, {word}.")
            case "robot":
                fields = {"Auto-Submitted": "auto-replied", "X-Test": self.word("strange", "nobody")}
                self.reply("robot", "robot", letter, "I am away.", fields)
            case "rate":
                self.reply("rate", name, letter, "5" if step.pick % 2 else "2, it took long")
            case "solved":
                self.reply("solved", name, letter, "Yes, it works now.")
            case "broken":
                self.reply("broken", name, letter, "No, it is still broken.")
            case _:
                raise AssertionError(step.name)

    async def press(self, step: Step) -> None:
        """A button in the letter that asks whether it is solved, or in the survey."""
        name = CUSTOMERS[step.who % 2]
        for kind, buttons in (("resolution", ("Yes", "No")), ("survey", ("Great", "Bad"))):
            letter = self._picked(name, step.pick, kind)
            link = _link(letter, buttons[step.pick % 2]) if letter is not None else None
            if link:
                self.write("press", name, ".", unquote(urlsplit(link).path), "Pressed")
                return
        await self.ask(step)

    async def bounce(self, step: Step) -> None:
        """A server reports that a letter of ours did not arrive; or claims it of one we never wrote."""
        name = CUSTOMERS[step.who % 2]
        letter = self._picked(name, step.pick)
        identity = letter.header("Message-ID") if letter is not None and step.pick % 3 else "<none@customer.example>"
        to = letter.header("Reply-To") if letter is not None and not step.pick % 2 else SUPPORT
        number = len(self.world.written)
        raw = (
            f"From: {ADDRESSES['daemon']}\r\nTo: {to}\r\nSubject: Undelivered\r\nMessage-ID: <{number}@customer.example>\r\n"
            "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
            "--b\r\n\r\nIt failed.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.example\r\n"
            f"\r\nFinal-Recipient: rfc822; {ADDRESSES[name]}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
            f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {identity}\r\n\r\n--b--\r\n"
        ).encode()
        self.world.arrives(Written("bounce", ADDRESSES["daemon"], f"<{number}@customer.example>", raw))

    async def copy(self, step: Step) -> None:
        """A mail comes once more, by another way."""
        known = [mail for mail in self.world.written if mail.kind != "unreadable"]
        if not known:
            return
        mail = known[step.pick % len(known)]
        above = b"Received: by alias.example; Sat, 21 Nov 2026 10:00:00 +0000\r\n" if step.who else b""
        self.world.imap.deliver(above + mail.raw, self.world.clock.now())

    async def unreadable(self, _: Step) -> None:
        number = len(self.world.written)
        head = f"From: p@customer.example\r\nTo: {SUPPORT}\r\nMessage-ID: <{number}@customer.example>\r\n"
        raw = head.encode() + b"Content-Type: message/rfc822\r\n\r\n" * 400 + b"Subject: end\r\n\r\nend\r\n"
        self.world.arrives(Written("unreadable", "p@customer.example", f"<{number}@customer.example>", raw))

    async def oversize(self, step: Step) -> None:
        name = CUSTOMERS[step.who % 2]
        self.write("oversize", name, f"{'x' * 70}\n" * (LARGEST // 60), subject="Large")

    # --- agents

    async def agent(self, step: Step) -> None:
        """An agent, or somebody in their name, answers one of the letters they got."""
        name = AGENTS[step.who % 2]
        letter = self._picked(name, step.pick, "notification")
        if letter is None:
            await self.ask(step)
            return
        # A plain answer to a third party's mail goes there, one to what their colleagues write to nobody.
        inside = {"vendor_answered": VENDOR, "side_stranger": "nobody"}
        readers = inside.get(letter.header("X-Mailproc-News")) or await self._readers(letter)
        words = {
            "consult": f"#ask {ADDRESSES[VENDOR]}\n{self.word('consulted', VENDOR)}",
            "answer": self.word("answered", readers),
            "unproven": self.word("answered", readers),
            "forge": ("#resolve\n" if step.pick % 2 else "") + self.word("forged", "nobody"),
            "resolve": f"#resolve\n{self.word('answered', readers)}",
            "close": "#close",
            "wait": f"#wait customer\n{self.word('answered', readers)}",
            "assign": "#assign ben" if step.pick % 2 else "#assign me",
            "help": "#help",
            "accept": f"#accept {ADDRESSES['mallory']}",
            "note": f"#note\n{self.word('noted', 'nobody')}",
            "slip": f"#reslove\n{self.word('noted', 'nobody')}",
        }[step.name]
        above = {} if step.name in UNPROVEN else PROVEN
        self.reply(step.name, name, letter, words, above=above)
        if step.name == "accept":  # whoever writes next knows who reads it
            await self.world.quiet()

    async def forward(self, step: Step) -> None:
        """An agent, or somebody in their name, passes a customer's mail on to the desk; sometimes sure of whose it is."""
        agent, customer = AGENTS[step.who % 2], CUSTOMERS[step.pick % 2]
        forged = step.name == "forge in"
        sure = f"#customer {ADDRESSES[customer]}\n" if step.pick % 3 == 0 else ""
        text = FORWARDED.format(
            above=sure + self.word("forged" if forged else "noted", "nobody"), name=PEOPLE[customer][0],
            address=ADDRESSES[customer], word=self.word("forged", "nobody") if forged else self.word("asked", customer),
        )  # fmt: skip
        self.write(step.name, agent, text, subject="Fwd: The lamp", above={} if forged else PROVEN)

    async def begin(self, step: Step) -> None:
        """An agent begins a ticket with a letter."""
        customer = CUSTOMERS[step.pick % 2]
        text = f"#new {ADDRESSES[customer]}\n{self.word('answered', customer)}"
        self.write("begin", AGENTS[step.who % 2], text, subject="Your lamp", above=PROVEN)

    async def understood(self, step: Step) -> None:
        """An agent says that the customer of a forwarded mail is the one."""
        name = AGENTS[step.who % 2]
        letter = self._picked(name, step.pick, "receipt")
        if letter is not None:
            self.reply("understood", name, letter, "#confirm", above=PROVEN)

    async def vendor(self, step: Step) -> None:
        """A third party answers."""
        letter = self._picked(VENDOR, step.pick)
        if letter is None:
            await self.agent(Step("consult", step.who, step.pick))
        else:
            self.reply("vendor", VENDOR, letter, f"Turn it off and on, {self.word('told', VENDOR)}.")

    async def confirm(self, step: Step) -> None:
        """An agent is asked whether a mail was theirs, and knows."""
        name = AGENTS[step.who % 2]
        letter = self._picked(name, step.pick, "confirmation")
        if letter is not None:
            forged = "forged" in text_of(letter)
            self.reply("deny" if forged else "confirm", name, letter, "No, not me." if forged else "#confirm")

    async def _readers(self, letter: Delivered) -> str:
        """Who takes part in a letter's ticket."""
        (row,) = await self.world.daemon.ledger.rows(
            f"SELECT ticket_id FROM outbox_mail WHERE message_id = '{letter.header('Message-ID')}'"
        )
        number = int(row["ticket_id"])
        rows = await self.world.daemon.ledger.rows(
            f"SELECT address FROM person WHERE id = (SELECT customer_id FROM ticket WHERE id = {number}) "
            f"OR id IN (SELECT person_id FROM participant WHERE ticket_id = {number})"
        )
        people = {row["address"] for row in rows}
        return "and".join(name for name, address in ADDRESSES.items() if address in people) or "nobody"

    def _picked(self, name: str, pick: int, kind: str = "") -> Delivered | None:
        found = self.world.letters(name, kind)
        return found[-1 - pick % len(found)] if found else None


def _link(letter: Delivered, words: str) -> str:
    try:
        return link_of(letter, words)
    except LookupError:
        return ""


class Troubles:
    """What servers, clocks, power and other people's hands do."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def doom(self, step: Step) -> None:
        """The daemon will die at a point of its work."""
        self.world.daemon.doom = Doom(DEATHS[step.pick % len(DEATHS)], 1 + step.who % 3, cut_smtp=step.pick % 2 == 0)

    async def kill(self, step: Step) -> None:
        await self.world.daemon.kill(cut_smtp=step.pick % 2 == 0)
        if step.who % 2:
            await self.world.daemon.keep_up()

    async def stop(self, _: Step) -> None:
        """Asked to end, and started again."""
        if not await self.world.daemon.keep_up():
            await self.world.daemon.stop()
            await self.world.daemon.start()

    async def cut(self, step: Step) -> None:
        self.world.imap.cut_after(step.pick % 9, tuple(Cut)[step.who % 3])

    async def smtp(self, step: Step) -> None:
        self.world.keeper.mishaps.extend([tuple(Mishap)[step.who % 3]] * (1 + step.pick % 3))

    async def rebuild(self, step: Step) -> None:
        """The inbox is made anew; sometimes with mails of long ago back in it."""
        folder = self.world.imap.folders.get("Processed")
        if step.pick % 2 and folder is not None:
            for uid in sorted(folder.mails)[-1 - step.pick % 3 :]:
                self.world.imap.copy(uid, "Processed", INBOX)
        self.world.imap.rebuild()

    async def clock(self, step: Step) -> None:
        by = LEAPS[step.pick % len(LEAPS)]
        self.world.clock.leap(-by / 10 if step.name == "back" else by)

    async def hand(self, step: Step) -> None:
        """Somebody looks after the mailbox with a mail client of their own."""
        imap = self.world.imap
        name = INBOX if step.pick % 3 else "Processed"
        mails = imap.folder(name).mails
        if not mails:
            return
        uid = sorted(mails)[step.who % len(mails)]
        match ("delete", "move", "flag", "copy", "put back")[step.pick % 5]:
            case "delete":
                self.world.taken(uid, name)
                del mails[uid]
            case "move":
                self.world.taken(uid, name)
                imap.move(uid, name, "Elsewhere")
            case "flag":
                mails[uid].flags |= {r"\Seen", r"\Deleted", r"\Flagged"}
            case "copy":
                imap.copy(uid, name, name)
            case _:
                imap.copy(uid, name, INBOX)

    async def rest(self, _: Step) -> None:
        await self.world.quiet()


def doings(world: World) -> Mapping[str, Callable[[Step], Awaitable[None]]]:
    """Every step by its name; what is likelier stands more than once in `LIKELY`."""
    people, troubles = People(world), Troubles(world)
    answers = dict.fromkeys(("more", "stranger", "robot", "rate", "solved", "broken"), people.answer_us)
    agents = dict.fromkeys(
        (
            "answer", "unproven", "forge", "resolve", "close", "wait", "assign", "note", "slip", "help", "accept",
            "consult",
        ),
        people.agent,
    ) | {"forward in": people.forward, "forge in": people.forward, "begin": people.begin,
         "understood": people.understood, "vendor": people.vendor}  # fmt: skip
    return {
        "ask": people.ask, "ask with copy": people.ask_with_copy, "copied": people.copied, **answers, "press": people.press, "bounce": people.bounce, "copy": people.copy,
        "unreadable": people.unreadable, "oversize": people.oversize, **agents, "confirm": people.confirm,
        "doom": troubles.doom, "kill": troubles.kill, "stop": troubles.stop, "cut": troubles.cut, "smtp": troubles.smtp,
        "rebuild": troubles.rebuild, "forward": troubles.clock, "back": troubles.clock, "hand": troubles.hand,
        "rest": troubles.rest,
    }  # fmt: skip


#: Names of steps, as often as they are drawn.
LIKELY: tuple[str, ...] = (
    "ask", "ask", "ask with copy", "copied", "more", "more", "stranger", "robot", "rate", "solved", "broken", "press", "press", "bounce", "copy",
    "unreadable", "oversize", "answer", "answer", "answer", "unproven", "forge", "resolve", "resolve", "close", "wait",
    "consult", "consult", "vendor", "vendor", "forward in", "understood", "forge in", "begin",
    "assign", "note", "slip", "help", "accept", "confirm", "confirm", "doom", "doom", "doom", "doom", "kill", "kill", "stop", "cut", "cut", "smtp",
    "smtp", "rebuild", "forward", "forward", "back", "hand", "hand", *["rest"] * 12,
)  # fmt: skip
