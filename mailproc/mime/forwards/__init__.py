"""Forwarded mails: which mail somebody passed on within their own words, and what they wrote to it.

`reader` finds where it begins, `header` reads the lines a client writes above it. The words are the reply cutter's
(`mailproc.mime.quoting.vocabulary`): a client draws the same lines above what it quotes and what it forwards.
"""

from __future__ import annotations

from mailproc.mime.forwards.reader import read_forward

__all__ = ["read_forward"]
