"""Reply tokens: whoever holds one may do what it says; nobody can make one."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.core.tokens import (
    MAC_BYTES,
    Capability,
    KeyRing,
    Token,
    TokenError,
    expiry,
    our_message_id,
    plus_address,
)

KEYS = KeyRing({1: b"k" * 32}, 1)
TODAY = date(2026, 11, 21)
TOKEN = Token(Capability.CUSTOMER_REPLY, 1042, 77, 1, date(2027, 11, 21))

tokens = st.builds(
    Token,
    st.sampled_from(list(Capability)),
    st.integers(1, 2**31),
    st.integers(1, 2**31),
    st.integers(0, 10_000),
    st.dates(TODAY, date(2060, 1, 1)),
)


@given(tokens)
def test_what_is_written_is_read(token: Token) -> None:
    text = KEYS.write(token)
    assert KEYS.read(text, TODAY) == token
    assert KEYS.read(text.upper(), TODAY) == token  # local parts lose their case on the way
    assert len(text) <= 56


@pytest.mark.row("A5")
def test_the_signature_has_at_least_96_bits() -> None:
    assert MAC_BYTES * 8 >= 96


@given(tokens, st.integers(0, 400), st.integers(1, 31))
@pytest.mark.row("A5")
def test_no_changed_token_is_good(token: Token, place: int, by: int) -> None:
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    text = KEYS.write(token)
    place %= len(text)
    forged = text[:place] + alphabet[(alphabet.index(text[place]) + by) % 32] + text[place + 1 :]
    try:
        read = KEYS.read(forged, TODAY)
    except TokenError:
        return
    assert read == token  # only the last character's spare bits may differ


@pytest.mark.row("A4")
def test_ten_thousand_guesses_open_nothing() -> None:
    for _ in range(10_000):
        assert KEYS.find(secrets.token_hex(20).translate(str.maketrans("0189", "abcd")), TODAY) is None


@pytest.mark.parametrize("cut", range(1, 30))
@pytest.mark.row("A5")
def test_a_truncated_token_is_none(cut: int) -> None:
    assert KEYS.find(KEYS.write(TOKEN)[:-cut], TODAY) is None


@pytest.mark.row("A3", "A5")
def test_an_expired_token_opens_nothing() -> None:
    text = KEYS.write(TOKEN)
    assert KEYS.read(text, TOKEN.expires) == TOKEN
    with pytest.raises(TokenError, match="expired"):
        KEYS.read(text, date(2027, 11, 22))


@pytest.mark.row("A5")
def test_old_keys_stay_good_until_they_are_taken_away() -> None:
    text = KEYS.write(TOKEN)
    rotated = KeyRing({1: b"k" * 32, 2: b"n" * 32}, 2)
    assert rotated.read(text, TODAY) == TOKEN
    assert rotated.write(TOKEN) != text
    with pytest.raises(TokenError):
        KeyRing({2: b"n" * 32}, 2).read(text, TODAY)


def test_a_key_ring_refuses_short_keys_and_a_missing_current_one() -> None:
    with pytest.raises(ValueError, match="shorter than 16"):
        KeyRing({1: b"short"}, 1)
    with pytest.raises(ValueError, match="no token key number 2"):
        KeyRing({1: b"k" * 32}, 2)


def test_tokens_are_found_where_mails_carry_them() -> None:
    text = KEYS.write(TOKEN)
    address = plus_address("support@acme.example", text)
    assert address is not None
    assert address == f"support+{text}@acme.example"
    assert len(address.partition("@")[0]) <= 64  # RFC 5321, 4.5.3.1.1
    assert KEYS.find(address, TODAY) == TOKEN
    assert KEYS.find(our_message_id(text, "0a1b2c", "acme.example"), TODAY) == TOKEN
    assert KEYS.find(f"Re: Yes, it is solved [Acme #1042] ref:{text}", TODAY) == TOKEN


@given(st.text(max_size=3000))
def test_finding_never_fails(text: str) -> None:
    assert KEYS.find(text, TODAY) is None


def test_ratings_are_one_to_five() -> None:
    assert [c.rating for c in Capability if c.rating] == [1, 2, 3, 4, 5]
    assert Capability.YES.rating is None


def test_expiry_counts_days_in_utc() -> None:
    assert expiry(datetime(2026, 11, 21, 23, 59, tzinfo=UTC), 1) == date(2026, 11, 22)


@given(tokens, st.timedeltas(timedelta(), timedelta(days=300)))
def test_a_token_says_when_its_letter_was_written(token: Token, before: timedelta) -> None:
    at = datetime(2026, 11, 21, tzinfo=UTC) - before
    read = KEYS.read(text := KEYS.write(replace(token, written=at)), TODAY)
    assert read.written is not None
    assert timedelta() <= read.written - at < timedelta(seconds=1)  # never before it: what it tells of was seen
    assert replace(read, written=None) == token
    assert len(text) <= 56


def test_that_makes_an_address_no_longer_than_it_may_be() -> None:
    token = Token(
        Capability.AGENT_REPLY, 900_000, 900_000, 9, date(2027, 11, 21), datetime(2026, 11, 21, 9, tzinfo=UTC)
    )
    text = KEYS.write(token)
    assert plus_address("support-services@acme.example", text) is not None
    assert plus_address("the-friendly-support-services@acme.example", text) is None  # RFC 5321, 4.5.3.1.1


def test_tokens_of_old_mails_that_do_not_say_it_are_good() -> None:
    old = Token(Capability.AGENT_REPLY, 1042, 77, 1, date(2027, 11, 21))
    assert KEYS.find("support+aiazeccnaharnw7k6jg2ensvntewtuzjt4@acme.example", TODAY) == old
