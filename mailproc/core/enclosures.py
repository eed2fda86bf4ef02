"""Which of a mail's files are passed on to agents: by kind and size, by name and declared type alone. Nothing is opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mailproc.core.letters import Withheld, WithheldBecause
from mailproc.core.message import WHOLE_TEXT, Attachment
from mailproc.core.policy import EnclosurePolicy


def sorted_out(
    attachments: Sequence[Attachment], policy: EnclosurePolicy, inbound: int
) -> tuple[tuple[Attachment, ...], tuple[Withheld, ...]]:
    """What may be passed on, in order, and what stays here. `inbound`: the mail's number in the spool."""
    passed: list[Attachment] = []
    withheld: list[Withheld] = []
    total = 0
    for place, attachment in enumerate(attachments, 1):
        because = WithheldBecause.KIND if _blocked(attachment, policy) else None
        if because is None and total + attachment.size > policy.most_bytes:
            because = WithheldBecause.SIZE
        if because is None:
            passed.append(attachment)
            total += attachment.size
        else:
            withheld.append(Withheld(attachment.filename, attachment.size, because, inbound, place))
    return tuple(passed), tuple(withheld)


def with_whole(
    attachments: Sequence[Attachment], whole: str, policy: EnclosurePolicy, inbound: int
) -> tuple[tuple[Attachment, ...], tuple[Withheld, ...]]:
    """As `sorted_out`, and before all others the text of a mail that is too long to be shown, where it is not empty."""
    text = Attachment(WHOLE_TEXT, "text/plain", whole.encode("utf-8", "replace"))
    left = policy.most_bytes - text.size
    if not whole or left < 0:
        return sorted_out(attachments, policy, inbound)
    passed, withheld = sorted_out(attachments, replace(policy, most_bytes=left), inbound)
    return (text, *passed), withheld


def _blocked(attachment: Attachment, policy: EnclosurePolicy) -> bool:
    """By its last extension, which is what a double click goes by, or by the type it claims to be."""
    _, dot, extension = attachment.filename.rstrip(". ").casefold().rpartition(".")
    return (bool(dot) and extension in policy.blocked_extensions) or attachment.content_type in policy.blocked_types
