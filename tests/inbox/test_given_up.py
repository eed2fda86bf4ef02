"""A mail the server will not give: others go on, the operator sees that there is one, and no outage costs a mail."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from mailproc.store import health, inbound
from tests.inbox.reading import Hasty, account, contents, look, reading
from tests.testlib.imap_script import MAIL, ScriptedImap, Talk, body, listed
from tests.testlib.store import NOW

DAMAGED = b"{tag} NO it is damaged\r\n"


def mail(uid: int) -> bytes:
    return MAIL.replace(b"<1@", b"<%d@" % uid)


class Passing(Hasty):
    """Its pauses take no time, and are over."""

    def pause(self, seconds: float) -> float:
        self.leap(timedelta(seconds=seconds))
        return 0.01


class Folder:
    """Mails under the UIDs 1 and on, of which some are answered for in a way of their own; None: the connection ends."""

    def __init__(self, mails: int, **answers: bytes | None) -> None:
        """`uid2=...` is what is said when the second is asked for."""
        self.mails, self.answers = mails, answers
        self.outage: bytes | None = None  # what is said to every question for a mail
        self.outage_ends_after = 0  # of these
        self.unlisted: set[int] = set()  # nothing is said of these when their size is asked for
        self.server = ScriptedImap(
            {"SELECT": self._select, "SEARCH": self._search, "SIZE": self._size, "BODY": self._body}
        )

    def _asked(self) -> list[int]:
        return [int(uid) for uid in self.server.heard[-1].split()[2].split(",")]

    async def _select(self, talk: Talk) -> None:
        told = b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT %d] .\r\n{tag} OK .\r\n"
        await talk.say(told % (self.mails, self.mails + 1))

    async def _search(self, talk: Talk) -> None:
        named = self.server.heard[-1].split()[-1]
        if ":" in named:
            found = [*range(int(named.partition(":")[0]), self.mails + 1)]
        else:
            found = [int(uid) for uid in named.split(",")]
        await talk.say(b"* SEARCH%s\r\n{tag} OK .\r\n" % b"".join(b" %d" % uid for uid in found))

    async def _size(self, talk: Talk) -> None:
        await talk.say(listed(*(uid for uid in self._asked() if uid not in self.unlisted)))

    async def _body(self, talk: Talk) -> None:
        if self.outage is not None:
            self.outage_ends_after -= 1
            await talk.say(self.outage)
            if not self.outage_ends_after:
                self.outage = None
            return
        asked = self._asked()
        own = next((self.answers[f"uid{uid}"] for uid in asked if f"uid{uid}" in self.answers), b"")
        if own is None:
            talk.cut()
        elif own:
            await talk.say(own)
        else:
            for uid in asked:
                await talk.say(body(uid, mail(uid)).partition(b"{tag}")[0])
            await talk.say(b"{tag} OK .\r\n")


async def asked_for(folder: Folder, times: int) -> None:
    await folder.server.until(lambda: folder.server.count("BODY") >= times, 20)


@pytest.mark.row("N8")
async def test_a_mail_refused_again_and_again_is_in_quarantine_where_status_and_the_alert_find_it() -> None:
    folder = Folder(3, uid2=DAMAGED)
    async with folder.server, reading(account(folder.server.port), clock=Passing()) as poller:
        await look(poller)
        assert await contents() == [mail(1), b"", mail(3)]
        [line] = await inbound.listing("quarantined", 10)
        assert (line.mailbox, line.uid) == ("support", 2)
        assert re.search("the server would not give it, asked ([5-9]|1[0-2]) times", line.reason)
        assert "it is damaged" in line.reason
        assert (await health.backlog(["support"], NOW)).quarantined == 1
        assert not await inbound.replay(line.id, NOW), "there is nothing of it to be handled"


async def test_several_damaged_mails_hold_up_none() -> None:
    folder = Folder(6, uid1=DAMAGED, uid2=b"{tag} OK nothing\r\n", uid4=DAMAGED)
    folder.unlisted = {5}
    async with folder.server, reading(account(folder.server.port), clock=Passing()) as poller:
        await look(poller)
        assert await contents() == [b"", b"", mail(3), b"", b"", mail(6)]


@pytest.mark.parametrize("answer", [DAMAGED, None])
async def test_damaged_mails_and_no_other_are_given_up_after_a_day(answer: bytes | None) -> None:
    folder, clock = Folder(2, uid1=answer, uid2=answer), Hasty()
    async with folder.server, reading(account(folder.server.port), clock=clock) as poller:
        await asked_for(folder, 20)
        clock.leap(timedelta(hours=23))
        await asked_for(folder, folder.server.count("BODY") + 5)
        assert await contents() == []
        clock.leap(timedelta(hours=2))
        await look(poller)
        assert await contents() == [b"", b""]


async def test_a_mail_that_is_in_use_for_a_while_is_not_given_up() -> None:
    folder, clock = Folder(2, uid1=b"{tag} NO [INUSE] come again\r\n"), Hasty()
    async with folder.server, reading(account(folder.server.port), clock=clock) as poller:
        await asked_for(folder, 20)
        assert await contents() == []
        folder.answers.clear()
        await look(poller)
        assert await contents() == [mail(1), mail(2)]


async def test_what_happened_in_an_outage_does_not_count_after_it() -> None:
    folder, clock = Folder(2), Hasty()
    folder.outage, folder.outage_ends_after = b"{tag} NO [UNAVAILABLE] storage is down\r\n", 9
    folder.answers["uid1"] = None  # a cut right after the outage
    async with folder.server, reading(account(folder.server.port), clock=clock) as poller:
        await asked_for(folder, 9)
        clock.leap(timedelta(hours=2))
        await asked_for(folder, 12)
        assert await contents() == []
        folder.answers.clear()
        await look(poller)
        assert await contents() == [mail(1), mail(2)]


@pytest.mark.row("N6", "N8")
@pytest.mark.parametrize("outage", [b"{tag} NO [UNAVAILABLE] storage is down\r\n", b"{tag} OK nothing\r\n"])
async def test_an_outage_costs_no_mail_however_long_it_lasts(outage: bytes) -> None:
    folder = Folder(3)
    folder.outage, folder.outage_ends_after = outage, 60
    async with folder.server, reading(account(folder.server.port), clock=Passing()) as poller:
        await look(poller)
        assert await contents() == [mail(1), mail(2), mail(3)]


@pytest.mark.row("N8")
async def test_the_only_mail_waits_for_another_before_it_is_given_up() -> None:
    folder = Folder(1, uid1=DAMAGED)
    async with folder.server, reading(account(folder.server.port), clock=Passing()) as poller:
        await asked_for(folder, 10)
        assert await contents() == []
        assert "it is damaged" in poller.trouble
        folder.mails = 2
        await look(poller)
        assert await contents() == [b"", mail(2)]


async def test_the_only_mail_is_given_up_after_four_hours() -> None:
    folder, clock = Folder(1, uid1=DAMAGED), Hasty()
    async with folder.server, reading(account(folder.server.port), clock=clock) as poller:
        await asked_for(folder, 5)
        clock.leap(timedelta(hours=4))
        await look(poller)
        assert await contents() == [b""]


@pytest.mark.row("N7")
async def test_a_mail_that_ends_every_connection_holds_up_others_for_an_hour_only() -> None:
    folder, clock = Folder(3, uid1=None), Hasty()
    async with folder.server, reading(account(folder.server.port), clock=clock) as poller:
        await asked_for(folder, 8)
        assert await contents() == [], "it may be the network"
        clock.leap(timedelta(hours=1))
        await look(poller)
        assert await contents() == [b"", mail(2), mail(3)]
