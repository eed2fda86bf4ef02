"""A list for an agent: kept, so that its lines can be answered, and sent."""

from __future__ import annotations

from mailproc.core import effects as e
from mailproc.core.letters import Letter
from mailproc.core.policy import Policy
from mailproc.handling.correspondence import Correspondence
from mailproc.handling.record.work import Work
from mailproc.store import digests, history, outbox


async def send_digest(work: Work, effect: e.SendDigest, desk: Correspondence, policy: Policy) -> None:
    """Its lines keep their numbers for as long as it is answered, whatever happens to the tickets."""
    lines = [line for listed in effect.digest.lists for line in listed.lines]
    number = await digests.keep(effect.agent, [line.ticket for line in lines], work.now) if lines else 0
    answers = work.cause.message.message_id if work.cause.message else ""
    mailbox, agent = policy.mailbox(effect.mailbox), policy.agents[effect.agent]
    key = f"0:{Letter.DIGEST}:{effect.once or work.cause.occasion.cause}:{agent.name}"
    work.mails.append(desk.to_agent_alone(mailbox, agent, effect.digest, key, work.now, number, answers))


async def send_alone(work: Work) -> None:
    """What a decision on no ticket causes."""
    ids = await outbox.enqueue(work.mails)
    for mail in work.mails:
        if mail.key in ids:
            work.note("queued", "mailproc", f"{mail.letter} to {mail.recipient}", ids[mail.key])
    await history.append(work.entries)
