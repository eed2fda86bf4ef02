"""Mutated mails: each becomes a message that can be stored, or a named refusal, in a time that fits its length.

`make fuzz` goes on for minutes (FUZZ_SECONDS); CORPUS names a folder of further mails to begin with.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from mailproc.mime.parse import parse_mail
from mailproc.mime.prescan import Limits, prescan
from mailproc.mime.wire import decode_message, encode_message
from tests.testlib.bad_mails import BAD
from tests.testlib.harmless import harm
from tests.testlib.hostile import HOSTILE
from tests.testlib.repository import ROOT

SECONDS = float(os.environ.get("FUZZ_SECONDS", "4"))
LONGEST = 60_000  # bytes of a mail that mutants are made of
PER_BYTE, FLOOR = 40e-6, 0.5  # seconds of processor time


def corpus() -> list[bytes]:
    folders = [ROOT / "tests", *filter(None, [Path(os.environ["CORPUS"]) if "CORPUS" in os.environ else None])]
    files = [file.read_bytes() for folder in folders for file in sorted(folder.rglob("*.eml"))]
    made = [bad.raw for row in BAD.values() for bad in row]
    return [raw for raw in (*files, *made) if len(raw) <= LONGEST]


def mutant(chance: random.Random, mails: list[bytes]) -> bytes:
    """A mail with pieces cut, doubled, swapped with another's, or filled with hostile text."""
    raw = bytearray(chance.choice(mails))
    for _ in range(chance.randint(1, 6)):
        start = chance.randrange(len(raw) + 1)
        end = min(len(raw), start + chance.choice((1, 4, 40, 400)))
        other = chance.choice(mails)
        at = chance.randrange(len(other) + 1)
        hostile = chance.choice(list(HOSTILE.values()))(chance.choice((20, 200, 2_000)))
        raw[start:end] = chance.choice((
            b"", bytes(raw[start:end]) * 2, other[at : at + 200], chance.randbytes(end - start),
            hostile.encode("utf-8", "surrogateescape"),
        ))  # fmt: skip
    return bytes(raw)


def check(raw: bytes) -> None:
    began = time.process_time()
    if prescan(raw, Limits()) is None:
        message = parse_mail(raw)
        document, contents = encode_message(message)
        assert decode_message(document, memoryview(b"".join(contents))) == message
        assert "\0" not in message.text + message.subject
        pages = [message.as_written, *(each.cleaned for each in message.attachments)]
        assert not [found for page in pages if page for found in harm(page)]
    assert time.process_time() - began < FLOOR + PER_BYTE * len(raw)


# The standard library asks codecs such as "unicode_escape" first; workers run without warnings.
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.slow
@pytest.mark.timeout(int(SECONDS) + 120)
@pytest.mark.row("A18", "I8")
def test_any_mutant_is_read_or_refused(request: pytest.FixtureRequest) -> None:
    seed = random.SystemRandom().randrange(2**32)
    chance, mails = random.Random(seed), corpus()
    until, count = time.process_time() + SECONDS, 0
    while time.process_time() < until or not count:
        raw = mutant(chance, mails)
        try:
            check(raw)
        except Exception as failure:
            kept = request.config.rootpath / ".hypothesis" / f"mutant-{seed}-{count}.eml"
            kept.parent.mkdir(exist_ok=True)
            kept.write_bytes(raw)
            raise AssertionError(f"{kept}: {type(failure).__name__}: {failure}") from failure
        count += 1
