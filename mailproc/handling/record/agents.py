"""What agents set by mail, and who of them hears of a ticket."""

from __future__ import annotations

from mailproc.core import effects as e
from mailproc.core.effects_agents import MuteTicket, SetState, State
from mailproc.core.policy import Policy
from mailproc.core.staff import Staff, hears_receipt, who_hears
from mailproc.handling.record.work import Work
from mailproc.store import agent_state


async def keep(work: Work, effect: SetState | MuteTicket) -> None:
    """Away, back, and how they like to be told."""
    if isinstance(effect, MuteTicket):
        await _mute(work, effect)
        return
    await agent_state.save(effect.agent, {name.value: value for name, value in effect.changes})
    if work.staff is not None:
        work.staff = None  # known anew, when it is asked for
    shown = ", ".join(f"{name} {value}" for name, value in effect.changes if name is not State.DIGEST_SENT_AT)
    work.note("agent", effect.agent, f"{shown}: {effect.why}")


async def _mute(work: Work, effect: MuteTicket) -> None:
    """A ticket they want to hear nothing more of, or again."""
    await agent_state.mute(effect.agent, effect.ticket, muted=effect.muted)
    work.note("agent", effect.agent, f"{'mutes' if effect.muted else 'hears again of'} ticket {effect.ticket}")


async def staff(work: Work) -> Staff:
    """All agents, as they stand to the ticket: one query a decision."""
    if work.staff is None:
        work.staff = await agent_state.staff(work.on.number)
    return work.staff


async def heard(work: Work, effect: e.TellAgents, policy: Policy) -> tuple[str, ...]:
    """Who of those who would be told wants to hear it: never nobody."""
    ticket = work.on
    may = tuple(name for name in effect.agents if policy.sees(name, ticket.restricted))
    told = who_hears(may, effect.news, ticket, await staff(work), policy, work.now)
    return tuple(name for name in told if policy.sees(name, ticket.restricted))


async def wants(work: Work, receipt: e.SendReceipt) -> bool:
    """Whether the agent reads this receipt."""
    return hears_receipt((await staff(work)).of(receipt.agent), receipt.done)
