"""Bounces: which mail did not arrive, for whom, and whether for good.

Three readers, each for what the one before can't read: the standard report (RFC 3464), the formats of single mail systems
(flufl.bounce), and words. A quick look decides first whether any of them is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message as Tree

from flufl.bounce import all_failures

from mailproc.core.message import DeliveryReport, Message, ReportKind
from mailproc.mime.text import clean_line

_MOST_RECIPIENTS = 100
_MOST_TEXT = 60_000  # characters that are searched for words
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
_MESSAGE_ID = re.compile(r"^message-id:\s*(<[^<>\s]{1,990}>)", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.])([45])[0-5]\d(?=[ \-#:])")
_DAEMON = re.compile(r"mailer-?daemon|mail-?daemon|postmaster|mail delivery|mail-?deliver|mailsystem|mmdf|uucp|smtp|autoresponder", re.IGNORECASE)
_SUBJECT = re.compile(
    r"undeliver|delivery (?:status|failure|report|problem|notification|error|incident)|returned (?:mail|to sender)|"
    r"mail (?:delivery )?(?:failed|failure|error|system error)|failure notice|fail(?:ed|ure) (?:mail|delivery)|delivery has failed|"
    r"could ?n.t be delivered|cannot be delivered|not deliver|nondeliver|non-deliver|message status|warning: (?:could not|message)|"
    r"delivery delayed|delayed mail|mail could not|unzustellbar|nicht zugestellt|zustellung|non remis|échec|no entregad|"
    r"mancata consegna|не доставлено|недоставлен|配信|エラー|error|bounced|undelivered|rejected",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"could ?n.t be delivered|could not be delivered|undeliverable|delivery (?:to the following|has failed|failed)|failed permanently|"
    r"permanent (?:fatal )?error|unable to deliver|was not delivered|not be delivered|user unknown|unknown user|no such user|"
    r"mailbox unavailable|does ?n.t exist|does not exist|address rejected|recipient rejected|mailbox (?:is )?full|over quota|"
    r"quota exceeded|no mailbox here|invalid recipient|unknown recipient|bad address|host unknown|unrouteable|"
    r"konnte nicht zugestellt|nicht zustellbar|n.a pas pu être|no se ha podido entregar|returned to you|failed recipient|"
    r"following (?:address|recipient)|undelivered|unknown address|not listed in|account.{0,20}(?:disabled|inactive)",
    re.IGNORECASE,
)
_DELAYED = re.compile(
    r"will (?:continue|keep|be) (?:to )?(?:try|trying|attempt|retried)|still trying|not yet been delivered|has been delayed|"
    r"is delayed|delayed \d|warning message|do not need to resend|temporar(?:y|ily)|wird weiterhin versucht|retry",
    re.IGNORECASE,
)
_OURS_BELOW = re.compile(
    r"^(?:-{2,} ?(?:below this line|this is a copy|the header|original|return|unsent|forwarded|enclosed|message header)|"
    r"received: |return-path: |\s*-{3,} undelivered message follows)",
    re.IGNORECASE | re.MULTILINE,
)


def delivery_report(tree: Tree, message: Message | None = None) -> DeliveryReport | None:
    """What a mail says of the delivery of another; None for every other mail. Never raises for a mail's content."""
    standard = _standard(tree)
    if standard is not None:
        return standard
    subject, sender = str(tree.get("Subject", "")), str(tree.get("From", ""))
    if not _suspicious(tree, subject, sender):
        return None
    text = _text(tree)
    temporary, permanent = _known_formats(tree)
    explained = _OURS_BELOW.split(text, 1)[0]
    if not temporary and not permanent and not _says_failed(tree, subject, sender, explained):
        return None
    recipients = permanent or temporary or _named(tree, explained)
    kind = _kind(bool(permanent), bool(temporary), f"{subject}\n{explained}")
    code = _STATUS.search(explained)
    return DeliveryReport(
        kind=kind,
        recipients=tuple(sorted(recipients))[:_MOST_RECIPIENTS],
        status=code[0] if code else "",
        diagnostic=_diagnostic(explained),
        original_message_id=_original_id(tree, text),
    )


# --- the standard report ----------------------------------------------------------------------------


