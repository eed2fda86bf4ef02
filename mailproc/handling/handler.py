"""The handler: takes spooled mails through parse, gather, decide, record. The one loop that decides about mail."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import timedelta

from mailproc import eventlog
from mailproc.clock import Clock
from mailproc.core.facts import Facts, MatchedBy, TicketView
from mailproc.crashpoints import reached
from mailproc.handling import pipeline
from mailproc.handling.correspondence import Occasion
from mailproc.handling.gather import Desk, Parsed, gather, read
from mailproc.handling.record import Carried, Cause, Outdated, Recorder, keep_written
from mailproc.mime.pool import ParseFailed, ParserPool, ParserUnavailable
from mailproc.mime.prescan import RefusalReason
from mailproc.render.draft import Draft
from mailproc.render.writer import LARGEST, Writer
from mailproc.store import inbound, outbox
from mailproc.store.db import AWAY, TROUBLE, deciding, transaction
from mailproc.store.inbound import Finished, SpooledMail
from mailproc.store.patience import Patience

BATCH = 100  # mails committed together while a backlog stands,
_LONGEST = timedelta(seconds=1)  # but no more than are decided on in this time: others wait for the database,
_MOST_LETTERS = 8_000_000  # nor than have letters of so many bytes, before they are written: all are in memory together
MOST_ATTEMPTS = 3
# More patience with a mail that was in hand whenever the process died: the reader has a process of its own, so it is
# seldom the mail's doing, and after each death that mail comes alone and first.
MOST_DEATHS = 6
_RETRY_AFTER = timedelta(minutes=1)
_IDLE_SECONDS = 5.0
_TURNS = 2  # of the loop, for others, after each mail: less, and the reader of the next ones waits for its next request
#: What finds a ticket where the mails it refers to are not known, or none does.
_BY_NO_KNOWN_MAIL = frozenset({MatchedBy.AWAITED, MatchedBy.SUBJECT, MatchedBy.NOTHING})

_Read = Parsed | Exception  # what came of reading a mail


class _NotTogether(Exception):
    """A mail can't be handled, or a letter not be written; what is to blame shows when they are handled one by one."""


