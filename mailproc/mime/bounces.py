"""Bounces: which mail did not arrive, for whom, and whether for good.

Three readers, each for what the one before can't read: the standard report (RFC 3464), also where its fields stand in
a part of another type; the formats of single mail systems, by flufl.bounce; and words (`bounce_words`). A cheap look
at the header decides first whether any of them is needed. Runs in the parse worker.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Tree

from flufl.bounce import all_failures

from mailproc.core.absence import announces_absence, announces_automatic_reply
from mailproc.core.message import DeliveryReport, ReportKind
from mailproc.core.subjects import is_answer, is_forward
from mailproc.mime import bounce_words as words
from mailproc.mime.attachments import content_type
from mailproc.mime.bounce_parts import (
    DEEPEST,
    ENCLOSED,
    LONGEST_FIELD,
    MOST_TEXT,
    STATUS_PARTS,
    enclosed_text,
    parts_of,
    readable_text,
    status_text,
)
from mailproc.mime.bounce_words import ADDRESS, STATUS, Voice
from mailproc.mime.headers import decode_words, eight_bit_text, parameters
from mailproc.mime.one_address import normal
from mailproc.mime.text import clean_line

_MOST_RECIPIENTS = 100
_LONGEST_DIAGNOSTIC = 500  # characters
_RECEIPT = frozenset({"message/disposition-notification"})
_OTHER_REPORTS = frozenset({"feedback-report", "tlsrpt"})  # RFC 5965, RFC 8460
_LOOKED_AT = frozenset({
    "from", "subject", "return-path", "x-failed-recipients", "content-type", "auto-submitted", "in-reply-to",
    "references", "to", "reply-to", "sender",
})  # fmt: skip
_CHARACTER = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")  # RFC 6533, 3
_MESSAGE_ID = re.compile(r"^message-id:\s*(<[^<>\s]{1,990}>)", re.IGNORECASE | re.MULTILINE)
_ID = re.compile(r"<[^<>\s]{1,990}>")
_RECIPIENT_OF = re.compile(r"^(?:to|x-original-to|envelope-to|delivered-to):(.{1,1000})", re.IGNORECASE | re.MULTILINE)

# flufl.bounce logs each of its readers and what they stumble over: at the mercy of whoever sends mail.
logging.getLogger("flufl.bounce").propagate = False
logging.getLogger("flufl.bounce").addHandler(logging.NullHandler())


def delivery_report(tree: Tree) -> DeliveryReport | None:
    """What a mail says of the delivery of another; None for every other mail. Never raises for a mail's content."""
    signs = _look(tree)
    if signs.report_type in _OTHER_REPORTS or signs.handed_on or signs.absent:
        return None
    if signs.report_type == "disposition-notification":
        return _refusal(tree, signs)
    for part in parts_of(tree, STATUS_PARTS):
        standard = _standard(status_text(part), tree, signs)
        if standard is not None:
            return standard
    if not signs.suspicious:
        return None
    said, returned = words.without_enclosed(readable_text(tree))
    if "final-recipient:" in said.lower() or "original-recipient:" in said.lower():
        standard = _standard(said, tree, signs)
        if standard is not None:
            return standard
    return _unstandard(tree, signs, said, returned) or _wrapped(tree, signs)


def _wrapped(tree: Tree, signs: _Signs) -> DeliveryReport | None:
    """A gateway may hand a report on inside a mail of its own."""
    if signs.voice is Voice.PERSON:
        return None
    payloads = (part.get_payload() for part in parts_of(tree, ENCLOSED))
    inner = next((each[0] for each in payloads if isinstance(each, list) and each and isinstance(each[0], Tree)), None)
    if inner is None or inner.get_content_type() != "multipart/report":
        return None
    own = _look(inner)
    found = (_standard(status_text(part), inner, own) for part in parts_of(inner, STATUS_PARTS))
    return next((report for report in found if report is not None), None)


