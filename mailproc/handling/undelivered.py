"""What follows a letter of ours that did not arrive, or of which nobody knows: people are told, each in a letter of its own.

Only an agent's words to somebody outside are ever sent again. Of a letter to an agent that brought somebody's words, and
may be lost, another letter tells that agent; and if that one may be lost too, a third tells their colleagues.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from mailproc import eventlog
from mailproc.committed import when_committed
from mailproc.core.due import missed, undelivered
from mailproc.core.effects import Decision
from mailproc.core.facts import TicketView
from mailproc.core.letters import Letter
from mailproc.core.policy import Agent, Policy
from mailproc.handling.correspondence import Occasion, cause_of_key
from mailproc.handling.record import Cause, Recorder
from mailproc.store import history, outbox, tickets
from mailproc.store.history import Entry
from mailproc.store.outbox import OutboxState, Settled, WrittenMail


class Undelivered:
    """Called in the transaction that settles an attempt: what follows is queued if and only if that is written."""

    def __init__(self, policy: Policy, recorder: Recorder, queued: asyncio.Event) -> None:
        """`queued` is set when something was written."""
        self._policy, self._recorder, self._queued = policy, recorder, queued

    async def follow(self, settled: Settled) -> None:
        """Whatever has to be told about a letter."""
        mail, state = settled.mail, settled.state
        ticket = mail.ticket_id or "-"
        eventlog.warning("outbox.not_delivered", outbox=mail.id, ticket=ticket, state=state, words=settled.words)
        if mail.human and state is not OutboxState.RETRY:
            await self._tell_owner(settled)
        elif mail.followed and (state is OutboxState.UNKNOWN or mail.letter == Letter.MISSED):
            letter = await outbox.by_message_id(mail.message_id)
            agent = self._policy.agent_by_address(mail.recipient)
            if letter is None:
                return
            if agent is None or mail.letter == Letter.MISSED:
                await self._tell_colleagues(settled, letter)
            else:
                await self._tell_reader(settled, letter, agent)

    async def _tell_owner(self, settled: Settled) -> None:
        ticket = await self._ticket(settled)
        if ticket is not None:
            recipient, words = settled.mail.recipient, settled.words
            decision = undelivered(ticket, recipient, words, self._policy, settled.at)
            await self._apply(settled, decision, ticket, f"out{settled.mail.id}")

    async def _tell_colleagues(self, settled: Settled, letter: WrittenMail) -> None:
        """Once of what one mail or deadline caused: of a team that all of it went to, each would be told of each other."""
        ticket = await self._ticket(settled)
        if ticket is not None:
            await self._apply(settled, missed(ticket, letter.recipient, self._policy), ticket, cause_of_key(letter.key))

    async def _ticket(self, settled: Settled) -> TicketView | None:
        number = settled.mail.ticket_id
        return await tickets.view(number) if number is not None else None

    async def _apply(self, settled: Settled, decision: Decision, ticket: TicketView, cause: str) -> None:
        occasion = Occasion(settled.at, cause, answers_mail=False)
        await self._recorder.apply(decision, Cause(occasion, self._policy.mailbox(ticket.mailbox)), ticket)
        when_committed(self._queued.set)

    async def _tell_reader(self, settled: Settled, letter: WrittenMail, agent: Agent) -> None:
        """Nothing of this is decided anew: it goes to whom the letter went, and says what that said."""
        mail = settled.mail
        mailbox = self._policy.mailbox(mail.mailbox)
        another = self._recorder.letters.of_one_missed(mailbox, agent, letter, settled.at)
        for id_ in (await outbox.enqueue([replace(another, not_before=settled.follow_at)])).values():
            told = f"{another.letter} to {another.recipient}: about the {mail.letter} of outbox {mail.id}"
            await history.append([Entry(settled.at, "queued", "mailproc", told, "", mail.ticket_id, None, id_)])
        when_committed(self._queued.set)
