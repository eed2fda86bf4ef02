"""Letters written in a process of their own, that process: `python -m` this module, started by `mailproc.render.writer`."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import logging
import os
import pickle
from typing import BinaryIO

from mailproc.render.draft import SIZE, unpacked

_PIPE = 1 << 20  # bytes that wait in a pipe: nobody is held up by who reads a little later


def serve() -> None:
    """The words first, then draft after draft; for each its bytes, or none where it can't be written here."""
    requests = os.fdopen(os.dup(0), "rb", buffering=1 << 16)
    answers = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    for pipe in (0, 1):
        with contextlib.suppress(OSError, AttributeError):  # more than this system allows, or not Linux
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
    os.dup2(2, 1)  # nothing printed by a library can get between the answers
    logging.disable(logging.CRITICAL)  # letters belong in no log
    words = pickle.loads(_next(requests))  # noqa: S301 - the daemon's own bytes, by a pipe nobody else has
    gc.freeze()
    while draft := _next(requests):
        content = b""
        with contextlib.suppress(Exception):  # the daemon tries it again itself, and tells what is wrong
            content = unpacked(words, draft).written()
        answers.write(SIZE.pack(len(content)))
        answers.write(content)
        answers.flush()


def _next(requests: BinaryIO) -> bytes:
    """The next request; empty when there are no more."""
    head = requests.read(SIZE.size)
    return requests.read(SIZE.unpack(head)[0]) if len(head) == SIZE.size else b""


if __name__ == "__main__":
    serve()
