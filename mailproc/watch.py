"""How the desk is: the one look that `mailproc status`, metrics and alerts share, and the mail that tells the operator."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta

from mailproc import eventlog
from mailproc.accounts import smtp_server
from mailproc.clock import Clock
from mailproc.core.condition import Condition, Line, Password
from mailproc.core.message import Address
from mailproc.mime.compose import Automation, OutgoingMail, compose
from mailproc.outbox.smtp import SmtpTransport
from mailproc.outbox.transport import Sent
from mailproc.settings import AlertSettings, ServerSettings, Settings
from mailproc.store import budgets, db, health, nodes, sent
from mailproc.store.health import State

_DAY = timedelta(days=1)
_COPIED_BY = timedelta(hours=1)  # after an answer left


async def measured(settings: Settings, now: datetime, *, within: bool = False) -> Condition:
    """What there is to know now, from the open database. `within`: the daemon itself asks."""
    url = settings.store.url
    backlog, states = await health.backlog(tuple(settings.mailbox), now), await health.states()
    servers: dict[str, ServerSettings] = {
        f"{kind} {name}": server
        for name, mailbox in settings.mailbox.items()
        for kind, server in (("imap", mailbox.imap), ("smtp", mailbox.smtp))
    }
    breaker, stopped = await budgets.breaker(tuple(settings.mailbox)), await budgets.stopped_since(now - _DAY)
    copying = [name for name, mailbox in settings.mailbox.items() if mailbox.imap.sent]
    uncopied, uncopied_since = await sent.uncopied(copying, now - _COPIED_BY)
    on_file = db.dialect_of(url) == "sqlite"
    return Condition(
        running=within or (db.WriterLock(url).is_held() if on_file else await nodes.any_lives()),
        lines=tuple(_line(name, states.get(name), server.security) for name, server in servers.items()),
        unhandled=backlog.unhandled,
        unhandled_since=backlog.unhandled_since,
        quarantined=backlog.quarantined,
        unsent=backlog.unsent,
        unsent_since=backlog.unsent_since,
        dead=backlog.dead,
        unknown=backlog.unknown,
        overdue_since=backlog.overdue_since,
        suppressed=backlog.suppressed,
        held=backlog.held,
        held_until=backlog.held_until,
        stranded=backlog.stranded,
        stranded_of=backlog.stranded_of,
        unreleased=breaker.held,
        unreleased_since=breaker.since,
        uncopied=uncopied,
        uncopied_since=uncopied_since,
        stopped=sum(stopped.values()),
        disk_free=shutil.disk_usage(db.sqlite_path(url).parent).free if on_file else None,
        passwords=tuple(_passwords({**servers, **({"alerts": settings.alerts} if settings.alerts.to else {})})),
    )


def _passwords(servers: Mapping[str, ServerSettings]) -> Iterator[Password]:
    """Those of which the configuration tells the end."""
    for name, server in servers.items():
        if server.password_expires is not None:
            yield Password(name, datetime.combine(server.password_expires, time.min, UTC))


def _line(name: str, state: State | None, security: str) -> Line:
    if state is None:
        return Line(name, None)
    seen = state.certificate_until if security != "clear" else None  # it may have been protected once
    return Line(name, state.well_at, state.trouble, state.trouble_since, seen)


async def send_alert(settings: AlertSettings, clock: Clock, subject: str, text: str) -> bool:
    """One alert, by the server named for them; its bounces go nowhere. False when it could not be sent."""
    domain, now = settings.sender.rpartition("@")[2], clock.now()
    letter = OutgoingMail(
        sender=Address(settings.sender, "mailproc"),
        reply_to="",
        to=(Address(settings.to),),
        cc=(),
        subject=subject,
        message_id=f"<alert.{secrets.token_hex(12)}@{domain}>",
        in_reply_to="",
        references=(),
        date=now,
        text=text,
        automatic=Automation.GENERATED,
    )
    transport = SmtpTransport(smtp_server(settings, domain, 1))
    try:
        outcome = await transport.send("", settings.to, compose(letter))
    finally:
        await transport.close()
    if not isinstance(outcome, Sent):
        eventlog.error("alerts.not_sent", to=settings.to, outcome=repr(outcome))
    return isinstance(outcome, Sent)
