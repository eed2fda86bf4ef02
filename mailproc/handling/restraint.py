"""Which automatic letters of a decision leave: the budgets, asked once for each person written to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mailproc import eventlog
from mailproc.core.budgets import ANSWERING, BUDGETED, HOLDING, Asked, Author, Budgets, Stopped, judge
from mailproc.core.letters import Letter
from mailproc.store import budgets as counted
from mailproc.store.outbox import MailClass, NewMail

_NEW_WORDS = 10  # times the budget: even a robot that says something else each time comes to an end


@dataclass(frozen=True, slots=True)
class Restrained:
    """What is to be queued, some of it held, and what does not leave at all."""

    mails: tuple[NewMail, ...]
    stopped: tuple[tuple[NewMail, Stopped], ...]
    strangers: frozenset[str]  # among those written to, case folded


class Restraint:
    """Judges letters by the operator's budgets."""

    def __init__(self, budgets: Budgets) -> None:
        self._budgets, self._books = budgets, counted.Books(budgets)

    async def restrain(
        self,
        mails: Sequence[NewMail],
        people: frozenset[str],
        ticket: int,
        now: datetime,
        author: Author,
        *,
        new_words: bool = False,
    ) -> Restrained:
        """Judge the letters of one decision on `ticket`. `people`: its customer and those in copy, case folded.

        A person's words pass, and so does what agents are told; but what answers their own mails has its bounds.
        `new_words`: the mail says what its agent has not said before, as robots do not.
        """
        passing: list[NewMail] = []
        stopped: list[tuple[NewMail, Stopped]] = []
        spent: dict[str, counted.Spent] = {}
        before: dict[str, int] = {}
        for mail in mails:
            to = mail.recipient.casefold()
            if Letter(mail.letter) in ANSWERING and await self._tires(mail, ticket, now, new_words):
                stopped.append((mail, Stopped.AGENT))
                eventlog.warning("budgets.stopped", ticket=ticket, letter=mail.letter, reason=Stopped.AGENT)
                continue
            if mail.mail_class is not MailClass.AUTOMATIC or to not in people:
                passing.append(mail)
                continue
            if to not in spent:
                spent[to] = await self._books.spent(to, ticket, author, now)
            why = self._why_not(mail, spent[to], author, before.get(to, 0))
            if why is None:
                before[to] = before.get(to, 0) + budgeted(mail)
                passing.append(mail)
                continue
            stopped.append((mail, why))
            eventlog.warning("budgets.stopped", ticket=ticket, letter=mail.letter, reason=why)
            if why in HOLDING:
                passing.append(replace(mail, held=True))
        return Restrained(tuple(passing), tuple(stopped), frozenset(to for to in spent if spent[to].stranger))

    async def _tires(self, mail: NewMail, ticket: int, now: datetime, new_words: bool) -> bool:
        """Whether the agent's mails were answered so often that no person can be behind them.

        A robot may have used that up: that a person's words were not sent, they hear all the same.
        """
        in_vain = mail.mail_class is MailClass.WORDS and Letter(mail.letter) is not Letter.CONFIRMATION
        times = _NEW_WORDS if new_words and in_vain else 1
        windows = self._budgets.agent
        counts = await counted.told(ticket, mail.recipient, windows, now)
        return any(count >= times * window.most for count, window in zip(counts, windows, strict=True))

    def _why_not(self, mail: NewMail, spent: counted.Spent, author: Author, before: int) -> Stopped | None:
        if spent.failed:
            return Stopped.FAILED
        if not budgeted(mail):
            return None
        return judge(self._budgets, spent.counts, Asked(Letter(mail.letter), author, before))


def budgeted(mail: NewMail) -> bool:
    return mail.mail_class is MailClass.AUTOMATIC and Letter(mail.letter) in BUDGETED


async def remember(restrained: Restrained, queued: frozenset[str], ticket: int, now: datetime) -> None:
    """Count what was queued now (`queued` holds keys) and what was not."""
    new = [mail for mail in restrained.mails if mail.key in queued]
    strangers = restrained.strangers
    left = [_letter(mail, ticket, mail.recipient.casefold() in strangers) for mail in new if budgeted(mail)]
    if left:
        await counted.let_go(left, now)
    held_before = {mail.key for mail in restrained.mails if mail.held} - queued
    stopped = [why for mail, why in restrained.stopped if mail.key not in held_before]
    if stopped:
        await counted.stopped(stopped, now)
    heard = [mail.recipient for mail in new if mail.mail_class is MailClass.HUMAN]
    if heard:
        await counted.answered(heard)


def _letter(mail: NewMail, ticket: int, stranger: bool) -> counted.Letter:
    return counted.Letter(mail.recipient, ticket, mail.letter, stranger, mail.held)
