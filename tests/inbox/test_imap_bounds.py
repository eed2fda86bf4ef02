"""What no server may cost us: a mail, our memory, another folder's mails, a quick end, or its own peace."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

import pytest

from mailproc.clock import LeapingClock, SystemClock
from mailproc.inbox.imap import ImapSource
from mailproc.store import inbound
from mailproc.store.inbound import Folder, NewMail
from tests.inbox.reading import account, contents, look, nothing_to_file, plan, reading, until
from tests.testlib.imap_script import MAIL, Answer, ScriptedImap, Talk, body, cut, listed, stay_silent
from tests.testlib.store import NOW, raw_mail, spooled

LATER = SystemClock().now() + timedelta(days=1)
SELECTED = b"* %d EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT %d] .\r\n{tag} OK selected\r\n"
ONE_MAIL: dict[str, Answer] = {
    "SELECT": SELECTED % (1, 2), "SEARCH": b"* SEARCH 1\r\n{tag} OK .\r\n", "SIZE": listed(1), "BODY": body(1, MAIL),
}  # fmt: skip


class Shelf:
    """A folder of mails by UID; tells sizes as it likes, and remembers how much was asked for at once."""

    def __init__(self, mails: dict[int, bytes], told: int | None = None) -> None:
        self.mails, self._told = mails, told
        self.at_once: list[int] = []  # bytes of mail in each answer
        self.server = ScriptedImap(self.script)

    @property
    def script(self) -> dict[str, Answer]:
        select = SELECTED % (len(self.mails), max(self.mails, default=0) + 1)
        return {"SELECT": select, "SEARCH": self._search, "SIZE": self._sizes, "BODY": self._bodies, "MOVE": self._move}

    def _asked(self, word: int) -> list[int]:
        """UIDs named in the last command that are there."""
        named: set[int] = set()
        for part in self.server.heard[-1].split()[word].split(","):
            first, _, last = part.partition(":")
            named.update(range(int(first), (max(self.mails, default=0) if last == "*" else int(last or first)) + 1))
        return [uid for uid in sorted(self.mails) if uid in named]

    async def _search(self, talk: Talk) -> None:
        await talk.say(b"* SEARCH " + b" ".join(b"%d" % uid for uid in self._asked(3)) + b"\r\n{tag} OK .\r\n")

    async def _sizes(self, talk: Talk) -> None:
        for uid in self._asked(2):
            told = len(self.mails[uid]) if self._told is None else self._told
            await talk.say(listed(uid, size=told).partition(b"{tag}")[0])
        await talk.say(b"{tag} OK .\r\n")

    async def _bodies(self, talk: Talk) -> None:
        command, size = self.server.heard[-1], 0
        most = int(command.rpartition("<0.")[2].partition(">")[0])
        for uid in self._asked(2):
            mail = self.mails[uid]
            mail, name = (mail.partition(b"\r\n\r\n")[0], b"[HEADER]") if "HEADER" in command else (mail, b"[]")
            size += len(mail[:most])
            await talk.say(b"* 1 FETCH (UID %d BODY%s<0> {%d}\r\n%s)\r\n" % (uid, name, len(mail[:most]), mail[:most]))
        self.at_once.append(size)
        await talk.say(b"{tag} OK .\r\n")

    async def _move(self, talk: Talk) -> None:
        """As servers do that move all or nothing."""
        named = {int(uid) for uid in self.server.heard[-1].split()[2].split(",")}
        if not named <= self.mails.keys():
            await talk.say(b"{tag} NO no such message\r\n")
            return
        for uid in named:
            del self.mails[uid]
        await talk.say(b"{tag} OK .\r\n")


class Unhurried(LeapingClock):
    """Pauses are remembered, and pass at once."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> float:
        self.pauses.append(seconds)
        return 0.0


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("BODY", b"* 1 FETCH (UID 1 BODY[]<0> NIL)\r\n{tag} OK .\r\n"),
        ("BODY", b"{tag} OK nothing\r\n"),
        ("SIZE", b"{tag} OK nothing\r\n"),
        ("SIZE", b"* 1 FETCH (UID 1 RFC822.SIZE NIL)\r\n{tag} OK .\r\n"),
    ],
)
async def test_a_mail_that_is_there_but_was_not_given_is_asked_for_again(step: str, answer: bytes) -> None:
    async with ScriptedImap({**ONE_MAIL, step: answer}, ONE_MAIL) as server, reading(account(server.port)) as poller:
        await look(poller)
        assert await contents() == [MAIL]
        assert server.connections == 2


