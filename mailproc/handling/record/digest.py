"""A list for an agent: kept, so that its lines can be answered, and sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mailproc.core import effects as e
from mailproc.core.digest import Digest
from mailproc.core.letters import Letter
from mailproc.core.policy import Policy
from mailproc.handling.correspondence import Correspondence
from mailproc.handling.record.work import Carried, Work, queued
from mailproc.store import digests, history, outbox


async def send_digest(work: Work, effect: e.SendDigest, desk: Correspondence, policy: Policy) -> None:
    """Its lines keep their numbers for as long as it is answered, whatever happens to the tickets."""
    lines = [line for listed in effect.digest.lists for line in listed.lines]
    number = await digests.keep(effect.agent, [line.ticket for line in lines], work.now) if lines else 0
    answers = work.cause.message.message_id if work.cause.message else ""
    mailbox, agent = policy.mailbox(effect.mailbox), policy.agents[effect.agent]
    digest = _with_what_became(effect.digest, work.cause.carried)
    if any(each.action is not None for each in digest.acted):
        digest = replace(digest, undo=desk.queue(mailbox, agent, work.now))
    key = f"0:{Letter.DIGEST}:{effect.once or work.cause.occasion.cause}:{agent.name}"
    work.mails.append(desk.to_agent_alone(mailbox, agent, digest, key, work.now, number, answers))


def _with_what_became(digest: Digest, carried: Mapping[int, Carried]) -> Digest:
    """Of many tickets at once: what is known only now."""
    known = {each.ticket: carried[each.ticket] for each in digest.acted if each.ticket in carried}
    acted = (
        replace(each, done=(*each.done, *known[each.ticket].done), action=known[each.ticket].action)
        if each.ticket in known
        else each
        for each in digest.acted
    )
    return replace(digest, acted=tuple(acted))


async def send_alone(work: Work) -> None:
    """What a decision on no ticket causes."""
    ids = await outbox.enqueue(work.mails)
    queued(work, work.mails, ids)
    for mail in work.mails:
        if mail.key in ids:
            work.note("queued", "mailproc", f"{mail.letter} to {mail.recipient}", ids[mail.key])
    await history.append(work.entries)
