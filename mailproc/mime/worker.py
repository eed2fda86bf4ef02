"""Parsing in processes that may die, the worker's side: `python -m` this module, started by `mailproc.mime.pool`."""

from __future__ import annotations

import contextlib
import gc
import logging
import math
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import BinaryIO

from mailproc.core.language import language_of
from mailproc.core.message import Message
from mailproc.core.reply import Reply
from mailproc.mime.forwards import read_forward
from mailproc.mime.parse import parse_mail
from mailproc.mime.prescan import Limits, prescan
from mailproc.mime.quoting import read_reply
from mailproc.mime.wire import (
    ANSWER,
    FAILED,
    FORWARD,
    MESSAGE,
    READY,
    REFUSED,
    REPLY,
    REQUEST,
    WORDS,
    FailureReason,
    decode_texts,
    encode_forward,
    encode_message,
    encode_reply,
    encode_words,
)


def _confine(memory: int) -> None:
    """Give up what reading a mail needs nothing of."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _allow_processor_time(seconds: int) -> None:
    """From now on, this many seconds more; beyond them the kernel ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = math.ceil(used.ru_utime + used.ru_stime) + seconds
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def read_words(raw: bytes, limits: Limits) -> tuple[Message, Reply | None]:
    """A mail and what is new in it; None where it answers another: that may be one of ours, and tells what it quotes."""
    message = parse_mail(raw, limits)
    if message.in_reply_to:
        return message, None
    reply = read_reply(message.text)
    return replace(message, language=language_of(message, reply.text)), reply


def _answer_to(what: bytes, raw: bytes, limits: Limits) -> tuple[bytes, bytes, Sequence[bytes]]:
    """Kind, document and what is behind it."""
    try:
        if what == REPLY:
            return REPLY, *encode_reply(read_reply(*decode_texts(raw)))
        if what == FORWARD:
            text, (subject,), _ = decode_texts(raw)
            return FORWARD, encode_forward(read_forward(text, subject)), ()
        refusal = prescan(raw, limits)
        if refusal is not None:
            return REFUSED, refusal.detail.encode(), [refusal.reason.encode()]
        if what == WORDS:
            return WORDS, *encode_words(*read_words(raw, limits))
        return MESSAGE, *encode_message(parse_mail(raw, limits))
    except MemoryError:
        cap = resource.getrlimit(resource.RLIMIT_AS)[0]
        words = f"Reading took more memory than a parser may have, {cap:,} bytes (limits.parser_memory)."
        return FAILED, words.encode(), [FailureReason.OUT_OF_MEMORY.encode()]
    except RecursionError:
        return FAILED, b"Parts lie too deep in each other.", [FailureReason.NESTED_TOO_DEEPLY.encode()]
    except Exception as error:  # noqa: BLE001 - a fault of ours: it costs this mail, and is told with its place
        trace = error.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else "?"
        return FAILED, f"{type(error).__name__} in {place}".encode(), [FailureReason.CRASHED.encode()]


def _send(out: BinaryIO, number: int, kind: bytes, document: bytes, rest: Sequence[bytes]) -> None:
    out.write(ANSWER.pack(number, kind, len(document), sum(map(len, rest))))
    out.write(document)
    out.writelines(rest)
    out.flush()


def serve(arguments: Sequence[str]) -> None:
    """A worker's life: read a mail, answer, until standard input ends."""
    memory, cpu_seconds, *caps = (int(argument) for argument in arguments)
    limits = Limits(*caps)
    requests = os.fdopen(os.dup(0), "rb", buffering=1 << 16)
    answers = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    os.dup2(2, 1)  # nothing printed by a library can get between the answers
    logging.disable(logging.CRITICAL)  # libraries log what they read; mail content belongs in no log
    parse_mail(b"Content-Type: text/html\r\n\r\n<p>")  # what loads late is loaded before the limits
    gc.collect()
    gc.freeze()
    _confine(memory)
    _send(answers, 0, READY, b"", ())
    while len(head := requests.read(REQUEST.size)) == REQUEST.size:
        number, what, size = REQUEST.unpack(head)
        raw = requests.read(size)
        _allow_processor_time(cpu_seconds)
        _send(answers, number, *_answer_to(what, raw, limits))
        del raw


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):  # the daemon died: nobody waits for what is left, nor has to read of it
        serve(sys.argv[1:])
    os._exit(0)