def _standard(tree: Tree) -> DeliveryReport | None:
    """RFC 3464: one block of fields for the message, then one for each recipient."""
    blocks = [block for part in _parts(tree, "message/delivery-status") for block in _blocks(part)]
    of_recipients = [block for block in blocks if "action" in block or "final-recipient" in block or "status" in block]
    of_recipients = [block for block in of_recipients if "final-recipient" in block or "original-recipient" in block]
    if not of_recipients:
        return None
    worst = min(of_recipients, key=lambda block: _RANK[_action(block)])
    kind = _action(worst)
    chosen = [block for block in of_recipients if _action(block) is kind]
    status = _STATUS.search(worst.get("status", ""))
    return DeliveryReport(
        kind=kind,
        recipients=tuple(dict.fromkeys(filter(None, map(_recipient, chosen))))[:_MOST_RECIPIENTS],
        status=status[0] if status else "",
        diagnostic=clean_line(worst.get("diagnostic-code", "").partition(";")[2] or worst.get("diagnostic-code", ""), 500),
        original_message_id=_original_id(tree, ""),
    )


_RANK = {ReportKind.FAILED: 0, ReportKind.DELAYED: 1, ReportKind.DELIVERED: 2}


def _blocks(part: Tree) -> Iterator[dict[str, str]]:
    """The field blocks of a status part, however a parser or a sloppy server left them."""
    payload = part.get_payload()
    if isinstance(payload, list):
        for each in payload[: _MOST_RECIPIENTS + 1]:
            fields = {name.lower(): str(value) for name, value in each.items()} if isinstance(each, Tree) else {}
            rest = each.get_payload() if isinstance(each, Tree) else ""
            yield fields
            if isinstance(rest, str) and rest.strip():
                yield from _text_blocks(rest)
    elif isinstance(payload, str):
        yield from _text_blocks(payload)


def _text_blocks(text: str) -> Iterator[dict[str, str]]:
    fields: dict[str, str] = {}
    last = ""
    for line in text[:_MOST_TEXT].splitlines():
        if not line.strip():
            if fields:
                yield fields
            fields, last = {}, ""
        elif line[0] in " \t" and last:
            fields[last] += " " + line.strip()
        elif ":" in line:
            last = line.partition(":")[0].strip().lower()
            fields[last] = line.partition(":")[2].strip()
    if fields:
        yield fields


def _action(block: dict[str, str]) -> ReportKind:
    action = block.get("action", "").strip().lower().split(" ")[0].rstrip(";,")
    status = block.get("status", "").strip()[:1]
    if action.startswith("delay") or (action != "failed" and status == "4"):
        return ReportKind.DELAYED
    if action in {"delivered", "relayed", "expanded"} or (not action and status == "2"):
        return ReportKind.DELIVERED
    return ReportKind.DELAYED if status == "4" and not action else ReportKind.FAILED


def _recipient(block: dict[str, str]) -> str:
    for name in ("original-recipient", "final-recipient"):
        value = block.get(name, "")
        found = _ADDRESS.search(value.partition(";")[2] or value)
        if found:
            return found[0].lower()
    return ""


# --- other formats ----------------------------------------------------------------------------------


def _suspicious(tree: Tree, subject: str, sender: str) -> bool:
    """A cheap look: ordinary mail goes no further."""
    if tree.get_content_type() == "multipart/report" or tree.get("X-Failed-Recipients"):
        return True
    if str(tree.get("Return-Path", "x")).strip() in {"<>", ""}:
        return True
    return bool(_DAEMON.search(sender[:300]) or _SUBJECT.search(subject[:300]))


def _known_formats(tree: Tree) -> tuple[set[str], set[str]]:
    """Failed addresses by flufl.bounce: those that may still arrive, and those that won't."""
    try:
        temporary, permanent = all_failures(tree)
    except Exception:  # noqa: BLE001 - its readers meet mail they were not made for, in many ways
        return set(), set()
    return _addresses(temporary), _addresses(permanent)


def _addresses(found: object) -> set[str]:
    names = {name.decode("ascii", "ignore") if isinstance(name, bytes) else str(name) for name in found or ()}  # type: ignore[attr-defined] # untyped
    return {match[0].lower() for match in map(_ADDRESS.search, names) if match}


