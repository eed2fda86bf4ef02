"""How a `Message` travels from a worker process to the daemon: JSON and, behind it, pieces: text and attachments as they are.

Requests and answers are frames: `REQUEST` and what it is asked about, `ANSWER` and what it announces.

Not pickle: the worker reads hostile bytes with C libraries. Whoever took it over may send a false mail, as he could
by mail; he can't have code run here. Everything received is checked to be of the type it should be.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from mailproc.core.forward import Forwarded
from mailproc.core.message import Address, Attachment, DeliveryReport, Message, Protection, ReportKind
from mailproc.core.reply import Reply

_T = TypeVar("_T")
REQUEST = struct.Struct("!IcQ")  # its number, what is wanted, bytes of what it is wanted from
ANSWER = struct.Struct("!IcQQ")  # the request's number, kind, bytes of the document, bytes behind it
_LONGEST_CODE = 3  # letters: ISO 639
READY, MESSAGE, WORDS, REPLY, FORWARD, REFUSED, FAILED = b"r", b"m", b"n", b"q", b"w", b"x", b"f"


class FailureReason(StrEnum):
    """Why a mail could not be read, other than by a cap of the pre-scan."""

    OUT_OF_MEMORY = "out-of-memory"
    OUT_OF_PROCESSOR_TIME = "out-of-processor-time"
    TIMED_OUT = "timed-out"
    NESTED_TOO_DEEPLY = "nested-too-deeply"
    CRASHED = "crashed"


class WireError(ValueError):
    """What was received is no message."""


def encode_message(message: Message) -> tuple[bytes, list[bytes]]:
    """A message as JSON without its text and its attachments' contents, and these, in order."""
    values, pieces = _told(message)
    return _json(values).encode(), pieces


def decode_message(document: bytes, pieces: memoryview) -> Message:
    """The message of `encode_message`'s JSON and its pieces joined. Raises WireError for anything else."""
    return _decoded(_message, document, pieces)


def encode_words(message: Message, reply: Reply | None) -> tuple[bytes, list[bytes]]:
    """A message and what is new in it, if that is told yet, as JSON and pieces."""
    (values, pieces), (new, texts) = _told(message), _told_new(reply) if reply else (None, [])
    return _json([values, new]).encode(), pieces + texts


def decode_words(document: bytes, pieces: memoryview) -> tuple[Message, Reply | None]:
    """The values of `encode_words`. Raises WireError for anything else."""
    return _decoded(_words, document, pieces)


def encode_texts(body: str, sent: Sequence[str], pages: Sequence[str] = ()) -> bytes:
    """What a reply is cut by: its words, and the letters it may quote, as text and as HTML."""
    return _json([body, sent, pages]).encode("utf-8", "surrogatepass")


def decode_texts(request: bytes) -> tuple[str, list[str], list[str]]:
    """The texts of `encode_texts`; from the daemon, so they are what they should be."""
    body, sent, pages = json.loads(request.decode("utf-8", "surrogatepass"))
    return body, sent, pages


def encode_reply(reply: Reply) -> tuple[bytes, list[bytes]]:
    """A reply as JSON, and its texts."""
    values, texts = _told_new(reply)
    return _json(values).encode(), texts


def decode_reply(document: bytes, pieces: memoryview) -> Reply:
    """The reply of `encode_reply`. Raises WireError for anything else."""
    return _decoded(_reply, document, pieces)


def encode_forward(forwarded: Forwarded | None) -> bytes:
    """A mail forwarded within a text, or that there is none, as JSON."""
    f = forwarded
    found = f and [f.address, f.name, f.subject, f.date, f.to, f.body, f.message]
    return _json(found).encode()


def decode_forward(document: bytes) -> Forwarded | None:
    """The value of `encode_forward`. Raises WireError for anything else."""
    return _decoded(_forward, document, memoryview(b""))


# --- writing ------------------------------------------------------------------------------------------


def _told(message: Message) -> tuple[dict[str, object], list[bytes]]:
    """What of a message is not as in every other, and its pieces."""
    text = message.text.encode()
    told = {name: value for name in _READ if (value := getattr(message, name)) != getattr(_NOTHING, name)}
    files = [piece for each in message.attachments for piece in (each.content, each.cleaned)]
    sizes = {"text": len(text), "as_written": len(message.as_written)}
    return told | sizes | {"attachments": message.attachments}, [text, message.as_written, *files]


def _told_new(reply: Reply) -> tuple[list[object], list[bytes]]:
    """What is unquoted is mostly all that is new: then it is not told twice."""
    unquoted = [] if reply.unquoted == reply.text else [reply.unquoted]
    texts = [text.encode() for text in (reply.text, reply.quoted, reply.signature, reply.stray, *unquoted)]
    return [reply.forwarded, reply.unread, *map(len, texts)], texts


