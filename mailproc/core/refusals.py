"""What the no of a mail server is about: the address that was written to, or us and the mail."""

from __future__ import annotations

import re

_CODE = r"(?<![\d.])(?:%s)(?!\d|\.\d)"  # and no address of a machine
#: A mailbox or domain that is not there, moved or takes no mail (RFC 3463, 3.2 and 3.3; RFC 7505, 4.2).
_CODE_OF_NOBODY = re.compile(_CODE % r"5\.1\.(?:[1236]|10)|5\.2\.1")
#: A sender, a full mailbox, a mail that is too large, damaged or unwelcome, and what was never refused for good.
_CODE_OF_OTHERS = re.compile(_CODE % r"5\.1\.[78]|5\.2\.[23]|5\.3\.4|5\.6\.\d+|5\.7\.\d+|4\.\d\.\d+")

_MAILBOX = r"(?:user|recipient|mailbox|account|address|person|local[ -]part)s?"
_NOBODY = re.compile(
    rf"\b(?:unknown|no such|non-?existent|unroute?able) {_MAILBOX}\b|\binvalid (?:user|recipient|mailbox)\b|"
    rf"\b{_MAILBOX} (?:is |was )?(?:unknown|not found|non-?existent)\b|\bmailbox (?:is )?(?:disabled|inactive)\b|"
    rf"\b{_MAILBOX}\b.{{0,80}}\b(?:does not|doesn't|no longer) exists?\b|\buser doesn't have an? .{{0,40}}\baccount\b|"
    r"\bno mailbox here\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\bsender|\b(?:mail|envelope)[ -]from\b|\bfrom address\b|\breturn[ -]path\b|\brelay(?! recipient)|\bauthenticat|"
    r"\byour (?:address|domain|host|ip|server)\b|\b(?:helo|ehlo|spf|dkim|dmarc|dns|ptr)\b|spam|\bpolic|\bblock|\bblack|"
    r"\breputation\b|\bcontent\b|\bvirus",
    re.IGNORECASE,
)
_NAMES = re.compile(r"(?<!\S)\S+[.@/]\S+")  # addresses, hosts and links, which may be called anything


def nobody_there(words: str) -> bool:
    """Whether a server's no, in its own words and codes, says that no mail arrives at this address, ever.

    In doubt it does not: a few mails to nobody are less than a customer without letters.
    """
    if _CODE_OF_OTHERS.search(words):
        return False
    if _CODE_OF_NOBODY.search(words):
        return True
    said = _NAMES.sub("", words)
    return _NOBODY.search(said) is not None and _OTHERS.search(said) is None