def _says_failed(tree: Tree, subject: str, sender: str, text: str) -> bool:
    """By its words, when a mail system speaks: an answer of a person that quotes a bounce is none."""
    if tree.get("In-Reply-To") and not _DAEMON.search(sender[:300]):
        return False
    marks = [bool(_DAEMON.search(sender[:300])), bool(_SUBJECT.search(subject[:300])), bool(tree.get("X-Failed-Recipients"))]
    marks.append(str(tree.get("Return-Path", "x")).strip() == "<>" or tree.get_content_type() == "multipart/report")
    marks.append(bool(_FAILED.search(text) or _DELAYED.search(text)))
    return marks[2] or (marks[4] and (marks[0] or marks[3] or marks[1]) and sum(marks) >= 2)


def _named(tree: Tree, text: str) -> set[str]:
    """Addresses that the mail itself names as failed: its field, its words, the To of what came back."""
    field = {match[0].lower() for match in _ADDRESS.finditer(str(tree.get("X-Failed-Recipients", ""))[:4000])}
    if field:
        return field
    own = {match[0].lower() for name in ("From", "To", "Reply-To") for match in _ADDRESS.finditer(str(tree.get(name, ""))[:1000])}
    told = {match[0].lower() for match in _ADDRESS.finditer(text)} - own
    told = {address for address in told if not _DAEMON.search(address.partition("@")[0])}
    if told:
        return set(sorted(told)[:1]) if len(told) > 3 else told
    for part in (*_parts(tree, "message/rfc822"), *_parts(tree, "text/rfc822-headers")):
        match = re.search(r"^to:\s*(.{1,500})", _source(part)[:20_000], re.IGNORECASE | re.MULTILINE)
        found = _ADDRESS.search(match[1]) if match else None
        if found:
            return {found[0].lower()}
    return set()


def _kind(permanent: bool, temporary: bool, text: str) -> ReportKind:
    if permanent != temporary:
        return ReportKind.FAILED if permanent else ReportKind.DELAYED
    code = _STATUS.search(text) or _REPLY_CODE.search(text)
    if code is not None and code[1] in "45":
        return ReportKind.FAILED if code[1] == "5" else ReportKind.DELAYED
    return ReportKind.DELAYED if _DELAYED.search(text) and not _FAILED.search(text) else ReportKind.FAILED


def _diagnostic(text: str) -> str:
    """The line that gives the reason: one with a reply code, else the first that says something failed."""
    lines = [line.strip() for line in text.splitlines()[:400]]
    for pattern in (_STATUS, _REPLY_CODE, _FAILED):
        found = next((line for line in lines if pattern.search(line)), "")
        if found:
            return clean_line(found, 500)
    return ""


def _original_id(tree: Tree, text: str) -> str:
    """Message-ID of the mail that came back, as far as it is enclosed or quoted."""
    for part in (*_parts(tree, "message/rfc822"), *_parts(tree, "text/rfc822-headers")):
        match = _MESSAGE_ID.search(_source(part)[:30_000])
        if match:
            return match[1]
    match = _MESSAGE_ID.search(text)
    return match[1] if match else ""


def _parts(tree: Tree, content_type: str) -> list[Tree]:
    return [part for part in _walk(tree, 6) if part.get_content_type() == content_type][:20]


def _walk(tree: Tree, depth: int) -> Iterator[Tree]:
    """Parts down to `depth`, but not into what is enclosed as a mail."""
    yield tree
    payload = tree.get_payload()
    inside = tree.get_content_maintype() == "message" and tree.get_content_type() != "message/delivery-status"
    if depth and isinstance(payload, list) and not inside and tree.get_content_type() != "message/delivery-status":
        for part in payload[:200]:
            if isinstance(part, Tree):
                yield from _walk(part, depth - 1)


def _source(part: Tree) -> str:
    """Header lines of an enclosed mail, whether the parser opened it or not."""
    payload = part.get_payload()
    if isinstance(payload, list):
        inner = payload[0] if payload else None
        return "\n".join(f"{name}: {value}" for name, value in inner.items()) if isinstance(inner, Tree) else ""
    return str(payload)


def _text(tree: Tree) -> str:
    """The readable parts, decoded as well as matters for finding words."""
    pieces = []
    for part in _walk(tree, 4):
        if part.get_content_maintype() == "text" and not part.is_multipart():
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                pieces.append(payload[:_MOST_TEXT].decode("utf-8", "replace"))
    return "\n".join(pieces)[:_MOST_TEXT].replace("\r\n", "\n")
