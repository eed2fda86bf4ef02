"""What a server's certificate tells once a connection is protected by it."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime


def good_until(secured: object) -> datetime | None:
    """The end of the other side's certificate (RFC 5280, 4.1.2.5); None where nothing protects, or nobody was checked."""
    shown = secured.getpeercert() if isinstance(secured, ssl.SSLSocket | ssl.SSLObject) else None
    end = shown.get("notAfter") if shown else None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC) if isinstance(end, str) else None
