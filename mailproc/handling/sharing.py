"""What a third party wrote last, words and files, where an agent passes it on: looked up before anything is decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mailproc.core import commands
from mailproc.core.commands.values import Share
from mailproc.core.enclosures import sorted_out
from mailproc.core.message import TEXT_CUT, Attachment
from mailproc.core.policy import EnclosurePolicy
from mailproc.core.tokens import Capability, Token
from mailproc.mime.pool import ParseFailed, ParserPool
from mailproc.store import inbound, sides, tickets
from mailproc.store.held import HeldRow


@dataclass(frozen=True, slots=True)
class Shared:
    """What may be passed on."""

    text: str = ""
    files: tuple[Attachment, ...] = ()
    withheld: tuple[str, ...] = ()  # names of files that stay here: no agent has got them either


@dataclass(frozen=True, slots=True)
class Wish:
    """What an agent wrote, and up to when they had seen what was said; None: nobody knows."""

    words: str
    seen: datetime | None

    @property
    def shares(self) -> bool:
        return commands.read(self.words.strip()).has(Share)


NOTHING: Final = Shared()


async def shared(
    parser: ParserPool, policy: EnclosurePolicy, token: Token | None, held: HeldRow | None, wishes: Iterable[Wish]
) -> Shared:
    """What the agent passes on, now or in a mail that waits: the last of what they had seen; nothing where they don't."""
    wish = next((wish for wish in wishes if wish.shares), None)
    if token is None or wish is None:
        return NOTHING
    side = token.round if token.capability is Capability.SIDE_ANSWER else held.side if held is not None else None
    last = await sides.last_said(await tickets.family(token.ticket), side, wish.seen)
    if last is None:
        return NOTHING
    without_files = Shared(last.text, (), last.names)
    content = await inbound.content(last.inbound) if last.inbound is not None and last.names else None
    if content is None or last.inbound is None:
        return without_files
    try:
        message = await parser.parse(content)
    except ParseFailed:
        return without_files
    if message.protection:  # what only we could open is nothing to pass on: see `proof.enclosures`
        return without_files
    passed, withheld = sorted_out(message.attachments, policy, last.inbound)
    # Of a text too long to be read, the whole is a file: with what it quotes, which was written for them alone.
    whole = [each for each in passed if TEXT_CUT in message.defects and each.content_type.startswith("text/")]
    names = (*(each.filename for each in whole), *(each.name for each in withheld))
    return Shared(last.text, tuple(each for each in passed if each not in whole), names)
