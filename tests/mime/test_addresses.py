"""Who a mail is from: one From field, one mailbox, no defect, or no rights."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailproc.core.message import Address, Message
from mailproc.mime.one_address import address_or_none
from mailproc.mime.parse import parse_mail


def mail(*fields: bytes) -> Message:
    return parse_mail(b"\r\n".join(fields) + b"\r\n\r\nHello\r\n")


@pytest.mark.parametrize(
    ("field", "address", "name"),
    [
        (b"jane@example.org", "jane@example.org", ""),
        (b"<jane@example.org>", "jane@example.org", ""),
        (b"Jane Roe <Jane@EXAMPLE.org>", "Jane@example.org", "Jane Roe"),
        (b'"Roe, Jane" <jane@example.org>', "jane@example.org", "Roe, Jane"),
        (b"jane@example.org (Jane Roe)", "jane@example.org", "Jane Roe"),
        (b"=?utf-8?q?J=C3=A4ne?= <jane@example.org>", "jane@example.org", "Jäne"),
        ("Jäne <jane@example.org>".encode(), "jane@example.org", "Jäne"),
        ("Jäne <jane@example.org>".encode("cp1252"), "jane@example.org", "Jäne"),
        (b"jane@example.org <jane@example.org>", "jane@example.org", "jane@example.org"),
        (b'"eve@example.net" <jane@example.org>', "jane@example.org", "eve@example.net"),
        (b"=?utf-8?q?eve=40example.net?= <jane@example.org>", "jane@example.org", "eve@example.net"),
        (b'"a b"@example.org', '"a b"@example.org', ""),
        ("jane@bücher.example".encode(), "jane@xn--bcher-kva.example", ""),
        (b"jane@XN--bcher-KVA.example", "jane@xn--bcher-kva.example", ""),
        ("jäne@example.org".encode(), "jäne@example.org", ""),
    ],
)
def test_one_person(field: bytes, address: str, name: str) -> None:
    message = mail(b"From: " + field)
    assert [a.address for a in message.from_] == [address]
    if name != address:
        assert message.from_[0].name == name
    assert message.from_defects == ()
    assert message.identifies_sender


@pytest.mark.parametrize(
    "fields",
    [
        (b"Subject: no From at all",),
        (b"From:",),
        (b"From: <>",),
        (b"From: nobody",),
        (b"Sender: jane@example.org",),
        (b"From: jane@example.org", b"From: eve@example.net"),
        (b"From: jane@example.org", b"FROM: jane@example.org"),
        (b"From: jane@example.org, eve@example.net",),
        (b"From: friends: jane@example.org;",),
        (b"From: friends: jane@example.org, eve@example.net;",),
        (b"From: undisclosed-recipients:;",),
        (b"From: jane@example.org)<eve@example.net>",),
        (b"From: jane@example.org <eve@example.net>",),
        (b"From: <jane@example.org> <eve@example.net>",),
        (b"From: <jane@example.org>, <eve@example.net>",),
        (b"From: jane@example.org,<eve@example.net>",),
        (b"From: <jane@example.org>eve@example.net",),
        (b"From: Jane <<eve@example.net>jane@example.org>",),
        (b"From: jane@example.org\0 <eve@example.net>",),
        (b"From: jane\0@example.org",),
        (b"From: jane@example.org@example.net",),
        (b"From: =?utf-8?q?jane=40example.org?=",),
        (b"From: =?utf-8?q?Jane_=3Cjane=40example.org=3E?=",),
        (b'From: "Jane <jane@example.org>',),
        (b"From: Jane (jane@example.org",),
        (b"From: jane@-example.org",),
        (b"From: jane@example.org.",),
        (b"From: jane@exa mple.org",),
        (b"From: " + b"(" * 6_000 + b")" * 6_000 + b" jane@example.org",),
    ],
)
def test_no_one_a_right_may_stand_on(fields: tuple[bytes, ...]) -> None:
    message = mail(*fields)
    assert not message.identifies_sender


@pytest.mark.row("I2")
@pytest.mark.parametrize("second", [b"From: ", b"From : ", b"from\t: "])
def test_two_froms_are_counted_and_named(second: bytes) -> None:
    message = mail(b"From: jane@example.org", second + b"eve@example.net")
    assert message.from_fields == 2
    assert "several-from-fields" in message.from_defects
    assert message.author is None


def test_somebody_is_shown_even_when_nobody_is_believed() -> None:
    for sloppy in (b"Jane Roe jane@example.org", b"Jane Roe <jane@example.org.>", b"<jane@example.org"):
        message = mail(b"From: " + sloppy)
        assert [a.address for a in message.from_] == ["jane@example.org"]
        assert not message.identifies_sender


def test_the_other_fields() -> None:
    message = mail(
        b"Sender: Bot <bot@example.org>",
        b"Reply-To: answers@example.org",
        b"To: Desk <desk@example.test>, jane@example.org, desk@example.test",
        b"Cc: friends: bob@example.org, =?utf-8?q?J=C3=B6rg?= <joerg@example.org>;",
    )
    assert message.sender == Address("bot@example.org", "Bot")
    assert message.reply_to == (Address("answers@example.org"),)
    assert message.to == (Address("desk@example.test", "Desk"), Address("jane@example.org"))
    assert message.cc == (Address("bob@example.org"), Address("joerg@example.org", "Jörg"))


@pytest.mark.row("A22")
def test_hidden_recipients_are_none() -> None:
    assert mail(b"To: undisclosed-recipients:;").to == ()


@pytest.mark.parametrize(
    ("u_label", "a_label"),
    [
        ("straße.example", "xn--strae-oqa.example"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("Ü.example", "xn--tda.example"),
    ],
)
def test_domains_in_a_labels(u_label: str, a_label: str) -> None:
    found = address_or_none(f"jane@{u_label}")
    assert found == Address(f"jane@{a_label}")


@pytest.mark.parametrize(
    "address", ["", "jane", "@example.org", "jane@", "jane@a..b", "ja\nne@example.org", "j@" + "a" * 400]
)
def test_no_address(address: str) -> None:
    assert address_or_none(address) is None


@given(st.binary(max_size=300))
def test_any_from_gives_addresses_one_can_write_down(value: bytes) -> None:
    message = mail(b"From: " + value.replace(b"\r", b"").replace(b"\n", b""))
    for person in message.from_:
        person.address.encode("utf-8")
        assert person.address.count("@") >= 1
        assert person.domain.isascii()
        assert not set(person.address + person.name) & set("\r\n\0")
    if message.identifies_sender:
        assert not message.from_defects
