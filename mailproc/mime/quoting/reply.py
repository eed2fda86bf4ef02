"""What is new in a reply, as a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mailproc.core.reply import MOST_READ, Reply
from mailproc.mime.quoting.lines import Line
from mailproc.mime.quoting.scanner import Fate, Kind, Scan, scan
from mailproc.mime.quoting.sent import words_of_page


def split_reply(body: str, sent: Sequence[str] = ()) -> Reply:
    """Cut a plain-text body. `sent`: the letters of ours it may quote, each in every form it was sent in (text, and the
    HTML part as text): they are recognised even where a client marked nothing.

    Lines are never changed, only left out. Never raises; time in proportion to the length of the body and of `sent`.
    """
    return _reply_of(scan(body, sent))


def read_reply(body: str, sent: Sequence[str] = (), pages: Sequence[str] = ()) -> Reply:
    """As `split_reply`, of the first `MOST_READ` characters. `pages`: letters of ours as HTML; many clients quote that."""
    sent = [*sent, *map(words_of_page, pages)]
    if len(body) <= MOST_READ:
        return split_reply(body, sent)
    end = body.rfind("\n", 0, MOST_READ) + 1 or MOST_READ
    unread = any(line.strip() and not line.lstrip().startswith(">") for line in body[end:].splitlines())
    return replace(split_reply(body[:end], sent), unread=unread)


def _reply_of(scanned: Scan) -> Reply:
    """The pieces of a scanned body."""
    fates = list(scanned.fates)
    _trim_rules(scanned, fates)

    def lines(*wanted: Fate, without_quotes: bool = False) -> str:
        rows = zip(scanned.lines, scanned.kinds, fates, strict=True)
        return _join(
            [line for line, kind, fate in rows if fate in wanted and not (without_quotes and kind is Kind.QUOTED)]
        )

    return Reply(
        text=lines(Fate.NEW, Fate.CONTEXT),
        quoted=lines(Fate.QUOTED),
        signature=lines(Fate.SIGNATURE),
        unquoted=lines(Fate.NEW, Fate.CONTEXT, without_quotes=not scanned.forwarded),
        forwarded=scanned.forwarded,
        stray=scanned.stray,
    )


def _trim_rules(scanned: Scan, fates: list[Fate]) -> None:
    """A line drawn at the very end divided the text from what is gone now. What is forwarded stays as it came."""
    if scanned.forwarded:
        return
    for at in range(len(scanned.lines) - 1, -1, -1):
        line = scanned.lines[at]
        if fates[at] in {Fate.NEW, Fate.CONTEXT} and not line.is_blank:
            if line.depth or not line.is_rule:
                return
            fates[at] = Fate.QUOTED


def _join(lines: Sequence[Line]) -> str:
    start, end = 0, len(lines)
    while start < end and not lines[start].raw.strip():
        start += 1
    while end > start and not lines[end - 1].raw.strip():
        end -= 1
    return "\n".join(line.raw for line in lines[start:end])
