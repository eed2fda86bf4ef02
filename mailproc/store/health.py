"""How the desk is: what its connections told last, what waits and since when, and what the operator was told of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailproc.store.models import (
    Alert,
    Deadline,
    FolderState,
    Health,
    HeldMail,
    InboundMail,
    OutboxMail,
    SuppressedAddress,
)
from mailproc.store.states import InboundState, OutboxState

_WEEK = timedelta(days=7)
_WAITING = (OutboxState.QUEUED, OutboxState.RETRY)


@dataclass(frozen=True, slots=True)
class State:
    """A connection, as whoever uses it last found it."""

    well_at: datetime | None
    trouble: str
    trouble_since: datetime | None
    certificate_until: datetime | None  # its server's, as last seen


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits, and what went wrong."""

    unhandled: int
    unhandled_since: datetime | None
    quarantined: int
    unsent: int
    unsent_since: datetime | None
    dead: int
    unknown: int
    overdue_since: datetime | None
    suppressed: int
    held: int
    held_until: datetime | None
    stranded: int  # letters that wait for a mailbox that is none any more
    stranded_of: tuple[str, ...]  # its name


async def well(name: str, now: datetime, certificate_until: datetime | None = None) -> None:
    """It worked. `certificate_until`: the end of its server's certificate, where it was seen."""
    values = {"well_at": now, "trouble": "", "trouble_since": None}
    if certificate_until is not None:
        values["certificate_until"] = certificate_until
    await Health.update_or_create(name=name, defaults=values)


async def ill(name: str, trouble: str, now: datetime) -> None:
    """It didn't; the first failure since it worked last tells since when."""
    known = await Health.filter(name=name).first()
    since = known.trouble_since if known is not None and known.trouble_since is not None else now
    await Health.update_or_create(name=name, defaults={"trouble": trouble[:500], "trouble_since": since})


async def states() -> Mapping[str, State]:
    """All that was ever told, by name."""
    rows = await Health.all().values_list("name", "well_at", "trouble", "trouble_since", "certificate_until")
    return {name: State(*rest) for name, *rest in rows}


async def backlog(mailboxes: Sequence[str], now: datetime) -> Backlog:
    """What waits; each answered by an index, or from a table that stays small, however much is stored."""
    stored = InboundMail.filter(state=InboundState.STORED)
    oldest = await stored.order_by("id").first().values("spooled_at")
    unsent = OutboxMail.filter(mailbox__in=list(mailboxes), state__in=_WAITING)
    first = await unsent.order_by("id").first().values("created_at")
    lost = OutboxMail.filter(mailbox__in=list(mailboxes), created_at__gt=now - _WEEK)
    gone = [name for name in await _known_mailboxes() if name not in mailboxes]
    stranded = OutboxMail.filter(mailbox__in=gone, state__in=(*_WAITING, OutboxState.SENDING))
    held = HeldMail.filter(settled_at=None, until__gte=now)
    lapses = await held.order_by("until").first().values("until")
    due = await Deadline.filter(done_at__isnull=True, due_at__lte=now).order_by("due_at").first().values("due_at")
    return Backlog(
        unhandled=await stored.count(),
        unhandled_since=oldest["spooled_at"] if oldest else None,
        quarantined=await InboundMail.filter(state=InboundState.QUARANTINED).count(),
        unsent=await unsent.count(),
        unsent_since=first["created_at"] if first else None,
        dead=await lost.filter(state=OutboxState.DEAD).count(),
        unknown=await lost.filter(state=OutboxState.UNKNOWN).count(),
        overdue_since=due["due_at"] if due else None,
        suppressed=await SuppressedAddress.filter(until__gt=now).count(),
        held=await held.count(),
        held_until=lapses["until"] if lapses else None,
        stranded=await stranded.count() if gone else 0,
        stranded_of=tuple(sorted({name for (name,) in await stranded.values_list("mailbox")})) if gone else (),
    )


async def _known_mailboxes() -> list[str]:
    """Every mailbox that was ever read."""
    return list(dict.fromkeys([name for (name,) in await FolderState.all().values_list("mailbox")]))


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that went out."""

    at: datetime
    open: bool  # not well again since


async def told() -> Mapping[str, Told]:
    """What the operator was told of, by the finding's name."""
    return {name: Told(at, is_open) for name, at, is_open in await Alert.all().values_list("name", "told_at", "open")}


async def tell(name: str, now: datetime, *, is_open: bool) -> None:
    """Write down that the operator is told now: of trouble, or of its end."""
    await Alert.update_or_create(name=name, defaults={"told_at": now, "open": is_open})
