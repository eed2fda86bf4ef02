"""Attachments: a part's bytes and the name it may safely be saved under. Nothing is unpacked."""

from __future__ import annotations

import binascii
import io
import re
from email.generator import BytesGenerator
from email.message import Message as Tree
from email.policy import Compat32
from functools import lru_cache

from mailproc.core.message import Attachment
from mailproc.mime.headers import base64_bytes, display_text, main_value, parameters, raw_field
from mailproc.mime.text import clean_line

_NAME_LIMIT = 120  # characters; file systems allow 255 bytes
_EXTENSION_LIMIT = 16
_CONTENT_TYPE = re.compile(r"[a-z0-9!#$%&'*+.^_`{|}~-]{1,127}/[a-z0-9!#$%&'*+.^_`{|}~-]{1,127}")
_NOT_TEXT = frozenset({"application", "audio", "font", "image", "model", "video"})
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f]')
# Names Windows takes for devices, whatever their extension.
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?=\.|$)", re.IGNORECASE)
_NAMES = {
    "application/gzip": "attachment.gz",
    "application/json": "attachment.json",
    "application/ms-tnef": "winmail.dat",
    "application/pdf": "attachment.pdf",
    "application/pgp-encrypted": "version.txt",
    "application/pgp-keys": "key.asc",
    "application/pgp-signature": "signature.asc",
    "application/pkcs7-mime": "smime.p7m",
    "application/pkcs7-signature": "smime.p7s",
    "application/rtf": "attachment.rtf",
    "application/vnd.ms-tnef": "winmail.dat",
    "application/x-pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-signature": "smime.p7s",
    "application/xml": "attachment.xml",
    "application/zip": "attachment.zip",
    "audio/mpeg": "attachment.mp3",
    "image/gif": "image.gif",
    "image/jpeg": "image.jpg",
    "image/png": "image.png",
    "image/svg+xml": "image.svg",
    "image/tiff": "image.tif",
    "image/webp": "image.webp",
    "message/delivery-status": "delivery-status.txt",
    "message/disposition-notification": "disposition-notification.txt",
    "message/feedback-report": "feedback-report.txt",
    "message/rfc822": "message.eml",
    "message/global": "message.eml",
    "text/calendar": "invite.ics",
    "text/csv": "attachment.csv",
    "text/html": "attachment.html",
    "text/plain": "attachment.txt",
    "text/rfc822-headers": "headers.txt",
    "text/vcard": "contact.vcf",
    "text/x-vcard": "contact.vcf",
    "text/xml": "attachment.xml",
    "video/mp4": "attachment.mp4",
}
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=\r\n"
_BASE64_LINES = re.compile(rb"(?:[A-Za-z0-9+/]++={0,2}[ \t]*(?:\r?\n|\Z)|[ \t]*\r?\n)*+")
_LEAST_BASE64 = 20  # characters: a line of words may look like less
_UUENCODED = frozenset({"uuencode", "x-uuencode", "uue", "x-uue"})


def content_type(part: Tree) -> str:
    """A part's media type in lower case; what is missing or no type at all is text/plain (RFC 2045, 5.2)."""
    return _media_type(raw_field(part, "content-type")) or part.get_default_type()


@lru_cache(64)
def _media_type(field: str) -> str:
    declared = main_value(field)
    if _CONTENT_TYPE.fullmatch(declared):
        return declared
    return "application/octet-stream" if declared.partition("/")[0] in _NOT_TEXT else ""


def disposition(part: Tree) -> str:
    """Content-Disposition without parameters (RFC 2183), in lower case; empty where there is none."""
    return main_value(raw_field(part, "content-disposition"))


def declared_name(part: Tree) -> str:
    """The file name a part gives itself, decoded and not yet safe; empty where it gives none."""
    for field, name in (("content-disposition", "filename"), ("content-type", "name"), ("content-type", "file")):
        found = parameters(raw_field(part, field)).get(name, "").strip()
        if found:
            return found
    return ""


def safe_filename(name: str, content_type: str) -> str:
    """A name without a path, controls or devices, of at most 120 characters, its extension kept."""
    name = clean_line(name).replace("\\", "/").rpartition("/")[2]
    name = _FORBIDDEN.sub("_", name).strip(". ")
    if _DEVICE.match(name):
        name = f"_{name}"
    if not name:
        return _NAMES.get(content_type, "attachment.bin")
    if len(name) > _NAME_LIMIT:
        stem, dot, extension = name.rpartition(".")
        if dot and 0 < len(extension) <= _EXTENSION_LIMIT:
            name = f"{stem[: _NAME_LIMIT - len(extension) - 1].rstrip('. ')}.{extension}"
        else:
            name = name[:_NAME_LIMIT].rstrip(". ")
    return name


