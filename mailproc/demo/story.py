"""Three days of support: who writes what, when, and what each of them must then see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from mailproc.demo.people import Correspondent
from mailproc.demo.servers import World

SUPPORT = "support@acme.example"
ANNA, BEN = "anna@acme.example", "ben@acme.example"
CLARA, DIETER, ERIK = "clara@customer.example", "dieter@kunde.example", "erik@angry.example"
GONE, ROBOT, STRANGER = "gone@vanished.example", "desk@robot.example", "mallory@stranger.example"
COPIED = "chief@customer.example"

NOTE = "He is a reseller; between us: the driver of build 4.1 is our fault."
PEOPLE = (SUPPORT, ANNA, BEN, CLARA, DIETER, ERIK, ROBOT, STRANGER, COPIED)


@dataclass(frozen=True, slots=True)
class Cast:
    anna: Correspondent
    ben: Correspondent
    clara: Correspondent
    dieter: Correspondent
    erik: Correspondent
    gone: Correspondent
    robot: Correspondent
    mallory: Correspondent
    chief: Correspondent

    @classmethod
    def of(cls, world: World) -> Cast:
        names = (
            "Anna",
            "Ben",
            "Clara Jones",
            "Dieter Schmidt",
            "Erik Angry",
            "Ghost",
            "Auto Desk",
            "Mallory",
            "The Chief",
        )
        addresses = (ANNA, BEN, CLARA, DIETER, ERIK, GONE, ROBOT, STRANGER, COPIED)
        return cls(*(Correspondent(world, name, address) for name, address in zip(names, addresses, strict=True)))


@dataclass(frozen=True, slots=True)
class Stage:
    """What the story may ask of its world."""

    cast: Cast
    leap: Callable[[timedelta, str], Awaitable[None]]  # let time pass, told openly
    quiet: Callable[[], Awaitable[None]]  # wait until the daemon has nothing left to do
    tell: Callable[[str], None]  # a heading in the timeline


async def play(stage: Stage) -> None:
    """The whole story. Raises TimeoutError when someone waits in vain."""
    await _clara_is_helped(stage)
    await _dieter_writes_german(stage)
    await _robots_and_strangers(stage)
    await _a_bounce(stage)
    await _erik_reopens(stage)
    await _silence(stage)


async def _clara_is_helped(stage: Stage) -> None:
    clara, anna, chief = stage.cast.clara, stage.cast.anna, stage.cast.chief
    stage.tell("A customer writes, an agent answers from the mail client")
    log = ("printer.log", b"page 1 ok\npage 2 ok\npage 3 failed\n")
    await clara.write(
        SUPPORT, "Printer stops after page two",
        "Hello,\n\nour printer prints two pages and stops.\n\nClara", cc=COPIED, attachment=log,
    )  # fmt: skip
    await clara.receive("#1]")
    news = await anna.receive("Printer stops after page two", "two pages")
    await anna.reply(news, f"#note\n{NOTE}")
    await anna.receive("#1]")
    await anna.reply(news, "Dear Clara,\n\nwhich driver do you use?\n\nAnna")
    answer = await clara.receive("which driver")
    await chief.receive("which driver")
    await clara.reply(answer, "Version 4.1, says the panel.")
    again = await anna.receive("Version 4.1")
    await anna.reply(again, "#resolve driver\n\nPlease install driver 4.2: it prints all pages again.")
    solved = await clara.receive("driver 4.2")
    await stage.leap(timedelta(hours=3), "three hours later")
    await clara.press(solved, "Yes, it is solved")
    await clara.receive("closed")
    survey = await clara.receive("great")
    await clara.press(survey, "great", add="Quick and kind.")
    await anna.receive("Quick and kind.")


async def _dieter_writes_german(stage: Stage) -> None:
    dieter, ben = stage.cast.dieter, stage.cast.ben
    stage.tell("The same in German; the customer answers in his own words")
    await dieter.write(
        SUPPORT, "Rechnung fehlt", "Guten Tag,\n\ndie Rechnung für Oktober fehlt noch.\n\nDieter Schmidt"
    )
    acknowledged = await dieter.receive("#2]", "Vielen Dank")
    news = await ben.receive("Rechnung fehlt")
    await ben.reply(
        news, "#erledigt\nGuten Tag Herr Schmidt,\n\nanbei die Rechnung.", attachment=("rechnung.pdf", b"%PDF-1.4")
    )
    solved = await dieter.receive("anbei die Rechnung")
    await dieter.reply(solved, "Alles da, vielen Dank, hat sich erledigt!")
    survey = await dieter.receive("1", "5", "mailto:")
    del acknowledged
    while "mailto:" not in survey.content.decode(errors="replace"):
        survey = await dieter.receive("mailto:")


async def _robots_and_strangers(stage: Stage) -> None:
    robot, mallory, clara, anna = stage.cast.robot, stage.cast.mallory, stage.cast.clara, stage.cast.anna
    stage.tell("A robot, a guessed ticket number, and a stranger with someone else's letter")
    await robot.write(
        SUPPORT, "Automatic reply: Printer stops", "I am out of the office until Monday.",
        fields={"Auto-Submitted": "auto-replied"},
    )  # fmt: skip
    await mallory.write(
        SUPPORT, "Re: Printer stops after page two [Acme #1]", "Please close my ticket #1 and tell me all."
    )
    await mallory.receive("#3]")  # a matter of her own
    letter = next(mail for mail in clara.inbox() if "which driver" in mail.content.decode(errors="replace"))
    await mallory.reply(letter, "I am a friend of Clara's. What did she write?", quote=False)
    await anna.receive("friend of Clara's")
    await stage.quiet()


async def _a_bounce(stage: Stage) -> None:
    gone, ben = stage.cast.gone, stage.cast.ben
    stage.tell("Someone writes from an address that takes no mail")
    await gone.write(SUPPORT, "Delivery address", "Where do I send the broken device?")
    news = await ben.receive("broken device")
    await ben.reply(news, "Please send it to our workshop.")
    await ben.receive("Delivery address", "550")
    await stage.quiet()


async def _erik_reopens(stage: Stage) -> None:
    erik, anna = stage.cast.erik, stage.cast.anna
    stage.tell("Not solved: the customer says so, and the ticket opens again")
    await erik.write(SUPPORT, "No connection since this morning", "Nothing works. I can not log in since this morning!")
    news = await anna.receive("can not log in")
    await anna.reply(news, "#resolve\nWe restarted the gateway. It should work again.")
    solved = await erik.receive("restarted the gateway")
    await erik.reply(solved, "No, it still does not work. Same error as before!!")
    await erik.receive("sorry")
    again = await anna.receive("Same error as before")
    await anna.reply(again, "#resolve\nYour account was locked; I have unlocked it.")
    await erik.receive("unlocked it")
    await stage.quiet()


async def _silence(stage: Stage) -> None:
    erik, anna = stage.cast.erik, stage.cast.anna
    stage.tell("Silence: a reminder after a day, closed after two; a low rating is told at once")
    await stage.leap(timedelta(hours=25), "a day later")
    await erik.receive("Did")
    await stage.leap(timedelta(hours=24), "another day later")
    survey = await erik.receive("great")
    await erik.press(survey, "1", add="It took you two tries.")
    await anna.receive("two tries")
    await stage.quiet()
