"""Letters written in a process of their own, that process: `python -m` this module, started by `mailproc.render.writer`."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import logging
import os
import pickle
from typing import BinaryIO

from mailproc.render.draft import FRAME, unpacked

_PIPE = 1 << 20  # bytes that wait in a pipe: nobody is held up by who reads a little later


def serve() -> None:
    """The words first; then, for each draft, its number and its bytes, or none where it can't be written here."""
    requests = os.fdopen(os.dup(0), "rb", buffering=1 << 16)
    answers = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    for pipe in (0, 1):
        with contextlib.suppress(OSError, AttributeError):  # more than this system allows, or not Linux
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
    os.dup2(2, 1)  # nothing printed by a library can get between the answers
    logging.disable(logging.CRITICAL)  # letters belong in no log
    _, packed = _next(requests)
    if not packed:
        return
    words = pickle.loads(packed)  # noqa: S301 - the daemon's own bytes, by a pipe nobody else has
    gc.freeze()
    _send(answers, 0, b"")
    while packed := (request := _next(requests))[1]:
        content = b""
        with contextlib.suppress(Exception):  # the daemon tries it again itself, and tells what is wrong
            content = unpacked(words, packed).written()
        _send(answers, request[0], content)


def _next(requests: BinaryIO) -> tuple[int, bytes]:
    """The next request and its number; empty when there are no more."""
    head = requests.read(FRAME.size)
    if len(head) < FRAME.size:
        return 0, b""
    number, size = FRAME.unpack(head)
    request = requests.read(size)
    return (number, request) if len(request) == size else (0, b"")


def _send(answers: BinaryIO, number: int, content: bytes) -> None:
    answers.write(FRAME.pack(number, len(content)))
    answers.write(content)
    answers.flush()


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):  # the daemon died: nobody waits for what is left, nor has to read of it
        serve()
    os._exit(0)