# --- a cheap look ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Signs:
    """What the header alone tells."""

    sender: str
    subject: str
    voice: Voice
    report_type: str
    is_report: bool
    failed_field: str  # X-Failed-Recipients, as Exim and Gmail write it
    without_path: bool  # a null return path (RFC 5321, 4.5.5)
    by_machine: bool  # that, or automatic by its own word
    answers: str  # the last id in In-Reply-To, else in References
    people: str  # whom the mail itself is from and to

    @property
    def own(self) -> frozenset[str]:
        """Addresses that are not meant when the mail speaks of one that failed."""
        return frozenset(match[1].lower() for match in ADDRESS.finditer(self.people))

    @property
    def handed_on(self) -> bool:
        """Somebody answers or forwards a report: it is theirs, and no report any more."""
        return self.voice is Voice.PERSON and (is_answer(self.subject) or is_forward(self.subject))

    @property
    def absent(self) -> bool:
        """An absence note has a report's sender or path, and may say "no longer", but is none."""
        return not self.is_report and (announces_absence(self.subject) or announces_automatic_reply(self.subject))

    @property
    def suspicious(self) -> bool:
        certain = self.is_report or bool(self.failed_field) or self.voice is Voice.DAEMON
        return certain or self.by_machine or words.reports_in_subject(self.subject)


def _look(tree: Tree) -> _Signs:
    fields: dict[str, str] = {}
    for name, value in tree.raw_items():
        key = str(name).lower()
        if key in _LOOKED_AT and key not in fields:
            unfolded = str(value)[: 2 * LONGEST_FIELD].replace("\r", "").replace("\n", "")
            fields[key] = eight_bit_text(unfolded.strip())[:LONGEST_FIELD]
    sender, subject = decode_words(fields.get("from", "")), decode_words(fields.get("subject", ""))
    media_type = fields.get("content-type", "").lower()
    automatic = fields.get("auto-submitted", "").lower().startswith("auto-")
    ids = _ID.findall(fields.get("in-reply-to", "")) or _ID.findall(fields.get("references", ""))
    is_report = media_type.startswith("multipart/report")
    without_path = fields.get("return-path", "x").strip() in {"<>", ""}
    return _Signs(
        sender=sender,
        subject=subject,
        voice=words.voice(sender, fields.get("reply-to", "")),
        report_type=parameters(media_type).get("report-type", "").strip() if is_report else "",
        is_report=is_report,
        failed_field=fields.get("x-failed-recipients", ""),
        without_path=without_path,
        by_machine=without_path or automatic,
        answers=ids[-1] if ids else "",
        people=" ".join(fields.get(name, "") for name in ("from", "to", "reply-to", "sender")),
    )


# --- the standard report --------------------------------------------------------------------------------

_RANK = {ReportKind.FAILED: 0, ReportKind.DELAYED: 1, ReportKind.DELIVERED: 2}
_WHO = ("original-recipient", "final-recipient", "x-actual-recipient")


def _standard(text: str, tree: Tree, signs: _Signs) -> DeliveryReport | None:
    """RFC 3464: fields of the mail, then fields of each recipient. The worst that happened is what is reported."""
    groups = [group for group in _groups(text) if any(name in group for name in _WHO)]
    if not groups:
        return None
    kind = min((_action(group) for group in groups), key=_RANK.__getitem__)
    chosen = [group for group in groups if _action(group) is kind]
    said, returned = words.without_enclosed(readable_text(tree))
    recipients = list(dict.fromkeys(filter(None, map(_recipient, chosen)))) or _named(tree, signs, said, returned)
    diagnostic = _diagnostic(chosen[0])
    return DeliveryReport(
        kind=kind,
        recipients=tuple(recipients[:_MOST_RECIPIENTS]),
        status=_status(chosen[0].get("status", ""), diagnostic),
        diagnostic=clean_line(diagnostic or words.reason_in(said), _LONGEST_DIAGNOSTIC),
        original_message_id=_original_id(tree, returned, signs, chosen[0]),
    )


