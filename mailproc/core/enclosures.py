"""Which of a mail's files are passed on to agents: by kind and size, by name and declared type alone. Nothing is opened.

HTML is passed on only as the parser cleaned it, XML as a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mailproc.core.letters import Withheld, WithheldBecause
from mailproc.core.message import AS_WRITTEN, WHOLE_TEXT, Attachment
from mailproc.core.policy import EnclosurePolicy


def sorted_out(
    attachments: Sequence[Attachment], policy: EnclosurePolicy, inbound: int
) -> tuple[tuple[Attachment, ...], tuple[Withheld, ...]]:
    """What may be passed on, in order, and what stays here. `inbound`: the mail's number in the spool."""
    passed: list[Attachment] = []
    withheld: list[Withheld] = []
    total = 0
    for place, attachment in enumerate(attachments, 1):
        going, because = _going(attachment, policy, policy.most_bytes - total)
        if because is None:
            passed.append(going)
            total += going.size
        else:
            withheld.append(Withheld(attachment.filename, attachment.size, because, inbound, place))
    return tuple(passed), tuple(withheld)


def with_words(
    attachments: Sequence[Attachment], whole: str, page: bytes, policy: EnclosurePolicy, inbound: int
) -> tuple[tuple[Attachment, ...], tuple[Withheld, ...]]:
    """As `sorted_out`, and before all others what a mail's words as shown leave out, where it is not empty.

    `whole`: the text of a mail that is too long to be shown; `page`: its HTML, whose form says more than the text.
    """
    first: list[Attachment] = []
    left = policy.most_bytes
    text = Attachment(WHOLE_TEXT, "text/plain", whole.encode("utf-8", "replace"))
    for each in (text, Attachment(AS_WRITTEN, "text/html", page, cleaned=page)):
        if 0 < each.size <= left:
            first.append(each)
            left -= each.size
    passed, withheld = sorted_out(attachments, replace(policy, most_bytes=left), inbound)
    return (*first, *passed), withheld


def _going(file: Attachment, policy: EnclosurePolicy, left: int) -> tuple[Attachment, WithheldBecause | None]:
    """What goes of a file, or why nothing does."""
    if _blocked(file, policy):
        return file, WithheldBecause.KIND
    if file.is_html and not file.cleaned:
        return file, WithheldBecause.HTML
    going = _cleaned(file) if file.is_html else _as_text(file) if file.is_xml else file
    return going, WithheldBecause.SIZE if going.size > left else None


def _cleaned(attachment: Attachment) -> Attachment:
    """The harmless copy of an HTML file, under a name that a browser opens, and that is not of ours."""
    name = attachment.filename
    if attachment.extension not in {"htm", "html"} or name.casefold() == AS_WRITTEN:
        name += ".html"
    return replace(attachment, filename=name, content_type="text/html", content=attachment.cleaned)


def _as_text(attachment: Attachment) -> Attachment:
    """The same bytes under a name and type that nothing runs; whoever needs them as XML takes the end off the name."""
    return replace(attachment, filename=f"{attachment.filename}.txt", content_type="text/plain")


def _blocked(attachment: Attachment, policy: EnclosurePolicy) -> bool:
    """By its last extension, which is what a double click goes by, or by the type it claims to be."""
    return attachment.extension in policy.blocked_extensions or attachment.content_type in policy.blocked_types