def part_bytes(part: Tree) -> bytes:
    """A leaf's content with its transfer encoding (RFC 2045, 6) undone, as far as it can be."""
    payload = part.get_payload()
    if not isinstance(payload, str):
        return message_bytes(part)
    encoding = main_value(raw_field(part, "content-transfer-encoding")).strip("\"' ")
    if encoding == "base64":
        data = payload.encode("utf-8", "surrogateescape")
        return _base64_text(data) if content_type(part).startswith("text/") else base64_bytes(data)
    if encoding in _UUENCODED:
        data = payload.encode("utf-8", "surrogateescape")
        return uudecoded(data.splitlines()) or data
    content: object = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _base64_text(data: bytes) -> bytes:
    """Base64 that should hold text: where it goes over into plain words (a list's footer), or is nothing else, these too."""
    head = _BASE64_LINES.match(data)
    end = head.end() if head else 0
    rest = data[end:]
    if 20 * len(rest.translate(None, _BASE64)) <= len(rest):  # a stray character in twenty: damage, not words
        return base64_bytes(data)
    return base64_bytes(data[:end]) + rest if end >= _LEAST_BASE64 else data


def uudecoded(lines: list[bytes]) -> bytes:
    """What stands between ``begin`` and ``end`` of a uuencoded block; lines that aren't are left out."""
    out = []
    inside = False
    for line in lines:
        if not inside:
            inside = line.startswith(b"begin ")
        elif line.strip() == b"end":
            break
        elif line.strip(b" \t`"):
            out.append(_uu_line(line))
    return b"".join(out)


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # A well-known broken encoder writes too long lines: read as much as the length character says.
        length = (((line[0] - 32) & 63) * 4 + 5) // 3
        try:
            return binascii.a2b_uu(line[:length])
        except binascii.Error:
            return b""


class _AsItCame(Compat32):
    """Fields are written as they were read: the standard library would fold them anew, word by word in quadratic time."""

    def fold_binary(self, name: str, value: object) -> bytes:
        return f"{name}: {value}\n".replace("\r\n", "\n").encode("utf-8", "surrogateescape")


def message_bytes(part: Tree) -> bytes:
    """A part that holds parts (a mail within the mail), as bytes again."""
    payload = part.get_payload()
    # More than one are the blocks of a delivery report, each of fields only.
    inner = payload[0] if isinstance(payload, list) and len(payload) == 1 else part
    if not isinstance(inner, Tree):
        return str(payload).encode("utf-8", "surrogateescape")
    if inner is not part and not inner.keys() and isinstance(inner.get_payload(), str):
        # Encoded although RFC 2046, 5.2.1 forbids it: then no header was found in it.
        encoding = main_value(raw_field(part, "content-transfer-encoding"))
        if encoding in {"base64", "quoted-printable"}:
            inner["Content-Transfer-Encoding"] = encoding
            return part_bytes(inner)
    out = io.BytesIO()
    BytesGenerator(out, mangle_from_=False, policy=_AsItCame()).flatten(inner)
    return out.getvalue()


def attachment(part: Tree) -> Attachment:
    """A part as an attachment, whatever it is. A mail within the mail is named by its subject."""
    kind = content_type(part)
    name = declared_name(part)
    payload = part.get_payload()
    if isinstance(payload, list) and kind.startswith("message/"):
        content = message_bytes(part)
        if not name and kind in {"message/rfc822", "message/global"} and payload and isinstance(payload[0], Tree):
            subject = display_text(raw_field(payload[0], "subject"), _NAME_LIMIT)
            name = f"{subject.replace('/', '_').strip('. ')}.eml" if subject else ""
    else:
        content = part_bytes(part)
    content_id = clean_line(raw_field(part, "content-id"), 200).strip("<> ")
    return Attachment(
        filename=safe_filename(name, kind),
        content_type=kind,
        content=content,
        content_id=content_id,
        inline=disposition(part) == "inline" or (bool(content_id) and disposition(part) != "attachment"),
    )