def _groups(text: str) -> Iterator[dict[str, str]]:
    """The fields of each recipient, however a server spaces them: a second recipient's name begins a new group."""
    group: dict[str, str] = {}
    last, blank = "", False
    for line in text[:MOST_TEXT].splitlines():
        if not line.strip():
            last, blank = "", True
        elif line[0] in " \t" and last:
            group[last] = f"{group[last]} {line.strip()}"[:LONGEST_FIELD]
        elif ":" in line:
            name = line.partition(":")[0].strip().lower()
            again = name in group or (blank and any(known in group for known in _WHO))
            if name in _WHO and again:
                yield group
                group = {}
            last, blank = name[:80], False
            group.setdefault(last, line.partition(":")[2].strip()[:LONGEST_FIELD])
    yield group


def _action(group: dict[str, str]) -> ReportKind:
    action, status = group.get("action", "").strip().lower(), group.get("status", "").strip()[:1]
    if action.startswith(("deliver", "relay", "expand")) or (not action and status == "2"):
        return ReportKind.DELIVERED
    if action.startswith(("delay", "defer")) or (not action and status == "4"):
        return ReportKind.DELAYED
    return ReportKind.FAILED


def _recipient(group: dict[str, str]) -> str:
    """The address we wrote to, if the report still knows it, else the one the server ended at."""
    for name in (*_WHO, "diagnostic-code"):
        value = group.get(name, "")
        address = value.partition(";")[2] or value
        if value.lower().startswith("utf-8") and (international := _international(address)):
            return international
        found = ADDRESS.search(address)
        if found:
            return _bare(found)
    return ""


def _international(address: str) -> str:
    """An address of any script (RFC 6533, 3), in the spelling that we write it in."""
    unescaped = _CHARACTER.sub(lambda match: chr(min(int(match[1], 16), 0x10FFFF)), address.strip(" <>"))
    return (normal(unescaped) or "").lower()


def _diagnostic(group: dict[str, str]) -> str:
    """The remote server's words, without their type ("smtp; 550 ...")."""
    value = group.get("diagnostic-code", "")
    kind, semicolon, rest = value.partition(";")
    return rest.strip() if semicolon and re.fullmatch(r"[\w.-]{1,40}", kind.strip()) else value


def _status(field: str, diagnostic: str) -> str:
    """The code of the field; where that only says "other" (x.0.0), the server's words may say more."""
    given = STATUS.search(field)
    if given is not None and not given[1].endswith(".0.0"):
        return given[1]
    told = words.status_in(diagnostic)
    return told if told and not (given and told.endswith(".0.0")) else given[1] if given else words.status_in(field)


def _refusal(tree: Tree, signs: _Signs) -> DeliveryReport | None:
    """A read receipt (RFC 8098) is none of ours, but a recipient's filter refuses mail by one (RFC 5429, 2.2.1)."""
    receipt = next(parts_of(tree, _RECEIPT), None)
    if receipt is None or "automatically rejected" not in words.fold(readable_text(tree)):
        return None
    return _standard(status_text(receipt), tree, signs)


# --- other formats --------------------------------------------------------------------------------------


def _unstandard(tree: Tree, signs: _Signs, said: str, returned: str) -> DeliveryReport | None:
    folded = words.fold(said)
    temporary, permanent = _known_formats(tree) if signs.voice is not Voice.PERSON or signs.by_machine else ((), ())
    by_field = [_bare(match) for match in ADDRESS.finditer(signs.failed_field)]
    if not (by_field or temporary or permanent or _speaks_of_failure(tree, signs, said, returned, folded)):
        return None
    recipients = by_field or permanent or temporary or _named(tree, signs, said, returned)
    if temporary and not permanent:
        kind = ReportKind.DELAYED
    else:
        kind = ReportKind.DELAYED if words.is_delay(signs.subject, folded) else ReportKind.FAILED
    reason = words.reason_in(said)
    return DeliveryReport(
        kind=kind,
        recipients=tuple(recipients[:_MOST_RECIPIENTS]),
        status=words.status_in(reason) or words.status_in(said) or words.status_in(signs.subject),
        diagnostic=clean_line(reason or signs.subject, _LONGEST_DIAGNOSTIC),
        original_message_id=_original_id(tree, returned, signs, {}),
    )


