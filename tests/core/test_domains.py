"""Whom an agent names can be written to: one address that can't be would hold up every later answer on the ticket."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.core import commands
from mailproc.core.commands.grammar import ADDRESS, is_address
from mailproc.core.commands.values import Copy
from mailproc.mime.compose import valid_address

_LONG = ".".join(letter * 63 for letter in "bcde")


@pytest.mark.parametrize("address", [f"a@{_LONG}.example", f"a@{'ü' * 63}.example", "a@א1.example", "é" * 40 + "@x.example", "a=?b@x.example"])  # fmt: skip
def test_what_only_looks_like_an_address_is_a_bad_line(address: str) -> None:
    assert ADDRESS.fullmatch(address)
    assert not valid_address(address)
    assert [len(commands.read(f"#{word} {address}").bad) for word in ("cc", "accept", "ask", "customer")] == [1] * 4


@pytest.mark.parametrize(
    "address", ["bea@example.org", "a@müller.example", "a@straße.example", f"a@{_LONG[:200]}.example"]
)
def test_addresses_beyond_ascii_are_addresses(address: str) -> None:
    assert commands.read(f"#cc {address}").commands == (Copy((address,), ()),)


@given(st.text(st.sampled_from("aZ9é\u0374ßﬀא1._-+=?ü٣\u3002")), st.text(st.sampled_from("aZ9é\u0374ßﬀא1.-ü٣")))
def test_every_address_that_is_read_can_be_written_to(local: str, domain: str) -> None:
    address = f"{local}@{domain}.example"
    assert not is_address(address) or valid_address(address)
