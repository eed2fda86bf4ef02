"""What time does for agents: the daily list, and the tickets of those who are away."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from mailproc import eventlog
from mailproc.clock import Clock, sleep
from mailproc.core.due import returned
from mailproc.core.effects import Decision, Outcome, Reason, SendDigest
from mailproc.core.facts import Standing
from mailproc.core.policy import Agent, MailboxPolicy, Policy
from mailproc.core.queries import View
from mailproc.handling.asking import Asking, answered
from mailproc.handling.correspondence import Occasion
from mailproc.handling.record import Cause, Recorder
from mailproc.store import agent_state, queues, tickets
from mailproc.store.db import TROUBLE, deciding

_EVERY = 60.0  # seconds
_SOON = timedelta(hours=1)  # before a promise runs out, somebody else must have the ticket


class AgentsTime:
    """Looks every minute."""

    def __init__(self, policy: Policy, recorder: Recorder, clock: Clock, queued: asyncio.Event) -> None:
        """`queued` is set when something was written."""
        self._policy, self._recorder, self._clock, self._queued = policy, recorder, clock, queued

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.look()
            except TROUBLE as failure:
                eventlog.error("agents.store_failed", error=repr(failure))
            await sleep(self._clock, _EVERY)

    async def look(self) -> None:
        """Send the lists that are due, and move what waits for somebody who is away."""
        now = self._clock.now()
        for name, standing in (await agent_state.staff(0)).standings.items():
            agent = self._policy.agents.get(name)
            if agent is not None and standing.away(now):
                await self._move_due(agent, now)
            elif agent is not None and list_is_due(standing, agent, home(self._policy, agent), now):
                await self._send_list(agent, standing, now)

    async def _send_list(self, agent: Agent, standing: Standing, now: datetime) -> None:
        """Once a day, however many nodes look; nothing, where there is nothing to do."""
        mailbox = home(self._policy, agent)
        async with deciding():
            if not await agent_state.send_digest_once(agent.name, standing.digest_sent_at, now):
                return
            digest = replace(await answered(Asking(self._policy, mailbox, agent, now), [View.LIST]), daily=True)
            if not digest.lists[0].lines:
                return
            once = f"daily{now:%Y%m%d%H%M}"
            letter = SendDigest(agent.name, mailbox.name, digest, once)
            decision = Decision(Outcome.ACTION, Reason.DAILY_LIST, "", None, (letter,))
            await self._recorder.apply(decision, Cause(Occasion(now, once, answers_mail=False), mailbox), None)
        self._queued.set()

    async def _move_due(self, agent: Agent, now: datetime) -> None:
        for number in await queues.due_of(agent.name, now, now + _SOON):
            async with deciding():
                await self._move(agent, number, now)
            self._queued.set()

    async def _move(self, agent: Agent, number: int, now: datetime) -> None:
        """One ticket, if it is still theirs and they are still away."""
        ticket, staff = await tickets.view(number), await agent_state.staff(number)
        decision = returned(ticket, self._policy, staff, now) if ticket and ticket.owner == agent.name else None
        if ticket is None or decision is None:
            return
        occasion = Occasion(now, f"away{now:%Y%m%d%H%M%S}", answers_mail=False)
        await self._recorder.apply(decision, Cause(occasion, self._policy.mailbox(ticket.mailbox)), ticket)
        eventlog.event("agents.returned", ticket=number, agent=agent.name)


def home(policy: Policy, agent: Agent) -> MailboxPolicy:
    """The mailbox an agent's own letters come from: one of a team of theirs, else the first."""
    mailboxes = policy.mailboxes.values()
    return next((mailbox for mailbox in mailboxes if mailbox.team in agent.teams), next(iter(mailboxes)))


def list_is_due(standing: Standing, agent: Agent, mailbox: MailboxPolicy, now: datetime) -> bool:
    """Whether today's list is still to be sent: on working days, from its time on, by the agent's clock."""
    if not standing.digest_at:
        return False
    zone = ZoneInfo(agent.time_zone)
    there = now.astimezone(zone)
    calendar = mailbox.calendar
    if there.date() in calendar.holidays or not calendar.hours.get(there.weekday()):
        return False
    sent = standing.digest_sent_at
    if sent is not None and sent.astimezone(zone).date() >= there.date():
        return False
    return there.time() >= time.fromisoformat(standing.digest_at)