def _known_formats(tree: Tree) -> tuple[list[str], list[str]]:
    """Failed addresses by flufl.bounce: those that may still arrive, and those that won't."""
    try:
        found = all_failures(_pruned(tree, 0))
    except Exception:  # noqa: BLE001 - its readers meet mail they were not made for, in many ways
        return [], []
    names = ([name.decode("ascii", "ignore") for name in sorted(each)] for each in found)
    temporary, permanent = ([_bare(match) for match in map(ADDRESS.search, each) if match] for each in names)
    return temporary, permanent


def _pruned(part: Tree, depth: int) -> Tree:
    """A copy without the returned mail: flufl.bounce would read all of it, fifty times, and take its To for failed."""
    copy = Tree()
    for name, value in part.raw_items():
        copy[name] = str(value)[: 2 * LONGEST_FIELD]
    payload = part.get_payload()
    if isinstance(payload, list) and part.get_content_maintype() == "multipart" and depth < DEEPEST:
        inner = [each for each in payload[:20] if isinstance(each, Tree)]
        copy.set_payload([_pruned(each, depth + 1) for each in inner])
    elif isinstance(payload, str) and content_type(part) not in ENCLOSED:
        said, returned = words.without_enclosed(payload[:MOST_TEXT])
        lines = f"{said}{returned.partition(chr(10))[0]}\n".splitlines(keepends=True)
        copy.set_payload("".join(line[: words.LONGEST_LINE] for line in lines[:500]))
    else:
        copy.set_payload("")
    return copy


def _speaks_of_failure(tree: Tree, signs: _Signs, said: str, returned: str, folded: str) -> bool:
    """By its words. The less the sender is a mail system's, the more of them are needed: people write of bounces too."""
    in_subject, in_text = words.reports_in_subject(signs.subject), words.reports_failure(folded)
    code, brings_it_back = words.status_in(said), bool(returned) or any(True for _ in parts_of(tree, ENCLOSED))
    if signs.voice is Voice.DAEMON or signs.is_report:
        return in_subject or in_text or bool(code)
    if signs.voice is Voice.ROLE or signs.by_machine:
        # A parcel service's "Delivery failed" from no-reply@ is about no mail: a mail system names an address or a code.
        named = words.names_recipient(said, signs.own)
        if signs.voice is Voice.ROLE and signs.without_path and named and code:
            return in_text or not code.endswith(".0.0")  # a bare 550 may be a house's number
        about_mail = bool(code) or brings_it_back or (named and not words.PEOPLES_ROLE.search(signs.sender.casefold()))
        return in_text and about_mail and (in_subject or bool(returned and code))
    return in_subject and in_text and brings_it_back and not signs.answers


def _named(tree: Tree, signs: _Signs, said: str, returned: str) -> list[str]:
    """Whom the words say it is about; else whom the returned mail was to."""
    found = words.failed_recipients(said, signs.own) or words.failed_recipients(signs.subject, signs.own)
    if found:
        return found
    sources = [*(enclosed_text(part) for part in parts_of(tree, ENCLOSED)), returned]
    for source in sources:
        for match in _RECIPIENT_OF.finditer(source[:MOST_TEXT]):
            address = ADDRESS.search(match[1])
            if address:
                return [_bare(address)]
    return words.failed_recipients(said, frozenset())[:1]


def _bare(match: re.Match[str]) -> str:
    return match[1].strip("'`*").lower()


def _original_id(tree: Tree, returned: str, signs: _Signs, group: dict[str, str]) -> str:
    """Message-ID of the mail that came back: as it is enclosed, quoted, named in a field, or answered."""
    for source in (*(enclosed_text(part) for part in parts_of(tree, ENCLOSED)), returned):
        match = _MESSAGE_ID.search(source[:MOST_TEXT])
        if match:
            return clean_line(match[1])
    named = _ID.search(group.get("x-original-message-id", "") or group.get("original-message-id", ""))
    return clean_line(named[0]) if named else signs.answers
