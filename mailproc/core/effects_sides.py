"""What decisions do to side conversations: the threads with third parties, of which a customer sees nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from mailproc.core.message import Address, Attachment


@dataclass(frozen=True, slots=True)
class AskThirdParty:
    """An agent's words to somebody outside: a conversation of its own begins."""

    agent: str
    address: Address
    text: str
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    bug: bool = False


@dataclass(frozen=True, slots=True)
class AnswerThirdParty:
    """An agent's further words in a conversation that has begun."""

    agent: str
    side: int
    text: str
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class HearThirdParty:
    """The mail at hand is theirs: it belongs to the conversation's thread."""

    side: int


SideEffect = AskThirdParty | AnswerThirdParty | HearThirdParty
