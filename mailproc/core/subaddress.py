"""Subaddresses (RFC 5233): mail to `support+anything@` comes to `support@`, where nobody else has that address."""

from __future__ import annotations

from collections.abc import Iterable


def within(address: str, own: Iterable[str]) -> bool:
    """Whether an address is one of `own` (case folded), or one with a detail behind it. Some have a plus themselves."""
    local, _, domain = address.casefold().rpartition("@")
    split = (each.rpartition("@") for each in own)
    return any(domain == place and (local == name or local.startswith(f"{name}+")) for name, _, place in split)
