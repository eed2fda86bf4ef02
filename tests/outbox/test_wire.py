"""What a server reads of a mail's content: lines that end in CRLF only, and one dot that ends it."""

from __future__ import annotations

from itertools import product

import pytest

from mailproc.outbox.wire import on_the_wire


@pytest.mark.parametrize(
    ("content", "wire"),
    [(b"a\r\nb\r\n", b"a\r\nb\r\n.\r\n"), (b"a\nb\rc", b"a\r\nb\r\nc\r\n.\r\n"), (b"a\r\n\r\n", b"a\r\n\r\n.\r\n"),
     (b".\r\n..a\r\n", b"..\r\n...a\r\n.\r\n"), (b"a\n.\nb", b"a\r\n..\r\nb\r\n.\r\n"), (b"a\r\r\nb", b"a\r\n\r\nb\r\n.\r\n"),
     (b"a\x0b\x0c\x1c\x85\xe2\x80\xa8b\r\n", b"a\x0b\x0c\x1c\x85\xe2\x80\xa8b\r\n.\r\n"), (b"", b"\r\n.\r\n")],
)  # fmt: skip
def test_lines_end_alike_and_dots_are_doubled(content: bytes, wire: bytes) -> None:
    assert on_the_wire(content) == wire


def test_no_content_ends_before_its_end() -> None:
    """RFC 5321, 4.5.2, for all short contents of what matters."""
    for pieces in product((b"a", b".", b"\r", b"\n"), repeat=6):
        wire = on_the_wire(b"".join(pieces))
        body = wire.removesuffix(b".\r\n")

        assert wire.find(b"\r\n.\r\n") in {len(wire) - 5, -1}
        assert wire.endswith(b"\r\n.\r\n")
        assert not wire.startswith(b".\r\n")
        assert body.count(b"\r\n") == body.count(b"\r") == body.count(b"\n")
