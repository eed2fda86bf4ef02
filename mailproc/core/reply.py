"""A reply as a plain value: what is new in it, and what it quotes."""

from __future__ import annotations

from dataclasses import dataclass

MOST_READ = 100_000  # characters that are looked at for new words


@dataclass(frozen=True, slots=True)
class Reply:
    """A body cut in pieces. Every line of it is in exactly one of `text`, `quoted` and `signature`, blank edges aside.

    `text` is what a person should read: the new words, with the quoted lines they answer in place. It is empty if all
    was quote or signature; what to do then is the caller's decision.
    `unquoted` is `text` without any quoted line: what may be passed on or taken for a command.
    `forwarded` says that a forwarded mail begins within `text`; it is kept as it came.
    `stray`: a line marked as quoted that quotes no letter we know: it is not in `unquoted`, and may be the writer's.
    `unread`: more came than was looked at, and not all of that is marked as quoted.
    """

    text: str
    quoted: str
    signature: str
    unquoted: str
    forwarded: bool = False
    unread: bool = False
    stray: str = ""

    @property
    def only_signature(self) -> bool:
        """Whether a signature is all that is new. One without a delimiter is text: see `core.closings` for those."""
        return not self.text.strip() and bool(self.signature.strip())
