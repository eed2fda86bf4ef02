"""One address in its one spelling. Apart from the reading of header fields: what writes letters needs only this."""

from __future__ import annotations

import re

from mailproc.core.domains import label as domain_label
from mailproc.core.message import Address
from mailproc.mime.text import clean_line

_NAME_LIMIT = 200
_ADDRESS_LIMIT = 320  # RFC 5321, 4.5.3.1: 64 for the local part, 255 for the domain, one for the "@"


def address_or_none(address: str, name: str = "") -> Address | None:
    """An address with its domain in lower-case A-labels (RFC 5890), or None if it can't be written to."""
    written = normal(address)
    if written is None or len(written) > _ADDRESS_LIMIT:
        return None
    return Address(written, clean_line(name, _NAME_LIMIT))


def normal(address: str) -> str | None:
    """The one spelling of an address, or None for what is none."""
    local, at, domain = address.strip().rpartition("@")
    if not (local and at and domain) or clean_line(address) != address.strip():
        return None
    if domain.startswith("[") and domain.endswith("]"):
        return f"{local}@{domain.lower()}"
    labels = [domain_label(each) for each in re.split("[.\u3002\uff0e\uff61]", domain.rstrip("."))[:128]]
    return f"{local}@{'.'.join(label for label in labels if label)}" if all(labels) else None