def _plain(value: object) -> object:
    match value:
        case Address():
            return value.address, value.name
        case Attachment():
            return value.filename, value.content_type, value.content_id, value.inline, value.size, len(value.cleaned)
        case datetime():
            return value.isoformat()
        case DeliveryReport():
            return {field.name: getattr(value, field.name) for field in fields(value)}
        case _:
            raise TypeError(type(value).__name__)


_NOTHING = Message()
_json = json.JSONEncoder(ensure_ascii=False, default=_plain).encode


# --- reading ------------------------------------------------------------------------------------------


class _Pieces:
    """The bytes behind a document, taken one piece after the other."""

    def __init__(self, pieces: memoryview) -> None:
        self._pieces = pieces
        self._taken = 0

    def take(self, size: object) -> bytes:
        start, self._taken = self._taken, self._taken + _number(size)
        if self._taken > len(self._pieces):
            raise WireError("a piece is cut")
        return bytes(self._pieces[start : self._taken])

    def text(self, size: object) -> str:
        return _text(self.take(size).decode())


def _decoded(read: Callable[[Any, _Pieces], _T], document: bytes, pieces: memoryview) -> _T:
    try:
        return read(json.loads(document), _Pieces(pieces))
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise WireError(f"can't be read: {type(error).__name__}") from error


def _message(values: object, pieces: _Pieces) -> Message:
    if not isinstance(values, dict):
        raise WireError("not the fields of a message")
    text, page = pieces.text(values.pop("text")), pieces.take(values.pop("as_written"))
    attached = _attachments(values.pop("attachments"), pieces)
    read = {name: _READ[name](value) for name, value in values.items()}
    return Message(text=text, as_written=page, attachments=attached, **read)


def _words(values: object, pieces: _Pieces) -> tuple[Message, Reply | None]:
    message, new = _rows(values)
    return _message(message, pieces), None if new is None else _reply(new, pieces)


def _reply(values: object, pieces: _Pieces) -> Reply:
    forwarded, unread, *sizes = _rows(values)
    text, quoted, signature, stray, *more = map(pieces.text, sizes)
    (unquoted,) = more or (text,)
    return Reply(text, quoted, signature, unquoted, _flag(forwarded), _flag(unread), stray)


def _forward(values: object, _: _Pieces) -> Forwarded | None:
    if values is None:
        return None
    address, name, subject, date, to, body, message = map(_text, _rows(values))
    return Forwarded(address, name, subject, date, to, body, message)


def _text(value: object) -> str:
    """What passed the gate of `mailproc.mime.text`: a database refuses anything else, and would be waited for in vain."""
    if not isinstance(value, str) or "\0" in value:
        raise WireError("not text")
    if not value.isascii():
        value.encode()  # fails on a lone surrogate
    return value


def _language(value: object) -> str:
    code = _text(value)
    if len(code) > _LONGEST_CODE:
        raise WireError("not a language")
    return code


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise WireError("not a number")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise WireError("not a flag")
    return value


def _rows(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise WireError("not a list")
    return value


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(_text, _rows(value)))


def _optional_text(value: object) -> str | None:
    return None if value is None else _text(value)


def _address(value: object) -> Address:
    address, name = _rows(value)
    return Address(_text(address), _text(name))


def _optional_address(value: object) -> Address | None:
    return None if value is None else _address(value)


def _addresses(value: object) -> tuple[Address, ...]:
    return tuple(map(_address, _rows(value)))


def _headers(value: object) -> tuple[tuple[str, str], ...]:
    return tuple([(_text(name), _text(content)) for name, content in _rows(value)])


def _date(value: object) -> datetime | None:
    return None if value is None else datetime.fromisoformat(_text(value))


def _report(value: object) -> DeliveryReport | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise WireError("not a report")
    return DeliveryReport(
        kind=ReportKind(_text(value["kind"])),
        recipients=_texts(value["recipients"]),
        status=_text(value["status"]),
        diagnostic=_text(value["diagnostic"]),
        original_message_id=_text(value["original_message_id"]),
    )


def _attachments(value: object, pieces: _Pieces) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(
            _text(filename),
            _text(content_type),
            pieces.take(size),
            _text(content_id),
            _flag(inline),
            pieces.take(cleaned),
        )
        for filename, content_type, content_id, inline, size, cleaned in _rows(value)
    )


_READ: dict[str, Callable[[object], Any]] = {
    "message_id": _text,
    "in_reply_to": _texts,
    "references": _texts,
    "subject": _text,
    "date": _date,
    "from_": _addresses,
    "from_fields": _number,
    "from_defects": _texts,
    "sender": _optional_address,
    "reply_to": _addresses,
    "to": _addresses,
    "cc": _addresses,
    "return_path": _optional_text,
    "delivered_to": _texts,
    "headers": _headers,
    "content_type": _text,
    "report_type": _text,
    "language": _language,
    "delivery_report": _report,
    "protection": lambda value: Protection(_text(value)),
    "defects": _texts,
}
