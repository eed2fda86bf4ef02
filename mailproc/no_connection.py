"""Why there is no connection to a server, as an operator needs it: what Python says of it is for programmers."""

from __future__ import annotations

import socket
import ssl

_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}  # the latter: glibc


def why(error: BaseException | None) -> str:
    """Empty where the error's own words are as good."""
    match error:
        case socket.gaierror(errno=number):
            return "there is no such host" if number in _NO_SUCH_NAME else "the host's name can't be looked up now"
        case ssl.SSLCertVerificationError(verify_message=told):
            return f"the certificate is not trusted: {told.rstrip('.')}"
        case ssl.SSLError(reason="WRONG_VERSION_NUMBER"):
            return "no TLS is spoken there"
        case ConnectionRefusedError():
            return "nobody listens there (connection refused)"
        case _:
            return ""