@pytest.mark.row("I11", "A32")
async def test_a_mail_larger_than_told_is_asked_for_no_further_than_the_limit() -> None:
    shelf = Shelf({1: MAIL + b"x" * 5_000_000}, told=100)
    async with shelf.server, reading(account(shelf.server.port), plan(largest=300_000)) as poller:
        await look(poller)
    assert max(shelf.at_once) == 300_001
    assert await contents() == [MAIL.partition(b"\r\n\r\n")[0]]
    assert [mail.oversize for mail in await inbound.claim(1, LATER)] == [True]


async def test_a_mail_larger_than_told_but_within_the_limit_comes_whole() -> None:
    large = MAIL + b"x" * 200_000
    shelf = Shelf({1: large}, told=100)
    async with shelf.server, reading(account(shelf.server.port), plan(largest=300_000)) as poller:
        await look(poller)
    assert await contents() == [large]


@pytest.mark.row("N25")
async def test_large_mails_are_not_held_all_at_once() -> None:
    mails = {uid: raw_mail(uid) + b"x" * 900_000 for uid in range(1, 31)}
    shelf = Shelf(mails)
    async with shelf.server, reading(account(shelf.server.port)) as poller:
        await look(poller)
    assert await contents() == list(mails.values())
    assert max(shelf.at_once) < 4_000_000


@pytest.mark.row("N25")
async def test_what_is_handed_out_together_is_bounded_but_never_nothing() -> None:
    mails = [NewMail(uid, raw_mail(uid), 20_000_000, False, NOW) for uid in (1, 2, 3)]
    mails += [NewMail(4, raw_mail(4), 90_000_000, True, NOW), NewMail(5, raw_mail(5), 90_000_000, False, NOW)]
    await inbound.spool("support", "INBOX", 1, mails, 5, NOW)
    handed_out = []
    while batch := await inbound.claim(25, NOW):
        handed_out.append([mail.id for mail in batch])
    assert handed_out == [[1], [2], [3, 4], [5]]


@pytest.mark.row("N12")
async def test_mails_someone_took_away_do_not_keep_others_from_being_filed() -> None:
    shelf = Shelf({uid: raw_mail(uid) for uid in (1, 2, 3)})
    async with shelf.server, reading(account(shelf.server.port)) as poller:
        await look(poller)
        del shelf.mails[2]
        for mail in await inbound.claim(3, LATER):
            await inbound.quarantine(mail.id, "why")
        await until(lambda: not shelf.mails, poller)
        await nothing_to_file(poller)


async def test_mails_of_another_folder_are_never_moved_whatever_its_uidvalidity() -> None:
    await inbound.enter("support", "Elsewhere", Folder(7, NOW, 0, 0))
    await inbound.spool("support", "Elsewhere", 7, [NewMail(1, raw_mail(9), 9, False, NOW)], 1, NOW)
    await inbound.quarantine(1, "why")
    shelf = Shelf({1: MAIL})
    async with shelf.server, reading(account(shelf.server.port), plan("now")) as poller:
        await look(poller)
        await nothing_to_file(poller)
        assert shelf.mails == {1: MAIL}


