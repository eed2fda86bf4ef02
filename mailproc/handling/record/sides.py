"""What a decision does to side conversations."""

from __future__ import annotations

from mailproc.core import effects as e
from mailproc.core.effects_sides import AnswerThirdParty, AskThirdParty, HearThirdParty, SideEffect
from mailproc.core.facts import SideView
from mailproc.core.policy import Policy
from mailproc.handling.correspondence import Correspondence, Enclosed
from mailproc.handling.record.ticket import say
from mailproc.handling.record.work import Work
from mailproc.mime.one_address import address_or_none
from mailproc.store import sides, tickets


async def carry_out(work: Work, desk: Correspondence, policy: Policy, effect: SideEffect) -> None:
    """A mail of a side conversation: of ours, or theirs."""
    if isinstance(effect, HearThirdParty):
        await hear(work, effect)
    else:
        await write(work, desk, policy, effect)


async def write(work: Work, desk: Correspondence, policy: Policy, effect: AskThirdParty | AnswerThirdParty) -> None:
    """An agent's words to a third party: in a thread of their own, and on the ticket."""
    agent = policy.agents[effect.agent]
    side = await _side(work, effect)
    bug = isinstance(effect, AskThirdParty) and effect.bug
    enclosed = Enclosed(effect.attachments, human=True)
    mail = desk.to_third_party(work.on, side, effect.text, work.cause.occasion, agent, enclosed, bug=bug)
    work.mails.append(mail)
    await sides.extend(side.id, side.thread, mail.message_id)
    await say(work, e.AddMessage(e.Kind.ASKED, True, agent.name, agent.display, effect.text, side.id))
    work.note("asked", agent.name, f"side conversation {side.id} with {side.person.address}")


async def _side(work: Work, effect: AskThirdParty | AnswerThirdParty) -> SideView:
    if isinstance(effect, AskThirdParty):
        address = address_or_none(effect.address.address) or effect.address
        person = await tickets.learn_person(address, "", work.now)
        return await sides.begin(work.on.number, person, effect.agent, work.now)
    return await _known(effect.side)


async def _known(number: int) -> SideView:
    side = await sides.find(number)
    if side is None:
        raise AssertionError(f"side conversation {number} was decided on and is not there")
    return side


async def hear(work: Work, effect: HearThirdParty) -> None:
    """Their mail belongs to the thread."""
    side, message = await _known(effect.side), work.cause.message
    await sides.extend(side.id, side.thread, message.message_id if message is not None else "", work.now)
