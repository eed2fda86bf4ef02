"""What an agent's mail stands on, and what of it may be passed on."""

from __future__ import annotations

import re

from mailproc.core.effects import (
    AddMessage,
    Kind,
)
from mailproc.core.evidence import Level
from mailproc.core.facts import Facts
from mailproc.core.message import Attachment
from mailproc.core.policy import Agent, Trust

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


def said_in_vain(facts: Facts, agent: Agent) -> AddMessage:
    """The words of a mail that is not carried out, for colleagues to see."""
    return AddMessage(Kind.HELD, private=True, author=agent.name, author_name=agent.display, text=facts.said)


def enclosures(facts: Facts) -> tuple[Attachment, ...]:
    """What the agent attached; pictures inside the text and certificates are their client's, not an answer."""
    if facts.message.protection:
        return ()  # what only we could have opened is no answer for the customer
    attached = facts.message.attachments
    return tuple(each for each in attached if not each.inline and not _SIGNATURE.fullmatch(each.content_type))
