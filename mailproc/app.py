"""The composition root: from settings to a running daemon. The only module that names every part."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailproc import eventlog
from mailproc.clock import Clock
from mailproc.core.message import Address
from mailproc.core.policy import Agent, MailboxPolicy, Policy, Team, Trust
from mailproc.core.tokens import KeyRing
from mailproc.handling.correspondence import Correspondence
from mailproc.handling.gather import Desk
from mailproc.handling.handler import Handler
from mailproc.handling.record import Recorder
from mailproc.inbox.imap import ImapSource
from mailproc.inbox.poller import FolderPlan, Poller
from mailproc.inbox.source import ImapAccount
from mailproc.mime.prescan import Limits
from mailproc.mime.worker import ParserPool, WorkerLimits
from mailproc.outbox.sender import Sender
from mailproc.outbox.smtp import SmtpTransport
from mailproc.outbox.transport import SmtpAccount
from mailproc.render.letters import Letters
from mailproc.resources import templates_folder
from mailproc.scheduler.loop import Scheduler
from mailproc.settings import MailboxSettings, ServerSettings, Settings, begins, calendar_of
from mailproc.store import db, inbound, tickets
from mailproc.supervisor import Notifier, supervise


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
        border_hops=settings.agents.border_hops,
        reminder_after=settings.verification.reminder_after,
        close_after=settings.verification.close_after,
        reopen_window=settings.verification.reopen_window,
        survey=settings.survey.enabled,
        survey_window=settings.survey.window,
        token_days=settings.tokens.days,
        most_copied=settings.limits.copied,
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
        null_sender=mailbox.null_sender,
    )


def keys_of(settings: Settings) -> KeyRing:
    """The token keys. Raises ValueError when one is too short."""
    tokens = settings.tokens
    keys = {int(number): secret.get_secret_value().encode() for number, secret in tokens.old_keys.items()}
    return KeyRing({**keys, tokens.number: tokens.key.get_secret_value().encode()}, tokens.number)


def letters_of(settings: Settings) -> Letters:
    """The letters, the operator's own before ours. Raises TemplateError for a template that can't work."""
    folders = [templates_folder()]
    if settings.templates.folder is not None:
        folders.insert(0, settings.templates.folder)
    return Letters(folders, settings.desk.language)


async def agent_people(policy: Policy, now: datetime) -> Mapping[str, int]:
    """The agents as people: tokens name them by number."""
    return {
        agent.name: (await tickets.learn_person(Address(agent.address, agent.display), agent.language, now)).id
        for agent in policy.agents.values()
    }
