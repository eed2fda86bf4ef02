"""What agents set by mail, and who of them hears of a ticket."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from mailproc.core import effects as e
from mailproc.core.digest import Digest
from mailproc.core.effects import SendDigest
from mailproc.core.effects_agents import MuteTicket, SendHistory, SetState, State
from mailproc.core.letters import Change, Done
from mailproc.core.policy import Policy
from mailproc.core.staff import Staff, hears_receipt, who_hears
from mailproc.handling.asking import past_of
from mailproc.handling.correspondence import Correspondence
from mailproc.handling.record.digest import send_digest
from mailproc.handling.record.work import Work
from mailproc.store import agent_state


async def carry_out(
    work: Work, effect: SetState | MuteTicket | SendHistory, desk: Correspondence, policy: Policy
) -> None:
    """What is about an agent."""
    match effect:
        case SetState():
            await _set_state(work, effect)
        case MuteTicket():
            await _mute(work, effect)
        case SendHistory():
            ticket, mailbox = work.on, policy.mailbox(work.on.mailbox)
            facts = replace(desk.facts(ticket), number=0, subject="")
            digest = Digest(facts, work.now, past=(await past_of(ticket.number, ticket.subject),))
            await send_digest(work, SendDigest(effect.agent, mailbox.name, digest), desk, policy)
        case _:
            assert_never(effect)


async def _set_state(work: Work, effect: SetState) -> None:
    """Away, back, and how they like to be told."""
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


async def warn_of_absence(work: Work, effect: e.GiveTo, policy: Policy) -> None:
    """The receipt says that somebody to whom an agent gives a ticket is not there."""
    giver, taker = work.decision.agent, effect.agent
    if not giver or not taker or giver == taker:
        return
    standing = (await staff(work)).of(taker)
    if standing.away(work.now):
        work.done.append(Done(Change.IS_AWAY, policy.agents[taker].display, standing.away_until))


async def wants(work: Work, receipt: e.SendReceipt) -> bool:
    """Whether the agent reads this receipt."""
    return hears_receipt((await staff(work)).of(receipt.agent), receipt.done)
