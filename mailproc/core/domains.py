"""Domains as they stand on the wire: lower-case A-labels (RFC 5890)."""

from __future__ import annotations

import re
import unicodedata
from encodings.idna import ToASCII
from functools import lru_cache

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?")
_LONGEST_LABEL, _LONGEST, _LONGEST_LOCAL_PART = 63, 255, 64  # RFC 5321, 4.5.3.1
_NEW_IN_IDNA_2008 = "ßς\u200c\u200d"  # letters of their own since RFC 5891; the older mapping names another domain


@lru_cache(256)
def label(written: str) -> str | None:
    """One label of a domain in lower case and ASCII, or None if no domain has it."""
    if len(written) > _LONGEST_LABEL:
        return None
    folded = unicodedata.normalize("NFKC", written.lower())
    try:
        if any(letter in folded for letter in _NEW_IN_IDNA_2008):
            folded = "xn--" + folded.encode("punycode").decode("ascii")
        elif not folded.isascii():
            folded = ToASCII(folded).decode("ascii").lower()
    except UnicodeError:
        return None
    return folded if len(folded) <= _LONGEST_LABEL and _LABEL.fullmatch(folded) else None


def reachable(address: str) -> bool:
    """Whether an address that looks like one is short enough, and its domain one that there can be."""
    local, _, domain = address.rpartition("@")
    labels = [label(each) for each in domain.split(".")]
    if (
        not all(labels)
        or not unicodedata.is_normalized("NFC", address)
        or len(local.encode()) > _LONGEST_LOCAL_PART
        or "=?" in local
    ):
        return False
    return sum(len(each or "") + 1 for each in labels) <= _LONGEST + 1