class Handler:
    """Works off the spool in the order of arrival. Wakes when told, and every few seconds on its own."""

    def __init__(
        self, desk: Desk, recorder: Recorder, parser: ParserPool, writer: Writer, clock: Clock, node: str = ""
    ) -> None:
        self._desk, self._recorder, self._parser, self._clock, self._node = desk, recorder, parser, clock, node
        self._writer = writer
        self._backlog = False  # more mails wait than are in hand
        self._in_hand: list[tuple[SpooledMail, _Read]] = []  # claimed and read, not recorded yet
        self._next: list[SpooledMail] = []  # claimed
        self._reading: asyncio.Future[list[_Read]] | None = None  # of those
        self._unsure = False  # the database went away, perhaps with a claim of ours that we never heard of
        self._patience = Patience(clock)
        self.news = asyncio.Event()  # set by the inbox: something was spooled
        self.handled: list[asyncio.Event] = []  # set by us: mails can be filed, letters can be sent

    async def run(self) -> None:
        """Until cancelled."""
        # A claim counts an attempt: were mails claimed while workers start, a few ends in that second would look as if
        # the first of them had brought the process down.
        await self._parser.warmed()
        try:
            while True:
                self.news.clear()
                if not await self._worked():
                    # Not asyncio.wait_for: in Python 3.11 it swallows a cancellation that comes with the event.
                    with suppress(TimeoutError):
                        async with asyncio.timeout(self._clock.pause(_IDLE_SECONDS)):
                            await self.news.wait()
        finally:
            if self._reading is not None:
                self._reading.cancel()
                await asyncio.gather(self._reading, return_exceptions=True)

    async def _worked(self) -> bool:
        """Whether there was something to do; a database that is away is waited for, with the mails in hand."""
        try:
            worked = bool(await self.work_off())
        except TROUBLE as failure:
            eventlog.error("handler.store_failed", error=repr(failure))
            self._unsure = bool(self._node)
            await self._patience.rest()
            return True
        self._patience.over()
        return worked

    async def work_off(self) -> int:
        """Decide on the next mails, in one transaction; how many they were."""
        if self._unsure:
            ours = [*(mail.id for mail, _ in self._in_hand), *(mail.id for mail in self._next)]
            await inbound.give_back(self._node, ours, self._clock.now())
            self._unsure = False
        if not self._in_hand:
            self._in_hand = await self._read()
            self._backlog = len(self._in_hand) == BATCH
        if not self._in_hand:
            return 0
        reached("parsed")
        if self._backlog:  # the next ones are read while these are decided on
            await self._claim()
        try:
            count = await self._decide()
        except _NotTogether as failure:
            eventlog.warning("handler.one_by_one", error=repr(failure.__cause__))
            count = await self._decide(one_by_one=True)
        reached("committed")
        self._in_hand = self._in_hand[count:]
        for event in self.handled:
            event.set()
        return count

    async def _decide(self, *, one_by_one: bool = False) -> int:
        """The mails in hand, and their letters: all of it or nothing. How many it were: so many as nobody waits long for.

        `one_by_one`: what fails costs its mail only. Each has a savepoint, which is dear, and is done before the next.
        """
        began, ends, count = self._clock.now(), list[Finished](), 0
        async with deciding():
            self._writer.forget()
            held = await inbound.still_held([mail for mail, _ in self._in_hand])
            for mail, result in self._in_hand:
                if count and (self._clock.now() - began > _LONGEST or self._writer.size > _MOST_LETTERS):
                    break
                count += 1
                end = await self._one(mail, result, one_by_one) if mail.id in held else None
                ends += [end] if end is not None else []
            await inbound.finish(ends)
            try:
                letters = await self._writer.finished()
            except Exception as failure:
                raise _NotTogether from failure
            await outbox.keep(letters)
            reached("recorded")
        for end in ends:
            ticket = end.ticket or "-"
            eventlog.event("handler.done", inbound=end.id, outcome=end.outcome, ticket=ticket, reason=end.reason)
        return count

    async def _claim(self) -> None:
        """The next mails; their reading goes on by itself."""
        if not self._next:
            self._next = await inbound.claim(BATCH, self._clock.now(), self._node)
            if self._next:
                reached("claimed")
            if len(self._next) == BATCH:  # there will be many letters
                self._writer.wake()
        if self._next and self._reading is None:
            self._reading = asyncio.gather(*map(self._parse, self._next))

    async def _read(self) -> list[tuple[SpooledMail, _Read]]:
        """The next mails, read. Where the database goes away meanwhile, they are still the next.

        Other trouble with it may be one mail's doing: when their lease is over they come back alone, their attempt counted.
        """
        await self._claim()
        if self._reading is None:
            return []
        try:
            read = list(zip(self._next, await self._reading, strict=True))
        except AWAY:
            raise
        except Exception:
            self._next = []
            raise
        finally:
            self._reading = None
        self._next = []
        return read

    async def _parse(self, mail: SpooledMail) -> _Read:
        try:
            return await read(self._desk, self._parser, mail.content, self._clock.now())
        except TROUBLE:
            raise
        except Exception as failure:  # noqa: BLE001 - one bad mail never stops the rest: it is told and kept
            return failure

    async def _one(self, mail: SpooledMail, result: _Read, one_by_one: bool) -> Finished | None:
        """One mail. What fails `one_by_one` leaves no trace but its reason; else it is _NotTogether."""
        if mail.attempts > MOST_DEATHS:  # counted before each, never reported on: it takes the process with it
            await self._failed(mail, "the program died each time it handled this mail", final=True)
            return None
        if isinstance(result, ParserUnavailable):
            await self._unparsed(mail, result)
            return None
        if isinstance(result, ParseFailed):
            await self._failed(mail, str(result), final=isinstance(result.reason, RefusalReason))
            return None
        if isinstance(result, Exception):
            await self._broken(mail, result)
            return None
        try:
            async with transaction() if one_by_one else nullcontext():
                end, letters = await self._handle(mail, result, one_by_one)
        except AWAY:
            raise  # not the mail's fault: the whole batch is tried again
        except Exception as failure:
            if not one_by_one:
                raise _NotTogether from failure
            await self._set_aside(mail, failure)
            return None
        self._writer.begin(letters)
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        return end

    async def _handle(
        self, mail: SpooledMail, parsed: Parsed, one_by_one: bool
    ) -> tuple[Finished, Mapping[int, Draft]]:
        """What became of a mail, and those of its letters that are still to be written."""
        now = self._clock.now()
        facts = await gather(self._desk, mail, parsed, now)
        decision = pipeline.run(facts).decision
        occasion = Occasion(now, f"in{mail.id}", answers_mail=True)
        message = parsed.mail.message
        awaits = message.refers_to if facts.match.by in _BY_NO_KNOWN_MAIL else ()
        cause = Cause(occasion, facts.mailbox, message, mail.id, facts.sender, awaits)
        if decision.carries_out is not None and parsed.held is not None:
            cause = replace(cause, message=parsed.held.mail.message, inbound_id=decision.carries_out)
        known = (facts.match.ticket, facts.match.was, facts.floods)
        ticket = next((each for each in known if each is not None and each.number == decision.ticket), None)
        # What is about other tickets, each as if the mail were about it alone; then the letter that tells of all.
        carried: dict[int, Carried] = {}
        letters: dict[int, Draft] = {}
        for each in decision.more:
            said = replace(message, text="", attachments=(), message_id="")
            work = await self._recorder.begin(each, replace(cause, message=said, awaits=()), _other(facts, each.ticket))
            letters |= work.unwritten
            if each.ticket is not None:
                carried[each.ticket] = Carried(work.action, tuple(work.done))
        work = await self._recorder.begin(decision, replace(cause, carried=carried), ticket)
        letters |= work.unwritten
        beside: Mapping[int, Draft] = {}
        if self._backlog and self._writer.takes_letters and not one_by_one:
            beside = {id_: letter for id_, letter in letters.items() if letter.enclosed <= LARGEST}
        await keep_written({id_: letter for id_, letter in letters.items() if id_ not in beside})
        reached("recording")
        return Finished(mail.id, decision.outcome.value, decision.reason.value, work.number, decision.why), beside

    async def _unparsed(self, mail: SpooledMail, trouble: ParserUnavailable) -> None:
        """No worker could be had: not the mail's fault, and not counted against it."""
        eventlog.error("handler.no_parser", inbound=mail.id, error=str(trouble))
        await inbound.postpone(mail.id, self._clock.now() + _RETRY_AFTER, str(trouble), counts=False)

    async def _set_aside(self, mail: SpooledMail, failure: Exception) -> None:
        """For later: one bad mail never stops the rest."""
        if isinstance(failure, Outdated):
            eventlog.event("handler.decides_anew", inbound=mail.id, why=str(failure))
            await inbound.postpone(mail.id, self._clock.now(), str(failure))
        else:
            await self._broken(mail, failure)

    async def _broken(self, mail: SpooledMail, failure: Exception) -> None:
        """A mistake of ours that this mail brings to light."""
        eventlog.error("handler.failed", inbound=mail.id, error=repr(failure), exc_info=failure)
        await self._failed(mail, f"{type(failure).__name__}: {failure}", final=False)

    async def _failed(self, mail: SpooledMail, reason: str, *, final: bool) -> None:
        if final or mail.attempts >= MOST_ATTEMPTS:
            await inbound.quarantine(mail.id, reason)
            eventlog.error("handler.quarantined", inbound=mail.id, attempts=mail.attempts, reason=reason)
        else:
            await inbound.postpone(mail.id, self._clock.now() + _RETRY_AFTER * mail.attempts, reason)
            eventlog.warning("handler.postponed", inbound=mail.id, attempts=mail.attempts, reason=reason)


def _other(facts: Facts, number: int | None) -> TicketView | None:
    """A ticket that a decision is about beside the one at hand."""
    seen = facts.asked.tickets.values() if facts.asked is not None else ()
    return next((each for each in (*seen, *(half.ticket for half in facts.halves)) if each.number == number), None)