@pytest.mark.row("N9", "N10")
async def test_new_mail_under_old_uids_after_a_restored_backup_comes_in() -> None:
    shelf = Shelf({uid: raw_mail(uid) for uid in (1, 2, 3)})
    async with shelf.server, reading(account(shelf.server.port)) as poller:
        await look(poller)
    restored = Shelf({1: raw_mail(1), 2: raw_mail(8)})
    async with restored.server, reading(account(restored.server.port)) as poller:
        await look(poller)
    claimed = await inbound.claim(10, LATER)
    assert [mail.content for mail in claimed] == [raw_mail(number) for number in (1, 2, 3, 1, 8)]
    known = await inbound.folder("support", "INBOX")
    assert known is not None
    assert known.last_uid == 2


async def test_a_folder_emptied_by_filing_is_no_restored_backup() -> None:
    """Without UIDNEXT the next UID is only reckoned, from mails that are no longer there."""
    await inbound.enter("support", "INBOX", Folder(7, NOW, 0, 5))
    empty: Answer = b"* 0 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n{tag} OK .\r\n"
    async with ScriptedImap({"SELECT": empty}) as server, reading(account(server.port)) as poller:
        await look(poller)
    known = await inbound.folder("support", "INBOX")
    assert known is not None
    assert known.last_uid == 5


async def test_rows_step_aside_each_time_a_number_comes_back() -> None:
    for round_ in range(3):
        await inbound.enter("support", "INBOX", Folder(1, NOW, 0, 0))
        await spooled(raw_mail(round_))
    assert await contents() == [raw_mail(0), raw_mail(1), raw_mail(2)]
    assert sorted(mail.uidvalidity for mail in await handled()) == [-2, -1, 1]


async def handled() -> list[inbound.Unfiled]:
    for mail in await inbound.claim(10, LATER):
        await inbound.quarantine(mail.id, "why")
    return await inbound.unfiled("support", 10)


async def test_where_every_connection_ends_in_its_first_wait_the_pauses_grow() -> None:
    clock = Unhurried()
    async with ScriptedImap({"IDLE": cut}) as server, reading(account(server.port), clock=clock):
        await server.until(lambda: server.connections >= 6)
        assert clock.pauses[4] > 4 * clock.pauses[0]


STOPS = """
import asyncio, sys
from mailproc.inbox.imap import ImapSource
from mailproc.inbox.source import ImapAccount

async def main():
    source = ImapSource(ImapAccount("127.0.0.1", int(sys.argv[1]), "clear", "u", "p", connect_timeout=60))
    opening = asyncio.create_task(source.open())
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    opening.cancel()
    await asyncio.wait({opening})
    await source.close()

asyncio.run(main())
"""


async def test_a_process_ends_at_once_though_a_server_never_greets() -> None:
    async with ScriptedImap({"CONNECT": stay_silent}) as server:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", STOPS, str(server.port), stdin=asyncio.subprocess.PIPE
        )
        try:
            await server.until(lambda: server.connections == 1, 20)
            async with asyncio.timeout(10):
                await process.communicate(b"stop\n")
            assert process.returncode == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def test_few_mails_are_searched_for_at_once_however_high_their_uids() -> None:
    high = b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 4000000000] .\r\n{tag} OK .\r\n"
    async with ScriptedImap({**ONE_MAIL, "SELECT": high}) as server:
        source = ImapSource(account(server.port))
        shown = await source.open()
        assert await source.after(0, shown.uidnext) == [1]
        assert server.count("SEARCH") == 1
        await source.close()


async def test_many_mails_are_searched_for_in_pieces() -> None:
    many = b"* 165000 EXISTS\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 9165001] .\r\n{tag} OK .\r\n"

    async def search(talk: Talk) -> None:
        first, _, last = server.heard[-1].split()[3].partition(":")
        until_ = 9_165_000 if last == "*" else int(last)
        found = range(max(int(first), 9_000_001), until_ + 1)
        await talk.say(b"* SEARCH" + b"".join(b" %d" % uid for uid in found) + b"\r\n{tag} OK .\r\n")

    async with ScriptedImap({"SELECT": many, "SEARCH": search}) as server:
        source = ImapSource(account(server.port))
        shown = await source.open()
        assert list(await source.after(8_990_000, shown.uidnext)) == list(range(9_000_001, 9_165_001))
        await source.close()
