"""Cutting a body into what is new and what is quoted: one walk over its lines.

The order of the questions matters, and each keeps the writer's words when in doubt:

1. Every line is read and given a kind: blank, text, quoted (marked), ours (recognised by what we sent), or one of the
   boundaries a client draws (introduction, header block, "Original Message", forward, our reply marker).
2. The first boundary below which nothing is marked ends the new text: all below is quoted, save lines of the writer's
   between lines of ours. With nothing above, the boundary is not believed to hide a reply: what follows is kept.
3. Above it, signatures end stretches of text; a quote at the end goes; a quote with an answer below it stays, so that
   "> Which version?" keeps the answer "3.2" company; a whole mail quoted on top of one answer goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from mailproc.mime.quoting import headers, introductions
from mailproc.mime.quoting.lines import Line, read_lines
from mailproc.mime.quoting.sent import begins_unmarked, lines_of_ours, not_in_letters, said_again, strangers, torn_off
from mailproc.mime.quoting.signatures import signature_start

_COVERAGE = 0.6  # share of ours among unmarked lines from which on they are taken for a quote of our letter
_GREETING_LENGTH = 60
_LONGEST_STRAY = 200  # characters that are told of it


class Kind(StrEnum):
    BLANK = "blank"
    TEXT = "text"
    QUOTED = "quoted"
    OURS = "ours"
    INTRODUCTION = "introduction"
    HEADERS = "headers"
    FORWARD = "forward"
    MARKER = "marker"


_OWN = frozenset({Kind.TEXT, Kind.BLANK, Kind.OURS})  # not marked as another's
_BOUNDARIES = frozenset({Kind.INTRODUCTION, Kind.HEADERS, Kind.MARKER, Kind.FORWARD})


class Fate(StrEnum):
    NEW = "new"
    CONTEXT = "context"  # quoted, and kept because an answer follows
    QUOTED = "quoted"
    SIGNATURE = "signature"


@dataclass(slots=True)
class Scan:
    """The lines of one body, their kinds, and what becomes of each."""

    lines: Sequence[Line]
    kinds: list[Kind]
    known: list[bool]  # quoted lines of which it is certain that they are another's
    strong: list[bool]  # introductions that may stand above unmarked text
    fates: list[Fate]
    sent: Sequence[str] = ()
    forwarded: bool = False
    stray: str = ""  # the first line that is marked as quoted, and quotes nothing we know


def scan(body: str, sent: Iterable[str]) -> Scan:
    """Decide the fate of every line."""
    lines = read_lines(body)
    count = len(lines)
    scanned = Scan(lines, [], [False] * count, [False] * count, [Fate.NEW] * count, list(sent))
    _classify(scanned)
    end = _cut_below_boundaries(scanned)
    _settle_stretches(scanned, end)
    return scanned


# --- kinds ----------------------------------------------------------------------------------------


def _classify(scanned: Scan) -> None:
    lines = scanned.lines
    ours = lines_of_ours(lines, scanned.sent)
    scanned.kinds = [_kind_of(line, mine) for line, mine in zip(lines, ours, strict=True)]
    for block in headers.find_header_blocks(lines).values():
        _lay(scanned, headers.with_divider(lines, block.start), block.end, Kind.HEADERS, strong=True)
    for introduction in introductions.find_introductions(lines).values():
        if not introduction.strong and not _stands_above_quote(scanned, introduction.end):
            continue
        _lay(scanned, introduction.start, introduction.end, Kind.INTRODUCTION, strong=introduction.strong)
    for index, line in enumerate(lines):
        _classify_client_line(scanned, index, line)
        if ours[index] and line.depth:
            scanned.known[index] = True
    if any(ours):
        _give_back(scanned)
    _spread_knowledge(scanned)
    if scanned.sent:
        _unmark_typed(scanned)


def _give_back(scanned: Scan) -> None:
    """What stands in our letter and is said anew is the writer's.

    So is all of it above a quote without marks, and beside one with marks, save the rest of a line that a client broke in
    two; and what stands below a quote without marks that holds it already.
    """
    kinds = scanned.kinds
    torn = torn_off(scanned.lines, scanned.sent)
    begins = _unmarked_quote(scanned)
    for at in range(begins):
        if kinds[at] is Kind.OURS and not torn[at]:
            kinds[at] = Kind.TEXT
    if _first_text(scanned) < begins:
        return
    end = _next_boundary(scanned, _boundary_end(scanned, begins))
    for at, again in enumerate(said_again(scanned.lines[begins:end], scanned.sent), begins):
        if kinds[at] is Kind.OURS and again:
            kinds[at] = Kind.TEXT


def _unmarked_quote(scanned: Scan) -> int:
    """Where a quote begins that the client did not mark: at a boundary, or where our letter does.

    An introduction on top of everything may be left of a quote of which the writer unmarked what they say again.
    """
    kinds, ours = scanned.kinds, begins_unmarked(scanned.lines, scanned.sent)
    again = said_again(scanned.lines, scanned.sent)
    at, text = 0, _first_text(scanned)
    while (at := _next_boundary(scanned, at)) < ours:
        end = _boundary_end(scanned, at)
        told = text < at or ours < len(kinds) or Kind.INTRODUCTION not in kinds[at:end]
        if not _is_above_quote(scanned, end) and (told or any(again[end : _next_boundary(scanned, end)])):
            return at
        at = end
    return ours


def _unmark_typed(scanned: Scan) -> None:
    """What the writer typed a mark before ("> ls -l") is theirs, above where the client's quote begins.

    It is so where our letter does not have it, or has it with these very marks: a client's quote has one more.
    """
    begins = _next_boundary(scanned, 0)
    if Kind.QUOTED not in scanned.kinds[:begins]:  # as in most mails
        return
    begins = min(begins, begins_unmarked(scanned.lines, scanned.sent))
    quoted = begins < len(scanned.kinds) and scanned.kinds[begins] is not Kind.FORWARD
    typed = {row.strip() for text in scanned.sent for row in text.splitlines() if row.startswith(">")}
    others = not_in_letters(scanned.lines[:begins], scanned.sent)
    for kind, group in groupby(range(begins), key=scanned.kinds.__getitem__):
        block = list(group)
        theirs = quoted and all(others[at] and not scanned.known[at] for at in block)
        if kind is Kind.QUOTED and (theirs or all(scanned.lines[at].raw.strip() in typed for at in block)):
            scanned.kinds[block[0] : block[-1] + 1] = [Kind.TEXT] * len(block)


def _first_text(scanned: Scan) -> int:
    texts = (at for at, kind in enumerate(scanned.kinds) if kind is Kind.TEXT and not _is_drawn(scanned, at))
    return next(texts, len(scanned.kinds))


def _next_boundary(scanned: Scan, start: int) -> int:
    return next((at for at in range(start, len(scanned.kinds)) if scanned.kinds[at] in _BOUNDARIES), len(scanned.kinds))


def _is_above_quote(scanned: Scan, index: int) -> bool:
    return index < len(scanned.kinds) and scanned.kinds[index] is Kind.QUOTED


def _kind_of(line: Line, ours: bool) -> Kind:
    if line.depth:
        return Kind.QUOTED
    if line.is_blank:
        return Kind.BLANK
    return Kind.OURS if ours else Kind.TEXT


def _classify_client_line(scanned: Scan, index: int, line: Line) -> None:
    if line.is_blank or scanned.kinds[index] is Kind.HEADERS:
        return
    count = headers.reply_marker_at(scanned.lines, index)
    if count:
        _lay(scanned, index, index + count, Kind.MARKER, strong=True)
    elif headers.is_original_line(line):
        _lay(scanned, index, index + 1, Kind.HEADERS, strong=True)
    elif headers.is_forward_line(line):
        _lay(scanned, index, index + 1, Kind.FORWARD, strong=True)


def _lay(scanned: Scan, start: int, end: int, kind: Kind, *, strong: bool) -> None:
    for index in range(start, end):
        if scanned.lines[start].depth:
            scanned.known[index] = True  # within quote marks it only proves that they are a client's
        else:
            scanned.kinds[index] = kind
            scanned.strong[index] = strong


def _stands_above_quote(scanned: Scan, index: int) -> bool:
    """Whether quoted lines, or ours, follow: at once, or after a few empty lines."""
    for below in range(index, min(index + 6, len(scanned.lines))):
        line = scanned.lines[below]
        if not line.is_blank or line.depth:
            marker = bool(headers.reply_marker_at(scanned.lines, below))
            return marker or scanned.kinds[below] in {Kind.QUOTED, Kind.OURS}
    return False


def _spread_knowledge(scanned: Scan) -> None:
    """One certain line makes the whole block of quoted lines certain; so does a boundary right above it."""
    index = 0
    certain_from_above = False
    while index < len(scanned.kinds):
        kind = scanned.kinds[index]
        if kind is not Kind.QUOTED:
            if kind is not Kind.BLANK:
                certain_from_above = kind not in {Kind.TEXT, Kind.OURS}
            index += 1
            continue
        end = index
        while end < len(scanned.kinds) and scanned.kinds[end] is Kind.QUOTED:
            end += 1
        certain = certain_from_above or any(scanned.known[index:end])
        scanned.known[index:end] = [certain] * (end - index)
        certain_from_above, index = certain, end


# --- the first boundary above unmarked text -------------------------------------------------------


def _cut_below_boundaries(scanned: Scan) -> int:
    """Mark all below the first open boundary as quoted; up to where the rest is to be settled: not within a forward."""
    index, above, count = 0, False, len(scanned.kinds)
    while index < count:
        kind = scanned.kinds[index]
        if kind not in _BOUNDARIES:
            above = above or (kind is Kind.TEXT and not _is_drawn(scanned, index))
            index += 1
            continue
        end = _boundary_end(scanned, index)
        inside = frozenset(scanned.kinds[index:end])
        if Kind.FORWARD in inside and Kind.MARKER not in inside:
            scanned.forwarded = True  # people forward things to us: what they forward is what they say
            return index
        if _is_above_quote(scanned, end):
            _give(scanned, index, end, Fate.QUOTED)
        elif _close(scanned, index, end, certain=above or Kind.MARKER in inside, above=above):
            return count
        elif Kind.HEADERS not in inside:
            _give(scanned, index, end, Fate.QUOTED)
        index = end
    return count


def _boundary_end(scanned: Scan, start: int) -> int:
    """Where the boundary that begins here ends: "Original Message", header lines, introduction and marker may be stacked."""
    passed = {*_BOUNDARIES, Kind.BLANK}
    index = start
    while index < len(scanned.kinds) and (scanned.kinds[index] in passed or _is_drawn(scanned, index)):
        index += 1
    return index


def _is_drawn(scanned: Scan, index: int) -> bool:
    return scanned.kinds[index] is Kind.TEXT and scanned.lines[index].is_rule


def _close(scanned: Scan, start: int, end: int, *, certain: bool, above: bool) -> bool:
    """End the new text at an open boundary. False where it stands on top of everything and nothing proves a quote."""
    count = len(scanned.kinds)
    region_end = _next_boundary(scanned, end)
    ours = [at for at in range(end, region_end) if scanned.kinds[at] is Kind.OURS]
    if not ours and not certain and end < count:
        return False
    if not ours and not certain and Kind.HEADERS in scanned.kinds[start:end]:
        return False
    _give(scanned, start, count, Fate.QUOTED)
    if ours:
        _keep_answers_between(scanned, ours, region_end, below=not above)
    return True


def _keep_answers_between(scanned: Scan, ours: Sequence[int], region_end: int, *, below: bool) -> None:
    """Lines that we did not write, between lines that we did, are answers; below them too, if nothing stands above."""
    first, last = ours[0], ours[-1]
    filled = sum(1 for at in range(first, last + 1) if scanned.kinds[at] in {Kind.TEXT, Kind.OURS})
    spans = [(last + 1, region_end)] if below else []
    if len(ours) >= _COVERAGE * filled:
        spans.append((first, last))
    lines = scanned.lines[first:region_end]
    others = not_in_letters(lines, scanned.sent)
    again = said_again(lines, scanned.sent)
    for start, end in spans:
        for at in range(start, end):
            if scanned.kinds[at] in {Kind.TEXT, Kind.BLANK} and (others[at - first] or again[at - first]):
                scanned.fates[at] = Fate.NEW


def _give(scanned: Scan, start: int, end: int, fate: Fate) -> None:
    scanned.fates[start:end] = [fate] * (end - start)


# --- what stands above it -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Block:
    """Neighbouring lines of one nature, `start` up to `end` (excluded), with at least one line that is not blank."""

    quoted: bool
    start: int
    end: int
    known: bool


def _settle_stretches(scanned: Scan, end: int) -> None:
    _drop_ours(scanned, end)
    _cut_signatures(scanned, end)
    blocks = _blocks(scanned, end)
    has_text = any(not block.quoted for block in blocks)
    scanned.stray = _stray(scanned, blocks)
    while blocks and blocks[-1].quoted and (has_text or blocks[-1].known) and not scanned.forwarded:
        _give(scanned, blocks[-1].start, blocks[-1].end, Fate.QUOTED)
        blocks.pop()
    if _is_answer_below_a_whole_mail(scanned, blocks):
        blocks = [block for block in blocks if not block.quoted or _quote_away(scanned, block)]
    for block in blocks:
        if block.quoted:
            fate = Fate.CONTEXT if has_text or scanned.forwarded or not block.known else Fate.QUOTED
            _give(scanned, block.start, block.end, fate)


def _drop_ours(scanned: Scan, end: int) -> None:
    """Drop our own words, unless nothing would be left of a mail that shows no other sign of quoting."""
    ours = [at for at in range(end) if scanned.kinds[at] is Kind.OURS]
    others = any(kind not in {Kind.OURS, Kind.BLANK} for kind in scanned.kinds)
    for at in ours if others else ():
        scanned.fates[at] = Fate.QUOTED


def _cut_signatures(scanned: Scan, end: int) -> None:
    for kind, group in groupby(range(end), key=lambda at: _is_own(scanned, at)):
        stretch = list(group)
        if kind:
            start = stretch[0] + signature_start(scanned.lines[stretch[0] : stretch[-1] + 1])
            _give(scanned, start, stretch[-1] + 1, Fate.SIGNATURE)


def _is_own(scanned: Scan, at: int) -> bool:
    return scanned.fates[at] is Fate.NEW and scanned.kinds[at] in _OWN


def _blocks(scanned: Scan, end: int) -> list[_Block]:
    """The stretches of text and of marked quotes that are still there, blank lines and drawn ones left out."""
    filled = [
        at
        for at in range(end)
        if scanned.fates[at] is Fate.NEW
        and (scanned.kinds[at] is Kind.QUOTED or not (scanned.lines[at].is_blank or scanned.lines[at].is_rule))
    ]
    blocks = []
    for quoted, group in groupby(filled, key=lambda at: scanned.kinds[at] is Kind.QUOTED):
        block = list(group)
        known = quoted and any(scanned.known[at] for at in block)
        blocks.append(_Block(quoted, block[0], block[-1] + 1, known))
    return blocks


def _stray(scanned: Scan, blocks: Sequence[_Block]) -> str:
    """Such a line may be the writer's own ("> ls"): a quote of another letter, or in another language, looks the same."""
    unknown = [block for block in blocks if block.quoted and not block.known]
    strange = strangers(scanned.lines, scanned.sent) if unknown else []
    for block in unknown:
        worded = [at for at in range(block.start, block.end) if re.search(r"\w", scanned.lines[at].content)]
        if worded and all(strange[at] for at in worded):
            return scanned.lines[worded[0]].raw.strip()[:_LONGEST_STRAY]
    return ""


def _is_answer_below_a_whole_mail(scanned: Scan, blocks: Sequence[_Block]) -> bool:
    """One quote that is certain, then one answer; at most a greeting before."""
    match [block.quoted for block in blocks]:
        case [True, False]:
            return blocks[0].known
        case [False, True, False]:
            return blocks[1].known and _is_greeting(scanned, blocks[0])
        case _:
            return False


def _is_greeting(scanned: Scan, block: _Block) -> bool:
    lines = [line.content for line in scanned.lines[block.start : block.end] if not line.is_blank]
    return len(lines) == 1 and len(lines[0]) <= _GREETING_LENGTH and lines[0].endswith((",", "!", "\uff0c", "\u3001"))


def _quote_away(scanned: Scan, block: _Block) -> bool:
    _give(scanned, block.start, block.end, Fate.QUOTED)
    return False
