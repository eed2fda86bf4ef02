"""The composition root: from settings to a running daemon. The only module that names every part."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import fields
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Self

from mailproc import eventlog
from mailproc.accounts import imap_account, smtp_account
from mailproc.clock import Clock
from mailproc.core.budgets import Budgets
from mailproc.core.condition import Finding, findings
from mailproc.core.message import Address
from mailproc.core.policy import (
    Agent,
    EnclosurePolicy,
    MailboxPolicy,
    Policy,
    RoutePolicy,
    Rule,
    SafetyPolicy,
    Team,
    Trust,
)
from mailproc.core.tokens import KeyRing
from mailproc.handling.correspondence import Correspondence
from mailproc.handling.gather import Desk
from mailproc.handling.handler import Handler
from mailproc.handling.record import Recorder
from mailproc.handling.undelivered import Undelivered
from mailproc.inbox.imap import ImapSource
from mailproc.inbox.poller import FolderPlan, Poller
from mailproc.mime.pool import ParserPool, WorkerLimits
from mailproc.mime.prescan import Limits
from mailproc.outbox.sender import Sender
from mailproc.outbox.smtp import SmtpTransport
from mailproc.render.canned import Canned
from mailproc.render.letters import Letters, TemplateError
from mailproc.render.writer import Writer
from mailproc.resources import templates_folder
from mailproc.scheduler.agents import AgentsTime
from mailproc.scheduler.alerts import Alerts
from mailproc.scheduler.late import LateLetters
from mailproc.scheduler.loop import Heard, Scheduler
from mailproc.settings import MailboxSettings, Settings, calendar_of
from mailproc.settings_errors import ConfigurationError
from mailproc.settings_values import begins
from mailproc.store import db, deadlines, inbound, outbox, schema, tickets
from mailproc.store.nodes import Node, beat, heard_until, leave, new_name
from mailproc.supervisor import Loop, Notifier, supervise
from mailproc.watch import measured, send_alert

LOOPS = ("inbox", "handling", "outbox", "scheduler")  # as `mailproc run --only` names them
#: After so long without a look at it, nobody reads a mailbox (looks are a minute apart at most).
_HEARD_LATELY = timedelta(minutes=5)
_LOOK_PAUSE = 0.02  # seconds between looks while waiting for quiet


def policy_of(settings: Settings) -> Policy:
    """What the core needs to know of the configuration."""
    desk = settings.desk
    agents = {
        name: Agent(
            name,
            agent.name,
            agent.address,
            tuple(team for team, members in settings.team.items() if name in members.members),
            agent.language,
            agent.time_zone or desk.time_zone,
        )
        for name, agent in settings.agent.items()
    }
    return Policy(
        mailboxes={name: _mailbox_policy(settings, name, mailbox) for name, mailbox in settings.mailbox.items()},
        agents=agents,
        teams={name: Team(name, team.name or name, team.members) for name, team in settings.team.items()},
        trust=Trust(settings.agents.trust),
        trusted_authserv_ids=frozenset(name.casefold() for name in settings.agents.trusted_authserv_ids),
        suppress_for=settings.automatic.suppress_for,
        tell_late_after=settings.desk.tell_late_after,
        development=settings.desk.development,
        enclosures=EnclosurePolicy(
            frozenset(extension.casefold().lstrip(".") for extension in settings.attachments.blocked_extensions),
            frozenset(kind.casefold() for kind in settings.attachments.blocked_types),
            settings.attachments.most_bytes,
        ),
        border_hops=settings.agents.border_hops,
        trusted_arc_sealers=frozenset(name.casefold() for name in settings.agents.trusted_arc_sealers),
        confirm_within=settings.agents.confirm_within,
        reminder_after=settings.verification.reminder_after,
        close_after=settings.verification.close_after,
        reopen_window=settings.verification.reopen_window,
        survey=settings.survey.enabled,
        survey_window=settings.survey.window,
        token_days=settings.tokens.days,
        most_copied=settings.limits.copied,
        routes=RoutePolicy(desk.escalate_to, desk.security_team, desk.handoff),
        safety=SafetyPolicy(
            settings.safety.hold, frozenset(rule for rule in Rule if getattr(settings.safety, rule.value))
        ),
        budgets=Budgets(**{each.name: getattr(settings.budgets, each.name) for each in fields(Budgets)}),
        largest_mail=settings.limits.message_bytes,
        tell_oversize=settings.limits.tell_oversize_sender,
        list_mail_opens_tickets=settings.automatic.lists == "ticket",
    )


def _mailbox_policy(settings: Settings, name: str, mailbox: MailboxSettings) -> MailboxPolicy:
    desk = settings.desk
    shown = mailbox.name or desk.name
    return MailboxPolicy(
        name=name,
        address=mailbox.address,
        desk=shown,
        prefix=mailbox.prefix or desk.prefix or shown.split()[0],
        team=mailbox.team,
        plus_addressing=mailbox.plus_addressing,
        language=mailbox.language or desk.language,
        time_zone=mailbox.time_zone or desk.time_zone,
        calendar=calendar_of(desk),
        first_answer=desk.first_answer,
        processed=mailbox.imap.processed,
        null_sender=mailbox.null_sender,
    )


def keys_of(settings: Settings) -> KeyRing:
    """The token keys. Raises ValueError when one is too short."""
    tokens = settings.tokens
    keys = {int(number): secret.get_secret_value().encode() for number, secret in tokens.old_keys.items()}
    return KeyRing({**keys, tokens.number: tokens.key.get_secret_value().encode()}, tokens.number)


def letters_of(settings: Settings, *, proven: bool | None = None) -> Letters:
    """The letters, the operator's own before ours. Raises ConfigurationError for a template that can't work.

    Where all are ours they count as `proven`: tests check them before they are delivered.
    """
    own = settings.templates.folder is not None
    try:
        return Letters(
            _template_folders(settings), settings.desk.language, proven=not own if proven is None else proven
        )
    except TemplateError as error:
        raise ConfigurationError(str(error).splitlines()) from None


def canned_of(settings: Settings) -> Canned:
    """The canned answers, likewise."""
    try:
        return Canned(_template_folders(settings), settings.desk.language)
    except TemplateError as error:
        raise ConfigurationError(str(error).splitlines()) from None


def _template_folders(settings: Settings) -> list[Path]:
    own = settings.templates.folder
    return [templates_folder()] if own is None else [own, templates_folder()]


async def agent_people(policy: Policy, now: datetime) -> Mapping[str, int]:
    """The agents as people: tokens name them by number."""
    return {
        agent.name: (await tickets.learn_person(Address(agent.address, agent.display), agent.language, now)).id
        for agent in policy.agents.values()
    }


async def desk_of(settings: Settings) -> Desk:
    """What gathering facts needs, on the open database; nothing is written: agents not yet known are nobody."""
    policy = policy_of(settings)
    found = {agent.name: await tickets.find_person(agent.address) for agent in policy.agents.values()}
    people = {name: person.id for name, person in found.items() if person is not None}
    return Desk(policy, keys_of(settings), people, canned_of(settings))


def parser_limits(settings: Settings) -> WorkerLimits:
    """What a parser may use for one mail."""
    limits = settings.limits
    return WorkerLimits(
        scan=Limits(**{cap.name: getattr(limits, cap.name) for cap in fields(Limits)}),
        memory=limits.parser_memory,
        cpu_seconds=math.ceil(limits.parser_seconds / 2),
        wall_seconds=limits.parser_seconds,
    )


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max((moment for moment in (one, other) if moment is not None), default=None)


class App:
    """A daemon, ready to run."""

    def __init__(
        self, settings: Settings, clock: Clock, desk: Desk, recorder: Recorder, parser: ParserPool, writer: Writer
    ) -> None:
        self._policy, self._clock, self._recorder, self._settings = desk.policy, clock, recorder, settings
        send = partial(send_alert, settings.alerts, clock)
        self._alerts = Alerts(settings.desk.name, self._findings, send, clock) if settings.alerts.to else None
        several = db.dialect_of(settings.store.url) == "postgresql"
        self._node = Node(settings.store.url, clock, new_name()) if several else None
        name = self._node.name if self._node else ""
        self._handler = Handler(desk, recorder, parser, writer, clock, name)
        self._send = asyncio.Event()
        self._pollers = [self._poller(settings, name, mailbox) for name, mailbox in settings.mailbox.items()]
        connections = settings.limits.smtp_connections
        transports = {name: SmtpTransport(smtp_account(box, connections)) for name, box in settings.mailbox.items()}
        undelivered = Undelivered(desk.policy, recorder, self._send)
        self._sender = Sender(
            transports, clock, self._send, undelivered.follow, connections, alone=not several, node=name,
            copying={name for name, mailbox in settings.mailbox.items() if mailbox.imap.sent},
        )  # fmt: skip
        self._sender.answered += [poller.handled for poller in self._pollers]
        self._scheduler = Scheduler(desk.policy, recorder, clock, self._heard)
        self._agents = AgentsTime(desk.policy, recorder, clock, self._send)
        self._late = LateLetters(desk.policy, recorder, clock, self._send)
        self._handler.handled += [self._send, self._scheduler.wake, *(poller.handled for poller in self._pollers)]
        self._scheduler.done.append(self._send)
        if self._node:
            self._handler.handled.append(self._node.news)
            self._scheduler.done.append(self._node.news)
            self._sender.answered.append(self._node.news)
            self._node.lost = self._sender.lost
            self._node.ring += [self._handler.news, self._send, self._scheduler.wake]
            self._node.ring += [poller.handled for poller in self._pollers]

    async def _findings(self) -> Sequence[Finding]:
        now = self._clock.now()
        return findings(await measured(self._settings, now, within=True), now)

    @classmethod
    @asynccontextmanager
    async def started(cls, settings: Settings, clock: Clock) -> AsyncIterator[Self]:
        """Everything opened: configuration, letters, lock, database, parsers. Closed again when the block ends."""
        policy, keys, letters = policy_of(settings), keys_of(settings), letters_of(settings)
        canned = canned_of(settings)
        async with AsyncExitStack() as stack:
            url = settings.store.url
            with db.in_words():
                connection = await stack.enter_async_context(db.connected(url))
                if db.dialect_of(url) == "sqlite":
                    stack.enter_context(db.WriterLock(url))
                for step in await schema.upgrade(connection, clock.now()):
                    eventlog.event("db.upgraded", step=step.number, name=step.name)
                if db.dialect_of(url) == "sqlite":  # elsewhere others live, and their claims with them
                    await inbound.release_claims(clock.now())
                people = await agent_people(policy, clock.now())
            recorder = Recorder(policy, Correspondence(policy, keys, letters, people))
            parser = await stack.enter_async_context(
                ParserPool(settings.limits.parser_workers, parser_limits(settings))
            )
            writer = await stack.enter_async_context(Writer(letters))
            yield cls(settings, clock, Desk(policy, keys, people, canned), recorder, parser, writer)

    async def run(
        self, stop: asyncio.Event, notifier: Notifier | None = None, only: frozenset[str] = frozenset(LOOPS)
    ) -> None:
        """Until `stop` is set; running attempts to send are finished first. `only`: not all of `LOOPS`."""
        named: dict[str, Loop] = {
            "handling": self._handler.run,
            "scheduler": self._scheduler.run,
            "outbox": self._sender.run,
        }
        loops = {name: loop for name, loop in named.items() if name in only}
        if "scheduler" in only:
            loops["late"] = self._late.run
            loops["agents"] = self._agents.run
        if self._alerts is not None and "scheduler" in only:
            loops["alerts"] = self._alerts.run
        if "inbox" in only:
            loops |= {f"inbox {index}": self._reading(poller) for index, poller in enumerate(self._pollers, 1)}
        if self._node is None:
            await supervise(loops, self._sender.stop, stop, notifier or Notifier())
            return
        await beat(self._node.name)
        loops |= {"node": self._node.live, "news": self._node.talk}
        try:
            await supervise(loops, self._sender.stop, stop, notifier or Notifier())
        finally:
            with suppress(*db.TROUBLE):
                await leave(self._node.name, self._clock.now())

    def _reading(self, poller: Poller) -> Loop:
        if self._node is None:
            return poller.run
        return self._node.owning(poller.mailbox, poller.run, lambda: poller.heard_until)

    async def look_again(self) -> None:
        """Everything looks for work now instead of at its next turn."""
        self._handler.news.set()
        self._send.set()
        self._scheduler.wake.set()
        for poller in self._pollers:
            await poller.look()

    async def quiet(self) -> None:
        """Wait until there is nothing left to do: all mailboxes read, all mails handled, all letters settled."""
        while True:
            began = self._clock.now()
            await self.look_again()
            while not self._heard_since(began):  # noqa: ASYNC110 - a look costs nothing; events would be many
                await asyncio.sleep(_LOOK_PAUSE)
            if await self._idle():
                return
            await asyncio.sleep(_LOOK_PAUSE)

    def _heard_since(self, moment: datetime) -> bool:
        return all(poller.heard_until is not None and poller.heard_until >= moment for poller in self._pollers)

    async def _idle(self) -> bool:
        if await inbound.oldest_waiting() is not None or await deadlines.due(self._clock.now(), 1):
            return False  # the outbox last: from here all goes there
        return not await outbox.is_busy(tuple(self._policy.mailboxes), self._clock.now())

    def _poller(self, settings: Settings, name: str, mailbox: MailboxSettings) -> Poller:
        imap, account = mailbox.imap, imap_account(mailbox)
        start = begins(mailbox.start)
        largest = settings.limits.message_bytes
        plan = FolderPlan(name, imap.folder, imap.processed, imap.failed, start, largest, imap.sent)
        return Poller(plan, lambda: ImapSource(account), self._clock, self._on_news, self._on_repeat)

    def _on_news(self) -> None:
        self._handler.news.set()
        if self._node:
            self._node.news.set()

    def _on_repeat(self) -> None:
        self._send.set()
        if self._node:
            self._node.news.set()

    async def _heard(self) -> Heard:
        """What we know of what customers said.

        A mailbox out of reach, here and for every other node, holds up the deadlines of its own tickets only, and for
        as long as it is configured: who reads it next finds what was answered meanwhile.
        """
        now = self._clock.now()
        told = await heard_until() if self._node else {}  # by the nodes that read the others, dead ones too
        read = {each.mailbox: _later(each.heard_until, told.get(each.mailbox)) for each in self._pollers}
        known = {name: moment for name, moment in read.items() if moment is not None and now - moment <= _HEARD_LATELY}
        waiting = await inbound.oldest_waiting()
        until = min([now, *known.values(), *([waiting] if waiting is not None else [])])
        return Heard(until, frozenset(read.keys() - known.keys()))
