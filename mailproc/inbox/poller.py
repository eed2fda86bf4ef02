"""One loop per mailbox: look, fetch, spool; then file what was handled; then wait for news.

A mail is ours when it is in the spool. Everything that happens on the server afterwards can be repeated, and its failure
costs nothing but tidiness.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from mailproc import eventlog
from mailproc.clock import Clock
from mailproc.core.backoff import mailbox_pause
from mailproc.crashpoints import reached
from mailproc.inbox.sent import SentFolder
from mailproc.inbox.source import Listed, Refused, Selected, Source, Unreachable, WrongPassword
from mailproc.inbox.suspects import Suspects
from mailproc.store import health, inbound
from mailproc.store.db import AWAY, TROUBLE
from mailproc.store.inbound import Folder, NewMail
from mailproc.store.patience import Patience

_BATCH = 50  # mails asked for together
_BATCH_BYTES = 4_000_000  # fetched in one command and spooled in one transaction
_WRONG_PASSWORD_WAIT = 900.0  # an account is locked by less
_FILE_AGAIN_AFTER = timedelta(minutes=5)  # when the server would not move mails
_WELL_EVERY = timedelta(minutes=1)  # between two notes that a mailbox is read
_FIRST_NEWS_WAIT, _LONGEST_NEWS_WAIT = 1.0, 60.0  # seconds


@dataclass(frozen=True, slots=True)
class FolderPlan:
    """What to do with a folder."""

    mailbox: str
    name: str
    processed: str
    failed: str
    start: Literal["now", "all"] | datetime
    largest: int  # bytes; of larger mails only the header is fetched
    sent: str = ""  # where copies of answers lie, if the server tells no folder for them; empty: there are none


class Poller:
    """Keeps one mailbox read. Never ends, never gives up, never takes others down with it."""

    def __init__(
        self,
        plan: FolderPlan,
        connect: Callable[[], Source],
        clock: Clock,
        on_news: Callable[[], None],
        on_repeat: Callable[[], None] = lambda: None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`on_news`: mails were spooled; `on_repeat`: a mail of ours leaves again, that may have left before."""
        self._plan, self._connect, self._clock, self._on_news = plan, connect, clock, on_news
        self._jitter, self._patience = jitter, Patience(clock, jitter)
        self._sent = SentFolder(plan.mailbox, plan.sent, clock, on_repeat, jitter)
        self._source: Source | None = None
        self._failures = 0
        self._suspects = Suspects()
        self._file_from: datetime | None = None  # filing was refused: not before then
        self.handled = asyncio.Event()  # set by the handler: mails wait to be filed
        self.heard_until: datetime | None = None  # everything that had arrived by then is in the spool
        self.trouble = ""  # why we can't read at the moment
        self._well_at: datetime | None = None  # when that was told last
        self._certificate_until: datetime | None = None

    @property
    def mailbox(self) -> str:
        return self._plan.mailbox

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            pause = await self._session()
            self.heard_until = None
            await self._feel()
            await asyncio.sleep(self._clock.pause(pause))

    async def look(self) -> None:
        """Look again now instead of waiting for news."""
        self.handled.set()
        if self._source is not None:
            await self._source.hint()

    async def _session(self) -> float:
        """One connection's life; the seconds to wait before the next."""
        self._source = source = self._connect()
        waker = asyncio.create_task(self._wake_for_filing(source), name=f"waker {self._plan.mailbox}")
        try:
            await self._read_on(source)
            raise AssertionError("a session ends by trouble only")
        except WrongPassword as error:
            self.trouble = f"wrong user or password: {error}"
            eventlog.error("inbox.wrong_password", mailbox=self._plan.mailbox, answer=str(error))
            return _WRONG_PASSWORD_WAIT
        except Unreachable as error:
            pause = self._failed(error)
            eventlog.warning(
                "inbox.unreachable", mailbox=self._plan.mailbox, error=str(error), again_in=round(pause, 1)
            )
            return pause
        except Exception as failure:  # noqa: BLE001 - the store, or a fault of ours: this mailbox waits, others go on
            pause = self._failed(failure)
            eventlog.error(
                "inbox.failed",
                mailbox=self._plan.mailbox,
                error=repr(failure),
                again_in=round(pause, 1),
                exc_info=None if isinstance(failure, AWAY) else failure,
            )
            return pause
        finally:
            self._source = None
            await source.close()  # first: whoever is cancelled in a wait below has hung up
            waker.cancel()
            await asyncio.gather(waker, return_exceptions=True)

    def _failed(self, error: Exception) -> float:
        """Seconds to wait after it."""
        self.trouble = str(error) or repr(error)
        if isinstance(error, TROUBLE):  # of the database: the server's own is told as Unreachable
            return self._patience.longer()
        self._failures += 1
        return mailbox_pause(self._failures, self._jitter()).total_seconds()

    async def _feel(self) -> None:
        """Tell how this mailbox is: at every change, and once a minute while it is well."""
        now = self._clock.now()
        if not self.trouble and self._well_at is not None and abs(now - self._well_at) < _WELL_EVERY:
            return
        self._well_at = None if self.trouble else now
        name = f"imap {self._plan.mailbox}"
        with contextlib.suppress(*TROUBLE):  # the database's own trouble is told by others
            if self.trouble:
                await health.ill(name, self.trouble, now)
            else:
                await health.well(name, now, self._certificate_until)

    async def _wake_for_filing(self, source: Source) -> None:
        while True:
            await self.handled.wait()
            self.handled.clear()
            await source.hint()

    async def _read_on(self, source: Source) -> None:
        shown = await source.open()
        self._certificate_until = shown.certificate_until
        known = await self._enter(shown)
        eventlog.event(
            "inbox.connected", mailbox=self._plan.mailbox, uidvalidity=shown.uidvalidity, after=known.last_uid
        )
        last, uidnext = known.last_uid, shown.uidnext
        wait = _FIRST_NEWS_WAIT
        while True:
            began = self._clock.now()
            uids = await source.after(last, uidnext)
            if uids:
                last = await self._take(source, known, uids)
            self.heard_until, self.trouble = began, ""
            await self._feel()
            filed = await self._file(source, known.uidvalidity)
            # A mail that came while we were busy is not announced by every server: after work, look again soon.
            wait = _FIRST_NEWS_WAIT if uids or filed else min(wait * 2, _LONGEST_NEWS_WAIT)
            await source.news(min(wait, max(_FIRST_NEWS_WAIT, await self._sent.tend(source))))
            self._patience.over()
            self._failures = 0  # only now: where each connection ends in its first wait, the waits must grow

    async def _enter(self, shown: Selected) -> Folder:
        """Where to go on in this folder: at its first sight, in its known incarnation, or in a new one."""
        plan, now = self._plan, self._clock.now()
        known = await inbound.folder(plan.mailbox, plan.name)
        if known is not None and known.uidvalidity == shown.uidvalidity and not _gone_back(shown, known):
            return known
        if known is not None:
            # UIDs mean nothing any more: everything is looked at anew, and known content recognised when handled.
            eventlog.warning(
                "inbox.uidvalidity_changed",
                mailbox=plan.mailbox,
                old=known.uidvalidity,
                new=shown.uidvalidity,
                last_uid=known.last_uid,
                next_uid=shown.uidnext,
            )
            entered = Folder(shown.uidvalidity, known.acts_from, shown.uidnext - 1, 0)
        else:
            entered = self._first_start(shown, now)
        self._suspects.clear()
        await inbound.enter(plan.mailbox, plan.name, entered)
        return entered

    def _first_start(self, shown: Selected, now: datetime) -> Folder:
        plan = self._plan
        beginning = datetime.fromtimestamp(0, now.tzinfo)
        if plan.start == "now":
            last = max(shown.uidnext - 1, 0)
            eventlog.event(
                "inbox.first_start",
                mailbox=plan.mailbox,
                found=shown.exists,
                older_mail="left alone",
                up_to_uid=last,
                acting_from=now.isoformat(),
            )
            return Folder(shown.uidvalidity, now, last, last)
        since = beginning if plan.start == "all" else plan.start
        assert isinstance(since, datetime)
        eventlog.event("inbox.first_start", mailbox=plan.mailbox, found=shown.exists, acting_from=since.isoformat())
        return Folder(shown.uidvalidity, since, shown.uidnext - 1, 0)

    async def _take(self, source: Source, known: Folder, uids: Sequence[int]) -> int:
        """Spool these mails in order; the last UID decided on."""
        left_alone = 0
        for batch in self._suspects.batches(uids, _BATCH):
            another = len(batch) == 1 and await self._gives_another(source, batch[0], uids)
            try:
                left_alone += await self._take_batch(source, known, batch)
            except Unreachable as error:
                if self._in_vain(batch, uids, error, another=another):
                    await self._give_up(known, batch[0], error)
                raise
        self._suspects.clear()
        if left_alone:
            older_than = known.acts_from.isoformat()
            eventlog.event("inbox.left_alone", mailbox=self._plan.mailbox, count=left_alone, older_than=older_than)
        return uids[-1]

    async def _take_batch(self, source: Source, known: Folder, uids: Sequence[int]) -> int:
        """The number of mails too old to act on."""
        listed = await source.listed(uids)
        await self._must_be_gone(source, set(uids).difference(mail.uid for mail in listed))
        wanted = [mail for mail in listed if mail.uid > known.found_to or mail.arrived_at >= known.acts_from]
        groups = list(_groups(wanted, self._plan.largest)) or [[]]
        for group in groups:
            last_uid = uids[-1] if group is groups[-1] else group[-1].uid
            fetched = await self._fetched(source, group)
            reached("fetched")
            await self._spool(known, fetched, last_uid)
        return len(listed) - len(wanted)

    async def _spool(self, known: Folder, mails: Sequence[NewMail], last_uid: int) -> None:
        plan = self._plan
        new = await inbound.spool(plan.mailbox, plan.name, known.uidvalidity, mails, last_uid, self._clock.now())
        reached("spooled")
        if new:
            eventlog.event("inbox.spooled", mailbox=plan.mailbox, count=new, last_uid=last_uid)
            self._on_news()

    async def _gives_another(self, source: Source, uid: int, uids: Sequence[int]) -> bool:
        """Whether the server gives another mail than this suspect: then it is this one's fault if it is refused now."""
        times = self._suspects.times
        witness = self._suspects.witness(uid, uids) if times(uid) else None
        if witness is None or times(witness) >= times(uid):  # suspected as much itself
            return False
        given = False
        try:
            given = bool(await self._fetched(source, await source.listed([witness])))
        finally:
            if not given:
                self._suspects.asked_in_vain([witness], self._clock.now())
        return given

    def _in_vain(self, asked: Sequence[int], uids: Sequence[int], error: Unreachable, *, another: bool) -> bool:
        """Write down that these of `uids` were not given; whether it is one, and to be given up."""
        now = self._clock.now()
        self._suspects.asked_in_vain(asked, now)
        if another:
            self._suspects.blame(asked[0], now, cut=not isinstance(error, Refused))
        return len(asked) == 1 and self._suspects.hopeless(asked[0], uids, now)

    async def _give_up(self, known: Folder, uid: int, error: Unreachable) -> None:
        """A mail stays where it lies: the server can't give it to us, and others wait behind it."""
        plan = self._plan
        reason = f"the server would not give it, asked {self._suspects.times(uid)} times: {error}"
        eventlog.error("inbox.unreadable", mailbox=plan.mailbox, uid=uid, error=str(error))
        await inbound.given_up(plan.mailbox, plan.name, known.uidvalidity, uid, reason, self._clock.now())
        await self._spool(known, [], uid)
        self._failures = 0  # those behind it need not wait

    async def _fetched(self, source: Source, wanted: Sequence[Listed]) -> list[NewMail]:
        largest = self._plan.largest
        bodies = await source.fetch([mail for mail in wanted if mail.size <= largest], largest)
        mails = []
        for mail in wanted:
            content = bodies.get(mail.uid)
            oversize = mail.size > largest or (content is not None and len(content) > largest)
            if oversize:
                content = await source.fetch_header(mail.uid)
            if content is not None:
                size = mail.size if oversize else len(content)
                mails.append(NewMail(mail.uid, content, size, oversize, mail.arrived_at))
        await self._must_be_gone(source, {mail.uid for mail in wanted}.difference(mail.uid for mail in mails))
        return mails

    async def _must_be_gone(self, source: Source, uids: set[int]) -> None:
        """Mails the server gave nothing of: moved or deleted by someone meanwhile, or still owed to us."""
        if not uids:
            return
        owed = await source.present(sorted(uids))
        if owed:
            raise Refused(f"the server gave nothing of UID {', '.join(map(str, owed))}")
        for uid in sorted(uids):
            eventlog.event("inbox.vanished", mailbox=self._plan.mailbox, uid=uid)

    async def _file(self, source: Source, uidvalidity: int) -> int:
        """Move handled mails out of the way; those of a former incarnation of the folder are nowhere to be found."""
        filed = 0
        if self._file_from is not None and self._clock.now() < self._file_from:
            return filed
        while True:
            waiting = await inbound.unfiled(self._plan.mailbox, 200)
            if not waiting:
                return filed
            reached("filing")
            here = [m for m in waiting if (m.folder, m.uidvalidity) == (self._plan.name, uidvalidity)]
            if len(here) < len(waiting):
                await inbound.mark_filed([mail.id for mail in waiting if mail not in here])
            for quarantined, target in ((False, self._plan.processed), (True, self._plan.failed)):
                mails = [mail for mail in here if mail.quarantined == quarantined]
                if not mails:
                    continue
                if not await self._moved(source, [mail.uid for mail in mails], target):
                    return filed
                reached("moved")
                await inbound.mark_filed([mail.id for mail in mails])
                reached("filed")
            filed += len(waiting)

    async def _moved(self, source: Source, uids: Sequence[int], target: str) -> bool:
        """False when the server won't: reading goes on, tidying is tried again later."""
        self._file_from = None
        try:
            await source.move(uids, target)
        except Refused as error:
            left = await source.present(uids)
            if len(left) < len(uids):  # it may have stumbled over those that someone took away
                return not left or await self._moved(source, left, target)
            self._file_from = self._clock.now() + _FILE_AGAIN_AFTER
            eventlog.warning("inbox.not_filed", mailbox=self._plan.mailbox, folder=target, error=str(error))
            return False
        return True


def _gone_back(shown: Selected, known: Folder) -> bool:
    """UIDs were given out a second time, as after a restored backup: new mail would hide behind old numbers."""
    return shown.uidnext_told and shown.uidnext <= known.last_uid


def _groups(mails: Sequence[Listed], largest: int) -> Iterator[list[Listed]]:
    """Mails that can be in memory together; of those above `largest` only the header will be."""
    group: list[Listed] = []
    size = 0
    for mail in mails:
        needed = mail.size if mail.size <= largest else 0
        if group and size + needed > _BATCH_BYTES:
            yield group
            group, size = [], 0
        group.append(mail)
        size += needed
    if group:
        yield group
