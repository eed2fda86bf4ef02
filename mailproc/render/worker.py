"""Letters written in a process of their own, that process: `python -m` this module, started by `mailproc.render.writer`."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import logging
import os
import pickle
from collections.abc import Iterator

from mailproc.render.draft import FRAME, unpacked
from mailproc.render.letters import Letters

_PIPE = 1 << 20  # bytes that wait in a pipe: nobody is held up by who reads a little later
_CHUNK = 1 << 16  # bytes of requests that are answered together, at most


def serve() -> None:
    """The words first; then, for each draft, its number and its bytes, or none where it can't be written here."""
    answers = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    for pipe in (0, 1):
        with contextlib.suppress(OSError, AttributeError):  # more than this system allows, or not Linux
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)
    os.dup2(2, 1)  # nothing printed by a library can get between the answers
    logging.disable(logging.CRITICAL)  # letters belong in no log
    words: Letters | None = None
    for requests in _requests():
        for number, packed in requests:
            content = b""
            if words is None:
                words = pickle.loads(packed)  # noqa: S301 - the daemon's own bytes, by a pipe nobody else has
                gc.freeze()
            else:
                with contextlib.suppress(Exception):  # the daemon tries it again itself, and tells what is wrong
                    content = unpacked(words, packed).written()
            answers.write(FRAME.pack(number, len(content)))
            answers.write(content)
        answers.flush()  # of those that came together all at once: to wake the daemon takes its time


def _requests() -> Iterator[list[tuple[int, bytes]]]:
    """Numbers and contents as they come, those that are there at once in one list; ends with the daemon."""
    waiting = bytearray()
    while came := os.read(0, _CHUNK):
        waiting += came
        whole, start = [], 0
        while len(waiting) >= start + FRAME.size:
            number, size = FRAME.unpack_from(waiting, start)
            end = start + FRAME.size + size
            if len(waiting) < end:
                break
            whole.append((number, bytes(waiting[start + FRAME.size : end])))
            start = end
        del waiting[:start]
        yield whole


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):  # the daemon died: nobody waits for what is left, nor has to read of it
        serve()
    os._exit(0)
