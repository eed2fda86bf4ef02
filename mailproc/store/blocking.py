"""People whose mail is told to nobody."""

from __future__ import annotations

from dataclasses import dataclass

from mailproc.store.models import Person


@dataclass(frozen=True, slots=True)
class Blocked:
    address: str
    by: str  # the agent


async def block(person: int, agent: str) -> None:
    await Person.filter(id=person).update(blocked_by=agent)


async def unblock(address: str) -> bool:
    """Whether somebody of that address was blocked."""
    return bool(await Person.filter(address=address.casefold()).exclude(blocked_by="").update(blocked_by=""))


async def blocked() -> list[Blocked]:
    """Everyone, by address."""
    rows = await Person.exclude(blocked_by="").order_by("address").values_list("written", "blocked_by")
    return [Blocked(address, by) for address, by in rows]
