"""OpenPGP within the text of a mail: the frames of RFC 9580, 6 and 7. Nothing is decrypted or verified."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

BEGIN: Final = "-----BEGIN PGP "
BEGIN_MESSAGE: Final = "-----BEGIN PGP MESSAGE"
FILENAME: Final = "encrypted.asc"
_END_MESSAGE: Final = "-----END PGP MESSAGE"
_BEGIN_SIGNED: Final = "-----BEGIN PGP SIGNED MESSAGE-----"
_BEGIN_SIGNATURE: Final = "-----BEGIN PGP SIGNATURE-----"
_END_SIGNATURE: Final = "-----END PGP SIGNATURE-----"
_HASH: Final = re.compile(r"[A-Za-z]{1,20}: ?[^\n]{0,80}")


class _Within(StrEnum):
    NOTHING = "nothing"
    MESSAGE = "message"
    HASHES = "hashes"
    SIGNED = "signed"
    SIGNATURE = "signature"


def taken_out(text: str) -> tuple[str, list[str]]:
    """The text without encrypted blocks and without the frame around what is signed; and these blocks.

    Only frames at the beginning of a line count: a quoted one is what was answered. Linear.
    """
    kept: list[str] = []
    blocks: list[list[str]] = []
    frame: list[str] = []  # lines that are left out if the frame proves whole
    within = _Within.NOTHING
    for line in text.split("\n"):
        bare = line.rstrip()
        if within is _Within.MESSAGE:
            blocks[-1].append(line)
            if bare.startswith(_END_MESSAGE):
                within = _Within.NOTHING
        elif within is _Within.SIGNATURE:
            frame.append(line)
            if bare == _END_SIGNATURE:
                within, frame = _Within.NOTHING, []
        elif bare.startswith(BEGIN_MESSAGE):
            blocks.append([line])
            within = _Within.MESSAGE
        elif within is _Within.HASHES and (not bare or not _HASH.fullmatch(bare)):
            kept += [] if not bare else [*frame, line]
            within, frame = (_Within.NOTHING if bare else _Within.SIGNED), []
        elif bare == _BEGIN_SIGNED or within is _Within.HASHES:
            frame.append(line)
            within = _Within.HASHES
        elif within is _Within.SIGNED and bare == _BEGIN_SIGNATURE:
            frame.append(line)
            within = _Within.SIGNATURE
        else:
            kept.append(line.removeprefix("- ") if within is _Within.SIGNED else line)
    return "\n".join(kept + frame), ["\n".join(block) for block in blocks]
