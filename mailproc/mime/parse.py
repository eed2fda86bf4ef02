"""From the bytes of a mail to a `Message`: what the worker processes run.

mail-parser reads addresses and dates (`addresses`), the standard library's old and robust reader (compat32; never
`policy.default`, which is quadratic and raises) finds the parts, and bodies and attachments are our own walk over
them (`body`), because there mail-parser loses charsets, forwarded mails and unnamed attachments.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from mailproc.core.message import Message
from mailproc.mime.addresses import People, read_people
from mailproc.mime.attachments import content_type
from mailproc.mime.body import read_body
from mailproc.mime.bounces import delivery_report
from mailproc.mime.headers import display_text, parameters, raw_fields, readable_fields, subject
from mailproc.mime.prescan import Limits
from mailproc.mime.text import clean_line
from mailproc.mime.tree import read_tree

SUBJECT_LIMIT = 2_000  # characters
_LIMITS = Limits()
_ID_LIMIT = 998  # the longest line RFC 5322, 2.1.1 allows
_ID = re.compile(r"<[^<>\s]+>")
_PATH = re.compile(r"<([^<>]*)>")
_DELIVERED = ("delivered-to", "x-original-to", "envelope-to")


def parse_mail(raw: bytes, limits: Limits = _LIMITS) -> Message:
    """A mail as a value. Never raises for what is in the bytes; what had to be mended or guessed is in `defects`.

    Raises MemoryError or RecursionError for mails built to exhaust the parser: run `prescan` before, and this
    in a process that may die (`mailproc.mime.pool`).
    """
    tree = read_tree(raw)
    fields = list(raw_fields(tree))
    people, mended = _people(fields, limits.addresses)
    body = read_body(tree, limits)
    return Message(
        message_id=_first_id(fields),
        in_reply_to=_ids(fields, "in-reply-to")[: limits.references],
        references=_ids(fields, "references")[-limits.references :],
        subject=display_text(subject(tree), SUBJECT_LIMIT),
        date=people.date,
        from_=people.from_,
        from_fields=people.from_fields,
        from_defects=people.from_defects,
        sender=people.sender,
        reply_to=people.reply_to,
        to=people.to,
        cc=people.cc,
        return_path=_return_path(_first(fields, "return-path")),
        delivered_to=tuple(_path(value) for name, value in fields if name in _DELIVERED and value)[:20],
        headers=readable_fields(fields),
        content_type=content_type(tree),
        report_type=clean_line(parameters(_first(fields, "content-type") or "").get("report-type", "").lower(), 80),
        text=body.text,
        as_written=body.as_written,
        attachments=tuple(body.attachments),
        delivery_report=delivery_report(tree),
        protection=body.protection,
        defects=(*mended, *people.defects, *body.defects),
    )


def _people(fields: Sequence[tuple[str, str]], most: int) -> tuple[People, tuple[str, ...]]:
    """The people, and what went wrong: a field that mail-parser can't stand is left out and named."""
    try:
        return read_people(fields, most), ()
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # noqa: BLE001 - the reader is another's; a mail without sender still is a mail
        count = sum(name == "from" for name, _ in fields)
        defect = f"unreadable addresses: {type(error).__name__}"
        return replace(People(), from_fields=count, from_defects=("unreadable",)), (defect,)


def _first(fields: Sequence[tuple[str, str]], name: str) -> str | None:
    return next((value for key, value in fields if key == name), None)


def _ids(fields: Sequence[tuple[str, str]], name: str) -> tuple[str, ...]:
    """The usable ids of all fields of a name, in order, each once."""
    found = (match for key, value in fields if key == name for match in _ID.findall(value))
    return tuple(dict.fromkeys(i for i in found if i.isascii() and i.isprintable() and len(i) <= _ID_LIMIT))


def _first_id(fields: Sequence[tuple[str, str]]) -> str:
    return next(iter(_ids(fields, "message-id")), "")


def _return_path(value: str | None) -> str | None:
    return None if value is None else _path(value)


def _path(value: str) -> str:
    """The address of a path (RFC 5321, 4.1.2), with or without its brackets."""
    match = _PATH.search(value)
    return clean_line(match[1] if match else value, 320)
