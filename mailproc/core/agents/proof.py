"""What an agent's mail stands on, what is done where that is nothing, and what of it may be passed on."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import replace

from mailproc.core.done import Change, Done
from mailproc.core.effects import (
    AddMessage,
    Decision,
    Effect,
    HoldForAgent,
    Kind,
    Outcome,
    Reason,
    SendConfirmation,
)
from mailproc.core.evidence import Evidence, Level
from mailproc.core.facts import Facts, HeldMail
from mailproc.core.message import Attachment
from mailproc.core.policy import Agent, Trust
from mailproc.core.tokens import Capability

_SIGNATURE = re.compile(r"application/(?:x-)?(?:pkcs7|pgp)-signature")


def proven(facts: Facts, token: bool = True) -> bool:
    """Whether the mail proves its author: one clean From, and what the operator demands beside a token of theirs."""
    if not facts.message.identifies_sender:
        return False
    return (token and facts.policy.trust is Trust.TOKEN) or facts.evidence.level in _ENOUGH


_ENOUGH = frozenset({Level.AUTHENTICATED, Level.SEALED, Level.CONFIRMED})


def proof(facts: Facts) -> str:
    """What an agent's action stands on, for its history."""
    return f"proven by token, {facts.evidence.level}: {facts.evidence.reason}"


def asked_first(
    facts: Facts,
    agent: Agent,
    kept: Sequence[Effect],
    ticket: int | None,
    *,
    note: bool = False,
    side: int | None = None,
) -> Decision:
    """Nothing proves that the agent wrote it: it is `kept`, and they are asked where nobody else reads, but not all the time.

    `side`: the side conversation it is for.
    """
    policy, last, reason = facts.policy, facts.asked_agent_at, facts.evidence.reason
    until, asks = facts.now + policy.confirm_within, last is None or facts.now - last >= policy.confirm_every
    effects = [*kept, HoldForAgent(agent.name, note, until, asks, side)]
    if asks:
        effects.append(SendConfirmation(agent.name, reason, facts.text, note, until, facts.unasked))
    return Decision(Outcome.NOTE, Reason.AGENT_NOT_PROVEN, reason, ticket, tuple(effects))


def said_in_vain(facts: Facts, agent: Agent) -> AddMessage:
    """The words of a mail that is not carried out, for colleagues to see."""
    return AddMessage(Kind.HELD, private=True, author=agent.name, author_name=agent.display, text=facts.said)


def enclosures(facts: Facts) -> tuple[Attachment, ...]:
    """What the agent attached; pictures inside the text and certificates are their client's, not an answer.

    Nor is what shows agents a customer's whole mail, which a client attaches anew where a notification is forwarded.
    """
    if facts.message.protection:
        return ()  # what only we could have opened is no answer for the customer
    files, agent = answerable(facts.message.attachments), facts.agent
    files = tuple(each for each in files if not each.shows_a_mail)
    return files if agent is None else tuple(each for each in files if not _introduces(each, agent.address))


def own_cards(facts: Facts) -> tuple[Done, ...]:
    """What was attached and stays here, for the receipt: the customer may have asked for it."""
    if facts.message.protection:
        return ()
    going = enclosures(facts)
    return tuple(
        Done(Change.OWN_PAGE if each.shows_a_mail else Change.OWN_CARD, each.filename)
        for each in answerable(facts.message.attachments)
        if each not in going
    )


_CARDS = frozenset({"text/vcard", "text/x-vcard", "text/directory"})


def _introduces(file: Attachment, address: str) -> bool:
    """Whether it is an agent's own card or key, which clients attach by themselves: it gives their address away."""
    if file.content_type == "application/pgp-keys":  # RFC 9580, 6.2: the address is in a packet within the armor
        armored = file.content.replace(b"\r\n", b"\n").partition(b"\n\n")[2].partition(b"\n=")[0]
        try:
            content = base64.b64decode(armored)
        except ValueError:
            return True
    elif file.content_type in _CARDS:
        content = re.sub(rb"\r?\n[ \t]", b"", file.content)  # long lines are folded (RFC 6350, 3.2)
    else:
        return False
    return address.encode().lower() in content.lower()


def answerable(files: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    """Those of a mail's files that somebody attached."""
    return tuple(each for each in files if not each.inline and not _SIGNATURE.fullmatch(each.content_type))


def as_proven(facts: Facts, held: HeldMail) -> Facts:
    """The facts as they stand now, about the mail that was held."""
    return replace(
        as_addressed(facts, held),
        forwarded=held.forwarded,
        message=held.message,
        text=held.text,
        own_words=held.own_words,
        forwards=held.forwards,
        reveals=held.reveals,
        unread=held.unread,
        evidence=Evidence(Level.CONFIRMED, "the one-time token sent to the registered address came back"),
    )


def as_addressed(facts: Facts, held: HeldMail) -> Facts:
    """The facts about the mail at hand, as if it had come to the address to which the held one came."""
    assert facts.match.token is not None
    token = facts.match.token
    if held.side is not None:
        token = replace(token, capability=Capability.SIDE_ANSWER, round=held.side.id)
    else:
        token = replace(token, capability=Capability.NOTE if held.note else Capability.AGENT_REPLY)
    return replace(facts, side=held.side, match=replace(facts.match, token=token, was=held.was))
